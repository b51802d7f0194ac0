"""The win rates as the judges gave them beside what is left of them without position, length or family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from judge.report import notes, words
from judge.report.blocks import Block, Bullets, Column, Disclosure, Table
from judge.report.schema import Comparison, E

# Field of a comparison -> how it is called, in the order in which corrections are shown.
KINDS: Mapping[str, str] = {
    "position_adjusted": "position-adjusted",
    "length_controlled": "length-controlled",
    "style_controlled": "length- and style-controlled",
    "family_adjusted": "family-adjusted",
    "human_corrected": "human-corrected",
}
AS_JUDGED = "as judged"
FEW = 3  # systems whose numbers each get a line; those of more stand in columns
CAPTION = "The same win rates, as judged and corrected"


def blocks(rows: Sequence[Comparison], *, is_length_known: bool = True) -> list[Block]:
    """What decides, raw and corrected side by side; every judge behind a line. rows: over all items.

    Many systems have their corrected numbers in the comparisons' own table. Where nothing was corrected
    a line says why, if the section on length does not.
    """
    owed = OWED if is_length_known else ()
    kinds = _kinds(rows)
    if not kinds:
        return _why_not(rows, owed)
    heads = words.deciding(list(rows)) or list(rows)
    if (
        len({row.judge for row in heads}) > 1
    ):  # of several judges none decides: each is behind the line
        return [
            Disclosure("Judge by judge, corrected", (_all(rows, kinds),)),
            *_why_not(heads, owed),
        ]
    if _are_many(rows):
        return [
            Disclosure("Corrected win rates with their intervals", (_all(rows, kinds),)),
            *_why_not(heads, (*kinds, *owed)),
        ]
    behind = [Disclosure("Judge by judge, corrected", (_all(rows, kinds),))]
    more = behind if len(rows) > len(heads) else []
    return [_lines(heads, kinds), *_why_not(heads, (*kinds, *owed)), *more]


def columns_of(rows: Sequence[Comparison]) -> list[str]:
    """The corrections that have a column beside the raw number, which is where systems are many.

    Those by people's labels have a section of their own.
    """
    return [kind for kind in _kinds(rows) if kind != "human_corrected"] if _are_many(rows) else []


def column(kind: str) -> Column:
    return Column(KINDS[kind].replace("-", " "))


def cell(kind: str) -> Callable[[Comparison], str]:
    return lambda row: words.percent(_e(row, kind).value)


def _kinds(rows: Sequence[Comparison]) -> list[str]:
    return [kind for kind in KINDS if any(_e(row, kind).value is not None for row in rows)]


def _are_many(rows: Sequence[Comparison]) -> bool:
    return len({row.system for row in rows}) > FEW


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


def _all(rows: Sequence[Comparison], kinds: Sequence[str]) -> Table:
    """Every judge's numbers with their intervals."""
    several = len({row.system for row in rows}) > 1
    judges = not several or len({row.judge for row in rows}) > 1
    columns = (
        *([Column("system", "name")] if several else []),
        *([Column("judge", "name")] if judges else []),
        Column(AS_JUDGED),
        *(Column(KINDS[kind]) for kind in kinds),
    )
    cells = tuple(
        (
            *([row.system] if several else []),
            *([row.judge] if judges else []),
            *(words.estimate(_e(row, kind)) for kind in ("raw", *kinds)),
        )
        for row in rows
    )
    return Table(columns, cells, CAPTION)


def _why_not(rows: Sequence[Comparison], kinds: Sequence[str]) -> list[Block]:
    """The notes on corrected numbers that are there, and why others are not."""
    several = len({row.system for row in rows}) > 1
    judges = len({row.judge for row in rows}) > 1
    told: list[Block] = []
    for kind in KINDS:
        who = [_who(row, several, judges) for row in rows]
        said = [
            (name, _e(row, kind).note)
            for name, row in zip(who, rows, strict=True)
            if kind != "human_corrected" and kind in kinds and _e(row, kind).note
        ]
        lines = notes.lines(said, who)
        full = notes.in_full(said)
        told += (
            [Bullets(tuple(f"{KINDS[kind]}: {line}" for line in lines), "note")] if lines else []
        )
        told += (
            [Disclosure(f"Every note on {KINDS[kind]} win rates", (Bullets(full),))] if full else []
        )
    return told


def _who(row: Comparison, several: bool, judges: bool) -> str:
    parts = [row.system] * several + [row.judge] * judges
    return " · ".join(words.name(part) for part in parts)


# What everybody expects to find, so that its absence is explained; the others are quiet.
OWED = ("length_controlled",)
