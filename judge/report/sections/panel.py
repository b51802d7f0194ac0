"""Who votes in the panel, who of them is severe, and what the panel is worth beside its best member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judge.report import axes, words
from judge.report.blocks import (
    RATES,
    Block,
    Bullets,
    Column,
    Disclosure,
    Forest,
    Heading,
    Mark,
    Paragraph,
    Section,
    Table,
)
from judge.report.schema import E, Panel, PanelMember, Report, Score
from judge.stats.intervals import smallest_detectable
from judge.types import PANEL

TITLE = "Panel"
ALPHA = 0.05
NUMBERS = "The numbers behind this"


def blocks(report: Report) -> list[Block]:
    """How it votes, what was found, and the numbers; these behind a line where nothing was found."""
    if not report.panels:
        return []
    out: list[Block] = [Heading(TITLE)]
    for panel in _whole(report.panels):
        out += _of_panel(panel, report)
    parts = [p for p in report.panels if p not in _whole(report.panels)]
    found = tuple(line for panel in parts for line in _severe(panel))
    if parts:
        out += [Bullets(found, tone="warning")] if found else []
        tables: tuple[Block, ...] = tuple(_severities(panel) for panel in parts)
        out.append(Disclosure("Severity criterion by criterion", tables))
    return out


def brief(report: Report) -> list[Block]:
    """The same without what stands behind a line."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _whole(panels: Sequence[Panel]) -> list[Panel]:
    """The panels of overall verdicts; all where none is overall."""
    return [panel for panel in panels if not panel.criterion] or list(panels)


def _of_panel(panel: Panel, report: Report) -> list[Block]:
    found = [*_worse(panel), *_severe(panel)]
    quiet = [*_better(panel), *_worth(panel), *_not_severe(panel)]
    numbers = _numbers(panel, report)
    if not found:
        said = Paragraph(" ".join([_votes(panel), *quiet]), tone="note")
        return [said, *([Disclosure(NUMBERS, tuple(numbers))] if numbers else [])]
    told = [Bullets(tuple(quiet), tone="note")] if quiet else []
    return [Paragraph(_votes(panel)), *numbers, Bullets(tuple(found), tone="warning"), *told]


def _about(panel: Panel) -> str:
    named = ", ".join(words.name(part) for part in (panel.rubric, panel.criterion) if part)
    return f" on {named}" if named else ""


def _votes(panel: Panel) -> str:
    judges, votes = len(panel.members), panel.n_votes
    named = words.listed([member.judge for member in panel.members], most=8)
    said = f"{words.counted(judges, 'judge')} ({named}){_about(panel)}"
    if votes == 1:
        return f"{said} of one family, who share one vote.{_wordings(panel)}"
    if votes < judges:
        return f"{said} of {votes:,} families: a family has one vote.{_wordings(panel)}"
    return f"{said}, each with one vote.{_wordings(panel)}"


def _wordings(panel: Panel) -> str:
    if len(panel.wordings) < 2:
        return ""
    named = words.listed([wording or "no rubric" for wording in panel.wordings])
    return f" What a judge says under {named} is averaged before it votes."


# -- against its best member ---------------------------------------------------------------------


def _worse(panel: Panel) -> list[str]:
    if not panel.is_worse:
        return []
    head = f"The panel is worse than {words.name(panel.best or '')} alone"
    return [f"{head}: {_beside(panel)}. Conclude from that judge, or leave out the poor ones."]


def _better(panel: Panel) -> list[str]:
    e = panel.versus_best
    if e.value is None or panel.is_worse:
        return [_unlabelled(e)] if e.value is None and panel.mode == "pairwise" else []
    best = words.name(panel.best or "")
    head = (
        f"The panel is better than each of its members, the best being {best}"
        if panel.is_better
        else f"The panel was not shown to be better or worse than its best member, {best}"
    )
    return [f"{head}: {_beside(panel)}."]


def _beside(panel: Panel) -> str:
    """Both accuracies, and their difference as it was cross-validated."""
    own = next((m.accuracy for m in panel.members if m.judge == panel.best), panel.accuracy)
    e = panel.versus_best
    ends = (
        f" ({words.level(e.confidence)} {_points(e.ci_low)} to {_points(e.ci_high)})"
        if e.ci_low is not None and e.ci_high is not None
        else ""
    )
    many = words.counted(panel.accuracy.n, "labelled pair")
    return (
        f"right on {words.percent(panel.accuracy.value)} of {many} against {words.percent(own.value)}; "
        f"{_points(e.value)} points{ends} where the best is picked on other items"
    )


def _points(rate: float | None) -> str:
    return words.NONE if rate is None else words.signed(100 * rate, 1)


def _unlabelled(e: E) -> str:
    return f"What that is worth beside the best of them is not known: {words.clean(e.note)}."


def _worth(panel: Panel) -> Iterator[str]:
    e, votes = panel.effective_judges, panel.effective_votes
    if e.value is None:
        return
    many = words.counted(len(panel.members), "judge")
    line = f"By their errors the {many} are worth {_few(e)} independent ones {words.bracket(e)}"
    if panel.n_votes < len(panel.members) and votes.value is not None:
        line += f", the {panel.n_votes:,} votes {_few(votes)}"
    yield f"{line}."


def _few(e: E) -> str:
    return words.NONE if e.value is None else f"{e.value:.1f}"


# -- severity ------------------------------------------------------------------------------------


def _severe(panel: Panel) -> list[str]:
    return [_lean(panel, m) for m in panel.members if _is_severe(m)]


