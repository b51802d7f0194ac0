"""Which answer of an audit is perturbed: the one that lost by the judge's own first verdict on the pair.

Each judge has its own targets. The trials of both answers are planned; those of the loser are asked once
its first verdict is there, those of the winner never. Where a judge sees no loser, or gives no verdict,
neither is. What a run decided is found again from the stored verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from judge.analysis.audit_asked import CONSTANT, AuditAsked, origin
from judge.analysis.early_stop import is_final
from judge.engine.live import CONTINUE, Decision, Policy
from judge.plan import Pair, Plan, Swap
from judge.store import Store
from judge.types import Item, JudgeModel, Judgment, Order, Prompt, Status, Trial
from judge.workflow.early_stopping import Resumed
from judge.workflow.recipe import Recipe

Trials = Iterator[tuple[Trial, Prompt]]
Place = tuple[str, str]  # judge, item

DRAWN = (
    "random"  # how perturbed answers are shown: in the one order that the seed drew for the item
)


def drawn_order(seed: int, item_id: str, pair: Pair) -> Order:
    """The order in which an item's perturbed pairs are shown, and its first verdict is looked for."""
    return Swap.parse(DRAWN).orders(seed, item_id, pair)[0]


def target_of(asked: AuditAsked, pair: Pair | Trial) -> str:
    """The system whose perturbed answer is in a pair, "" where none is."""
    names = [name for name in (pair.system_a, pair.system_b) if name is not None]
    found = (origin(name, asked.perturbations) for name in names)
    return next((system for system, perturbation in found if perturbation), "")


def now_and_later(recipe: Recipe, plan: Plan, judge: JudgeModel) -> tuple[Trials, Trials]:
    """What a judge is asked from the start, and what waits for its first verdicts."""
    asked = recipe.audit
    if asked is None or asked.kind != "judge":
        return plan.trials(judge), iter(())
    waiting = tuple(item for item in plan.items if item.item_id not in asked.targets)
    perturbed = tuple(pair for pair in plan.pairs if target_of(asked, pair))
    bare = {item.item_id: _unperturbed(asked, item) for item in waiting}
    now = replace(plan, items=tuple(bare.get(item.item_id, item) for item in plan.items))
    return now.trials(judge), replace(plan, items=waiting, pairs=perturbed).trials(judge)


def of_one_target(recipe: Recipe, items: Iterable[Item]) -> list[Item]:
    """The items with the perturbed answers of one system each: what one judge can be asked at most."""
    asked = recipe.audit
    if asked is None or asked.kind != "judge":
        return list(items)
    return [
        item if item.item_id in asked.targets else _unperturbed(asked, item, _most(asked, item))
        for item in items
    ]


def _most(asked: AuditAsked, item: Item) -> str:
    """The system that most can be done to."""
    systems = [origin(response.system, asked.perturbations) for response in item.responses]
    made = [system for system, perturbation in systems if perturbation]
    return max(made, key=made.count, default="")


def _unperturbed(asked: AuditAsked, item: Item, but: str = "") -> Item:
    """The item without perturbed answers, but for those of one system."""

    def is_kept(name: str) -> bool:
        system, perturbation = origin(name, asked.perturbations)
        return not perturbation or system == but

    return replace(item, responses=tuple(r for r in item.responses if is_kept(r.system)))


# -- the policy of a run -------------------------------------------------------------------------


class Watch:
    """Takes judgments as they come, in whatever order, and knows who lost by each judge's verdict."""

    def __init__(self, plan: Plan, asked: AuditAsked) -> None:
        self._plan, self._asked = plan, asked
        self._judges = {judge.judge: judge for judge in plan.judges}
        self._items = {i.item_id: i for i in plan.items if i.item_id not in asked.targets}
        self._pairs: dict[str, tuple[Pair, ...]] = {}
        for pair in plan.pairs:
            if target := target_of(asked, pair):
                self._pairs[target] = (*self._pairs.get(target, ()), pair)
        self.lost: dict[Place, str] = {}
        self._heard: set[Place] = set()

    @property
    def waits(self) -> bool:
        """False where every target was known beforehand."""
        return bool(self._items)

    def take(self, judgment: Judgment) -> Place | None:
        """Takes an outcome; its place, where that says for the first time who lost."""
        trial, verdict = judgment.trial, judgment.verdict
        place = (trial.judge, trial.item_id)
        if place in self.lost or not self._decides(trial):
            return None
        if not is_final(verdict.status, verdict.reason):
            return None
        self._heard.add(place)
        if verdict.label not in ("a", "b"):
            return None
        loser = trial.system_b if verdict.label == "a" else trial.system_a
        self.lost[place] = str(loser)
        return place

    def _decides(self, trial: Trial) -> bool:
        """True of the first verdict on a pair of answers as they came, in the order that was drawn."""
        if trial.item_id not in self._items or trial.repeat != 1 or trial.system_b is None:
            return False
        if CONSTANT in (trial.system_a, trial.system_b) or target_of(self._asked, trial):
            return False
        pair = Pair(trial.system_a, trial.system_b)
        return trial.order == drawn_order(self._plan.seed, trial.item_id, pair)

    def is_left(self, trial: Trial) -> bool:
        """True of a perturbed answer that is not known to have lost."""
        target = target_of(self._asked, trial) if trial.item_id in self._items else ""
        return bool(target) and self.lost.get((trial.judge, trial.item_id)) != target

    def is_idle(self, trial: Trial) -> bool:
        """The same, where the first verdict is there, so that no later one can call for it."""
        return (trial.judge, trial.item_id) in self._heard and self.is_left(trial)

    def trials(self, place: Place) -> Trials:
        """What a judge is to be asked about the answer that it says lost."""
        judge, item_id = place
        pairs = self._pairs.get(self.lost[place], ())
        only = replace(self._plan, items=(self._items[item_id],), pairs=pairs)
        return only.trials(self._judges[judge])


def resumed(
    recipe: Recipe, plan: Plan, store: Store, run_id: str, settled: Collection[str]
) -> Resumed:
    """The policy with the state that the stored judgments put it in."""
    asked = recipe.audit
    if asked is None or asked.kind != "judge":
        return Resumed(lambda _: CONTINUE)
    watch = Watch(plan, asked)
    if not watch.waits:
        return Resumed(lambda _: CONTINUE)
    stored = [Judgment(j.trial, j.verdict) for j in store.judgments(run_id)]
    for judgment in stored:
        if judgment.trial.trial_id in settled:
            watch.take(judgment)
    add = tuple(pair for place in sorted(watch.lost) for pair in watch.trials(place))
    idle = frozenset(
        j.trial.trial_id
        for j in stored
        if j.verdict.status is Status.NOT_ASKED
        and j.verdict.reason == "policy"
        and watch.is_idle(j.trial)
    )
    return Resumed(_policy(watch), Decision(add=add, leave=watch.is_left), idle)


def left_out(recipe: Recipe, plan: Plan, judgments: Iterable[Judgment]) -> Callable[[Trial], bool]:
    """Which of the trials that nobody came to yet are those of answers that are not known to have lost."""
    asked = recipe.audit
    if asked is None or asked.kind != "judge":
        return lambda _: False
    watch = Watch(plan, asked)
    for judgment in judgments:
        watch.take(judgment)
    return watch.is_left


def _policy(watch: Watch) -> Policy:
    def decide(judgment: Judgment) -> Decision:
        place = watch.take(judgment)
        return CONTINUE if place is None else Decision(add=tuple(watch.trials(place)))

    return decide
