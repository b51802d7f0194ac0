"""Notes on many numbers: each said once, with whom it is about."""

from __future__ import annotations

from judge.report import notes

ALL = [f"s{n}" for n in range(7)]


def test_a_note_about_everybody_names_nobody() -> None:
    assert notes.lines([(who, "order not recorded") for who in ALL], ALL) == ("order not recorded",)


def test_a_note_about_some_is_said_once_with_their_names() -> None:
    told = [("s1", "too few"), ("s2", "too few"), ("s3", "no spread")]
    assert notes.lines(told, ALL) == ("s1 and s2: too few", "s3: no spread")


def test_parts_are_told_apart_and_those_about_the_same_stay_together() -> None:
    told = [("s1", "no order; 3 pairs lost; if all lost 40 %"), ("s2", "no order")]
    assert notes.lines(told, ["s1", "s2"]) == ("no order", "s1: 3 pairs lost; if all lost 40 %")


def test_notes_that_differ_in_numbers_alone_have_a_range_where_there_are_many() -> None:
    told = [(who, f"{10 + n}% of 805 pairs are far apart") for n, who in enumerate(ALL)]
    assert notes.lines(told, [*ALL, "more"]) == (
        "s0, s1, s2, s3, s4 and 2 more: 10 to 16% of 805 pairs are far apart",
    )
    assert notes.in_full(told)[6] == "s6: 16% of 805 pairs are far apart"
    assert notes.lines(told[:2], ALL) == (
        "s0: 10% of 805 pairs are far apart",
        "s1: 11% of 805 pairs are far apart",
    )
    assert notes.in_full(told[:2]) == ()


def test_ranges_go_by_size_and_not_by_letters() -> None:
    told = [
        (who, f"{n} of 1,000 lost")
        for n, who in zip((9, 10, 200, 1000, 30, 4, 5), ALL, strict=True)
    ]
    assert notes.lines(told, ALL) == ("4 to 1000 of 1,000 lost",)


def test_names_are_harmless() -> None:
    assert "\x1b" not in notes.lines([("\x1b[2J", "note")], ALL)[0]


def test_nothing_to_note_is_no_line() -> None:
    assert notes.lines([], []) == ()
