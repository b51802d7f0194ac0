"""What is read beside a verdict table: people's labels, and verdicts on the same answers padded."""

from __future__ import annotations

from judge.records import read_labels, read_verdicts, reads
from judge.table import VerdictTable
from judge.types import HumanLabel
from judge.workflow.options import Options


def labels_of(options: Options) -> tuple[HumanLabel, ...]:
    """The labels of --labels, in the table's own format where that has labels, else in ours."""
    if options.labels is None:
        return ()
    format = options.format if reads(options.format, "labels") else "native"
    return read_labels(options.labels, format=format)


def padded_of(options: Options) -> VerdictTable | None:
    """The verdicts of --padded, which are written as the table itself is."""
    if options.padded is None:
        return None
    return read_verdicts(
        options.padded, format=options.format, beside=options.beside, columns=options.columns
    )
