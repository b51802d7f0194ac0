"""Finds texts that are nearly the same, exactly and without comparing every pair.

Two texts are alike where their sets of word 5-grams have a Jaccard index of at least the threshold.
Sets that are so alike must share one of their rarest members, so an index over the rarest ones gives
every pair that can pass, and each is then checked by itself: nothing is missed, nothing is drawn.
Source: Bayardo, Ma, Srikant 2007 (prefix filter, filter by size).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NGRAM = 5
THRESHOLD = 0.8
# Where thousands of texts share most of their words nearly every pair is alike, and looking at each
# would take minutes: after so many looks the search ends and says so. It takes some seconds.
MOST_LOOKS = 20_000_000

# Scripts that are written without spaces between words: every character counts as a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Alike:
    """Two texts by their places, the first before the second, and their Jaccard index."""

    first: int
    second: int
    jaccard: float


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs that are alike, in order. complete: False where the search ended before all texts."""

    pairs: tuple[Alike, ...]
    complete: bool


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The word 5-grams of a text, case and punctuation aside; a shorter text is one of its own."""
    return frozenset(_ngrams(text))


def near_duplicates(
    texts: Sequence[str], threshold: float = THRESHOLD, *, most_looks: int = MOST_LOOKS
) -> Found:
    """Every pair of texts whose n-grams have a Jaccard index of at least the threshold.

    Texts without a word are alike to none. threshold: above 0, at most 1. most_looks: how many entries
    of the index are looked at before the search ends.
    """
    ranked = _ranked(texts)
    order = sorted((n for n, members in enumerate(ranked) if members), key=lambda n: len(ranked[n]))
    sets = {n: frozenset(ranked[n]) for n in order}
    index: dict[int, list[int]] = {}
    sizes: dict[int, list[int]] = {}
    pairs: list[Alike] = []
    looks = 0
    for n in order:
        least = math.ceil(threshold * len(sets[n]) - 1e-9)
        prefix = ranked[n][: len(sets[n]) - least + 1]
        candidates: set[int] = set()
        for member in prefix:
            known = index.get(member, [])
            start = bisect_left(sizes.get(member, []), least)
            looks += len(known) - start
            candidates.update(known[start:])
        pairs += _checked(n, candidates, sets, threshold)
        looks += len(candidates)
        if looks > most_looks:
            return Found(_sorted(pairs), complete=False)
        for member in prefix:
            index.setdefault(member, []).append(n)
            sizes.setdefault(member, []).append(len(sets[n]))
    return Found(_sorted(pairs), complete=True)


def _ranked(texts: Sequence[str]) -> list[list[int]]:
    """The n-grams of each text as numbers, rarest first.

    One n-gram is one number, ties in the order in which they are met, so that it is repeatable.
    """
    numbers: dict[tuple[str, ...], int] = {}
    sets = [[numbers.setdefault(s, len(numbers)) for s in _ngrams(text)] for text in texts]
    counts = Counter(number for members in sets for number in members)
    ranks = [0] * len(numbers)
    for rank, number in enumerate(sorted(counts, key=lambda number: (counts[number], number))):
        ranks[number] = rank
    return [sorted(ranks[number] for number in members) for members in sets]


def _ngrams(text: str) -> Iterable[tuple[str, ...]]:
    """The distinct n-grams of a text in their order."""
    words = _WORD.findall(text.casefold())
    if len(words) < NGRAM:
        return [tuple(words)] if words else []
    return dict.fromkeys(zip(*(words[start:] for start in range(NGRAM)), strict=False))


def _checked(
    n: int, candidates: set[int], sets: dict[int, frozenset[int]], threshold: float
) -> Iterator[Alike]:
    own = sets[n]
    for other in candidates:
        common = len(own & sets[other])
        jaccard = common / (len(own) + len(sets[other]) - common)
        if jaccard >= threshold:
            yield Alike(min(n, other), max(n, other), jaccard)


def _sorted(pairs: Sequence[Alike]) -> tuple[Alike, ...]:
    return tuple(sorted(pairs, key=lambda pair: (pair.first, pair.second)))
