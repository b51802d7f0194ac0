"""Simulated judges in process: the rules and faults of the simulated server, without its wire."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from judge import logprobs, simulated, simulated_rules, simulated_tokens
from judge.errors import InputError, RateLimited, RequestRejected, TransientError
from judge.simulated import Answer, Faults, Knowledge, Latency
from judge.simulated_rules import Rule
from judge.types import Completion, JudgeModel, Prompt, digest

_KNOWLEDGE = {"knowledge": "references", "planted": "planted", "authors": "authors"}
# As many as the APIs give.
ALTERNATIVES = 20

_KNOWN = ("seed", *_KNOWLEDGE, "faults", "latency", "max_tokens")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a simulated judge's parameters say.

    seed: of every draw. knowledge: `knowledge` (digest of a question -> reference), `planted` and
    `authors` (digest of a response -> quality, family). faults: their shares. latency: "fixed" or
    "exponential".
    """

    seed: int = 0
    knowledge: Knowledge = field(default_factory=Knowledge)
    faults: Faults = field(default_factory=Faults)
    latency: Latency = "exponential"
    max_tokens: int | None = None


class SimulatedProvider:
    """A Provider that answers by a rule. Holds how often each request was tried."""

    def __init__(
        self,
        rule: Rule,
        settings: Settings,
        *,
        timeout_s: float = 120.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._rule = rule
        self._settings = settings
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._attempts: Counter[str] = Counter()

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        """The answer by the rule. Raises TransientError or RateLimited where a fault strikes."""
        key, settings = prompt.idempotency_key, self._settings
        latency_s = simulated.latency_s(
            self._rule.latency_s, settings.latency, seed=settings.seed, key=key
        )
        if latency_s:
            await self._sleep(latency_s)
        self._attempts[key] += 1
        fault = simulated.fault(
            settings.faults, seed=settings.seed, key=key, attempt=self._attempts[key]
        )
        if fault:
            _fail(fault, self._timeout_s)
        return self._completion(judge, prompt, key, latency_s)

    async def aclose(self) -> None:
        """Nothing: nothing is held open."""

    def _completion(
        self, judge: JudgeModel, prompt: Prompt, key: str, latency_s: float
    ) -> Completion:
        settings = self._settings
        try:
            answer = simulated.answer(
                self._rule,
                seed=settings.seed,
                key=key,
                system=prompt.system,
                user=prompt.user,
                schema=None if prompt.in_text else prompt.schema,
                knowledge=settings.knowledge,
                max_tokens=settings.max_tokens,
            )
        except InputError as error:
            raise RequestRejected(str(error), status=400) from error
        return Completion(
            text=answer.text,
            finish_reason=answer.finish_reason,
            model=judge.model,
            request_id=digest([settings.seed, key]),
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            latency_s=latency_s,
            logprobs=_logprobs(judge, answer),
            structured="none" if prompt.in_text else "json_schema",
            sent=_sent(judge),
        )


def connect(
    judge: JudgeModel,
    *,
    api_key: str | None = None,
    timeout_s: float = 120.0,
    http_client: Any = None,
) -> SimulatedProvider:
    """The provider of a simulated judge: rule from the model name, the rest from the parameters."""
    return SimulatedProvider(
        simulated_rules.rule(judge.model), settings(judge.parameters), timeout_s=timeout_s
    )


def settings(parameters: Mapping[str, Any]) -> Settings:
    """The settings that parameters describe. Raises InputError for an unknown one."""
    for name in parameters:
        if name not in _KNOWN:
            raise InputError(
                f"no parameter {name!r} of simulated judges; known: {', '.join(_KNOWN)}"
            )
    if parameters.get("latency", "fixed") not in simulated.LATENCIES:
        raise InputError(
            f"latency must be one of {', '.join(simulated.LATENCIES)}, not {parameters['latency']!r}"
        )
    given = {
        name: parameters[name] for name in ("seed", "latency", "max_tokens") if name in parameters
    }
    known = {_KNOWLEDGE[name]: parameters[name] for name in _KNOWLEDGE if name in parameters}
    return Settings(
        knowledge=Knowledge(**known), faults=_faults(parameters.get("faults", {})), **given
    )


def _faults(shares: Mapping[str, float]) -> Faults:
    for name in shares:
        if name not in simulated.FAULTS:
            raise InputError(f"no fault {name!r}; known: {', '.join(simulated.FAULTS)}")
    return Faults(**shares)


def _fail(fault: str, timeout_s: float) -> NoReturn:
    """Raises what a wire provider raises for that fault."""
    if fault == "rate_429":
        raise RateLimited("simulated: too many requests", status=429)
    if fault == "error_500":
        raise TransientError("simulated: internal server error", status=500)
    if fault == "malformed":
        raise TransientError("simulated: the answer is not the API's JSON", status=200)
    if fault == "hang":
        raise TransientError(f"simulated: no answer within {timeout_s:g} s")
    raise TransientError("simulated: the connection was closed without an answer")


def _logprobs(judge: JudgeModel, answer: Answer) -> tuple[Any, ...] | None:
    if judge.reading != "logprobs":
        return None
    tokens = simulated_tokens.logprobs(answer.text, answer.chances, ALTERNATIVES)
    return logprobs.slim(tokens, answer.text)


def _sent(judge: JudgeModel) -> dict[str, Any]:
    """The settings of a request, texts left out."""
    kept = {name: value for name, value in judge.parameters.items() if name not in _KNOWLEDGE}
    return {"model": judge.model, **kept}
