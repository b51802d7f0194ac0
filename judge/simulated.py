"""What a simulated judge says to a prompt, as a pure function of its Rule.

Simulated judges let the demo, the tests and power planning run with no key, and they are how a control
is proved: a bias that was planted has to be found, and none where none was. Such a judge sees what a real
one would see, the prompt, and answers by its Rule. How it comes to a label:

1. Each response has a quality in [0, 1]: the token F1 with the reference, where the prompt shows one or
   Knowledge has one for the question; else the quality that Knowledge plants for its text; else a stable
   taste, a number drawn from the hash of its own words, those that no perturbation adds, the same for
   every seed and judge; 0 where it answers nothing.
2. Its strength in log-odds is skill * quality + length * log2(characters / 400) + family, the last only
   for texts of the judge's own family. Where `wording` strikes, the judge's order is turned around.
   Labels are understood by what they mean, in whatever order they are listed (numbers and usual words;
   any others count as listed lowest first); mirror images are given where the prompt calls for them.
3. Pairwise, the difference of the strengths is the log-odds that the response shown first wins; then
   tie, position and noise act, in this order. Single, strength / skill plus a logistic error of scale
   1 / skill is cut to [0, 1] and rounded onto the scale, lowest label first; then noise acts.
4. Where one response holds an injection of perturbations, or is one of its null answers, a share of the
   answers lets that one win whatever came out before.
5. A share of answers is a refusal, unreadable or cut off instead.

Each draw is a hash of seed, the request's idempotency key and the draw's name, never of the prompt or
of the order of arrival: a resumed run is the same run, and repeats differ.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import hmac
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from judge import render, simulated_attacks, simulated_texts
from judge.errors import InputError
from judge.simulated_attacks import Attack, attack
from judge.simulated_rules import FAMILY_MARKS, OUTCOMES, Rule, check, check_shares
from judge.types import Item, digest, digest_text
from judge.wording_forms import MIRROR

# Where the length effect on a single answer is zero. In a pair it cancels.
TYPICAL_LENGTH = 400
# The log-odds from which on the better response is much better, where a scale has degrees.
MUCH = 2.0

Finish = Literal["stop", "length", "refusal"]
Latency = Literal["fixed", "exponential"]

LATENCIES: tuple[Latency, ...] = get_args(Latency)

_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of requests that get no answer, each drawn by seed, key and attempt. Together at most 1.

    rate_429: a stray 429. error_500: a 500. drop: the connection is closed. malformed: a 200 whose body is
    not the API's JSON. hang: no answer until the client gives up.
    """

    rate_429: float = 0.0
    error_500: float = 0.0
    drop: float = 0.0
    malformed: float = 0.0
    hang: float = 0.0

    def __post_init__(self) -> None:
        shares = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        check_shares(shares)
        check(sum(shares.values()) <= 1, "the shares of faults add up to over 1")


FAULTS = tuple(f.name for f in dataclasses.fields(Faults))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What simulated judges know beside the prompt, by the digest of a text.

    references: of a question, as a prompt shows it, its reference. planted: of a response, its quality
    in [0, 1]. authors: of a response, the family that wrote it.
    """

    references: Mapping[str, str] = field(default_factory=dict)
    planted: Mapping[str, float] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a simulated judge says. Tokens are estimates: characters / 4.

    chances: label -> how probably it says this of the whole, empty where it gives no verdict.
    """

    text: str
    finish_reason: Finish
    tokens_in: int
    tokens_out: int
    chances: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Response:
    """A response as the judge sees it. strength is in log-odds."""

    quality: float
    strength: float


def references(items: Iterable[Item]) -> dict[str, str]:
    """The references of items that have one, by the digest of the question as a prompt shows it."""
    return {
        digest_text(render.neutral(render.turns_text(item.prompt))): item.reference
        for item in items
        if item.reference
    }


def prompt_key(model: str, system: str, user: str) -> str:
    """The key of a request that was sent without one: a hash of the prompt."""
    return digest([model, system, user])


