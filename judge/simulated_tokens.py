"""The tokens of a simulated judge's answer with their log-probabilities, as an API would give them.

The judge is sure of everything it writes but the label: there the alternatives are those that its rule
draws from, with the rule's own probabilities, so that a reading of them can be held against the truth.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

# Up to three digits or four letters, as tokenizers cut them roughly; blanks; any other character.
_PIECE = re.compile(r"\d{1,3}|[^\W\d]{1,4}|\s+|.", re.DOTALL)
_LABEL = '"label": "'

# What APIs say of a token that cannot be.
NEVER = -9999.0


def logprobs(text: str, chances: Mapping[str, float], alternatives: int) -> list[dict[str, Any]]:
    """An entry a token, which together are the text.

    chances: label -> how probably the judge says it, empty where the answer has none. alternatives: how
    many an entry lists at most.
    """
    at = 0
    label_at = text.rfind(_LABEL) + len(_LABEL) if chances and _LABEL in text else len(text)
    shares = iter(_along(text[label_at:], chances))
    entries = []
    for piece in pieces(text):
        share = next(shares, None) if at >= label_at else None
        entries.append(_entry(piece, share or {piece: 1.0}, alternatives))
        at += len(piece)
    return entries


def pieces(text: str) -> list[str]:
    """The tokens of a text."""
    return _PIECE.findall(text)


def _along(rest: str, chances: Mapping[str, float]) -> list[dict[str, float]]:
    """Token -> probability at each token of the label that the rest begins with."""
    written = {label: json.dumps(label, ensure_ascii=False)[1:] for label in chances}
    ways = {label: pieces(form) for label, form in written.items()}
    said = next((ways[label] for label, form in written.items() if rest.startswith(form)), [])
    return [_next(said[:n], ways, chances) for n in range(len(said))]


def _next(
    said: Sequence[str], ways: Mapping[str, Sequence[str]], chances: Mapping[str, float]
) -> dict[str, float]:
    """Token -> its probability after what was said."""
    found: defaultdict[str, float] = defaultdict(float)
    for label, way in ways.items():
        if list(way[: len(said)]) == list(said) and len(way) > len(said):
            found[way[len(said)]] += chances[label]
    whole = sum(found.values())
    return {token: p / whole for token, p in found.items()} if whole else {}


def _entry(token: str, shares: Mapping[str, float], alternatives: int) -> dict[str, Any]:
    likeliest = sorted(shares.items(), key=lambda share: -share[1])[:alternatives]
    top = [_choice(other, p) for other, p in likeliest]
    return {**_choice(token, shares.get(token, 0.0)), "top_logprobs": top}


def _choice(token: str, p: float) -> dict[str, Any]:
    encoded = list(token.encode("utf-8", "surrogatepass"))
    return {"token": token, "logprob": math.log(p) if p > 0 else NEVER, "bytes": encoded}
