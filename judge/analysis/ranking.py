"""One ranking of all systems of a pairwise table: the panel's, or the sole judge's.

It is read off the judges' models with position (half ties), or off Davidson's where that is asked for.
A panel's strengths are the mean of its members' with a vote a family, and so are its win probabilities,
which makes them the position-adjusted win rates that comparisons show. Systems that never met, directly
or through others, cannot stand in one order: then there is no ranking, and the parts are named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from judge.analysis.pairwise_models import JudgeModels, Key, estimate_of, member_weights, places
from judge.analysis.ranking_voices import (
    PAIR,
    Silence,
    Voice,
    counts,
    davidson_ties,
    half_ties,
)
from judge.stats import contrasts, ranking, transitivity
from judge.stats.contrasts import Contrast
from judge.stats.intervals import NO_INTERVAL, Floats, joined, undefined
from judge.stats.pairwise import Codes, met_components
from judge.stats.ranking import Strengths
from judge.stats.slices import FEWEST_CLUSTERS
from judge.stats.transitivity import Transitivity
from judge.stats.values import ASKED_WITH, is_stopped, parts
from judge.table import VerdictTable, canonical
from judge.types import PANEL, Estimate

Ties = Literal["half", "davidson"]
TIES: tuple[Ties, ...] = ("half", "davidson")
FEWEST = 3  # systems; of two a comparison says all that there is
NOT_TOLD = (
    "only the prior tells it apart from some other system, as one side won all, or fewer than "
    f"{FEWEST_CLUSTERS} clusters of items do"
)


@dataclass(frozen=True, slots=True)
class RankedSystem:
    """Where a system stands. rank_low, rank_high: the best and the worst rank it may have.

    win_probability: against the baseline, or the mean against all others where there is none.
    p_best: None where only a prior tells systems apart. letters: its groups; two systems share one if
    and only if they are not told apart.
    """

    system: str
    strength: Estimate
    win_probability: Estimate
    rank_low: int
    rank_high: int
    p_best: float | None
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgeOrder:
    """The order of one judge, strongest first; kendall_tau: of its strengths with the ranking's."""

    judge: str
    rubric: str
    variant: str
    systems: tuple[str, ...]
    kendall_tau: Estimate


@dataclass(frozen=True, slots=True)
class Ranking:
    """All systems in one order, strongest first; none where `note` says why there is no order.

    connected: whether each judge's pairs join all systems; components: the parts where they do not,
    else all in one. tie_parameter: Davidson's nu, the panel's as its members' mean. transitivity: how
    far pairs depart from the order; misfit: the two systems of its pair. confidence: of all ranks and
    groups at once.
    """

    systems: tuple[RankedSystem, ...]
    connected: bool
    components: tuple[tuple[str, ...], ...]
    judge: str
    members: tuple[str, ...]
    baseline: str | None
    ties: Ties
    tie_parameter: Estimate
    transitivity: Transitivity
    misfit: tuple[str, str] | None
    judges: tuple[JudgeOrder, ...]
    confidence: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Field:
    """What a ranking is made of: each judge's frame and models, in one order of keys."""

    systems: tuple[str, ...]
    keys: tuple[Key, ...]
    frames: tuple[pd.DataFrame, ...]
    models: tuple[JudgeModels, ...]
    weights: tuple[float, ...]
    baseline: str | None
    ties: Ties
    confidence: float

    @property
    def names(self) -> tuple[str, ...]:
        """The judges, with their wording where a judge has several."""
        judges = [key[0] for key in self.keys]
        return tuple(
            f"{judge} ({', '.join(filter(None, wording))})" if judges.count(judge) > 1 else judge
            for judge, *wording in self.keys
        )


def ranked(
    table: VerdictTable,
    models: Mapping[Key, JudgeModels],
    groups: Mapping[str, int],
    *,
    baseline: str | None = None,
    ties: Ties = "half",
    confidence: float = 0.95,
    seed: int = 0,
) -> Ranking | None:
    """The ranking, None where there are fewer than three systems to rank.

    table: pairwise, that of the models. groups: judge -> its group of families. seed: of P(best).
    """
    of = _field(table, models, groups, baseline, ties, confidence)
    if of is None:
        return None
    for name, own in zip(of.names, of.models, strict=True):
        components = _components(own.rows, of.systems)
        if len(components) > 1:
            return _without(of, _apart(of, name, own), components)
    voices = [*map(_voice, of.models, of.weights, of.frames, [ties] * len(of.keys))]
    silent = [v.problem for v in voices if isinstance(v, Silence)]
    if silent:
        return _without(of, joined(*dict.fromkeys(silent)), [of.systems])
    return _ranking(of, [v for v in voices if isinstance(v, Voice)], seed)


def warnings(found: Ranking | None) -> list[str]:
    """What is to be said before a ranking is read."""
    return [f"no ranking: {found.note}"] if found and not found.systems else []


