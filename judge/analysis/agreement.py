"""How far judges concur with people, and people with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from judge.analysis import agreement_raters, agreement_slices, disagreements
from judge.analysis.agreement_pack import heard, pack
from judge.analysis.agreement_records import Agreement, JudgeAgreement, LackingVerdicts
from judge.analysis.asked import Asked
from judge.analysis.people import Labelled, Voice
from judge.stats.slices import Slice
from judge.stats.values import spread_failures
from judge.table import VerdictTable
from judge.types import PANEL, Status

__all__ = ["Agreement", "measure"]

_LACKING = tuple(str(status) for status in Status if status is not Status.OK)


def measure(
    found: Sequence[Labelled], slices: Sequence[Slice], asked: Asked, table: VerdictTable
) -> Agreement | None:
    """The agreement pack of every judge and criterion; None without labels of what was judged.

    table: the verdicts, for the trials without one on the labelled units.
    """
    if not found:
        return None
    whole = next((one for one in found if not one.criterion), found[0])
    others = [one for one in found if one is not whole]
    return Agreement(
        judges=tuple(
            row for one in [whole, *others] for row in _of_criterion(one, slices, asked, table)
        ),
        raters=agreement_raters.of_people(whole, asked),
        further_raters=tuple(agreement_raters.of_people(one, asked) for one in others),
        disagreements=disagreements.worst(found),
    )


def _of_criterion(
    one: Labelled, slices: Sequence[Slice], asked: Asked, table: VerdictTable
) -> list[JudgeAgreement]:
    counted = _statuses(one, table)
    rows = []
    for voice in one.voices:
        own = heard(one, voice)
        parts = agreement_slices.of_voice(own, slices, asked)
        rows.append(pack(own, _lacking(voice, counted), parts, asked))
    return rows


# -- verdicts that are missing -------------------------------------------------------------------

Counted = Counter[tuple[str, str, str, str]]  # judge, rubric, variant, status -> trials


def _statuses(one: Labelled, table: VerdictTable) -> Counted:
    """How many trials on the labelled units have no verdict."""
    frame = table.frame if table.mode == "pairwise" else spread_failures(table.frame)
    if table.mode == "single":
        frame = frame[frame["criterion"] == one.criterion]
    lacking = frame[(frame["status"] != Status.OK).to_numpy()]
    own = lacking[_keys(lacking, table).isin(set(_keys(one.units, table)))]
    names = ["judge", "rubric", "variant", "status"]
    return Counter(own[names].astype(str).itertuples(index=False, name=None))


def _keys(frame: pd.DataFrame, table: VerdictTable) -> pd.Series[Any]:
    """What identifies the unit of each row, whichever way its pair is written."""
    systems = ("system_a", "system_b") if table.mode == "pairwise" else ("system",)
    columns = [frame[name].astype(str) for name in systems]
    keys = [
        (item, *sorted(names))
        for item, *names in zip(frame["item_id"].astype(str), *columns, strict=True)
    ]
    return pd.Series(keys, index=frame.index, dtype=object)


def _lacking(voice: Voice, counted: Counted) -> LackingVerdicts:
    """The counts of a judge under its wording, or of all the panel's members together."""
    sums = dict.fromkeys(_LACKING, 0)
    for (judge, rubric, variant, status), n in counted.items():
        is_own = (
            (not voice.rubric or rubric == voice.rubric)
            if voice.judge == PANEL
            else judge == voice.judge
            and rubric == voice.rubric
            and (not voice.variant or variant == voice.variant)
        )
        if is_own:
            sums[status] += n
    return LackingVerdicts(**sums)
