"""The same report from verdicts that were recorded elsewhere. Needs no key and makes no call."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from judge.doctor.evidence import system_names
from judge.records import read_verdicts
from judge.regular_files import sha256
from judge.report.schema import RunModel, Source
from judge.workflow import gates, reporting
from judge.workflow.agreeing import check_met, scales_of
from judge.workflow.beside import check_flags, label_set_of, label_source, padded_of
from judge.workflow.options import Options
from judge.workflow.padded import is_run, of_recorded, source_of
from judge.workflow.reporting import Result


def analyzed(
    path: Path,
    options: Options,
    *,
    families: Mapping[str, frozenset[str]] | None = None,
    command: str = "analyze",
) -> Result:
    """The report of a verdict table; written to options.out where that is given.

    command: whose report it is. Labels must be of something that was judged, for `agree` of a split that
    is reported on.

    families: pattern of the names of judges and systems -> who trained them; rows that say it of their
    judge go before.
    """
    reporting.check_folder(options.out)
    table = read_verdicts(
        path, format=options.format, beside=options.beside, columns=options.columns
    )
    check_flags(options, table.mode)
    gates.check_labels(options.fail_if, has_labels=options.labels is not None)
    known, padded = label_set_of(options), padded_of(options)
    filler = of_recorded(table, options) if is_run(options) else None
    frame = table.frame
    said = frame.loc[frame["judge_families"].astype(str) != "", "judge"].astype(str)
    silent = set(frame["judge"].astype(str)) - set(said)
    names = {*silent, *(set(system_names(table)) - set(said))}
    run = RunModel(
        command=command,
        versions={"judge": version("judge")},
        margin=options.margin,
        merge=options.merge if table.mode == "pairwise" else None,
        style=options.style if table.mode == "pairwise" else None,
        length_penalty=options.length_penalty,
        source=_source(path, len(table.frame), options.format),
        labels=label_source(options, known),
        padded=source_of(filler.by)
        if filler
        else _source(options.padded, 0 if padded is None else len(padded.frame), options.format),
    )
    result = reporting.of_table(
        table,
        run,
        baseline=options.baseline,
        families=reporting.declared(sorted(names), families or {}),
        max_missing=options.max_missing,
        fail_if=options.fail_if,
        slices=options.slices,
        margin=options.margin,
        merge=options.merge,
        ties=options.ties,
        labels=() if known is None else known.labels,
        padded=filler.table if filler else padded,
        padding=filler.by if filler else None,
        length_penalty=options.length_penalty,
        style=options.style,
        scales=scales_of(options, table.mode, known),
        agree=options.agree,
        seed=options.seed,
    )
    if known is not None:
        check_met(result.report, table, options, known)
    return reporting.write(result, options.out) if options.out else result


def _source(path: Path | None, rows: int, format: str) -> Source | None:
    if path is None:
        return None
    return Source(file=path.name, sha256=sha256(path), rows=rows, format=format)
