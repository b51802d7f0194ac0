"""A ranking as the report has it."""

from __future__ import annotations

from collections.abc import Callable

from judge.analysis.ranking import JudgeOrder, RankedSystem, Ranking
from judge.analysis.ranking_people import Against, PeopleOrder
from judge.report import schema_ranking as schema
from judge.report.schema_base import E
from judge.types import Estimate

Written = Callable[[Estimate], E]


def ranking(
    found: Ranking | None, written: Written, people: PeopleOrder | None = None
) -> schema.Ranking | None:
    """None where nothing was ranked. written: how an estimate is put down."""
    if found is None:
        return None
    return schema.Ranking(
        systems=[_system(row, written) for row in found.systems],
        connected=found.connected,
        components=[list(part) for part in found.components],
        judge=found.judge,
        members=list(found.members),
        baseline=found.baseline,
        tie_model=found.ties,
        tie_parameter=written(found.tie_parameter),
        transitivity=_misfit(found),
        judges=[_order(row, written) for row in found.judges],
        confidence=found.confidence,
        note=found.note,
        people=_people(people, written),
    )


def _system(row: RankedSystem, written: Written) -> schema.RankedSystem:
    return schema.RankedSystem(
        system=row.system,
        strength=written(row.strength),
        win_probability=written(row.win_probability),
        rank_low=row.rank_low,
        rank_high=row.rank_high,
        p_best=row.p_best,
        letters=list(row.letters),
    )


def _misfit(found: Ranking) -> schema.Misfit:
    """The pair turned so that its first system got more than the order has for it."""
    fit, pair = found.transitivity, found.transitivity.pair
    if pair is None or found.misfit is None:
        return schema.Misfit(
            system=None,
            other=None,
            direct=None,
            fitted=None,
            p_value=None,
            n_tested=fit.n_tested,
            cycles=fit.cycles,
            note=fit.note,
        )
    (system, other), direct, fitted = found.misfit, pair.direct, pair.fitted
    if pair.residual < 0:
        system, other, direct, fitted = other, system, 1 - direct, 1 - fitted
    return schema.Misfit(
        system=system,
        other=other,
        direct=direct,
        fitted=fitted,
        p_value=fit.p_value,
        n_tested=fit.n_tested,
        cycles=fit.cycles,
        note=fit.note,
    )


def _order(row: JudgeOrder, written: Written) -> schema.JudgeOrder:
    return schema.JudgeOrder(
        judge=row.judge,
        rubric=row.rubric,
        variant=row.variant,
        systems=list(row.systems),
        kendall_tau=written(row.kendall_tau),
    )


# -- people's own order --------------------------------------------------------------------------


def _people(found: PeopleOrder | None, written: Written) -> schema.PeopleOrder | None:
    if found is None:
        return None
    return schema.PeopleOrder(
        systems=[_by_people(row, written) for row in found.systems],
        n_pairs=found.n_pairs,
        n_raters=found.n_raters,
        judges=[_against(row, written) for row in found.judges],
        note=found.note,
    )


def _by_people(row: RankedSystem, written: Written) -> schema.PeopleSystem:
    return schema.PeopleSystem(
        system=row.system,
        strength=written(row.strength),
        rank_low=row.rank_low,
        rank_high=row.rank_high,
        letters=list(row.letters),
    )


def _against(row: Against, written: Written) -> schema.AgainstPeople:
    return schema.AgainstPeople(
        judge=row.judge,
        rubric=row.rubric,
        variant=row.variant,
        kendall_tau=written(row.kendall_tau),
        swaps=[schema.Swap(first=s.first, then=s.then, is_told=s.is_told) for s in row.swaps],
    )
