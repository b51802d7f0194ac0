"""What can be said of the systems: win rates or scores, the panel, slices, a ranking, gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from judge.analysis.ranking import FEWEST
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
from judge.doctor.evidence import SYSTEMS, Evidence, n_clusters, recorded, system_names
from judge.plan import smallest_shown
from judge.stats.panel import family_groups
from judge.stats.slices import MOST_CATEGORIES, MOST_VALUES, by_length
from judge.stats.values import ASKED_WITH, is_stopped
from judge.stats.values import parts as parts_of

# Of the pairs in one order; above it the same system is as good as always shown first.
NEARLY_ALL = 0.95
NO_SYSTEMS = "the two texts of a pair are not the answers of two systems in this source"
NAME_SYSTEMS = "write a table that names who wrote each answer"
NO_VERDICT = "no row has a verdict"


def findings(e: Evidence) -> Iterator[Finding]:
    """What can be said of the systems, in the order of a report."""
    yield win_rate(e) if e.mode == "pairwise" else scores(e)
    yield panel(e)
    yield category_slices(e)
    yield length_slices(e)
    yield ranking(e)
    yield gates(e)


# -- win rates and scores ------------------------------------------------------------------------


def win_rate(e: Evidence) -> Finding:
    """Whether one system can be held against another."""
    name, title = "win_rate", "win rate with interval"
    if not e.table.comparable:
        return not_identified(name, title, NO_SYSTEMS, NAME_SYSTEMS, "system_a", "system_b")
    if e.complete.empty:
        return not_identified(name, title, f"no pair has a verdict in every order ({_answered(e)})")
    limits = (_baseline(e), _few(e), _lost(e), _order(e), _cut_short(e))
    return limited_by(name, title, _size(e), *limits)


def scores(e: Evidence) -> Finding:
    """Whether systems can be scored."""
    name, title = "scores", "scores with interval"
    n = recorded(e.ok, "score")
    if e.complete.empty:
        return not_identified(name, title, f"no answer has a verdict ({_answered(e)})")
    if not n:
        why = "verdicts are labels without numbers"
        return not_identified(name, title, why, "log `score`: the label's number", "score")
    return limited_by(name, title, _size(e), _few(e), _lost(e))


def _answered(e: Evidence) -> str:
    return of(len(e.ok), len(e.asked), "rows answered")


def _size(e: Evidence) -> str:
    """How much there is of the comparison that has least, and what that cannot show."""
    parts = [n_clusters(part) for part in _comparisons(e)]
    systems, least = len(system_names(e.table)), min(parts)
    size = smallest_shown(least, e.mode)
    unseen = f"a difference under {size:.2f} SD"
    if e.mode == "pairwise":
        unseen = f"a difference under {100 * size:.1f} points" if size < 0.5 else "any difference"
    span = f"{least:,}" if least == max(parts) else f"{least:,} to {max(parts):,}"
    items = "independent item" if span == "1" else "independent items"
    each = "" if len(parts) == 1 else " each"
    return f"{counted(systems, 'system')}, {span} {items}{each}; {unseen} may go unseen"


def _comparisons(e: Evidence) -> list[pd.DataFrame]:
    """The values of each pair of systems, or of each system."""
    keys = ["system_a", "system_b"] if e.mode == "pairwise" else ["system"]
    return [part for _, part in e.complete.groupby(keys, observed=True)]


def baseline(e: Evidence) -> str | None:
    """The system that is in every pair, or one of two; None where nothing is evident."""
    pairs = e.asked[["system_a", "system_b"]].drop_duplicates().astype(str)
    sets = [frozenset(pair) for pair in pairs.itertuples(index=False, name=None)]
    everywhere = frozenset(system_names(e.table)).intersection(*sets)
    return min(everywhere, default=None)


def _baseline(e: Evidence) -> Limit | None:
    if baseline(e) is not None:
        return None
    return Limit("no system is in every pair", "name one to compare with: --baseline SYSTEM")


def _few(e: Evidence) -> Limit | None:
    least = min(n_clusters(part) for part in _comparisons(e))
    if least >= FEW_CLUSTERS:
        return None
    if least < 2:
        return Limit("one cluster of items has no interval", "judge more items")
    return Limit("so few items give a wide interval that leans on t", "judge more items")


def _lost(e: Evidence) -> Limit | None:
    wanted = e.values[e.values["is_asked"]]
    lost = int(wanted["value"].isna().sum())
    if lost <= MAX_MISSING * len(wanted):
        return None
    things = f"{e.thing}s (by judge) lack a verdict"
    return Limit(
        of(lost, len(wanted), things),
        "ask again what failed: what is missing may not be missing at random",
    )


def _cut_short(e: Evidence) -> Limit | None:
    """Where a rule that looks at verdicts, as --stop-early does, may have decided how many there are."""
    frame = e.table.frame
    n = int((is_stopped(frame) & (frame["reason"] == "policy")).sum())
    if not n:
        return None
    return Limit(
        f"{counted(n, 'trial')} were stopped by a policy, perhaps because of the verdicts before",
        "conclude from the run's own report (judge report RUN)",
    )


def _order(e: Evidence) -> Limit | None:
    """Where the position of an answer may be part of a win rate."""
    known, n = recorded(e.asked, "order"), len(e.asked)
    if known < n:
        return Limit(
            f"order is recorded on {of(known, n, 'rows')}, so position may be part of it",
            ORDER_REMEDY,
            ("order",),
        )
    shown = one_order(e)
    if not len(shown):
        return None
    by_pair = shown.groupby(["system_a", "system_b"], observed=True)["order"]
    most = int(by_pair.agg(lambda orders: orders.value_counts().iloc[0]).sum())
    if most < NEARLY_ALL * len(shown):
        return None
    return Limit(
        f"{counted(len(shown), 'pair')} (by judge) in one order, the same system first: position is "
        "part of it",
        "ask both orders (--swap both)",
        ("order",),
    )


ORDER_REMEDY = "log `order`: AB where system_a was shown first, BA where system_b was"


def one_order(e: Evidence) -> pd.DataFrame:
    """One row per judge, wording and pair that was asked in one order only."""
    keys = [*ASKED_WITH, *e.unit]
    shown = e.asked.loc[e.asked["order"] != "", [*keys, "order"]].drop_duplicates()
    return shown[~shown.duplicated(keys, keep=False)]


# -- several judges ------------------------------------------------------------------------------


def panel(e: Evidence) -> Finding:
    """Whether several judges can be heard as one."""
    name, title = "panel", "panel of judges"
    judges = sorted(str(judge) for judge in e.complete["judge"].unique())
    if len(judges) < 2:
        heard = f"one judge ({judges[0]})" if judges else NO_VERDICT
        return not_identified(
            name, title, heard, "let a judge of another family see the same items"
        )
    if not e.table.comparable:
        return not_identified(name, title, NO_SYSTEMS, NAME_SYSTEMS, "system_a", "system_b")
    groups = family_groups({judge: e.judges[judge] for judge in judges})
    heard_by = e.complete.assign(family=e.complete["judge"].map(groups).astype("int64"))
    families = heard_by.groupby(e.unit, observed=True)["family"].nunique()
    whole = int((families == len(set(groups.values()))).sum())
    said = of(whole, len(families), f"{e.thing}s have a value from every family")
    if not whole:
        return not_identified(name, title, said, "let every judge see the same items")
    return limited_by(
        name,
        title,
        f"{len(judges)} judges; {said}",
        _undeclared(e, judges),
        _one_family(len(set(groups.values()))),
        _uneven(whole, len(families)),
    )


def _undeclared(e: Evidence, judges: Iterable[str]) -> Limit | None:
    alone = [judge for judge in judges if not e.judges[judge]]
    if not alone:
        return None
    return Limit(
        f"no family is declared for {joined(alone)}",
        "log `judge_families`, or declare [families] in judge.toml",
        ("judge_families",),
    )


def _one_family(groups: int) -> Limit | None:
    if groups > 1:
        return None
    return Limit("all judges are of one family and have one vote", "add a judge of another family")


def _uneven(whole: int, total: int) -> Limit | None:
    if whole >= (1 - MAX_MISSING) * total:
        return None
    return Limit("the others have no panel's value", "let every judge see the same items")


# -- slices --------------------------------------------------------------------------------------


def category_slices(e: Evidence) -> Finding:
    """Whether results can be told apart by category."""
    name, title = "category_slices", "slices by category"
    n, total = recorded(e.asked, "category"), len(e.asked)
    if not n:
        why = f"category is recorded on {of(0, total, 'rows')}"
        return not_identified(name, title, why, "log `category` of the item", "category")
    found = e.asked[e.asked["category"] != ""]
    nothing = _nothing_to_slice(name, title, e, found, "category")
    if nothing:
        return nothing
    sizes = found.groupby("category", observed=True)["cluster"].nunique()
    if len(sizes) < 2:
        return not_identified(name, title, "every item is of one category", "", "category")
    if len(sizes) > MOST_VALUES:
        why = f"{len(sizes):,} categories are more than can be told apart ({MOST_VALUES})"
        return not_identified(name, title, why, "group them", "category")
    many = Limit(
        f"more than {MOST_CATEGORIES} are not shown by themselves", "ask for them: --slice category"
    )
    small = int((sizes < FEW_CLUSTERS).sum())
    few = Limit(f"{small} of them have fewer than {FEW_CLUSTERS}") if small else None
    bare = Limit(f"{total - n:,} rows have none", "", ("category",)) if n < total else None
    said = f"{len(sizes)} categories of {sizes.min():,} to {sizes.max():,} independent items"
    return limited_by(name, title, said, few, bare, many if len(sizes) > MOST_CATEGORIES else None)


def _nothing_to_slice(
    name: str, title: str, e: Evidence, found: pd.DataFrame, column: str
) -> Finding | None:
    """Why a report has no such slices whatever the column holds, None where it can have them."""
    if not e.table.comparable:
        return not_identified(name, title, NO_SYSTEMS, NAME_SYSTEMS, "system_a", "system_b")
    if e.complete.empty:
        return not_identified(name, title, NO_VERDICT)
    several = int((found.groupby("item_id", observed=True)[column].nunique() > 1).sum())
    if not several:
        return None
    why = f"{counted(several, 'item')} have several: slices tell items apart"
    return not_identified(name, title, why, f"give each item one `{column}`", column)


def length_slices(e: Evidence) -> Finding:
    """Whether results can be told apart by the length of the prompt."""
    name, title = "prompt_length_slices", "slices by prompt length"
    n, total = recorded(e.asked, "len_prompt"), len(e.asked)
    why = f"the prompt's length is recorded on {of(n, total, 'rows')}"
    if not n:
        return not_identified(name, title, why, "log `len_prompt`: its characters", "len_prompt")
    found = e.asked[e.asked["len_prompt"].notna()]
    nothing = _nothing_to_slice(name, title, e, found, "len_prompt")
    if nothing:
        return nothing
    items = found.drop_duplicates("item_id")
    thirds = by_length(
        "prompt_length", dict(zip(items["item_id"], items["len_prompt"], strict=True))
    )
    if not thirds.values:
        return not_identified(name, title, thirds.note)
    bare = (
        Limit("those without are a slice of their own", "", ("len_prompt",)) if n < total else None
    )
    return limited_by(name, title, why, bare)


# -- a ranking, and gates ------------------------------------------------------------------------


def ranking(e: Evidence) -> Finding:
    """Whether the systems can be put on one scale."""
    name, title = "ranking", "ranking of systems"
    if e.mode == "single":
        return not_identified(
            name, title, "a ranking is made of pairs; answers have scores", "use judge rank"
        )
    if not e.table.comparable:
        return not_identified(name, title, NO_SYSTEMS, NAME_SYSTEMS, "system_a", "system_b")
    met = e.complete.groupby(["system_a", "system_b"], observed=True)["value"].agg(["min", "max"])
    if met.empty:
        return not_identified(name, title, NO_VERDICT)
    systems = sorted({str(name) for side in SYSTEMS[e.mode] for name in e.asked[side].unique()})
    if len(systems) < FEWEST:
        why = f"{counted(len(systems), 'system')}: a ranking takes three or more"
        return not_identified(name, title, why, "judge more systems on the same items")
    apart = _apart(e, systems)
    if apart:
        return not_identified(name, title, apart, "judge pairs across the groups")
    said = f"{counted(len(systems), 'system')}, connected by {counted(len(met), 'pair')}"
    return limited_by(name, title, said, _unbeaten(met))


def _apart(e: Evidence, systems: Sequence[str]) -> str:
    """Whose pairs do not join all systems: one order takes every judge under every wording."""
    answered = dict(parts_of(e.complete, ASKED_WITH))
    for key, _ in parts_of(e.asked, ASKED_WITH):
        own = answered.get(key, e.complete.iloc[:0])
        edges = set(own[[*SYSTEMS[e.mode]]].astype(str).itertuples(index=False, name=None))
        parts = components(systems, [*edges, *((b, a) for a, b in edges)])
        if len(parts) > 1:
            whose = f"by the pairs judged by {key[0]}, " if e.asked["judge"].nunique() > 1 else ""
            small = joined(sorted(sorted(parts, key=len)[0]))
            return f"{whose}the systems fall into {len(parts)} groups that never met (one: {small})"
    return ""


def _unbeaten(met: pd.DataFrame) -> Limit | None:
    """Where somebody never took, or never lost, a point: that strength has no bound of its own."""
    points: list[tuple[str, str]] = []
    for (a, b), low, high in zip(met.index, met["min"], met["max"], strict=True):
        points += [(str(a), str(b))] if high > 0 else []
        points += [(str(b), str(a))] if low < 1 else []
    systems = sorted({name for edge in met.index for name in map(str, edge)})
    if len(components(systems, points)) == 1:
        return None
    return Limit("some systems won or lost every pair with the rest, so a prior bounds them")


def components(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> list[set[str]]:
    """The strongly connected components of a directed graph."""
    names = list(nodes)
    forward: dict[str, set[str]] = {name: set() for name in names}
    backward: dict[str, set[str]] = {name: set() for name in names}
    for source, target in edges:
        forward[source].add(target)
        backward[target].add(source)
    parts: list[set[str]] = []
    for name in names:
        if not any(name in part for part in parts):
            parts.append(_reached(name, forward) & _reached(name, backward))
    return parts


def _reached(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        new = edges[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def gates(e: Evidence) -> Finding:
    """Whether --fail-if has a conclusion to hold its condition against."""
    name, title = "gates", "gates (--fail-if)"
    if e.mode == "single":
        return not_identified(
            name, title, "scores have no conclusion", "judge pairs: judge compare"
        )
    found = win_rate(e)
    if found.standing == "not_identified":
        return not_identified(
            name, title, f"no win rate: {found.reason}", found.remedy, *found.fields
        )
    limit = _baseline(e)
    if limit is not None:
        return not_identified(name, title, f"no conclusion: {limit.reason}", limit.remedy)
    who = "the panel" if e.complete["judge"].nunique() > 1 else "the sole judge"
    if e.complete.groupby(["system_a", "system_b"], observed=True)["cluster"].nunique().max() < 2:
        return not_identified(
            name, title, "one cluster of items decides nothing", "judge more items"
        )
    said = f"worse and not-better, on the conclusion of {who}"
    return limited_by(name, title, said, _cut_short(e))
