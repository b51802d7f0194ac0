"""`--stop-early` over a run: what it needs, what is stored already, and the policy that the engine asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from judge.analysis import early_stop
from judge.analysis.early_stop import EarlyStop, Watch
from judge.engine.live import CONTINUE, Decision, Policy
from judge.errors import InputError
from judge.plan import Plan
from judge.report import words
from judge.store import Store
from judge.types import Judgment
from judge.workflow.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Resumed:
    """The policy of a run that goes on. begin: its first decision; settled: trials to leave as they are."""

    policy: Policy
    begin: Decision = CONTINUE
    settled: frozenset[str] = frozenset()


def check(recipe: Recipe) -> None:
    """Raises InputError where nothing can be found out by which a run could stop."""
    if not recipe.stop_early:
        return
    systems = [pair.system_a for pair in recipe.pairs]
    if recipe.baseline is None:
        known = f": {words.listed(systems)}" if recipe.mode == "single" else ""
        raise InputError(
            "--stop-early stops once a system is known to differ from a baseline: name that with "
            f"--baseline{known}"
        )
    if not any(system != recipe.baseline for system in systems):
        raise InputError(
            f"--stop-early: there is no system but the baseline {recipe.baseline}; give a file of "
            "another, or leave the flag out"
        )
    nominal = [r.id for r in recipe.rubrics if recipe.mode == "single" and not r.scale.values]
    if nominal:
        raise InputError(
            f"--stop-early: the labels of rubric {nominal[0]} have no numbers to compare; leave the flag "
            "out, or use a rubric with an ordinal scale"
        )


def settings(recipe: Recipe, plan: Plan) -> EarlyStop | None:
    """How the run is read, None where it cannot stop early."""
    if not recipe.stop_early or recipe.baseline is None:
        return None
    return early_stop.settings(plan, recipe.baseline, margin=recipe.margin, merge=recipe.merge)


def resumed(
    recipe: Recipe, plan: Plan, store: Store, run_id: str, settled: Collection[str]
) -> Resumed:
    """The policy with the state that the stored judgments put it in.

    What was known when the run ended stays known: what it lacks is not asked again. Of the rest, trials
    that will be asked again have no outcome until they were.
    """
    how = settings(recipe, plan)
    if how is None or recipe.baseline is None:
        return Resumed(lambda _: CONTINUE)
    before = Watch(plan, recipe.baseline, how)
    stored = [Judgment(j.trial, j.verdict) for j in store.judgments(run_id)]
    for judgment in stored:
        before.take(judgment)
    watch = Watch(plan, recipe.baseline, how, before.known)
    for judgment in stored:
        if judgment.trial.trial_id in settled:
            watch.take(judgment)
    kept = (j.trial.trial_id for j in stored if not watch.is_needed(j.trial))
    return Resumed(_policy(watch), _decision(watch), frozenset(kept))


def _policy(watch: Watch) -> Policy:
    def decide(judgment: Judgment) -> Decision:
        return _decision(watch) if watch.take(judgment) else CONTINUE

    return decide


def _decision(watch: Watch) -> Decision:
    """What follows from what is known: all, or the trials on which nothing hangs any more."""
    if not watch.known:
        return CONTINUE
    return Decision(stop=watch.is_over, leave=lambda trial: not watch.is_needed(trial))


def both(first: Policy, second: Policy) -> Policy:
    """What two policies want, together."""

    def decide(judgment: Judgment) -> Decision:
        one, other = first(judgment), second(judgment)
        leaves = [d.leave for d in (one, other) if d.leave is not None]
        return Decision(
            stop=one.stop or other.stop,
            add=(*one.add, *other.add),
            leave=(lambda trial: any(leave(trial) for leave in leaves)) if leaves else None,
        )

    return decide