def _field(
    table: VerdictTable,
    models: Mapping[Key, JudgeModels],
    groups: Mapping[str, int],
    baseline: str | None,
    ties: Ties,
    confidence: float,
) -> _Field | None:
    if table.mode == "single" or not table.comparable or table.frame.empty:
        return None
    whole = canonical(table).frame
    frame = whole[~is_stopped(whole)]
    systems = sorted({str(name) for side in PAIR[1:] for name in frame[side].unique()})
    frames = dict(parts(_unstopped(whole), ASKED_WITH))
    keys = [key for key, _ in parts(frame, ASKED_WITH)]
    known = [(judge, rubric, variant) for judge, rubric, variant in keys]
    if len(systems) < FEWEST:
        return None
    return _Field(
        systems=tuple(systems),
        keys=tuple(known),
        frames=tuple(frames.get(key, whole.iloc[:0]) for key in known),
        models=tuple(models[key] for key in known),
        weights=tuple(member_weights(known, groups)),
        baseline=baseline,
        ties=ties,
        confidence=confidence,
    )


def _unstopped(frame: pd.DataFrame) -> pd.DataFrame:
    """The verdicts on pairs of which a judge was kept from no order by a policy."""
    stopped = is_stopped(frame)
    if not stopped.any():
        return frame
    unit = [frame[name] for name in (*PAIR, *ASKED_WITH)]
    cut = stopped.groupby([*unit, frame["order"]], observed=True).transform("all")
    return frame[~cut.groupby(unit, observed=True).transform("any")]


def _voice(models: JudgeModels, weight: float, frame: pd.DataFrame, ties: Ties) -> Voice | Silence:
    if ties == "half":
        return half_ties(models, weight)
    return davidson_ties(models, weight, frame)


# -- where there is no one order -----------------------------------------------------------------


def _components(rows: pd.DataFrame, systems: Sequence[str]) -> list[tuple[str, ...]]:
    """The systems that are joined by pairs with all their verdicts, the largest part first."""
    a, b = (places(rows[side], systems) for side in PAIR[1:])
    found = met_components(a, b, len(systems))
    split = [
        tuple(s for s, c in zip(systems, found, strict=True) if c == n) for n in np.unique(found)
    ]
    return sorted(split, key=lambda part: (-len(part), part))


def _apart(of: _Field, name: str, own: JudgeModels) -> str:
    if own.rows.empty:
        return f"{name} has no pair with all its verdicts"
    whose = f"the pairs judged by {name}" if len(of.keys) > 1 else "the judged pairs"
    return f"{whose} do not join all systems, directly or through others"


def _without(of: _Field, note: str, components: Sequence[tuple[str, ...]]) -> Ranking:
    return Ranking(
        systems=(),
        connected=len(components) == 1,
        components=tuple(components),
        judge=_head(of),
        members=of.names,
        baseline=of.baseline,
        ties=of.ties,
        tie_parameter=undefined("tie_parameter", "ratio", note, of.confidence),
        transitivity=Transitivity(None, None, 0, 0, note),
        misfit=None,
        judges=(),
        confidence=of.confidence,
        note=note,
    )


def _head(of: _Field) -> str:
    return PANEL if len(of.keys) > 1 else of.keys[0][0]


# -- where there is one --------------------------------------------------------------------------


def _ranking(of: _Field, voices: Sequence[Voice], seed: int) -> Ranking:
    strengths = ranking.averaged([v.strengths for v in voices], of.weights)
    order = sorted(range(len(of.systems)), key=lambda n: (-strengths.values[n], of.systems[n]))
    fit = _transitivity(voices, 1 - of.confidence)
    pair = fit.pair
    return Ranking(
        systems=tuple(_systems(of, voices, strengths, order, seed)),
        connected=True,
        components=(of.systems,),
        judge=_head(of),
        members=of.names,
        baseline=of.baseline,
        ties=of.ties,
        tie_parameter=_tie_parameter(of, voices),
        transitivity=fit,
        misfit=None if pair is None else (of.systems[pair.a], of.systems[pair.b]),
        judges=tuple(_orders(of, voices, strengths)) if len(voices) > 1 else (),
        confidence=of.confidence,
        note=joined(_note(voices), _seldom(of, strengths)),
    )


def _seldom(of: _Field, strengths: Strengths) -> str:
    """Who was judged too seldom to be told apart from anybody."""
    alone = [s for s, told in zip(of.systems, np.diag(strengths.is_told), strict=True) if not told]
    if not alone:
        return ""
    few = f"on fewer than {FEWEST_CLUSTERS} clusters of items"
    return f"judged {few}, and not told apart from any other: {', '.join(alone)}"


