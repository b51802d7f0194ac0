"""From a verdict table to what a report shows: comparisons, scores, ranks, and how each judge did.

The rules are few and fixed: one value per pair or answer and judge, a vote per family in the panel,
items weigh equally, clusters decide the width of the intervals, a missing verdict stays missing, and
a conclusion is drawn once, on the panel's row or the sole judge's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.analysis import (
    adjusted,
    agreement,
    cascade,
    cautions,
    early_stopped,
    gold,
    human_corrected,
    panels,
    people,
    ranking,
    ranking_people,
    selective,
)
from judge.analysis import outcome as outcomes
from judge.analysis.agree_asked import USUAL as USUAL_AGREE
from judge.analysis.agree_asked import AgreeAsked
from judge.analysis.agreement import Agreement
from judge.analysis.asked import Asked
from judge.analysis.baseline import baseline_of
from judge.analysis.cascade import Escalate, Escalation
from judge.analysis.early_stop import EarlyStop
from judge.analysis.early_stopped import Stopping
from judge.analysis.human_rows import HumanRow
from judge.analysis.judge_rows import JudgeRow, judge_rows, trial_rows
from judge.analysis.kinship import kinship_of
from judge.analysis.pairwise_models import JudgeModels, Key, models_of
from judge.analysis.panels import Panel
from judge.analysis.ranking import Ranking, Ties
from judge.analysis.ranking_people import PeopleOrder
from judge.analysis.repetition import Repeats
from judge.analysis.score_lengths import LengthSlope
from judge.analysis.selective import Selective
from judge.controls import position, verbosity
from judge.controls import style as styles
from judge.controls.position import Position
from judge.controls.self_preference import SelfPreference
from judge.stats.comparisons import Comparison
from judge.stats.merge import AVERAGE
from judge.stats.panel import family_groups
from judge.stats.scores import ScoreRow
from judge.stats.slices import Slice, tells_apart
from judge.stats.slicings import Slicing
from judge.table import VerdictTable
from judge.types import HumanLabel, Mode, Scale

__all__ = [
    "Analysis",
    "Comparison",
    "JudgeRow",
    "Panel",
    "Position",
    "Repeats",
    "ScoreRow",
    "Slice",
    "Slicing",
    "analyze",
    "trial_rows",
]


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that was computed from one verdict table. baseline: None where nothing is compared.

    comparisons, scores: the rows over all items first, then those of slices. slicings: whether these
    differ. ranking: None where fewer than three systems were held against each other.
    """

    mode: Mode
    baseline: str | None
    comparisons: tuple[Comparison, ...]
    scores: tuple[ScoreRow, ...]
    judges: tuple[JudgeRow, ...]
    warnings: tuple[str, ...]
    simulated: bool
    slicings: tuple[Slicing, ...] = ()
    length_slopes: tuple[LengthSlope, ...] = ()
    ranking: Ranking | None = None
    people_order: PeopleOrder | None = None
    early_stop: tuple[Stopping, ...] = ()
    panels: tuple[Panel, ...] = ()
    self_preference: SelfPreference | None = None
    agreement: Agreement | None = None
    selective: tuple[Selective, ...] = ()
    correction: tuple[HumanRow, ...] = ()
    escalation: Escalation | None = None


def analyze(
    table: VerdictTable,
    *,
    baseline: str | None = None,
    families: Mapping[str, frozenset[str]] = {},
    aliases: Mapping[str, str] = {},
    confidence: float = 0.95,
    equivalence_margin: float | None = None,
    slices: Sequence[Slice] = (),
    labels: Sequence[HumanLabel] = (),
    scales: Mapping[str, Scale] = {},
    agree: AgreeAsked = USUAL_AGREE,
    seed: int = 0,
    style: bool = False,
    padded: VerdictTable | None = None,
    length_penalty: float | None = None,
    merge: str = AVERAGE,
    early_stop: EarlyStop | None = None,
    escalate: Escalate | None = None,
    ties: Ties = "half",
    ranks: bool = False,
) -> Analysis:
    """Everything that the verdicts say by themselves.

    baseline: the system to compare with; found in a pairwise table where it is evident.
    families: name of a judge or system -> families; goes before what the table says, and that before
    the built-in table. aliases: judge -> the name of its model. equivalence_margin: half the width of
    the region around 0.5 that counts as no difference; without it nothing is called equivalent.
    slices: ways to tell the items apart; one that gives all items the same value is passed over.
    labels: what people said of the same answers or pairs. scales: criterion -> its scale, of single
    answers. agree: what is asked of judges and labels. seed: of every resampling. style: whether
    features of style are told apart from length; the table then has their columns. padded: verdicts on
    the same single answers made longer without adding anything. length_penalty: points for each
    doubling of an answer's length beyond its item's median. merge: how the orders of a pair become one
    value of its raw win rate (judge.stats.merge). early_stop: how a run was read that could stop early;
    conclusions then follow from that alone. escalate: how a run went from cheap judges to dear ones; the
    panel is then the cascade. ties: how the ranking takes them. ranks: that a ranking is
    what is wanted, so that nothing is compared unless a baseline is named.
    Raises InputError for a baseline that is not in the table, or a confidence, margin or merge that
    cannot be.
    """
    asked = Asked(
        baseline=baseline,
        families=families,
        aliases=aliases,
        confidence=confidence,
        margin=equivalence_margin,
        slices=slices,
        labels=labels,
        scales=scales,
        agree=agree,
        seed=seed,
        style=style,
        padded=padded,
        length_penalty=length_penalty,
        merge=merge,
        early_stop=early_stop,
        escalate=escalate,
        ties=ties,
        ranks=ranks,
    )
    return _analyzed(styles.counted(table) if style else table, asked)


