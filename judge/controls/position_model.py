"""What the model of a judge says of position: with the systems' strengths taken into account.

It speaks where the raw statistics cannot, too: pairs that were asked in one order each, some in this and
some in that.
"""

from __future__ import annotations

from dataclasses import replace

from scipy.special import expit

from judge.analysis.pairwise_models import (
    ONE_ORDER,
    PAIR,
    JudgeModels,
    both_ways,
    estimate_of,
)
from judge.stats import contrasts
from judge.stats.contrasts import Contrast
from judge.stats.intervals import undefined
from judge.types import Estimate

COEFFICIENT = "position_coefficient"
IF_EQUAL = "first_shown_if_equal"
NO_MODEL = "not computed: needs the judge's pairwise model"
SEPARATED = (
    "not computed: the order decides some verdicts without exception, so that no finite number fits"
)


def coefficients(models: JudgeModels | None, confidence: float) -> tuple[Estimate, Estimate]:
    """The log-odds that showing an answer first adds, and how often the first of two equal ones wins.

    Both from the same fit, so that one is 0 where the other is a half. Source: docs/methods.md.
    """
    found, why = _contrast(models)
    n = 0 if models is None else len(models.rows[[*PAIR]].drop_duplicates())
    return (
        estimate_of(found, COEFFICIENT, "log-odds", n, confidence, why),
        estimate_of(found and _as_rate(found), IF_EQUAL, "rate", n, confidence, why),
    )


def unknown(note: str, confidence: float) -> tuple[Estimate, Estimate]:
    """Both, undefined."""
    return (
        undefined(COEFFICIENT, "log-odds", note, confidence),
        undefined(IF_EQUAL, "rate", note, confidence),
    )


def _contrast(models: JudgeModels | None) -> tuple[Contrast | None, str]:
    """The coefficient, None with the reason where there is none."""
    if models is None:
        return None, NO_MODEL
    model = models.position
    place = model.term("position")
    if model.fit is None or place is None:
        is_open = model.why_not.startswith("separated")
        return None, SEPARATED if is_open else f"not computed: {model.why_not}"
    if not both_ways(models.rows):
        return None, f"not computed: {ONE_ORDER}"
    return contrasts.coefficient(model.fit, place), model.lacks


def _as_rate(found: Contrast) -> Contrast:
    """How often the first shown of two equal answers wins."""
    rate = float(expit(found.value))
    return replace(found, value=rate, influence=found.influence * rate * (1 - rate))