def _is_severe(member: PanelMember) -> bool:
    return member.p_value is not None and member.p_value < ALPHA


def _lean(panel: Panel, member: PanelMember) -> str:
    e = member.severity
    value = e.value or 0.0
    kind, side = ("lenient", "above") if value > 0 else ("severe", "below")
    on = f" on {words.name(panel.criterion)}" if panel.criterion else ""
    return (
        f"{words.name(member.judge)} is {kind}{on}: it scores the same answers "
        f"{words.number(abs(value), e.unit)} {side} the panel {words.bracket(e)}."
    )


def _not_severe(panel: Panel) -> Iterator[str]:
    """That no judge was found to be severe, and how small a difference would have been."""
    known = [m for m in panel.members if m.severity.value is not None]
    if not known:
        notes = dict.fromkeys(m.severity.note for m in panel.members if panel.mode == "single")
        yield from (f"Severity is not known: {words.clean(note)}." for note in notes if note)
        return
    if any(_is_severe(member) for member in known):
        return
    alpha = ALPHA / len(known)
    sizes = [smallest_detectable(m.severity.se, alpha=alpha) for m in known]
    seen = [size for size in sizes if size is not None]
    head = "Severity: checked, no judge scores above or below the others"
    yield (
        f"{head}; {words.number(max(seen), 'score')} would most likely have been seen."
        if len(seen) == len(known)
        else f"{head}, as far as it can be told."
    )


# -- numbers -------------------------------------------------------------------------------------


def _numbers(panel: Panel, report: Report) -> list[Block]:
    if any(m.severity.value is not None for m in panel.members):
        scores = _adjusted(panel, report.scores or [])
        return [_severity_plot(panel), _severities(panel), *scores]
    if panel.accuracy.value is None:
        return []
    return [_accuracy_plot(panel), _accuracies(panel)]


def _severities(panel: Panel) -> Table:
    columns = (
        Column("judge", "name"),
        Column("severity"),
        Column(words.level(panel.members[0].severity.confidence)),
        Column("p"),
        Column("spread"),
        Column("answers"),
    )
    rows = tuple(
        (
            m.judge,
            words.signed(m.severity.value),
            words.interval(m.severity),
            words.p_value(m.p_value),
            words.number(m.spread, "ratio"),
            words.count(m.severity.n),
        )
        for m in panel.members
    )
    caption = (
        f"Severity{_about(panel)}: points above (lenient) or below (severe) the panel on the same answers; "
        "spread: the judge's noise beside that of all (1: the same)"
    )
    return Table(columns, rows, caption)


def _severity_plot(panel: Panel) -> Forest:
    marks = tuple(
        Mark(m.judge, words.estimate(m.severity), m.severity.value, *_ends(m.severity))
        for m in panel.members
    )
    return Forest(
        marks, f"Severity{_about(panel)}", ("← severe", "lenient →"), axes.both_sides(marks)
    )


def _ends(e: E) -> tuple[float | None, float | None]:
    return e.ci_low, e.ci_high


def _adjusted(panel: Panel, scores: Sequence[Score]) -> list[Block]:
    """The panel's scores as they are and with severity taken off."""
    rows = [
        row
        for row in scores
        if row.judge == PANEL
        and not row.slice
        and (row.rubric, row.criterion) == (panel.rubric, panel.criterion)
        and row.severity_adjusted.value is not None
    ]
    if not rows:
        return []
    level = words.level(rows[0].raw.confidence)
    columns = (
        Column("system", "name"),
        Column("panel's score"),
        Column(level),
        Column("severity off"),
        Column(f"its {level}"),
        Column("answers"),
    )
    cells = tuple(
        (
            row.system,
            words.number(row.raw.value, "score"),
            words.interval(row.raw),
            words.number(row.severity_adjusted.value, "score"),
            words.interval(row.severity_adjusted),
            f"{words.count(row.raw.n)} / {words.count(row.severity_adjusted.n)}",
        )
        for row in rows
    )
    caption = (
        "The panel's score of answers that every family scored, and of all answers with each judge's "
        "severity taken off"
    )
    return [Table(columns, cells, caption)]


def _accuracy_plot(panel: Panel) -> Forest:
    rows = [*((m.judge, m.accuracy) for m in panel.members), (PANEL, panel.accuracy)]
    marks = tuple(
        Mark(name, words.estimate(e), e.value, *_ends(e), strong=name == PANEL) for name, e in rows
    )
    return Forest(marks, "Labelled pairs that each gets right", ("", ""), RATES)


def _accuracies(panel: Panel) -> Table:
    columns = (
        Column("judge", "name"),
        Column("share of vote"),
        Column("right"),
        Column(words.level(panel.accuracy.confidence)),
        Column("pairs"),
        Column("log-odds weight", optional=True),
    )
    rows = [
        (
            m.judge,
            words.percent(m.share),
            words.percent(m.accuracy.value),
            words.interval(m.accuracy),
            words.count(m.accuracy.n),
            words.signed(m.log_odds),
        )
        for m in panel.members
    ]
    own = panel.accuracy
    whole = (PANEL, "", words.percent(own.value), words.interval(own), words.count(own.n), "")
    caption = (
        "Labelled pairs that each gets right, both orders together, a tie half; log-odds weight: what a vote "
        "would weigh by that, which the panel does not use"
    )
    return Table(columns, (*rows, whole), caption)


SECTION = Section("panel", blocks, brief=brief)
