"""Notes on many numbers, each said once with whom it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from judge.report import words

Line = tuple[tuple[str, ...], str]  # whom it is about, and what it says

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def lines(notes: Iterable[tuple[str, str]], everybody: Sequence[str]) -> tuple[str, ...]:
    """The notes (who, what) grouped; nobody is named where a note is about everybody.

    More than a few that differ in their numbers alone are one line with the range of these.
    """
    return tuple(_said(line, everybody) for line in _ranged(_grouped(notes)))


def in_full(notes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The notes one by one where lines() says a range for some of them; else nothing."""
    grouped = _grouped(notes)
    return (
        tuple(_said(line, ()) for line in grouped) if len(_ranged(grouped)) < len(grouped) else ()
    )


def _grouped(notes: Iterable[tuple[str, str]]) -> list[Line]:
    """Parts of notes with all that they are about; parts of a note about the same stay together."""
    parts: dict[str, list[str]] = {}
    origins: dict[str, str] = {}
    for who, note in notes:
        for part in note.split("; "):
            about = parts.setdefault(part, [])
            origins.setdefault(part, note)
            if who not in about:
                about.append(who)
    joined: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for part, about in parts.items():
        joined.setdefault((tuple(about), origins[part]), []).append(part)
    return [(about, "; ".join(said)) for (about, _), said in joined.items()]


def _ranged(found: list[Line]) -> list[Line]:
    """The lines, more than a few of the same shape as one with ranges for numbers."""
    shapes: dict[str, list[Line]] = {}
    for line in found:
        shapes.setdefault(_NUMBER.sub("0", line[1]), []).append(line)
    return [
        line
        for same in shapes.values()
        for line in ([_range(same)] if len(same) > words.SENTENCES else same)
    ]


def _range(same: list[Line]) -> Line:
    about = tuple(dict.fromkeys(who for whom, _ in same for who in whom))
    columns = zip(*(_NUMBER.findall(said) for _, said in same), strict=True)
    ends = iter([_ends(numbers) for numbers in columns])
    return about, _NUMBER.sub(lambda _: next(ends), same[0][1])


def _ends(numbers: Sequence[str]) -> str:
    by_size = sorted(set(numbers), key=lambda number: float(number.replace(",", "")))
    return by_size[0] if len(by_size) == 1 else f"{by_size[0]} to {by_size[-1]}"


def _said(line: Line, everybody: Sequence[str]) -> str:
    about, said = line
    if not any(about) or set(about) >= set(everybody) != set():
        return said
    return f"{words.listed(about)}: {said}"
