"""Which verdicts may stand without people: those above a confidence at which judges agree with them.

The threshold is found on labelled units that serve nothing else, and what it is worth is told on others.
Right is what more than half of a unit's raters said; a unit without a majority tells nothing, and is
left out and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis import confidence as sure
from judge.analysis.asked import Asked
from judge.analysis.kinship import kinship_of
from judge.analysis.people import Labelled, turned_alike
from judge.errors import InputError, short
from judge.stats import selective
from judge.stats.intervals import Floats, counted, mean, undefined
from judge.stats.panel import family_groups
from judge.stats.selective import Codes, Flags, Level, Threshold
from judge.stats.values import spread_failures
from judge.table import VerdictTable
from judge.types import PANEL, Estimate

COVERAGE, AGREEMENT, ALL = "coverage", "selective_agreement", "agreement_of_all"
CONTINUUM = (
    "scores that are not points of a scale agree by chance only: round them, or name a scale"
)
OF_SPLIT = "the labels of split calib"
OF_HALF = (
    "a half of the labelled units, drawn by a hash of their clusters: no split calib is recorded"
)
SHOWN_LEVELS = 12  # of the curve


@dataclass(frozen=True, slots=True)
class Tier:
    """One judge of a cascade: the units of the test that it decides, and those that reach it."""

    judge: str
    decides: int
    reached: int


@dataclass(frozen=True, slots=True)
class Selective:
    """The threshold of one judge, or of a cascade of judges, and what holds above it.

    kind: judge, panel or cascade; members in a cascade are cheap to dear. threshold: None to abstain on
    everything, then why says so. risk, delta: what is guaranteed. n_fit, n_fit_judged, n_fit_wrong: the
    units that the threshold was found on (one a cluster), and those above it. coverage, agreement: on the
    other units, of those judged; agreement_all: if all were. levels: the curve of the first. n_undecided:
    labelled units without a majority. calls_saved: of a cascade, the share of presentations of all
    tiers that the test does not need. orders, repeats: the most that a unit was shown.
    """

    kind: str
    judge: str
    members: tuple[str, ...]
    criterion: str
    rubric: str
    variant: str
    threshold: float | None
    why: str
    risk: float
    delta: float
    fitted_on: str
    n_fit: int
    n_fit_judged: int
    n_fit_wrong: int
    upper: float | None
    levels: tuple[Level, ...]
    n_levels: int
    coverage: Estimate
    agreement: Estimate
    agreement_all: Estimate
    n_undecided: int
    orders: int
    repeats: int
    tiers: tuple[Tier, ...] = ()
    calls_saved: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Voices:
    """Confidence and what was said of the labelled units: shape (n, tiers), one tier for a judge."""

    kind: str
    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    confidence: Floats
    said: Codes


def measure(table: VerdictTable, found: Sequence[Labelled], asked: Asked) -> tuple[Selective, ...]:
    """What each judge, the panel and the cascade may decide alone; nothing without labels.

    Nothing either of a run that escalated, whose later judges saw hard items only.

    found: all labels, of every split. A cascade is measured where asked.agree.cascade names its judges.
    """
    if not found or asked.escalate is not None:
        return ()
    _check_cascade(table, asked.agree.cascade)
    kin = kinship_of(table, asked.families, asked.aliases)
    groups = family_groups({judge: one.families for judge, one in kin.judges.items()})
    frame = turned_alike(table).frame if table.mode == "pairwise" else spread_failures(table.frame)
    told = []
    for one in found:
        rows = frame if one.mode == "pairwise" else frame[frame["criterion"] == one.criterion]
        for voices in _voices(one, rows, groups, asked):
            told.append(_measured(one, voices, rows, asked))
    return tuple(told)


def _check_cascade(table: VerdictTable, order: Sequence[str]) -> None:
    known = sorted(set(table.frame["judge"].astype(str)))
    absent = [judge for judge in order if judge not in known]
    if absent:
        raise InputError(
            f"--cascade {','.join(order)}: no judge {short(absent[0])} in the verdicts, which are of "
            f"{', '.join(known)}; name two or more of these, cheap to dear"
        )


# -- who speaks ----------------------------------------------------------------------------------


def _voices(
    one: Labelled, rows: pd.DataFrame, groups: Mapping[str, int], asked: Asked
) -> Iterator[_Voices]:
    found = sure.of_rows(one.mode, rows, one.scale)
    together = sure.by_item(one.mode, found)
    own: dict[str, list[_Voices]] = {}
    for key, part in found.groupby([*sure.VOICE[one.mode]], observed=True):
        judge, rubric, *variant = map(str, key)
        who = ("judge", judge, (judge,), rubric, "".join(variant))
        own.setdefault(judge, []).append(_one(one, together.loc[part.index], who))
        yield _one(one, part, who)
    if len(own) > 1 and one.scale.labels:
        rubrics = {voice.rubric for voices in own.values() for voice in voices}
        panel = sure.of_panel(one.mode, found, one.scale, groups)
        rubric = rubrics.pop() if len(rubrics) == 1 else ""
        if one.mode == "pairwise" or rubric:
            yield _one(one, panel, ("panel", PANEL, tuple(sorted(own)), rubric, ""))
    yield from _cascades(one, own, asked.agree.cascade)


def _one(
    one: Labelled, part: pd.DataFrame, who: tuple[str, str, tuple[str, ...], str, str]
) -> _Voices:
    lined = sure.lined_up(one.mode, one.units, part, ("confidence", "said"))
    said = lined["said"].fillna(-1).to_numpy(dtype=np.int64)
    return _Voices(*who, lined[["confidence"]].to_numpy(dtype=float), said[:, None])


def _cascades(
    one: Labelled, own: Mapping[str, Sequence[_Voices]], order: Sequence[str]
) -> Iterator[_Voices]:
    """The cascade of these judges; none where one is absent, or has several wordings to choose from.

    own: judge -> its voices, their confidence as by_item has it.
    """
    tiers = [own[judge][0] for judge in order if len(own.get(judge, ())) == 1]
    if len(order) < 2 or len(tiers) < len(order) or one.criterion:
        return
    confidence = np.column_stack([tier.confidence for tier in tiers])
    said = np.column_stack([tier.said for tier in tiers])
    rubric = tiers[0].rubric if len({tier.rubric for tier in tiers}) == 1 else ""
    yield _Voices("cascade", PANEL, tuple(order), rubric, "", confidence, said)


# -- what is found -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Split:
    """fit, test: which units, with a majority, shape (n,). n_uneven: those left out to even them."""

    fit: Flags
    test: Flags
    said: str
    n_uneven: int


def _split(one: Labelled, seed: int) -> _Split:
    """Labels of split calib fit and those of test, or without a split, test; else two halves.

    Units of split dev served to choose the rubric, and take no part. Of labels that were not equally
    probable a part in which they are.
    """
    split = one.units["split"].astype(str).to_numpy()
    known = (one.majority >= 0) & (split != "dev")
    kept = known & _evened(one, seed)
    n_uneven = int(known.sum() - kept.sum())
    if (split == "calib").any():
        is_test = (split == "test") if (split == "test").any() else (split == "")
        return _Split(kept & (split == "calib"), kept & is_test, OF_SPLIT, n_uneven)
    first = np.array([_is_first_half(name, seed) for name in one.units["cluster"].astype(str)])
    return _Split(kept & first, kept & ~first, OF_HALF, n_uneven)


def _evened(one: Labelled, seed: int) -> Flags:
    probs = one.units["inclusion_prob"].to_numpy(dtype=float)
    if not np.isfinite(probs).all():
        return np.ones(len(probs), dtype=bool)  # how they were chosen is not known: a note says so
    return selective.evened(probs, seed)


def _is_first_half(cluster: str, seed: int) -> bool:
    drawn = hashlib.sha256(f"{seed}/{cluster}".encode("utf-8", "surrogatepass")).digest()
    return drawn[0] < 128


def _measured(one: Labelled, voices: _Voices, rows: pd.DataFrame, asked: Asked) -> Selective:
    split, agree = _split(one, asked.seed), asked.agree
    wrong = (voices.said != one.majority[:, None]).astype(float)
    fit = np.flatnonzero(split.fit)
    alone = fit[selective.one_a_cluster(one.clusters[fit], asked.seed)]
    found = selective.threshold(
        voices.confidence[alone], wrong[alone], alpha=agree.risk, delta=agree.delta
    )
    if not one.scale.labels:
        found = replace(found, value=None, at=None, why=CONTINUUM)
    test = _Test(voices.confidence[split.test], wrong[split.test], one.clusters[split.test])
    estimates = test.estimates(found.value, asked.confidence)
    return Selective(
        kind=voices.kind,
        judge=voices.judge,
        members=voices.members,
        criterion=one.criterion,
        rubric=voices.rubric,
        variant=voices.variant,
        threshold=found.value,
        why=found.why,
        risk=agree.risk,
        delta=agree.delta,
        fitted_on=split.said,
        n_fit=len(alone),
        n_fit_judged=0 if found.at is None else found.at.n,
        n_fit_wrong=0 if found.at is None else found.at.wrong,
        upper=found.upper,
        levels=_shown(found.levels),
        n_levels=len(found.levels),
        coverage=estimates[0],
        agreement=estimates[1],
        agreement_all=estimates[2],
        n_undecided=int((one.majority < 0).sum()),
        orders=_most(one, rows, voices.members, "order"),
        repeats=_most(one, rows, voices.members, "repeat"),
        tiers=test.tiers(voices.members, found.value) if voices.kind == "cascade" else (),
        calls_saved=test.saved(found.value) if voices.kind == "cascade" else None,
        notes=tuple(_notes(one, voices, found, split, len(fit) - len(alone))),
    )


def _most(one: Labelled, rows: pd.DataFrame, judges: Sequence[str], what: str) -> int:
    """In how many orders, or how often, a unit was shown to these judges at most."""
    own = rows[rows["judge"].isin(judges)]
    unit = [*sure.UNIT[one.mode], *sure.VOICE[one.mode]]
    return int(own.groupby(unit, observed=True)[what].nunique().max()) if len(own) else 0


def _shown(levels: Sequence[Level]) -> tuple[Level, ...]:
    """So many of the levels, evenly spread, the first and last among them."""
    if len(levels) <= SHOWN_LEVELS:
        return tuple(levels)
    places = np.linspace(0, len(levels) - 1, SHOWN_LEVELS).round().astype(int)
    return tuple(levels[place] for place in places)


def _notes(
    one: Labelled, voices: _Voices, found: Threshold, split: _Split, n_shared: int
) -> Iterator[str]:
    if found.value is not None:
        yield "holds for items that come as the labelled ones did, this rubric and these settings"
    distinct = len(found.levels)
    if 0 < distinct <= 3:
        yield f"confidence has {counted(distinct, 'level')}: more orders, repeats or judges make it finer"
    if n_shared:
        yield f"{counted(n_shared, 'labelled unit')} left out: one of a cluster serves to find a threshold"
    if split.n_uneven:
        left_out = counted(split.n_uneven, "labelled unit")
        yield f"{left_out} left out at random, so that those that serve were equally probable"
    if split.said == OF_SPLIT and not split.test.any():
        yield "no labels but those of split calib: what the threshold is worth is not known"
    if one.units["inclusion_prob"].isna().any():
        yield "how the labelled units were chosen is not recorded: hand-picked ones guarantee nothing"


@dataclass(frozen=True, slots=True)
class _Test:
    """The units that a threshold is tried on; shape (n, tiers)."""

    confidence: Floats
    wrong: Floats
    clusters: NDArray[Any]

    def estimates(
        self, threshold: float | None, confidence: float
    ) -> tuple[Estimate, Estimate, Estimate]:
        """Coverage, the agreement of what is judged, and that of all that any tier answered."""
        all_of_it = self._agreement(-np.inf, ALL, confidence, last=True)
        if threshold is None:
            none = "nothing is judged without a threshold"
            return (
                undefined(COVERAGE, "rate", none, confidence),
                undefined(AGREEMENT, "rate", none, confidence),
                all_of_it,
            )
        judged = (selective.decided_by(self.confidence, threshold) >= 0).astype(float)
        coverage = mean(
            judged, self.clusters, name=COVERAGE, unit="rate", bounds=(0, 1), confidence=confidence
        )
        return coverage, self._agreement(threshold, AGREEMENT, confidence), all_of_it

    def _agreement(
        self, threshold: float, name: str, confidence: float, *, last: bool = False
    ) -> Estimate:
        """The share that is right among what is judged. last: by the dearest tier alone."""
        own, wrong = self.confidence, self.wrong
        if last:
            own, wrong = own[:, -1:], wrong[:, -1:]
        tier = selective.decided_by(own, max(threshold, 0.0))
        judged = np.flatnonzero(tier >= 0)
        return mean(
            1 - wrong[judged, tier[judged]],
            self.clusters[judged],
            name=name,
            unit="rate",
            bounds=(0, 1),
            confidence=confidence,
            n_missing=int(np.isnan(own).all(axis=1).sum()),
            note="" if len(judged) else "no unit of the test is judged",
        )

    def tiers(self, judges: Sequence[str], threshold: float | None) -> tuple[Tier, ...]:
        """Who decides how many; without a threshold all reach the last, and nobody decides."""
        at = np.inf if threshold is None else threshold
        tier = selective.decided_by(self.confidence, at)
        reached = np.where(tier < 0, len(judges) - 1, tier)
        return tuple(
            Tier(judge, int((tier == n).sum()), int((reached >= n).sum()))
            for n, judge in enumerate(judges)
        )

    def saved(self, threshold: float | None) -> float | None:
        """The share of all tiers' questions that need not be asked, each unit of each tier alike."""
        n, n_tiers = self.confidence.shape
        if threshold is None or not n:
            return None
        tier = selective.decided_by(self.confidence, threshold)
        reached = np.where(tier < 0, n_tiers - 1, tier)
        return float(1 - (reached + 1).sum() / (n * n_tiers))
