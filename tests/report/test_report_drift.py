"""What a report says of anchors and certificates, and that it says nothing where there are none."""

from __future__ import annotations

from typing import Any

import pytest

from judge.analysis.anchors import Anchors, Drift, Said, history, is_wrong, warnings
from judge.certificates import Certificate, Found, Standing
from judge.report.build import estimate
from judge.report.build_certificate import certificate
from judge.report.build_drift import drift
from judge.report.certificate_words import listing, sentences
from judge.report.sections import drift as section
from judge.report.terminal import text_of
from judge.types import Estimate, Scale, Status, Verdict

FIVE = Scale("ordinal", ("1", "2", "3", "4", "5"), (1.0, 2.0, 3.0, 4.0, 5.0))


def night(n: int, n_wrong: int, of: int = 40, n_missing: int = 0) -> Said:
    wrong: dict[str, bool | None] = {f"a{k}": k < n_wrong for k in range(of - n_missing)}
    wrong |= {f"a{k}": None for k in range(of - n_missing, of)}
    return Said(f"r{n}", f"2026-10-{n:02d}T03:00:00.000+00:00", wrong)


def of(*nights: Said, **changes: Any) -> Drift:
    given: dict[str, Any] = {
        "judge": "j1",
        "rubric": "helpfulness@1",
        "anchors": "known.jsonl",
        "fingerprint": "sha256:aa",
        "n_anchors": 20,
        "runs": history(nights, 0.05),
        "alpha": 0.05,
        "reference": "the first run with these anchors",
        "calls": 40,
        "cost_usd": 0.25,
    }
    return Drift(**{**given, **changes})


class _Report:
    """As much of a report as the section reads."""

    def __init__(self, *found: Drift) -> None:
        self.drift = [drift(one, estimate) for one in found] or None


def told(*found: Drift) -> str:
    blocks = section.blocks(_Report(*found))  # type: ignore[arg-type]
    return " ".join(text_of(blocks, width=80, color=False).split())


def test_a_run_without_anchors_says_nothing_of_drift() -> None:
    assert section.blocks(_Report()) == []  # type: ignore[arg-type]


def test_the_first_run_says_what_later_ones_are_held_against() -> None:
    said = told(of(night(1, 4)))
    assert "First run with these anchors (known.jsonl): j1 is wrong on 10.0 % of 40" in said
    assert "Its anchors took 40 calls, cost $0.25." in said


def test_a_quiet_run_says_so_in_one_line_with_what_changed() -> None:
    said = told(of(night(1, 4), night(2, 5)))
    assert "No drift shown: j1 is wrong on 12.5 %" in said
    assert "10.0 % in the first of 2 (1 newly wrong, 0 newly right, p 0.500)" in said


def test_an_alarm_names_the_run_the_numbers_and_what_to_do() -> None:
    found = of(night(1, 4), night(2, 20))
    assert found.since == "r2"
    said = told(found)
    assert "Drift: j1 errs more often on its anchors than it did, since run r2" in said
    assert "against 20" in said
    assert "Check it against people again" in said
    assert warnings([found])[0].startswith("judge j1 errs more often on its anchors")
    assert warnings([of(night(1, 4))]) == []


def test_missing_verdicts_are_counted_and_are_no_errors() -> None:
    said = told(of(night(1, 4), night(2, 4, n_missing=10)))
    assert "of 30 presentations, 10 without a verdict" in said


def test_several_judges_have_a_line_each_and_long_histories_show_their_end() -> None:
    nights = [night(n, 4) for n in range(1, 26)]
    said = told(of(*nights), of(*nights, judge="j2", cost_usd=None))
    assert "j2 is wrong" in said
    assert "5 earlier runs in the JSON" in said
    assert "cost unknown" in said


def test_a_verdict_is_wrong_where_it_misses_the_answer_and_unknown_without_one() -> None:
    assert is_wrong(Verdict(Status.OK, label="b"), "a", FIVE) is True
    assert is_wrong(Verdict(Status.OK, label="a"), "a", FIVE) is False
    assert is_wrong(Verdict(Status.OK, score=4.4), "4", FIVE) is False
    assert is_wrong(Verdict(Status.OK, score=4.6), "4", FIVE) is True
    assert is_wrong(Verdict(Status.FAILED), "a", FIVE) is None


def test_anchors_are_shown_as_a_pair_or_alone() -> None:
    pair, alone = (Anchors("x", mode, {}, "") for mode in ("pairwise", "single"))  # type: ignore[arg-type]
    assert pair.pairs[0].system_b is not None
    assert alone.pairs[0].system_b is None


# -- certificates --------------------------------------------------------------------------------

UNDEFINED = Estimate("e", None, note="not computed")
PERCENT = Estimate("percent", 0.845, ci_low=0.81, ci_high=0.88, n=419)


def standing(state: Any, judge: str = "j1", *why: str) -> Standing:
    names = ("cohen_kappa", "krippendorff_alpha", "gwet_ac1", "human_ceiling")
    estimates = dict.fromkeys((*names, "difference_from_ceiling"), UNDEFINED)
    found = Found({"percent": PERCENT, **estimates}, 419, 3, True, 0.2)
    made = "2026-10-01T00:00:00+00:00"
    own = Certificate(judge, "r@1", {}, "support@2", "sha256:aa", found, "r1", made)
    return Standing(judge, "r@1", state, why, None if state == "none" else own)


def worded(*found: Standing) -> list[str]:
    return sentences([certificate(one, estimate) for one in found])


def test_a_valid_certificate_says_how_often_on_what_and_until_when() -> None:
    assert worded(standing("valid")) == [
        "Judge j1 was checked against people: it agrees on 84.5 % (95 % interval 81.0 to 88.0 %) of 419 "
        "labelled units (support@2, 2026-10-01); certificate valid until 2026-12-30."
    ]


def test_a_stale_one_says_what_changed_and_those_without_are_named_together() -> None:
    said = worded(
        standing("none", "j2", "nobody checked it"),
        standing("stale", "j1", "its model changed (a then, b now)", "its orders changed"),
        standing("none", "j3", "nobody checked it"),
    )
    assert said[0].startswith(
        "The certificate of judge j1 is stale: its model changed (a then, b now); its orders changed."
    )
    assert said[1:] == ["No certificate for judges j2 and j3: nobody checked it."]


def test_an_empty_list_says_how_one_is_made() -> None:
    assert "--certify" in str(listing([]))


@pytest.mark.parametrize("state", ["valid", "stale"])
def test_a_certificate_stands_whole_in_the_json(state: str) -> None:
    one = certificate(standing(state), estimate)
    assert one.found is not None
    assert (one.found.n_items, one.found.alt_test, one.label_set) == (419, True, "support@2")
