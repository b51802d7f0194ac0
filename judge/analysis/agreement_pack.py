"""The coefficients of one judge, or the panel, against people, on the units that it was asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.agreement.alt_test import AgainstRater, alt_test
from judge.agreement.ceiling import correlation_ceiling, human_ceiling
from judge.agreement.confusion import confusion
from judge.agreement.correlations import (
    correlation_of,
    correlation_of_systems,
    correlation_within_items,
)
from judge.agreement.gwet import gwet_of
from judge.agreement.icc import Form, icc_of
from judge.agreement.krippendorff_units import krippendorff_alpha_of
from judge.agreement.orders import Kind
from judge.agreement.ratings import Codes, Ratings
from judge.agreement.tables import base_rate, cohen_kappa_of, percent_of
from judge.analysis import agreement_records as records
from judge.analysis.asked import Asked
from judge.analysis.people import Labelled, Voice
from judge.stats.intervals import Floats, joined, undefined
from judge.types import Estimate

NO_ORDER = "the labels have no order"
ONE_EACH = "no item has several labelled units"
WITH_PEOPLE = "people's agreement with each other is part of it"
ICC_FORM: Form = (
    "ICC(2,1)"  # people and judges as drawn from many, absolute agreement of one of them
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a voice and people said of the units that it was asked about; rows: these units' places."""

    one: Labelled
    voice: Voice
    rows: Codes
    ratings: Ratings

    @property
    def has_labels(self) -> bool:
        """Whether its verdicts are labels; the mean of a panel's scores is none."""
        return bool(self.ratings.shares.shape[1] and np.isfinite(self.ratings.shares).any())

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Where the voice gave a verdict, shape (n,)."""
        r = self.ratings
        has_label = np.isfinite(r.shares).all(axis=1) if r.shares.shape[1] else False
        return np.asarray(np.isfinite(r.values) | has_label)

    @property
    def is_both(self) -> NDArray[np.bool_]:
        """Where a rater gave a label besides."""
        r = self.ratings
        said = (r.ratings >= 0) | np.isfinite(r.numbers)
        return np.asarray(self.is_judged & said.any(axis=1))


def heard(one: Labelled, voice: Voice) -> Heard:
    """The voice with the units that it was asked about; of the others it lacks no verdict."""
    said = np.isfinite(voice.values)
    if voice.shares.shape[1]:
        said = said | np.isfinite(voice.shares).all(axis=1)
    rows = np.flatnonzero(said | voice.is_missing)
    whole = ratings_of(one, voice.shares, voice.values)
    return Heard(one, voice, rows, whole.kept(rows))


def ratings_of(one: Labelled, shares: Floats, values: Floats) -> Ratings:
    """These verdicts beside people's labels of the same units."""
    return Ratings(
        shares=shares,
        values=values,
        ratings=one.ratings,
        numbers=one.numbers,
        clusters=one.clusters,
        level=one.scale.level,
        scale_values=one.scale.values or None,
    )


Drawn = dict[str, Any]  # seed, replicates and confidence of a bootstrap


def drawn(asked: Asked) -> Drawn:
    """How replicates are drawn."""
    return {
        "seed": asked.seed,
        "replicates": asked.agree.replicates,
        "confidence": asked.confidence,
    }


