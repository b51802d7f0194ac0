"""`--escalate`: judges in a row, cheap to dear, each asked only where the one before it is not sure.

An item goes on once the tier has answered all that it was to be asked about it (orders, repeats) and its
confidence is below the threshold, or it has no verdict. What a run decided is found again from the
stored verdicts, so that one that was cut short goes on as if it had not been.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from judge.analysis import confidence
from judge.analysis.agree_asked import AgreeAsked
from judge.analysis.cascade import Escalate, Unit, unit_of
from judge.analysis.confidence import Shown
from judge.analysis.early_stop import is_final
from judge.engine.live import CONTINUE, Decision, Policy
from judge.errors import InputError, cut, short
from judge.plan import ANSWER_TOKENS, Plan, expected_cost_usd, is_priced
from judge.stats.selective import SAME
from judge.store import Store
from judge.types import Item, JudgeModel, Judgment, Mode, Prompt, Status, Trial, Verdict
from judge.workflow.early_stopping import Resumed
from judge.workflow.recipe import RANK, Recipe

FLAG = "--escalate"
USUAL_TOKENS = (1000, ANSWER_TOKENS)  # of a question and its answer, to order judges by price


# -- what is asked for ---------------------------------------------------------------------------


def read(text: str | None, recipe: Recipe) -> Escalate | None:
    """How a run escalates by its flag: a threshold, or the report of `judge agree` that found one.

    Raises InputError where it cannot.
    """
    if text is None:
        return None
    _check(text, recipe)
    tiers = tuple(judge.judge for judge in recipe.judges)
    try:
        threshold = float(text)
    except ValueError:
        return _of_report(Path(text), recipe, tiers)
    if not 0 < threshold <= 1:
        raise InputError(f"{FLAG} {text}: give a confidence above 0 and at most 1, as in 0.9")
    return Escalate(threshold, tiers)


def by_price(asked: AgreeAsked, judges: Sequence[JudgeModel]) -> AgreeAsked:
    """What is asked of judges and labels, with the cascade of their prices where none was named."""
    if asked.cascade or len(judges) < 2 or not all(is_priced(judge) for judge in judges):
        return asked
    order = sorted(judges, key=lambda judge: expected_cost_usd(judge, *USUAL_TOKENS))
    return replace(asked, cascade=tuple(judge.judge for judge in order))


def _check(text: str, recipe: Recipe) -> None:
    if recipe.command == RANK:
        raise InputError(
            f"{FLAG} {text}: a ranking's models need every judge to see the same pairs; leave it out, or "
            "hold systems against a baseline with `judge compare`"
        )
    if len(recipe.judges) < 2:
        raise InputError(
            f"{FLAG} {text}: needs two judges or more, cheap to dear; name them in this order with --judge"
        )
    if recipe.stop_early:
        raise InputError(
            f"{FLAG} {text}: not together with --stop-early, whose rule needs the verdicts of one fixed "
            "panel; leave one of the two out"
        )
    if len(recipe.rubrics) > 1:
        named = ", ".join(rubric.id for rubric in recipe.rubrics)
        raise InputError(
            f"{FLAG} {text}: needs one rubric, and there are {named}: a confidence is of one question"
        )


def _of_report(path: Path, recipe: Recipe, tiers: tuple[str, ...]) -> Escalate:
    found = [one for one in _selective(path) if one.get("kind") == "cascade"]
    fitting = [one for one in found if tuple(one.get("members", ())) == tiers]
    if not fitting:
        known = "; ".join(", ".join(one.get("members", ())) for one in found) or "none"
        raise InputError(
            f"{FLAG} {path}: holds no threshold of the cascade {', '.join(tiers)} (cascades there: {known}); "
            f"make one with `judge agree VERDICTS LABELS --cascade {','.join(tiers)} --out DIR`"
        )
    one = fitting[0]
    if one.get("threshold") is None:
        raise InputError(
            f"{FLAG} {path}: this cascade has no threshold there: {short(str(one.get('why')))}; choose one "
            "yourself, without a guarantee, as in 0.9"
        )
    _check_settings(path, one, recipe)
    return Escalate(float(one["threshold"]), tiers, one["risk"], one["delta"], path.name)


def _selective(path: Path) -> list[Mapping[str, Any]]:
    """The thresholds of a report. Raises InputError for what is no report."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{FLAG} {path}: give a confidence, as in 0.9, or the report.json of `judge agree`: "
            f"{error.strerror}"
        ) from error
    except ValueError as error:
        raise InputError(
            f"{FLAG} {path}: is no JSON; give a report.json of `judge agree`"
        ) from error
    if not isinstance(told, dict) or not str(told.get("schema", "")).startswith("judge.report/"):
        raise InputError(f"{FLAG} {path}: is no report; give a report.json of `judge agree`")
    found = told.get("selective") or []
    return [one for one in found if isinstance(one, dict)]


