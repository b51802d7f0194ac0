"""What is read beside a verdict table: people's labels, and verdicts on the same answers padded."""

from __future__ import annotations

from judge.errors import InputError
from judge.labels.sets import LABELS, LabelSet, is_set, read_label_set
from judge.records import read_verdicts, reads, rows
from judge.regular_files import sha256
from judge.report.schema_base import LabelSource
from judge.table import VerdictTable
from judge.types import HumanLabel, Mode
from judge.workflow.options import Options
from judge.workflow.padded import is_run

NATIVE = "native"


def labels_of(options: Options) -> tuple[HumanLabel, ...]:
    """The labels of --labels: a set's by its name, else those of a file."""
    found = label_set_of(options)
    return () if found is None else found.labels


def label_set_of(options: Options) -> LabelSet | None:
    """What --labels names: a set, or a file in the table's own format where that has labels, else in ours."""
    if options.labels is None:
        return None
    return read_label_set(options.labels, format=label_format(options))


def label_source(options: Options, found: LabelSet | None) -> LabelSource | None:
    """Where the labels of --labels come from, as provenance has it."""
    if found is None:
        return None
    file = found.path / LABELS if found.is_set else found.path
    return LabelSource(
        file=file.name,
        sha256=sha256(file),
        rows=len(found.labels),
        format=label_format(options),
        set=found.id if found.is_set else None,
        fingerprint=found.fingerprint,
        origin=found.source if found.is_set else None,
        locked=found.locked if found.is_set else None,
    )


def label_format(options: Options) -> str:
    """The format of the labels of --labels: ours, which names a rater, or the table's own."""
    if options.labels_format is not None:
        return options.labels_format
    if options.labels is None or options.format == NATIVE or not reads(options.format, "labels"):
        return NATIVE
    if is_set(options.labels):
        return NATIVE
    _, first = next(rows(options.labels), (0, {}))
    return NATIVE if "rater" in first else options.format


def padded_of(options: Options) -> VerdictTable | None:
    """The verdicts of --padded, which are written as the table itself is; none where it names a run.

    Raises InputError where they do not say how long the answers are.
    """
    if options.padded is None or is_run(options):
        return None
    table = read_verdicts(
        options.padded, format=options.format, beside=options.beside, columns=options.columns
    )
    if table.mode == "single" and table.frame["len"].isna().all():
        raise InputError(
            f"{options.padded}: `len` is recorded on no row; log it: the characters of each padded answer"
        )
    return table


def check_flags(options: Options, mode: Mode) -> None:
    """Raises InputError for a flag about scores where the verdicts are on pairs."""
    table = None if is_run(options) else options.padded
    of_scores = {"--padded": table, "--length-penalty": options.length_penalty}
    given = [flag for flag, value in of_scores.items() if value is not None]
    if given and mode == "pairwise":
        raise InputError(
            f"{given[0]}: is about scores of single answers, and these verdicts are on pairs; leave it out"
        )
