"""How findings, numbers and names are put into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import comparison, decided, e, judge, report, score, scored
from rich.cells import cell_len

from judge.report import trust, words
from judge.report.schema import Comparison, RunModel

WON = e(0.612, 0.540, 0.684)


def first(row: Comparison) -> str:
    return words.findings(report(comparisons=[row]))[0]


def test_better_is_said_with_estimate_interval_and_n() -> None:
    assert first(decided("better", WON)) == (
        "tuned is better than base: it wins 61.2 % of 62 items (95 % interval 54.0 to 68.4 %), "
        "ties counting half."
    )


def test_worse_is_said_with_estimate_interval_and_n() -> None:
    assert first(decided("worse", e(0.388, 0.316, 0.46))) == (
        "tuned is worse than base: it wins 38.8 % of 62 items (95 % interval 31.6 to 46.0 %), "
        "ties counting half."
    )


def test_no_difference_shown_says_what_may_have_gone_unseen() -> None:
    assert first(decided("no difference shown", e(0.52, 0.44, 0.6))) == (
        "No difference between tuned and base was shown: tuned wins 52.0 % of 62 items (95 % "
        "interval 44.0 to 60.0 %), ties counting half; differences under 9 points may have "
        "gone unseen with 62 items."
    )


def test_no_difference_shown_without_a_known_limit_names_none() -> None:
    row = decided("no difference shown", e(0.52, 0.44, 0.6), smallest_detectable=None)
    assert first(row).endswith("ties counting half.")


def test_interval_that_leaves_out_a_half_without_a_conclusion_names_the_correction() -> None:
    said = first(decided("no difference shown", e(0.7, 0.52, 0.88)))
    assert said.startswith(
        "No difference between tuned and base was shown once all comparisons are counted: "
    )


def test_equivalent_is_said_of_both() -> None:
    assert first(decided("equivalent", e(0.5, 0.48, 0.52))).startswith(
        "tuned and base are equivalent: tuned wins 50.0 % of 62 items"
    )


def test_too_little_data_is_said_with_the_reason() -> None:
    assert first(decided(None, e(note="no pair has a verdict in both orders"))) == (
        "There is not enough data to say whether tuned is better than base: no pair has a verdict "
        "in both orders."
    )
    assert first(decided(None, e(1.0, n=1, note="one cluster"))) == (
        "There is not enough data to say whether tuned is better than base: it wins 100.0 % of "
        "1 item (no interval: one cluster)."
    )


def test_values_without_a_spread_are_not_called_too_little_data() -> None:
    flat = e(0.5, se=0.0, note="2 pairs lack a verdict; no interval: every value is the same")
    assert first(decided("no difference shown", flat)) == (
        "It cannot be said whether tuned is better than base: it wins 50.0 % of 62 items (no "
        "interval: every value is the same)."
    )


def test_an_interval_without_a_conclusion_is_not_called_too_little_data() -> None:
    assert first(decided(None, WON)).startswith("Nothing is concluded about tuned and base:")


def test_conclusion_stands_on_the_corrected_number_where_that_decided() -> None:
    row = decided("better", WON, human_corrected=e(0.7, 0.6, 0.8), basis="human_corrected")
    assert "70.0 % of 62 items (95 % interval 60.0 to 80.0 %)" in first(row)


def test_only_the_panel_or_the_sole_judge_concludes() -> None:
    single = [comparison("j1", WON)]
    assert words.deciding(single) == single
    assert words.deciding([*single, comparison("j2", WON)]) == []
    panel = comparison("panel", WON)
    assert words.deciding([*single, comparison("j2", WON), panel]) == [panel]


def test_a_system_without_data_is_still_spoken_of_beside_one_with() -> None:
    empty = decided(None, e(note="no verdict"), system="third")
    told = words.findings(report(comparisons=[decided("better", WON), empty]))
    assert told[1] == (
        "There is not enough data to say whether third is better than base: no verdict."
    )


def test_slices_are_not_concluded_from() -> None:
    assert words.deciding([decided("better", WON, slice="code")]) == []


def test_judges_without_a_panel_give_no_conclusion() -> None:
    rows = [comparison("j1", WON), comparison("j2", WON)]
    assert "nothing is concluded" in words.findings(report(comparisons=rows))[0]


def test_many_systems_get_a_sentence_for_all_that_fared_alike_the_best_first() -> None:
    shares = {"a": 0.6, "b": 0.7, "c": 0.9, "d": 0.8, "e": 0.65, "f": 0.75}
    rows = [decided("better", e(v, v - 0.05, v + 0.05), system=s) for s, v in shares.items()]
    rows.append(decided("worse", e(0.2, 0.1, 0.3), system="g"))
    rows.append(decided(None, e(note="no verdict"), system="h"))
    assert words.findings(report(comparisons=rows)) == [
        "6 of 8 systems are better than base: c (wins 90.0 %), d (80.0 %), f (75.0 %), b (70.0 %), "
        "e (65.0 %) and 1 more.",
        "1 of 8 systems is worse than base: g (wins 20.0 %).",
        "Nothing can be concluded about 1 of 8 systems: h.",
    ]


def test_many_scores_get_five_sentences_and_a_count() -> None:
    raw = e(4.0, 3.0, 5.0, unit="score")
    told = words.findings(scored(scores=[score(f"s{i}", raw, e()) for i in range(7)]))
    assert len(told) == 6
    assert told[4].startswith("s4 scores 4.00")
    assert told[5] == "And 2 more, in the tables below."


def test_scores_are_said_with_the_difference_from_the_baseline() -> None:
    told = words.findings(scored())
    assert told[0] == (
        "tuned scores 4.20 (95 % interval 3.16 to 5.24) over 5 items, 1.00 above the baseline "
        "(95 % interval 0.12 to 1.88)."
    )
    assert told[1] == "base scores 3.20 (95 % interval 2.16 to 4.24) over 5 items."


def test_lower_and_equal_scores_are_said_so() -> None:
    raw = e(4.0, 3.0, 5.0, unit="score")
    below = score("x", raw, e(-0.5, -1.0, 0.0, unit="score"))
    same = score("x", raw, e(0.0, -1.0, 1.0, unit="score"))
    said = "0.50 below the baseline (95 % interval -1.00 to 0.00): no difference shown."
    assert said in words.score_sentence(below)
    assert "the same as the baseline" in words.score_sentence(same)


def test_missing_score_is_said_with_the_reason() -> None:
    row = score("x", e(unit="score", note="no verdict"), e(unit="score"), criterion="accuracy")
    assert words.score_sentence(row) == "x has no score on accuracy: no verdict."


def test_overall_scores_come_before_those_by_criterion() -> None:
    raw = e(4.0, 3.0, 5.0, unit="score")
    both = [score("x", raw, e(), criterion="accuracy"), score("x", raw, e())]
    assert words.deciding_scores(both) == both[1:]
    assert words.deciding_scores(both[:1]) == both[:1]


def test_table_without_systems_says_so() -> None:
    assert words.findings(report(comparisons=None)) == [
        "No systems are compared here: the report is about the judges alone."
    ]


def test_trust_names_unchecked_and_simulated_judges() -> None:
    assert trust.sentences(report()) == [
        "These judges were not checked against people: whether people would agree is not known.",
        "The judges are simulated: their verdicts show that the software works, not which system "
        "is better.",
    ]


def test_one_simulated_judge_among_real_ones_is_named() -> None:
    made = report(
        run=RunModel(simulated_judges=["sim-fair"]), judges=[judge("sim-fair"), judge("real")]
    )
    assert trust.sentences(made)[1].startswith("sim-fair is simulated: ")


def test_real_judges_are_not_called_simulated() -> None:
    assert len(trust.sentences(report(run=RunModel()))) == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.percent(0.6125), "61.3 %"),
        (words.percent(0.5625), "56.3 %"),
        (words.percent(0.0), "0.0 %"),
        (words.number(2.125, "score"), "2.13"),
        (words.number(-0.5, "score"), "-0.50"),
        (words.number(-0.004, "score"), "0.00"),
        (words.percent(-0.0004), "0.0 %"),
        (words.signed(-0.004), "0.00"),
        (words.signed(0.0049, 3), "+0.005"),
        (words.signed(-2.25, 1), "-2.3"),
        (words.signed(None), "–"),
        (words.percent(None), "–"),
        (words.points(0.09), "9 points"),
        (words.points(0.0862), "8.6 points"),
        (words.p_value(0.0004), "<0.001"),
        (words.p_value(1.0), "1.000"),
        (words.p_value(None), "–"),
        (words.usd(None), "unknown"),
        (words.usd(0.0), "$0.00"),
        (words.usd(1234.5), "$1,234.50"),
        (words.usd(0.0312), "$0.0312"),
        (words.usd(0.00001), "<$0.0001"),
        (words.count(1204), "1,204"),
        (words.counted(1, "item"), "1 item"),
        (words.counted(0, "item"), "0 items"),
        (words.number(4.256, "score"), "4.26"),
        (words.level(0.999), "99.9 % interval"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
        (words.listed(list("abcdefg")), "a, b, c, d, e and 2 more"),
        (words.shorten("a-very-long-name-of-a-system", 11), "a-ver…ystem"),
        (words.shorten("short", 11), "short"),
        (words.clean("a\x1b[31mb\u202e\u2066\n\x9b"), "a\\x1b[31mb\\u202e\\u2066\\n\\x9b"),
        (words.clean("naïve 漢字\u00a0x"), "naïve 漢字\u00a0x"),
    ],
)
def test_wording(said: str, expected: str) -> None:
    assert said == expected


@given(st.text(st.characters()), st.integers(1, 60))
def test_shortened_text_never_takes_more_cells(text: str, cells: int) -> None:
    assert cell_len(words.shorten(words.clean(text), cells)) <= cells


@given(st.text(st.characters()))
def test_clean_text_has_only_pictures_and_spaces_and_stays_so(text: str) -> None:
    safe = words.clean(text)
    assert not any(words.is_hidden(char) for char in safe)
    assert words.clean(safe) == safe
