"""What a person's marks said of the explanations: the record, and how it is put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from judge.report.build import estimate
from judge.report.schema import Excerpt, Spotcheck, SpotcheckJudge, SpotcheckSpot
from judge.report.words import counted, listed
from judge.types import Judgment

if TYPE_CHECKING:  # only read here; importing it would load numpy
    from judge.spotcheck import Tally

EXPLANATION_CHARACTERS = 1_000


def build(
    tallies: Iterable[Tally],
    unmarked: Sequence[tuple[str, Judgment]],
    *,
    files: Sequence[str],
    lost: int = 0,
) -> Spotcheck:
    """The record. unmarked: (spot id, judgment) without a mark yet; lost: rows that were drawn and are
    gone from the files."""
    return Spotcheck(
        files=list(files),
        lost=lost,
        judges=[
            SpotcheckJudge(
                judge=tally.judge,
                drawn=tally.drawn,
                marked=tally.marked,
                right=tally.right,
                wrong=tally.wrong,
                unsure=tally.unsure,
                share_right=estimate(tally.share_right),
            )
            for tally in tallies
        ],
        unmarked=[_spot(spot_id, judgment) for spot_id, judgment in unmarked],
    )


def warnings(found: Spotcheck) -> list[str]:
    """What to warn of: a row that is gone may have been one that was wrong."""
    if not found.lost:
        return []
    rows = counted(found.lost, "row")
    return [f"{rows} of the spot check's draw gone from {listed(found.files)}: restore them"]


def _spot(spot_id: str, judgment: Judgment) -> SpotcheckSpot:
    text = judgment.verdict.explanation
    return SpotcheckSpot(
        spot_id=spot_id,
        item_id=judgment.trial.item_id,
        judge=judgment.trial.judge,
        verdict=verdict_words(judgment),
        explanation=Excerpt(text=text[:EXPLANATION_CHARACTERS], length=len(text)),
    )


def verdict_words(judgment: Judgment) -> str:
    """A verdict as a reader says it: the system that won, "tie", or the label with its score."""
    trial, verdict = judgment.trial, judgment.verdict
    label = verdict.label or ""
    if trial.system_b is not None:
        names = {"a": f"{trial.system_a} is better", "b": f"{trial.system_b} is better"}
        return names.get(label, label)
    score = "" if verdict.score is None else f"{verdict.score:g}"
    return f"{label} (score {score})" if score and score != label else label or score
