"""Stops asking about a comparison once its answer is known. Knows verdicts, and nothing of calls.

Values are read item by item in an order that was fixed before anything was asked, and only as far as
every item before is complete: what is fast to answer must not decide. The unit is a cluster's mean, so
both orders of a pair and its repeats are one observation. An item without a value is passed over.
Several comparisons share the risk of a false alarm in equal parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from judge.families import Families, kin
from judge.plan import Plan
from judge.stats.merge import AVERAGE
from judge.stats.panel import family_groups
from judge.stats.sequential import Rule, Sequential
from judge.types import JudgeModel, Judgment, Mode, Status, Trial, Verdict

# What is compared with the baseline: a system, and in single mode a rubric, whose scale is its own.
Test = tuple[str, str]

# Who gave a value: system, judge, rubric, variant, order, repeat.
Place = tuple[str, str, str, str, str, int]

_POINTS = {"a": 1.0, "tie": 0.5, "b": 0.0}


@dataclass(frozen=True, slots=True)
class EarlyStop:
    """How a run is read that may stop early.

    order: its item ids as they are read. alpha: of each comparison, its share of the whole risk;
    n_tests: how many comparisons share it. margin: as in Rule. merge: as in stats.merge. scales: (rubric,
    criterion) -> the lowest and highest score; criterion "" is the overall score. Empty for pairs.
    """

    order: tuple[str, ...]
    alpha: float = 0.05
    n_tests: int = 1
    margin: float | None = None
    merge: str = AVERAGE
    scales: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def rule(self, mode: Mode) -> Rule:
        """Pairs by their winners; scores, which have no winner, by the mean of their differences."""
        is_pairwise = mode == "pairwise"
        return Rule(self.alpha, is_pairwise, self.margin if is_pairwise else None)


def settings(
    plan: Plan,
    baseline: str,
    *,
    margin: float | None = None,
    merge: str = AVERAGE,
    alpha: float = 0.05,
) -> EarlyStop:
    """How this plan is read. alpha: of all comparisons together."""
    n_tests = max(1, len(tests(plan, baseline)))
    return EarlyStop(
        order=tuple(item.item_id for item in plan.ordered_items()),
        alpha=alpha / n_tests,
        n_tests=n_tests,
        margin=margin,
        merge=merge,
        scales=dict(_scales(plan)) if plan.mode == "single" else {},
    )


def _scales(plan: Plan) -> Iterator[tuple[tuple[str, str], tuple[float, float]]]:
    for rubric, _ in plan.wordings:
        known = [("", rubric.scale), *((c.name, c.scale or rubric.scale) for c in rubric.criteria)]
        for criterion, scale in known:
            if scale.values:
                yield (rubric.id, criterion), (scale.values[0], scale.values[-1])


def tests(plan: Plan, baseline: str) -> list[Test]:
    """What the plan compares with the baseline."""
    systems = [pair.system_a for pair in plan.pairs if pair.system_a != baseline]
    rubrics = [""] if plan.mode == "pairwise" else [rubric.id for rubric, _ in plan.wordings]
    return [(system, rubric) for system in systems for rubric in rubrics]


def unit_difference(difference: float, scale: tuple[float, float]) -> float:
    """A difference of two scores from 0 to 1, none being 0.5."""
    span = scale[1] - scale[0]
    return (difference + span) / (2 * span)


# -- one comparison ------------------------------------------------------------------------------


@dataclass
class _Reading:
    """One comparison as far as it is read. expected: item -> how many of its trials are planned."""

    clusters: list[list[str]]
    expected: Mapping[str, int]
    process: Sequential
    verdicts: dict[str, dict[Place, float | None]] = field(default_factory=dict)
    read: int = 0

    def is_complete(self) -> bool:
        """True where the next cluster has an outcome of every planned trial."""
        if self.process.said or self.read == len(self.clusters):
            return False
        return all(
            len(self.verdicts.get(item, ())) >= self.expected[item]
            for item in self.clusters[self.read]
        )


class Watch:
    """Reads judgments as they come in whatever order, and says which comparisons are known.

    known: those that were known before the first of them.
    """

    def __init__(
        self, plan: Plan, baseline: str, settings: EarlyStop, known: Iterable[Test] = ()
    ) -> None:
        self._mode, self._baseline, self._settings = plan.mode, baseline, settings
        self._known = set(known)
        self._groups = family_groups({j.judge: _families(j) for j in plan.judges})
        self._readings = _readings(plan, baseline, settings, tests(plan, baseline))

    @property
    def known(self) -> frozenset[Test]:
        """The comparisons whose answer is known."""
        return frozenset(self._known)

    @property
    def is_over(self) -> bool:
        """True where nothing is left to find out."""
        return len(self._known) == len(self._readings)

    def is_needed(self, trial: Trial) -> bool:
        """True where a comparison that is not known yet hangs on the trial."""
        return not self._known.issuperset(self._of(trial))

    def take(self, judgment: Judgment) -> bool:
        """Takes an outcome; True where it made a comparison known."""
        trial, verdict = judgment.trial, judgment.verdict
        if not is_final(verdict.status, verdict.reason):
            return False
        before = len(self._known)
        for test in self._of(trial):
            if test not in self._known and self._take(self._readings[test], trial, verdict):
                self._known.add(test)
        return len(self._known) > before

    def _of(self, trial: Trial) -> list[Test]:
        """The comparisons that a trial belongs to: the baseline's answers to all of its rubric."""
        if self._mode == "pairwise":
            named = [(trial.system_a, "")]
        elif trial.system_a == self._baseline:
            named = [test for test in self._readings if test[1] == trial.rubric]
        else:
            named = [(trial.system_a, trial.rubric)]
        return [test for test in named if test in self._readings]

    def _take(self, own: _Reading, trial: Trial, verdict: Verdict) -> bool:
        if trial.item_id not in own.expected:
            return False
        value = _value(verdict, self._mode)
        own.verdicts.setdefault(trial.item_id, {})[_place(trial)] = value
        while own.is_complete():
            self._read_next(own)
        return bool(own.process.said)

    def _read_next(self, own: _Reading) -> None:
        """Reads the next cluster, whose verdicts are then let go."""
        found = [self._item_value(own.verdicts.pop(item)) for item in own.clusters[own.read]]
        own.read += 1
        known = [value for value in found if value is not None]
        if known:
            own.process.add(fmean(known))

    def _item_value(self, verdicts: Mapping[Place, float | None]) -> float | None:
        if self._mode == "pairwise":
            return panel_value(verdicts, self._groups, "pairwise", self._settings.merge)
        rubric = next(place[2] for place in verdicts)
        sides = [
            panel_value(
                {p: v for p, v in verdicts.items() if (p[0] == self._baseline) == is_base},
                self._groups,
                "single",
            )
            for is_base in (False, True)
        ]
        if sides[0] is None or sides[1] is None:
            return None
        return unit_difference(sides[0] - sides[1], self._settings.scales[rubric, ""])


