"""Conditions of --fail-if on agreement with people: `krippendorff_alpha<0.67`, `alt_test_failed`.

They are held against the panel's overall row, else against every overall row of the sole judge (several
where it was asked under several wordings); where no row is overall, against those of each criterion. A
number that is not known fails its gate: what nobody measured was not reached. Where several people
labelled a unit, a coefficient with the judge as one more rater is mostly theirs: people of one mind would
carry any judge through. The judge must then reach the bound by itself, against their majority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.analysis.agreement_pack import WITH_PEOPLE
from judge.analysis.agreement_records import Agreement, JudgeAgreement, deciding
from judge.errors import InputError
from judge.types import Estimate

ALT_TEST = "alt_test_failed"
POOLED = ("krippendorff_alpha", "gwet_ac1", "gwet_ac2", "icc")  # the judge as one more rater
NUMBERS = (
    *("percent", "cohen_kappa", "cohen_kappa_linear", "cohen_kappa_quadratic"),
    *("krippendorff_alpha", "gwet_ac1", "gwet_ac2", "spearman", "kendall_tau", "pearson", "acc_eq"),
    *("icc", "difference_from_ceiling", "majority_accuracy", "majority_kappa", "majority_alpha"),
)
OF_JUDGE = ("cohen_kappa", "majority_alpha", "pearson")  # that people's own agreement is no part of
KNOWN = (*(f"{name}<X" for name in ("percent", "krippendorff_alpha", "...")), ALT_TEST)

_CONDITION = re.compile(r"(?P<name>[a-z0-9_]+)\s*<\s*(?P<bound>-?[0-9]*\.?[0-9]+)")
_MAJORITY = {
    "majority_accuracy": "accuracy",
    "majority_kappa": "cohen_kappa",
    "majority_alpha": "krippendorff_alpha",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that fails a run. bound: the least value; None for the alternative annotator test."""

    text: str
    name: str
    bound: float | None = None


def is_of_agreement(condition: str) -> bool:
    """Whether a condition is about agreement. Raises InputError where it nearly is."""
    if condition == ALT_TEST:
        return True
    if "<" not in condition and ">" not in condition:
        return False
    parsed(condition)
    return True


def parsed(condition: str) -> Gate:
    """The gate that is meant. Raises InputError where none is."""
    if condition == ALT_TEST:
        return Gate(condition, ALT_TEST)
    match = _CONDITION.fullmatch(condition.strip())
    if match is None or match["name"] not in NUMBERS:
        raise InputError(
            f"--fail-if {condition}: write NAME<NUMBER, as in krippendorff_alpha<0.67, with one of "
            f"{', '.join(NUMBERS)}; or {ALT_TEST}"
        )
    bound = float(match["bound"])
    if not -1 <= bound <= 1:
        raise InputError(f"--fail-if {condition}: {bound:g} can never be reached; give -1 to 1")
    return Gate(condition, match["name"], bound)


def check_labels(conditions: Sequence[str], *, has_labels: bool) -> None:
    """Raises InputError for a gate on agreement where there is nothing to agree with."""
    named = [condition for condition in conditions if is_of_agreement(condition)]
    if named and not has_labels:
        raise InputError(f"--fail-if {named[0]}: needs people's labels; name them with --labels")


def failed(conditions: Sequence[str], found: Agreement | None) -> list[str]:
    """Why gates on agreement fail, a sentence each."""
    gates = [parsed(condition) for condition in conditions if is_of_agreement(condition)]
    if gates and found is None:
        return [
            f"--fail-if {gate.text}: nothing was held against people's labels" for gate in gates
        ]
    rows = deciding(found.judges) if found is not None else []
    return [why for gate in gates for row in rows for why in _failed(gate, row)]


def _failed(gate: Gate, row: JudgeAgreement) -> Iterator[str]:
    who = ", ".join(part for part in (row.judge, row.rubric, row.variant, row.criterion) if part)
    if gate.bound is None:
        if not row.alt_test.passed:
            yield f"--fail-if {gate.text}: {who}: {_alt_test(row)}"
        return
    e = _number(gate.name, row)
    if e.value is None:
        yield f"--fail-if {gate.text}: {who}: {gate.name} is not known: {e.note or 'not computed'}"
    elif e.value < gate.bound:
        yield f"--fail-if {gate.text}: {who}: {gate.name} is {e.value:.4f}"
    elif gate.name in POOLED and WITH_PEOPLE in e.note:
        yield from _by_itself(gate, gate.bound, row, who)


def _by_itself(gate: Gate, bound: float, row: JudgeAgreement, who: str) -> Iterator[str]:
    """Why the judge alone does not reach what it reaches together with people."""
    own = row.majority.krippendorff_alpha.value if gate.name == "krippendorff_alpha" else None
    if own is None:
        yield (
            f"--fail-if {gate.text}: {who}: {WITH_PEOPLE}, so that it does not tell what the judge does; "
            f"use {', '.join(OF_JUDGE)}"
        )
    elif own < bound:
        yield (
            f"--fail-if {gate.text}: {who}: people's agreement with each other lifts it to "
            f"{_number(gate.name, row).value:.4f}; against their majority alone (majority_alpha) it is "
            f"{own:.4f}"
        )


def _alt_test(row: JudgeAgreement) -> str:
    test = row.alt_test
    if test.passed is None:
        return f"the test could not be made: {test.note or 'no rater has enough units'}"
    return f"it may replace {100 * (test.winning_rate or 0):.0f} % of the raters, and needs half"


def _number(name: str, row: JudgeAgreement) -> Estimate:
    if name in _MAJORITY:
        found: Estimate = getattr(row.majority, _MAJORITY[name])
    else:
        found = getattr(row, name)
    return found
