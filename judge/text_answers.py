"""Reads an answer that was wanted as plain text: one line a label, as strictly as an object of JSON is read.

A line counts where it is the judge's own. The lines that end the answer are, unless they stand in the
judged texts together with what was written before them; any other line is a quote where it stands there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from judge.errors import short
from judge.render import UNSEEN

THOUGHT = "</think>"  # local models write their thinking before the answer
QUOTES_PROMPT = "the answer quotes the prompt instead of giving a verdict"
QUOTES_LABEL = "the answer quotes a label from the judged texts instead of giving a verdict"

# What models put around a name or a label: list marks, bold, code, and a number of the list.
_BEFORE = r"[\s*_`#+•-]*(?:\d+[.)]\s*)?[*_`]*"
_AROUND = "*_`\"' \t"
_UNSEEN = re.compile(f"[\\s{UNSEEN}]+")


class Unreadable(Exception):
    """Why an answer has no verdict."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an answer. name: whose label it gives, "" of prose; value: what stands behind it."""

    text: str
    name: str = ""
    value: str = ""


def fields(
    text: str,
    marker: str,
    scales: Mapping[str, Sequence[str]],
    shown: Callable[[], str],
    *,
    whole: str,
) -> tuple[dict[str, str], str]:
    """Name -> the one label that the answer gives it, and the text before its labels.

    marker, shown: as parse.read has them. scales: name -> its labels, criteria and the whole's.
    whole: the name of the whole's label, of which no line may be prose. Raises Unreadable.
    """
    answer = own_part(text, shown)
    if marker and marker in answer:
        raise Unreadable(QUOTES_PROMPT)
    lines = [_line(one, scales) for one in answer.splitlines() if one.strip()]
    start = _end_block(lines)
    own = _own(lines, start, shown)
    labels = {name: _one(name, lines, own, scales[name], prose=name != whole) for name in scales}
    return labels, "\n".join(line.text for line in lines[:start])


def own_part(text: str, shown: Callable[[], str]) -> str:
    """The answer behind the judge's thinking; a tag that was quoted ends no thinking."""
    at = text.rfind(THOUGHT)
    if at < 0 or is_quoted(text[at:], shown()):
        return text
    return text[at + len(THOUGHT) :]


def is_quoted(part: str, judged: str) -> bool:
    """Whether a part of an answer stands in the judged texts, whatever its blanks and capitals.

    Characters that have no picture, and wide forms of others, hide no quote: a judge may leave them out.
    """
    return _squeezed(part) in _squeezed(judged)


def _squeezed(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _line(text: str, scales: Mapping[str, Sequence[str]]) -> _Line:
    for name, labels in scales.items():
        match = re.match(rf"{_BEFORE}{re.escape(name.strip())}[\s*_`]*:(.*)", text, re.IGNORECASE)
        if match:
            return _Line(text, name, _value(match[1], labels))
    return _Line(text)


def _value(said: str, labels: Sequence[str]) -> str:
    """What stands behind the colon, without marks around it unless they belong to a label."""
    said = said.strip()
    return said if _is_on(said, labels) else said.strip(_AROUND)


def _is_on(value: str, labels: Sequence[str]) -> bool:
    return value.casefold() in {label.casefold() for label in labels}


def _end_block(lines: Sequence[_Line]) -> int:
    """Where the lines begin that end the answer, each with the label of another name."""
    names: set[str] = set()
    for n in range(len(lines) - 1, -1, -1):
        if not lines[n].name or lines[n].name in names:
            return n + 1
        names.add(lines[n].name)
    return 0


def _own(lines: Sequence[_Line], start: int, shown: Callable[[], str]) -> list[bool]:
    """Which lines with a label are the judge's own."""
    if start == 0:
        return [True] * len(lines)
    judged = shown() if any(line.name for line in lines) else ""
    ends = "".join(line.text for line in lines[start - 1 :])
    is_end_own = not is_quoted(ends, judged)
    return [
        bool(line.name) and ((n >= start and is_end_own) or not is_quoted(line.text, judged))
        for n, line in enumerate(lines)
    ]


def _one(
    name: str, lines: Sequence[_Line], own: Sequence[bool], labels: Sequence[str], *, prose: bool
) -> str:
    """The value of a name's one line. prose: lines may begin with the name and give no label."""
    said = [n for n, line in enumerate(lines) if line.name == name]
    ours = [lines[n].value for n in said if own[n]]
    given = [value for value in ours if _is_on(value, labels)] if prose else ours
    if len(given) == 1:
        return given[0]
    if said and not ours:
        raise Unreadable(QUOTES_LABEL)
    if prose and ours and not given:
        raise Unreadable(f"{name}: {short(ours[-1])} is not on the scale {list(labels)}")
    raise Unreadable(f"the answer has {len(given)} lines that begin with `{name}:`, not one")
