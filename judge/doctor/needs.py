"""How many labels by people it takes for a number of a stated width."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

from judge.doctor import FEW_LABELS, Need
from judge.doctor.evidence import Evidence, n_clusters

AGREEMENT = 0.8  # guessed, where nobody has measured it
RATE = 0.5  # the win rate that takes most labels
CORRELATION = 0.7  # of judge and people, guessed
HALF_WIDTHS = (0.05, 0.10)

AGREEMENT_FORMULA = "n = z^2 p (1 - p) / h^2, in independent items"
CORRECTION_FORMULA = "n = (1 - r^2) / (h^2 / (z^2 p (1 - p)) - r^2 / N), at least 30"


def needs(e: Evidence) -> Iterator[Need]:
    """The labels for agreement over the whole file, and for the correction of its largest win rate."""
    yield from for_items(n_clusters(e.ok), int(e.ok["item_id"].nunique()))
    if e.mode == "pairwise" and e.table.comparable and not e.ok.empty:
        clusters, items = _largest(e)
        for half_width in HALF_WIDTHS:
            yield Need(
                purpose="correction",
                half_width=half_width,
                items=for_correction(half_width, items),
                items_clustered=_times(for_correction(half_width, clusters), items / clusters),
                file_items=items,
                best_half_width=_best(RATE, items),
                best_clustered=_best(RATE, clusters),
                assumed={"win_rate": RATE, "correlation": CORRELATION},
                formula=CORRECTION_FORMULA,
            )


def for_items(clusters: int, items: int) -> Iterator[Need]:
    """The labels for agreement on a file of so many items."""
    for half_width in HALF_WIDTHS if clusters else ():
        n = for_agreement(half_width)
        yield Need(
            purpose="agreement",
            half_width=half_width,
            items=n,
            items_clustered=_times(n, items / clusters),
            file_items=items,
            best_half_width=_best(AGREEMENT, items),
            best_clustered=_best(AGREEMENT, clusters),
            assumed={"agreement": AGREEMENT},
            formula=AGREEMENT_FORMULA,
        )


def _largest(e: Evidence) -> tuple[int, int]:
    """The clusters and items of the pair of systems that has most of them."""
    parts = [part for _, part in e.ok.groupby(["system_a", "system_b"], observed=True)]
    return max((n_clusters(part), int(part["item_id"].nunique())) for part in parts)


def _times(n: int | None, per_cluster: float) -> int | None:
    return None if n is None else math.ceil(n * per_cluster)


def _best(rate: float, n: int) -> float:
    """The half width with so many independent labels."""
    return _z(0.95) * math.sqrt(rate * (1 - rate) / n)


def for_agreement(half_width: float, guess: float = AGREEMENT, confidence: float = 0.95) -> int:
    """n = z^2 p (1 - p) / h^2 independent items for a percentage of +- h.

    Source: the normal interval of a proportion, 246 for p = 0.8, h = 0.05.
    """
    return math.ceil(_z(confidence) ** 2 * guess * (1 - guess) / half_width**2)


def for_correction(
    half_width: float,
    judged: int,
    *,
    rate: float = RATE,
    correlation: float = CORRELATION,
    confidence: float = 0.95,
) -> int | None:
    """The labels among `judged` independent items for a corrected rate of +- h, None if none do.

    With n of N judged items labelled the variance of PPI++ is s^2 ((1 - r^2) / n + r^2 / N): s^2 the
    variance of what people say, p (1 - p) at most. Source: Angelopoulos et al. 2311.01453 (PPI++).
    """
    wanted = half_width**2 / (_z(confidence) ** 2 * rate * (1 - rate))
    left = wanted - correlation**2 / judged
    if left <= 0:
        return None
    n = max(FEW_LABELS, math.ceil((1 - correlation**2) / left))
    return n if n <= judged else None


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
