"""The section on position: Holm over judges, no skill, a stated margin, the models behind it."""

from __future__ import annotations

from typing import Any

import pytest
from report_samples import e, judge, no_position, no_skill, position, report
from test_report_sections import tables, texts

from judge.report.blocks import Disclosure
from judge.report.schema import Equivalence, JudgeEntry
from judge.report.sections.position import SECTION


def entry(name: str = "j", p: float | None = 0.7, **changes: Any) -> JudgeEntry:
    consistency = changes.pop("consistency", e(0.9, 0.8, 0.96))
    first = changes.pop("first", e(0.52, 0.42, 0.62))
    known = {"p_value": p, "p_value_clustered": p} | changes
    return judge(name, position=position(consistency, first, p or 0.5, **known))


def said(*entries: JudgeEntry) -> str:
    return texts(SECTION.blocks(report(judges=list(entries))))


def test_a_lean_that_only_one_judge_alone_would_show_is_not_found_among_many() -> None:
    """p .02 of one judge is a lean; of five judges it is .1 after Holm."""
    alone = said(entry("j0", 0.02, first=e(0.6, 0.52, 0.68)))
    assert "j0 leans to the answer shown first" in alone
    among = said(
        entry("j0", 0.02, first=e(0.6, 0.52, 0.68)), *(entry(f"j{n}", 0.5) for n in range(1, 5))
    )
    assert "leans" not in among
    assert "j0, j1, j2, j3 and j4: checked, nothing found" in among


def test_the_table_has_the_p_after_holm_and_says_so() -> None:
    """.01 and .3 of two judges: .02 and .3."""
    blocks = SECTION.blocks(report(judges=[entry("j1", 0.01), entry("j2", 0.3)]))
    (table,) = [t for t in tables(blocks) if len(t.columns) == 8]
    assert [row[5] for row in table.rows] == ["0.020", "0.300"]
    assert "p is adjusted for 2 judges tested (Holm)" in texts(blocks)


def test_the_clustered_p_decides_where_pairs_share_clusters() -> None:
    assert "leans" not in said(entry(p_value=0.001, p_value_clustered=0.2))
    assert "leans" not in said(entry(p_value=0.001, p_value_clustered=None))


def test_an_effect_that_would_have_been_seen_is_larger_with_more_judges() -> None:
    """(2.241 + 0.842) * 0.05 = .154 where each of two is tested at 2.5 %."""
    assert "an effect above 14 points" in said(entry())
    assert "j1 and j2: checked, nothing found; an effect above 15.4 points" in said(
        entry("j1"), entry("j2")
    )


def test_judges_without_skill_stand_under_the_table() -> None:
    leans = entry(p=0.001, first=e(0.7, 0.6, 0.8), no_skill=[no_skill("fair coin", 0.5, 0.0, 0.5)])
    text = said(leans)
    assert "Without any skill (consistency, first shown): a fair coin 50.0 %, 50.0 %" in text


@pytest.mark.parametrize(
    ("consistency", "words"),
    [
        (
            e(0.48, 0.4, 0.56),
            "consistency of j (48.0 %) is no more than a coin's 50 %, which alone is noise",
        ),
        (
            e(0.55, 0.45, 0.65),
            "consistency of j (55.0 %) is not shown to be above a coin's 50 %",
        ),
    ],
)
def test_a_judge_as_inconsistent_as_a_coin_is_said_to_be_noisy_and_not_biased(
    consistency: Any, words: str
) -> None:
    text = said(entry(consistency=consistency))
    assert words in text
    assert "leans" not in text
    assert "coin" not in said(entry(consistency=e(0.7, 0.6, 0.8))).split("Without any skill")[0]


def test_a_judge_that_leans_is_not_called_merely_noisy() -> None:
    text = said(entry(p=0.001, first=e(0.78, 0.7, 0.86), consistency=e(0.41, 0.36, 0.46)))
    assert "leans to the answer shown first" in text
    assert "no more than a coin's 50 %." in text
    assert "no position bias" not in text


def test_no_bias_is_said_within_a_stated_margin_only() -> None:
    found = entry(equivalence=Equivalence(margin=0.05, p_value=0.01))
    assert "j: no position bias beyond 5 points: the first wins 52.0 %" in said(found)
    open_ = said(entry(equivalence=Equivalence(margin=0.05, p_value=0.2)))
    assert "checked, nothing found" in open_
    assert "That it is within 5 points is not shown." in open_
    assert "no position bias" not in said(entry())


def test_no_bias_is_corrected_for_several_judges_too() -> None:
    both = [entry(f"j{n}", equivalence=Equivalence(margin=0.05, p_value=0.04)) for n in (1, 2)]
    assert "no position bias" not in said(*both)


def test_a_lean_within_the_margin_is_said_to_be_within_it() -> None:
    small = entry(
        p=0.001, first=e(0.51, 0.505, 0.515), equivalence=Equivalence(margin=0.05, p_value=0.001)
    )
    text = said(small)
    assert "no position bias beyond 5 points" in text
    assert "Within that it leans to the answer shown first." in text


def test_the_models_coefficient_and_the_noise_are_behind_a_line() -> None:
    noisy = e(0.03, -0.01, 0.07, unit="difference", n=20)
    blocks = SECTION.blocks(report(judges=[entry(excess_inconsistency=noisy)]))
    (behind,) = [b for b in blocks if isinstance(b, Disclosure)]
    _, model, noise = tables(list(behind.blocks))
    assert model.rows == (("j", "0.31", "0.10 to 0.52", "57.8 %", "52.4 to 63.0 %"),)
    assert noise.rows == (("j", "+3.0", "-1.0 to +7.0", "20"),)
    assert "Apart from noise: not known, nothing was asked more than once" in behind_line(entry())


def behind_line(*entries: JudgeEntry) -> str:
    blocks = SECTION.blocks(report(judges=list(entries)))
    return " ".join(texts(list(b.blocks)) for b in blocks if isinstance(b, Disclosure))


def test_a_coefficient_that_is_null_says_why() -> None:
    none = e(note="not computed: every verdict follows from the order", unit="log-odds")
    told = behind_line(entry(coefficient=none))
    assert "j: not computed: every verdict follows from the order" in told


def test_where_no_pair_was_asked_in_both_orders_the_model_speaks() -> None:
    apart = no_position("no pair has a verdict in both orders").model_copy(
        update={"first_shown_if_equal": e(0.58, 0.52, 0.63)}
    )
    text = said(judge("j", position=apart))
    assert "Not measured: no pair has a verdict in both orders" in text
    assert "j: by its model the first of two equal answers wins 58.0 %" in text
