"""Checks labels against what can go wrong with them; lists and locks sets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from judge.errors import InputError
from judge.labels.check import Known, LabelsReport, checked
from judge.labels.rules import cases, contradictions
from judge.labels.sets import (
    DATASHEET,
    LOCK,
    LabelSet,
    SetVersion,
    held,
    list_label_sets,
    opened,
    places,
    read_label_set,
    set_folder,
)
from judge.lock_lines import append_lines
from judge.records import data_folder, read_responses, read_verdicts
from judge.rubric_files import read_rubric
from judge.store import open_existing
from judge.table import VerdictTable
from judge.types import Item, Scale
from judge.workflow.options import RUBRICS, Options
from judge.workflow.recipe import from_config
from judge.workflow.runs import found as found_run
from judge.workflow.verdicts import verdicts_of

TODO = "TO FILL IN"


def check(
    labels: str | Path,
    options: Options,
    *,
    verdicts: str | None = None,
    items: Sequence[Path] = (),
) -> LabelsReport:
    """The quality of a set, by name or folder, or of a file of labels.

    verdicts: a table or a run that the labels are to be held against; items: responses with the prompts of
    a file's labels. Raises InputError for what cannot be read, or was changed after it was locked.
    """
    folder = set_folder(labels)
    table, run_items = verdicts_of_name(verdicts, options)
    more = read_responses(items).items if items else run_items
    if folder is None:
        one = read_label_set(labels, format=options.format)
        return checked(one.labels, Known(one.name, items=more, table=table))
    one, said, own_items = opened(folder)
    one = held(one, places())
    known = Known(
        name=one.id,
        origin=one.source,
        locked=one.locked,
        items=own_items,
        all_items=True,
        against=[*contradictions(said, one.labels, own_items)],
        scale=one.scale or _rubric_scale(one),
        rubric=one.rubric,
        criterion=one.criterion,
        table=table,
    )
    return checked(one.labels, known)


def _rubric_scale(one: LabelSet) -> Scale | None:
    """The scale of the rubric that raters were asked, where it is at hand."""
    if one.rubric is None or one.mode == "pairwise":
        return None
    rubric = read_rubric(one.rubric, search=[RUBRICS, data_folder("rubrics")])
    own = {criterion.name: criterion.scale or rubric.scale for criterion in rubric.criteria}
    return own.get(one.criterion or "", rubric.scale)


def verdicts_of_name(
    named: str | None, options: Options
) -> tuple[VerdictTable | None, tuple[Item, ...]]:
    """The verdicts of a table or a run, with the items of a run; nothing where none is named."""
    if named is None:
        return None, ()
    path = Path(named)
    if path.exists() or path.suffix:
        how = {"format": options.format, "beside": options.beside, "columns": options.columns}
        return read_verdicts(path, **how), ()  # type: ignore[arg-type]
    with open_existing(options.store) as store:
        run = found_run(store, named)
        table = verdicts_of(store, run, from_config(run.config))
        return table, tuple(store.items(run.run_id))


# -- sets ----------------------------------------------------------------------------------------


def listed() -> list[tuple[SetVersion, LabelSet | None]]:
    """Every version that is found, with what it holds; None for one that cannot be read."""
    found: list[tuple[SetVersion, LabelSet | None]] = []
    for version in list_label_sets():
        try:
            found.append((version, read_label_set(version.path)))
        except InputError:
            found.append((version, None))  # one bad set does not hide the others
    return found


def lock(name: str) -> tuple[LabelSet, bool]:
    """The set, held by its folder's lock from now on; whether the lock lacked it.

    Raises InputError for a set with something to mend, or without a datasheet, and then nothing is written.
    """
    folder = set_folder(name)
    if folder is None:
        raise InputError(
            f"{name}: a file of labels cannot be locked; make a set of it, or name one"
        )
    if not re.fullmatch(r"v[1-9][0-9]*", folder.absolute().name):
        raise InputError(f"{folder}: only a set in <name>/v<N> can be locked; move it there")
    one, said, items = opened(folder)
    problems = [(what, which) for what, which in contradictions(said, one.labels, items) if which]
    if problems:
        raise InputError(f"{folder}: {problems[0][0]} ({cases(problems[0][1])})")
    _check_filled(folder)
    one = held(one, places())
    if one.locked:
        return one, False
    report = checked(one.labels, Known(one.id, items=items, scale=one.scale))
    if report.errors:
        first = report.errors[0]
        raise InputError(
            f"{folder}: {first.title} ({cases(first.first)}); `judge labels check` says more"
        )
    place = folder.absolute().parent.parent / LOCK
    try:
        append_lines(place, [f"{one.id} {one.fingerprint}"])
    except OSError as error:
        raise InputError(f"{place}: cannot be written: {error.strerror or error}") from error
    return replace(one, locked=True), True


def _check_filled(folder: Path) -> None:
    """A set says of itself what it is, before nobody can change it any more."""
    if not (folder / DATASHEET).is_file():
        raise InputError(
            f"{folder}: has no {DATASHEET}; say how the labels were made, then lock it"
        )
    for name in (DATASHEET, "set.toml"):
        if TODO in (folder / name).read_text(encoding="utf-8", errors="replace"):
            raise InputError(f"{folder / name}: still says {TODO!r}; fill it in, then lock the set")
