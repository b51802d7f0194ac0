"""What judges add to their own answers and to those of their family, with what is left without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.report import words
from judge.report.blocks import (
    Block,
    Bullets,
    Column,
    Disclosure,
    Heading,
    Paragraph,
    Section,
    Table,
)
from judge.report.schema import E, JudgeSelfPreference, Report, SelfPreference
from judge.stats.intervals import smallest_detectable

TITLE = "Self-preference"
ALL = "all judges"
CANNOT = "cannot be measured"  # as the notes of judge.analysis.kin_regression begin
KINDS = ("own", "family")
MEANING = (
    "How much more an answer gets from a judge that wrote it (own), or from one of its family, than from "
    "judges of other families that saw the same answer; 0 is no effect."
)
SHARPNESS = (
    "A judge that tells good answers from bad ones better than the others do shows the same pattern where "
    "its own answers are good: labels by people would tell the two apart."
)
LEFT_OUT = (
    "Two corrections beside the raw number: all votes with the self and family terms taken off, and "
    "own-family votes left out. Leaving them out without allowing for how severe each judge is would put "
    "one bias in the place of another, so scores are put on one level first."
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A judge's terms under the name that it is shown by."""

    name: str
    terms: JudgeSelfPreference

    def of(self, kind: str) -> tuple[E, float | None, float | None]:
        """The estimate, the p of there being none, and the p of more than the margin."""
        t = self.terms
        return (
            (t.own, t.p_self, t.within_self)
            if kind == "own"
            else (t.family, t.p_family, t.within_family)
        )


def blocks(report: Report) -> list[Block]:
    """Who favours its own, with a table of all; one line where there is nothing to look for."""
    panels = report.self_preference or []
    measured = [panel for panel in panels if panel.measured]
    if not panels:
        return []
    if not measured:
        notes = dict.fromkeys(_unmeasured(panel) for panel in panels)
        return [Heading(TITLE), Paragraph(" ".join(notes), tone="note")]
    judges = _judges(report)
    found, clear = _sentences(judges, measured[0].margin)
    told: list[Block] = [
        *([Bullets(tuple(found), tone="warning")] if found else []),
        *([Bullets(tuple(clear), tone="note")] if clear else []),
    ]
    numbers = tuple(_numbers(report, judges, measured))
    if found:
        return [Heading(TITLE), *numbers, *told]
    return [Heading(TITLE), *told, Disclosure("The numbers behind this", numbers)]


def _unmeasured(panel: SelfPreference) -> str:
    note = words.clean(panel.note)
    is_sentence = note.startswith(CANNOT)
    return f"{TITLE} {note}." if is_sentence else f"Not measured: {note}."


