"""From stored or recorded verdicts to a report, its files, and the exit code that it stands for."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from judge import aggregate, audit, registry
from judge.aggregate import Analysis, JudgeRow
from judge.analysis.agree_asked import USUAL, AgreeAsked
from judge.analysis.anchors import Drift
from judge.analysis.anchors import warnings as drift_warnings
from judge.analysis.audit_asked import AuditAsked
from judge.analysis.early_stop import EarlyStop
from judge.analysis.padding import PaddedBy
from judge.analysis.padding import warnings as filler_warnings
from judge.analysis.ranking import Ties
from judge.doctor.evidence import system_names
from judge.errors import InputError
from judge.families import matched
from judge.plan import is_priced
from judge.report import build, html, schema, terminal
from judge.report.blocks import Section
from judge.report.schema import Report, RunModel
from judge.stats.merge import AVERAGE
from judge.stats.slices import Slice
from judge.store import Account, Store
from judge.table import VerdictTable
from judge.types import HumanLabel, Run, Scale, Status
from judge.workflow import (
    anchors,
    audit_certify,
    audit_gates,
    certify,
    early_stopping,
    gates,
    run_labels,
    slicing,
)
from judge.workflow import padded as fillers
from judge.workflow.options import store_flag
from judge.workflow.recipe import RANK, Recipe, from_config
from judge.workflow.slicing import Chosen
from judge.workflow.verdicts import verdicts_of
from judge.workflow.whole_files import replaced

CONCLUSION_GATES = ("worse", "not-better")
GATES = (*CONCLUSION_GATES, "drift")
AUDITS = ("audit rubric", "audit judge")
AUDIT_SECTIONS = ("audit_rubric", "audit_judge", "missing", "provenance")
AGREE_FIRST = ("agreement_lead", "agreement", "correction", "selective")

# Exit codes, the one that decides first where several hold.
DONE, GATE, INPUT, MISSING, BUDGET, INTERRUPTED = 0, 1, 2, 3, 4, 130
_PRECEDENCE = (INPUT, INTERRUPTED, BUDGET, MISSING, GATE)


@dataclass(frozen=True, slots=True)
class Result:
    """What a command came to: the report, its exit code with the reasons, and the files written.

    table: the verdicts that the report was made from. store: where the run is kept, which a report that
    is sent to others does not say.
    """

    report: Report
    table: VerdictTable
    exit_code: int = DONE
    reasons: tuple[str, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    run_id: str | None = None
    store: str | None = None

    def text(self, *, width: int = 80, color: bool = False) -> str:
        """The report for a terminal."""
        named = [f"{name}: {path}" for name, path in self.files.items()]
        if self.store and (flag := store_flag(self.store)):
            named.append(f"store: {self.store}; `judge show` and the like need{flag}")
        ordered = sections(self.report.run.command)
        return terminal.render(self.report, ordered, width=width, color=color, files=named)

    def json(self) -> str:
        """The report as JSON."""
        return schema.to_json(self.report)

    def html(self) -> str:
        """The report as one self-contained page."""
        return html.render(self.report, sections(self.report.run.command))


def sections(command: str | None = None) -> list[Section]:
    """The report's sections in the order in which they are shown.

    `agree` leads with agreement; an audit shows nothing but what was audited and how.
    """
    known = registry.names("sections")
    if command in AUDITS:
        return [registry.load("sections", name) for name in AUDIT_SECTIONS]
    first = [name for name in AGREE_FIRST if name in known] if command == "agree" else []
    ordered = [*first, *(name for name in known if name not in first)]
    return [registry.load("sections", name) for name in ordered]


def of_run(
    store: Store,
    run_id: str,
    *,
    recipe: Recipe | None = None,
    labels: Sequence[HumanLabel] | None = None,
) -> Result:
    """The report of a run from what the store holds, finished or not.

    recipe, labels: in the place of those that the run was stored with.
    """
    run = store.run(run_id)
    recipe = recipe or from_config(run.config)
    table = verdicts_of(store, run, recipe)
    sliced = _slices_of_run(store, run, recipe, table)
    audited = audit.measured(table, recipe.audit, seed=recipe.seed) if recipe.audit else None
    analysis = _analysis(store, run, recipe, table, sliced.slices, labels)
    accounts = store.accounting(run_id)
    drift = anchors.drift_of(store, run, recipe)
    states = _states(run, store)
    report = build.build(
        analysis,
        run=_provenance(
            run, recipe, items=_count_items(store, run, recipe), sent=_sent(store, run, table)
        ),
        accounts=accounts,
        warnings=[
            *recipe.warnings,
            *(text for _, text in states),
            *_stopped(run),
            *_uncounted(recipe, accounts),
            *sliced.warnings,
            *(recipe.labels.warnings if recipe.labels else ()),
            *_of_filler(analysis, recipe.padded),
        ],
        table=table,
        texts=partial(store.item, run_id),
        certificates=certify.standings(store, run, recipe),
        audits=audit_certify.standings(store, run, recipe),
        drift=drift,
        audited=audited,
        padding=recipe.padded,
    )
    problems = [
        *states,
        *_all_lost(analysis, run),
        *_missing(analysis, table, recipe.max_missing),
        *_held(analysis, drift, audited, recipe.fail_if),
    ]
    code, reasons = decided(problems)
    return Result(report, table, code, reasons, run_id=run_id, store=store.name)


def _analysis(
    store: Store,
    run: Run,
    recipe: Recipe,
    table: VerdictTable,
    slices: Sequence[Slice],
    labels: Sequence[HumanLabel] | None,
) -> Analysis:
    """What the verdicts of a run say; an audit's say nothing about systems."""
    if recipe.audit:
        return audit.analysis(table)
    return aggregate.analyze(
        table,
        baseline=recipe.baseline,
        slices=slices,
        equivalence_margin=recipe.margin,
        merge=recipe.merge,
        ties=recipe.ties,
        ranks=recipe.command == RANK,
        families=declared(system_names(table), recipe.families),
        aliases={judge.judge: judge.model for judge in recipe.judges},
        early_stop=_early_stop(store, run, recipe),
        escalate=recipe.escalate,
        style=recipe.style,
        length_penalty=recipe.length_penalty,
        padded=fillers.table_of(store, run.run_id, recipe),
        labels=run_labels.of_run(store, recipe) if labels is None else labels,
        scales=run_labels.scales_of(recipe),
        agree=recipe.agree,
        seed=recipe.seed,
    )


