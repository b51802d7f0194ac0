"""A verdict table as the findings look at it: who was asked what, what was answered, what is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from judge.analysis.kinship import kinship_of
from judge.families import Kinship
from judge.stats.values import ASKED_WITH, averages, is_stopped, points
from judge.table import VerdictTable, canonical
from judge.types import HumanLabel, Mode, Status

Families = Mapping[str, frozenset[str]]

SYSTEMS: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("system_a", "system_b"),
    "single": ("system", "criterion"),
}
_TURNED = {"a": "b", "b": "a"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a table holds, pairs written one way.

    asked: the rows that no policy stopped; ok: those of them with a verdict. values: one row per answer
    or pair, judge and wording, with value (NaN where a planned order has no verdict); complete: those
    that have one. labels: one row per label of the same unit; score is NaN where it has none.
    kinship: who is of which family, as the analysis has it.
    """

    table: VerdictTable
    asked: pd.DataFrame
    ok: pd.DataFrame
    values: pd.DataFrame
    complete: pd.DataFrame
    labels: pd.DataFrame
    kinship: Kinship

    @property
    def judges(self) -> Families:
        """Judge -> its families, none where they are unknown."""
        return {judge: kin.families for judge, kin in self.kinship.judges.items()}

    @property
    def mode(self) -> Mode:
        return self.table.mode

    @property
    def unit(self) -> list[str]:
        """The columns that name an answer or a pair."""
        return ["item_id", *SYSTEMS[self.mode]]

    @property
    def thing(self) -> str:
        """What a unit is called."""
        return "pair" if self.mode == "pairwise" else "answer"


def evidence(
    table: VerdictTable, labels: Sequence[HumanLabel] = (), families: Families | None = None
) -> Evidence:
    """What the findings look at. families: name of a judge or system -> families, before the table's."""
    turned = canonical(table) if table.mode == "pairwise" else table
    frame = turned.frame
    asked = frame[~is_stopped(frame)]
    values = _values(table.mode, frame)  # an order that a policy stopped was planned all the same
    return Evidence(
        table=replace(turned, frame=frame),
        asked=asked,
        ok=asked[asked["status"] == Status.OK],
        values=values,
        complete=values[values["value"].notna()],
        labels=label_frame(table.mode, labels),
        kinship=kinship_of(table, families or {}, {}),
    )


def system_names(table: VerdictTable) -> list[str]:
    """The systems of a table, sorted."""
    columns = ("system_a", "system_b") if table.mode == "pairwise" else ("system",)
    return sorted({str(name) for column in columns for name in table.frame[column].unique()})


def _values(mode: Mode, frame: pd.DataFrame) -> pd.DataFrame:
    keys = ["item_id", *SYSTEMS[mode], *ASKED_WITH, "cluster"]
    if mode == "pairwise":
        known = frame.assign(value=frame["p_a"].fillna(points(frame)))
    else:  # a nominal scale has labels alone, and an answer that has one is answered
        is_ok = (frame["status"] == Status.OK).astype(float).where(frame["status"] == Status.OK)
        known = frame.assign(value=frame["score"].fillna(is_ok))
    return averages(known, keys, ["order"])


def label_frame(mode: Mode, labels: Sequence[HumanLabel]) -> pd.DataFrame:
    """One row per label of that mode, pairs in the order of their systems' names."""
    rows = [_label(label) for label in labels if _mode_of(label) == mode]
    columns = ["item_id", *SYSTEMS[mode], "rater", "said", "score", "inclusion_prob", "split"]
    numbers = dict.fromkeys(["score", "inclusion_prob"], float)
    return pd.DataFrame(rows, columns=columns).astype(numbers)


def _mode_of(label: HumanLabel) -> Mode:
    return "pairwise" if label.system is None else "single"


def _label(label: HumanLabel) -> dict[str, object]:
    said = label.label if label.score is None else f"{label.score:g}"
    shared = {
        "item_id": label.item_id,
        "rater": label.rater,
        "score": np.nan if label.score is None else label.score,
        "inclusion_prob": np.nan if label.inclusion_prob is None else label.inclusion_prob,
        "split": label.split or "",
    }
    if label.system is not None:
        return shared | {"system": label.system, "criterion": label.criterion, "said": said}
    a, b = str(label.system_a), str(label.system_b)
    if a > b:
        a, b, said = b, a, _TURNED.get(str(said), said)
    return shared | {"system_a": a, "system_b": b, "said": said}


def recorded(frame: pd.DataFrame, column: str) -> int:
    """On how many rows a column holds something."""
    if column not in frame:
        return 0
    values = frame[column]
    there = values.notna()
    return int((there & (values.astype(object) != "")).sum())


def n_clusters(frame: pd.DataFrame) -> int:
    """How many independent items stand behind these rows."""
    return int(frame["cluster"].nunique())