def _families(judge: JudgeModel) -> Families:
    """As the report has them, so that both make the same number of a panel."""
    return kin({judge.judge, judge.model}, judge.families).families


def _readings(
    plan: Plan, baseline: str, settings: EarlyStop, found: Sequence[Test]
) -> dict[Test, _Reading]:
    """Each comparison before anything is read, with the items that have it whole."""
    n_trials = _n_trials(plan)
    sides = () if plan.mode == "pairwise" else (baseline,)
    readings = {}
    for system, rubric in found:
        expected: dict[str, int] = {}
        clusters: dict[str, list[str]] = {}
        for item in plan.ordered_items():
            counts = [n_trials[item.item_id, side, rubric] for side in (system, *sides)]
            if all(counts):
                expected[item.item_id] = sum(counts)
                clusters.setdefault(item.cluster, []).append(item.item_id)
        process = Sequential(settings.rule(plan.mode))
        readings[system, rubric] = _Reading([*clusters.values()], expected, process)
    return readings


def _n_trials(plan: Plan) -> Counter[tuple[str, str, str]]:
    """(item, system, rubric) -> its trials of all judges; rubric "" where pairs are compared."""
    counts = Counter(
        (item.item_id, trial.system_a, trial.rubric if plan.mode == "single" else "")
        for item, trial in plan.places(plan.judges[0])
    )
    return Counter({key: n * len(plan.judges) for key, n in counts.items()})


def _place(trial: Trial) -> Place:
    return (
        *(trial.system_a, trial.judge, trial.rubric),
        *(trial.variant, trial.order, trial.repeat),
    )


def is_final(status: Status | str, reason: str) -> bool:
    """True for an outcome that this run will not change: an answer, a failure, a judge that is gone."""
    return status != Status.NOT_ASKED or reason == "judge stopped"


# -- one value -----------------------------------------------------------------------------------


def _value(verdict: Verdict, mode: Mode) -> float | None:
    """What a verdict is worth, None without one."""
    if mode == "single":
        return verdict.score
    return verdict.p_a if verdict.p_a is not None else _POINTS.get(verdict.label or "")


def panel_value(
    verdicts: Mapping[Place, float | None],
    groups: Mapping[str, int],
    mode: Mode,
    merge: str = AVERAGE,
) -> float | None:
    """One value of an item or an answer, None where a family lacks one.

    The same as stats.values and stats.panel make of a table: repeats are averaged within a presentation
    and presentations within a judge's wording, all of which it needs; then wordings, judges, families.
    """
    repeats: dict[tuple[int, str, tuple[str, ...], tuple[str, ...]], list[float | None]] = {}
    for (_, judge, rubric, variant, order, _repeat), value in verdicts.items():
        wording, shown = (
            ((rubric, variant), (order,)) if mode == "pairwise" else ((), (variant, order))
        )
        repeats.setdefault((groups[judge], judge, wording, shown), []).append(value)
    shown_values = [(key[:3], _mean(values)) for key, values in repeats.items()]
    worded = [(key[:2], _merged(values, merge)) for key, values in _grouped(shown_values)]
    judged = [(key[:1], _mean(values)) for key, values in _grouped(worded)]
    families = [_mean(values) for _, values in _grouped(judged)]
    return _whole(families)


def _grouped(
    pairs: Iterable[tuple[tuple[object, ...], float | None]],
) -> Iterator[tuple[tuple[object, ...], list[float | None]]]:
    found: dict[tuple[object, ...], list[float | None]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    yield from found.items()


def _mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that are there."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _whole(values: Iterable[float | None]) -> float | None:
    """The mean where all are there."""
    given = list(values)
    return None if None in given else _mean(given)


def _merged(values: Iterable[float | None], merge: str) -> float | None:
    """The value of presentations, as stats.merge has it."""
    given = list(values)
    sides = {(value > 0.5) - (value < 0.5) for value in given if value is not None}
    is_turned = merge != AVERAGE and len(sides) > 1 and None not in given
    return 0.5 if is_turned else _whole(given)
