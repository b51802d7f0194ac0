"""A system that says the same to everything, through the pipeline that ranks systems: it must be last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from judge import aggregate
from judge.aggregate import Analysis
from judge.analysis.audit_asked import CONSTANT, AuditAsked, origin
from judge.analysis.judge_audit import ConstantAnswer
from judge.analysis.ranking import Ranking
from judge.stats import sign_flip
from judge.stats.comparisons import Comparison
from judge.stats.intervals import Floats, joined, undefined
from judge.stats.values import points
from judge.table import VerdictTable, against
from judge.types import Estimate

BY_RATES = "no ranking could be made: placed by its win rates"
_NO_ROW = "no verdict"
ALPHA = 0.05
UNSURE = "neither shown to lose to every system nor to win against one"


def constant_answer(
    table: VerdictTable, part: pd.DataFrame, asked: AuditAsked, *, confidence: float = 0.95
) -> ConstantAnswer | None:
    """Where the constant answer comes out among the systems; None where it was not asked.

    part: the rows of one judge under one rubric. Perturbed answers are left out, and so are repeats, since
    the constant answer is asked once.
    """
    own = replace(table, frame=_unperturbed(table, part, asked), warnings=())
    names = _systems(own)
    if CONSTANT not in names or len(names) < 2:
        return None
    if own.mode == "single":
        return _of_scores(own, confidence)
    return _of_pairs(own, [name for name in names if name != CONSTANT], confidence)


def _unperturbed(table: VerdictTable, part: pd.DataFrame, asked: AuditAsked) -> pd.DataFrame:
    columns = ("system",) if table.mode == "single" else ("system_a", "system_b")
    kept = (part["repeat"] == part["repeat"].min()).to_numpy(copy=True)
    for column in columns:
        made = [bool(origin(str(n), asked.perturbations)[1]) for n in part[column].cat.categories]
        kept &= ~np.array(made)[part[column].cat.codes.to_numpy()]
    known: pd.DataFrame = part.loc[kept]
    names = sorted({str(name) for column in columns for name in known[column].unique()})
    own = {column: known[column].cat.set_categories(names) for column in columns}
    return known.assign(**own)


def _systems(table: VerdictTable) -> list[str]:
    columns = ("system",) if table.mode == "single" else ("system_a", "system_b")
    return sorted({str(name) for column in columns for name in table.frame[column].unique()})


# -- pairs ---------------------------------------------------------------------------------------


def _of_pairs(table: VerdictTable, names: Sequence[str], confidence: float) -> ConstantAnswer:
    met = set(_systems(against(table, CONSTANT)))
    real = [name for name in names if name in met]
    found = [aggregate.analyze(table, baseline=name, confidence=confidence) for name in real]
    rows = [_compared(one) for one in found]
    rates = tuple(_of(row, "raw", confidence) for row in rows)
    rank, n_ranked, note = _rank(found[0].ranking, rates)
    is_last = _is_last(rank, n_ranked, [_leads(table, name) for name in real])
    return ConstantAnswer(
        systems=tuple(real),
        win_rates=rates,
        length_controlled=tuple(_of(row, "length_controlled", confidence) for row in rows),
        rank=rank,
        n_ranked=n_ranked,
        is_last=is_last,
        note=joined(note, UNSURE if rank is not None and is_last is None else ""),
    )


def _leads(table: VerdictTable, system: str) -> Floats:
    """Of each cluster by how much the constant answer won more than it lost against a system."""
    frame = against(table, CONSTANT).frame
    is_a = (frame["system_a"] == CONSTANT).to_numpy()
    rival = np.where(is_a, frame["system_b"].astype(object), frame["system_a"].astype(object))
    got = points(frame).to_numpy(dtype=np.float64)
    lead = np.where(is_a, 2 * got - 1, 1 - 2 * got)
    kept = (rival == system) & ~np.isnan(lead)
    return sign_flip.cluster_sums(lead[kept], frame["cluster"].to_numpy()[kept])


def _compared(found: Analysis) -> Comparison | None:
    """The constant answer against the baseline of an analysis."""
    rows = found.comparisons
    return next((row for row in rows if row.system == CONSTANT and not row.slice), None)


def _of(row: Comparison | None, field: str, confidence: float) -> Estimate:
    found: Estimate = (
        undefined(field, "rate", _NO_ROW, confidence) if row is None else getattr(row, field)
    )
    return found


def _rank(ranking: Ranking | None, rates: Sequence[Estimate]) -> tuple[int | None, int, str]:
    """Its rank from the best, of how many, and how it was found where that was not by the ranking."""
    ranked = [one.system for one in ranking.systems] if ranking is not None else []
    if CONSTANT in ranked:
        return ranked.index(CONSTANT) + 1, len(ranked), ""
    known = [rate.value for rate in rates if rate.value is not None]
    if len(known) < len(rates) or not known:
        return None, len(rates) + 1, _NO_ROW
    return 1 + sum(value <= 0.5 for value in known), len(known) + 1, BY_RATES


# -- scores --------------------------------------------------------------------------------------


def _of_scores(table: VerdictTable, confidence: float) -> ConstantAnswer:
    """By mean scores; two that are equal share the worse place."""
    found = aggregate.analyze(table, confidence=confidence).scores
    rows = [row for row in found if not row.criterion and not row.slice]
    known = [row for row in rows if row.raw.value is not None]
    known.sort(key=lambda row: (-(row.raw.value or 0.0), row.system == CONSTANT))
    own = next((row.raw.value for row in known if row.system == CONSTANT), None)
    rank = None if own is None else sum((row.raw.value or 0.0) >= own for row in known)
    real = [row.system for row in known if row.system != CONSTANT]
    leads = [] if rank is None else [_score_leads(table, name) for name in real]
    is_last = _is_last(rank, len(known), leads)
    return ConstantAnswer(
        systems=tuple(row.system for row in known),
        win_rates=tuple(row.raw for row in known),
        length_controlled=(),
        rank=rank,
        n_ranked=len(known),
        is_last=is_last,
        note=_NO_ROW if rank is None else "" if is_last is not None else UNSURE,
    )


def _score_leads(table: VerdictTable, system: str) -> Floats:
    """Of each cluster by how much the constant answer scored more than a system's on the same items."""
    frame = table.frame
    own = frame[(frame["criterion"] == "") & frame["score"].notna()]
    by = own.assign(system=own["system"].astype(str)).pivot_table(
        index=["cluster", "item_id"], columns="system", values="score", observed=True
    )
    lead = (by[CONSTANT] - by[system]).dropna()
    return sign_flip.cluster_sums(
        lead.to_numpy(dtype=np.float64), lead.index.get_level_values("cluster").to_numpy()
    )


# -- how sure ------------------------------------------------------------------------------------


def _is_last(rank: int | None, n_ranked: int, leads: Sequence[Floats]) -> bool | None:
    """True where the last in rank was shown to lose to every system, False where another wins against one.

    Exact one-sided tests of the signs of its leads; of winning by Bonferroni. None where neither was shown:
    few items order by chance systems that are near each other.
    """
    if rank is None or not leads:
        return None
    if rank == n_ranked:
        return True if max(_upwards(-lead) for lead in leads) <= ALPHA else None
    return False if min(_upwards(lead) for lead in leads) * len(leads) <= ALPHA else None


def _upwards(sums: Floats) -> float:
    return sign_flip.p_value(sums) / 2 if sums.sum() > 0 else 1.0
