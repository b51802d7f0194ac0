"""What the pairwise models make of comparisons: the raw win rate without what else moved the judge.

A corrected number stands beside its raw one and never in its place: conclusions are drawn elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from judge import pairwise_models
from judge.pairwise_models import JudgeModels, Key, Model, estimate_of, member_weights, n_pairs
from judge.stats import contrasts
from judge.stats.comparisons import Comparison
from judge.stats.intervals import joined, undefined
from judge.types import PANEL, Estimate

POSITION_ADJUSTED = "position_adjusted_win_rate"
LENGTH_CONTROLLED = "length_controlled_win_rate"
OF_WHOLE_ONLY = "not computed for slices"


def with_models(
    rows: Iterable[Comparison],
    models: Mapping[Key, JudgeModels],
    groups: Mapping[str, int],
    confidence: float,
) -> Iterator[Comparison]:
    """The comparisons with their position-adjusted and length-controlled win rates.

    groups: judge -> its group of families. The panel's is the mean of its members' with the same weights
    as the raw one, its uncertainty from what each item did in all of them.
    """
    for row in rows:
        if row.slice:
            yield replace(
                row,
                position_adjusted=undefined(POSITION_ADJUSTED, "rate", OF_WHOLE_ONLY, confidence),
                length_controlled=undefined(LENGTH_CONTROLLED, "rate", OF_WHOLE_ONLY, confidence),
            )
            continue
        own = [m for key, m in models.items() if _is_of(row, key)]
        yield replace(
            row,
            position_adjusted=_win_rate(
                row, own, [m.position for m in own], groups, POSITION_ADJUSTED, confidence
            ),
            length_controlled=_win_rate(
                row, own, [m.length for m in own], groups, LENGTH_CONTROLLED, confidence
            ),
        )


def _is_of(row: Comparison, key: Key) -> bool:
    return row.judge == PANEL or key == (row.judge, row.rubric, row.variant)


def _win_rate(
    row: Comparison,
    own: Sequence[JudgeModels],
    chosen: Sequence[Model],
    groups: Mapping[str, int],
    name: str,
    confidence: float,
) -> Estimate:
    """The win rate by these models, a panel's as the mean of its members'."""
    seen = [
        (models, model)
        for models, model in zip(own, chosen, strict=True)
        if {row.system, row.baseline} <= set(models.systems)
    ]
    problems = dict.fromkeys(_problem(row, ms, m) for ms, m in seen if m.why_not)
    if problems or not seen:
        why = joined(*problems) or "no pair has all its verdicts"
        return undefined(name, "rate", f"not computed: {why}", confidence, row.raw.n_missing)
    found = [pairwise_models.win_rate(ms, m, row.system, row.baseline) for ms, m in seen]
    weights = member_weights([ms.key for ms, _ in seen], groups)
    whole = contrasts.weighted([c for c in found if c is not None], weights)
    n = max(n_pairs(ms.rows, row.system, row.baseline) for ms, _ in seen)
    lacks = joined(*dict.fromkeys(model.lacks for _, model in seen if model.lacks))
    e = estimate_of(whole, name, "rate", n, confidence, lacks)
    return replace(e, n_missing=row.raw.n_missing)


def _problem(row: Comparison, models: JudgeModels, model: Model) -> str:
    return f"{models.key[0]}: {model.why_not}" if row.judge == PANEL else model.why_not
