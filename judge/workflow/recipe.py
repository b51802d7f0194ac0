"""What a run is made of, in the form that is stored with it, and the plan that it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import TypeAdapter

from judge.analysis.agree_asked import USUAL, AgreeAsked
from judge.analysis.anchors import Anchors
from judge.analysis.audit_asked import AuditAsked
from judge.analysis.cascade import Escalate
from judge.analysis.padding import PaddedBy
from judge.analysis.ranking import Ties
from judge.errors import InputError, cut
from judge.parse import cannot_weigh
from judge.plan import Pair, Plan, Swap, is_priced
from judge.providers.endpoint import modes
from judge.report.schema_base import LabelSource
from judge.stats.merge import AVERAGE
from judge.types import Item, JudgeModel, Mode, Rubric

RANK = "rank"  # the command whose report is a ranking


@dataclass(frozen=True, slots=True)
class RunLabels:
    """People's labels that a run is reported with. labels_hash: what the store has them under."""

    labels_hash: str
    source: LabelSource
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is needed, with the items, to plan a run again: judges and rubrics whole."""

    command: str
    mode: Mode
    judges: tuple[JudgeModel, ...]
    rubrics: tuple[Rubric, ...]
    pairs: tuple[Pair, ...]
    baseline: str | None = None
    swap: str = "both"
    repeats: int = 1
    repeat_share: float = 1.0
    seed: int = 0
    concurrency: int = 64
    max_cost_usd: float | None = None
    max_missing: float = 0.05
    fresh: bool = False
    fail_if: tuple[str, ...] = ()
    design: str | None = None
    ties: Ties = "half"
    slices: tuple[str, ...] = ()
    stop_early: bool = False
    escalate: Escalate | None = None
    margin: float | None = None
    merge: str = AVERAGE
    style: bool = False
    length_penalty: float | None = None
    labels: RunLabels | None = None
    agree: AgreeAsked = USUAL
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)
    anchors: Anchors | None = None
    audit: AuditAsked | None = None
    padded: PaddedBy | None = None

    def is_anchor(self, item_id: str) -> bool:
        """Whether an item is there to find drift by, and counts for nothing else."""
        return self.anchors is not None and item_id in self.anchors.answers

    def own(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items without the anchors among them."""
        return (item for item in items if not self.is_anchor(item.item_id))

    def plan(self, items: Iterable[Item]) -> Plan:
        """The plan over these items. Raises InputError where the parts do not fit together."""
        planned = tuple(items)
        mixed_in = any(self.is_anchor(item.item_id) for item in planned)
        plan = Plan(
            mode=self.mode,
            items=planned,
            pairs=(*self.pairs, *(self.anchors.pairs if self.anchors and mixed_in else ())),
            wordings=tuple((rubric, name) for rubric in self.rubrics for name in self._wordings()),
            judges=self.judges,
            swap=Swap.parse(self.swap),
            repeats=self.repeats,
            seed=self.seed,
            repeat_share=self.repeat_share,
            once=frozenset(self._wordings()) - {self.audit.base if self.audit else ""},
        )
        _check(self, plan)
        return plan

    def _wordings(self) -> tuple[str, ...]:
        """The wordings that every rubric of the run is asked in; "" is its own."""
        if self.audit is None or not self.audit.wordings:
            return ("",)
        return tuple(wording.name for wording in self.audit.wordings)


_RECIPE = TypeAdapter(Recipe)


def to_config(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain JSON."""
    return cast("dict[str, Any]", _RECIPE.dump_python(recipe, mode="json"))


def from_config(config: Mapping[str, Any]) -> Recipe:
    """The recipe of a stored run."""
    return _RECIPE.validate_python(dict(config))


def sampled(items: Sequence[Item], limit: int | None, seed: int) -> tuple[Item, ...]:
    """All items, or a random sample of so many, in their own order."""
    if limit is None or limit >= len(items):
        return tuple(items)
    plan = Plan("single", tuple(items), (), (), (), Swap(1.0), 1, seed)
    kept = {item.item_id for item in plan.ordered_items()[:limit]}
    return tuple(item for item in items if item.item_id in kept)


def _check(recipe: Recipe, plan: Plan) -> None:
    if recipe.repeats < 1:
        raise InputError(f"--repeats {recipe.repeats}: must be 1 or more")
    _check_share(recipe)
    if recipe.concurrency < 1:
        raise InputError(f"--concurrency {recipe.concurrency}: must be 1 or more")
    if not any(plan.pairs_of(item) for item in plan.items):
        raise InputError(
            "no item has a response of every system: check that the files share item_id or prompt"
        )
    for rubric in recipe.rubrics:
        _check_rubric(rubric, plan)
        for judge in recipe.judges:
            _check_judge(judge, rubric)
    if recipe.max_cost_usd is not None:
        _check_prices(recipe.judges)


def _check_share(recipe: Recipe) -> None:
    share = recipe.repeat_share
    if not 0 < share <= 1:
        raise InputError(f"--repeat-share {share:g}: must be a share above 0 and at most 1")
    if share < 1 and recipe.repeats == 1:
        raise InputError(
            f"--repeat-share {share:g} with --repeats 1: nothing is asked again; add --repeats 2"
        )


def _check_rubric(rubric: Rubric, plan: Plan) -> None:
    if rubric.mode != plan.mode:
        other = "compare or rank" if rubric.mode == "pairwise" else "score"
        raise InputError(f"rubric {rubric.id} is {rubric.mode}: use it with `judge {other}`")
    lacking = [i.item_id for i in plan.items if plan.pairs_of(i) and not i.reference]
    if rubric.needs_reference and lacking:
        raise InputError(
            f"rubric {rubric.id} needs a reference, and {len(lacking)} of {len(plan.items)} items "
            f"have none (first: {cut(lacking[0])}): add a `reference` column or choose another rubric"
        )


def _check_judge(judge: JudgeModel, rubric: Rubric) -> None:
    if judge.reading == "logprobs" and cannot_weigh(rubric):
        raise InputError(
            f'judge {judge.judge} has reading = "logprobs", and the labels of rubric {rubric.id} have '
            'no numbers to average: use reading = "label", or a rubric with an ordinal scale'
        )
    if judge.endpoint and rubric.mode not in modes(judge.endpoint):
        needed = "response_a} and {response_b" if rubric.mode == "pairwise" else "response"
        raise InputError(
            f"judge {judge.judge}: its http table is not for {rubric.mode} rubrics such as {rubric.id}: "
            f"show {{{needed}}} or {{user}} in http.body, and say where the verdict is"
        )


def _check_prices(judges: Sequence[JudgeModel]) -> None:
    unpriced = [judge.judge for judge in judges if not is_priced(judge)]
    if unpriced:
        raise InputError(
            f"--max-cost needs the price of every judge, and that of {', '.join(unpriced)} is "
            "unknown: set usd_per_mtok_in and usd_per_mtok_out under [[judges]] in judge.toml"
        )