def _check_settings(path: Path, one: Mapping[str, Any], recipe: Recipe) -> None:
    """Raises InputError where the run asks otherwise than what the threshold was found on."""
    rubric = recipe.rubrics[0].id
    if one.get("rubric") and one["rubric"] != rubric:
        raise InputError(
            f"{FLAG} {path}: its threshold is of rubric {cut(str(one['rubric']))}, and this run has "
            f"{rubric}; a guarantee is for one rubric"
        )
    orders = 2 if recipe.mode == "pairwise" and recipe.swap == "both" else 1
    asked = (max(1, int(one.get("orders") or 1)), max(1, int(one.get("repeats") or 1)))
    if asked != (orders, recipe.repeats) or recipe.repeat_share < 1:
        raise InputError(
            f"{FLAG} {path}: its threshold was found with {asked[0]} order(s) and {asked[1]} repeat(s) of "
            f"each question, and this run asks {orders} and {recipe.repeats} of all or some: ask as often, "
            "or calibrate again"
        )


# -- who is asked next ---------------------------------------------------------------------------


@dataclass
class _Unit:
    """One pair, or the answers to one item. planned: question -> its presentations and their number.

    said: tier -> question -> presentation -> repeat -> verdict. tier: where it is.
    """

    item: Item
    planned: Mapping[str, Mapping[Shown, int]]
    said: dict[int, dict[str, dict[Shown, dict[int, Verdict]]]] = field(default_factory=dict)
    tier: int = 0
    is_decided: bool = False


class Watch:
    """Takes judgments as they come, in whatever order, and says which unit goes to which judge."""

    def __init__(self, plan: Plan, escalate: Escalate) -> None:
        self._plan, self._threshold, self._mode = plan, escalate.threshold, plan.mode
        self._judges = {judge.judge: judge for judge in plan.judges}
        self._tiers = {name: place for place, name in enumerate(escalate.tiers)}
        self._order = escalate.tiers
        self._units = dict(_units(plan))

    def unit(self, trial: Trial) -> Unit:
        return _unit(self._mode, trial)

    def tier_of(self, trial: Trial) -> int:
        return self._tiers[trial.judge]

    def reached(self, unit: Unit) -> int:
        """The tier at which a unit is."""
        return self._units[unit].tier

    def is_needed(self, trial: Trial) -> bool:
        """False once a cheaper judge has decided the unit of the trial."""
        own = self._units[self.unit(trial)]
        return not (own.is_decided and self.tier_of(trial) > own.tier)

    def is_asked(self, trial: Trial) -> bool:
        """True where the unit of the trial has come to its judge."""
        return self.tier_of(trial) <= self._units[self.unit(trial)].tier

    def take(self, judgment: Judgment) -> list[Unit]:
        """Takes an outcome; the unit, where that makes it go on to the next judge."""
        trial, verdict = judgment.trial, judgment.verdict
        if not is_final(verdict.status, verdict.reason):
            return []
        unit = self.unit(trial)
        own = self._units[unit]
        if own.is_decided:
            return []
        shown = own.said.setdefault(self.tier_of(trial), {}).setdefault(trial.system_a, {})
        shown.setdefault(_shown(trial), {})[trial.repeat] = verdict
        return [unit] if self._moved(own) else []

    def _moved(self, own: _Unit) -> bool:
        """True where the unit goes on: its tier has said all, and is not sure."""
        before = own.tier
        while not own.is_decided and self._is_complete(own):
            if self._is_sure(own):
                own.is_decided = True
            elif own.tier + 1 == len(self._order):
                own.is_decided = True  # by the last, which is not sure
            else:
                own.tier += 1
        if own.is_decided:
            own.said.clear()
        return own.tier > before and not own.is_decided

    def _is_complete(self, own: _Unit) -> bool:
        said = own.said.get(own.tier, {})
        return all(
            len(said.get(question, {}).get(shown, ())) >= n
            for question, planned in own.planned.items()
            for shown, n in planned.items()
        )

    def _is_sure(self, own: _Unit) -> bool:
        said = own.said[own.tier]
        found = [
            confidence.of_verdicts(
                self._mode, {shown: [*said[question][shown].values()] for shown in planned}
            )
            for question, planned in own.planned.items()
        ]
        return all(one is not None and one >= self._threshold - SAME for one in found)

    def trials(self, unit: Unit) -> Iterator[tuple[Trial, Prompt]]:
        """What the judge that a unit has come to is to be asked about it."""
        own = self._units[unit]
        judge: JudgeModel = self._judges[self._order[own.tier]]
        only = replace(self._plan, items=(own.item,))
        for trial, prompt in only.trials(judge):
            if self.unit(trial) == unit:
                yield trial, prompt


