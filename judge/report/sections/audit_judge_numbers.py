"""The tables of a judge's audit, and its plot."""

from __future__ import annotations

from collections.abc import Sequence

from judge.perturbations import NULL_NAMES, null_text
from judge.report import audit_words, words
from judge.report.blocks import Block, Column, Table
from judge.report.schema_audit_judge import (
    ConstantAnswer,
    JudgeAudit,
    JudgeBattery,
    KnownAnswers,
    PerturbationEffect,
    PerturbationPart,
)
from judge.report.schema_base import E
from judge.report.sections import audit_judge_told as told

PERTURBATION = Column("perturbation", "name")
GROUPS = told.GROUPS


def tried(audit: JudgeAudit) -> Table:
    """What was done to answers, a line each, group by group; the null answers in one."""
    own = audit.audit.perturbations
    rows: tuple[tuple[str, ...], ...] = tuple(
        (GROUPS.get(one.group, one.group), one.name, one.what or words.NONE)
        for one in own
        if one.group != told.NULL
    )
    rows += _constants(audit)
    columns = (Column("group", "text"), PERTURBATION, Column("what it does", "name"))
    nulls = [null_text(one.name) for one in own if one.name in NULL_NAMES]
    if not nulls:
        return Table(columns, rows)
    what = (
        f"the answer is replaced by {', '.join(nulls[:-1])}{' or ' * (len(nulls) > 1)}{nulls[-1]}"
    )
    return Table(columns, ((GROUPS[told.NULL], told.label(told.NULL), what), *rows))


def _constants(audit: JudgeAudit) -> tuple[tuple[str, ...], ...]:
    if all(one.constant is None for one in audit.batteries):
        return ()
    what = "a system that answers the same to everything, through the whole pipeline"
    return (("constant answer", "constant answer", what),)


def tried_briefly(audit: JudgeAudit) -> str:
    """The same in a sentence: how many of each group."""
    groups: dict[str, int] = {}
    for one in audit.audit.perturbations:
        group = GROUPS.get(one.group, one.group) or one.name
        groups[group] = groups.get(group, 0) + 1
    named = [name if n == 1 else f"{name} ({n})" for name, n in groups.items()]
    named += [name for name, *_ in _constants(audit)]
    said = words.listed(named, most=10)
    return f"{said[0].upper()}{said[1:]}." if named else "No perturbation is named."


def effects(one: JudgeBattery, caption: str = "") -> Table:
    """What moved: flips now and when asked again, where they went, and the finding."""
    columns = (
        PERTURBATION,
        Column("flips, again %"),
        Column(_shift(one)),
        Column("success, at most %"),
        Column("p"),
        Column("finding", "text"),
    )
    rows = tuple(_cells(effect, one.alpha) for effect in one.effects)
    return Table(columns, rows, caption)


def _shift(one: JudgeBattery) -> str:
    is_score = any(e.shift.unit == "score" for e in one.effects)
    return "shift" if is_score else "shift, points"


def _cells(effect: PerturbationEffect, alpha: float) -> tuple[str, ...]:
    return (
        told.label(effect.perturbation),
        _pair(*_flips(effect)),
        audit_words.change_cell(effect.shift),
        _pair(effect.success.value, effect.success_upper),
        words.p_value(told.p(effect)),
        told.direction(effect, alpha),
    )


def _flips(effect: PerturbationPart) -> tuple[float | None, float | None]:
    """The share of verdicts that changed, and of those that did when only the asking was repeated."""
    stayed, excess = effect.robustness.value, effect.excess_flips.value
    now = None if stayed is None else 1 - stayed
    return now, None if now is None or excess is None else now - excess


def _pair(first: float | None, second: float | None) -> str:
    """Two rates as one cell without their signs; one of them may be unknown."""
    if first is None and second is None:
        return words.NONE
    return f"{_bare(first)}, {_bare(second)}"


def _bare(rate: float | None) -> str:
    return words.percent(rate).removesuffix(" %")


MEANING = (
    "Flips, again: the share of items whose verdict changed once the answer was perturbed, and when the same "
    "was asked again. Shift: how much better the perturbed answer then does. Success, at most: how often "
    "it wins although it had lost, and the one-sided 95 % bound of that. p: the smaller one of the tests "
    "of flips and of shift, adjusted; of null answers the test that they win, as they may well lose."
)


def briefly(one: JudgeBattery) -> str:
    """The same for a terminal, whose tables have no room for more."""
    is_score = any(e.shift.unit == "score" for e in one.effects)
    success = "it scores higher than before" if is_score else "it wins that had lost"
    return f"Shift: + is towards the perturbed answer. Success: {success}"


def plot(one: JudgeBattery, name: str) -> list[Block]:
    """Flips above noise with their intervals."""
    marks = [
        (told.label(e.perturbation), e.excess_flips, e.finding == told.MOVED) for e in one.effects
    ]
    caption = f"Verdicts of {name} that flip above those that flip when asked again, points"
    return audit_words.forest(marks, caption, ("← steadier", "flips more →"))


def behind(one: JudgeBattery) -> list[Block]:
    """All numbers of the effects; those of the parts that were counted together."""
    parts = [part for effect in one.effects for part in effect.parts]
    found: list[Block] = [_numbers(one.effects), _tests(one.effects)]
    return [*found, _numbers(parts, "Counted together above")] if parts else found