def _systems(
    of: _Field, voices: Sequence[Voice], strengths: Strengths, order: Sequence[int], seed: int
) -> list[RankedSystem]:
    alpha = 1 - of.confidence
    p = ranking.difference_p(strengths)
    low, high = ranking.rank_intervals(strengths.values, p, alpha)
    letters = ranking.letters(p < alpha, order)
    best = _best(strengths, seed)
    n, n_missing = counts(of.frames, [m.rows for m in of.models], of.systems)
    found = [
        RankedSystem(
            system=of.systems[k],
            strength=_estimate(of, ranking.strength(strengths, k), "strength", "log-odds", n[k]),
            win_probability=_win_probability(of, voices, k, n[k]),
            rank_low=int(low[k]),
            rank_high=int(high[k]),
            p_best=None if best is None else float(best[k]),
            letters=letters[k],
        )
        for k in order
    ]
    return [_with_missing(row, int(n_missing[of.systems.index(row.system)])) for row in found]


def _with_missing(row: RankedSystem, n_missing: int) -> RankedSystem:
    return replace(
        row,
        strength=replace(row.strength, n_missing=n_missing),
        win_probability=replace(row.win_probability, n_missing=n_missing),
    )


def _best(strengths: Strengths, seed: int) -> Floats | None:
    if not strengths.is_told.all() or len(strengths.clusters) < 2:
        return None
    return ranking.best_shares(ranking.resampled(strengths, seed))


def _estimate(of: _Field, contrast: Contrast, name: str, unit: str, n: int) -> Estimate:
    note = "" if contrast.has_interval else NO_INTERVAL + NOT_TOLD
    return estimate_of(contrast, name, unit, int(n), of.confidence, note)


def _win_probability(of: _Field, voices: Sequence[Voice], system: int, n: int) -> Estimate:
    others = np.delete(np.arange(len(of.systems)), system)
    if of.baseline is not None:
        others = np.array([of.systems.index(of.baseline)])
    if system in others:
        return undefined("win_probability", "rate", "this is the baseline", of.confidence)
    told = [_wins(voice, system, others) for voice in voices]
    return _estimate(of, contrasts.weighted(told, of.weights), "win_probability", "rate", n)


def _wins(voice: Voice, system: int, others: Codes) -> Contrast:
    found = voice.wins(system, others)
    is_told = bool(voice.strengths.is_told[system, others].all())
    return replace(found, has_interval=found.has_interval and is_told)


def _tie_parameter(of: _Field, voices: Sequence[Voice]) -> Estimate:
    known = [voice.nu for voice in voices if voice.nu is not None]
    if not known:
        note = "ties count half to either side"
        return undefined("tie_parameter", "ratio", note, of.confidence)
    n = max(len(voice.member.data.y) for voice in voices)
    e = _estimate(of, contrasts.weighted(known, of.weights), "tie_parameter", "ratio", n)
    if e.value is None or e.ci_high is None:
        return e
    stretch = math.exp((e.ci_high - e.value) / e.value)  # formed in logarithms, as it is above 0
    return replace(e, ci_low=e.value / stretch, ci_high=e.value * stretch)


def _transitivity(voices: Sequence[Voice], alpha: float) -> Transitivity:
    if any(voice.member.fit.prior for voice in voices):
        return Transitivity(None, None, 0, 0, "some system always won or lost")
    return transitivity.check([voice.member for voice in voices], alpha)


def _orders(of: _Field, voices: Sequence[Voice], whole: Strengths) -> list[JudgeOrder]:
    return [
        JudgeOrder(*key, _names(of, voice.strengths.values), _tau(of, voice, whole))
        for key, voice in zip(of.keys, voices, strict=True)
    ]


def _names(of: _Field, values: Floats) -> tuple[str, ...]:
    order: Codes = np.argsort(-values, kind="stable")
    return tuple(of.systems[n] for n in order)


def _tau(of: _Field, voice: Voice, whole: Strengths) -> Estimate:
    """How alike two orders are, as they stand: tau-b, the judge being part of the panel."""
    empty = undefined("kendall_tau", "correlation", "all systems are equally strong", of.confidence)
    value = float(kendalltau(voice.strengths.values, whole.values).statistic)
    if np.isnan(value):
        return empty
    note = NO_INTERVAL + "it describes the two orders as they stand"
    value = round(value, 12)  # 1 and not a hair below it
    return replace(empty, value=value, n=len(of.systems), method="Kendall's tau-b", note=note)


def _note(voices: Sequence[Voice]) -> str:
    """What the ranking goes without, and where a prior holds it together."""
    prior = max(voice.prior for voice in voices)
    held = (
        f"some system always won or lost: held by a prior of {prior:g} pseudo-verdicts a pair, and "
        "not told apart from those of whom only the prior could tell"
    )
    return joined(*dict.fromkeys(v.lacks for v in voices), held if prior else "")
