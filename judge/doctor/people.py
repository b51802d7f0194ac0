"""What people's labels make possible: agreement, their ceiling, correction, judging alone, calibration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from judge.agreement.alt_test import FEWEST_RATERS, FEWEST_UNITS
from judge.analysis.agree_asked import USUAL
from judge.doctor import (
    FEW_LABELS,
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
from judge.stats.calibrators import PLATT_BELOW
from judge.stats.correction import ENOUGH, FEWEST
from judge.stats.selective import STARTS, fewest

NO_LABELS = "no labels by people"
GIVE_LABELS = "name a file of labels: --labels FILE (item_id, rater, label)"
FEWEST_FOR_CALIBRATION = PLATT_BELOW  # below these only a line, no curve


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where people and judges spoke of the same thing.

    raters: one row per unit with a label and a verdict, how many raters it has, the labels' mean
    inclusion_prob (NaN where one is not recorded), its split ("" where none is), and whether more than
    half of its raters said the same (has_majority). by_rater: labels of those units, one row a rater.
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
        split=("split", "first"),
        has_majority=("said", lambda said: 2 * said.value_counts().max() > len(said)),
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
    yield selective(e, both)
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
    """Whether the test of replacing a rater by the judge can be made, as agreement.alt_test has it."""
    name, title = "alt_test", "alternative annotator test"
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    shared = both.by_rater.merge(both.raters.loc[both.raters["raters"] >= 2, e.unit], on=e.unit)
    per_rater = shared.drop_duplicates([*e.unit, "rater"]).groupby("rater").size()
    enough = int((per_rater >= FEWEST_UNITS).sum())
    said = f"{counted(enough, 'rater')} with {FEWEST_UNITS} shared {e.thing}s or more"
    if not enough:
        remedy = f"let raters share {FEWEST_UNITS} {e.thing}s; three raters are advised"
        return not_identified(name, title, said, remedy, "rater")
    few = Limit("three raters are advised", "add raters") if enough < FEWEST_RATERS else None
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
    both = _less_dev(both)
    sizes, total = _labelled_per_comparison(e, both)
    usable = [size for size in sizes.values() if size >= FEWEST]
    said = (
        f"{counted(len(both.raters), e.thing)} of {total:,} labelled"
        if len(sizes) == 1
        else f"{of(len(usable), len(sizes), 'comparisons')} with {FEWEST} labels or more"
    )
    if not usable:
        return not_identified(
            name, title, f"{said}: it takes {FEWEST}", "label a random part: judge labels draw"
        )
    if len(both.raters) == total:
        all_labelled = Limit("everything is labelled: the people's own rate is the answer")
        return limited_by(name, title, said, all_labelled)
    hand_picked = _hand_picked(both)
    if hand_picked:
        how = (
            "draw them with `judge labels draw`, which records how probable each was to be labelled"
        )
        return not_identified(name, title, f"{said}: {hand_picked}", how, "inclusion_prob")
    few = f"fewer than {ENOUGH} in the smallest: a corrected number is shown, and decides nothing"
    return limited_by(name, title, said, Limit(few, "label more") if min(usable) < ENOUGH else None)


def _labelled_per_comparison(e: Evidence, both: Overlap) -> tuple[dict[str, int], int]:
    """Comparison -> labelled units, and how many units have a verdict in all."""
    keys = ["system_a", "system_b"] if e.mode == "pairwise" else ["system"]
    units = e.ok[e.unit].astype(str).drop_duplicates()
    names = {" / ".join(key): 0 for key in units[keys].itertuples(index=False, name=None)}
    for key in both.raters[keys].itertuples(index=False, name=None):
        names[" / ".join(map(str, key))] += 1
    return names, len(units)


def _less_dev(both: Overlap) -> Overlap:
    """Without the labels that rubrics were tried on."""
    kept = both.raters[both.raters["split"] != "dev"]
    return Overlap(kept, both.by_rater[both.by_rater["split"] != "dev"], both.units)


def _hand_picked(both: Overlap) -> str:
    """Why these labels may have been chosen by hand, "" where all say how they were drawn."""
    known = int(both.raters["inclusion_prob"].notna().sum())
    if known == len(both.raters):
        return ""
    return (
        f"inclusion_prob is recorded on {known:,} of these {len(both.raters):,}, and labels that were "
        "picked by hand correct nothing"
    )


def selective(e: Evidence, both: Overlap) -> Finding:
    """Whether a confidence can be found above which the judge may decide alone, as stats.selective has it."""
    name, title = "selective", "judging alone above a confidence"
    absent = _unlabelled(name, title, e, both)
    if absent:
        return absent
    own = _less_dev(both).raters
    own = own[own["has_majority"]]
    is_calib = own["split"] == "calib"
    n_fit = int(is_calib.sum()) if is_calib.any() else len(own) // 2
    need = fewest(USUAL.risk, USUAL.delta)
    of_what = "of split calib" if is_calib.any() else "a half"
    said = f"{counted(len(own), e.thing)} on which most raters agree; {n_fit:,} ({of_what}) to find it on"
    if n_fit < need:
        why = f"{said}, and --risk {USUAL.risk:g} with --delta {USUAL.delta:g} takes {need}"
        return not_identified(name, title, why, "label more, or allow a higher --risk")
    few = Limit(f"fewer than {STARTS[0]}: nearly all must be right", "label more")
    return limited_by(name, title, said, few if n_fit < STARTS[0] else None)


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