def pack(
    found: Heard,
    lacking: records.LackingVerdicts,
    slices: tuple[records.SliceAgreement, ...],
    asked: Asked,
) -> records.JudgeAgreement:
    """Everything that is said of one voice. lacking, slices: counted and measured elsewhere."""
    r, one, voice, how = found.ratings, found.one, found.voice, drawn(asked)
    ceiling = human_ceiling(r, confidence=asked.confidence)
    common, rate = _commonest(found)
    pooled = _correlations(lambda kind: correlation_of(kind, r, **how))
    ordered = partial(_ordered, r, asked.confidence)
    return records.JudgeAgreement(
        judge=voice.judge,
        members=voice.members,
        rubric=voice.rubric,
        variant=voice.variant,
        criterion=one.criterion,
        level=one.scale.level,
        n_items=int(found.is_both.sum()),
        n_raters=_n_raters(r.kept(found.is_both)),
        commonest_label=common,
        commonest_rate=rate,
        percent=_percent(r, common, rate, asked.confidence),
        cohen_kappa=cohen_kappa_of(r, **how),
        cohen_kappa_linear=ordered("cohen_kappa", lambda: cohen_kappa_of(r, "linear", **how)),
        cohen_kappa_quadratic=ordered("cohen_kappa", lambda: cohen_kappa_of(r, "quadratic", **how)),
        krippendorff_alpha=_pooled(r, krippendorff_alpha_of(r, **how)),
        gwet_ac1=_pooled(r, gwet_of(r, **how)),
        gwet_ac2=ordered("gwet_ac2", lambda: _pooled(r, gwet_of(r, "quadratic", **how))),
        spearman=pooled.spearman,
        kendall_tau=pooled.kendall_tau,
        pearson=pooled.pearson,
        acc_eq=pooled.acc_eq,
        within_item=_within_items(found, asked),
        system_level=_of_systems(found, how),
        icc=ordered("icc", lambda: _pooled(r, icc_of(r, ICC_FORM, **how))),
        majority=_majority(found, how),
        human_ceiling=ceiling.human,
        difference_from_ceiling=ceiling.difference,
        correlation_ceiling=correlation_ceiling(r, **how),
        alt_test=_alt_test(found, asked),
        marginals=_marginals(found),
        confusion=_confusion(found),
        lacking=lacking,
        slices=slices,
    )


def _commonest(found: Heard) -> tuple[str, float] | tuple[None, None]:
    """People's commonest label, and how often always giving it would agree."""
    known = base_rate(found.ratings) if found.has_labels else None
    return (None, None) if known is None else (found.one.scale.labels[known[0]], known[1])


def _percent(r: Ratings, common: str | None, rate: float | None, confidence: float) -> Estimate:
    e = percent_of(r, confidence=confidence)
    if rate is None:
        return e
    return replace(e, note=joined(e.note, f"always saying {common} would agree on {rate:.3f}"))


def _n_raters(r: Ratings) -> int:
    """How many people said something of these units."""
    return int(((r.ratings >= 0) | np.isfinite(r.numbers)).any(axis=0).sum())


def _ordered(r: Ratings, confidence: float, name: str, compute: Callable[[], Estimate]) -> Estimate:
    """What hangs on the order of the labels, where they have one."""
    if r.level == "nominal":
        return undefined(name, "coefficient", NO_ORDER, confidence)
    return compute()


def _pooled(r: Ratings, found: Estimate) -> Estimate:
    """A coefficient with the judge as one more rater: with a note where people are held to people."""
    said = (r.ratings >= 0) | np.isfinite(r.numbers)
    if found.value is None or not (said.sum(axis=1) > 1).any():
        return found
    return replace(found, note=joined(found.note, WITH_PEOPLE))


# -- correlations --------------------------------------------------------------------------------


def _correlations(of: Callable[[Kind], Estimate]) -> records.Correlations:
    return records.Correlations(of("spearman"), of("kendall_tau"), of("pearson"), of("acc_eq"))


def _none(why: str, confidence: float) -> records.Correlations:
    return _correlations(lambda kind: undefined(kind, "correlation", why, confidence))


def _within_items(found: Heard, asked: Asked) -> records.Correlations:
    """Within each item, where an item has several units with a verdict and a label."""
    units = found.one.units.iloc[found.rows]
    items = units["item_id"].astype(str).to_numpy()
    if len(set(items[found.is_both])) == int(found.is_both.sum()):
        return _none(ONE_EACH, asked.confidence)
    r = found.ratings
    return _correlations(
        lambda kind: correlation_within_items(kind, r, items, confidence=asked.confidence)
    )


