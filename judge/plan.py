"""Items x judges x wordings x orders x repeats, as a recipe and a lazy iterator of trials.

A plan holds no trial: it can count them, price them, and make them one by one in an order that hangs
on the seed alone, so that the same plan made again is the same plan.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import NormalDist, fmean

from judge.errors import InputError
from judge.render import prompt
from judge.types import Item, JudgeModel, Mode, Order, Prompt, Rubric, Trial

# Tokens are guessed where no tokenizer is known. English text has about four characters a token; a
# verdict with two sentences of reasoning has about 150 tokens.
CHARACTERS_PER_TOKEN = 4.0
ANSWER_TOKENS = 150
ANSWER_SECONDS = 3.0
SAMPLED_TRIALS = 100


@dataclass(frozen=True, slots=True)
class Pair:
    """What is put before a judge: two systems, or one (system_b None) in single mode.

    swap, repeats: in which orders and how often, where that is otherwise than in the plan.
    """

    system_a: str
    system_b: str | None
    swap: str = ""
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Swap:
    """In which orders pairs are shown: both, one drawn by the seed, or both for a share of items."""

    both_share: float

    @classmethod
    def parse(cls, text: str) -> Swap:
        """`both`, `random` or `sample:P` with P between 0 and 1."""
        if text in ("both", "random"):
            return cls(1.0 if text == "both" else 0.0)
        kind, _, share = text.partition(":")
        try:
            value = float(share)
        except ValueError:
            value = math.nan
        if kind != "sample" or not 0 <= value <= 1:
            raise InputError(f"--swap {text}: use both, random, or sample:P with P from 0 to 1")
        return cls(value)

    def orders(self, seed: int, item_id: str, pair: Pair) -> tuple[Order, ...]:
        """The orders for one item's pair; single answers have one.

        Drawn by item and not by system, so that a renamed system is not shown anew.
        """
        if pair.system_b is None:
            return ("AB",)
        first: Order = "AB" if _draw(seed, "order", item_id) < 0.5 else "BA"
        if _draw(seed, "both", item_id) >= self.both_share:
            return (first,)
        return ("AB", "BA")


@dataclass(frozen=True, slots=True)
class Plan:
    """All trials of a run, unmade. wordings: a rubric with the name of its variant ("" its own).

    repeat_share: the share of items, drawn by the seed, that is asked more than once. once: the variants
    that are asked once whatever the repeats.
    """

    mode: Mode
    items: tuple[Item, ...]
    pairs: tuple[Pair, ...]
    wordings: tuple[tuple[Rubric, str], ...]
    judges: tuple[JudgeModel, ...]
    swap: Swap
    repeats: int
    seed: int
    repeat_share: float = 1.0
    once: frozenset[str] = frozenset()

    def trials(self, judge: JudgeModel) -> Iterator[tuple[Trial, Prompt]]:
        """The trials of one judge with their prompts, items in the order of the seed."""
        rubrics = {rubric.id: rubric for rubric, _ in self.wordings}
        for item, trial in self.places(judge):
            rubric = rubrics[trial.rubric]
            asked = prompt(rubric, trial.variant, item, trial, judge, self.seed)
            yield dataclasses.replace(trial, content_key=asked.content_key), asked

    def places(self, judge: JudgeModel) -> Iterator[tuple[Item, Trial]]:
        """The same trials without prompts and keys, which cost most."""
        for item in self.ordered_items():
            for pair in self.pairs_of(item):
                orders = self.orders(item, pair)
                for rubric, variant in self.wordings:
                    for repeat in range(1, self.repeats_of(item, pair, variant) + 1):
                        for order in orders:
                            yield (
                                item,
                                Trial(
                                    item_id=item.item_id,
                                    judge=judge.judge,
                                    rubric=rubric.id,
                                    variant=variant,
                                    system_a=pair.system_a,
                                    system_b=pair.system_b,
                                    order=order,
                                    repeat=repeat,
                                ),
                            )

    def count(self) -> int:
        """How many trials one judge has."""
        return sum(
            len(self.orders(item, pair)) * self.repeats_of(item, pair, variant)
            for item in self.items
            for pair in self.pairs_of(item)
            for _, variant in self.wordings
        )

    def orders(self, item: Item, pair: Pair) -> tuple[Order, ...]:
        """The orders in which an item's pair is shown. The drawn one is the same for all its pairs."""
        swap = Swap.parse(pair.swap) if pair.swap else self.swap
        return swap.orders(self.seed, item.item_id, pair)

    def repeats_of(self, item: Item, pair: Pair, variant: str = "") -> int:
        """How often this is asked: all repeats for a random share of the items, else once.

        Drawn by item, so that a larger share holds the items of a smaller one.
        """
        if variant in self.once:
            return 1
        is_drawn = _draw(self.seed, "repeat", item.item_id) < self.repeat_share
        return (pair.repeats or self.repeats) if is_drawn else 1

    def ordered_items(self) -> list[Item]:
        """The items in a fixed random order, so that a run that stops early is a random sample."""
        return sorted(self.items, key=lambda item: _draw(self.seed, "item", item.item_id))

    def pairs_of(self, item: Item) -> tuple[Pair, ...]:
        """The planned pairs that have all their responses in this item."""
        return tuple(
            pair
            for pair in self.pairs
            if item.response(pair.system_a) is not None
            and (pair.system_b is None or item.response(pair.system_b) is not None)
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan is expected to need. cost_usd: None where a judge's price is unknown.

    smallest_difference: the win-rate difference from 0.5 (or the score difference in standard
    deviations) that this many items can show with 80 % power.
    """

    calls: int
    per_judge: int
    items: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    unpriced: tuple[str, ...]
    duration_s: float
    smallest_difference: float | None
    mode: Mode = "pairwise"


def forecast(plan: Plan, concurrency: int) -> Forecast:
    """The expected calls, tokens, cost and time of a plan, from a sample of its prompts."""
    trials = plan.count()
    tokens = {j.judge: _mean_tokens(plan, j) * trials for j in plan.judges}
    priced = [j for j in plan.judges if is_priced(j)]
    cost = sum(expected_cost_usd(j, tokens[j.judge], ANSWER_TOKENS * trials) for j in priced)
    return Forecast(
        calls=trials * len(plan.judges),
        per_judge=trials,
        items=sum(1 for item in plan.items if plan.pairs_of(item)),
        tokens_in=round(sum(tokens.values())),
        tokens_out=ANSWER_TOKENS * trials * len(plan.judges),
        cost_usd=cost if len(priced) == len(plan.judges) else None,
        unpriced=tuple(j.judge for j in plan.judges if not is_priced(j)),
        duration_s=max((_duration_s(j, trials, concurrency) for j in plan.judges), default=0.0),
        smallest_difference=smallest_difference(plan),
        mode=plan.mode,
    )


def is_priced(judge: JudgeModel) -> bool:
    """True where both of the judge's prices are known."""
    return judge.usd_per_mtok_in is not None and judge.usd_per_mtok_out is not None


def expected_cost_usd(judge: JudgeModel, tokens_in: float, tokens_out: float) -> float:
    """Dollars for so many tokens. Raises InputError where the judge has no price."""
    if judge.usd_per_mtok_in is None or judge.usd_per_mtok_out is None:
        raise InputError(
            f"judge {judge.judge}: its price is unknown; set usd_per_mtok_in and "
            "usd_per_mtok_out in judge.toml"
        )
    return (tokens_in * judge.usd_per_mtok_in + tokens_out * judge.usd_per_mtok_out) / 1e6


def smallest_difference(plan: Plan, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """(z_{1-alpha/2} + z_power) s / sqrt(clusters), None without items.

    s is the largest that a value can have: 0.5 for a win rate (every pair won or lost), 1 standard
    deviation for scores. Clusters and not items, as if the items of one cluster said the same.
    Source: Miller 2411.00640 with the variance at its bound.
    """
    clusters = len({item.cluster for item in plan.items if plan.pairs_of(item)})
    return smallest_shown(clusters, plan.mode, power, alpha) if clusters else None


def smallest_shown(clusters: int, mode: Mode, power: float = 0.8, alpha: float = 0.05) -> float:
    """The same for a number of clusters, 1 or more."""
    z = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
    return z * (0.5 if mode == "pairwise" else 1.0) / math.sqrt(clusters)


def _mean_tokens(plan: Plan, judge: JudgeModel) -> float:
    sample = [len(p.system) + len(p.user) for _, p in islice(plan.trials(judge), SAMPLED_TRIALS)]
    return fmean(sample) / CHARACTERS_PER_TOKEN if sample else 0.0


def _duration_s(judge: JudgeModel, trials: int, concurrency: int) -> float:
    waves = trials * ANSWER_SECONDS / min(concurrency, judge.max_concurrency or concurrency)
    limit = judge.requests_per_minute
    return max(waves, trials / limit * 60 if limit else 0.0, ANSWER_SECONDS if trials else 0.0)


def _draw(seed: int, name: str, item_id: str) -> float:
    """A number in [0, 1) that hangs on nothing but its arguments."""
    message = f"{name}\x1f{item_id}".encode("utf-8", "surrogatepass")
    drawn = hmac.new(str(seed).encode(), message, hashlib.sha256).digest()
    return int.from_bytes(drawn[:8], "big") / 2**64
