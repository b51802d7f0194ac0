"""Reads how probable a judge held each label, from the log-probabilities of its answer's tokens.

The tokens are laid against the answer's text byte by byte, and the alternatives are taken where the
label's value begins, wherever that is. A token counts for a label where it is the beginning of that
label and of no other; what begins several ("1" of "1" and "10") is told apart by the tokens that follow
it on the way that the judge went. Nothing is renormalised: what the labels lack to 1 lay elsewhere.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judge.types import Scale

# Below it more of the probability lies off the scale than on it, and what is on it speaks for the
# smaller part of what the judge would have said. A flag at 0.8 is usual for G-Eval scores.
LEAST_MASS = 0.5

# Probability that may be left unassigned because its tokens begin several labels: on a scale from 1 to
# 10 it moves a score by less than 0.1.
MOST_UNCLEAR = 0.01

# Rounding of an API; a sum above is of something else than probabilities.
MOST_MASS = 1.001

# Why a verdict of this reading is the label that was written after all; they end its method.
ABSENT = "no logprobs"
OFF_SCALE = "logprobs off the scale"
UNCLEAR = "logprobs unclear"
TRANSLATED = "label in another form"
FALLBACKS = (ABSENT, OFF_SCALE, UNCLEAR, TRANSLATED)

_NO_TOKEN = "an entry is no token with its log-probability"

_LOST = "\ufffd".encode()

_BLANKS = re.compile(r"[ \t\n\r]*")
_AFTER_A_NUMBER = re.compile(rb"[\s,}].*", re.DOTALL)
_DECODER = json.JSONDecoder()


class Unclear(Exception):
    """Why the tokens do not say how probable each label was."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A place in the answer: what was written there, and all that could have been, itself first."""

    text: bytes
    choices: tuple[tuple[bytes, float], ...]


def shares(logprobs: Sequence[Any], text: str, at: int, labels: Sequence[str]) -> dict[str, float]:
    """Label -> its probability as the API gave it, for the labels that it gave one.

    logprobs: as chat completions have them, an entry a token. at: where in the text the JSON object
    with the field `label` begins. Raises Unclear.
    """
    place = value_at(text, at, "label")
    is_quoted = text[place] == '"'
    tokens = [_token(entry) for entry in logprobs]
    begin = _place(tokens, text, place) + is_quoted
    found, unclear = _walked(tokens, begin, labels, is_quoted=is_quoted)
    if unclear > MOST_UNCLEAR:
        raise Unclear("labels begin with the same tokens, and nothing tells them apart")
    if sum(found.values()) > MOST_MASS:
        raise Unclear("the probabilities add up to more than 1")
    return {label: p for label, p in found.items() if p > 0}


def mass(dist: Mapping[str, float]) -> float:
    """The probability that lies on the scale, rounding above 1 cut."""
    return min(1.0, math.fsum(dist.values()))


def expected(dist: Mapping[str, float], scale: Scale) -> float:
    """The mean of the labels' numbers, each by its probability. dist: with some mass.

    Source: Liu et al. 2303.16634 (G-Eval), divided by the mass on the scale.
    """
    values = {label: scale.values[scale.labels.index(label)] for label in dist}
    mean = math.fsum(p * values[label] for label, p in dist.items()) / math.fsum(dist.values())
    return min(max(mean, min(values.values())), max(values.values()))


def p_a(dist: Mapping[str, float]) -> float:
    """P(a) + half P(tie), of the mass on the scale. dist: of a, tie and b, with some mass."""
    won = dist.get("a", 0.0) + dist.get("tie", 0.0) / 2
    return min(1.0, won / math.fsum(dist.values()))


def value_at(text: str, at: int, name: str) -> int:
    """Where a field's value begins in the JSON object at that place, which must be sound and have it."""
    at = _skip(text, at + 1)
    while True:
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # past the colon
        if key == name:
            return at
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # past the comma


def slim(logprobs: Sequence[Any], text: str) -> tuple[Any, ...]:
    """The entries without alternatives of tokens that end before a label's field can begin.

    With twenty alternatives a token, those of the reasoning would be most of what a store holds.
    """
    field_at = max(text.find('"label"'), 0)
    try:
        tokens = [_token(entry) for entry in logprobs]
        end = _place(tokens, text, field_at)
    except Unclear:
        return tuple(logprobs)
    kept: list[Any] = []
    for entry, token in zip(logprobs, tokens, strict=True):
        end -= len(token.text)
        kept.append({**entry, "top_logprobs": []} if end >= 0 else entry)
    return tuple(kept)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _size(text: str) -> int:
    return len(_bytes(text))


