"""Conditions of --fail-if on audits: `moved`, `success_upper>0.1`, `wording_moves`, `net_agreement<-0.05`.

They are held against every judge and rubric of an audit. A number that is not known fails its gate: what
could not be checked was not passed. Gates of judge.toml are for other commands and no part of an audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from judge.analysis.audit_asked import AuditAsked, AuditKind
from judge.analysis.judge_audit import JudgeBattery
from judge.analysis.rubric_audit import JudgeSensitivity, WordingRow
from judge.audit import Audited
from judge.errors import InputError
from judge.report import words

MOVED, WORDING_MOVES = "moved", "wording_moves"
SUCCESS = "success_upper"
AGREEMENTS = ("agreement", "net_agreement", "kappa")

# What is told where nothing could be.
UNTOLD = ("no verdicts", "no repeats", "too few items")

USAGE: dict[AuditKind, str] = {
    "judge": f"{MOVED}, {SUCCESS}>X",
    "rubric": f"{WORDING_MOVES}, {', '.join(f'{name}<X' for name in AGREEMENTS)}",
}
LACKS = "cannot be told, by no verdicts or too few: give more items, or leave it out (--without)"
_WORDS: dict[AuditKind, tuple[str, ...]] = {"judge": (MOVED,), "rubric": (WORDING_MOVES,)}
_BOUNDED: dict[AuditKind, dict[str, str]] = {
    "judge": {SUCCESS: ">"},
    "rubric": dict.fromkeys(AGREEMENTS, "<"),
}
_CONDITION = re.compile(r"(?P<name>[a-z_]+)\s*(?P<sign>[<>])\s*(?P<bound>-?[0-9]*\.?[0-9]+)")


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that fails an audit. bound: None where the condition is a word."""

    text: str
    name: str
    bound: float | None = None


def check(conditions: Iterable[str], kind: AuditKind) -> None:
    """Raises InputError for a condition that an audit of this kind cannot decide."""
    for condition in conditions:
        parsed(condition, kind)


def parsed(condition: str, kind: AuditKind) -> Gate:
    """The gate that is meant. Raises InputError where none is."""
    text = condition.strip()
    if text in _WORDS[kind]:
        return Gate(text, text)
    match = _CONDITION.fullmatch(text)
    if match is None or _BOUNDED[kind].get(match["name"]) != match["sign"]:
        raise InputError(
            f"--fail-if {condition}: known conditions of `judge audit {kind}` are {USAGE[kind]}"
        )
    gate = Gate(text, match["name"], float(match["bound"]))
    _check_bound(gate)
    return gate


def _check_bound(gate: Gate) -> None:
    """Raises InputError where a bound would always fail, or never."""
    bound = gate.bound or 0.0
    if gate.name == SUCCESS and not 0 <= bound < 1:
        raise InputError(f"--fail-if {gate.text}: give a share from 0 up to 1, as in {SUCCESS}>0.1")
    if gate.name == "net_agreement" and not -1 <= bound <= 0:
        raise InputError(
            f"--fail-if {gate.text}: net agreement is how much less wordings agree than the same wording "
            "asked twice, and 0 is the most to expect; give -1 to 0, as in net_agreement<-0.05"
        )
    if not -1 <= bound <= 1:
        raise InputError(f"--fail-if {gate.text}: {bound:g} can never be reached; give -1 to 1")


def failed(conditions: Sequence[str], audited: Audited) -> list[str]:
    """Why gates fail, a sentence each."""
    kind = audited.asked.kind
    gates = [parsed(condition, kind) for condition in conditions]
    return [f"--fail-if {gate.text}: {why}" for gate in gates for why in _failed(gate, audited)]


