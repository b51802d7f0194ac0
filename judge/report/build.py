"""From an analysis to the record that every writer reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from judge.aggregate import Analysis, Comparison, JudgeRow, ScoreRow, Slicing
from judge.analysis import anchors
from judge.analysis.anchors import Drift
from judge.analysis.padding import PaddedBy
from judge.audit import Audited
from judge.audit_certificates import AuditStanding
from judge.certificates import Standing
from judge.highlights import highlights
from judge.report import (
    build_agreement,
    build_audit_judge,
    build_audit_rubric,
    build_certificate,
    build_correction,
    build_drift,
    build_early_stop,
    build_families,
    build_length,
    build_panel,
    build_position,
    build_ranking,
    build_selective,
    evidence,
    label_words,
    private,
    schema,
)
from judge.report.accounts import Account
from judge.report.evidence import Texts
from judge.report.schema import E, JudgeEntry, Report, RunJudge, RunModel, RunRubric
from judge.report.words import listed
from judge.table import VerdictTable
from judge.types import Estimate, JudgeModel, Rubric


def build(
    analysis: Analysis,
    *,
    run: RunModel | Mapping[str, Any],
    accounts: Mapping[str, Account] | None = None,
    warnings: Iterable[str] = (),
    table: VerdictTable | None = None,
    texts: Texts | None = None,
    certificates: Sequence[Standing] = (),
    drift: Sequence[Drift] = (),
    audited: Audited | None = None,
    audits: Sequence[AuditStanding] = (),
    padding: PaddedBy | None = None,
) -> Report:
    """The report of an analysis. accounts: judge -> what its calls came to, empty where none was made.

    warnings: said before the analysis's own. table: what was analyzed, for the missing verdicts and
    the examples; texts: item id -> the item, for the examples' texts. certificates: what
    is known of each judge from people; audits: what earlier ones said of it; drift: what its anchors say;
    audited: what this audit asked and found; padding: slopes of filler, from an audit.
    Sections that do not apply are
    None, thus absent.
    """
    accounts = accounts or {}
    provenance = run if isinstance(run, RunModel) else RunModel.model_validate(run)
    shared = _shared(analysis.judges, accounts)
    return Report(
        run=_completed(provenance, analysis, accounts),
        warnings=list(
            dict.fromkeys(
                [
                    *label_words.warnings(provenance.labels),
                    *warnings,
                    *anchors.warnings(drift),
                    *analysis.warnings,
                    *(audited.warnings if audited else _unsplit(shared)),
                ]
            )
        ),
        certificates=[build_certificate.certificate(c, estimate) for c in certificates] or None,
        audits=[build_certificate.audit(one) for one in audits] or None,
        comparisons=[_comparison(row) for row in analysis.comparisons] or None,
        scores=[_score(row) for row in analysis.scores] or None,
        length_slopes=[build_length.slope(one, estimate) for one in analysis.length_slopes] or None,
        slicings=[_slicing(one, analysis) for one in analysis.slicings] or None,
        early_stop=[build_early_stop.stopping(s, estimate) for s in analysis.early_stop] or None,
        escalation=build_selective.escalation(analysis.escalation, accounts),
        selective=[build_selective.selective(s, estimate) for s in analysis.selective] or None,
        ranking=build_ranking.ranking(analysis.ranking, estimate, analysis.people_order),
        judges=[
            _judge(row, None if row.judge in shared else accounts.get(row.judge), padding)
            for row in analysis.judges
        ],
        panels=[build_panel.panel(one, estimate) for one in analysis.panels] or None,
        self_preference=build_families.panels(analysis.self_preference, estimate) or None,
        correction=build_correction.correction(analysis.correction, estimate),
        agreement=build_agreement.agreement(analysis.agreement, estimate, table, texts),
        drift=[build_drift.drift(one, estimate) for one in drift] or None,
        rubric_audit=None
        if audited is None
        else build_audit_rubric.rubric_audit(audited, estimate, accounts),
        judge_audit=None
        if audited is None
        else build_audit_judge.judge_audit(audited, estimate, accounts),
        missing=None if table is None else evidence.missing(table),
        examples=None if table is None else _examples(table, analysis, provenance.seed, texts),
    )


def _examples(
    table: VerdictTable, analysis: Analysis, seed: int | None, texts: Texts | None
) -> list[schema.Example] | None:
    found = highlights(table, analysis, seed=seed or 0)
    return evidence.examples(table, found, texts) or None


def run_judge(judge: JudgeModel, sent: Mapping[str, Any] | None = None) -> RunJudge:
    """A judge as provenance has it; the name of its key's variable and all that may be a key stay out.

    sent: the settings of one of its requests as they went out.
    """
    can = judge.capabilities
    return RunJudge(
        judge=judge.judge,
        provider=judge.provider,
        model=judge.model,
        base_url=judge.base_url and private.address(judge.base_url),
        families=sorted(judge.families),
        parameters=private.hidden(judge.parameters),
        capabilities=schema.RunCapabilities(
            structured=can.structured,
            temperature=can.temperature,
            seed=can.seed,
            logprobs=can.logprobs,
        ),
        prices=schema.RunPrices(
            usd_per_mtok_in=judge.usd_per_mtok_in, usd_per_mtok_out=judge.usd_per_mtok_out
        ),
        simulated=judge.simulated,
        sent=None if sent is None else private.hidden(sent),
        reading=judge.reading,
        endpoint=_endpoint(judge.endpoint),
    )


def _endpoint(endpoint: Mapping[str, Any]) -> dict[str, Any] | None:
    """How an endpoint is asked and read, without the header that takes its key."""
    asked = {name: value for name, value in endpoint.items() if name != "auth"}
    return private.hidden(asked) if asked else None


def run_rubric(rubric: Rubric) -> RunRubric:
    """A rubric as provenance has it: all that a judge could see, and its hash."""
    return RunRubric(
        id=rubric.id,
        fingerprint=rubric.fingerprint,
        mode=rubric.mode,
        labels=list(rubric.scale.labels),
        criteria=[
            schema.RunCriterion(name=c.name, question=c.question, anchors=dict(c.anchors))
            for c in rubric.criteria
        ],
        wordings=[
            schema.RunWording(name=w.name, system=w.system, user=w.user)
            for w in (rubric.wording(), *rubric.variants)
        ],
    )


# -- provenance ----------------------------------------------------------------------------------


def _completed(run: RunModel, analysis: Analysis, accounts: Mapping[str, Account]) -> RunModel:
    """The provenance with what follows from the rest: who is simulated, and sums over the judges."""
    known = {judge.judge for judge in run.judges if judge.simulated}
    seen = {row.judge for row in analysis.judges if row.simulated}
    named = {*run.simulated_judges, *known, *seen}
    sums = _sums(list(accounts.values())) if accounts else {}
    missing = {key: value for key, value in sums.items() if getattr(run, key) is None}
    families = build_families.families(analysis.self_preference)
    return run.model_copy(
        update={"simulated_judges": sorted(named), "families": families, **missing}
    )


def _sums(accounts: Sequence[Account]) -> dict[str, int | float | None]:
    costs = [account.cost_usd for account in accounts]
    return {
        "reused": sum(account.reused for account in accounts),
        "calls": sum(account.calls for account in accounts),
        "attempts": sum(account.attempts for account in accounts),
        "tokens_in": sum(account.tokens_in for account in accounts),
        "tokens_out": sum(account.tokens_out for account in accounts),
        "cost_usd": None if None in costs else sum(cost for cost in costs if cost is not None),
    }


def _shared(rows: Sequence[JudgeRow], accounts: Mapping[str, Account]) -> list[str]:
    """Judges with several rows (rubrics, variants): their account cannot be split over these."""
    rows_of = Counter(row.judge for row in rows)
    return [judge for judge, many in rows_of.items() if many > 1 and judge in accounts]


def _unsplit(shared: Sequence[str]) -> list[str]:
    if not shared:
        return []
    return [
        f"Cost and reuse of {listed(shared)} are known for all rubrics and wordings together only: "
        "see the run's totals."
    ]


# -- rows ----------------------------------------------------------------------------------------


def estimate(e: Estimate) -> E:
    """An estimate as the JSON has it. A rate's name is its key there."""
    return E(**{key: getattr(e, key) for key in E.model_fields})


