"""What can be said of the judges without people: position, noise, length, family, wording."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from judge.analysis.adjusted import MIN_PAIRS, MOST_INFLATED
from judge.analysis.kin_regression import Fit, fits
from judge.doctor import (
    FEW_CLUSTERS,
    MAX_MISSING,
    Finding,
    Limit,
    counted,
    joined,
    limited_by,
    not_identified,
    of,
)
from judge.doctor.evidence import Evidence, n_clusters, recorded
from judge.doctor.results import NO_SYSTEMS, NO_VERDICT, ORDER_REMEDY
from judge.stats.lengths import ENOUGH
from judge.stats.panel import family_groups
from judge.stats.scores import score_cells
from judge.stats.values import ASKED_WITH

REPEAT = "ask a share of the items again in the same order (--repeats 2 --repeat-share 0.2) and log `repeat`"


def findings(e: Evidence) -> Iterator[Finding]:
    """What can be said of the judges, in the order of a report."""
    yield position(e)
    yield order_noise(e)
    yield repetition(e)
    yield length(e)
    yield self_preference(e)
    yield wording(e)


# -- position and repeats ------------------------------------------------------------------------


def position(e: Evidence) -> Finding:
    """Whether position consistency, preference fairness and the first-shown rate can be measured."""
    name, title = "position", "position consistency, fairness, first-shown rate"
    if e.mode == "single":
        return not_identified(
            name, title, "single answers have no order", "judge pairs in both orders"
        )
    known, total = recorded(e.asked, "order"), len(e.asked)
    if not known:
        why = f"order is recorded on {of(0, total, 'rows')}"
        return not_identified(name, title, why, ORDER_REMEDY, "order")
    asked, answered = (_in_both_orders(e, frame) for frame in (e.asked, e.ok))
    if not len(answered):
        why = "no pair was asked in both orders" if not len(asked) else _lost_orders(len(asked))
        remedy = "ask both orders, or a random share of the pairs (--swap both, --swap sample:0.2)"
        return not_identified(name, title, why, remedy, "order")
    pairs = len(e.asked[[*ASKED_WITH, *e.unit]].drop_duplicates())
    lost = len(asked) - len(answered)
    return limited_by(
        name,
        title,
        f"verdicts in both orders on {of(len(answered), pairs, 'pairs (by judge and wording)')}",
        _few_pairs(answered),
        Limit(f"{_lost_orders(lost)}") if lost > MAX_MISSING * len(asked) else None,
        Limit(f"order is recorded on {of(known, total, 'rows')}", ORDER_REMEDY, ("order",))
        if known < total
        else None,
        _judges_without(e, answered, "a pair in both orders"),
    )


def _lost_orders(lost: int) -> str:
    return f"{counted(lost, 'pair')} asked in both orders lack a verdict in one"


def _in_both_orders(e: Evidence, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per judge, wording and pair that has rows in both orders."""
    keys = [*ASKED_WITH, *e.unit, "cluster"]
    shown = frame.loc[frame["order"] != "", [*keys, "order"]].drop_duplicates()
    return shown[shown.duplicated(keys)]


def _few_pairs(pairs: pd.DataFrame) -> Limit | None:
    if n_clusters(pairs) >= FEW_CLUSTERS:
        return None
    return Limit(f"{counted(n_clusters(pairs), 'independent item')} are few", "ask more of them")


def _judges_without(e: Evidence, found: pd.DataFrame, what: str) -> Limit | None:
    without = sorted(set(e.asked["judge"].astype(str)) - set(found["judge"].astype(str)))
    return Limit(f"{joined(without)} without {what}") if without else None


def _repeated(e: Evidence) -> pd.DataFrame:
    """One row per question that was answered twice or more in the very same way of asking."""
    keys = [*ASKED_WITH, *e.unit, "order", "cluster"]
    return e.ok.loc[e.ok.duplicated(keys), keys].drop_duplicates()


