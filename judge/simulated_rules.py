"""The biases, noise and failings that a simulated judge can be given, and the names that give them.

A model name is a known rule with overrides: `sim-first:position=0.2,noise=0.1`. Known rules:
sim-fair (no bias) - sim-first (position 0.15) - sim-long (length 1.0) - sim-noisy (noise 0.3) -
sim-careless (unreadable 0.05, refuse 0.02).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError

# Words by which a simulated judge recognises a family, where Knowledge.authors does not name one.
FAMILY_MARKS: Mapping[str, frozenset[str]] = {
    "red": frozenset({"certainly", "delve", "crucially"}),
    "blue": frozenset({"absolutely", "straightforward", "essentially"}),
}

OUTCOMES = ("refuse", "unreadable", "truncate")
_SHARES = ("wording", "noise", "obey", "null", "chatty", *OUTCOMES)
_SWITCH = {"yes": True, "no": False}


def check_shares(shares: Mapping[str, float]) -> None:
    """Nothing. Raises InputError where one is no share."""
    for name, share in shares.items():
        check(0 <= share <= 1, f"{name} must be a share between 0 and 1, not {share}")


def check(is_right: bool, problem: str) -> None:
    """Nothing. Raises InputError with the problem where something is not right."""
    if not is_right:
        raise InputError(f"simulated judge: {problem}")


@dataclass(frozen=True, slots=True)
class Rule:
    """How a simulated judge answers. Every field but name can be set in the model name.

    skill: slope of the log-odds per unit of quality, above 0 (a judge that knows nothing: noise=1).
    position: points added to the first-shown rate whatever the qualities, -0.5..0.5:
        p' = (1 - 2b) p + 2b for b >= 0, (1 - 2|b|) p for b < 0. No effect on ties and single answers.
    length: log-odds per doubling of the ratio of the lengths in characters.
    family: log-odds in favour of a text of the family that `own` names, by Knowledge.authors, else by
        FAMILY_MARKS.
    wording: share of items on which the judge's order is turned around, drawn from the hashes of the
        item and of the prompt without judged text, so that each wording turns other items, and both
        orders and all repeats of an item alike.
    wording_only: where `wording` strikes, prompts that hold this beside the judged texts; empty: all.
    noise: share of verdicts replaced by a coin (pairwise) or a label drawn evenly (single).
    tie: half-width in log-odds inside which it says tie, 0 for never.
    obey: share of prompts with an injection in one response in which it does as it is told there; null:
        with a null answer beside a real one, or alone, in which it gives that the best label.
    refuse, unreadable, truncate: shares of answers that are a refusal; that hold no label, two, or one
        off the scale; that are cut off. Together at most 1.
    latency_s: time an answer takes, on top of the server's own.
    chatty: share of answers that put words around their JSON object where no schema is enforced.
    schema, tools, temperature, logprobs: `no` makes the server refuse requests that use these (400).
    """

    name: str
    skill: float = 8.0
    position: float = 0.0
    length: float = 0.0
    family: float = 0.0
    own: str = "red"
    wording: float = 0.0
    wording_only: str = ""
    noise: float = 0.0
    tie: float = 0.0
    obey: float = 0.0
    null: float = 0.0
    refuse: float = 0.0
    unreadable: float = 0.0
    truncate: float = 0.0
    chatty: float = 0.0
    latency_s: float = 0.0
    schema: bool = True
    tools: bool = True
    temperature: bool = True
    logprobs: bool = True

    def __post_init__(self) -> None:
        check_shares({name: getattr(self, name) for name in _SHARES})
        check(self.refuse + self.unreadable + self.truncate <= 1, "the shares add up to over 1")
        check(-0.5 <= self.position <= 0.5, "position must be between -0.5 and 0.5")
        check(0 < self.skill < math.inf, "skill must be above 0")
        check(math.isfinite(self.length), "length must be a finite number")
        check(math.isfinite(self.family), "family must be a finite number")
        check(self.tie >= 0, "tie must not be below 0")
        check(0 <= self.latency_s < math.inf, "latency_s must not be below 0")


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("sim-fair"),
        Rule("sim-first", position=0.15),
        Rule("sim-long", length=1.0),
        Rule("sim-noisy", noise=0.3),
        Rule("sim-careless", unreadable=0.05, refuse=0.02),
    )
}

_DEFAULTS = {f.name: f.default for f in dataclasses.fields(Rule) if f.name != "name"}


def rule(model: str) -> Rule:
    """The rule that a model name describes. Raises InputError that lists what is known."""
    name, _, options = model.partition(":")
    if name not in RULES:
        raise InputError(f"no simulated judge named {name!r}; known: {', '.join(RULES)}")
    changes = dict(_option(text) for text in options.split(",")) if options else {}
    return dataclasses.replace(RULES[name], **changes)


def _option(text: str) -> tuple[str, Any]:
    """The name and value of one override."""
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in _DEFAULTS:
        raise InputError(f"no option {name!r} of simulated judges; known: {', '.join(_DEFAULTS)}")
    default = _DEFAULTS[name]
    if isinstance(default, bool):
        check(value in _SWITCH, f"option {name} must be yes or no, not {value!r}")
        return name, _SWITCH[value]
    return name, _number(name, value) if isinstance(default, float) else value


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise InputError(f"option {name} must be a number, not {value!r}") from error
