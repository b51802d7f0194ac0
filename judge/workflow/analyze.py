"""The same report from verdicts that were recorded elsewhere. Needs no key and makes no call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from judge.records import read_verdicts
from judge.report.schema import RunModel, Source
from judge.workflow import reporting
from judge.workflow.config import families_of
from judge.workflow.options import Options
from judge.workflow.reporting import Result


def analyzed(
    path: Path,
    options: Options,
    *,
    families: Mapping[str, frozenset[str]] | None = None,
) -> Result:
    """The report of a verdict table; written to options.out where that is given.

    families: pattern of judge names -> who made them, for judges whose rows do not say.
    """
    reporting.check_folder(options.out)
    table = read_verdicts(
        path, format=options.format, beside=options.beside, columns=options.columns
    )
    frame = table.frame
    said = frame.loc[frame["judge_families"].astype(str) != "", "judge"].astype(str)
    judges = sorted(set(frame["judge"].astype(str)) - set(said))
    run = RunModel(
        command="analyze",
        versions={"judge": version("judge")},
        source=Source(
            file=path.name, sha256=_sha256(path), rows=len(table.frame), format=options.format
        ),
    )
    result = reporting.of_table(
        table,
        run,
        baseline=options.baseline,
        families={j: found for j in judges if (found := families_of([j], families or {}))},
        max_missing=options.max_missing,
        fail_if=options.fail_if,
        slices=options.slices,
    )
    return reporting.write(result, options.out) if options.out else result


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