def order_noise(e: Evidence) -> Finding:
    """Whether a flip between orders can be told from a judge that flips anyway."""
    name, title = "order_noise", "position apart from noise"
    if e.mode == "single":
        return not_identified(
            name, title, "single answers have no order", "judge pairs in both orders"
        )
    turned = _in_both_orders(e, e.ok)
    if not len(turned):
        found = position(e)
        return not_identified(name, title, found.reason, found.remedy, *found.fields)
    # A judge's noise is held against its own flips: another's would say nothing of it.
    own = turned[[*ASKED_WITH]].drop_duplicates()
    repeated = _repeated(e).merge(own, on=[*ASKED_WITH])
    repeated = repeated[repeated["order"] != ""]
    if not len(repeated):
        why = "nothing was asked twice in the same order: a flip may be noise"
        return not_identified(name, title, why, REPEAT, "repeat")
    why = f"{counted(len(repeated), 'question')} asked twice or more in the same order"
    return limited_by(name, title, why, _few_pairs(repeated))


def repetition(e: Evidence) -> Finding:
    """Whether a judge can be seen to repeat itself."""
    name, title = "repetition_stability", "repetition stability"
    repeated = _repeated(e)
    questions = len(e.ok[[*ASKED_WITH, *e.unit, "order"]].drop_duplicates())
    if not len(repeated):
        why = f"{of(0, questions, 'questions were answered more than once')}"
        return not_identified(name, title, why, REPEAT, "repeat")
    why = f"{of(len(repeated), questions, 'questions were answered more than once')}"
    return limited_by(
        name,
        title,
        why,
        _few_pairs(repeated),
        _judges_without(e, repeated, "repeats"),
    )


# -- length --------------------------------------------------------------------------------------


def length(e: Evidence) -> Finding:
    """Whether the effect of length can be measured, and taken out of win rates."""
    name, title = "length", "length effect and control"
    columns = ("len_a", "len_b") if e.mode == "pairwise" else ("len",)
    there = e.ok[e.ok[[*columns]].notna().all(axis=1)]
    named = " and ".join(f"`{column}`" for column in columns)
    if there.empty:
        why = f"lengths are recorded on {of(0, len(e.ok), 'rows')}"
        return not_identified(name, title, why, f"log {named}: characters of each answer", *columns)
    spread = there["len_a"] - there["len_b"] if e.mode == "pairwise" else there["len"]
    if (e.mode == "pairwise" and not spread.any()) or spread.nunique() < 2:
        return not_identified(name, title, f"lengths do not differ on {counted(len(there), 'row')}")
    bare = len(e.ok) - len(there)
    return limited_by(
        name,
        title,
        f"lengths are recorded on {of(len(there), len(e.ok), 'rows with a verdict')}",
        Limit("rows without them are left out", f"log {named}", columns) if bare else None,
        _few_lengths(e, there),
        _uncompared(e),
        _inflated(there) if e.mode == "pairwise" and e.table.comparable else None,
        _only_associated(e, there) if e.mode == "single" else None,
    )


def _few_lengths(e: Evidence, there: pd.DataFrame) -> Limit | None:
    """Control is by comparison, so the one with fewest pairs decides; a bias of scores is one slope."""
    units = there[[*e.unit, "judge"]].drop_duplicates()
    is_compared = e.mode == "pairwise" and e.table.comparable
    keys = ["judge", "system_a", "system_b"] if is_compared else ["judge"]
    n = int(units.groupby(keys, observed=True).size().min())
    if n >= MIN_PAIRS:
        return None
    return Limit(f"{counted(n, e.thing)} are under the {MIN_PAIRS} that it takes")


def _only_associated(e: Evidence, there: pd.DataFrame) -> Limit | None:
    """Length may be merit: people's scores of the same answers, or padded ones, tell how much is bias."""
    scored = e.labels.loc[e.labels["score"].notna(), e.unit]
    n = len(scored.drop_duplicates().merge(there[e.unit].astype(str).drop_duplicates(), on=e.unit))
    if n >= ENOUGH:
        return None
    few = f"; {counted(n, 'answer')} scored by people are few" if n else ""
    return Limit(
        f"for single answers it is an association{few}",
        "score some by people (--labels), or have the answers judged padded too (analyze --padded)",
    )


