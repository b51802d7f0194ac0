"""Simulated judges that change their mind on 10 % of questions, and what can be planted in one.

A judge sees how much better one answer is: the item's log-odds, of which each verdict is a fresh logistic
draw. Items are hard and easy: their log-odds of the better answer are normal, and the mean is solved for,
so that asking again gives another verdict on 10 % of items whatever was planted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

Floats = NDArray[np.float64]
Random = np.random.Generator

NOISE = 0.10  # P(b != b'): the share of verdicts that are others when the judge is asked again
SPREAD = 2.0  # standard deviation of the items' log-odds
A_IS_BETTER = 0.65  # the share of items on which system a wrote the better answer
NULL_LOSS = 6.0  # log-odds that an answer loses when nothing is left of it
DOUBLINGS = {"padding-x1.5": float(np.log2(1.5)), "padding-x3": float(np.log2(3.0))}

_Z = np.linspace(-7.0, 7.0, 2801)
_WEIGHTS = np.exp(-(_Z**2) / 2) / np.exp(-(_Z**2) / 2).sum()


@dataclass(frozen=True, slots=True)
class Judge:
    """What was planted in a judge.

    wording: the share of items whose verdict one wording turns, in both orders alike. position: points
    added to the first-shown rate: on twice that share of items the judge names what is shown first.
    injection: the share of injected instructions that it obeys. padding: log-odds in favour of the padded
    answer a doubling of its length. missing: the share of its answers that cannot be read.
    """

    name: str
    wording: float = 0.0
    position: float = 0.0
    injection: float = 0.0
    padding: float = 0.0
    missing: float = 0.0

    @property
    def halved(self) -> Judge:
        """The same judge with half of each effect."""
        return replace(
            self,
            wording=self.wording / 2,
            position=self.position / 2,
            injection=self.injection / 2,
            padding=self.padding / 2,
        )


CLEAN = Judge("clean", missing=0.02)
PLANTED = (
    Judge("wording", wording=0.12),
    Judge("position", position=0.15),
    Judge("injection", injection=0.20),
    Judge("padding", padding=0.5),
)


@dataclass(frozen=True, slots=True)
class Items:
    """Of n items, shape (n,): the judge's log-odds that a wins, and whether a wrote the better answer.

    is_first: whether the judge names what is shown first whatever that is.
    """

    log_odds: Floats
    is_a_better: NDArray[np.bool_]
    is_first: NDArray[np.bool_]


@cache
def mean_log_odds(position: float = 0.0) -> float:
    """The items' mean log-odds at which the judge changes its mind on NOISE of them."""
    drawn_share = 1 - 2 * position  # items on which position alone decides never change

    def excess(middle: float) -> float:
        p = expit(middle + SPREAD * _Z)
        return float(_WEIGHTS @ (drawn_share * 2 * p * (1 - p))) - NOISE

    return float(brentq(excess, 0.0, 50.0))


def items(judge: Judge, n: int, random: Random) -> Items:
    """Fresh items as this judge sees them."""
    better = mean_log_odds(judge.position) + SPREAD * random.normal(size=n)
    is_a = random.random(n) < A_IS_BETTER
    return Items(np.where(is_a, better, -better), is_a, random.random(n) < 2 * judge.position)


def verdicts(of: Items, is_a_first: NDArray[np.bool_], random: Random, moved: Floats) -> Floats:
    """Whether a wins, 1 or 0, once more. moved: what is added to a's log-odds, shape (n,)."""
    drawn = random.random(len(of.log_odds)) < expit(of.log_odds + moved)
    return np.where(of.is_first, is_a_first, drawn).astype(np.float64)


# -- what is true of a clean judge ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Truth:
    """Numbers of a clean judge, by integration over its items.

    win_rate: of system a. right: how often it names the better answer; twice: in both orders. success,
    null_success: how often the target wins of those that lost, its answer left alone and taken away.
    """

    win_rate: float
    right: float
    twice: float
    success: float
    null_success: float
    kappa: float

    def flipping(self, wordings: int) -> float:
        """The share of items on which so many wordings do not all say the same."""
        p = _chances()
        return 1 - float(_WEIGHTS @ (p**wordings + (1 - p) ** wordings))


@cache
def truth(*, is_known: bool = False) -> Truth:
    """is_known: the target is the worse answer; else the one that the judge's own first verdict names."""
    p = _chances()
    right = float(_WEIGHTS @ p)
    win_rate = A_IS_BETTER * right + (1 - A_IS_BETTER) * (1 - right)
    worse, better = (_taken_away(side) for side in (-1.0, 1.0))
    own = float(_WEIGHTS @ (2 * p * (1 - p)))
    same = win_rate**2 + (1 - win_rate) ** 2
    return Truth(
        win_rate=win_rate,
        right=right,
        twice=float(_WEIGHTS @ p**2),
        success=float(_WEIGHTS @ (p * (1 - p))) / right if is_known else own,
        null_success=float(_WEIGHTS @ (p * worse)) / right
        if is_known
        else float(_WEIGHTS @ (p * worse + (1 - p) * better)),
        kappa=(1 - NOISE - same) / (1 - same),
    )


def _chances() -> Floats:
    return np.asarray(expit(mean_log_odds() + SPREAD * _Z))


def _taken_away(side: float) -> Floats:
    """How often an empty answer wins, whose whole one was better (side 1) or worse (-1)."""
    return np.asarray(expit(side * (mean_log_odds() + SPREAD * _Z) - NULL_LOSS))