# -- tokens --------------------------------------------------------------------------------------


def _token(entry: Any) -> _Token:
    own, listed = _choice(entry), entry.get("top_logprobs") or []
    if not isinstance(listed, list):
        raise Unclear(_NO_TOKEN)
    others = [_choice(other) for other in listed]
    # The token itself is mostly among its alternatives, and must not count twice.
    twin = next((n for n, other in enumerate(others) if other[0] == own[0]), None)
    if twin is not None:
        del others[twin]
    return _Token(own[0], (own, *others))


def _choice(entry: Any) -> tuple[bytes, float]:
    """The bytes of a token and its probability. Raises Unclear for anything else."""
    try:
        raw, logprob = entry.get("bytes"), float(entry["logprob"])
        is_known = isinstance(raw, list)
        text = bytes(raw) if is_known else _bytes(entry["token"])
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unclear(_NO_TOKEN) from error
    if math.isnan(logprob):
        raise Unclear(_NO_TOKEN)
    return text, math.exp(min(logprob, 0.0))


def _place(tokens: Sequence[_Token], text: str, at: int) -> int:
    """The byte of all tokens at which that place of the answer's text is.

    Some servers count tokens that the text leaves out: of a thinking part, or an end mark.
    """
    whole, part = b"".join(t.text for t in tokens), _bytes(text)
    if whole == part:
        return _size(text[:at])
    if whole.count(part) == 1:
        return whole.index(part) + _size(text[:at])
    return _place_after_loss(whole, _bytes(text[:at]), _bytes(text[at:]))


def _place_after_loss(whole: bytes, before: bytes, rest: bytes) -> int:
    """The byte at which the rest of a text is, where characters before it were lost.

    Some servers decode each token alone; of a character that several share, only marks are left.
    """
    lost, _, sound = whole.rpartition(_LOST)
    place = sound.find(rest)
    is_one = bool(rest) and _LOST in whole and sound.count(rest) == 1
    if not is_one or not before.endswith(sound[:place]):
        raise Unclear("the tokens are not those of the answer's text")
    return len(lost) + len(_LOST) + place


# -- labels --------------------------------------------------------------------------------------


def _walked(
    tokens: Sequence[_Token], begin: int, labels: Sequence[str], *, is_quoted: bool
) -> tuple[dict[str, float], float]:
    """Label -> probability, and what of the probability could be several labels'."""
    forms = {label: _form(label) for label in labels}
    found, unclear = dict.fromkeys(labels, 0.0), 0.0
    said, reached = b"", 1.0
    for token, before in _from(tokens, begin):
        fits: list[str] = []
        for n, (text, p) in reversed(list(enumerate(token.choices))):
            rest = _rest(text, before)
            fits = [] if rest is None else _fitting(said + rest, forms, is_quoted=is_quoted)
            if len(fits) == 1:
                found[fits[0]] += reached * p
            elif fits and n:
                unclear += reached * p
        if len(fits) < 2:
            return found, unclear
        said += token.text[len(before) :]
        reached *= token.choices[0][1]
    return found, unclear + reached


def _from(tokens: Sequence[_Token], begin: int) -> Iterator[tuple[_Token, bytes]]:
    """The tokens from the one that holds that byte on, each with what it has before it."""
    at = 0
    for token in tokens:
        at += len(token.text)
        if at > begin and token.text:
            start = at - len(token.text)
            yield token, token.text[: max(begin - start, 0)]


def _form(label: str) -> bytes:
    """A label as an answer has it, up to the quote that ends it; ASCII letters in lower case."""
    written = json.dumps(label, ensure_ascii=False)[1:]
    return _bytes(written).lower()


def _rest(text: bytes, before: bytes) -> bytes | None:
    """What a token says of the label, None where it is not at one; before: what must precede it.

    Blanks at its beginning make no difference, as none is made where a label is read.
    """
    if not before:
        return text or None  # without text are the marks that end an answer
    text, before = text.lstrip(), before.lstrip()
    if text.startswith(before):
        return text[len(before) :]
    return b"" if before.startswith(text) else None


def _fitting(said: bytes, forms: Mapping[str, bytes], *, is_quoted: bool) -> list[str]:
    """The labels that so much of an answer begins, or holds whole."""
    said = said.lstrip().lower()
    if not is_quoted:
        said = _AFTER_A_NUMBER.sub(b'"', said)
    return [label for label, f in forms.items() if f.startswith(said) or said.startswith(f)]
