"""What a file supports: for each statistic whether it can be computed, and what to log where not.

A diagnosis describes a file and never the judge in it: "not identified" says that the numbers which
would answer the question were not recorded, not that the answer is bad.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["verdicts", "labels", "responses"]
Standing = Literal["available", "limited", "not_identified"]
Purpose = Literal["agreement", "correction"]

STANDINGS: tuple[Standing, ...] = ("available", "limited", "not_identified")
SCHEMA = "judge.doctor/1"

# Fewer than this make a number that can be computed but hardly relied on.
FEW_CLUSTERS = 10
FEW_LABELS = 30
MAX_MISSING = 0.05  # a larger share without a verdict can turn a result


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one statistic can be computed from a file.

    name: stable, for programs; title: for people. reason: in the file's own numbers. remedy: what to do
    for it, "" where nothing is missing. fields: what to log for it.
    """

    name: str
    title: str
    standing: Standing
    reason: str
    remedy: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What people said about the items. units: the answers or pairs that have a label.

    judged: those of them that have a verdict too, on so many items (judged_items); repeated: those of
    them with two raters or more. in_file: True where the labels stand in the file itself.
    """

    labels: int
    raters: int
    items: int
    units: int
    judged: int
    judged_items: int
    repeated: int
    in_file: bool


@dataclass(frozen=True, slots=True)
class Need:
    """How many labelled items give an interval of +- half_width.

    items: as many if they are independent of each other; items_clustered: if those of one cluster say
    the same. None where no number of this file's items would do. best_half_width, best_clustered: what
    all items of the file would give. assumed: the numbers that were guessed.
    """

    purpose: Purpose
    half_width: float
    items: int | None
    items_clustered: int | None
    file_items: int
    best_half_width: float
    best_clustered: float
    assumed: Mapping[str, float]
    formula: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one file supports. facts: counts of what is in it. labels: None where there are none."""

    kind: Kind
    facts: Mapping[str, int]
    findings: tuple[Finding, ...]
    labels: LabelFacts | None = None
    needs: tuple[Need, ...] = ()
    warnings: tuple[str, ...] = ()
    file: str = ""
    format: str = "native"
    mode: str = ""
    also: tuple[Kind, ...] = field(default=())

    def payload(self) -> dict[str, Any]:
        """The diagnosis as JSON values, in the shape `judge.doctor/1`.

        schema, file, format, kind, mode ("" for responses), also (what else the same file was read
        as), facts {name: count}, findings [{name, title, standing, reason, remedy, fields}],
        labels {..} or null, needs [{purpose, half_width, items, items_clustered, file_items,
        best_half_width, best_clustered, assumed, formula}], warnings.
        """
        head = ("file", "format", "kind", "mode", "also", "facts", "findings")
        plain = asdict(self)
        ordered = {name: plain[name] for name in (*head, "labels", "needs", "warnings")}
        return {"schema": SCHEMA, **ordered}


def available(name: str, title: str, reason: str) -> Finding:
    """The finding that a statistic can be computed."""
    return Finding(name, title, "available", reason)


def not_identified(name: str, title: str, reason: str, remedy: str = "", *fields: str) -> Finding:
    """The finding that a statistic cannot be computed."""
    return Finding(name, title, "not_identified", reason, remedy, fields)


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that keeps a number from being sound, and what to do about it."""

    reason: str
    remedy: str = ""
    fields: tuple[str, ...] = ()


def limited_by(name: str, title: str, reason: str, *limits: Limit | None) -> Finding:
    """The finding that a statistic can be computed, limited where a limit holds (None: it does not)."""
    held = [limit for limit in limits if limit is not None]
    return Finding(
        name,
        title,
        "limited" if held else "available",
        "; ".join([reason, *(limit.reason for limit in held)]),
        "; ".join(dict.fromkeys(limit.remedy for limit in held if limit.remedy)),
        tuple(dict.fromkeys(name for limit in held for name in limit.fields)),
    )


def of(part: int, whole: int, things: str) -> str:
    """A share in the data's own numbers: "0 of 1,998 rows"."""
    return f"{part:,} of {whole:,} {things}"


def counted(number: int, thing: str) -> str:
    """A count with its noun: "1 item", "62 items"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def joined(names: list[str], most: int = 4) -> str:
    """Names in a sentence, those past the first few counted."""
    more = len(names) - most
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:most])} and {more:,} more"