def _analyzed(table: VerdictTable, asked: Asked) -> Analysis:
    base, unpaired = baseline_of(table, asked.baseline)
    if asked.ranks:
        base, unpaired = asked.baseline, ()
    kin = kinship_of(table, asked.families, asked.aliases)
    families = {judge: one.families for judge, one in kin.judges.items()}
    groups = family_groups(families)
    apart = [s for s in asked.slices if tells_apart(s, table.frame["item_id"].cat.categories)]
    known = gold.gold_of(asked.labels)
    models = _models(table, asked)
    outcome = outcomes.raw(table, base, groups, apart, asked)
    outcome = outcomes.corrected(outcome, table, models, groups, known, asked)
    outcome, own = outcomes.family_corrected(outcome, table, kin, groups, asked)
    outcome = cascade.held(outcome, asked.escalate)
    both = people.labelled(table, asked.labels, groups, scales=asked.scales)
    both = cascade.voiced(both, table, asked.escalate)
    outcome = human_corrected.with_people(outcome, both, asked)
    tested = both
    chosen = people.of_split(asked.labels, asked.agree.split)
    if len(chosen) < len(asked.labels):
        tested = people.labelled(table, chosen, groups, scales=asked.scales)
        tested = cascade.voiced(tested, table, asked.escalate)
    order = _ranking(table, models, groups, base, asked)
    trials = trial_rows(table)
    warnings = (
        *table.warnings,
        *unpaired,
        *cautions.of_verdicts(table, trials, families),
        *gold.warnings(table.frame, asked.labels, known),
        *people.warnings(both),
        *cautions.of_clusters(outcome.comparisons, outcome.scores),
        *outcome.warnings,
        *([] if asked.escalate else early_stopped.warnings(table, asked.early_stop)),
        *adjusted.warnings(outcome.comparisons),
        *panels.warnings(outcome.panels),
        *ranking.warnings(order),
    )
    return Analysis(
        mode=table.mode,
        baseline=base,
        comparisons=outcome.comparisons,
        scores=outcome.scores,
        judges=tuple(judge_rows(table, trials, models, known, own, asked)),
        warnings=warnings,
        simulated=bool(table.frame["simulated"].any()),
        slicings=outcome.slicings,
        length_slopes=outcome.length_slopes,
        ranking=order,
        people_order=ranking_people.ordered(tested, order, confidence=asked.confidence),
        early_stop=outcome.early_stop,
        panels=outcome.panels,
        self_preference=own,
        agreement=agreement.measure(tested, apart, asked, table),
        correction=outcome.correction,
        selective=selective.measure(table, both, asked),
        escalation=cascade.measure(table, asked.escalate),
    )


def _models(table: VerdictTable, asked: Asked) -> Mapping[Key, JudgeModels]:
    """The model of each judge, none for single answers."""
    if table.mode == "single":
        return {}
    return models_of(table, position.term, verbosity.term, styles.terms if asked.style else None)


def _ranking(
    table: VerdictTable,
    models: Mapping[Key, JudgeModels],
    groups: Mapping[str, int],
    base: str | None,
    asked: Asked,
) -> Ranking | None:
    """The ranking; none where the verdicts decided when to stop: it would be a second look at them."""
    if asked.early_stop is not None or asked.escalate is not None:
        return None
    return ranking.ranked(
        table, models, groups, baseline=base, ties=asked.ties, confidence=asked.confidence
    )
