"""Which verdicts of two runs differ, presentation by presentation.

A verdict that flipped on a question that was asked word for word alike is noise of the judge, or the
judge has changed; on another question it may be what was to be found out. Verdicts that were read in
one and the same stored answer cannot differ, and say nothing about noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from judge.diff.match import Names
from judge.diff.moves import Side
from judge.stats.values import parts
from judge.table import turned
from judge.types import Status

# Columns that a run's table may carry beside our own: what was sent, and the stored call that was read.
CONTENT, CALL = "content_key", "call"

_ASKED = ["judge", "rubric", "variant"]
_PLACE = ["item_id", "system", "baseline", *_ASKED, "order", "repeat"]


@dataclass(frozen=True, slots=True)
class Flip:
    """One presentation with another verdict: what each run said, in its own names for the systems.

    same_question: it was asked word for word alike.
    """

    item_id: str
    judge: str
    rubric: str
    variant: str
    order: str
    repeat: int
    before: str
    after: str
    same_question: bool


@dataclass(frozen=True, slots=True)
class Flips:
    """One judge's verdicts under one wording that both runs have.

    flipped: those that differ; reversed: those of them that name the other system. alike: asked word
    for word alike and answered twice; alike_flipped: those of them that differ. same_answer: read in
    the same stored answer.
    """

    judge: str
    rubric: str
    variant: str
    compared: int
    flipped: int
    reversed: int
    alike: int
    alike_flipped: int
    same_answer: int
    first: tuple[Flip, ...]


def flips(before: Side, after: Side, baseline: str | None, most: int = 10) -> Iterator[Flips]:
    """Per judge and wording what became of its verdicts. baseline: in the first run's names.

    most: how many flips are named, in the order of the items.
    """
    pair = _said(before, baseline).merge(
        _said(after, baseline), on=_PLACE, suffixes=("_before", "_after")
    )
    for (judge, rubric, variant), own in parts(pair, _ASKED):
        yield _counted(judge, rubric, variant, own.sort_values(_PLACE), most)


def _counted(judge: str, rubric: str, variant: str, pair: pd.DataFrame, most: int) -> Flips:
    differs = pair["label_before"] != pair["label_after"]
    same_call = (pair[f"{CALL}_before"] == pair[f"{CALL}_after"]) & (pair[f"{CALL}_after"] != "")
    same_text = pair[f"{CONTENT}_before"] == pair[f"{CONTENT}_after"]
    same_text &= pair[f"{CONTENT}_after"] != ""
    alike = same_text & ~same_call
    turned = differs & pair["label_before"].isin(["a", "b"]) & pair["label_after"].isin(["a", "b"])
    is_pair = bool((pair["baseline"] != "").any())
    shown = pair.assign(alike=alike)[differs].head(most)
    return Flips(
        judge=judge,
        rubric=rubric,
        variant=variant,
        compared=len(pair),
        flipped=int(differs.sum()),
        reversed=int(turned.sum()) if is_pair else 0,
        alike=int(alike.sum()),
        alike_flipped=int((alike & differs).sum()),
        same_answer=int(same_call.sum()),
        first=tuple(_flips(shown)),
    )


def _flips(rows: pd.DataFrame) -> Iterator[Flip]:
    for row in rows.to_dict("records"):
        yield Flip(
            item_id=str(row["item_id"]),
            judge=str(row["judge"]),
            rubric=str(row["rubric"]),
            variant=str(row["variant"]),
            order=str(row["order"]),
            repeat=int(row["repeat"]),
            before=str(row["words_before"]),
            after=str(row["words_after"]),
            same_question=bool(row["alike"]),
        )


def _said(side: Side, baseline: str | None) -> pd.DataFrame:
    """The verdicts of a run, one row each, under the first run's names and with its own in words."""
    is_pair = side.table.mode == "pairwise"
    frame = _oriented(side, baseline) if is_pair else side.table.frame
    ok = frame[frame["status"] == Status.OK]
    if not is_pair:
        ok = ok[ok["criterion"] == ""]
    first = ok["system_a" if is_pair else "system"].astype(object)
    second = ok["system_b"].astype(object) if is_pair else _empty(ok)
    label = ok["label"].astype(object)
    if not is_pair:
        label = label.where(label != "", ok["score"].map("{:g}".format))
    words = label.where(~(is_pair & (label == "a")), first)
    words = words.where(~(is_pair & (label == "b")), second)
    place = {name: ok[name].astype(object) for name in ("item_id", "judge", "variant", "order")}
    return pd.DataFrame(
        {
            **place,
            "repeat": ok["repeat"],
            "system": _named(first, side.systems),
            "baseline": _named(second, side.systems),
            "rubric": _named(ok["rubric"].astype(object), side.rubrics),
            "label": label,
            "words": words,
            CONTENT: ok[CONTENT].astype(object) if CONTENT in ok else _empty(ok),
            CALL: ok[CALL].astype(object) if CALL in ok else _empty(ok),
        }
    )


def _oriented(side: Side, baseline: str | None) -> pd.DataFrame:
    """Every pair written one way in both runs: the baseline second, else by the first run's names."""
    a, b = (
        np.asarray(_named(side.table.frame[name].astype(object), side.systems))
        for name in ("system_a", "system_b")
    )
    return turned(side.table, (a == baseline) | ((b != baseline) & (a > b))).frame


def _named(column: pd.Series[Any], names: Names) -> pd.Series[Any]:
    return column.map(lambda name: names.get(name, name)).astype(object)


def _empty(frame: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series("", frame.index, dtype=object)
