"""How the numbers came about, and what they do not say."""

from __future__ import annotations

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Facts, Heading, Section, Table
from judge.report.schema import Report, RunJudge, RunModel


def blocks(report: Report) -> list[Block]:
    """The limits of the report, then all that is needed to make it again."""
    run = report.run
    return [
        Heading("What this report does not establish"),
        Bullets(tuple(_limits(report)), tone="note"),
        Heading("Provenance"),
        Facts(tuple((key, value) for key, value in _facts(run) if value)),
        *([_judges(run.judges)] if run.judges else []),
    ]


def _limits(report: Report) -> list[str]:
    out = [
        "How other prompts would come out: the intervals cover the choice of items, as if these had "
        "been drawn at random from the kind of items they are.",
        "That a preferred answer is true, safe or useful: a judge sees texts, not their consequences.",
    ]
    if report.agreement is None:
        out.insert(0, "That people would say the same: no human labels were compared.")
    if report.run.simulated_judges:
        out.insert(0, "Anything about the systems: simulated judges answer from a rule.")
    if not _length_controlled(report):
        out.append(
            "How much the length of an answer, or its author's kinship to a judge, moved a verdict."
        )
    return out


def _length_controlled(report: Report) -> bool:
    return any(row.length_controlled.value is not None for row in report.comparisons or [])


def _facts(run: RunModel) -> list[tuple[str, str]]:
    return [
        ("run", run.run_id or ""),
        ("command", run.command or ""),
        ("state", run.state or ""),
        ("started", run.started_at or ""),
        ("ended", run.ended_at or ""),
        *_inputs(run),
        *_plan(run),
        *_spent(run),
        ("versions", ", ".join(f"{key} {value}" for key, value in sorted(run.versions.items()))),
    ]


def _inputs(run: RunModel) -> list[tuple[str, str]]:
    source = run.source
    return [
        ("items", "" if run.items is None else words.count(run.items)),
        ("hash of the items", run.items_hash or ""),
        ("verdicts from", source.file if source else ""),
        ("format", (source.format or "") if source else ""),
        ("rows", words.count(source.rows) if source and source.rows is not None else ""),
        ("hash of the file", (source.sha256 or "") if source else ""),
    ]


def _plan(run: RunModel) -> list[tuple[str, str]]:
    return [
        ("rubrics", ", ".join(f"{rubric.id} {rubric.fingerprint}" for rubric in run.rubrics)),
        ("orders", run.swap or ""),
        ("repeats", "" if run.repeats is None else words.count(run.repeats)),
        ("seed", "" if run.seed is None else str(run.seed)),
    ]


def _spent(run: RunModel) -> list[tuple[str, str]]:
    if run.calls is None and run.attempts is None:
        return []
    return [
        ("calls", words.count(run.calls)),
        ("attempts", words.count(run.attempts)),
        ("answers reused", words.count(run.reused)),
        ("tokens in", words.count(run.tokens_in)),
        ("tokens out", words.count(run.tokens_out)),
        ("cost", words.usd(run.cost_usd)),
    ]


def _judges(judges: list[RunJudge]) -> Table:
    columns = (
        Column("judge", "name"),
        Column("provider", "name"),
        Column("model", "name"),
        Column("families", "name"),
        Column("address", "name", optional=True),
        Column("parameters", "name", optional=True),
    )
    return Table(columns, tuple(_judge(judge) for judge in judges))


def _judge(judge: RunJudge) -> tuple[str, ...]:
    return (
        judge.judge,
        f"{judge.provider or words.NONE}{' (simulated)' if judge.simulated else ''}",
        judge.model or words.NONE,
        " + ".join(judge.families) or "not declared",
        judge.base_url or "the provider's own",
        ", ".join(f"{key}={value}" for key, value in judge.parameters.items()) or "defaults",
    )


SECTION = Section("provenance", blocks, detail=True)
