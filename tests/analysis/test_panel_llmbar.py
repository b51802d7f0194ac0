"""Six judges of LLMBar and their panel against the best of them, by the gold labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from judge import records
from judge.aggregate import Analysis, Panel, analyze

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "llmbar"
ITEMS = DATA / "items.jsonl"
OPENAI = frozenset({"openai"})
KIN = dict.fromkeys(("GPT-4", "ChatGPT", "ChatGPT-0301"), OPENAI)

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"LLMBar is not part of the repository and not at {DATA}"
)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """The prompt that RIVALS compares by, with the families of the judges' makers."""
    table = records.read_verdicts(DATA / "verdicts.jsonl", format="llmbar", beside={"items": ITEMS})
    vanilla = replace(table, frame=table.frame[table.frame["rubric"] == "Vanilla"])
    return analyze(vanilla, labels=records.read_labels(ITEMS, format="llmbar"), families=KIN)


@pytest.fixture(scope="module")
def panel(analysis: Analysis) -> Panel:
    (found,) = analysis.panels
    return found


def test_accuracies_of_the_six_judges_are_those_that_others_report(panel: Panel) -> None:
    """RIVALS, mean of both orders: over all readable pairs; here over the 413 that all six judged."""
    known = {
        "GPT-4": 0.8449,
        "PaLM2": 0.7048,
        "Falcon": 0.5644,
        "ChatGPT-0301": 0.4809,
        "LLaMA2": 0.4424,
        "ChatGPT": 0.3998,
    }
    found = {member.judge: member.accuracy.value for member in panel.members}
    assert found == pytest.approx(known, abs=0.005)
    assert {(m.accuracy.n, m.accuracy.n_missing) for m in panel.members} == {(413, 6)}


def test_a_family_has_one_vote(panel: Panel) -> None:
    shares = {member.judge: member.share for member in panel.members}
    assert panel.n_votes == 4
    assert shares["GPT-4"] == pytest.approx(1 / 12)
    assert shares["PaLM2"] == pytest.approx(1 / 4)


def test_the_panel_is_worse_than_gpt_4_alone_and_the_report_warns(
    analysis: Analysis, panel: Panel
) -> None:
    """Where a rival's majority of six gets 206 of 419 right and says nothing of GPT-4's 347."""
    assert (panel.best, panel.is_worse) == ("GPT-4", True)
    assert panel.accuracy.value == pytest.approx(0.5956, abs=1e-4)
    e = panel.versus_best
    assert (e.value, e.ci_low, e.ci_high) == pytest.approx((-0.2494, -0.2924, -0.2064), abs=1e-4)
    assert any("worse than GPT-4 alone" in warning for warning in analysis.warnings)


def test_six_judges_err_together_as_two_would(panel: Panel) -> None:
    assert panel.effective_judges.value == pytest.approx(1.940, abs=1e-3)
    assert panel.effective_votes.value == pytest.approx(1.696, abs=1e-3)
