"""What to warn of where verdicts are probabilities, or should have been.

A verdict by probabilities lies between the labels, one by its label on them. Averaged together they are
still means of the same question, but whoever reads them must know that there are two kinds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from judge.logprobs import FALLBACKS
from judge.stats.values import parts
from judge.types import Status

# Methods whose verdicts are probabilities.
WEIGHED = ("logprob", "p_first")

# Those of a single answer, whose score lies between the labels.
SCORED_BY_PROBABILITY = ("logprob", "logprob, re-asked")

# Of the probability on the scale, the median of a judge: below it the report warns.
LOW_MASS = 0.9


def warnings(frame: pd.DataFrame) -> Iterator[str]:
    """What is to be said of the readings of a verdict table's frame."""
    is_whole = frame["criterion"] == "" if "criterion" in frame else True
    ok = frame[(frame["status"] == Status.OK) & is_whole]
    readings: dict[bool, list[str]] = {True: [], False: []}
    for (judge,), own in parts(ok, ["judge"]):
        methods = Counter(own["method"].astype(str))
        n_weighed = sum(n for method, n in methods.items() if _words(method)[0] in WEIGHED)
        readings[n_weighed > 0].append(judge)
        yield from _mixed(judge, methods, n_weighed)
        yield from _light(judge, own["scale_mass"])
    if readings[True] and readings[False]:
        yield (
            f"verdicts of {', '.join(readings[True])} are probabilities, those of "
            f"{', '.join(readings[False])} labels: the panel's mean is of both kinds"
        )


def _words(method: str) -> list[str]:
    return method.split(", ")


def _mixed(judge: str, methods: Counter[str], n_weighed: int) -> Iterator[str]:
    """Where some of a judge's verdicts, or all that should have been, are no probabilities."""
    total = methods.total()
    if n_weighed == total:
        return
    why: Counter[str] = Counter()
    for method, n in methods.items():
        why.update({word: n for word in _words(method) if word in FALLBACKS})
    if not n_weighed and not why:
        return
    reasons = ", ".join(f"{n:,} {word}" for word, n in sorted(why.items()))
    rest = f"the other {n_weighed:,} are probabilities" if n_weighed else "none is a probability"
    yield (
        f"judge {judge}: {total - n_weighed:,} of {total:,} verdicts are its label alone"
        f"{f' ({reasons})' if reasons else ''}, {rest}"
    )


def _light(judge: str, mass: pd.Series[float]) -> Iterator[str]:
    median = mass.median()
    if median < LOW_MASS:
        yield (
            f"judge {judge}: half of its verdicts have {median:.2f} or less of their probability on "
            "the scale; the rest went to other words than its labels, so check the answer's form"
        )