def uniform(seed: int, key: str, name: str) -> float:
    """A number strictly between 0 and 1, the same for the same seed, key and name of the draw."""
    message = f"{key}\0{name}".encode("utf-8", "surrogatepass")
    hashed = hmac.digest(str(seed).encode(), message, hashlib.sha256)
    return (int.from_bytes(hashed[:8], "big") // 2**12 + 0.5) / 2**52


def fault(faults: Faults, *, seed: int, key: str, attempt: int) -> str | None:
    """The fault that strikes this attempt, None where none does. attempt: 1 for the first."""
    drawn = uniform(seed, key, f"fault {attempt}")
    return _struck(drawn, [(name, getattr(faults, name)) for name in FAULTS])


def latency_s(mean_s: float, kind: Latency, *, seed: int, key: str) -> float:
    """How long the answer to a key takes."""
    if kind == "fixed" or not mean_s:
        return mean_s
    return -mean_s * math.log(uniform(seed, key, "latency"))


def answer(
    rule: Rule,
    *,
    seed: int,
    key: str,
    system: str,
    user: str,
    schema: Mapping[str, Any] | None = None,
    knowledge: Knowledge = Knowledge(),
    max_tokens: int | None = None,
) -> Answer:
    """What the judge says to a prompt.

    schema: None where the request carries none; it is then read in the prompt's own text. An answer
    longer than max_tokens is cut off. Raises InputError where the prompt is not one of this package.
    """
    wording = simulated_texts.wording(system, user)
    form = schema or simulated_texts.stated_schema(wording)
    scales = _understood(simulated_texts.scales(form))
    in_text = schema is None and simulated_texts.asks_for_text(wording)
    outcome = _struck(uniform(seed, key, "outcome"), [(n, getattr(rule, n)) for n in OUTCOMES])
    tokens_in = (len(system) + len(user)) // 4
    if outcome == "refuse":
        return _limited(simulated_texts.REFUSAL, "refusal", None, tokens_in)
    if outcome == "unreadable":
        text = simulated_texts.unreadable(
            scales[""], uniform(seed, key, "unreadable"), in_text=in_text
        )
        return _limited(text, "stop", max_tokens, tokens_in)
    said, chances = _verdict(_Asked(rule, seed, key, wording, scales, knowledge), user)
    text = said.written(in_text=in_text, reasons="reasoning" in form.get("properties", {}))
    if schema is None and uniform(seed, key, "chatty") < rule.chatty:
        text = simulated_texts.chatted(text, in_text=in_text)
    room = len(text) // 8 if outcome == "truncate" else max_tokens
    return dataclasses.replace(_limited(text, "stop", room, tokens_in), chances=chances)


def answer_text(schema: Mapping[str, Any], place: float, reasoning: str) -> str:
    """A well-formed answer whose every label lies at that place of its scale: 0 lowest, 1 highest."""
    scales = _understood(simulated_texts.scales(schema))
    return simulated_texts.written(reasoning, {name: _at(s, place) for name, s in scales.items()})


def _understood(scales: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The scales by what their labels mean, lowest first."""
    return {name: simulated_texts.lowest_first(labels) for name, labels in scales.items()}


def _struck(drawn: float, shares: Sequence[tuple[str, float]]) -> str | None:
    """The name in whose share of [0, 1) the number lies, None beyond them all."""
    end = 0.0
    for name, share in shares:
        end += share
        if drawn < end:
            return name
    return None


def _limited(text: str, finish: Finish, max_tokens: int | None, tokens_in: int) -> Answer:
    """The answer, cut off where it is longer than max_tokens."""
    if max_tokens is not None and len(text) > 4 * max_tokens:
        text, finish = text[: 4 * max_tokens], "length"
    return Answer(text, finish, tokens_in=tokens_in, tokens_out=len(text) // 4)


# -- qualities -----------------------------------------------------------------------------------


def token_f1(text: str, reference: str) -> float:
    """The F1 of the lower-cased words of two texts, as multisets. 0 where either has none."""
    words, expected = _words(text), _words(reference)
    common = sum((words & expected).values())
    return 2 * common / (words.total() + expected.total()) if common else 0.0


def taste(text: str) -> float:
    """A quality between 0 and 1 that hangs on nothing but the text's own words."""
    return uniform(0, digest_text(simulated_attacks.own_words(text)), "taste")


def _quality(text: str, question: str, reference: str | None, knowledge: Knowledge) -> float:
    if reference:
        return token_f1(text, reference)
    planted = knowledge.planted.get(digest_text(text))
    if planted is None:
        return 0.0 if simulated_attacks.is_nothing(text, question) else taste(text)
    return planted


def _is_own(rule: Rule, text: str, knowledge: Knowledge) -> bool:
    author = knowledge.authors.get(digest_text(text))
    if author is not None:
        return author == rule.own
    return not FAMILY_MARKS.get(rule.own, frozenset()).isdisjoint(_words(text))


def _judged(
    rule: Rule, text: str, question: str, reference: str | None, knowledge: Knowledge
) -> _Response:
    quality = _quality(text, question, reference, knowledge)
    strength = rule.skill * quality
    if rule.length:
        strength += rule.length * math.log2(max(1, len(text)) / TYPICAL_LENGTH)
    if rule.family and _is_own(rule, text, knowledge):
        strength += rule.family
    return _Response(quality, strength)


@functools.lru_cache(maxsize=2048)
def _words(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(text.lower()))


# -- labels --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to a judge. scales: the labels of each criterion, and of the whole by ""."""

    rule: Rule
    seed: int
    key: str
    wording: str
    scales: Mapping[str, Sequence[str]]
    knowledge: Knowledge

    def draw(self, name: str) -> float:
        return uniform(self.seed, self.key, name)


@dataclass(frozen=True, slots=True)
class _Said:
    """A verdict in words. labels: of each criterion, and of the whole by ""."""

    reasoning: str
    labels: Mapping[str, str]

    def written(self, *, in_text: bool, reasons: bool) -> str:
        """The answer, in text or JSON. reasons: whether it may hold a reasoning."""
        reasoning = self.reasoning if reasons else ""
        if in_text:
            return simulated_texts.written_in_text(reasoning, self.labels)
        return simulated_texts.written(reasoning, self.labels)


def _verdict(asked: _Asked, user: str) -> tuple[_Said, dict[str, float]]:
    """What the judge says, and the chances of each label of the whole."""
    shown = render.blocks(user)
    question = shown.get("question", "")
    known = asked.knowledge.references.get(digest_text(question))
    reference = shown.get("reference") or known
    texts = [shown[name] for name in ("response A", "response B", "response") if name in shown]
    if not texts:
        raise InputError("the prompt holds no response between this package's delimiters")
    judged = [_judged(asked.rule, text, question, reference, asked.knowledge) for text in texts]
    is_turned = _is_turned(asked, shown)
    if len(judged) == 2:
        log_odds = (judged[0].strength - judged[1].strength) * (-1 if is_turned else 1)
        labels = {name: _compared(asked, log_odds, name) for name in asked.scales}
        chances = _chances_compared(asked, log_odds)
    else:
        place = judged[0].strength / asked.rule.skill
        place = 1 - place if is_turned else place
        labels = {name: _scored(asked, place, name) for name in asked.scales}
        chances = _chances_scored(asked, place)
    labels, chances = _swayed(asked, attack(texts, question), labels, chances)
    seen = " and ".join(f"{response.quality:.2f}" for response in judged)
    reasoning = f"By rule {asked.rule.name} I see quality {seen}."
    if MIRROR in asked.wording:
        labels = {name: _mirrored(label, asked.scales[name]) for name, label in labels.items()}
        chances = {_mirrored(label, asked.scales[""]): p for label, p in chances.items()}
    return _Said(reasoning, labels), chances


def _swayed(
    asked: _Asked, found: Attack | None, labels: dict[str, str], chances: dict[str, float]
) -> tuple[dict[str, str], dict[str, float]]:
    """The labels and chances where a response is aimed at the judge and the rule falls for such."""
    share: float = getattr(asked.rule, found.kind) if found is not None else 0.0
    if found is None or not share:
        return labels, chances
    won = {name: found.label(scale) for name, scale in asked.scales.items()}
    is_fallen = asked.draw(found.kind) < share
    return won if is_fallen else labels, found.chances(chances, share, won[""])


def _is_turned(asked: _Asked, shown: Mapping[str, str]) -> bool:
    """Whether the wording turns the judge's order around on this item."""
    if asked.rule.wording_only not in asked.wording:
        return False
    return uniform(asked.seed, simulated_texts.item_key(shown), asked.wording) < asked.rule.wording


def _mirrored(label: str, labels: Sequence[str]) -> str:
    return labels[len(labels) - 1 - labels.index(label)]


def _compared(asked: _Asked, log_odds: float, name: str) -> str:
    """The label of a pair: first, last or middle of the scale."""
    rule, labels = asked.rule, asked.scales[name]
    if _ties(asked, log_odds, labels):
        return _at(labels, 0.5)
    p_first = _p_first(rule, log_odds)
    if asked.draw(f"noise {name}") < rule.noise:
        p_first = 0.5
    return _winner(labels, log_odds, is_first=asked.draw(f"verdict {name}") < p_first)


def _chances_compared(asked: _Asked, log_odds: float) -> dict[str, float]:
    """How probably `_compared` gives each label."""
    rule, labels = asked.rule, asked.scales[""]
    if _ties(asked, log_odds, labels):
        return dict.fromkeys(labels, 0.0) | {_at(labels, 0.5): 1.0}
    p_first = (1 - rule.noise) * _p_first(rule, log_odds) + rule.noise / 2
    first = _winner(labels, log_odds, is_first=True)
    second = _winner(labels, log_odds, is_first=False)
    return dict.fromkeys(labels, 0.0) | {first: p_first, second: 1 - p_first}


def _winner(labels: Sequence[str], log_odds: float, *, is_first: bool) -> str:
    """The label of the winner; on a scale with degrees a small difference has the lesser one."""
    lesser = int(len(labels) > 3 and abs(log_odds) < MUCH)
    return labels[lesser] if is_first else labels[-1 - lesser]


def _ties(asked: _Asked, log_odds: float, labels: Sequence[str]) -> bool:
    return abs(log_odds) < asked.rule.tie and len(labels) % 2 == 1


def _p_first(rule: Rule, log_odds: float) -> float:
    return _moved(0.5 + 0.5 * math.tanh(log_odds / 2), rule.position)


def _moved(p: float, position: float) -> float:
    """The chance that the first shown wins, moved by `position` on average over both orders."""
    return (1 - 2 * abs(position)) * p + 2 * max(position, 0.0)


def _scored(asked: _Asked, place: float, name: str) -> str:
    """The label of a single answer."""
    labels, drawn = asked.scales[name], asked.draw(f"verdict {name}")
    if asked.draw(f"noise {name}") < asked.rule.noise:
        return labels[int(drawn * len(labels))]
    return _at(labels, place + math.log(drawn / (1 - drawn)) / asked.rule.skill)


def _chances_scored(asked: _Asked, place: float) -> dict[str, float]:
    """How probably `_scored` gives each label: the logistic error's share between its borders."""
    rule, labels = asked.rule, asked.scales[""]
    below = [
        0.0,
        *(
            0.5 + 0.5 * math.tanh(rule.skill * ((n + 0.5) / (len(labels) - 1) - place) / 2)
            for n in range(len(labels) - 1)
        ),
        1.0,
    ]
    return {
        label: (1 - rule.noise) * (below[n + 1] - below[n]) + rule.noise / len(labels)
        for n, label in enumerate(labels)
    }


def _at(labels: Sequence[str], place: float) -> str:
    """The label at a place of the scale, halves upward; what lies outside is cut to its ends."""
    return labels[math.floor(min(max(place, 0.0), 1.0) * (len(labels) - 1) + 0.5)]