def _comparison(row: Comparison) -> schema.Comparison:
    return schema.Comparison(
        system=row.system,
        baseline=row.baseline,
        judge=row.judge,
        members=list(row.members),
        rubric=row.rubric,
        variant=row.variant,
        slice=row.slice,
        raw=estimate(row.raw),
        position_adjusted=estimate(row.position_adjusted),
        length_controlled=estimate(row.length_controlled),
        style_controlled=estimate(row.style_controlled),
        matched_length=estimate(row.matched_length),
        log_length_ratio=estimate(row.log_length_ratio),
        length_dependent=row.length_dependent,
        family_adjusted=estimate(row.family_adjusted),
        human_corrected=estimate(row.human_corrected),
        smallest_detectable=row.smallest_detectable,
        conclusion=cast("schema.Conclusion | None", row.conclusion),  # checked by the model
        basis=cast("schema.Basis | None", row.basis),
        notes=list(row.notes),
    )


def _score(row: ScoreRow) -> schema.Score:
    return schema.Score(
        system=row.system,
        judge=row.judge,
        members=list(row.members),
        rubric=row.rubric,
        criterion=row.criterion,
        slice=row.slice,
        raw=estimate(row.raw),
        severity_adjusted=estimate(row.severity_adjusted),
        family_adjusted=estimate(row.family_adjusted),
        adjusted=estimate(row.adjusted),
        penalised=estimate(row.penalised),
        human_corrected=estimate(row.human_corrected),
        difference_from_baseline=estimate(row.difference_from_baseline),
        human_corrected_difference=estimate(row.human_corrected_difference),
    )


