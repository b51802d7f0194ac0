"""The win rates as the judges gave them beside what is left of them without position, length or family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Disclosure, Table
from judge.report.schema import Comparison, E
from judge.report.words import deciding

# Field of a comparison -> how it is called, in the order in which corrections are shown.
KINDS: Mapping[str, str] = {
    "position_adjusted": "position-adjusted",
    "length_controlled": "length-controlled",
    "style_controlled": "length- and style-controlled",
    "family_adjusted": "family-adjusted",
    "human_corrected": "human-corrected",
}
AS_JUDGED = "as judged"
FEW = 3  # systems whose numbers each get a line with its interval
CAPTION = "The same win rates, as judged and corrected"


def blocks(rows: Sequence[Comparison]) -> list[Block]:
    """What decides, raw and corrected side by side; every judge behind a line. rows: over all items.

    Nothing where nothing was corrected but for a line that says why.
    """
    kinds = [kind for kind in KINDS if any(_e(row, kind).value is not None for row in rows)]
    if not kinds:
        return _why_not(rows, kinds)
    heads = deciding(list(rows)) or list(rows)
    systems = {row.system for row in rows}
    table = _lines(heads, kinds) if len(systems) <= FEW else _matrix(heads, kinds)
    behind = [Disclosure("Judge by judge, corrected", (_all(rows, kinds),))]
    return [table, *_why_not(heads, kinds), *(behind if len(rows) > len(heads) else [])]


def _e(row: Comparison, kind: str) -> E:
    return getattr(row, kind, None) or row.raw.model_copy(update={"value": None, "note": ""})


def _lines(rows: Sequence[Comparison], kinds: Sequence[str]) -> Table:
    """A line for each number of each system."""
    several = len({row.system for row in rows}) > 1
    columns = (
        *([Column("system", "name")] if several else []),
        Column("win rate", "text"),
        Column("wins"),
        Column(words.level(rows[0].raw.confidence)),
        Column("n"),
    )
    cells = tuple(
        (
            *([row.system] if several else []),
            AS_JUDGED if kind == "raw" else KINDS[kind],
            words.percent(_e(row, kind).value),
            words.interval(_e(row, kind)),
            words.count(_e(row, kind).n),
        )
        for row in rows
        for kind in ("raw", *kinds)
    )
    return Table(columns, cells, CAPTION)


def _matrix(rows: Sequence[Comparison], kinds: Sequence[str]) -> Table:
    """A line for each of many systems, its numbers in columns."""
    columns = (
        Column("system", "name"),
        Column(AS_JUDGED),
        *(Column(KINDS[kind]) for kind in kinds),
    )
    cells = tuple(
        (row.system, *(words.percent(_e(row, kind).value) for kind in ("raw", *kinds)))
        for row in rows
    )
    return Table(columns, cells, CAPTION)


def _all(rows: Sequence[Comparison], kinds: Sequence[str]) -> Table:
    """Every judge's numbers with their intervals."""
    several = len({row.system for row in rows}) > 1
    columns = (
        *([Column("system", "name")] if several else []),
        Column("judge", "name"),
        Column(AS_JUDGED),
        *(Column(KINDS[kind]) for kind in kinds),
    )
    cells = tuple(
        (
            *([row.system] if several else []),
            row.judge,
            *(words.estimate(_e(row, kind)) for kind in ("raw", *kinds)),
        )
        for row in rows
    )
    return Table(columns, cells, CAPTION)


def _why_not(rows: Sequence[Comparison], kinds: Sequence[str]) -> list[Block]:
    """The notes on corrected numbers that are there, and why others are not."""
    several = len({row.system for row in rows}) > 1
    told = [
        f"{f'{words.name(row.system)}, ' if several else ''}{KINDS[kind]}: {_e(row, kind).note}"
        for row in rows
        for kind in KINDS
        if kind != "human_corrected" and _e(row, kind).note and kind in {*kinds, *OWED}
    ]
    lines = tuple(dict.fromkeys(told))
    return [Bullets(lines, tone="note")] if lines else []


# What everybody expects to find, so that its absence is explained; the others are quiet.
OWED = ("length_controlled",)
