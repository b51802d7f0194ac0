"""What the slices say, in sentences: that a whole hides a difference, or that none was found.

The slices are those of the panel or the sole judge, that the test was made on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from judge.report import words
from judge.report.schema import Comparison, E, Report, Score, Slicing

Row = Comparison | Score

LENGTH = "prompt_length"


def rows_of(report: Report, slicing: Slicing) -> list[Row]:
    """The rows of a slicing's slices, in its order."""
    rows: list[Row] = [*(report.comparisons or []), *_overall(report)]
    known = {_about(row): row for row in rows}
    of = (slicing.system, slicing.judge, slicing.rubric)
    return [known[part.slice, *of] for part in slicing.slices if (part.slice, *of) in known]


def _overall(report: Report) -> list[Score]:
    return [row for row in report.scores or [] if not row.criterion]


def _about(row: Row) -> tuple[str, str, str, str]:
    return (row.slice, row.system, row.judge, row.rubric)


def estimate_of(row: Row, slicing: Slicing) -> E:
    """What is held against the other slices: the win rate, the difference from a baseline, the score."""
    is_difference = isinstance(row, Score) and slicing.baseline is not None
    return row.difference_from_baseline if is_difference and isinstance(row, Score) else row.raw


def differences(report: Report) -> list[str]:
    """A sentence for each slicing whose slices differ; past a handful they are counted."""
    told = [_difference(report, slicing) for slicing in report.slicings or [] if slicing.differs]
    more = len(told) - words.SENTENCES
    shown = told[: words.SENTENCES]
    return shown if more <= 0 else [*shown, f"And {words.count(more)} more, in the tables below."]


def _difference(report: Report, slicing: Slicing) -> str:
    tested = {part.slice for part in slicing.slices if part.in_test}
    found = [
        (e.value, row.slice, e)
        for row in rows_of(report, slicing)
        if row.slice in tested and (e := estimate_of(row, slicing)).value is not None
    ]
    (_, most, high), (_, least, low) = max(found, key=_value), min(found, key=_value)
    verb, told = _achieved(slicing)
    on = _where(slicing.name, words.slicing(most)[1], words.slicing(least)[1])
    p = words.p_value(slicing.p_value)
    return (
        f"{words.name(slicing.system)} {verb} {told(high)} {on[0]} and {told(low)} {on[1]} "
        f"(p {'< ' if p[0] == '<' else '= '}{p.lstrip('<')}): the whole hides a difference."
    )


def _value(found: tuple[float, str, E]) -> float:
    return found[0]


def _achieved(slicing: Slicing) -> tuple[str, Callable[[E], str]]:
    """The verb and the number of a sentence."""
    if slicing.unit == "rate":
        return "wins", lambda e: words.percent(e.value)
    if slicing.baseline is None:
        return "scores", lambda e: words.number(e.value, e.unit)
    return (
        "scores",
        lambda e: (
            f"{words.number(abs(e.value or 0.0), e.unit)} {'above' if (e.value or 0) >= 0 else 'below'} "
            f"{words.name(slicing.baseline or '')}"
        ),
    )


def _where(name: str, first: str, second: str) -> tuple[str, str]:
    """Where a number holds, said for the first and the second of two slices."""
    if name == LENGTH and "(none)" not in (first, second):
        return f"on {first} prompts", f"on {second} ones"
    return (
        f"where {title(name)} is {words.name(first)}",
        f"where it is {words.name(second)}",
    )


def title(name: str) -> str:
    """A slicing's name as people say it."""
    return "prompt length" if name == LENGTH else words.name(name)


def quiet(report: Report) -> str:
    """The line on slicings that nothing was found in, "" where there is none.

    What could have been found is said with it.
    """
    found = report.slicings or []
    differing = {slicing.name for slicing in found if slicing.differs}
    rest = [slicing for slicing in found if slicing.name not in differing]
    tested = _by_name([slicing for slicing in rest if slicing.differs is not None])
    untold = [name for name in _by_name(rest) if name not in tested]
    lines = []
    if tested:
        lines.append(
            f"Checked by {words.listed([*tested])}: no difference between slices was shown"
            f"{_unseen(tested)}."
        )
    if untold:
        lines.append(f"By {words.listed(untold)} there are too few items to compare slices.")
    return " ".join(lines)


def _by_name(slicings: Sequence[Slicing]) -> dict[str, list[Slicing]]:
    found: dict[str, list[Slicing]] = {}
    for slicing in slicings:
        found.setdefault(title(slicing.name), []).append(slicing)
    return found


def _unseen(tested: Mapping[str, Sequence[Slicing]]) -> str:
    """How large a difference would have been shown, by each slicing; the largest over its systems."""
    sizes = {name: _detectable(own) for name, own in tested.items()}
    known = {name: said for name, said in sizes.items() if said}
    if not known:
        return "; there are too few items to see one"
    if len(known) < len(tested) or len(set(known.values())) > 1:
        parts = " or ".join(f"{said} by {name}" for name, said in known.items())
    else:
        parts = next(iter(known.values()))
    return f"; one above {parts} would most likely have been seen"


def _detectable(own: Sequence[Slicing]) -> str:
    """A size in words, "" where no difference that can be would have been shown."""
    sizes = [s.smallest_detectable for s in own if s.smallest_detectable is not None]
    is_rate = own[0].unit == "rate"
    if not sizes or (is_rate and max(sizes) >= 1):
        return ""
    return words.points(max(sizes)) if is_rate else words.number(max(sizes), "score")
