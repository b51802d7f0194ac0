"""From what was compared between runs to the record that every writer reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from judge.report.build import estimate
from judge.report.diff_schema import (
    Conclusion,
    Diff,
    DiffAspect,
    DiffChange,
    DiffFlip,
    DiffJudge,
    DiffJudgeRun,
    DiffRun,
    DiffVerdicts,
)
from judge.report.schema import E
from judge.report.words import count, counted, listed, name
from judge.types import PANEL, Estimate, Run

if TYPE_CHECKING:  # only read here; importing them would load pandas
    from judge.aggregate import Analysis, JudgeRow
    from judge.diff.match import Names, Roles
    from judge.diff.moves import Change
    from judge.diff.same import Aspect
    from judge.diff.verdicts import Flips
    from judge.report.accounts import Account

SIMULATED = "the judges are simulated: that something moved shows that the software works, no more"


def build(
    *,
    runs: Sequence[DiffRun],
    common_items: int,
    aspects: Sequence[Aspect],
    changes: Sequence[Change],
    own_names: Sequence[Names],
    analyses: Sequence[Analysis],
    accounts: Sequence[Mapping[str, Account]],
    flips: Sequence[Flips],
    warnings: Sequence[str],
) -> Diff:
    """The diff. own_names: per run, name in the first run -> its own. warnings: said before our own."""
    made = [_change(change, own_names) for change in changes]
    verdicts = [_verdicts(found) for found in flips]
    told = [_aspect(aspect) for aspect in aspects]
    said = [
        *warnings,
        *_panels(made),
        *([] if any(a.is_cause for a in told) else _nothing_asked(verdicts)),
        *([SIMULATED] if any(analysis.simulated for analysis in analyses) else []),
        *_of_runs(analyses),
    ]
    return Diff(
        runs=list(runs),
        common_items=common_items,
        warnings=list(dict.fromkeys(said)),
        aspects=told,
        changes=made,
        judges=list(_judges(analyses, accounts)),
        verdicts=verdicts,
    )


def run_model(run: Run, store: str, roles: Roles, items: int) -> DiffRun:
    """A run as the diff names it."""
    config = run.config
    return DiffRun(
        run_id=run.run_id,
        store=store,
        command=run.command,
        state=run.state,
        started_at=run.started_at,
        items=items,
        items_hash=run.items_hash,
        systems=list(roles.systems),
        baseline=roles.baseline,
        rubrics=[f"{r['name']}@{r['version']}" for r in config.get("rubrics", ())],
        judges=[str(judge["judge"]) for judge in config.get("judges", ())],
        cost_usd=run.cost_usd,
    )


# -- rows ----------------------------------------------------------------------------------------


def _aspect(aspect: Aspect) -> DiffAspect:
    from judge.diff.same import CAUSES

    return DiffAspect(
        kind=aspect.kind,
        name=aspect.name,
        same=aspect.same,
        said=aspect.said,
        is_cause=not aspect.same and aspect.kind in CAUSES,
    )


def _change(change: Change, own_names: Sequence[Names]) -> DiffChange:
    key = change.key
    return DiffChange(
        system=key.system,
        baseline=key.baseline or None,
        judge=key.judge,
        rubric=key.rubric,
        variant=key.variant,
        criterion=key.criterion,
        systems=[names.get(key.system, key.system) for names in own_names],
        members=[list(members) for members in change.members],
        values=[estimate(value) for value in change.values],
        from_first=[_or_none(e) for e in change.from_first],
        from_previous=[_or_none(e) for e in change.from_previous],
        decides=change.decides,
        p_value=change.p_value,
        n_tests=change.n_tests,
        conclusion=cast("Conclusion | None", change.conclusion),  # checked by the model
    )


def _or_none(e: Estimate | None) -> E | None:
    return None if e is None else estimate(e)


def _judges(
    analyses: Sequence[Analysis], accounts: Sequence[Mapping[str, Account]]
) -> Iterator[DiffJudge]:
    """The judges of every run, by wording."""
    rows = [{(j.judge, j.rubric, j.variant): j for j in a.judges} for a in analyses]
    several = Counter(judge for judge, _, _ in rows[0])
    for judge, rubric, variant in rows[0]:
        own = [of_run.get((judge, rubric, variant)) for of_run in rows]
        if any(row is None for row in own):
            continue
        yield DiffJudge(
            judge=judge,
            rubric=rubric,
            variant=variant,
            runs=[
                _judge_run(row, None if several[judge] > 1 else account.get(judge))
                for row, account in zip(own, accounts, strict=True)
                if row is not None
            ],
        )


def _judge_run(row: JudgeRow, account: Account | None) -> DiffJudgeRun:
    return DiffJudgeRun(
        consistency=estimate(row.position.consistency),
        first_shown_rate=estimate(row.position.first_shown_rate),
        wanted=row.wanted,
        missing=row.missing,
        missing_share=row.missing_share,
        cost_usd=account.cost_usd if account else None,
        reused=account.reused if account else None,
    )


def _verdicts(found: Flips) -> DiffVerdicts:
    fields = {name: getattr(found, name) for name in DiffVerdicts.model_fields if name != "first"}
    first = [
        DiffFlip(**{name: getattr(flip, name) for name in DiffFlip.model_fields})
        for flip in found.first
    ]
    return DiffVerdicts(**fields, first=first)


# -- what to warn of -----------------------------------------------------------------------------


def _panels(changes: Sequence[DiffChange]) -> Iterator[str]:
    for change in changes:
        members = {tuple(sorted(of_run)) for of_run in change.members}
        if change.judge == PANEL and len(members) > 1:
            each = "; ".join(
                f"run {n} {listed(of_run)}" for n, of_run in enumerate(change.members, 1)
            )
            yield f"the panel is not made of the same judges: {each}"


def _nothing_asked(verdicts: Sequence[DiffVerdicts]) -> Iterator[str]:
    """Answers that both runs share say nothing about how steady a judge is."""
    for row in verdicts:
        if row.same_answer:
            yield (
                f"{name(row.judge)}: {count(row.same_answer)} of "
                f"{counted(row.compared, 'verdict')} were read in the same stored answers in both "
                "runs and could not differ; --fresh asks again"
            )


def _of_runs(analyses: Sequence[Analysis]) -> Iterator[str]:
    """The warnings of the runs' own numbers, with the runs that they are about."""
    runs: dict[str, list[int]] = {}
    for number, analysis in enumerate(analyses, 1):
        for warning in analysis.warnings:
            runs.setdefault(warning, []).append(number)
    for warning, numbers in runs.items():
        yield f"run {', '.join(map(str, numbers))}: {warning}"