def _uncompared(e: Evidence) -> Limit | None:
    if e.mode == "single" or e.table.comparable:
        return None
    return Limit(f"the effect only, no controlled win rate: {NO_SYSTEMS}")


def _inflated(there: pd.DataFrame) -> Limit | None:
    """Where length goes with the system so closely that their effects cannot be told apart.

    The strength of a pair of systems is a constant on its rows, so what the constants explain of the
    length term (uncentred, as the model has it) is R2, and the variance grows by 1 / (1 - R2).
    """
    pairs = there[["item_id", "system_a", "system_b", "len_a", "len_b"]].drop_duplicates()
    difference = (pairs["len_a"] - pairs["len_b"]).to_numpy()
    scale = float(np.sqrt(np.mean(difference**2)))
    terms = pairs.assign(x=np.tanh(difference / scale), square=np.tanh(difference / scale) ** 2)
    by_pair = terms.groupby(["system_a", "system_b"], observed=True).agg(
        total=("x", "sum"), n=("x", "size"), squares=("square", "sum")
    )
    explained = float((by_pair["total"] ** 2 / by_pair["n"]).sum() / by_pair["squares"].sum())
    if explained <= 1 - 1 / MOST_INFLATED:
        return None
    return Limit(
        "one system is nearly always the longer, so length and system cannot be told apart"
    )


# -- families ------------------------------------------------------------------------------------


def self_preference(e: Evidence) -> Finding:
    """Whether a judge can be seen to favour its own family: as the analysis itself finds it."""
    name, title = "self_preference", "self-preference"
    if not e.table.comparable:
        return not_identified(
            name, title, NO_SYSTEMS, "name who wrote each answer", "system_a", "system_b"
        )
    if e.ok.empty:
        return not_identified(name, title, NO_VERDICT)
    fields = ("judge_families",) if e.kinship.undeclared() else ()
    found = [fit for fit in _fits(e) if not fit.criterion]
    measured = [fit for fit in found if not fit.why_not]
    if not measured:
        why = dict.fromkeys(fit.why_not for fit in found)
        return not_identified(name, title, "; ".join(why) or NO_VERDICT, "", *fields)
    judges = joined(list(dict.fromkeys(judge for fit in measured for judge in fit.related)))
    left = list(e.kinship.undeclared())
    return limited_by(
        name,
        title,
        f"answers of {judges}'s own family, and others judged them too",
        Limit(f"no family is declared for {joined(left)}", "declare it", fields) if left else None,
    )


def _fits(e: Evidence) -> tuple[Fit, ...]:
    cells = score_cells(e.table.frame, family_groups(e.judges)) if e.mode == "single" else ()
    return fits(e.table, cells, e.kinship)


# -- wording -------------------------------------------------------------------------------------


def wording(e: Evidence) -> Finding:
    """Whether the wording of a rubric can be seen to change verdicts."""
    name, title = "wording", "wording sensitivity"
    keys = ["judge", "rubric", *e.unit]
    seen = e.ok[[*keys, "variant", "cluster"]].drop_duplicates()
    several = seen[seen.duplicated(keys, keep=False)]
    rubrics = int(e.asked["rubric"].nunique())
    if several.empty:
        why = f"no {e.thing} was judged under two wordings of one rubric"
        if rubrics > 1:
            why += f" ({rubrics} rubrics are {rubrics} questions, not wordings)"
        remedy = "ask again under a rubric's variants and log `variant`"
        return not_identified(name, title, why, remedy, "variant")
    n = len(several[keys].drop_duplicates())
    variants = int(several["variant"].nunique())
    noise = None
    if _repeated(e).empty:
        noise = Limit("without repeats wording cannot be told from noise", REPEAT, ("repeat",))
    return limited_by(
        name,
        title,
        f"{counted(n, e.thing)} (by judge) under {variants} wordings",
        _few_pairs(several),
        noise,
    )
