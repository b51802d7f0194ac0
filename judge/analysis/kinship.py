"""Everybody in a verdict table with their families: as given, as the table says, as is publicly known."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from judge.families import Families, Kinship, kinship
from judge.table import VerdictTable


def kinship_of(
    table: VerdictTable, given: Mapping[str, Families], aliases: Mapping[str, str]
) -> Kinship:
    """Judges and systems with their families. Answers that are no systems have no kin.

    given: name of a judge or system -> families, before what the table says. aliases: judge -> model.
    """
    judges = _judges(table.frame, given)
    columns = ("system",) if table.mode == "single" else ("system_a", "system_b")
    named = columns if table.comparable else ()
    systems = sorted({str(name) for column in named for name in table.frame[column].unique()})
    declared = {**given, **{judge: names for judge, names in judges.items() if names}}
    called = {judge: [aliases[judge]] if judge in aliases else [] for judge in judges}
    return kinship(called, systems, declared)


def _judges(frame: pd.DataFrame, given: Mapping[str, Families]) -> dict[str, Families]:
    """Judge -> families: as given, else as the table says, else none."""
    rows = frame[["judge", "judge_families"]].drop_duplicates().itertuples(index=False, name=None)
    found: dict[str, Families] = {}
    for judge, names in sorted(rows):
        declared = frozenset(name.strip() for name in names.split("+") if name.strip())
        found[judge] = found.get(judge, frozenset()) | declared
    return {judge: given.get(judge) or names for judge, names in found.items()}
