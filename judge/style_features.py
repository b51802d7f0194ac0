"""How an answer is laid out: its headers, list items and bold passages, counted as Markdown.

What stands in fenced code is no layout of the answer and is left out before counting.
Source: docs/methods.md, after the style control of the Chatbot Arena (Li, Angelopoulos, Chiang 2024).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

# Up to three spaces may stand before a fence or a header; a tab or four make it code. CommonMark 0.31.
_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})")
_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "headers": re.compile(r"^ {0,3}#{1,6}(?=[ \t]|$)", re.MULTILINE),
        "list_items": re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S", re.MULTILINE),
        "bold": re.compile(r"\*\*(?=\S)[^*\n]+?(?<=\S)\*\*|(?<!\w)__(?=\S)[^_\n]+?(?<=\S)__(?!\w)"),
    }
)
FEATURES = tuple(_PATTERNS)


def counts(text: str) -> dict[str, int]:
    """Feature -> how often it stands in the text outside fenced code."""
    plain = without_code(text)
    return {name: len(pattern.findall(plain)) for name, pattern in _PATTERNS.items()}


def without_code(text: str) -> str:
    """The text without its fenced code; a fence that is not closed reaches to the end."""
    kept, fence = [], ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if fence:
            closes = found and found["fence"][0] == fence[0] and len(found["fence"]) >= len(fence)
            fence = "" if closes and line.strip() == found["fence"] else fence  # type: ignore[index]
        elif found:
            fence = found["fence"]
        else:
            kept.append(line)
    return "\n".join(kept)


def columns() -> tuple[str, ...]:
    """The columns of a pairwise table that hold the counts of both answers."""
    return tuple(f"{name}_{side}" for name in FEATURES for side in "ab")
