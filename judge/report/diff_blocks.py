"""A diff in words: what moved, what it may be put down to, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judge.report import words
from judge.report.blocks import Block, Bullets, Column, Facts, Heading, Paragraph, Table
from judge.report.diff_schema import Diff, DiffChange, DiffFlip, DiffJudge, DiffRun, DiffVerdicts
from judge.report.schema import E

SENTENCES = 5
STILL = "every value is the same"  # as in the note that stats.intervals writes
PLAINLY_SAME = ("alike", "the same")  # as judge.diff.same says it where there is no more to say


def blocks(diff: Diff) -> list[Block]:
    """The whole diff, what most readers want first."""
    return [
        Heading("What moved", level=1),
        *_findings(diff),
        *([Paragraph(_cause(diff), tone="note")] if diff.changes else []),
        *([Bullets(tuple(diff.warnings), tone="warning")] if diff.warnings else []),
        Heading("Runs"),
        Facts(tuple((f"run {n}", _run(run)) for n, run in enumerate(diff.runs, 1))),
        *_aspects(diff),
        *(_trends(diff) if len(diff.runs) > 2 else _changes(diff)),
        *_judges(diff),
        *_verdicts(diff),
    ]


# -- what came out -------------------------------------------------------------------------------


def _findings(diff: Diff) -> list[Block]:
    told = [sentence(change, len(diff.runs)) for change in diff.changes if change.decides]
    if not told:
        return [Paragraph(_nothing(diff), tone="lead")]
    if len(told) == 1:
        return [Paragraph(told[0], tone="lead")]
    more = len(told) - SENTENCES
    extra = [f"And {words.count(more)} more, in the tables below."] if more > 0 else []
    return [Bullets((*told[:SENTENCES], *extra), tone="lead")]


def _nothing(diff: Diff) -> str:
    if not diff.changes:
        return "No number is in every run, so there is nothing to compare."
    return (
        "Nothing is concluded: the runs have neither a panel nor a sole judge in common; the judges "
        "are compared one by one."
    )


def sentence(change: DiffChange, last: int) -> str:
    """What a number did from the first run to the last, with its paired interval."""
    e, before, after = _moved(change), change.values[0], change.values[-1]
    what, told = _what(change), f"{_value(before)} in run 1, {_value(after)} in run {last}"
    if e.value is None:
        return f"How {what} moved is not known ({told}): {words.clean(e.note)}."
    size = f"paired difference {signed(e)}{_points(e)} {bracket(e)}"
    over = f" on {words.counted(e.n, 'item')}{_p(change)}"
    if change.conclusion is None and e.ci_low is not None:
        return f"Nothing is concluded of {what}: {told}; {size}{over}."
    if change.conclusion in ("higher", "lower"):
        return f"{_capital(what)} is {change.conclusion} in run {last} than in run 1: {told}; {size}{over}."
    if e.value == 0 and STILL in e.note:
        return f"{_capital(what)} did not move on any of {words.counted(e.n, 'item')}: {told}."
    if e.ci_low is None:
        return f"Whether {what} moved cannot be said: {told}; {size}{over}."
    return f"No change of {what} was shown: {told}; {size}{over}."


def _what(change: DiffChange) -> str:
    """A number's name in a sentence."""
    system = " / ".join(words.name(own) for own in dict.fromkeys(change.systems))
    if change.baseline is not None:
        return f"the win rate of {system} against {words.name(change.baseline)}"
    return f"the score of {system}" + (
        f" on {words.name(change.criterion)}" if change.criterion else ""
    )


def _moved(change: DiffChange) -> E:
    last = change.from_first[-1]
    assert last is not None  # null at the first run only
    return last


def _p(change: DiffChange) -> str:
    if change.p_value is None:
        return ""
    holm = f", Holm over {change.n_tests}" if change.n_tests > 1 else ""
    p = words.p_value(change.p_value)
    return f" (p {p if p.startswith('<') else f'= {p}'}{holm})"


def _cause(diff: Diff) -> str:
    """What the movement can be put down to."""
    names = [aspect.name for aspect in diff.aspects if aspect.is_cause]
    flips = sum(row.alike_flipped for row in diff.verdicts)
    alike = sum(row.alike for row in diff.verdicts)
    noise = ""
    if alike:
        noise = (
            f" Of {words.counted(alike, 'verdict')} on questions that were asked word for word "
            f"alike, {words.count(flips)} flipped."
        )
    if not names:
        return _unexplained(diff) + noise
    if len(names) == 1:
        return (
            f"All else that is recorded is the same but for one thing, {names[0]}: what moved beyond "
            "repeat noise is due to it, or to the model behind a judge's name having changed "
            f"(drift).{noise}"
        )
    return (
        f"{_capital(words.listed(names))} differ: what moved cannot be put down to one of "
        f"them.{noise}"
    )


