"""From a verdict table to what a report shows: comparisons, scores, and how each judge did.

The rules are few and fixed: one value per pair or answer and judge, a vote per family in the panel,
items weigh equally, clusters decide the width of the intervals, a missing verdict stays missing, and
a conclusion is drawn once, on the panel's row or the sole judge's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from judge.controls import position
from judge.controls.position import Position
from judge.errors import InputError
from judge.stats.comparisons import Comparison, compare, concluded
from judge.stats.intervals import counted, undefined
from judge.stats.panel import family_groups
from judge.stats.repeats import stability
from judge.stats.scores import ScoreRow, score_rows
from judge.stats.values import ASKED_WITH, is_stopped, parts
from judge.table import KEYS, VerdictTable, canonical
from judge.types import Estimate, Mode, Status

__all__ = ["Analysis", "Comparison", "JudgeRow", "Position", "ScoreRow", "analyze"]

FEW_CLUSTERS = 10  # below this an interval leans on the t distribution and is said to
MAX_MISSING = 0.05  # of a judge's trials; above it the report warns
NEARLY_ALL = (
    0.95  # of the pairs in one order that show one system first; it is then as good as fixed
)


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """What became of one judge's trials under one wording, and how it judged.

    planned is the sum of the six counts after it. wanted: the trials that no policy stopped. missing:
    those of them without a verdict.
    """

    judge: str
    rubric: str
    variant: str
    planned: int
    ok: int
    unparsed: int
    refused: int
    truncated: int
    failed: int
    not_asked: int
    position: Position
    length_coefficient: Estimate
    length_scale: float | None
    self_preference: Mapping[str, Any] | None
    repetition_stability: Estimate
    wanted: int
    missing: int
    simulated: bool

    @property
    def missing_share(self) -> float:
        """The share of the wanted trials that have no verdict, 0 where none was wanted."""
        return self.missing / self.wanted if self.wanted else 0.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that was computed from one verdict table. baseline: None where nothing is compared."""

    mode: Mode
    baseline: str | None
    comparisons: tuple[Comparison, ...]
    scores: tuple[ScoreRow, ...]
    judges: tuple[JudgeRow, ...]
    warnings: tuple[str, ...]
    simulated: bool


