"""What is to be warned of in a verdict table: how it was recorded, and what it lacks.

Nothing here changes a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from judge.controls import position
from judge.stats import readings
from judge.stats.comparisons import Comparison
from judge.stats.scores import ScoreRow
from judge.stats.values import ASKED_WITH, is_stopped, n_missing, n_wanted, parts
from judge.table import VerdictTable, canonical

FEW_CLUSTERS = 10  # below this an interval leans on the t distribution and is said to
MAX_MISSING = 0.05  # of a judge's trials; above it the report warns
NEARLY_ALL = (
    0.95  # of the pairs in one order that show one system first; it is then as good as fixed
)


def of_verdicts(
    table: VerdictTable, trials: pd.DataFrame, families: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """What to say of the verdicts themselves. trials: one row each; families: of every judge."""
    yield from _family_warning(families)
    yield from _order_warnings(table)
    yield from readings.warnings(table.frame)
    yield from of_missing(trials)


def _family_warning(known: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    alone = [judge for judge, names in known.items() if not names]
    if len(known) < 2 or not alone:  # a sole judge has no panel in which families could matter
        return ()
    named = ", ".join(alone)
    return (
        f"no model family declared for {named}: each counts as a family of its own; judges of one "
        "family tend to err together, so declare it (column judge_families, or [families])",
    )


def _order_warnings(table: VerdictTable) -> Iterator[str]:
    """Where position is not measured, and where it is part of what was."""
    if table.mode == "single" or table.frame.empty:
        return
    frame = canonical(table).frame
    asked = frame[~is_stopped(frame)]
    judges = set(asked.loc[asked["order"] != "", "judge"])
    without = sorted(set(asked["judge"]) - judges)
    if without:
        yield (
            f"order not recorded for {', '.join(without)}: position bias cannot be measured; log "
            "`order` (AB where system_a was shown first)"
        )
    mixed = asked[asked["judge"].isin(judges)]
    n_bare = int((mixed["order"] == "").sum())
    if n_bare:
        yield (
            f"{n_bare:,} of {len(mixed):,} rows have no `order` while others of their judge do: "
            "position bias may be part of their verdicts; log it"
        )
    yield from _one_order_warning(frame[frame["judge"].isin(judges) & (frame["order"] != "")])


def _one_order_warning(frame: pd.DataFrame) -> Iterator[str]:
    """frame: canonical verdicts whose order is known."""
    keys = [*ASKED_WITH, *position.PAIR]
    n_orders = position.orders(frame, keys)
    n_one = int((n_orders == 1).sum())
    if not n_one:
        return
    said = (
        f"{n_one:,} of {len(n_orders):,} pairs (by judge) were asked in one order only: position "
        "bias is part of their verdicts"
    )
    shown = frame[[*keys, "order"]].drop_duplicates().set_index(keys).sort_index()
    alone = shown[shown.index.isin(n_orders.index[n_orders == 1])].reset_index()
    first = alone.groupby(["system_a", "system_b", "order"], observed=True).size()
    most = int(first.groupby(level=["system_a", "system_b"], observed=True).max().sum())
    if most >= NEARLY_ALL * n_one:
        said += (
            f"; {'all' if most == n_one else 'nearly all'} of them show the same system first, so "
            "that position and system cannot be told apart there"
        )
    yield said


def of_missing(trials: pd.DataFrame) -> Iterator[str]:
    """The judges that lack many verdicts. trials: one row each."""
    for (judge,), own in parts(trials, ["judge"]):
        missing, wanted = n_missing(own), n_wanted(own)
        if wanted and missing / wanted > MAX_MISSING:
            share = f"{missing:,} of {wanted:,} trials ({missing / wanted:.1%})"
            yield f"judge {judge} gave no verdict on {share}"


def of_clusters(compared: Sequence[Comparison], scored: Sequence[ScoreRow]) -> Iterator[str]:
    """What to say where intervals stand on few clusters; rows of slices say so themselves."""
    found = {r.system: r.raw.n_clusters for r in compared if r.conclusion and not r.slice}
    for row in scored:
        if row.raw.value is not None and not row.slice:
            found[row.system] = min(row.raw.n_clusters, found.get(row.system, row.raw.n_clusters))
    few = sorted(f"{system} {n}" for system, n in found.items() if n < FEW_CLUSTERS)
    if few:
        yield (
            f"fewer than {FEW_CLUSTERS} independent clusters of items ({', '.join(few)}): intervals "
            "are wide and lean on the t distribution"
        )
