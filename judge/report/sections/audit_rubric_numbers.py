"""The tables of a rubric's audit, and its plot."""

from __future__ import annotations

from collections.abc import Sequence

from judge.report import audit_words, words
from judge.report.blocks import Block, Column, Table
from judge.report.schema_audit import AuditedWording
from judge.report.schema_audit_rubric import (
    CriterionFlips,
    JudgeSensitivity,
    RankStability,
    RubricAudit,
    WordingEffect,
)
from judge.report.sections import audit_rubric_told as told

WORDING = Column("wording", "name")
OTHER_MEASURE = (
    "These ask for something else than the rubric does. What they change is another measurement and no fault "
    "of the wording; it is not counted above."
)


def asked(audit: RubricAudit, kind: str) -> list[AuditedWording]:
    return [
        one for one in audit.audit.wordings if one.kind == kind and one.name != audit.audit.base
    ]


def meaning(audit: RubricAudit) -> str:
    """What the columns of the table of wordings are."""
    return (
        "Same: decisions as in the base's words. Net flips: those that changed, less those that changed when "
        "the base was asked again. Kappa: what is the same beyond chance. "
        f"{_shift_is(audit)} p: the smaller one of the tests of flips and of shift, adjusted."
    )


def briefly(audit: RubricAudit) -> str:
    """The same for a terminal, whose tables have no room for more."""
    return f"Same: as in {told.label(audit.audit.base)}. {_shift_is(audit).removesuffix('.')}"


def _shift_is(audit: RubricAudit) -> str:
    """Whose win rate a shift is of, or that it is of scores."""
    rows = [row for one in audit.sensitivities for row in one.wordings]
    if any(audit_words.is_score(row.shift) and row.shift.value is not None for row in rows):
        return "Shift: of the mean score."
    named = list(dict.fromkeys(row.favoured for row in rows if row.favoured))
    if len(named) == 1:
        return f"Shift: of the win rate of {words.name(named[0])}."
    return "Shift: of a win rate."


def tried(rows: Sequence[AuditedWording], caption: str) -> list[Block]:
    """The wordings of one kind, a line each; nothing where there is none."""
    if not rows:
        return []
    columns = (WORDING, Column("what it does", "name"), Column("hash", "name", optional=True))
    cells = tuple((told.label(r.name), r.what or words.NONE, r.fingerprint[:19]) for r in rows)
    return [Table(columns, cells, caption)]


def effects(one: JudgeSensitivity, kind: str, caption: str = "") -> list[Block]:
    """How each wording of a kind fares against the base, raw beside net of noise."""
    rows = told.of_kind(one, kind)
    if not rows:
        return []
    columns = (
        WORDING,
        Column("same"),
        Column("net flips, points"),
        Column("kappa"),
        Column(_shift(rows), optional=True),
        Column("p"),
        Column("finding", "text"),
    )
    return [Table(columns, tuple(_cells(row) for row in rows), caption)]


def _shift(rows: Sequence[WordingEffect]) -> str:
    return "shift" if any(audit_words.is_score(row.shift) for row in rows) else "shift, points"


def _cells(row: WordingEffect) -> tuple[str, ...]:
    return (
        told.label(row.wording),
        words.percent(row.identical.value),
        audit_words.change_cell(row.excess_flips),
        words.number(row.kappa.value, ""),
        audit_words.change_cell(row.shift),
        words.p_value(p(row)),
        row.finding,
    )


def p(row: WordingEffect) -> float | None:
    """The smaller of the two adjusted p-values: either is a finding."""
    return min((x for x in (row.p_adjusted, row.shift_p_adjusted) if x is not None), default=None)


def plot(one: JudgeSensitivity, kind: str, name: str) -> list[Block]:
    """Flips above noise with their intervals; nothing where noise is not known."""
    marks = [
        (told.label(row.wording), row.excess_flips, row.finding == told.MOVES)
        for row in told.of_kind(one, kind)
    ]
    caption = f"Verdicts of {name} that flip above those that flip when asked again, points"
    return audit_words.forest(marks, caption, ("← steadier", "flips more →"))


def behind(one: JudgeSensitivity) -> list[Block]:
    """All numbers of every wording."""
    return [_intervals(one.wordings), _scores(one.wordings), *_ranking(one), *_criteria(one)]


def _intervals(rows: Sequence[WordingEffect]) -> Table:
    columns = (
        WORDING,
        Column("same"),
        Column("flips above again"),
        Column("interval"),
        Column("p"),
        Column("adjusted"),
        Column("kappa"),
        Column("with 80 % power"),
        Column("missing"),
    )
    return Table(columns, tuple(_interval(row) for row in rows), "With their intervals")


