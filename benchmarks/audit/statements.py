"""What an audit says of a judge, and whether a statement about a clean one is false.

A statement is false where a finding is made of nothing, where an interval misses what is true, and where
an upper bound lies below it. A number that an audit does not give makes no statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.audit.judges import NOISE, Judge, Truth, truth
from benchmarks.audit.tables import INJECTED, SYSTEMS, TURNED
from judge.analysis.judge_audit import Effect, JudgeAudit, JudgeBattery, PositionEffect
from judge.analysis.rubric_audit import JudgeSensitivity, RubricAudit, WordingRow
from judge.types import Estimate

ALPHA = 0.05
MOVED, TURNS = "moved", "moves verdicts"
ANY = "any finding in the whole audit"

Statements = Mapping[str, bool]


def _misses(e: Estimate | None, true: float) -> Iterator[bool]:
    """Whether the interval misses a number; nothing where there is no interval."""
    if e is not None and e.ci_low is not None and e.ci_high is not None:
        yield not e.ci_low <= true <= e.ci_high


def _said(found: Mapping[str, Iterator[bool]]) -> dict[str, bool]:
    return {name: false for name, given in found.items() for false in given}


def _is_significant(p: float | None) -> Iterator[bool]:
    if p is not None:
        yield p <= ALPHA


# -- of a clean judge ----------------------------------------------------------------------------


def of_battery(audit: JudgeAudit, *, is_known: bool) -> dict[str, bool]:
    """Each statement of a battery about a clean judge, by name: whether it is false."""
    (battery,) = audit.batteries
    true = truth(is_known=is_known)
    found = {ANY: any(_findings(battery)), "any warning": bool(audit.warnings)}
    for effect in battery.effects:
        found |= _of_effect(effect, true)
    found |= _said(
        {
            "noise: interval": _misses(battery.noise, NOISE),
            "padding: interval of the slope": _misses(battery.padding_slope, 0.0),
        }
    )
    if battery.position is not None:
        found |= _of_position(battery.position)
    for known in battery.known:
        found |= _said(
            {
                f"right, {known.category or 'all'}: interval": _misses(known.right, true.right),
                f"right in the drawn order, {known.category or 'all'}: interval": _misses(
                    known.first, true.right
                ),
                f"right in both orders, {known.category or 'all'}: interval": _misses(
                    known.consistent_and_right, true.twice
                ),
            }
        )
    return found


def _findings(battery: JudgeBattery) -> Iterator[bool]:
    for effect in battery.effects:
        yield effect.finding == MOVED
        yield from (part.finding == MOVED for part in effect.parts)
    if battery.position is not None:
        yield battery.position.finding == MOVED


def _of_effect(effect: Effect, true: Truth) -> dict[str, bool]:
    name, is_null = effect.perturbation, effect.group == "null"
    success = true.null_success if is_null else true.success
    found = {f"{name}: moved": effect.finding == MOVED}
    if effect.parts:
        found[f"{name}: any part moved"] = any(part.finding == MOVED for part in effect.parts)
    if effect.success_upper is not None:
        found[f"{name}: upper bound of success"] = effect.success_upper < success
    found |= _said(
        {
            f"{name}: interval of success": _misses(effect.success, success),
            f"{name}: interval of its floor": _misses(effect.floor, true.success),
        }
    )
    if is_null:  # an answer that is taken away does lose more surely: only that it gains is false
        return found
    return found | _said(
        {
            f"{name}: p of flips": _is_significant(effect.flips_p_value),
            f"{name}: p of shift": _is_significant(effect.shift_p_value),
            f"{name}: interval of excess flips": _misses(effect.excess_flips, 0.0),
            f"{name}: interval of shift": _misses(effect.shift, 0.0),
            f"{name}: interval of robustness": _misses(effect.robustness, 1 - NOISE),
        }
    )


def _of_position(found: PositionEffect) -> dict[str, bool]:
    return {"position: moved": found.finding == MOVED} | _said(
        {
            "position: p": _is_significant(found.p_value),
            "position: interval of consistency": _misses(found.consistency, 1 - NOISE),
            "position: interval of excess flips": _misses(found.excess_flips, 0.0),
            "position: interval of the first-shown rate": _misses(found.first_shown_rate, 0.5),
            "position: interval of the first's share": _misses(found.first_share, 0.5),
        }
    )


def of_wordings(audit: RubricAudit) -> dict[str, bool]:
    """The same of a rubric audit of pairs, on which a clean judge is of one mind but for its noise."""
    (found,) = audit.sensitivities
    true = truth()
    said = _of_sensitivity(found, audit)
    for row in found.wordings:
        said |= _said({f"{row.wording}: interval of kappa": _misses(row.kappa, true.kappa)})
    wordings = len(found.wordings) + 1
    return said | _said(
        {
            "kappa over all wordings: interval": _misses(found.kappa, true.kappa),
            "kappa of the base asked again: interval": _misses(found.ceiling.kappa, true.kappa),
            "items that flip: interval": _misses(found.items_that_flip, true.flipping(wordings)),
        }
    )


def of_scores(audit: RubricAudit) -> dict[str, bool]:
    """The same of a rubric audit of scores of three systems, whose order is one, two, three."""
    (found,) = audit.sensitivities
    said = _of_sensitivity(found, audit) | {"a fragile criterion": found.fragile is not None}
    for row in found.criteria:
        name = row.criterion or "the whole"
        said |= _said(
            {
                f"criterion {name}: p": _is_significant(row.p_value),
                f"criterion {name}: interval of flips": _misses(row.flips, NOISE),
                f"criterion {name}: interval of excess flips": _misses(row.excess_flips, 0.0),
            }
        )
    said |= _said({"acquiescence: interval": _misses(found.acquiescence, 0.0)})
    if found.ranking is not None:
        best = max(SYSTEMS, key=lambda name: SYSTEMS[name])
        said["another system on top"] = any(top != best for _, top in found.ranking.top)
        said |= _said({"Kendall tau: interval": _misses(found.ranking.tau_mean, 1.0)})
    return said


def _of_sensitivity(found: JudgeSensitivity, audit: RubricAudit) -> dict[str, bool]:
    rows = found.wordings
    said = {
        ANY: any(row.finding == TURNS for row in rows) or found.fragile is not None,
        "any warning": bool(audit.warnings),
    }
    if found.ranking is not None and found.ranking.top_is_stable is not None:
        said["the first place is unstable"] = not found.ranking.top_is_stable
    for row in rows:
        said |= _of_wording(row)
    for test in found.omnibus:
        said |= _said({f"{test.name}: p": _is_significant(test.p_value)})
    return said | _said(
        {
            "agreement of all wordings: interval": _misses(found.agreement, 1 - NOISE),
            "net agreement: interval": _misses(found.net_agreement, 0.0),
            "base asked again: interval": _misses(found.ceiling.identical, 1 - NOISE),
        }
    )


def _of_wording(row: WordingRow) -> dict[str, bool]:
    name = row.wording
    return {f"{name}: moves verdicts": row.finding == TURNS} | _said(
        {
            f"{name}: p of excess flips": _is_significant(row.p_value),
            f"{name}: p of shift": _is_significant(row.shift_p_value),
            f"{name}: interval of identical": _misses(row.identical, 1 - NOISE),
            f"{name}: interval of flips": _misses(row.flips, NOISE),
            f"{name}: interval of excess flips": _misses(row.excess_flips, 0.0),
            f"{name}: interval of shift": _misses(row.shift, 0.0),
        }
    )


_RESAMPLED = ("kappa", "tau", "first place")


def resampled(found: Statements) -> dict[str, bool]:
    """Those about numbers whose intervals are resampled, which takes long."""
    return {name: said for name, said in found.items() if any(w in name for w in _RESAMPLED)}


# -- of a judge with something planted -----------------------------------------------------------

FOUND = "found"
ELSEWHERE = "found elsewhere"
SLOPE = "the slope's interval lies above 0"


def found_in_battery(judge: Judge, audit: JudgeAudit) -> dict[str, bool]:
    """Whether what was planted was found, and whether anything was that was not planted."""
    (battery,) = audit.batteries
    moved = {effect.perturbation for effect in battery.effects if effect.finding == MOVED}
    is_position = battery.position is not None and battery.position.finding == MOVED
    slope = battery.padding_slope.ci_low
    is_slope = slope is not None and slope > 0
    padded = {name for name in moved if name.startswith("padding")}
    others = moved - padded - {INJECTED}
    return {
        "injection": {
            FOUND: INJECTED in moved,
            ELSEWHERE: bool(others | padded) or is_position,
        },
        "position": {FOUND: is_position, ELSEWHERE: bool(moved)},
        "padding": {
            FOUND: is_slope,
            "padding-x3 moved": "padding-x3" in moved,
            ELSEWHERE: bool(others) or INJECTED in moved or is_position,
        },
    }[judge.name]


def found_in_wordings(audit: RubricAudit) -> dict[str, bool]:
    """The same of the wording that turns verdicts."""
    (found,) = audit.sensitivities
    moves = {row.wording for row in found.wordings if row.finding == TURNS}
    return {FOUND: TURNED in moves, ELSEWHERE: bool(moves - {TURNED})}