def _slicing(one: Slicing, analysis: Analysis) -> schema.Slicing:
    """A slicing with the slices that have a row of its system and judge, in the rows' order."""
    rows: list[Comparison | ScoreRow] = [*analysis.comparisons, *analysis.scores]
    of = (one.system, one.judge, one.rubric)
    own = [r for r in rows if r.slice.startswith(f"{one.name}=") and of == _about(r)]
    return schema.Slicing(
        name=one.name,
        system=one.system,
        baseline=one.baseline or None,
        judge=one.judge,
        rubric=one.rubric,
        unit=one.unit,
        p_value=one.p_value,
        differs=one.differs,
        smallest_detectable=one.smallest_detectable,
        slices=[
            schema.SlicePart(
                slice=r.slice,
                p_value=getattr(r, "p_value", None),
                in_test=r.slice in one.slices,
            )
            for r in own
        ],
        note=one.note,
    )


def _about(row: Comparison | ScoreRow) -> tuple[str, str, str]:
    return (row.system, row.judge, row.rubric)


def _judge(row: JudgeRow, account: Account | None, padding: PaddedBy | None) -> JudgeEntry:
    return JudgeEntry(
        judge=row.judge,
        rubric=row.rubric,
        variant=row.variant,
        planned=row.planned,
        ok=row.ok,
        unparsed=row.unparsed,
        refused=row.refused,
        truncated=row.truncated,
        failed=row.failed,
        not_asked=row.not_asked,
        reused=account.reused if account else None,
        cost_usd=account.cost_usd if account else None,
        position=build_position.position(row.position, estimate),
        length=build_length.length(
            row.verbosity, estimate, build_length.padding(padding, row.judge, row.rubric, estimate)
        ),
        self_preference=build_families.judge_terms(row.self_preference, estimate),
        repetition_stability=estimate(row.repetition_stability),
        repeats=build_panel.repeats(row.repeats, estimate),
    )