def analyze(
    table: VerdictTable,
    *,
    baseline: str | None = None,
    families: Mapping[str, frozenset[str]] = {},
    confidence: float = 0.95,
    equivalence_margin: float | None = None,
) -> Analysis:
    """Everything that the verdicts say by themselves.

    baseline: the system to compare with; found in a pairwise table where it is evident.
    families: judge -> families; goes before what the table says. equivalence_margin: half the width of
    the region around 0.5 that counts as no difference; without it nothing is called equivalent.
    Raises InputError for a baseline that is not in the table, or a confidence or margin that cannot be.
    """
    _check_options(confidence, equivalence_margin)
    base, unpaired = _baseline(table, baseline)
    known = _families(table.frame, families)
    groups = family_groups(known)
    comparisons: tuple[Comparison, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    if table.mode == "single":
        scores = tuple(score_rows(table.frame, base, groups, confidence))
    elif base is not None:
        rows = compare(table, base, groups, confidence)
        comparisons = tuple(concluded(rows, confidence, equivalence_margin))
    trials = _trials(table)
    warnings = (
        *table.warnings,
        *unpaired,
        *_family_warning(known),
        *_order_warnings(table),
        *_contrary_warning(table),
        *_missing_warnings(trials),
        *_cluster_warnings(comparisons, scores),
    )
    judges = tuple(_judge_rows(table, trials, confidence))
    simulated = bool(table.frame["simulated"].any())
    return Analysis(table.mode, base, comparisons, scores, judges, warnings, simulated)


def _check_options(confidence: float, margin: float | None) -> None:
    if not 0.5 < confidence < 1:
        raise InputError(
            f"confidence {confidence:g}: give a share above 0.5 and below 1, as in 0.95"
        )
    if margin is not None and not 0 < margin < 0.5:
        raise InputError(f"equivalence margin {margin:g}: give a difference of rates, as in 0.05")


# -- who is compared, and by whom ----------------------------------------------------------------


def _baseline(table: VerdictTable, named: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The baseline, None where nothing can be compared, and what to warn of."""
    frame = table.frame
    if frame.empty:
        return None, ("the table has no verdicts",)
    if table.mode == "single":
        return _known(named, set(frame["system"])), ()
    if not table.comparable:
        return _known(named, set()), ()
    pairs = frame[["system_a", "system_b"]].drop_duplicates()
    sets = [frozenset(pair) for pair in pairs.itertuples(index=False, name=None)]
    systems = frozenset[str]().union(*sets)
    everywhere = systems.intersection(*sets)
    if named is not None:
        base = _known(named, systems)
    elif len(everywhere) == 1:
        (base,) = everywhere
    else:
        base = str(pairs["system_b"].iloc[0]) if len(systems) == 2 else None
    return base, _unpaired_warning(base, systems, sets)


def _known(named: str | None, systems: AbstractSet[str]) -> str | None:
    if named is not None and named not in systems:
        known = ", ".join(sorted(systems)) or "none to compare"
        raise InputError(f"no system {named!r} to be the baseline; systems here: {known}")
    return named


def _unpaired_warning(
    base: str | None, systems: frozenset[str], pairs: Sequence[frozenset[str]]
) -> tuple[str, ...]:
    if base is None:
        return ("no system is part of every pair: name a baseline to get comparisons",)
    compared = frozenset[str]().union(*(pair for pair in pairs if base in pair))
    left = sorted(systems - compared - {base})
    return (f"never paired with {base}, so not compared: {', '.join(left)}",) if left else ()


def _families(
    frame: pd.DataFrame, given: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Judge -> families: as given, else as the table says, else none."""
    rows = frame[["judge", "judge_families"]].drop_duplicates().itertuples(index=False, name=None)
    found: dict[str, frozenset[str]] = {}
    for judge, names in sorted(rows):
        declared = frozenset(name.strip() for name in names.split("+") if name.strip())
        found[judge] = found.get(judge, frozenset()) | declared
    return {judge: given.get(judge) or names for judge, names in found.items()}


# -- how each judge did --------------------------------------------------------------------------


def _judge_rows(table: VerdictTable, trials: pd.DataFrame, confidence: float) -> Iterator[JudgeRow]:
    """A row per judge and wording."""
    if table.mode == "pairwise":
        table = canonical(table)
    verdicts = dict(parts(table.frame, ASKED_WITH))
    not_computed = "not computed: needs the pairwise model with a length term"
    for (judge, rubric, variant), own in parts(trials, ASKED_WITH):
        rows = verdicts[judge, rubric, variant]
        yield JudgeRow(
            judge=judge,
            rubric=rubric,
            variant=variant,
            planned=len(own),
            **{str(status): int((own["status"] == status).sum()) for status in Status},
            position=_position(replace(table, frame=rows), confidence),
            length_coefficient=undefined(
                "length_coefficient", "log-odds", not_computed, confidence
            ),
            length_scale=None,
            self_preference=None,
            repetition_stability=_stability(table.mode, rows, confidence),
            wanted=_wanted(own),
            missing=_missing(own),
            simulated=bool(own["simulated"].any()),
        )


def _wanted(trials: pd.DataFrame) -> int:
    """How many trials should have a verdict: all that no policy stopped."""
    return int((~is_stopped(trials)).sum())


def _missing(trials: pd.DataFrame) -> int:
    """How many of those have none."""
    return _wanted(trials) - int((trials["status"] == Status.OK).sum())


def _trials(table: VerdictTable) -> pd.DataFrame:
    """One row per trial: in a single table the rows that differ only in criterion are one.

    Its status is the first that is not ok.
    """
    if table.mode == "pairwise":
        return table.frame
    key = [name for name in KEYS["single"] if name != "criterion"]
    is_ok = table.frame["status"] == Status.OK
    return pd.concat([table.frame[~is_ok], table.frame[is_ok]]).drop_duplicates(key)


def _position(table: VerdictTable, confidence: float) -> Position:
    if table.mode == "single":
        return position.unknown("single answers have no order", confidence)
    return position.measure(table, confidence=confidence)


def _stability(mode: Mode, rows: pd.DataFrame, confidence: float) -> Estimate:
    """How stable repeats are, each order and each criterion being a question of its own."""
    if mode == "pairwise":
        question = [*position.PAIR, "cluster", "order"]
        return stability(rows.assign(said=rows["label"]), question, confidence=confidence)
    has_label = rows["label"] != ""
    said = rows["label"].astype(object).where(has_label, rows["score"].astype(str))
    question = ["item_id", "cluster", "system", "criterion", "order"]
    return stability(rows.assign(said=said), question, confidence=confidence)


# -- what to warn of -----------------------------------------------------------------------------


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


def _contrary_warning(table: VerdictTable) -> Iterator[str]:
    if table.mode == "single":
        return
    label, p_a = table.frame["label"], table.frame["p_a"]
    n = int((((label == "a") & (p_a < 0.5)) | ((label == "b") & (p_a > 0.5))).sum())
    if n:
        yield (
            f"{counted(n, 'verdict')} with label and p_a on opposite sides of 0.5: win rates take "
            "p_a and position takes the label; check which of both is right"
        )


def _missing_warnings(trials: pd.DataFrame) -> Iterator[str]:
    for (judge,), own in parts(trials, ["judge"]):
        missing, wanted = _missing(own), _wanted(own)
        if wanted and missing / wanted > MAX_MISSING:
            share = f"{missing:,} of {wanted:,} trials ({missing / wanted:.1%})"
            yield f"judge {judge} gave no verdict on {share}"


def _cluster_warnings(
    comparisons: Sequence[Comparison], score_rows: Sequence[ScoreRow]
) -> Iterator[str]:
    found = {row.system: row.raw.n_clusters for row in comparisons if row.conclusion}
    found |= {row.system: row.raw.n_clusters for row in score_rows if row.raw.value is not None}
    few = sorted(f"{system} {n}" for system, n in found.items() if n < FEW_CLUSTERS)
    if few:
        yield (
            f"fewer than {FEW_CLUSTERS} independent clusters of items ({', '.join(few)}): intervals "
            "are wide and lean on the t distribution"
        )
