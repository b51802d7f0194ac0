"""What a person's marks say of a run's explanations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from judge import spotcheck
from judge.errors import InputError
from judge.report import spotcheck as report
from judge.report.schema import Spotcheck
from judge.spotcheck import Spot
from judge.store import Store
from judge.types import Judgment, Run
from judge.workflow import spotcheck_file as file
from judge.workflow.reporting import Result
from judge.workflow.spotcheck_file import Marked

NAME = "spotcheck.csv"


def result(store: Store, run: Run, paths: Sequence[Path]) -> Spotcheck:
    """What the marks in these files say. Raises InputError for a row that is not of this run."""
    rows = [(path, file.read(path)) for path in paths]
    empty = [path for path, own in rows if not own]
    if empty:
        raise InputError(f"{empty[0]}: has no rows; restore the file, or delete it and draw anew")
    marked = [row for _, own in rows for row in own]
    judgments = _found(store, run, marked)
    spots = [_spot(store, run, judgments[row.fragment], row) for row in marked]
    unmarked = [(row.spot_id, judgments[row.fragment]) for row in marked if not row.mark]
    return report.build(
        spotcheck.tallies(spots),
        unmarked,
        files=[path.name for path in paths],
        lost=sum(max(own[0].n - len(own), 0) for _, own in rows),
    )


def added(result_: Result, store: Store, folders: Iterable[Path], *, strict: bool = True) -> Result:
    """The result with what the marks say, in the first of the folders in which something was drawn.

    strict: raise InputError for a file that cannot be read or is of another run, rather than warn.
    """
    paths = next(filter(None, (file.files_of(folder / NAME) for folder in folders)), [])
    if not paths or result_.run_id is None:
        return result_
    try:
        found = result(store, store.run(result_.run_id), paths)
    except InputError as error:
        if strict:
            raise
        return _changed(result_, warnings=[f"the spot check is left out: {error}"])
    return _changed(result_, spotcheck=found, warnings=report.warnings(found))


def _changed(result_: Result, *, warnings: Sequence[str], **changes: object) -> Result:
    said = [*result_.report.warnings, *warnings]
    return replace(result_, report=result_.report.model_copy(update={**changes, "warnings": said}))


def _found(store: Store, run: Run, marked: Sequence[Marked]) -> dict[str, Judgment]:
    """Fragment -> the judgment. Raises InputError for a row of another run, or that stands twice."""
    wanted: dict[str, Marked] = {}
    for row in marked:
        if row.fragment in wanted:
            other = wanted[row.fragment].where
            raise InputError(f"{row.where}: {row.spot_id} stands in {other} too; keep one")
        wanted[row.fragment] = row
    judgments = _by_fragment(store.judgments(run.run_id), wanted)
    for fragment, row in wanted.items():
        if fragment not in judgments:
            raise InputError(
                f"{row.where}: spot_id {row.spot_id} is no verdict of run {run.run_id}; name the run "
                "that it was drawn from, or restore the column"
            )
    return judgments


def _by_fragment(
    judgments: Iterable[Judgment], wanted: Mapping[str, Marked]
) -> dict[str, Judgment]:
    keyed = ((spotcheck.fragment(j.trial.trial_id), j) for j in judgments)
    return {fragment: j for fragment, j in keyed if fragment in wanted}


def _spot(store: Store, run: Run, judgment: Judgment, row: Marked) -> Spot:
    cluster = store.item(run.run_id, judgment.trial.item_id).cluster
    return Spot(judgment.trial.judge, cluster, row.mark)
