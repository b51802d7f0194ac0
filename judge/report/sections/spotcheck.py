"""Whether a person found the judges' explanations right, on a sample."""

from __future__ import annotations

from collections.abc import Mapping

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Heading, Paragraph, Section, Table
from judge.report.schema import Report, Spotcheck, SpotcheckJudge, SpotcheckSpot
from judge.report.spotcheck import warnings
from judge.spotcheck import FEW

TITLE = "Spot check of explanations"
BOXES = "☐ right  ☐ wrong  ☐ unsure"


def blocks(report: Report) -> list[Block]:
    """What the marks say; nothing where no explanation was drawn."""
    return [] if report.spotcheck is None else result(report.spotcheck)


def result(found: Spotcheck) -> list[Block]:
    """The sentence, the counts and what limits them."""
    return [
        Heading(TITLE),
        Paragraph(sentence(found)),
        _table(found.judges),
        *_notes(found),
    ]


def sentence(found: Spotcheck) -> str:
    """How many explanations a person found right, with the interval of the share."""
    whole = _whole(found)
    drawn, e = words.counted(whole.drawn, "explanation"), whole.share_right
    if not whole.marked:
        return f"{drawn} were drawn for a person to mark; none is marked yet."
    if e.value is None:
        return f"A person marked {words.count(whole.marked)} of {drawn}, and was unsure about all."
    told = (
        f"A person marked {words.count(whole.right)} of {words.counted(e.n, 'explanation')} right "
        f"{words.bracket(e)}"
    )
    unsure = f", and was unsure about {words.count(whole.unsure)} more" if whole.unsure else ""
    left = whole.drawn - whole.marked
    drawn = words.count(whole.drawn)
    rest = f"; {words.count(left)} of the {drawn} drawn are not marked yet" if left else ""
    few = " With so few marks the share is known only roughly." if e.n < FEW else ""
    return f"{told}{unsure}{rest}.{few}"


def _whole(found: Spotcheck) -> SpotcheckJudge:
    """The row of all judges, the sole judge's where there is one."""
    return found.judges[-1]


def _table(rows: list[SpotcheckJudge]) -> Table:
    columns = (
        Column("judge", "name"),
        Column("drawn"),
        Column("marked"),
        *(Column(title) for title in ("right", "wrong", "unsure")),
        Column("share right"),
        Column(words.level(rows[0].share_right.confidence)),
    )
    return Table(columns, tuple(_cells(row) for row in rows))


def _cells(row: SpotcheckJudge) -> tuple[str, ...]:
    counts = (row.drawn, row.marked, row.right, row.wrong, row.unsure)
    return (
        row.judge or "all",
        *(words.count(number) for number in counts),
        words.percent(row.share_right.value),
        words.interval(row.share_right),
    )


def _notes(found: Spotcheck) -> list[Block]:
    told = ["The judgments were drawn at random, as equal a number from each judge as there was."]
    told += [
        f"{words.name(row.judge) if row.judge else 'all'}: {row.share_right.note}"
        for row in found.judges
        if row.share_right.value is not None and row.share_right.note
    ]
    told += warnings(found)
    return [Bullets(tuple(told), tone="note")]


def drawn_sentence(
    judges: Mapping[str, int], *, items: int, seed: int, asked: int, then: str
) -> str:
    """What was drawn and what to do with it. judges: how many judgments of each; then: the command."""
    n = sum(judges.values())
    each = ", ".join(f"{count} of {words.name(judge)}" for judge, count in sorted(judges.items()))
    short = f" of the {asked:,} wanted: there are no more" if n < asked else ""
    return (
        f"{words.counted(n, 'judgment')} drawn{short} at random (seed {seed}), {each}, on "
        f"{words.counted(items, 'item')}.\nFill in the column `mark` with right, wrong or unsure, then "
        f"run `{then}`:"
    )


# -- the list to mark on paper -------------------------------------------------------------------


def to_mark(report: Report) -> list[Block]:
    """The explanations that were drawn and have no mark, to be marked on paper."""
    spots = report.spotcheck.unmarked if report.spotcheck else []
    if not spots:
        return []
    return [
        Heading("Explanations to mark"),
        Paragraph(
            "Is what the judge says about the answers true, and does it lead to its verdict? "
            f"The texts are in {words.listed(report.spotcheck.files if report.spotcheck else [])}."
        ),
        Bullets(tuple(_line(spot) for spot in spots)),
    ]


def _line(spot: SpotcheckSpot) -> str:
    text = spot.explanation.text
    more = "…" if spot.explanation.length > len(text) else ""
    head = f"{BOXES}  {spot.spot_id}, item {words.name(spot.item_id)}, {words.name(spot.judge)}"
    return f"{head}, {words.name(spot.verdict)}: {text}{more}"


SECTION = Section("spotcheck", blocks)
TO_MARK = Section("spotcheck_to_mark", to_mark, detail=True)
