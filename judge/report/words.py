"""How a number, a name and a finding are put into words: the same on a terminal and on a page.

Names come from files and from judges' APIs, so nothing is shown before clean() has made it harmless.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from rich.cells import cell_len

from judge.report.schema import Comparison, E, Report, Score
from judge.types import PANEL

NONE = "–"
SENTENCES = 5  # findings that are said one by one before "and N more"
NAME_CELLS = 40


# -- names ---------------------------------------------------------------------------------------


def is_hidden(char: str) -> bool:
    """Whether a character has no picture of its own: controls, bidi marks, zero-width, surrogates."""
    return not char.isprintable() and unicodedata.category(char) != "Zs"


def clean(text: str) -> str:
    """The text with hidden characters written out as escapes, so that it cannot steer what shows it."""
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii") if is_hidden(char) else char for char in text
    )


def clean_lines(text: str) -> str:
    """A text of several lines made harmless, with its line breaks and the width of its tabs."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(clean(line.expandtabs(4)) for line in lines)


def shorten(text: str, cells: int) -> str:
    """The text in at most so many terminal cells, an ellipsis in its middle where it was too long."""
    if cell_len(text) <= cells and len(text) <= 4 * cells:  # combining marks take no cell
        return text
    head = _fitting(text, (cells - 1) // 2)
    tail = _fitting(text[::-1], (cells - 1) - cell_len(head))[::-1]
    short = f"{head}…{tail}"
    return short if cell_len(short) <= cells else _fitting(f"{head}…", cells)


def _fitting(text: str, cells: int) -> str:
    """The longest start of a text that takes at most so many cells (and four characters a cell)."""
    end = min(len(text), 4 * max(cells, 0))
    while cell_len(text[:end]) > cells:
        end -= 1
    return text[:end]


def name(text: str, cells: int = NAME_CELLS) -> str:
    """A name as it stands in a sentence: harmless and not too long."""
    return shorten(clean(text), cells)


def listed(names: Sequence[str], most: int = 5, cells: int = NAME_CELLS) -> str:
    """Names joined as in "x, y and z", those past the first few counted."""
    shown = [name(n, cells) for n in names[:most]]
    if len(names) > most:
        shown.append(f"{count(len(names) - most)} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


# -- numbers -------------------------------------------------------------------------------------


def count(number: int | None) -> str:
    return NONE if number is None else f"{number:,}"


def counted(number: int, thing: str) -> str:
    """A count with its noun: "1 item", "62 items"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def percent(rate: float | None) -> str:
    return NONE if rate is None else f"{_rounded(rate, '0.001') * 100:.1f} %"


def points(rate: float) -> str:
    """A difference of two rates, in points of a hundred."""
    return f"{_rounded(rate, '0.001') * 100:.1f}".removesuffix(".0") + " points"


def _rounded(value: float, step: str) -> Decimal:
    """The value as people round it: halves, which are common in small samples, away from zero.

    What rounds to zero has no sign.
    """
    return Decimal(repr(float(value))).quantize(Decimal(step), ROUND_HALF_UP) + 0


def signed(value: float | None, digits: int = 2) -> str:
    """The value with its sign, which a zero has not."""
    if value is None:
        return NONE
    shown = _rounded(value, f"1e-{digits}")
    return f"{shown:+.{digits}f}" if shown else f"{shown:.{digits}f}"


def p_value(p: float | None) -> str:
    if p is None:
        return NONE
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def usd(amount: float | None) -> str:
    """Dollars and cents, finer for less than ten cents; "unknown" where a price is."""
    if amount is None:
        return "unknown"
    if amount == 0 or amount >= 0.1:
        return f"${amount:,.2f}"
    return "<$0.0001" if amount < 0.0001 else f"${amount:.4f}"


def number(value: float | None, unit: str) -> str:
    """A value of that unit: rates as percentages, all else with two decimals."""
    if value is None:
        return NONE
    return percent(value) if unit == "rate" else f"{_rounded(value, '0.01'):.2f}"


def level(confidence: float) -> str:
    return f"{100 * confidence:.4g} % interval"


def interval(e: E) -> str:
    """Both ends of an estimate's interval: "54.0 to 68.4 %"."""
    if e.ci_low is None or e.ci_high is None:
        return NONE
    return f"{number(e.ci_low, e.unit).removesuffix(' %')} to {number(e.ci_high, e.unit)}"


def estimate(e: E) -> str:
    """A value with its interval: "61.2 % (54.0 to 68.4 %)"."""
    value = number(e.value, e.unit)
    return value if e.ci_low is None else f"{value} ({interval(e)})"


def bracket(e: E) -> str:
    """An estimate's interval as it stands in a sentence, or why it has none."""
    if e.ci_low is None or e.ci_high is None:
        why = e.note.rpartition("no interval: ")[2]
        return f"(no interval: {clean(why)})" if why else "(no interval)"
    return f"({level(e.confidence)} {interval(e)})"


# -- slices --------------------------------------------------------------------------------------


def slicing(slice_: str) -> tuple[str, str]:
    """What items were told apart by, and by which of its values: ("category", "code")."""
    by, mark, value = slice_.partition("=")
    return (by, value) if mark else ("", slice_)


# -- sentence one: what came out -----------------------------------------------------------------


def decided(row: Comparison) -> E:
    """The estimate that a comparison's conclusion stands on."""
    return row.human_corrected if row.basis == "human_corrected" else row.raw


def deciding(rows: Sequence[Comparison]) -> list[Comparison]:
    """The rows that a conclusion stands on, or would stand on with more data."""
    compared = [((row.system, row.baseline), row.judge) for row in rows if not row.slice]
    heads = _heads(compared)
    return [row for row in rows if not row.slice and heads[row.system, row.baseline] == row.judge]


def deciding_scores(rows: Sequence[Score]) -> list[Score]:
    """The overall scores of the panel or the sole judge; those by criterion where none is overall."""
    whole = [row for row in rows if not row.slice]
    heads = _heads([((row.rubric, row.criterion), row.judge) for row in whole])
    mine = [row for row in whole if heads[row.rubric, row.criterion] == row.judge]
    mine.sort(key=lambda row: row.difference_from_baseline.value is None)  # the baseline comes last
    return [row for row in mine if not row.criterion] or mine


def _heads(asked: Iterable[tuple[tuple[str, str], str]]) -> dict[tuple[str, str], str | None]:
    """What is judged -> who is concluded from: the panel, else the sole judge, else nobody."""
    judges: dict[tuple[str, str], set[str]] = {}
    for what, judge in asked:
        judges.setdefault(what, set()).add(judge)
    return {what: _head(who) for what, who in judges.items()}


def _head(judges: set[str]) -> str | None:
    if PANEL in judges:
        return PANEL
    return next(iter(judges)) if len(judges) == 1 else None


def comparison_sentence(row: Comparison, n_labelled: int | None = None) -> str:
    """What a comparison found, with its estimate, interval and number of items, of which so many labelled."""
    system, baseline, e = name(row.system), name(row.baseline), decided(row)
    if e.value is None or e.ci_low is None:
        return _undecided(system, baseline, e)
    wins = f"{percent(e.value)} of {counted(e.n, 'item')} {bracket(e)}, ties counting half"
    if row.conclusion is None:
        return f"Nothing is concluded about {system} and {baseline}: {system} wins {wins}."
    wins = f"{wins}{_by_people(row, n_labelled)}"
    if row.conclusion in ("better", "worse"):
        return f"{system} is {row.conclusion} than {baseline}: it wins {wins}."
    if row.conclusion == "equivalent":
        return f"{system} and {baseline} are equivalent: {system} wins {wins}."
    shown = f"was shown{_after_correction(e)}: {system} wins {wins}{_undetectable(row, e)}"
    return f"No difference between {system} and {baseline} {shown}."


def _by_people(row: Comparison, n_labelled: int | None) -> str:
    """What the judging alone gives, where people's labels decided, and whether it would say otherwise."""
    raw = row.raw
    if row.basis != "human_corrected" or raw.value is None:
        return ""
    of = "" if n_labelled is None else f" of {count(n_labelled)} pairs"
    told = f", corrected by people's labels{of} (as judged {percent(raw.value)}"
    if raw.ci_low is None or raw.ci_high is None or row.conclusion not in _SIDES:
        return f"{told})"
    alone = "better" if raw.ci_low > 0.5 else "worse" if raw.ci_high < 0.5 else _SHOWN_NOTHING
    if alone == row.conclusion:
        return f"{told})"
    said = "show no difference" if alone == _SHOWN_NOTHING else f"say {alone}"
    return f"{told}, which alone would {said})"


_SHOWN_NOTHING = "no difference shown"
_SIDES = ("better", "worse", _SHOWN_NOTHING)


def _undecided(system: str, baseline: str, e: E) -> str:
    head = f"There is not enough data to say whether {system} is better than {baseline}"
    if e.value is not None and e.se == 0:  # more of the same would not tell either
        head = f"It cannot be said whether {system} is better than {baseline}"
    if e.value is None:
        return f"{head}: {clean(e.note)}." if e.note else f"{head}."
    return f"{head}: it wins {percent(e.value)} of {counted(e.n, 'item')} {bracket(e)}."


def _after_correction(e: E) -> str:
    """Why there is no difference although the interval, which is not corrected, leaves out a half."""
    is_outside = e.ci_low is not None and e.ci_high is not None and not e.ci_low <= 0.5 <= e.ci_high
    return " once all comparisons are counted" if is_outside else ""


def _undetectable(row: Comparison, e: E) -> str:
    if row.smallest_detectable is None:
        return ""
    size = points(row.smallest_detectable)
    return f"; differences under {size} may have gone unseen with {counted(e.n, 'item')}"


def score_sentence(row: Score) -> str:
    """What a system scored, and how far that is from the baseline where there is one."""
    on = f" on {name(row.criterion)}" if row.criterion else ""
    if row.raw.value is None:
        why = f": {clean(row.raw.note)}" if row.raw.note else ""
        return f"{name(row.system)} has no score{on}{why}."
    told = f"{name(row.system)} scores {number(row.raw.value, row.raw.unit)}{on} {bracket(row.raw)}"
    return f"{told} over {counted(row.raw.n, 'item')}{_apart(row.difference_from_baseline)}."


def _apart(e: E) -> str:
    if e.value is None:
        return ""
    if e.value == 0:
        return f", the same as the baseline {bracket(e)}"
    size = number(abs(e.value), e.unit).replace(" %", " points")
    told = f", {size} {'above' if e.value > 0 else 'below'} the baseline {bracket(e)}"
    return f"{told}: no difference shown" if _holds_zero(e) else told


def _holds_zero(e: E) -> bool:
    return e.ci_low is not None and e.ci_high is not None and e.ci_low <= 0 <= e.ci_high


def findings(report: Report) -> list[str]:
    """The conclusions, one sentence each, of many systems one for all that fared alike; or why none."""
    rows = deciding(report.comparisons or [])
    if len(rows) > SENTENCES:
        return _together(rows)
    told = [comparison_sentence(row, _labelled(report, row)) for row in rows]
    told = told or [score_sentence(row) for row in deciding_scores(report.scores or [])]
    if not told:
        return [_nothing(report)]
    more = len(told) - SENTENCES
    return (
        told if more <= 0 else [*told[:SENTENCES], f"And {count(more)} more, in the tables below."]
    )


def _labelled(report: Report, row: Comparison) -> int | None:
    """How many pairs people labelled, of those that a corrected number stands on."""
    mine = (row.system, row.baseline, row.judge, row.rubric, row.variant)
    known = [] if report.correction is None else report.correction.rows
    return next(
        (
            one.n_labelled
            for one in known
            if (one.system, one.baseline, one.judge, one.rubric, one.variant) == mine
        ),
        None,
    )


def _together(rows: Sequence[Comparison]) -> list[str]:
    """A sentence for all systems that came to the same conclusion, the highest win rate first."""
    alike: dict[tuple[str, str | None], list[Comparison]] = {}
    for row in sorted(rows, key=lambda row: -(decided(row).value or 0.0)):
        alike.setdefault((row.baseline, _concluded(row)), []).append(row)
    return [_fared(baseline, how, own, len(rows)) for (baseline, how), own in alike.items()]


def _concluded(row: Comparison) -> str | None:
    """The conclusion, None where there is too little to conclude anything."""
    e = decided(row)
    return None if e.value is None or e.ci_low is None else row.conclusion


def _fared(baseline: str, how: str | None, rows: Sequence[Comparison], n: int) -> str:
    values = [decided(row).value for row in rows]
    names = [
        name(row.system)
        if value is None
        else f"{name(row.system)} ({'wins ' * (not k)}{percent(value)})"
        for k, (row, value) in enumerate(zip(rows, values, strict=True))
    ]
    who = f"{len(rows):,} of {n:,} systems"
    verb = "is" if len(rows) == 1 else "are"
    said = {
        "better": f"{who} {verb} better than {name(baseline)}",
        "worse": f"{who} {verb} worse than {name(baseline)}",
        "equivalent": f"{who} {verb} equivalent to {name(baseline)}",
        "no difference shown": f"No difference from {name(baseline)} was shown for {who}",
    }.get(how or "", f"Nothing can be concluded about {who}")
    return f"{said}: {listed(names, cells=60)}."


def _nothing(report: Report) -> str:
    if report.comparisons or report.scores:
        return "The judges are reported one by one; nothing is concluded from any single one."
    return "No systems are compared here: the report is about the judges alone."
