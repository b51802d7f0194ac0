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

from judge import adjusted, cautions
from judge.controls import position, verbosity
from judge.controls.position import Position
from judge.controls.verbosity import Verbosity
from judge.errors import InputError
from judge.pairwise_models import JudgeModels, Key, models_of
from judge.stats import comparisons, readings, scores, slicings
from judge.stats.comparisons import Comparison
from judge.stats.intervals import undefined
from judge.stats.optimism import pick_warning
from judge.stats.panel import family_groups
from judge.stats.repeats import stability
from judge.stats.scores import ScoreRow
from judge.stats.slices import Slice, tells_apart
from judge.stats.slicings import Slicing
from judge.stats.values import ASKED_WITH, n_missing, n_wanted, parts
from judge.table import KEYS, VerdictTable, canonical
from judge.types import Estimate, Mode, Status

__all__ = [
    "Analysis",
    "Comparison",
    "JudgeRow",
    "Position",
    "ScoreRow",
    "Slice",
    "Slicing",
    "analyze",
]


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
    verbosity: Verbosity
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
    """All that was computed from one verdict table. baseline: None where nothing is compared.

    comparisons, scores: the rows over all items first, then those of slices. slicings: whether these
    differ.
    """

    mode: Mode
    baseline: str | None
    comparisons: tuple[Comparison, ...]
    scores: tuple[ScoreRow, ...]
    judges: tuple[JudgeRow, ...]
    warnings: tuple[str, ...]
    simulated: bool
    slicings: tuple[Slicing, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came out for the systems, and what to warn of in it."""

    comparisons: tuple[Comparison, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    slicings: tuple[Slicing, ...] = ()
    warnings: tuple[str, ...] = ()


def analyze(
    table: VerdictTable,
    *,
    baseline: str | None = None,
    families: Mapping[str, frozenset[str]] = {},
    confidence: float = 0.95,
    equivalence_margin: float | None = None,
    slices: Sequence[Slice] = (),
) -> Analysis:
    """Everything that the verdicts say by themselves.

    baseline: the system to compare with; found in a pairwise table where it is evident.
    families: judge -> families; goes before what the table says. equivalence_margin: half the width of
    the region around 0.5 that counts as no difference; without it nothing is called equivalent.
    slices: ways to tell the items apart; one that gives all items the same value is passed over.
    Raises InputError for a baseline that is not in the table, or a confidence or margin that cannot be.
    """
    _check_options(confidence, equivalence_margin)
    base, unpaired = _baseline(table, baseline)
    known = _families(table.frame, families)
    groups = family_groups(known)
    apart = [s for s in slices if tells_apart(s, table.frame["item_id"].cat.categories)]
    outcome = _Outcome()
    if table.mode == "single":
        outcome = _scored(table, base, groups, apart, confidence)
    elif base is not None:
        outcome = _compared(table, base, groups, apart, confidence, equivalence_margin)
    models = models_of(table, position.term, verbosity.term) if table.mode == "pairwise" else {}
    compared = tuple(adjusted.with_models(outcome.comparisons, models, groups, confidence))
    outcome = replace(outcome, comparisons=compared)
    trials = trial_rows(table)
    warnings = (
        *table.warnings,
        *unpaired,
        *cautions.of_verdicts(table, trials, known),
        *cautions.of_clusters(outcome.comparisons, outcome.scores),
        *outcome.warnings,
    )
    judges = tuple(_judge_rows(table, trials, models, confidence))
    simulated = bool(table.frame["simulated"].any())
    return Analysis(
        mode=table.mode,
        baseline=base,
        comparisons=outcome.comparisons,
        scores=outcome.scores,
        judges=judges,
        warnings=warnings,
        simulated=simulated,
        slicings=outcome.slicings,
    )


def _compared(
    table: VerdictTable,
    baseline: str,
    groups: Mapping[str, int],
    slices: Sequence[Slice],
    confidence: float,
    margin: float | None,
) -> _Outcome:
    cells = comparisons.cells(table, baseline, groups)
    rows = comparisons.compare(cells, baseline, confidence)
    sliced = comparisons.compare_slices(cells, baseline, slices, confidence)
    picked = {cell.system: cell.values for cell in comparisons.deciding(cells)}
    return _Outcome(
        comparisons=(
            *comparisons.concluded(rows, confidence, margin),
            *comparisons.concluded_slices(sliced, confidence, margin),
        ),
        slicings=tuple(slicings.of_comparisons(cells, baseline, slices, confidence)),
        warnings=tuple(pick_warning(picked)),
    )


def _scored(
    table: VerdictTable,
    baseline: str | None,
    groups: Mapping[str, int],
    slices: Sequence[Slice],
    confidence: float,
) -> _Outcome:
    cells = scores.score_cells(table.frame, groups)
    return _Outcome(
        scores=(
            *scores.score_rows(cells, baseline, confidence),
            *scores.score_slices(cells, baseline, slices, confidence),
        ),
        slicings=tuple(slicings.of_scores(cells, baseline, slices, confidence)),
    )


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


def _judge_rows(
    table: VerdictTable,
    trials: pd.DataFrame,
    models: Mapping[Key, JudgeModels],
    confidence: float,
) -> Iterator[JudgeRow]:
    """A row per judge and wording."""
    if table.mode == "pairwise":
        table = canonical(table)
    verdicts = dict(parts(table.frame, ASKED_WITH))
    for (judge, rubric, variant), own in parts(trials, ASKED_WITH):
        rows = verdicts[judge, rubric, variant]
        yield JudgeRow(
            judge=judge,
            rubric=rubric,
            variant=variant,
            planned=len(own),
            **{str(status): int((own["status"] == status).sum()) for status in Status},
            position=_position(replace(table, frame=rows), confidence),
            verbosity=_verbosity(models.get((judge, rubric, variant)), confidence),
            self_preference=None,
            repetition_stability=_stability(table.mode, rows, confidence),
            wanted=n_wanted(own),
            missing=n_missing(own),
            simulated=bool(own["simulated"].any()),
        )


def trial_rows(table: VerdictTable) -> pd.DataFrame:
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


def _verbosity(models: JudgeModels | None, confidence: float) -> Verbosity:
    if models is None:
        return verbosity.unknown("single answers are not compared", confidence)
    return verbosity.measure(models, confidence=confidence)


def _stability(mode: Mode, rows: pd.DataFrame, confidence: float) -> Estimate:
    """How stable repeats are, each order and each criterion being a question of its own."""
    if mode == "pairwise":
        question = [*position.PAIR, "cluster", "order"]
        return stability(rows.assign(said=rows["label"]), question, confidence=confidence)
    has_label = rows["label"] != ""
    if rows.loc[~has_label, "method"].isin(readings.SCORED_BY_PROBABILITY).any():
        # Two such scores are never quite equal, however alike the answers are.
        note = "scores by probabilities have no commonest verdict"
        return undefined("repetition_stability", "rate", note, confidence)
    said = rows["label"].astype(object).where(has_label, rows["score"].astype(str))
    question = ["item_id", "cluster", "system", "criterion", "order"]
    return stability(rows.assign(said=said), question, confidence=confidence)
