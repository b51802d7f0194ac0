"""How the numbers came about, and what they do not say."""

from __future__ import annotations

import json

from judge.report import family_words, label_words, trust, words
from judge.report.blocks import (
    Block,
    Bullets,
    Column,
    Disclosure,
    Facts,
    Heading,
    Quote,
    Section,
    Table,
)
from judge.report.schema import Report, RunJudge, RunModel, RunRubric, RunWording, Source


def blocks(report: Report) -> list[Block]:
    """The limits of the report, then all that is needed to make it again."""
    run = report.run
    return [
        Heading("What this report does not establish"),
        Bullets(tuple(_limits(report)), tone="note"),
        Heading("Provenance"),
        Facts(tuple((key, value) for key, value in _facts(run) if value)),
        *([_judges(run.judges)] if run.judges else []),
        *family_words.blocks(run.families),
        *(_rubric(rubric) for rubric in run.rubrics if rubric.wordings),
        *_again(report),
    ]


def _limits(report: Report) -> list[str]:
    out = [
        "How other prompts would come out: the intervals cover the choice of items, as if these had "
        "been drawn at random from the kind of items they are.",
        "That a preferred answer is true, safe or useful: a judge sees texts, not their consequences.",
    ]
    if report.agreement is None and not trust.has_labels(report) and not _has_known(report):
        out.insert(0, "That people would say the same: no human labels were compared.")
    if report.run.simulated_judges:
        out.insert(0, "Anything about the systems: simulated judges answer from a rule.")
    if not _length_controlled(report) and not _is_padded(report):
        out.append("How much the length of an answer moved a verdict.")
    if not family_words.is_measured(report):
        out.append("How much an author's kinship to a judge moved a verdict.")
    return out


def _length_controlled(report: Report) -> bool:
    return any(row.length_controlled.value is not None for row in report.comparisons or [])


def _is_padded(report: Report) -> bool:
    """Whether an audit measured what length alone does."""
    batteries = report.judge_audit.batteries if report.judge_audit else []
    return any(one.padding_slope.value is not None for one in batteries)


def _has_known(report: Report) -> bool:
    """Whether an audit held verdicts against labels."""
    batteries = report.judge_audit.batteries if report.judge_audit else []
    return any(row.first.value is not None for one in batteries for row in one.known)


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
        *label_words.facts(run.labels),
        *_beside("labels", run.labels),
        *_beside("padded answers", run.padded),
    ]


def _beside(what: str, source: Source | None) -> list[tuple[str, str]]:
    """A file that was read beside the verdicts."""
    if source is None:
        return []
    rows = "" if source.rows is None else f", {words.count(source.rows)} rows"
    return [(f"{what} from", f"{source.file}{rows}"), (f"hash of the {what}", source.sha256 or "")]


def _plan(run: RunModel) -> list[tuple[str, str]]:
    return [
        ("rubrics", ", ".join(f"{rubric.id} {rubric.fingerprint}" for rubric in run.rubrics)),
        ("orders", run.swap or ""),
        ("merge of orders", run.merge or ""),
        ("margin", "" if run.margin is None else f"{words.points(run.margin)} about 50 %"),
        ("pairs of systems", run.design or ""),
        ("stopping early", "once the answer is known" if run.stop_early else ""),
        ("escalation", "" if run.escalate is None else f"below a confidence of {run.escalate:.3g}"),
        ("style", "told apart from length" if run.style else ""),
        ("penalty of length", _penalty(run)),
        ("repeats", _repeats(run)),
        ("seed", "" if run.seed is None else str(run.seed)),
    ]


def _penalty(run: RunModel) -> str:
    return "" if run.length_penalty is None else f"{run.length_penalty:g} points a doubling"


def _repeats(run: RunModel) -> str:
    if run.repeats is None:
        return ""
    share = run.repeat_share
    many = words.count(run.repeats)
    return many if share is None or share == 1 else f"{many} on {words.percent(share)} of items"


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
        Column("settings as sent" if any(judge.sent for judge in judges) else "settings", "name"),
        Column("address", "name", optional=True),
    )
    return Table(columns, tuple(_judge(judge) for judge in judges))


def _judge(judge: RunJudge) -> tuple[str, ...]:
    return (
        judge.judge,
        _provider(judge),
        judge.model or words.NONE,
        " + ".join(judge.families) or "not declared",
        _settings(judge),
        judge.base_url or "the provider's own",
    )


def _provider(judge: RunJudge) -> str:
    notes = [
        *(["configured endpoint"] if judge.endpoint else []),
        *(["simulated"] if judge.simulated else []),
    ]
    said = f" ({', '.join(notes)})" if notes else ""
    return f"{judge.provider or words.NONE}{said}"


def _settings(judge: RunJudge) -> str:
    """The settings of a request that was made, else those that were asked for; how it was read."""
    known = judge.parameters if judge.sent is None else judge.sent
    said = [f"{key} {_value(value)}" for key, value in known.items() if key != "model"]
    read = ["verdicts by log-probabilities"] if judge.reading == "logprobs" else []
    return ", ".join([*(said or ["defaults"]), *read])


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rubric(rubric: RunRubric) -> Disclosure:
    """What the judges were asked, word for word."""
    facts = (("hash", rubric.fingerprint), ("labels", ", ".join(rubric.labels)))
    asked = tuple((criterion.name, criterion.question) for criterion in rubric.criteria)
    wordings = (block for wording in rubric.wordings for block in _wording(wording))
    return Disclosure(f"Rubric {words.name(rubric.id)}", (Facts((*facts, *asked)), *wordings))


def _wording(wording: RunWording) -> list[Block]:
    of = f" of {words.name(wording.name)}" if wording.name else ""
    return [
        Heading(f"System template{of}", 4),
        Quote(wording.system.strip()),
        Heading(f"User template{of}", 4),
        Quote(wording.user.strip()),
    ]


def _again(report: Report) -> list[Block]:
    """The commands that make this report again and show what stands behind it."""
    run = report.run
    told: tuple[str, ...] = ()
    if run.run_id:
        name = words.name(run.run_id)
        told = (
            f"judge report {name}: this report again, from the store; nothing is asked",
            f"judge show {name} ITEM: an item whole, with all that was said of it",
            f"judge export {name}: every verdict as a table that `judge analyze` reads",
            "each with --store PATH where the run is kept elsewhere than in .judge/store.db",
        )
    elif run.source:
        told = (f"{_from_source(report, run.source)}: this report again; nothing is asked",)
    return [Heading("How to make this report again"), Bullets(told)] if told else []


def _from_source(report: Report, source: Source) -> str:
    """The command that reads the recorded verdicts."""
    audit = report.rubric_audit
    if audit is None:
        return f"judge analyze {words.name(source.file)}"
    form = f" --format {words.name(source.format)}" if source.format else ""
    base = f" --base {words.name(audit.audit.base)}" if audit.audit.base else ""
    return f"judge audit rubric --from {words.name(source.file)}{form}{base}"


SECTION = Section("provenance", blocks, detail=True)
