"""The systems as people order them, beside a ranking by judges.

People are one voice more: their labels, averaged over the raters of a pair, take the judges' own model
with half ties. Where the two orders differ, the pairs of systems that changed places are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import kendalltau

from judge.analysis.pairwise_models import models_of
from judge.analysis.people import Labelled
from judge.analysis.ranking import FEWEST, RankedSystem, Ranking, ranked
from judge.controls import position, verbosity
from judge.stats.intervals import NO_INTERVAL, undefined
from judge.table import VerdictTable, from_rows
from judge.types import Estimate

PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Swap:
    """Two systems that a judge has in the other order than people: people put `first` before `then`.

    is_told: whether people's own labels tell the two apart.
    """

    first: str
    then: str
    is_told: bool


@dataclass(frozen=True, slots=True)
class Against:
    """How one judge's order, or the panel's, stands to that of people."""

    judge: str
    rubric: str
    variant: str
    kendall_tau: Estimate
    swaps: tuple[Swap, ...]


@dataclass(frozen=True, slots=True)
class PeopleOrder:
    """People's order, strongest first; systems is empty where `note` says why there is none.

    n_pairs: labelled pairs of answers that it is made from. judges: the ranking's own order first, then
    that of each judge of a panel.
    """

    systems: tuple[RankedSystem, ...]
    n_pairs: int
    n_raters: int
    judges: tuple[Against, ...]
    note: str = ""


def ordered(
    found: Sequence[Labelled], ranking: Ranking | None, *, confidence: float = 0.95
) -> PeopleOrder | None:
    """People's order of the systems of a ranking; None where nothing is ranked or labelled.

    found: what people and judges said of the same pairs.
    """
    overall = next((one for one in found if not one.criterion and one.mode == "pairwise"), None)
    if ranking is None or not ranking.systems or overall is None:
        return None
    n, raters = len(overall.units), len(overall.raters)
    own = _ranked(overall, confidence)
    if own is None or not own.systems:
        few = f"people labelled pairs of fewer than {FEWEST} systems"
        return PeopleOrder((), n, raters, (), few if own is None else _whose(own.note))
    return PeopleOrder(own.systems, n, raters, tuple(_compared(ranking, own, confidence)))


def _whose(note: str) -> str:
    return note.replace("the judged pairs", "the labelled pairs")


def _ranked(overall: Labelled, confidence: float) -> Ranking | None:
    table = _table(overall)
    if table is None:
        return None
    models = models_of(table, position.term, verbosity.term)
    return ranked(table, models, {PEOPLE: 0}, confidence=confidence)


def _table(overall: Labelled) -> VerdictTable | None:
    """The labels as verdicts of one judge, a pair's raters averaged, ties as halves."""
    units = overall.units.assign(p_a=overall.human)
    units = units[units["p_a"].notna()]
    if units.empty:
        return None
    names = ["item_id", "system_a", "system_b", "cluster", "p_a"]
    rows = [
        {**dict(zip(names, row, strict=True)), "judge": PEOPLE}
        for row in units[names].itertuples(index=False, name=None)
    ]
    return from_rows("pairwise", rows, source="labels")


def _compared(ranking: Ranking, own: Ranking, confidence: float) -> Iterator[Against]:
    head = [row.system for row in ranking.systems]
    orders = [((ranking.judge, "", ""), head)]
    orders += [((row.judge, row.rubric, row.variant), [*row.systems]) for row in ranking.judges]
    letters = {row.system: {*row.letters} for row in own.systems}
    for who, order in orders:
        people = [row.system for row in own.systems if row.system in order]
        judged = {system: place for place, system in enumerate(s for s in order if s in people)}
        yield Against(
            *who,
            kendall_tau=_tau([judged[system] for system in people], confidence),
            swaps=tuple(_swaps(people, judged, letters)),
        )


def _tau(places: Sequence[int], confidence: float) -> Estimate:
    """Kendall's tau of an order with 0, 1, 2, ...: 1 is the same order, -1 its reverse."""
    few = f"fewer than {FEWEST} systems in both orders"
    empty = undefined("kendall_tau", "correlation", few, confidence)
    if len(places) < FEWEST:
        return empty
    value = round(float(kendalltau(np.arange(len(places)), places).statistic), 12)
    note = NO_INTERVAL + "it describes the two orders as they stand"
    return Estimate(
        "kendall_tau",
        value,
        confidence=confidence,
        unit="correlation",
        n=len(places),
        method="Kendall's tau-b",
        note=note,
    )


def _swaps(
    people: Sequence[str], judged: Mapping[str, int], letters: Mapping[str, set[str]]
) -> Iterator[Swap]:
    for first, then in combinations(people, 2):
        if judged[first] > judged[then]:
            yield Swap(first, then, is_told=not letters[first] & letters[then])
