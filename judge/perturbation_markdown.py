"""The same words with markdown and without: headings, bold and bullets, added and taken away.

Code is never touched: neither what stands in fences nor what is indented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_FENCED = re.compile(r"(^[ \t]*```.*?^[ \t]*```[ \t]*$|^[ \t]*```.*\Z)", re.MULTILINE | re.DOTALL)
_PARAGRAPHS = re.compile(r"(\n[ \t]*\n\s*)")
_SENTENCES = re.compile(r"(?<=[.!?]) +(?=[A-Z0-9\"'(])")
# A paragraph that has marks of its own, or is code or a table, is left as it is.
_MARKED = re.compile(r"^(?:\s*(?:#{1,6}|[-*+>|]|\d+[.)])(?:\s|$)|[ ]{4}|\t|\s*\|)", re.MULTILINE)
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+(?=\S)", re.MULTILINE)
_BULLET = re.compile(r"^([ ]{0,3})[-*][ \t]+(?=\S)", re.MULTILINE)
# Only where the stars stand outside of words: 2**3 and a*b are no emphasis.
_BOLD = re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")


def added(text: str) -> str:
    """The text with headings, bold and bullets around the same words in the same order."""
    is_first = True

    def dressed(prose: str) -> str:
        nonlocal is_first
        parts = _PARAGRAPHS.split(prose)
        for n in range(0, len(parts), 2):
            if parts[n].strip() and not _MARKED.search(parts[n]):
                parts[n] = _dressed(parts[n], is_first=is_first)
                is_first = False
        return "".join(parts)

    return _outside_code(text, dressed)


def removed(text: str) -> str:
    """The text without headings, bullets, bold and italics, words as they were. Numbers of lists stay."""
    return _outside_code(text, _bare)


def _bare(prose: str) -> str:
    plain = _BULLET.sub(r"\1", _HEADING.sub("", prose))
    return _ITALIC.sub(r"\1", _BOLD.sub(r"\1", plain))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts = _FENCED.split(text)
    return "".join(part if n % 2 else change(part) for n, part in enumerate(parts))


def _dressed(paragraph: str, *, is_first: bool) -> str:
    """A paragraph as a heading (the first) or a bold line, and bullets for its other sentences."""
    before = paragraph[: len(paragraph) - len(paragraph.lstrip())]
    after = paragraph[len(paragraph.rstrip()) :]
    lead, *others = _pieces(paragraph.strip())
    first = f"## {lead}" if is_first else f"**{lead}**" if "*" not in lead else lead
    gap = "\n\n" if others else ""
    return before + first + gap + "\n".join(f"- {piece}" for piece in others) + after


def _pieces(paragraph: str) -> list[str]:
    """The sentences of a paragraph, or its lines where it has several."""
    lines: Iterator[str] = (line.strip() for line in paragraph.split("\n"))
    kept = [line for line in lines if line]
    return kept if len(kept) > 1 else _SENTENCES.split(paragraph)