def _count_items(store: Store, run: Run, recipe: Recipe) -> int:
    """The items of a run, anchors left out."""
    n_anchors = len(recipe.anchors.answers) if recipe.anchors else 0
    return store.count_items(run.run_id) - n_anchors


def _held(
    analysis: Analysis,
    drift: Sequence[Drift],
    audited: audit.Audited | None,
    conditions: Sequence[str],
) -> list[tuple[int, str]]:
    """The conditions of --fail-if that hold; an audit has its own."""
    if audited is not None:
        return [(GATE, why) for why in audit_gates.failed(conditions, audited)]
    return [*_gated(analysis, conditions), *_drifted(drift, conditions)]


def _drifted(drift: Sequence[Drift], conditions: Sequence[str]) -> list[tuple[int, str]]:
    """The alarms of --fail-if drift, or that nothing can raise one."""
    if "drift" not in conditions:
        return []
    if not drift:
        return [(GATE, "--fail-if drift: this run has no anchors; give them with --anchors")]
    return [(GATE, f"--fail-if drift: {told}") for told in drift_warnings(drift)]


def _early_stop(store: Store, run: Run, recipe: Recipe) -> EarlyStop | None:
    """How the run was read, where it could stop early."""
    if not recipe.stop_early:
        return None
    return early_stopping.settings(recipe, recipe.plan(recipe.own(store.items(run.run_id))))


def _slices_of_run(store: Store, run: Run, recipe: Recipe, table: VerdictTable) -> Chosen:
    """The slices of a run. Its items are read for columns that the table of its verdicts lacks."""
    from_table = {*slicing.USUAL, slicing.NONE} >= set(recipe.slices)
    known = (
        slicing.of_table(table)
        if from_table
        else slicing.of_items(recipe.own(store.items(run.run_id)))
    )
    return slicing.chosen(recipe.slices, known)


def of_table(
    table: VerdictTable,
    run: RunModel,
    *,
    baseline: str | None,
    families: Mapping[str, frozenset[str]],
    max_missing: float,
    fail_if: Sequence[str],
    warnings: Sequence[str] = (),
    slices: Sequence[str] = (),
    margin: float | None = None,
    merge: str = AVERAGE,
    ties: Ties = "half",
    labels: Sequence[HumanLabel] = (),
    padded: VerdictTable | None = None,
    padding: PaddedBy | None = None,
    length_penalty: float | None = None,
    style: bool = False,
    scales: Mapping[str, Scale] = {},
    agree: AgreeAsked = USUAL,
    seed: int = 0,
) -> Result:
    """The report of verdicts recorded elsewhere.

    slices and those after it: as with the flags, with labels and padded verdicts read already. padding:
    the slopes of filler that an audit found.
    """
    sliced = slicing.chosen(slices, slicing.of_table(table))
    analysis = aggregate.analyze(
        table,
        baseline=baseline,
        families=families,
        slices=sliced.slices,
        equivalence_margin=margin,
        merge=merge,
        ties=ties,
        labels=labels,
        padded=padded,
        length_penalty=length_penalty,
        style=style,
        scales=scales,
        agree=agree,
        seed=seed,
    )
    report = build.build(
        analysis,
        run=run,
        warnings=[*warnings, *sliced.warnings, *_of_filler(analysis, padding)],
        table=table,
        certificates=certify.recorded(table),
        padding=padding,
    )
    code, reasons = decided([*_missing(analysis, table, max_missing), *_gated(analysis, fail_if)])
    return Result(report, table, code, reasons)