def _interval(row: WordingEffect) -> tuple[str, ...]:
    least = row.smallest_detectable
    return (
        told.label(row.wording),
        words.estimate(row.identical),
        audit_words.change_cell(row.excess_flips),
        audit_words.change_range(row.excess_flips),
        words.p_value(row.p_value),
        words.p_value(row.p_adjusted),
        words.estimate(row.kappa),
        words.NONE if least is None else words.points(least),
        words.count(row.identical.n_missing),
    )


def _scores(rows: Sequence[WordingEffect]) -> Table:
    columns = (
        WORDING,
        Column("shift"),
        Column("interval"),
        Column("win rate of", "name"),
        Column("p"),
        Column("adjusted"),
        Column("weighted kappa"),
        Column("apart by"),
        Column("rank correlation"),
    )
    caption = (
        "Shift: of the win rate or the mean score; apart by: mean difference of scores, no sign"
    )
    return Table(columns, tuple(_score(row) for row in rows), caption)


def _score(row: WordingEffect) -> tuple[str, ...]:
    return (
        told.label(row.wording),
        audit_words.change_cell(row.shift),
        audit_words.change_range(row.shift),
        row.favoured or words.NONE,
        words.p_value(row.shift_p_value),
        words.p_value(row.shift_p_adjusted),
        words.number(row.weighted_kappa.value, ""),
        words.number(row.mean_absolute.value, "score"),
        words.number(row.rank_correlation.value, ""),
    )


def _ranking(one: JudgeSensitivity) -> list[Block]:
    found = one.ranking
    if found is None or not found.means:
        return []
    return [_means(found)]


def _means(found: RankStability) -> Table:
    columns = (
        WORDING,
        *(Column(words.name(s, 20)) for s in found.systems),
        Column("first", "name"),
    )
    rows = tuple(
        (
            told.label(wording),
            *(words.NONE if x is None else f"{x:.3f}" for x in means),
            found.top.get(wording, words.NONE),
        )
        for wording, means in found.means.items()
    )
    return Table(columns, rows, "Means of the systems under each wording")


def _criteria(one: JudgeSensitivity) -> list[Block]:
    if not one.criteria:
        return []
    columns = (
        Column("criterion", "name"),
        Column("flips"),
        Column("above again, points"),
        Column("interval"),
        Column("p"),
    )
    rows = tuple(_criterion(row) for row in one.criteria)
    return [Table(columns, rows, "Labels of each criterion over the equivalent wordings")]


def _criterion(row: CriterionFlips) -> tuple[str, ...]:
    return (
        row.criterion or "all of them",
        words.percent(row.flips.value),
        audit_words.change_cell(row.excess_flips),
        audit_words.change_range(row.excess_flips),
        words.p_value(row.p_adjusted),
    )


def judges(audit: RubricAudit) -> list[Block]:
    """Several judges side by side, a line each; what each keeps under each intervention."""
    has_equal = any(told.tried(one, told.EQUIVALENT) for one in audit.sensitivities)
    others = [one.name for one in asked(audit, told.INTERVENTION)]
    return [
        *([_side_by_side(audit)] if has_equal else []),
        *([_kept(audit, others)] if others else []),
    ]


def _kept(audit: RubricAudit, others: Sequence[str]) -> Table:
    columns = tuple(Column(name, optional=n > 3) for n, name in enumerate(others))
    rows = tuple(
        (audit_words.who(one, audit.sensitivities), *(_same(one, name) for name in others))
        for one in audit.sensitivities
    )
    return Table(
        (Column("judge", "name"), *columns), rows, "Decisions kept under each intervention"
    )


def _same(one: JudgeSensitivity, wording: str) -> str:
    rows = (row.identical.value for row in one.wordings if row.wording == wording)
    return words.percent(next(rows, None))


def _side_by_side(audit: RubricAudit) -> Table:
    columns = (
        Column("judge", "name"),
        Column("same, all pairs"),
        Column("asked again"),
        Column("net of noise"),
        Column("kappa"),
        Column("moved by", "text"),
    )
    return Table(columns, tuple(_judge(one, audit) for one in audit.sensitivities))


def _judge(one: JudgeSensitivity, audit: RubricAudit) -> tuple[str, ...]:
    tried_ = told.tried(one, told.EQUIVALENT)
    return (
        audit_words.who(one, audit.sensitivities),
        words.percent(one.agreement.value),
        words.percent(one.ceiling.identical.value),
        audit_words.change_cell(one.net_agreement),
        words.number(one.kappa.value, ""),
        f"{len(told.moved(one))} of {len(tried_)}" if tried_ else words.NONE,
    )
