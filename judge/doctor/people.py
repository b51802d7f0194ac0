"""What people's labels make possible: agreement, their own ceiling, correction, calibration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from judge.doctor import (
    FEW_LABELS,
    FEWEST_LABELS,
    Finding,
    LabelFacts,
    Limit,
    available,
    counted,
    joined,
    limited_by,
    not_identified,
    of,
)
from judge.doctor.evidence import Evidence
from judge.doctor.results import win_rate

NO_LABELS = "no labels by people"
GIVE_LABELS = "name a file of labels: --labels FILE (item_id, rater, label)"
FEWEST_FOR_CALIBRATION = 50  # below these only a line, no curve


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where people and judges spoke of the same thing.

    raters: one row per unit with a label and a verdict, how many raters it has, and the labels' mean
    inclusion_prob (NaN where one is not recorded). by_rater: labels of those units, one row a rater.
    """

    raters: pd.DataFrame
    by_rater: pd.DataFrame
    units: int


def overlap(e: Evidence) -> Overlap:
    """The units that have both a label and a verdict. units: how many have a label."""
    said = e.labels.astype(dict.fromkeys(e.unit, object))
    judged_units = e.ok[e.unit].astype(str).drop_duplicates()
    both = said.merge(judged_units, on=e.unit)
    grouped = both.groupby(e.unit)
    raters = grouped.agg(
        raters=("rater", "nunique"),
        inclusion_prob=("inclusion_prob", lambda probs: probs.mean(skipna=False)),
    )
    return Overlap(raters.reset_index(), both, len(said[e.unit].drop_duplicates()))


def label_facts(e: Evidence, both: Overlap, *, in_file: bool) -> LabelFacts | None:
    """What people said, in counts; None where they said nothing of this kind."""
    if e.labels.empty:
        return None
    return LabelFacts(
        labels=len(e.labels),
        raters=int(e.labels["rater"].nunique()),
        items=int(e.labels["item_id"].nunique()),
        units=both.units,
        judged=len(both.raters),
        judged_items=int(both.raters["item_id"].nunique()),
        repeated=int((both.raters["raters"] >= 2).sum()),
        in_file=in_file,
    )


def findings(e: Evidence, both: Overlap) -> Iterator[Finding]:
    """What people make possible, in the order of a report."""
    yield agreement(e, both)
    yield human_ceiling(e, both)
    yield alt_test(e, both)
    yield correction(e, both)
    yield calibration(e, both)


def _unlabelled(name: str, title: str, e: Evidence, both: Overlap) -> Finding | None:
    """The finding where no label stands beside a verdict, None where one does."""
    if e.labels.empty:
        return not_identified(name, title, NO_LABELS, GIVE_LABELS, "item_id", "rater", "label")
    if both.raters.empty:
        why = f"none of the {both.units:,} labelled {e.thing}s has a verdict"
        remedy = "labels and verdicts must share item_id and the names of systems"
        return not_identified(name, title, why, remedy, "item_id")
    return None


def _few(n: int, what: str) -> Limit | None:
    if n >= FEW_LABELS:
        return None
    return Limit(f"fewer than {FEW_LABELS} {what}", "label more")


def agreement(e: Evidence, both: Overlap) -> Finding:
    """Whether a judge can be held against people."""
    name, title = "agreement", "agreement with people"
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    n, raters = len(both.raters), int(both.by_rater["rater"].nunique())
    said = sorted(set(both.by_rater["said"].astype(str)))
    why = f"{counted(n, e.thing)} with labels of {counted(raters, 'rater')} and a verdict"
    return limited_by(
        name,
        title,
        why,
        _few(n, f"labelled {e.thing}s"),
        Limit(f"every label is {said[0]!r}: kappa and alpha have no value")
        if len(said) == 1
        else None,
        _unreached(e, both),
    )


def _unreached(e: Evidence, both: Overlap) -> Limit | None:
    """The judges that gave no verdict on anything that is labelled."""
    labelled = both.raters[e.unit]
    reached = e.ok[[*e.unit, "judge"]].astype(str).merge(labelled, on=e.unit)["judge"]
    without = sorted(set(e.asked["judge"].astype(str)) - set(reached))
    return Limit(f"{joined(without)}: no verdict on what is labelled") if without else None


