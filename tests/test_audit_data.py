"""Audits of rubrics from published verdicts: LLMBar's four prompts, and GPT-4 asked three times.

Counts are taken here from the raw files, and the report must give them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge.api import analyze, audit_recorded
from judge.report.schema import Report

DATA = Path(__file__).parents[1].parent / "shared" / "data"
LLMBAR = DATA / "llmbar" / "verdicts.jsonl"
THRICE = DATA / "prometheus_gpt4_x3" / "vicuna_eval.jsonl"
JUDGES = ["ChatGPT", "ChatGPT-0301", "Falcon", "GPT-4", "LLaMA2", "PaLM2"]

pytestmark = pytest.mark.skipif(
    not LLMBAR.is_file() or not THRICE.is_file(),
    reason=f"the published verdicts are not part of the repository and not at {DATA}",
)


@pytest.fixture(scope="module")
def llmbar() -> Report:
    return audit_recorded(LLMBAR, format="llmbar", base="Vanilla").report


@pytest.fixture(scope="module")
def thrice() -> Report:
    return audit_recorded(THRICE, format="prometheus").report


def said(judge: str, prompt: str) -> dict[tuple[str, int, str], str | None]:
    """(Subset, item, order) -> what a judge said under a prompt, from the raw file."""
    lines = map(json.loads, LLMBAR.read_text(encoding="utf-8").splitlines())
    own = (r for r in lines if (r["judge"], r["strategy"]) == (judge, prompt))
    return {
        (row["subset"], row["idx"], order): row[f"winner_order_{order}"]
        for row in own
        for order in ("ab", "ba")
    }


def sensitivities(report: Report) -> dict[str, Any]:
    assert report.rubric_audit is not None
    return {one.judge: one for one in report.rubric_audit.sensitivities}


@pytest.mark.parametrize(
    ("judge", "prompt", "share"),
    [
        ("GPT-4", "CoT", 765 / 838),
        ("GPT-4", "Metrics_Reference", 785 / 838),
        ("PaLM2", "CoT", None),
    ],
)
def test_decisions_kept_under_a_prompt_are_those_of_the_raw_file(
    llmbar: Report, judge: str, prompt: str, share: float | None
) -> None:
    """GPT-4 says under CoT what it says under Vanilla in 765 of 838 presentations: 91.29 %."""
    before, after = said(judge, "Vanilla"), said(judge, prompt)
    both = [k for k in before if before[k] is not None and after[k] is not None]
    same = sum(before[k] == after[k] for k in both) / len(both)
    (row,) = (w for w in sensitivities(llmbar)[judge].wordings if w.wording == prompt)
    assert row.identical.value == pytest.approx(same, abs=1e-12)
    assert row.flips.value == pytest.approx(1 - same, abs=1e-12)
    assert share is None or same == pytest.approx(share, abs=1e-12)


def test_prompts_are_interventions_and_net_of_noise_is_null_with_the_reason(
    llmbar: Report,
) -> None:
    found = sensitivities(llmbar)
    assert sorted(found) == JUDGES
    for one in found.values():
        assert {row.kind for row in one.wordings} == {"intervention"}
        assert (one.net_agreement.value, one.net_agreement.note != "") == (None, True)
        for row in one.wordings:
            assert row.excess_flips.value is None
            assert row.excess_flips.note == "nothing was asked twice"
        assert {row.p_value for row in one.wordings} == {None}
        assert {row.finding for row in one.wordings} == {"no repeats"}


def studies(report: Report) -> Iterator[Any]:
    assert report.rubric_audit is not None
    yield from report.rubric_audit.variances


def test_variance_shares_of_six_judges_sum_to_one_and_have_intervals(llmbar: Report) -> None:
    (crossed,) = (v for v in studies(llmbar) if len(v.judges) > 1)
    assert list(crossed.judges) == JUDGES
    shares = [c.share for c in crossed.components]
    assert len(shares) == 7
    assert sum(s.value or 0.0 for s in shares) == pytest.approx(1.0)
    for share in (*shares, crossed.rubric_share):
        assert share.ci_low is not None
        assert share.ci_high is not None
        assert 0 <= share.ci_low <= (share.value or 0.0) <= share.ci_high <= 1


def test_gpt4_asked_three_times_is_the_same_in_62_percent_of_320_answers(thrice: Report) -> None:
    """All three scores equal in 199 of 320 answers: 62.2 %."""
    lines = [json.loads(line) for line in THRICE.read_text(encoding="utf-8").splitlines()]
    scores = [row["gpt4_score"] for row in lines]
    same = sum(len(set(three)) == 1 for three in scores if None not in three)
    assert (same, len(scores)) == (199, 320)
    own = sensitivities(thrice)["gpt-4"].ceiling
    assert own.all_same is not None
    assert own.all_same.value == pytest.approx(199 / 320)


def test_the_ceiling_is_what_analyze_says_of_repeats(thrice: Report) -> None:
    repeats = analyze(THRICE, format="prometheus").report.judges[0].repeats
    own = sensitivities(thrice)["gpt-4"].ceiling
    for ours, theirs in ((own.icc, repeats.icc), (own.sem, repeats.sem)):
        assert ours.value == pytest.approx(theirs.value)
        assert (ours.ci_low, ours.ci_high) == pytest.approx((theirs.ci_low, theirs.ci_high))
    # Its interval is in log-odds here.
    assert own.identical.value == pytest.approx(repeats.pairwise_agreement.value)
    assert own.repeats_needed == pytest.approx(repeats.repeats_needed)
    assert own.repeats_needed == pytest.approx(2.1404, abs=1e-3)
