"""Which verdicts flipped, and which of them on questions that were asked alike."""

from __future__ import annotations

from dataclasses import replace

from diff_sides import answers, pairs, side

from judge.diff.moves import Side
from judge.diff.verdicts import CALL, CONTENT, Flips, flips
from judge.table import turned


def one(before: Side, after: Side, baseline: str | None = "base", most: int = 10) -> Flips:
    (found,) = flips(before, after, baseline, most)
    return found


def called(of: Side, content: list[str], calls: list[str]) -> Side:
    frame = of.table.frame.assign(**{CONTENT: content, CALL: calls})
    return replace(of, table=replace(of.table, frame=frame))


def test_flips_are_counted_where_both_runs_have_a_verdict() -> None:
    """Items 0 w-w, 1 w-l, 2 l-t, 3 unread in one run: three compared, two flipped, one reversed."""
    found = one(side(*pairs("wwl-")), side(*pairs("wltw")))
    assert (found.compared, found.flipped, found.reversed) == (3, 2, 1)
    assert [(f.item_id, f.before, f.after) for f in found.first] == [
        ("i1", "new", "base"),
        ("i2", "base", "tie"),
    ]


def test_pairs_that_are_written_the_other_way_round_are_the_same_pairs() -> None:
    plain = side(*pairs("wl", order="AB"), *pairs("wt", order="BA"))
    around = replace(plain, table=turned(plain.table, plain.table.frame["label"] != "x"))
    for baseline in ("base", None):
        found = one(plain, around, baseline)
        assert (found.compared, found.flipped) == (4, 0)


def test_each_run_speaks_of_its_systems_by_its_own_names() -> None:
    after = side(*pairs("w", system="v2"), systems={"v2": "new", "base": "base"})
    (flip,) = one(side(*pairs("l")), after).first
    assert (flip.before, flip.after) == ("base", "v2")


def test_a_flip_on_a_question_asked_word_for_word_alike_is_told_apart() -> None:
    """Item 0: the same question, answered twice, flipped. 1: another question. 2: the same stored call."""
    before = called(side(*pairs("www")), ["x", "y", "z"], ["s#1", "s#2", "s#3"])
    after = called(side(*pairs("llw")), ["x", "other", "z"], ["s#4", "s#5", "s#3"])
    found = one(before, after)
    assert (found.alike, found.alike_flipped, found.same_answer) == (1, 1, 1)
    assert [f.same_question for f in found.first] == [True, False]


def test_without_a_record_of_what_was_sent_nothing_passes_for_alike() -> None:
    found = one(side(*pairs("w")), side(*pairs("l")))
    assert (found.alike, found.same_answer, found.flipped) == (0, 0, 1)


def test_orders_and_repeats_are_questions_of_their_own() -> None:
    before = side(*pairs("w", order="AB", repeat=1), *pairs("l", order="AB", repeat=2))
    after = side(*pairs("l", order="AB", repeat=2), *pairs("w", order="BA", repeat=1))
    assert (one(before, after).compared, one(before, after).flipped) == (1, 0)


def test_scores_flip_where_the_overall_score_differs() -> None:
    before = side(*answers([1, 2.5, None]), *answers([1, 1, 1], criterion="clarity"))
    after = side(*answers([1, 3, 3]), *answers([2, 2, 2], criterion="clarity"))
    found = one(before, after, None)
    assert (found.compared, found.flipped, found.reversed) == (2, 1, 0)
    assert (found.first[0].before, found.first[0].after) == ("2.5", "3")


def test_the_first_flips_are_named_and_the_rest_counted() -> None:
    found = one(side(*pairs("wwwww")), side(*pairs("lllll")), most=2)
    assert (found.flipped, len(found.first)) == (5, 2)