def human_ceiling(e: Evidence, both: Overlap) -> Finding:
    """Whether it can be said how well people agree with each other."""
    name, title = "human_ceiling", "human ceiling"
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    n = int((both.raters["raters"] >= 2).sum())
    said = of(n, len(both.raters), f"labelled {e.thing}s have two raters or more")
    if not n:
        return not_identified(name, title, said, "let a second rater label some of them", "rater")
    return limited_by(name, title, said, _few(n, "of them"))


def alt_test(e: Evidence, both: Overlap) -> Finding:
    """Whether the test of replacing a rater by the judge can be made. Source: Calderon et al. 2501.10970."""
    name, title = "alt_test", "alternative annotator test"
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    shared = both.by_rater.merge(both.raters.loc[both.raters["raters"] >= 2, e.unit], on=e.unit)
    per_rater = shared.drop_duplicates([*e.unit, "rater"]).groupby("rater").size()
    enough = int((per_rater >= FEW_LABELS).sum())
    said = f"{counted(enough, 'rater')} with {FEW_LABELS} shared {e.thing}s or more"
    if not enough:
        remedy = f"let raters share {FEW_LABELS} {e.thing}s; three raters are advised"
        return not_identified(name, title, said, remedy, "rater")
    few = Limit("three raters are advised", "add raters") if enough < 3 else None
    return limited_by(name, title, said, few)


def correction(e: Evidence, both: Overlap) -> Finding:
    """Whether rates can be corrected by labels on a random part of what was judged."""
    name, title = "correction", "correction of rates by people"
    found = win_rate(e) if e.mode == "pairwise" else None
    if found is not None and found.standing == "not_identified":
        return not_identified(
            name, title, f"there is no win rate: {found.reason}", found.remedy, *found.fields
        )
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    sizes, total = _labelled_per_comparison(e, both)
    usable = [size for size in sizes.values() if size >= FEWEST_LABELS]
    said = (
        f"{counted(len(both.raters), e.thing)} of {total:,} labelled"
        if len(sizes) == 1
        else f"{of(len(usable), len(sizes), 'comparisons')} with {FEWEST_LABELS} labels or more"
    )
    if not usable:
        return not_identified(
            name, title, f"{said}: it takes {FEWEST_LABELS}", "label a random part"
        )
    if len(both.raters) == total:
        all_labelled = Limit("everything is labelled: the people's own rate is the answer")
        return limited_by(name, title, said, all_labelled)
    return limited_by(name, title, said, _few(min(usable), "in the smallest"), _drawn(both))


def _labelled_per_comparison(e: Evidence, both: Overlap) -> tuple[dict[str, int], int]:
    """Comparison -> labelled units, and how many units have a verdict in all."""
    keys = ["system_a", "system_b"] if e.mode == "pairwise" else ["system"]
    units = e.ok[e.unit].astype(str).drop_duplicates()
    names = {" / ".join(key): 0 for key in units[keys].itertuples(index=False, name=None)}
    for key in both.raters[keys].itertuples(index=False, name=None):
        names[" / ".join(map(str, key))] += 1
    return names, len(units)


def _drawn(both: Overlap) -> Limit | None:
    known = int(both.raters["inclusion_prob"].notna().sum())
    if known == len(both.raters):
        return None
    return Limit(
        f"inclusion_prob is recorded on {known:,} of these {len(both.raters):,}: right only if they were "
        "drawn at random",
        "log `inclusion_prob`: the chance each had to be labelled",
        ("inclusion_prob",),
    )


def calibration(e: Evidence, both: Overlap) -> Finding:
    """Whether the judge's own probabilities or scores can be mapped to people's."""
    name, title = "calibration", "calibration of the judge's confidence"
    column = "p_a" if e.mode == "pairwise" else "score"
    known = e.ok[e.ok[column].notna()]
    if known[column].nunique() <= 2:
        rows = of(len(known), len(e.ok), "rows")
        why = (
            f"{column} is recorded on {rows}" if known.empty else f"{column} has two values at most"
        )
        remedy = f"log `{column}`: " + (
            "the judge's probability that system_a is better"
            if e.mode == "pairwise"
            else "the number that the judge gave"
        )
        return not_identified(name, title, why, remedy, column)
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    n = len(known[e.unit].astype(str).drop_duplicates().merge(both.raters[e.unit], on=e.unit))
    why = f"{counted(n, e.thing)} with {column} and a label"
    if not n:
        return not_identified(name, title, why, "label some that have one")
    if n >= FEWEST_FOR_CALIBRATION:
        return available(name, title, why)
    return limited_by(name, title, why, Limit(f"under {FEWEST_FOR_CALIBRATION}", "label more"))
