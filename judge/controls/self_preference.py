"""Self-preference: what a judge adds to its own answers and to those of its family.

Measured against judges outside that see the same answers, so it takes at least two judges of different
families and families that are known. It is measured over all judges at once, since one judge alone
cannot be told from an author who is good.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from judge.analysis.kin_regression import OTHER_FAMILY, Fit, fits
from judge.analysis.no_skill import FAIR_COIN
from judge.controls import Control
from judge.families import Kinship
from judge.stats import contrasts
from judge.stats import self_preference as regression
from judge.stats.contrasts import Contrast
from judge.stats.intervals import ROUNDING, Floats, holm, joined, undefined
from judge.stats.scores import ScoreCells
from judge.stats.self_preference import Design, Terms
from judge.table import VerdictTable
from judge.types import Estimate

TERMS = ("own", "family")
ALIKE = "one term for all judges: each favours its own as much as the others do"


@dataclass(frozen=True, slots=True)
class Effect:
    """One term: what it adds to the win rate (pairs) or the score of an answer.

    p_value: of its being 0, or no more than a judge without skill would show, after Holm over all terms
    of the report. p_within: of its lying outside the stated margin, after Holm; None without one.
    no_skill: what a judge without skill would show in the place of those concerned, by its name.
    """

    estimate: Estimate
    p_value: float | None = None
    p_within: float | None = None
    no_skill: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effects:
    """The two terms of a judge, or of all (judge ""). n_own: answers or pairs that they are told from.

    own: its own answers; family: those of other models of its family. note: why nothing was measured.
    """

    judge: str
    rubric: str
    own: Effect
    family: Effect
    n_own: int = 0
    note: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether one of the terms has a value."""
        return any(e.estimate.value is not None for e in (self.own, self.family))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left of a system where no judge hears its own family's answers; baseline "" for a score."""

    rubric: str
    system: str
    baseline: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class SelfPreference:
    """What was measured. panels: of each rubric the terms of all judges; judges: (judge, rubric) -> its own.

    fits: of every rubric and criterion, for what is adjusted. margin: the stated one, None without.
    left_out: the second way to correct, beside taking off the terms.
    """

    kinship: Kinship
    panels: tuple[Effects, ...]
    judges: Mapping[tuple[str, str], Effects]
    fits: tuple[Fit, ...]
    margin: float | None = None
    left_out: tuple[LeftOut, ...] = ()

    def fit(self, rubric: str, criterion: str) -> Fit | None:
        """The fit of that rubric and criterion; pairs have one for all rubrics."""
        return next((f for f in self.fits if (f.rubric, f.criterion) == (rubric, criterion)), None)

    def of_judge(self, judge: str, rubric: str) -> Effects | None:
        """A judge's terms; over pairs they are of all its rubrics and wordings together."""
        return self.judges.get((judge, rubric)) or self.judges.get((judge, ""))


def measure(
    table: VerdictTable,
    cells: Iterable[ScoreCells],
    kinship: Kinship,
    *,
    confidence: float = 0.95,
    margin: float | None = None,
) -> SelfPreference:
    """What being its own or of its family adds to an answer, for all judges and each.

    cells: of single answers, empty for pairs. margin: half the width of what counts as no effect, for
    pairs. Source: docs/methods.md.
    """
    found = fits(table, cells, kinship)
    is_pairwise = table.mode == "pairwise"
    unit = "difference" if is_pairwise else "score"
    asked = _Asked(unit, confidence, margin if is_pairwise else None)
    heads = [fit for fit in found if not fit.criterion]
    panels = [_panel(fit, asked) for fit in heads]
    judges = [effects for fit in heads for effects in _judges(fit, asked)]
    tested = _tested([*panels, *judges])
    return SelfPreference(
        kinship,
        tuple(tested[: len(panels)]),
        {(e.judge, e.rubric): e for e in tested[len(panels) :]},
        found,
        margin,
    )


# -- what is read off ----------------------------------------------------------------------------


