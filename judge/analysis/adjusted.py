"""What the pairwise models make of comparisons: the raw win rate without what else moved the judge.

A corrected number stands beside its raw one and never in its place: conclusions are drawn elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

import pandas as pd

from judge.analysis import matched_length, pairwise_models
from judge.analysis.pairwise_models import (
    JudgeModels,
    Key,
    Model,
    estimate_of,
    member_weights,
)
from judge.controls import verbosity
from judge.stats import contrasts
from judge.stats.comparisons import Comparison, deciding_rows
from judge.stats.intervals import counted, joined, undefined
from judge.stats.values import parts
from judge.types import PANEL, Estimate

POSITION_ADJUSTED = "position_adjusted_win_rate"
LENGTH_CONTROLLED = "length_controlled_win_rate"
STYLE_CONTROLLED = "style_controlled_win_rate"
OF_WHOLE_ONLY = "not computed for slices"
NO_STYLE = "not asked for: --style"

MIN_PAIRS = (
    50  # below it a coefficient of length is too loose to correct by. Source: docs/methods.md
)
MOST_INFLATED = (
    10.0  # times that length may raise the variance of a strength. Source: docs/methods.md
)
Seen = Mapping[Key, pd.DataFrame]  # judge and wording -> its pairs of the two systems

MUCH_EXTRAPOLATED = 0.1  # of the pairs; above it a note says that the model reaches beyond them


def with_models(
    rows: Iterable[Comparison],
    models: Mapping[Key, JudgeModels],
    groups: Mapping[str, int],
    confidence: float,
) -> Iterator[Comparison]:
    """The comparisons with what the models make of them, and whether length decides their order.

    groups: judge -> its group of families. The panel's is the mean of its members' with the same weights
    as the raw one, its uncertainty from what each item did in all of them.
    """
    rows = [*rows]
    pairs = {key: _by_pair(own) for key, own in models.items()} if rows else {}
    found = [_corrected(row, models, pairs, groups, confidence) for row in rows]
    moved = _moved(found)
    for place, row in enumerate(found):
        yield replace(row, length_dependent=moved.get(place))


def _by_pair(models: JudgeModels) -> Mapping[frozenset[str], pd.DataFrame]:
    """Two systems -> their pairs by this judge, a row each."""
    pairs = verbosity.pair_means(models.rows)
    return {frozenset(two): own for two, own in parts(pairs, ["system_a", "system_b"])}


def _corrected(
    row: Comparison,
    models: Mapping[Key, JudgeModels],
    pairs: Mapping[Key, Mapping[frozenset[str], pd.DataFrame]],
    groups: Mapping[str, int],
    confidence: float,
) -> Comparison:
    if row.slice:
        return _of_slice(row, confidence)
    two = frozenset((row.system, row.baseline))
    own = [m for key, m in models.items() if _is_of(row, key) and two in pairs[key]]
    seen = {m.key: matched_length.turned(pairs[m.key][two], row.system) for m in own}
    lengths = [m.length for m in own]
    controlled = _controlled(row, own, lengths, seen, groups, LENGTH_CONTROLLED, confidence)
    matched, ratio = matched_length.measure(row, seen, groups, confidence)
    return replace(
        row,
        position_adjusted=_win_rate(
            row, own, [m.position for m in own], seen, groups, POSITION_ADJUSTED, confidence
        ),
        length_controlled=controlled,
        style_controlled=_style_controlled(row, own, seen, groups, confidence),
        matched_length=matched_length.held_against(matched, controlled),
        log_length_ratio=ratio,
    )


def _of_slice(row: Comparison, confidence: float) -> Comparison:
    def nothing(name: str, unit: str = "rate") -> Estimate:
        return undefined(name, unit, OF_WHOLE_ONLY, confidence)

    return replace(
        row,
        position_adjusted=nothing(POSITION_ADJUSTED),
        length_controlled=nothing(LENGTH_CONTROLLED),
        style_controlled=nothing(STYLE_CONTROLLED),
        matched_length=nothing(matched_length.NAME),
        log_length_ratio=nothing(matched_length.RATIO, "log ratio"),
    )


def _is_of(row: Comparison, key: Key) -> bool:
    return row.judge == PANEL or key == (row.judge, row.rubric, row.variant)


def _win_rate(
    row: Comparison,
    own: Sequence[JudgeModels],
    chosen: Sequence[Model],
    seen: Seen,
    groups: Mapping[str, int],
    name: str,
    confidence: float,
) -> Estimate:
    """The win rate by these models, a panel's as the mean of its members'. own: who judged the two."""
    members = [*zip(own, chosen, strict=True)]
    problems = dict.fromkeys(_problem(row, ms, m) for ms, m in members if m.why_not)
    if problems or not members or row.raw.value is None:
        why = joined(*problems) or pairwise_models.NO_PAIR
        return _refused(row, name, why, confidence)
    found = [pairwise_models.win_rate(ms, m, row.system, row.baseline) for ms, m in members]
    weights = member_weights([ms.key for ms in own], groups)
    whole = contrasts.weighted([c for c in found if c is not None], weights)
    n = len(reduce(or_, (set(pairs["item_id"]) for pairs in seen.values())))
    lacks = joined(*dict.fromkeys(m.lacks for m in chosen if m.lacks), _of_their_own(row, seen))
    e = estimate_of(whole, name, "rate", n, confidence, lacks)
    return replace(e, n_missing=max(row.raw.n + row.raw.n_missing - n, 0))


def _of_their_own(row: Comparison, seen: Seen) -> str:
    """A note where members of a panel judged pairs that are not in its raw win rate."""
    sizes = sorted(len(pairs) for pairs in seen.values())
    if sizes[-1] <= row.raw.n:
        return ""
    return (
        f"each judge's model takes all pairs that it judged ({sizes[0]:,} to {sizes[-1]:,}), the raw win "
        f"rate those that every family did ({row.raw.n:,})"
    )


def _problem(row: Comparison, models: JudgeModels, model: Model) -> str:
    return f"{models.key[0]}: {model.why_not}" if row.judge == PANEL else model.why_not


def _refused(row: Comparison, name: str, why: str, confidence: float) -> Estimate:
    return undefined(name, "rate", f"not computed: {why}", confidence, row.raw.n_missing)


# -- at equal length -----------------------------------------------------------------------------


def _style_controlled(
    row: Comparison,
    own: Sequence[JudgeModels],
    seen: Seen,
    groups: Mapping[str, int],
    confidence: float,
) -> Estimate:
    models = [m.style for m in own if m.style is not None]
    if not models:
        return undefined(STYLE_CONTROLLED, "rate", NO_STYLE, confidence, row.raw.n_missing)
    return _controlled(row, own, models, seen, groups, STYLE_CONTROLLED, confidence)


def _controlled(
    row: Comparison,
    own: Sequence[JudgeModels],
    models: Sequence[Model],
    seen: Seen,
    groups: Mapping[str, int],
    name: str,
    confidence: float,
) -> Estimate:
    """The estimate, refused where these pairs cannot carry it, with a note where it reaches far."""
    e = _win_rate(row, own, models, seen, groups, name, confidence)
    if e.value is None:
        return e
    fewest = min(len(pairs) for pairs in seen.values())
    if fewest < MIN_PAIRS:
        why = f"{counted(fewest, 'pair')} are too few to tell length from merit; {MIN_PAIRS} are needed"
        return _refused(row, name, why, confidence)
    tied = max(_inflation(row, ms, m) for ms, m in zip(own, models, strict=True))
    if tied > MOST_INFLATED:
        why = (
            "length goes so closely with the system that the two cannot be told apart (variance "
            f"inflation {tied:.0f}, at most {MOST_INFLATED:.0f})"
        )
        return _refused(row, name, why, confidence)
    return replace(e, note=joined(e.note, _reach(own, models, seen)))


def _inflation(row: Comparison, models: JudgeModels, model: Model) -> float:
    if model.fit is None:
        return 1.0
    a, b = (models.systems.index(name) for name in (row.system, row.baseline))
    return contrasts.inflation(model.fit, a, b)


def _reach(own: Sequence[JudgeModels], models: Sequence[Model], seen: Seen) -> str:
    """A note where many pairs are so far apart in length that equal length is an extrapolation."""
    shares = [
        verbosity.extrapolated(seen[ms.key], verbosity.scale_of(m)) or 0.0
        for ms, m in zip(own, models, strict=True)
    ]
    if max(shares) <= MUCH_EXTRAPOLATED:
        return ""
    said = f"{max(shares):.0%} of the pairs differ in length by more than {verbosity.FAR:g} scales"
    return f"{said}: equal length lies outside what they show"


# -- does length decide ----------------------------------------------------------------------------


def _moved(rows: Sequence[Comparison]) -> dict[int, bool]:
    """The places of the rows with a length-controlled rate, and whether length decides their order.

    It does where the side of 0.5 is another at equal length, or the order of two systems by the same judge;
    and one of the two numbers is clear: its interval leaves out 0.5, or overlaps not the other system's.
    """
    judged: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(rows):
        if not row.slice and row.raw.value is not None and row.length_controlled.value is not None:
            judged.setdefault((row.judge, row.rubric, row.variant), []).append(place)
    return {
        i: changes_side(rows[i]) or any(_swap(rows[i], rows[j]) for j in places)
        for places in judged.values()
        for i in places
    }


def _swap(one: Comparison, other: Comparison) -> bool:
    """Whether two systems change places at equal length, one of the two orders being clear."""
    raw = (one.raw.value or 0.0) - (other.raw.value or 0.0)
    controlled = (one.length_controlled.value or 0.0) - (other.length_controlled.value or 0.0)
    is_clear = _apart(one.raw, other.raw) or _apart(one.length_controlled, other.length_controlled)
    return raw * controlled < 0 and is_clear


def _apart(one: Estimate, other: Estimate) -> bool:
    ends = (one.ci_low, one.ci_high, other.ci_low, other.ci_high)
    if None in ends:
        return False
    low, high, other_low, other_high = (end or 0.0 for end in ends)
    return high < other_low or other_high < low


def changes_side(row: Comparison) -> bool:
    """Whether who is ahead is another at equal length, one of the two leads being clear."""
    raw, controlled = row.raw, row.length_controlled
    if raw.value is None or controlled.value is None:
        return False
    is_clear = _leads(raw) or _leads(controlled)
    return (raw.value - 0.5) * (controlled.value - 0.5) < 0 and is_clear


def _leads(e: Estimate) -> bool:
    """Whether it is clear who is ahead."""
    return e.ci_low is not None and e.ci_high is not None and not e.ci_low <= 0.5 <= e.ci_high


def warnings(rows: Sequence[Comparison]) -> Iterator[str]:
    """What to warn of where length decides who is ahead, on the rows that are concluded from."""
    heads = [row for row in deciding_rows(rows) if row.length_dependent]
    for row in (row for row in heads if changes_side(row)):
        yield (
            f"whether {row.system} is ahead of {row.baseline} hangs on length: it wins "
            f"{row.raw.value:.1%} as judged and {row.length_controlled.value:.1%} at equal length"
        )
    n = sum(not changes_side(row) for row in heads)
    if n:
        yield (
            f"the order of systems hangs on length: {counted(n, 'system')} would change places with "
            "others at equal length"
        )
