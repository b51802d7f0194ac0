"""What judges add to their own answers and to those of their family, with what is left without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.analysis import no_skill
from judge.report import axes, words
from judge.report.blocks import (
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
from judge.report.schema import E, JudgeSelfPreference, Report, SelfPreference
from judge.stats.intervals import smallest_detectable

TITLE = "Self-preference"
ALL = "all judges"
AVERAGE = "the average judge"  # where one term is known of all and none of each
CANNOT = "cannot be measured"  # as the notes of judge.analysis.kin_regression begin
KINDS = ("own", "family")
POINTS = 100.0  # of a difference of rates
CAPTION = "What judges add to their own answers and to others of their family"
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
    """Who favours its own, and a table of all; one line where there is nothing to look for."""
    panels = report.self_preference or []
    measured = [panel for panel in panels if panel.measured]
    if not panels:
        return []
    if not measured:
        notes = dict.fromkeys(_unmeasured(panel) for panel in panels)
        return [Heading(TITLE), Paragraph(" ".join(notes), tone="note")]
    judges = _judges(report)
    terms = [*_terms(judges), *_shared(judges, measured)]
    found, clear = _sentences(
        terms, measured[0].margin, _n_tests([*judges, *map(_of_all, measured)])
    )
    told: list[Block] = [
        *([Bullets(tuple(found), tone="warning")] if found else []),
        *([Bullets(tuple(clear), tone="note")] if clear else []),
    ]
    numbers = tuple(_numbers(report, judges, measured))
    if found:
        return [Heading(TITLE), *told, *numbers]
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


_Term = tuple[_Told, str]  # whose, and which kind


def _terms(judges: Sequence[_Told]) -> list[_Term]:
    """Those that were measured."""
    return [(one, kind) for one in judges for kind in KINDS if one.of(kind)[0].value is not None]


def _shared(judges: Sequence[_Told], panels: Sequence[SelfPreference]) -> list[_Term]:
    """The terms of all judges that are known of no judge by itself, so that they are said as well."""
    known = {kind for _, kind in _terms(judges)}
    return [term for term in _terms([*map(_of_all, panels)]) if term[1] not in known]


def _of_all(panel: SelfPreference) -> _Told:
    return _Told(AVERAGE, panel)


def _n_tests(told: Sequence[_Told]) -> int:
    """How many terms were tested; of one judge alone and of all it is one test."""
    tested = [(kind, one.of(kind)) for one in told for kind in KINDS]
    return len({(kind, e.value, e.se) for kind, (e, p, _) in tested if p is not None})


def _sentences(
    terms: Sequence[_Term], margin: float | None, n_tests: int
) -> tuple[list[str], list[str]]:
    """Of each term what was found, and of the rest that nothing was. n_tests: that Holm went over."""
    found: list[_Term] = []
    clear: list[_Term] = []
    for one, kind in terms:
        e, p, _ = one.of(kind)
        (found if p is not None and p < 1 - e.confidence else clear).append((one, kind))
    found.sort(key=lambda term: -abs(_e(term).value or 0.0))
    said = [_favours(one.name, kind, _e((one, kind))) for one, kind in found[: words.SENTENCES]]
    rest = len(found) - words.SENTENCES
    more = [f"{words.counted(rest, 'more judge')} likewise: see the numbers."] if rest > 0 else []
    return [*said, *more], [*_within(clear, margin), *_nothing(clear, margin, n_tests)]


def _e(term: _Term) -> E:
    return term[0].of(term[1])[0]


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


def _is_within(term: _Term, margin: float | None) -> bool:
    e, _, within = term[0].of(term[1])
    return margin is not None and within is not None and within < 1 - e.confidence


def _within(clear: Sequence[_Term], margin: float | None) -> list[str]:
    """Of whom it is shown that there is none beyond the margin."""
    names = [_whom(term) for term in clear if _is_within(term, margin)]
    if margin is None or not names:
        return []
    return [f"{_all(names)}: no self-preference beyond {words.points(margin)}."]


def _nothing(clear: Sequence[_Term], margin: float | None, n_tests: int) -> list[str]:
    """Of whom nothing was found, and how small an effect would have been."""
    tried = [term for term in clear if not _is_within(term, margin)]
    sizes = [smallest_detectable(_e(t).se, alpha=_alpha(_e(t), n_tests)) for t in tried]
    known = [size for size in sizes if size is not None]
    if not tried:
        return []
    head = f"{_all([_whom(term) for term in tried])}: checked, nothing found"
    if len(known) < len(sizes):
        return [f"{head}; how small an effect would have been seen is not known."]
    size = _size(max(known), _e(tried[0]))
    return [f"{head}; an effect above {size} would most likely have been seen."]


def _alpha(e: E, n_tests: int) -> float:
    return (1 - e.confidence) / max(1, n_tests)


def _whom(term: _Term) -> str:
    return f"{words.name(term[0].name)} on {_whose(term[1])}"


def _all(names: Sequence[str]) -> str:
    return words.listed(names, cells=80)


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
    yield from _plot(shown)
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


def _plot(shown: Sequence[_Told]) -> Iterator[Block]:
    """What each judge adds to its own answers and to those of its family, on one axis."""
    marks = tuple(_mark(told, kind) for told in shown for kind in KINDS if _is_known(told, kind))
    unit = ", in points" if any(_scale(told.terms.own) == POINTS for told in shown) else ""
    if marks:
        sides = ("← less than others", "more than others →")
        yield Forest(marks, f"{CAPTION}{unit}", sides, axes.both_sides(marks))


def _is_known(told: _Told, kind: str) -> bool:
    return told.of(kind)[0].value is not None


def _mark(told: _Told, kind: str) -> Mark:
    e, scale = told.of(kind)[0], _scale(told.of(kind)[0])
    value, low, high = (
        None if end is None else scale * end for end in (e.value, e.ci_low, e.ci_high)
    )
    said = f"{_signed(e.value, e)} ({_ends(e)})" if low is not None else _signed(e.value, e)
    return Mark(f"{told.name}: {kind}", said, value, low, high, told.name.startswith(ALL))


def _scale(e: E) -> float:
    return POINTS if e.unit == "difference" else 1.0


def _table(shown: Sequence[_Told]) -> Table:
    """A line a judge, with the kinds of answers that are known of any."""
    kinds = [kind for kind in KINDS if any(_is_known(told, kind) for told in shown)]
    level = words.level(shown[0].terms.own.confidence)
    titles = {"own": "own", "family": "its family"}
    columns = (
        Column("judge", "name"),
        *(column for kind in kinds for column in (Column(titles[kind]), Column(level))),
        Column("told from"),
        *(Column(f"p {kind}", optional=True) for kind in kinds),
    )
    return Table(columns, tuple(_cells(told, kinds) for told in shown))


def _cells(told: _Told, kinds: Sequence[str]) -> tuple[str, ...]:
    known = [told.of(kind) for kind in kinds]
    return (
        told.name,
        *(cell for e, _, _ in known for cell in (_signed(e.value, e), _ends(e))),
        words.count(told.terms.n_own),
        *(words.p_value(p) for _, p, _ in known),
    )


def _coins(shown: Sequence[_Told]) -> Iterator[str]:
    """What judges without skill would show in the place of these, from the least to the most."""
    names = dict.fromkeys(n.judge for told in shown for n in told.terms.no_skill)
    said = [
        f"{_NO_SKILL.get(name, name)} {ends}" for name in names if (ends := _range(shown, name))
    ]
    if said:
        yield f"Without any skill, in the place of one of these: {'; '.join(said)}."


_NO_SKILL = {
    no_skill.FAIR_COIN: "a fair coin",
    no_skill.ALWAYS_FIRST: "always the first",
    no_skill.ALWAYS_LONGER: "always the longer",
}


def _range(shown: Sequence[_Told], name: str) -> str:
    """The least and the most that a judge without skill shows in the place of any."""
    beside = [n for told in shown for n in told.terms.no_skill if n.judge == name]
    values = [v for n in beside for v in (n.own, n.family) if v is not None]
    if not values:
        return ""
    e = shown[0].terms.own
    least, most = _signed(min(values), e), _signed(max(values), e)
    return least if least == most else f"{least.removesuffix(' points')} to {most}"


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
        return f"{words.signed(100 * value, 1)} points"
    return words.signed(value)


def _ends(e: E) -> str:
    if e.ci_low is None or e.ci_high is None:
        return words.NONE
    if e.unit == "difference":
        return f"{words.signed(100 * e.ci_low, 1)} to {words.signed(100 * e.ci_high, 1)}"
    return f"{words.signed(e.ci_low)} to {words.signed(e.ci_high)}"


def _bracket(e: E) -> str:
    ends = _ends(e)
    return words.bracket(e) if ends == words.NONE else f"({words.level(e.confidence)} {ends})"


SECTION = Section("self_preference", blocks, brief=brief)