Skills = Mapping[str, Terms]  # a judge without skill -> the terms with it in the judges' place


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of every term. margin: the stated one, None without."""

    unit: str
    confidence: float
    margin: float | None


def _panel(fit: Fit, asked: _Asked) -> Effects:
    """The terms that all judges share."""
    without: dict[str, Terms] = {}
    if not fit.why_not:
        design = regression.shared_design(fit.votes)
        replaced = fit.without_skill(fit.related)
        without = {n: Terms(*regression.coefficients(design, y)) for n, y in replaced.items()}
    return _effects(fit, "", fit.terms, without, asked)


def _judges(fit: Fit, asked: _Asked) -> Iterator[Effects]:
    """The terms of each judge. Judges without an answer of their own or family have none."""
    own: dict[str, Terms] = {}
    without: dict[str, dict[str, Terms]] = {}
    if not fit.why_not:
        design = regression.judges_design(fit.votes)
        own = _by_name(fit, design, fit.votes.y)
        for judge in own:
            replaced = fit.without_skill([judge])
            without[judge] = {n: _by_name(fit, design, y)[judge] for n, y in replaced.items()}
    for judge in sorted(fit.rows["judge"].unique()):
        found, beside = own.get(judge, Terms()), without.get(judge, {})
        yield _effects(fit, judge, found, beside, asked)


def _by_name(fit: Fit, design: Design, y: Floats) -> dict[str, Terms]:
    """Judge -> its terms, of these verdicts."""
    found = regression.judges_terms(fit.votes, regression.coefficients(design, y))
    return {fit.judges[code]: terms for code, terms in found.items()}


def _effects(fit: Fit, judge: str, terms: Terms, without: Skills, asked: _Asked) -> Effects:
    own, family = (_effect(fit, judge, column, terms, without, asked) for column in ("own", "kin"))
    found = Effects(judge, fit.rubric, own, family, own.estimate.n + family.estimate.n)
    return found if found.is_measured else replace(found, note=own.estimate.note)


def _effect(
    fit: Fit, judge: str, column: str, terms: Terms, without: Skills, asked: _Asked
) -> Effect:
    unit, confidence = asked.unit, asked.confidence
    name = "self_preference" if column == "own" else "family_preference"
    n, n_missing = _told_from(fit, judge, column)
    found = _term(terms, column)
    if found is None:
        why = fit.why_not or _without(fit, judge, column)
        return Effect(undefined(name, unit, why, confidence, n_missing))
    e = contrasts.estimate(
        found, name=name, unit=unit, n=n, n_missing=n_missing, confidence=confidence
    )
    thing = "pair" if unit == "difference" else "answer"
    method = e.method.replace("pairwise model", f"regression with an effect of every {thing}")
    known = {n: t for n, all_ in without.items() if (t := _term(all_, column)) is not None}
    return Effect(
        replace(e, method=method if judge else joined(method, ALIKE)),
        p_value=regression.beyond(found, known.get(FAIR_COIN)),
        p_within=None if asked.margin is None else regression.within_p(found, asked.margin),
        no_skill={name: term.value for name, term in known.items()},
    )


def _term(terms: Terms, column: str) -> Contrast | None:
    return terms.own if column == "own" else terms.kin


def _told_from(fit: Fit, judge: str, column: str) -> tuple[int, int]:
    """How many cells a term is told from, and how many it lacks for want of a verdict."""
    rows = fit.rows[fit.rows["judge"] == judge] if judge else fit.rows
    lacks = rows[rows["value"].isna() & rows["is_asked"] & (rows[column].fillna(0) != 0)]
    several = fit.seen[regression.in_several(fit.votes)] if len(fit.seen) else fit.seen
    own = several if not judge else several[several["judge"] == judge]
    there = own.loc[own[column] != 0, "cell"]
    return int(there.nunique()), int(lacks.loc[~lacks["cell"].isin(there), "cell"].nunique())


def _without(fit: Fit, judge: str, column: str) -> str:
    """Why a term is not there although others are."""
    what = "system of its own" if column == "own" else "other system of its family"
    values: Floats = fit.votes.own if column == "own" else fit.votes.kin
    is_own = fit.votes.judges == fit.judges.index(judge) if judge in fit.judges else None
    if judge and (is_own is None or not values[is_own].any()):
        return f"no {what} was seen"
    if not values.any():
        return f"no judge saw a {what}"
    if judge and _term(fit.terms, column) is not None:
        alike = " or from how severe it is" if fit.votes.has_severity else ""
        return f"cannot be told from what the others add to theirs{alike}: {OTHER_FAMILY}"
    return f"no judge outside its family sees these answers: {OTHER_FAMILY}"


# -- what was found ------------------------------------------------------------------------------

_Test = tuple[str, str, str]  # rubric, term, judge or "" for all


def _tested(found: Sequence[Effects]) -> list[Effects]:
    """The effects with their p values after Holm over all that are tested."""
    whole = {e.rubric: e for e in found if not e.judge}
    effects = {_test(e, term, whole[e.rubric]): _of(e, term) for e in found for term in TERMS}
    p = _holm({test: e.p_value for test, e in effects.items()})
    inside = _holm({test: e.p_within for test, e in effects.items()})

    def after(e: Effects, term: str) -> Effect:
        test = _test(e, term, whole[e.rubric])
        return replace(_of(e, term), p_value=p.get(test), p_within=inside.get(test))

    return [replace(e, own=after(e, "own"), family=after(e, "family")) for e in found]


def _of(effects: Effects, term: str) -> Effect:
    return effects.own if term == "own" else effects.family


def _holm(tests: Mapping[_Test, float | None]) -> dict[_Test, float]:
    known = {test: p for test, p in tests.items() if p is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _test(effects: Effects, term: str, whole: Effects) -> _Test:
    """What is tested. Where one judge alone has a term, it is that of all, and one test."""
    mine, all_ = _of(effects, term).estimate, _of(whole, term).estimate
    is_same = (
        None not in (mine.value, all_.value, mine.se, all_.se)
        and math.isclose(mine.value or 0, all_.value or 0, abs_tol=ROUNDING)
        and math.isclose(mine.se or 0, all_.se or 0, abs_tol=ROUNDING)
    )
    return (effects.rubric, term, "" if is_same else effects.judge)


CONTROL = Control("self_preference", measure=measure)