def _unexplained(diff: Diff) -> str:
    same = "Responses, rubric and judges are the same"
    if not sum(row.flipped for row in diff.verdicts):
        return f"{same}, and so is the label of every verdict that both have."
    return (
        f"{same}, the verdicts are not: that is repeat noise, or the model behind a judge's name has "
        "changed (drift)."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- the runs and what they share ----------------------------------------------------------------


def _run(run: DiffRun) -> str:
    against = f" against {words.name(run.baseline)}" if run.baseline is not None else ""
    systems = [s for s in run.systems if s != run.baseline]
    return (
        f"{run.run_id}, {run.command} {words.listed(systems)}{against}, "
        f"{words.counted(run.items, 'item')}, {words.listed(run.rubrics)}, "
        f"{words.listed(run.judges)}, {run.state}, {run.started_at[:16]}, {run.store}"
    )


def _aspects(diff: Diff) -> list[Block]:
    differs = tuple((a.name, a.said) for a in diff.aspects if not a.same)
    shared = "; ".join(
        a.name if a.said in PLAINLY_SAME else f"{a.name} ({a.said})" for a in diff.aspects if a.same
    )
    told: list[Block] = [Heading("What is the same"), Paragraph(f"{_capital(shared)}.")]
    return [Heading("What differs"), Facts(differs), *told] if differs else told


# -- numbers -------------------------------------------------------------------------------------


def _changes(diff: Diff) -> list[Block]:
    """Two runs: a row a number."""
    rows = diff.changes
    if not rows:
        return []
    criteria = len({row.criterion for row in rows}) > 1
    wordings = len({(row.rubric, row.variant) for row in rows if row.rubric}) > 1
    columns = (
        Column("system", "name"),
        *([Column("criterion", "name")] if criteria else []),
        Column("judge", "name"),
        *([Column("wording", "name")] if wordings else []),
        Column("run 1"),
        Column("run 2"),
        Column("change"),
        Column(words.level(_moved(rows[0]).confidence), "text"),
        Column("p"),
        Column("n"),
        Column("missing", optional=True),
    )
    return [
        Heading("Numbers"),
        Table(columns, tuple(_cells(row, criteria, wordings) for row in rows), _caption(rows[0])),
        *_notes(rows),
    ]


def _caption(row: DiffChange) -> str:
    what = "Win rates" if row.baseline is not None else "Scores"
    unit = " in points" if row.baseline is not None else ""
    return f"{what}; change: run 2 minus run 1{unit}, item by item"


def _cells(row: DiffChange, criteria: bool, wordings: bool) -> tuple[str, ...]:
    e = _moved(row)
    return (
        _systems(row),
        *([row.criterion or "overall"] if criteria else []),
        row.judge,
        *([" ".join(n for n in (row.rubric, row.variant) if n)] if wordings else []),
        _value(row.values[0]),
        _value(row.values[-1]),
        signed(e),
        span(e),
        words.p_value(row.p_value),
        words.count(e.n),
        words.count(e.n_missing),
    )


def _systems(row: DiffChange) -> str:
    return " / ".join(dict.fromkeys(row.systems))


def _trends(diff: Diff) -> list[Block]:
    """Three runs or more: a table a number, a row a run."""
    out: list[Block] = [Heading("Numbers")] if diff.changes else []
    for row in diff.changes:
        judge = f" by {row.judge}"
        wording = " ".join(n for n in (row.rubric, row.variant) if n)
        caption = f"{_capital(_what(row))}{judge}{f' ({wording})' if wording else ''}"
        rows = tuple(_trend(row, n) for n in range(len(row.values)))
        out.append(Table(_trend_columns(row), rows, caption))
    return [*out, *_notes(diff.changes)]


def _trend_columns(row: DiffChange) -> tuple[Column, ...]:
    return (
        Column("run"),
        Column("value"),
        Column(words.level(row.values[0].confidence), "text"),
        Column("from the run before", "text"),
        Column("from run 1", "text"),
        Column("n"),
    )


def _trend(row: DiffChange, n: int) -> tuple[str, ...]:
    value = row.values[n]
    return (
        str(n + 1),
        _value(value),
        words.interval(value),
        _apart(row.from_previous[n]),
        _apart(row.from_first[n]),
        words.count(value.n),
    )


def _apart(e: E | None) -> str:
    return words.NONE if e is None or e.value is None else f"{signed(e)} ({span(e)})"


def _notes(rows: Sequence[DiffChange]) -> list[Block]:
    told = [
        f"{words.name(_systems(row))}, {words.name(row.judge)}: {e.note}"
        for row in rows
        for e in row.from_first
        if e is not None and e.note
    ]
    lines = tuple(dict.fromkeys(told))
    return [Bullets(lines, tone="note")] if lines else []


def _value(e: E) -> str:
    return words.number(e.value, e.unit)


def signed(e: E) -> str:
    """A difference with its sign: rates in points."""
    return words.NONE if e.value is None else _signed(e.value, e.unit)


def _signed(value: float, unit: str) -> str:
    size = words.number(abs(value), unit).removesuffix(" %")
    return size if not float(size.replace(",", "")) else f"{'+' if value > 0 else '-'}{size}"


def span(e: E) -> str:
    """Both ends of a difference's interval: "+1.0 to +9.4"."""
    if e.ci_low is None or e.ci_high is None:
        return words.NONE
    return f"{_signed(e.ci_low, e.unit)} to {_signed(e.ci_high, e.unit)}"


def _points(e: E) -> str:
    return " points" if e.unit == "rate" else ""


def bracket(e: E) -> str:
    """A difference's interval as it stands in a sentence, or why it has none."""
    if e.ci_low is None:
        return words.bracket(e)
    return f"({words.level(e.confidence)} {span(e)})"


# -- judges and verdicts -------------------------------------------------------------------------


def _judges(diff: Diff) -> list[Block]:
    if not diff.judges:
        return []
    columns = (
        Column("judge", "name"),
        Column("run"),
        Column("consistency"),
        Column("95 % interval", "text"),
        Column("first shown"),
        Column("missing"),
        Column("reused", optional=True),
        Column("cost"),
    )
    rows = tuple(row for judge in diff.judges for row in _judge(judge))
    return [Heading("Judges"), Table(columns, rows)]


def _judge(judge: DiffJudge) -> Iterator[tuple[str, ...]]:
    label = f"{judge.judge} ({judge.variant})" if judge.variant else judge.judge
    for number, run in enumerate(judge.runs, 1):
        yield (
            label if number == 1 else "",
            str(number),
            words.percent(run.consistency.value),
            words.interval(run.consistency),
            words.percent(run.first_shown_rate.value),
            words.percent(run.missing_share),
            words.count(run.reused),
            words.NONE if run.reused is None else words.usd(run.cost_usd),
        )


def _verdicts(diff: Diff) -> list[Block]:
    if not diff.verdicts:
        return []
    last = len(diff.runs)
    columns = (
        Column("judge", "name"),
        Column("in both"),
        Column("flipped"),
        Column("to the other system"),
        Column("asked alike"),
        Column("of these flipped"),
        Column("same answer"),
    )
    table = Table(
        columns,
        tuple(_counts(row) for row in diff.verdicts),
        f"Verdicts that run 1 and run {last} both have",
    )
    told = tuple(_flip(flip) for row in diff.verdicts for flip in row.first)
    more = sum(row.flipped for row in diff.verdicts) - len(told)
    extra = (f"and {words.count(more)} more (--json lists the first of each judge)",)
    listed = (*told, *(extra if more > 0 else ()))
    return [
        Heading("Verdicts that flipped"),
        table,
        *([Bullets(listed)] if told else []),
    ]


def _counts(row: DiffVerdicts) -> tuple[str, ...]:
    numbers = (row.compared, row.flipped, row.reversed, row.alike, row.alike_flipped)
    return (row.judge, *map(words.count, numbers), words.count(row.same_answer))


def _flip(flip: DiffFlip) -> str:
    order = f", {flip.order}" if flip.order else ""
    repeat = f", repeat {flip.repeat}" if flip.repeat > 1 else ""
    alike = " (asked word for word alike)" if flip.same_question else ""
    said = f"{words.name(flip.before)}, then {words.name(flip.after)}{alike}"
    return f"{words.name(flip.item_id)}, {words.name(flip.judge)}{order}{repeat}: {said}"