def of_recorded_audit(
    table: VerdictTable,
    run: RunModel,
    asked: AuditAsked,
    *,
    max_missing: float,
    fail_if: Sequence[str],
    warnings: Sequence[str] = (),
    seed: int = 0,
) -> Result:
    """The report of an audit from verdicts recorded elsewhere. asked: what these are of."""
    audited, analysis = audit.measured(table, asked, seed=seed), audit.analysis(table)
    report = build.build(analysis, run=run, warnings=warnings, table=table, audited=audited)
    problems = [*_missing(analysis, table, max_missing), *_held(analysis, (), audited, fail_if)]
    code, reasons = decided(problems)
    return Result(report, table, code, reasons)


def declared(
    names: Iterable[str], patterns: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Name -> the families of the patterns that fit it, those that none fits left out."""
    return {name: found for name in names if (found := matched([name], patterns))}


def decided(problems: Sequence[tuple[int, str]]) -> tuple[int, tuple[str, ...]]:
    """The exit code that comes first among several, and every reason."""
    codes = {code for code, _ in problems}
    first = next((code for code in _PRECEDENCE if code in codes), DONE)
    return first, tuple(dict.fromkeys(text for _, text in problems))


def check_gates(conditions: Sequence[str]) -> None:
    """Raises InputError for a condition of --fail-if that nothing can decide."""
    unknown = [c for c in conditions if c not in GATES and not gates.is_of_agreement(c)]
    if unknown:
        known = ", ".join((*GATES, *gates.KNOWN))
        raise InputError(f"--fail-if {unknown[0]}: known conditions are {known}")


def check_folder(folder: Path | None) -> None:
    """Raises InputError where no report can be written to the folder, before anything is spent."""
    if folder is None:
        return
    try:
        place = next(p for p in (folder, *folder.parents) if os.path.lexists(p))
        problem = "" if place.is_dir() else f"{place} is a file"
        if not problem and not os.access(place, os.W_OK | os.X_OK):
            problem = f"{place} may not be written to"
    except (OSError, ValueError) as error:
        problem = str(getattr(error, "strerror", None) or error)
    if problem:
        raise InputError(
            f"{folder}: the report cannot be written there: {problem}; choose another --out"
        )


def write(result: Result, folder: Path) -> Result:
    """The result with its files: report.json and report.html, each whole or not at all."""
    texts = {"report.json": result.json(), "report.html": result.html()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            name: replaced(folder / name, text, errors="surrogatepass")
            for name, text in texts.items()
        }
    except OSError as error:
        raise InputError(
            f"{folder}: the report cannot be written there: {error.strerror}; choose another --out"
        ) from error
    return replace(result, files=files)


def _sent(store: Store, run: Run, table: VerdictTable) -> dict[str, Mapping[str, Any]]:
    """Judge -> the settings of one of its requests, of the first item that it gave a verdict on."""
    frame = table.frame
    first = frame[frame["status"] == Status.OK].drop_duplicates("judge")
    found: dict[str, Mapping[str, Any]] = {}
    for judge, item_id in first[["judge", "item_id"]].astype(object).itertuples(index=False):
        own = [j for j in store.judgments(run.run_id, item_id) if j.trial.judge == judge]
        stored = store.calls([j.reused for j in own if j.reused is not None])
        calls = [*(call for j in own for call in j.calls), *stored.values()]
        answers = [call.completion for call in calls if call.completion is not None]
        if answers:
            found[judge] = answers[0].sent
    return found


def _provenance(
    run: Run, recipe: Recipe, *, items: int, sent: Mapping[str, Mapping[str, Any]]
) -> RunModel:
    return RunModel(
        run_id=run.run_id,
        command=run.command,
        started_at=run.started_at,
        ended_at=run.ended_at,
        state=run.state,
        seed=run.seed,
        items_hash=run.items_hash,
        items=items,
        rubrics=[build.run_rubric(rubric) for rubric in recipe.rubrics],
        judges=[build.run_judge(judge, sent.get(judge.judge)) for judge in recipe.judges],
        versions=dict(run.packages),
        swap=recipe.swap if recipe.mode == "pairwise" else None,
        repeats=recipe.repeats,
        repeat_share=recipe.repeat_share,
        margin=recipe.margin,
        merge=recipe.merge if recipe.mode == "pairwise" else None,
        design=recipe.design,
        stop_early=recipe.stop_early,
        escalate=recipe.escalate.threshold if recipe.escalate else None,
        style=recipe.style if recipe.mode == "pairwise" else None,
        length_penalty=recipe.length_penalty,
        labels=recipe.labels.source if recipe.labels else None,
        padded=fillers.source_of(recipe.padded),
    )


def _states(run: Run, store: Store) -> list[tuple[int, str]]:
    again = (
        f"`judge resume {run.run_id}{store_flag(store.name)}` goes on without asking anything twice"
    )
    if run.state == "budget":
        return [(BUDGET, f"the budget was reached before the end; with more --max-cost, {again}")]
    if run.state != "done":
        return [(INTERRUPTED, f"the run is not finished; {again}")]
    return []


def _of_filler(analysis: Analysis, padding: PaddedBy | None) -> list[str]:
    """What is to be said of the slopes of filler that an audit found."""
    return [*(padding.warnings if padding else ()), *filler_warnings(analysis.judges, padding)]


def _stopped(run: Run) -> list[str]:
    """What stopped judges, one sentence each."""
    return [f"judge {judge} was stopped: {why}" for judge, why in run.stopped.items()]


def _all_lost(analysis: Analysis, run: Run) -> list[tuple[int, str]]:
    """Where no judge gave a single verdict before it was stopped, the caller must change that."""
    if analysis.judges and all(r.judge in run.stopped and not r.ok for r in analysis.judges):
        return [(INPUT, text) for text in _stopped(run)]
    return []


def _uncounted(recipe: Recipe, accounts: Mapping[str, Account]) -> list[str]:
    """The judges that have a price and an API that did not say what it counted."""
    return [
        f"judge {judge.judge} did not say how many tokens some answers took: their cost is unknown, "
        "and a budget counts each at the most that it can be"
        for judge in recipe.judges
        if is_priced(judge) and judge.judge in accounts and accounts[judge.judge].cost_usd is None
    ]


def _missing(analysis: Analysis, table: VerdictTable, most: float) -> list[tuple[int, str]]:
    """The judges that lack too large a share of their trials, all wordings together."""
    shares = {
        judge: sum(row.missing for row in rows) / max(sum(row.wanted for row in rows), 1)
        for judge, rows in _by_judge(analysis.judges).items()
    }
    return [
        (
            MISSING,
            f"judge {judge} has no verdict on {100 * share:.1f} % of its trials "
            f"(--max-missing {most:g}){_commonest(table, judge)}",
        )
        for judge, share in shares.items()
        if share > most
    ]


def _commonest(table: VerdictTable, judge: str) -> str:
    """The reason that most of a judge's failed trials give."""
    frame = table.frame
    failed = frame[(frame["judge"] == judge) & (frame["status"] == "failed")]
    said = Counter(failed["reason"].astype(str)).most_common(1)
    return f"; most often: {said[0][0]}" if said and said[0][0] else ""


def _by_judge(rows: Iterable[JudgeRow]) -> dict[str, list[JudgeRow]]:
    grouped: dict[str, list[JudgeRow]] = {}
    for row in rows:
        grouped.setdefault(row.judge, []).append(row)
    return grouped


def _gated(analysis: Analysis, conditions: Sequence[str]) -> list[tuple[int, str]]:
    """The conditions of --fail-if that hold; conclusions stand on the deciding rows only."""
    check_gates(conditions)
    of_agreement = [(GATE, why) for why in gates.failed(conditions, analysis.agreement)]
    conditions = [c for c in conditions if c in CONCLUSION_GATES]
    decided_rows = [r for r in analysis.comparisons if r.conclusion is not None and not r.slice]
    if conditions and not decided_rows:
        none = f"--fail-if {conditions[0]}: there is no conclusion to hold it against"
        return [*of_agreement, (GATE, none)]
    return of_agreement + [
        (GATE, f"--fail-if {condition}: {row.system} against {row.baseline}: {row.conclusion}")
        for condition in conditions
        for row in decided_rows
        if (row.conclusion == "worse" if condition == "worse" else row.conclusion != "better")
    ]