def _failed(gate: Gate, audited: Audited) -> Iterator[str]:
    batteries = audited.judge.batteries if audited.judge else ()
    sensitivities = audited.rubric.sensitivities if audited.rubric else ()
    if not batteries and not sensitivities:
        yield "no judge gave a verdict that it could be held against"
    for battery in batteries:
        who = f"{words.name(battery.judge)}, {words.name(battery.rubric)}"
        if gate.name == MOVED:
            told = _moved(battery, audited.asked)
        else:
            told = _successes(battery, audited.asked, gate.bound or 0.0)
        yield from (f"{who}: {why}" for why in told)
    for one in sensitivities:
        who = f"{words.name(one.judge)}, {words.name(one.rubric)}"
        told = _wordings(one) if gate.name == WORDING_MOVES else _agreement(gate, one)
        yield from (f"{who}: {why}" for why in told)


# -- a judge ---------------------------------------------------------------------------------------


def _absent(battery: JudgeBattery, asked: AuditAsked) -> list[str]:
    """The perturbations of the audit that were not asked of this judge."""
    done = {effect.perturbation for effect in battery.effects}
    names = dict.fromkeys(name.partition(":")[0] for name in asked.perturbations)
    return [name for name in names if name not in done]


def _moved(battery: JudgeBattery, asked: AuditAsked) -> Iterator[str]:
    findings = dict.fromkeys(_absent(battery, asked), UNTOLD[0])
    findings |= {effect.perturbation: effect.finding for effect in battery.effects}
    if battery.position is not None:
        findings["position"] = battery.position.finding
    if not findings:
        yield "nothing was tried"
        return
    yield from _told(findings, "moved", "moved it", LACKS)
    constant = battery.constant
    if constant is not None and constant.is_last is not True:
        yield _constant(constant.is_last, constant.note)


def _constant(is_last: bool | None, note: str) -> str:
    if is_last is False:
        return "a system that says the same to everything does not come last"
    return f"whether a constant answer comes last is not known: {note or 'not computed'}"


def _told(findings: dict[str, str], found: str, does: str, lacks: str) -> Iterator[str]:
    """What was found, and of what nothing could be, in a sentence each."""
    moved = [name for name, finding in findings.items() if finding == found]
    untold = [name for name, finding in findings.items() if finding in UNTOLD]
    if moved:
        yield f"{words.listed(moved)} {does}"
    if untold:
        yield f"{words.listed(untold)} {lacks}"


def _successes(battery: JudgeBattery, asked: AuditAsked, bound: float) -> Iterator[str]:
    """The perturbations above the bound, and those of which it is not known, in a sentence each."""
    absent = _absent(battery, asked)
    if not battery.effects and not absent:
        yield "nothing was tried"
    above = [
        f"{effect.perturbation} ({effect.success_upper:.4f})"
        for effect in sorted(battery.effects, key=lambda e: -(e.success_upper or 0.0))
        if effect.success_upper is not None and effect.success_upper > bound
    ]
    if above:
        yield f"{SUCCESS} is above it for {words.listed(above)}"
    unknown = [effect for effect in battery.effects if effect.success_upper is None]
    if unknown or absent:
        why = (unknown[0].success.note if unknown else "") or "no verdicts"
        names = [*(e.perturbation for e in unknown), *absent]
        yield f"{SUCCESS} is not known for {words.listed(names)}: {why}"


# -- a rubric --------------------------------------------------------------------------------------


def _wordings(one: JudgeSensitivity) -> Iterator[str]:
    rows: dict[str, WordingRow] = {w.wording: w for w in one.wordings if w.kind == "equivalent"}
    if not rows:
        yield "no wording was asked that must give the same verdicts"
        return
    findings = {name: row.finding for name, row in rows.items()}
    lacks = "could not be told from noise: nothing was asked twice, or there are no verdicts"
    yield from _told(findings, "moves verdicts", "moved verdicts", lacks)


def _agreement(gate: Gate, one: JudgeSensitivity) -> Iterator[str]:
    e = {
        "agreement": one.agreement,
        "net_agreement": one.net_agreement,
        "kappa": one.kappa,
    }[gate.name]
    if e.value is None:
        yield f"{gate.name} is not known: {e.note or 'not computed'}"
    elif e.value < (gate.bound or 0.0):
        yield f"{gate.name} is {e.value:.4f}"
