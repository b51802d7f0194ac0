"""How many labels by people are enough, before anybody gives one.

A judge that goes with people makes labels worth more: what it explains of them need not be measured again.
How much that is hangs on the correlation of both alone, and on how much only the judge has judged.
"""

from __future__ import annotations

import math

from scipy import stats

from judge.errors import InputError

# A judge that is no more accurate than the systems it judges can at most halve the labels.
# Source: Dorner, Nastl, Hardt 2024 (2410.13341).
WEAK_JUDGE_SAVES = 2.0
GUARANTEES = ((0.1, 0.1), (0.15, 0.1), (0.05, 0.05), (0.2, 0.1))  # risk, delta


def saving(correlation: float, share_judged: float = 1.0) -> float:
    """How many times as many labels would be needed without the judge: 1 / (1 - rho^2 N/(n+N)).

    share_judged: N/(n+N), what only the judge has judged among all; 1: far more than are labelled. A
    judge that goes against people saves nothing: its weight is held to 0 and more.
    Source: Angelopoulos et al. 2023 (PPI++, variance at the best lambda).
    """
    left = 1 - max(correlation, 0.0) ** 2 * share_judged
    return math.inf if left <= 0 else 1 / left


def labels_alone(half_width: float, sd: float, confidence: float = 0.95) -> float:
    """The labels that give a mean so narrow an interval without a judge: (z sd / half_width)^2."""
    z = float(stats.norm.ppf((1 + confidence) / 2))
    return (z * sd / half_width) ** 2


def labels_for(
    half_width: float,
    sd: float,
    correlation: float,
    *,
    items: int | None = None,
    confidence: float = 0.95,
) -> int | None:
    """The labels that give a corrected mean a 95 % interval of this half width, rounded up.

    sd: of the labels; sqrt(p (1-p)) for a rate p. items: how many the judge has judged, of which those
    labelled are a part; None: as many as one likes. None where even labels on every item are not enough.
    The variance sd^2/n (1 - rho^2 (T-n)/T), T being the items, is set to (half_width/z)^2.
    Source: as of saving.
    """
    alone = labels_alone(half_width, sd, confidence)
    explained = max(correlation, 0.0) ** 2
    left = 1 - explained
    if items is None:
        return _up(alone * left)
    rest = 1 - alone * explained / items
    if rest <= 0 or alone * left / rest > items:
        return None
    return _up(alone * left / rest)


def _up(number: float) -> int:
    """Rounded up, and what rounding of floats adds left out; 2 at least, as one label has no spread."""
    return max(2, math.ceil(number - 1e-9))


def labels_of_rate(half_width: float, rate: float, confidence: float = 0.95) -> int:
    """The labels that give a rate, such as of agreement, an interval of this half width, rounded up."""
    return _up(labels_alone(half_width, math.sqrt(rate * (1 - rate)), confidence))


def labels_of_guarantee(risk: float, delta: float) -> int:
    """The fewest labels on which a guarantee can pass, all of them agreeing: ln delta / ln(1 - risk).

    Source: Jung, Brahman, Choi 2025 (2407.18370); (1 - risk)^n <= delta.
    """
    return math.ceil(math.log(delta) / math.log1p(-risk) - 1e-9)


def check_plan(
    half_width: float, rate: float | None, sd: float | None, correlation: float | None
) -> None:
    """Raises InputError for a number that cannot be meant."""
    if not 0 < half_width < math.inf:
        raise InputError(f"--half-width {half_width:g}: give a number above 0, as in 0.05")
    if rate is not None and sd is not None:
        raise InputError("--rate and --sd: both say how labels spread; keep one")
    if rate is not None and not 0 < rate < 1:
        raise InputError(f"--rate {rate:g}: give a rate above 0 and below 1, as in 0.5")
    if rate is not None and half_width >= 0.5:
        raise InputError(f"--half-width {half_width:g}: a rate is known to 0.5 without any label")
    if sd is not None and not 0 < sd < math.inf:
        raise InputError(f"--sd {sd:g}: give the spread of labels, a number above 0")
    if correlation is not None and not -1 < correlation < 1:
        raise InputError(
            f"--correlation {correlation:g}: give a number between -1 and 1, as in 0.6"
        )