def _numbers(rows: Sequence[PerturbationPart], caption: str = "With their intervals") -> Table:
    columns = (
        PERTURBATION,
        Column("flips above again"),
        Column("interval"),
        Column("shift"),
        Column("interval"),
        Column("success"),
        Column("when asked again"),
        Column("items"),
        Column("missing"),
    )
    return Table(columns, tuple(_all(row) for row in rows), caption)


def _all(row: PerturbationPart) -> tuple[str, ...]:
    return (
        told.label(row.perturbation),
        audit_words.change_cell(row.excess_flips),
        audit_words.change_range(row.excess_flips),
        audit_words.change_cell(row.shift),
        audit_words.change_range(row.shift),
        words.estimate(row.success),
        words.percent(row.floor.value),
        words.count(row.n),
        words.count(row.n_missing),
    )


def _tests(rows: Sequence[PerturbationPart]) -> Table:
    columns = (
        PERTURBATION,
        Column("flips more, fewer"),
        Column("p"),
        Column("adjusted"),
        Column("up, down"),
        Column("p"),
        Column("adjusted"),
        Column("shift with 80 % power"),
    )
    return Table(columns, tuple(_tested(row) for row in rows), "The tests: of flips, then of shift")


def _tested(row: PerturbationPart) -> tuple[str, ...]:
    score = audit_words.is_score(row.shift)
    least = row.smallest_detectable
    return (
        told.label(row.perturbation),
        f"{words.count(row.extra)}, {words.count(row.fewer)}",
        words.p_value(row.flips_p_value),
        words.p_value(row.flips_p_adjusted),
        f"{words.count(row.ups)}, {words.count(row.downs)}",
        words.p_value(row.shift_p_value),
        words.p_value(row.shift_p_adjusted),
        words.NONE if least is None else audit_words.size(least, score=score),
    )


# -- judges without skill ------------------------------------------------------------------------


def floors(one: JudgeBattery, name: str) -> list[Block]:
    """How often a perturbed answer wins that had lost, and what shifts, with judges without skill."""
    if not one.floors:
        return []
    shown = [e for e in one.effects if e.finding not in told.UNTOLD]
    columns = (PERTURBATION, Column(name), *(Column(floor.name) for floor in one.floors))
    success = tuple(
        (
            told.label(e.perturbation),
            words.percent(e.success.value),
            *(words.percent(floor.success.get(e.perturbation)) for floor in one.floors),
        )
        for e in shown
    )
    shift = tuple(
        (
            told.label(e.perturbation),
            audit_words.change_cell(e.shift),
            *(_shifted(floor.shift.get(e.perturbation), e.shift) for floor in one.floors),
        )
        for e in shown
    )
    return [
        Table(columns, success, "Success: the answer wins that had lost"),
        Table(columns, shift, f"{_shift(one).capitalize()}"),
    ]


def _shifted(value: float | None, like: E) -> str:
    return audit_words.signed(value, score=audit_words.is_score(like))


# -- known answers, the constant answer ----------------------------------------------------------


def known(rows: Sequence[KnownAnswers]) -> Table:
    """How often the judge is right, by category."""
    columns = (
        Column("category", "name"),
        Column("right, one order"),
        Column("interval", optional=True),
        Column("both orders"),
        Column("right in both"),
        Column("items"),
    )
    cells = tuple(
        (
            row.category or "all",
            words.percent(row.first.value),
            words.interval(row.first),
            words.percent(row.right.value),
            words.percent(row.consistent_and_right.value),
            words.count(row.first.n),
        )
        for row in rows
    )
    return Table(columns, cells)


def constant(found: ConstantAnswer) -> list[Block]:
    """What the constant answer reaches against each system, raw and at equal length."""
    if not found.systems:
        return []
    controlled = dict(enumerate(found.length_controlled))
    are_scores = any(e.unit == "score" for e in found.win_rates)
    columns = (
        Column("system" if are_scores else "against", "name"),
        Column("mean score" if are_scores else "it wins, ties half"),
        *([Column("at equal length")] if controlled else []),
    )
    rows = tuple(
        (
            system,
            words.estimate(rate),
            *(
                [words.estimate(controlled[n])]
                if n in controlled
                else [words.NONE] * bool(controlled)
            ),
        )
        for n, (system, rate) in enumerate(zip(found.systems, found.win_rates, strict=False))
    )
    return [Table(columns, rows)]


def judges(audit: JudgeAudit) -> Table:
    """Several judges side by side, a line each."""
    columns = (
        Column("judge", "name"),
        Column("moved by", "text"),
        Column("noise"),
        Column("same in the other order"),
        Column("seen from"),
        Column("items"),
    )
    return Table(columns, tuple(_judge(one, audit) for one in audit.batteries), SIDE_BY_SIDE)


SIDE_BY_SIDE = (
    "Noise: verdicts that change when asked again; seen from: the shift that shows with 80 % power"
)


def _judge(one: JudgeBattery, audit: JudgeAudit) -> tuple[str, ...]:
    position = one.position
    return (
        audit_words.who(one, audit.batteries),
        f"{len(told.moved(one))} of {len(told.told(one))}",
        words.percent(one.noise.value),
        words.NONE if position is None else words.percent(position.consistency.value),
        told.seen_from(one),
        words.count(one.n_items),
    )