def _units(plan: Plan) -> Iterator[tuple[Unit, _Unit]]:
    found: dict[Unit, tuple[Item, dict[str, dict[Shown, int]]]] = {}
    for item, trial in plan.places(plan.judges[0]):
        unit = _unit(plan.mode, trial)
        planned = found.setdefault(unit, (item, {}))[1].setdefault(trial.system_a, {})
        planned[_shown(trial)] = planned.get(_shown(trial), 0) + 1
    for unit, (item, questions) in found.items():
        yield unit, _Unit(item, questions)


def _unit(mode: Mode, trial: Trial) -> Unit:
    is_pair = mode == "pairwise" and trial.system_b is not None
    return unit_of(trial.item_id, (trial.system_a, trial.system_b or "") if is_pair else ())


def _shown(trial: Trial) -> Shown:
    return (trial.variant, trial.order)


# -- the policy of a run -------------------------------------------------------------------------


Trials = Iterator[tuple[Trial, Prompt]]


def now_and_later(
    escalate: Escalate | None, plan: Plan, judge: JudgeModel
) -> tuple[Trials, Trials]:
    """What a judge is asked from the start, and what waits for the judges before it."""
    trials, nothing = plan.trials(judge), iter(())
    waits = escalate is not None and judge.judge != escalate.tiers[0]
    return (nothing, trials) if waits else (trials, nothing)


def resumed(
    recipe: Recipe, plan: Plan, store: Store, run_id: str, settled: Collection[str]
) -> Resumed:
    """The policy with the state that the stored judgments put it in.

    What was decided stays decided. A judge that failed on a unit is not asked again once the next has
    answered; until then it is, as after any interruption.
    """
    if recipe.escalate is None:
        return Resumed(lambda _: CONTINUE)
    stored = [Judgment(j.trial, j.verdict) for j in store.judgments(run_id)]
    watch = Watch(plan, recipe.escalate)
    kept = _kept(watch, stored, settled)
    for judgment in stored:
        if judgment.trial.trial_id in settled or judgment.trial.trial_id in kept:
            watch.take(judgment)
    begin = {watch.unit(j.trial) for j in stored}
    add = [pair for unit in sorted(begin) if watch.reached(unit) for pair in watch.trials(unit)]
    idle = {
        j.trial.trial_id
        for j in stored
        if j.verdict.reason == "policy" and not watch.is_needed(j.trial)
    }
    leave = Decision(add=tuple(add), leave=lambda trial: not watch.is_needed(trial))
    return Resumed(_policy(watch), leave, frozenset(kept | idle))


def _kept(watch: Watch, stored: Iterable[Judgment], settled: Collection[str]) -> set[str]:
    """The trials without an answer that are not asked again: a dearer judge has answered their unit."""
    known = list(stored)
    answered: dict[Unit, int] = {}
    for judgment in known:
        if judgment.trial.trial_id in settled and judgment.verdict.status is not Status.NOT_ASKED:
            unit = watch.unit(judgment.trial)
            answered[unit] = max(answered.get(unit, 0), watch.tier_of(judgment.trial))
    return {
        j.trial.trial_id
        for j in known
        if j.trial.trial_id not in settled
        and watch.tier_of(j.trial) < answered.get(watch.unit(j.trial), 0)
    }


def _policy(watch: Watch) -> Policy:
    def decide(judgment: Judgment) -> Decision:
        units: Sequence[Unit] = watch.take(judgment)
        if not units:
            return CONTINUE
        return Decision(add=tuple(pair for unit in units for pair in watch.trials(unit)))

    return decide
