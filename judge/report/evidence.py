"""What stands behind the numbers: the verdicts that are missing, and items to read for oneself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from judge.aggregate import trial_rows
from judge.highlights import Highlight
from judge.report.schema import Example, ExampleResponse, ExampleVerdict, Excerpt, Missing
from judge.table import VerdictTable, oriented
from judge.types import Item, Response, Status

Texts = Callable[[str], Item]

TEXT_CHARACTERS = 2_000
EXPLANATION_CHARACTERS = 1_000
REASON_CHARACTERS = 200
REASONS = 8  # of one judge and status; rarer ones are taken together
ITEMS = 5  # named for each reason


def excerpt(text: str, characters: int = TEXT_CHARACTERS) -> Excerpt:
    """The start of a text, with the length of the whole."""
    return Excerpt(text=text[:characters], length=len(text))


# -- missing verdicts ----------------------------------------------------------------------------


def missing(table: VerdictTable) -> list[Missing]:
    """Every trial without a verdict, counted by judge, wording, status and reason."""
    trials = trial_rows(table)
    lacking = trials[trials["status"] != Status.OK]
    keys = ["judge", "rubric", "variant", "status"]
    return [
        row
        for key, part in lacking.groupby(keys, observed=True)
        for row in _by_reason(dict(zip(keys, map(str, key), strict=True)), part)
    ]


def _by_reason(key: Mapping[str, str], part: pd.DataFrame) -> Iterator[Missing]:
    reasons = part["reason"].astype(object).str.slice(stop=REASON_CHARACTERS)
    counts = sorted(reasons.value_counts().items(), key=lambda said: (-said[1], said[0]))
    for reason, n in counts[:REASONS]:
        yield _missing(key, str(reason), part.loc[reasons == reason, "item_id"], int(n))
    rare = {reason for reason, _ in counts[REASONS:]}
    if rare:
        rows = part.loc[reasons.isin(rare), "item_id"]
        yield _missing(key, f"{len(rare):,} other reasons", rows, len(rows))


def _missing(key: Mapping[str, str], reason: str, items: pd.Series[Any], n: int) -> Missing:
    named = list(dict.fromkeys(items.astype(object)))[:ITEMS]
    return Missing(**key, reason=reason, n=n, items=named)


# -- examples ------------------------------------------------------------------------------------


def examples(table: VerdictTable, found: Sequence[Highlight], texts: Texts | None) -> list[Example]:
    """The items with all that was said of them. texts: item id -> the item; None where not recorded."""
    ids = {highlight.item_id for highlight in found}
    frame = table.frame[table.frame["item_id"].isin(ids)]
    return [_example(table, frame, highlight, texts) for highlight in found]


def _example(
    table: VerdictTable, frame: pd.DataFrame, highlight: Highlight, texts: Texts | None
) -> Example:
    own = frame[frame["item_id"] == highlight.item_id]
    item = texts(highlight.item_id) if texts else None
    return Example(
        kind=highlight.kind,
        item_id=highlight.item_id,
        category=str(own["category"].iloc[0]),
        systems=list(highlight.systems),
        prompt=excerpt(_joined(item.prompt)) if item else None,
        reference=excerpt(item.reference) if item and item.reference else None,
        responses=[_response(item.response(s), s) for s in highlight.systems] if item else [],
        verdicts=list(_verdicts(table, own, highlight.systems)),
    )


def _response(response: Response | None, system: str) -> ExampleResponse:
    cut = excerpt(_joined(response.turns) if response else "")
    return ExampleResponse(system=system, text=cut.text, length=cut.length)


def _joined(turns: Iterable[str]) -> str:
    return "\n\n".join(turns)


def _verdicts(
    table: VerdictTable, own: pd.DataFrame, systems: Sequence[str]
) -> Iterator[ExampleVerdict]:
    """What was said of these systems' responses, by judge, wording, system, repeat and order."""
    rows = _of_pair(table, own, systems) if table.mode == "pairwise" else _of_answers(own, systems)
    place = ["judge", "rubric", "variant", "repeat", "order"]
    known = rows.assign(
        nth=[*map(systems.index, rows["system" if "system" in rows else "system_a"])],
        **{name: rows[name].astype(object) for name in place},
    )
    ordered = known.sort_values([*place[:3], "nth", *place[3:]], kind="stable")
    for row in ordered.to_dict("records"):
        yield ExampleVerdict(
            **{name: row[name] for name in place},
            system=row.get("system"),
            status=str(row["status"]),
            verdict=_said(row, systems) if row["status"] == Status.OK else None,
            reason=row["reason"][:REASON_CHARACTERS],
            explanation=excerpt(row["explanation"], EXPLANATION_CHARACTERS),
        )


def _of_pair(table: VerdictTable, own: pd.DataFrame, systems: Sequence[str]) -> pd.DataFrame:
    return oriented(replace(table, frame=own), *systems).frame


def _of_answers(own: pd.DataFrame, systems: Sequence[str]) -> pd.DataFrame:
    """The verdicts on the whole answers; the criteria stand in the store."""
    return own[own["system"].isin(systems) & (own["criterion"] == "")]


def _said(row: Mapping[Any, Any], systems: Sequence[str]) -> str:
    if "system_a" in row:
        return {"a": f"{systems[0]} is better", "b": f"{systems[1]} is better"}.get(
            row["label"], "tie"
        )
    return str(row["label"] or f"{row['score']:g}")