def _of_systems(found: Heard, how: Drawn) -> records.Correlations:
    """Of the systems' means; in a pair the second system has what is left of the first one's share."""
    units = found.one.units.iloc[found.rows]
    if found.one.mode == "single":
        names = units["system"].astype(str).to_numpy()
        return _correlations(lambda kind: correlation_of_systems(kind, found.ratings, names, **how))
    sides = [units[name].astype(str).to_numpy() for name in ("system_a", "system_b")]
    both = _both_sides(found.ratings)
    names = np.concatenate(sides)
    return _correlations(lambda kind: correlation_of_systems(kind, both, names, **how))


def _both_sides(r: Ratings) -> Ratings:
    """Every pair twice, from the side of each of its systems."""
    return replace(
        r,
        shares=np.concatenate([r.shares, r.shares[:, ::-1]]),
        values=np.concatenate([r.values, 1.0 - r.values]),
        ratings=np.concatenate([r.ratings, np.where(r.ratings < 0, -1, 2 - r.ratings)]),
        numbers=np.concatenate([r.numbers, 1.0 - r.numbers]),
        clusters=np.concatenate([r.clusters, r.clusters]),
    )


# -- the majority, people one by one, and the label table ----------------------------------------


def _majority(found: Heard, how: Drawn) -> records.MajorityAgreement:
    """Against the label of more than half of a unit's raters; units without one are left out."""
    codes = found.one.majority[found.rows]
    values = np.array([*(found.one.scale.values or ()), np.nan])
    numbers = values[codes] if found.one.scale.values else np.full(len(codes), np.nan)
    r = replace(found.ratings, ratings=codes[:, None], numbers=numbers[:, None]).kept(codes >= 0)
    return records.MajorityAgreement(
        accuracy=percent_of(r, confidence=how["confidence"]),
        cohen_kappa=cohen_kappa_of(r, **how),
        krippendorff_alpha=krippendorff_alpha_of(r, **how),
        n_without=int((codes < 0).sum()),
    )


def _alt_test(found: Heard, asked: Asked) -> records.AltTest:
    r = found.ratings
    is_numeric = r.level != "nominal" and bool(np.isfinite(r.numbers).any())
    test = alt_test(r, asked.agree.epsilon, is_numeric=is_numeric, confidence=asked.confidence)
    return records.AltTest(
        winning_rate=test.winning_rate,
        advantage_probability=test.advantage_probability.value,
        epsilon=test.epsilon,
        passed=test.passed,
        advantage=test.advantage_probability,
        n_refused=test.n_refused,
        raters=tuple(_against(found.one.raters[one.place], one) for one in test.raters),
        note=test.note,
    )


def _against(rater: str, one: AgainstRater) -> records.AltTestRater:
    return records.AltTestRater(
        rater, one.n, one.adjusted_p, one.judge_wins, one.is_beaten, one.why
    )


def _confusion(found: Heard) -> records.Confusion:
    table = confusion(found.ratings)
    if table is None or not found.has_labels:
        return records.Confusion((), (), ())
    return records.Confusion(
        labels=found.one.scale.labels,
        counts=tuple(tuple(map(float, row)) for row in table.counts),
        lacking=tuple(map(float, table.unreadable)),
    )


def _marginals(found: Heard) -> tuple[records.MarginalShare, ...]:
    """How often each side gave each label, on the units that both spoke of."""
    r = found.ratings.kept(found.is_both)
    if not found.has_labels or not len(r.shares):
        return ()
    people = r.votes / np.maximum(r.votes.sum(axis=1, keepdims=True), 1)
    shares = zip(found.one.scale.labels, r.shares.mean(axis=0), people.mean(axis=0), strict=True)
    return tuple(records.MarginalShare(label, float(j), float(p)) for label, j, p in shares)
