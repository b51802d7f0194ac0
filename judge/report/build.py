"""From an analysis to the record that every writer reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from judge.report import schema
from judge.report.schema import E, JudgeEntry, Length, Report, RunJudge, RunModel, RunRubric
from judge.report.words import listed
from judge.types import Estimate, JudgeModel, Rubric

if TYPE_CHECKING:  # only read here; importing it would load pandas
    from judge.aggregate import Analysis, Comparison, JudgeRow, ScoreRow
    from judge.controls.position import Position


class Account(Protocol):
    """What a run's store knows of a judge's calls."""

    @property
    def reused(self) -> int: ...
    @property
    def cost_usd(self) -> float | None: ...
    @property
    def calls(self) -> int: ...
    @property
    def attempts(self) -> int: ...
    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...


SELF_PREFERENCE = {"note": "not measured: the families of systems and judges were not compared"}


def build(
    analysis: Analysis,
    *,
    run: RunModel | Mapping[str, Any],
    accounts: Mapping[str, Account] | None = None,
    warnings: Iterable[str] = (),
) -> Report:
    """The report of an analysis. accounts: judge -> what its calls came to, empty where none was made.

    warnings: said before the analysis's own. Sections that do not apply are None, thus absent.
    """
    accounts = accounts or {}
    provenance = run if isinstance(run, RunModel) else RunModel.model_validate(run)
    shared = _shared(analysis.judges, accounts)
    return Report(
        run=_completed(provenance, analysis, accounts),
        warnings=list(dict.fromkeys([*warnings, *analysis.warnings, *_unsplit(shared)])),
        comparisons=[_comparison(row) for row in analysis.comparisons] or None,
        scores=[_score(row) for row in analysis.scores] or None,
        judges=[
            _judge(row, None if row.judge in shared else accounts.get(row.judge))
            for row in analysis.judges
        ],
    )


def run_judge(judge: JudgeModel) -> RunJudge:
    """A judge as provenance has it; the name of its key's variable stays out."""
    can = judge.capabilities
    return RunJudge(
        judge=judge.judge,
        provider=judge.provider,
        model=judge.model,
        base_url=judge.base_url,
        families=sorted(judge.families),
        parameters=dict(judge.parameters),
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
    )


def run_rubric(rubric: Rubric) -> RunRubric:
    """A rubric as provenance has it."""
    return RunRubric(id=rubric.id, fingerprint=rubric.fingerprint)


# -- provenance ----------------------------------------------------------------------------------


def _completed(run: RunModel, analysis: Analysis, accounts: Mapping[str, Account]) -> RunModel:
    """The provenance with what follows from the rest: who is simulated, and sums over the judges."""
    known = {judge.judge for judge in run.judges if judge.simulated}
    seen = {row.judge for row in analysis.judges if row.simulated}
    named = {*run.simulated_judges, *known, *seen}
    sums = _sums(list(accounts.values())) if accounts else {}
    missing = {key: value for key, value in sums.items() if getattr(run, key) is None}
    return run.model_copy(update={"simulated_judges": sorted(named), **missing})


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
        length_controlled=estimate(row.length_controlled),
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
        adjusted=estimate(row.adjusted),
        difference_from_baseline=estimate(row.difference_from_baseline),
    )


def _judge(row: JudgeRow, account: Account | None) -> JudgeEntry:
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
        position=_position(row.position),
        length=Length(coefficient=estimate(row.length_coefficient), scale=row.length_scale),
        self_preference=dict(row.self_preference or SELF_PREFERENCE),
        repetition_stability=estimate(row.repetition_stability),
    )


def _position(position: Position) -> schema.Position:
    return schema.Position(
        consistency=estimate(position.consistency),
        preference_fairness=estimate(position.preference_fairness),
        first_shown_rate=estimate(position.first_shown_rate),
        p_value=position.p_value,
        n_pairs=position.n_pairs,
    )