def brief(report: Report) -> list[Block]:
    """The same without the numbers where nothing was found."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _judges(report: Report) -> list[_Told]:
    """Each judge once; single scores are told apart by rubric where there are several."""
    several = len(report.self_preference or []) > 1
    found: dict[str, _Told] = {}
    for judge in report.judges:
        name = f"{judge.judge} ({judge.rubric})" if several else judge.judge
        found.setdefault(name, _Told(name, judge.self_preference))
    return list(found.values())


# -- sentences -----------------------------------------------------------------------------------


def _sentences(judges: Sequence[_Told], margin: float | None) -> tuple[list[str], list[str]]:
    """Of each judge and term that was measured what was found, and of the rest that nothing was."""
    found, clear = [], []
    for judge in judges:
        for kind in KINDS:
            e, p, within = judge.of(kind)
            if e.value is None:
                continue
            if p is not None and p < 1 - e.confidence:
                found.append(_favours(judge.name, kind, e))
            else:
                clear.append(_nothing(judge.name, kind, e, within, margin))
    return found, clear


def _whose(kind: str) -> str:
    return "its own answers" if kind == "own" else "other answers of its family"


def _favours(name: str, kind: str, e: E) -> str:
    value = e.value or 0.0
    who, verb = words.name(name), "win" if e.unit == "difference" else "score"
    more = "more" if value > 0 else "less"
    does = "favours" if value > 0 else "is harder on"
    return (
        f"{who} {does} {_whose(kind)}: they {verb} {_size(abs(value), e)} {more} with it than with judges "
        f"of other families on the same items {_bracket(e)}."
    )


def _nothing(name: str, kind: str, e: E, within: float | None, margin: float | None) -> str:
    head = f"{words.name(name)}, {_whose(kind)}: "
    if margin is not None and within is not None and within < 1 - e.confidence:
        return f"{head}no self-preference beyond {words.points(margin)}."
    size = smallest_detectable(e.se, alpha=1 - e.confidence)
    if size is None:
        return (
            f"{head}checked, nothing found; how small an effect would have been seen is not known."
        )
    seen = f"an effect above {_size(size, e)} would most likely have been seen"
    return f"{head}checked, nothing found; {seen}."


# -- the numbers ---------------------------------------------------------------------------------


def _numbers(
    report: Report, judges: Sequence[_Told], panels: Sequence[SelfPreference]
) -> Iterator[Block]:
    everybody = [
        *judges,
        *(_Told(f"{ALL} ({p.rubric})" if len(panels) > 1 else ALL, p) for p in panels),
    ]
    shown = [told for told in everybody if told.terms.measured]
    yield Paragraph(MEANING)
    yield _table(shown)
    yield Bullets((*_coins(shown), SHARPNESS), tone="note")
    rows = tuple(_corrected(report, panels))
    if rows:
        columns = (
            Column("system", "name"),
            Column("baseline", "name", optional=True),
            Column("raw"),
            Column("terms taken off"),
            Column("own votes left out"),
        )
        yield Table(columns, rows, LEFT_OUT)
    why = tuple(_undefined(panels))
    if why:
        yield Bullets(why, tone="note")


def _table(shown: Sequence[_Told]) -> Table:
    level = words.level(shown[0].terms.own.confidence)
    columns = (
        Column("judge", "name"),
        Column("own"),
        Column(level),
        Column("its family"),
        Column(level),
        Column("told from"),
        Column("p own", optional=True),
        Column("p family", optional=True),
    )
    return Table(columns, tuple(_cells(told) for told in shown))


def _cells(told: _Told) -> tuple[str, ...]:
    (own, p_own, _), (family, p_family, _) = told.of("own"), told.of("family")
    return (
        told.name,
        _signed(own.value, own),
        _ends(own),
        _signed(family.value, family),
        _ends(family),
        words.count(told.terms.n_own),
        words.p_value(p_own),
        words.p_value(p_family),
    )


def _coins(shown: Sequence[_Told]) -> Iterator[str]:
    """What judges without skill would show in the place of these, a line for each of them."""
    for name in dict.fromkeys(n.judge for told in shown for n in told.terms.no_skill):
        said = [part for told in shown if (part := _in_place(told, name))]
        if said:
            yield f"In the place of each {_article(name)} would show: {'; '.join(said)}."


def _in_place(told: _Told, name: str) -> str:
    """What that judge without skill shows in the place of one, "" where it shows nothing."""
    beside = next((n for n in told.terms.no_skill if n.judge == name), None)
    if beside is None:
        return ""
    pairs = (("own", beside.own, told.terms.own), ("family", beside.family, told.terms.family))
    values = [f"{kind} {_signed(value, e)}" for kind, value, e in pairs if value is not None]
    return f"{words.name(told.name)} {', '.join(values)}" if values else ""


def _article(name: str) -> str:
    return f"a {name}" if name == "fair coin" else f"one that says {name}"


def _corrected(report: Report, panels: Sequence[SelfPreference]) -> Iterator[tuple[str, ...]]:
    """Raw and corrected side by side, of the rows that a conclusion stands on."""
    left = {(x.system, x.baseline): x.estimate for panel in panels for x in panel.left_out}
    for row in words.deciding(report.comparisons or []):
        yield _line(row.system, row.baseline, row.raw, row.family_adjusted, left)
    for score in words.deciding_scores(report.scores or []):
        if not score.criterion:
            yield _line(score.system, None, score.raw, score.family_adjusted, left)


def _line(
    system: str,
    baseline: str | None,
    raw: E,
    adjusted: E,
    left: dict[tuple[str, str | None], E],
) -> tuple[str, ...]:
    out = left.get((system, baseline))
    return (
        system,
        baseline or "",
        words.estimate(raw),
        words.estimate(adjusted) if adjusted.value is not None else words.NONE,
        words.NONE if out is None else words.estimate(out),
    )


def _undefined(panels: Sequence[SelfPreference]) -> Iterator[str]:
    """Why some system has nothing left."""
    for panel in panels:
        for left in panel.left_out:
            if left.estimate.value is None:
                yield f"{words.name(left.system)}, own votes left out: {words.clean(left.estimate.note)}."


# -- how a term is written -----------------------------------------------------------------------


def _size(value: float, e: E) -> str:
    return words.points(value) if e.unit == "difference" else words.number(value, e.unit)


def _signed(value: float | None, e: E) -> str:
    if value is None:
        return words.NONE
    if e.unit == "difference":
        return f"{round(100 * value, 1) + 0.0:+.1f} points"  # + 0.0: what rounds to -0 is 0
    return f"{round(value, 2) + 0.0:+.2f}"


def _ends(e: E) -> str:
    if e.ci_low is None or e.ci_high is None:
        return words.NONE
    if e.unit == "difference":
        return f"{100 * e.ci_low:+.1f} to {100 * e.ci_high:+.1f}"
    return f"{e.ci_low:+.2f} to {e.ci_high:+.2f}"


def _bracket(e: E) -> str:
    ends = _ends(e)
    return words.bracket(e) if ends == words.NONE else f"({words.level(e.confidence)} {ends})"


SECTION = Section("self_preference", blocks, brief=brief)
