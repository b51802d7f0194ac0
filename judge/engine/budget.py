"""Stops before the call that would pass a limit on money.

A call reserves the most that it can cost and settles for what it did cost. Where the reservation does
not fit, it waits for calls in flight to settle; where nothing is in flight any more, the budget is
reached.
"""

from __future__ import annotations

import asyncio
import math

from judge.plan import expected_cost_usd
from judge.providers import endpoint
from judge.types import Completion, JudgeModel, Prompt, canonical

# The most tokens that text can have: byte-level tokenizers give no byte more than one.
TOKENS_PER_BYTE = 1.0

# What an API lets an answer be where the judge's parameters do not say.
DEFAULT_MAX_TOKENS = 2048


class BudgetReached(Exception):
    """The next call could cost more than is left."""


class Budget:
    """What may be spent, is reserved, and was spent, in dollars. limit_usd None: no limit."""

    def __init__(self, limit_usd: float | None, spent_usd: float = 0.0) -> None:
        self.limit_usd = math.inf if limit_usd is None else limit_usd
        self.spent_usd = spent_usd
        self._reserved_usd = 0.0
        self._settled = asyncio.Condition()

    async def reserve(self, judge: JudgeModel, prompt: Prompt) -> float:
        """The dollars set aside for one attempt. Raises BudgetReached."""
        if math.isinf(self.limit_usd):
            return 0.0
        most = most_usd(judge, prompt)
        async with self._settled:
            while self.spent_usd + self._reserved_usd + most > self.limit_usd:
                if not self._reserved_usd:
                    raise BudgetReached
                await self._settled.wait()
            self._reserved_usd += most
        return most

    async def settle(self, reserved_usd: float, spent_usd: float) -> None:
        """Gives a reservation back and books what was, or may have been, spent of it."""
        self.spent_usd += spent_usd
        if reserved_usd:
            async with self._settled:
                # Sums of floats do not cancel to nothing; a rest below a millionth of a cent is one.
                rest = self._reserved_usd - reserved_usd
                self._reserved_usd = rest if rest > 1e-8 else 0.0
                self._settled.notify_all()


def most_usd(judge: JudgeModel, prompt: Prompt) -> float:
    """The most that a call can cost."""
    size = len(_sent(judge, prompt).encode("utf-8", "surrogatepass"))
    longest = _longest(judge) or DEFAULT_MAX_TOKENS
    return expected_cost_usd(judge, size * TOKENS_PER_BYTE, longest)


def _sent(judge: JudgeModel, prompt: Prompt) -> str:
    """All the text of a request. The body of an endpoint may hold much besides the prompt."""
    if not judge.endpoint:
        return f"{prompt.system}{prompt.user}{prompt.schema}"
    try:
        return canonical(endpoint.body(judge.endpoint, judge, prompt))
    except endpoint.Absent:  # then nothing is sent
        return ""


def _longest(judge: JudgeModel) -> float | None:
    if judge.endpoint:
        return endpoint.longest_answer(judge.endpoint)
    return judge.parameters.get("max_completion_tokens") or judge.parameters.get("max_tokens")


def cost_usd(judge: JudgeModel, completion: Completion | None) -> float | None:
    """What a call did cost, None where that is unknown: no price, or tokens that nobody counted."""
    if judge.usd_per_mtok_in is None or judge.usd_per_mtok_out is None:
        return None
    if completion is None:
        return 0.0
    # A refusal may come before the model says a word, with words of the API's own.
    is_silent = not completion.text or completion.finish_reason == "refusal"
    counted_out = completion.tokens_out or (is_silent and completion.tokens_in)
    if judge.usd_per_mtok_in and not completion.tokens_in:
        return None
    if judge.usd_per_mtok_out and not counted_out:
        return None
    return expected_cost_usd(judge, completion.tokens_in, completion.tokens_out)
