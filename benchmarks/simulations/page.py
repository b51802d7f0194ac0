"""docs/simulations.md from the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from benchmarks.simulations.study import (
    ALPHA,
    BAND,
    SEED,
    AlarmResult,
    Covered,
    IntervalResult,
)
from judge.stats.intervals import counted, holm

MOSTLY = 0.5  # of the runs whose note warns
COMMAND = "python -m benchmarks.simulations"

INTRODUCTION = """\
# Simulations: do the intervals cover, and are the findings findings?

Written by `{command}`; seed {seed}, {runs} runs a study. Verdicts are drawn from a known truth and go
through the callables that a report uses (`benchmarks/simulations/`). An interval of 95 % is held to a
coverage from {low:g} to {high:g}: "under" or "over" where an exact binomial test at {alpha:g} puts it outside
that band; "warned" where the estimate's own note says so in most runs. A number after ± is the Monte
Carlo standard error. A finding made of nothing is held to {alpha:.0%}, by a one-sided binomial test with
Holm's correction over all of them.
"""

PLANTED = """\
P(a wins) is the logistic model with strength 0.4 (a win rate of 0.5987), position and length coefficients of
0.8 where they are planted, and 0.1 more on the win rate from judge 0, a's relative, where family is. a's
answers are longer by a quarter on average. A judge's two orders, the judges and the items of a cluster
depend on each other through a Gaussian copula, which leaves every P(a wins) as it is. *Truth* is the
preference without any bias. *Limit* is what the estimator tends to with endless items: where it does not take
out what was planted, that differs from the truth, the interval is about the limit, and the verdict (in
brackets) is on that. One judge is judge 0; the panel is that and two that share a family's vote.
"""

OUTSIDE = """\
Here an assumption is broken on purpose, so nothing is held to the band: a coverage of the truth far below
0.95 is what happens to whoever trusts the estimate there. *Truth* is the preference without position or
length bias, averaged over items.
"""

ALARMS = """\
Every statement that a report makes when it has found something, on data in which there is nothing to find. A
rival is another's rule on the same data, there for comparison.
"""

REPORTED = """\
What `judge analyze` gives of one table, every number with an interval by its place in the analysis: pairs in
both orders by two judges, with a position, a length and a family bias and one rater's labels. *Truth* is the
same analysis of 400 times as many pairs.
"""

AGREEMENT = """\
Three people and a judge see a true label or value, each with an error of their own; units of a cluster share
half of the variance of theirs. *Truth* is the coefficient of 400,000 units of the same kind (of systems: of
these systems on as many). Intervals are those of the report, with 499 replicates; 500 runs a study.
"""

CORRECTION = """\
People say of some items what a judge says of all. A judge 0.8/0.9 is right on 0.8 of the items that people
call worse and on 0.9 of those that they call better. *Truth* is what people say of everything; the last lines
of a study are of labels, or the judge, alone.
"""

SAID = {
    "Agreement with people": AGREEMENT,
    "Correction by labels": CORRECTION,
    "Through the whole report": REPORTED,
    "Planted biases": PLANTED,
    "Outside the assumptions": OUTSIDE,
    "False alarms": ALARMS,
}


def page(results: Sequence[IntervalResult | AlarmResult], runs: int) -> str:
    """The whole page; results in the registry's order."""
    alarms = [r for r in results if isinstance(r, AlarmResult)]
    intervals = [r for r in results if isinstance(r, IntervalResult)]
    low, high = BAND
    head = INTRODUCTION.format(
        command=COMMAND, seed=SEED, runs=f"{runs:,}", low=low, high=high, alpha=ALPHA
    )
    parts = [head, _short(intervals, alarms)]
    for group, found in groupby(results, key=lambda r: r.study.group):
        parts += [f"## {group}\n", SAID[group]] if group in SAID else [f"## {group}\n"]
        parts.append("\n".join(_table(list(found), alarms)) + "\n")
    return "\n".join(parts)


# -- in short ------------------------------------------------------------------------------------


def _short(intervals: Sequence[IntervalResult], alarms: Sequence[AlarmResult]) -> str:
    held = [r for r in intervals if r.verdict]
    good = sum(r.verdict == "ok" for r in held)
    lines = [
        "## In short\n",
        f"- {good} of {counted(len(held), 'interval')} held to the band are in it.",
    ]
    lines += [_outlier(r) for r in held if r.verdict != "ok"]
    tested = {id(r): p for r, p in zip(_held(alarms), _adjusted(alarms), strict=True)}
    loud = [r for r in _held(alarms) if tested[id(r)] < ALPHA]
    lines.append(
        f"- {len(tested) - len(loud)} of {counted(len(tested), 'finding')} keep to {ALPHA:.0%}."
    )
    lines += [f"  - Too often: {r.name} ({r.study.name}): {r.share:.3f}." for r in loud]
    return "\n".join(lines) + "\n"


def _outlier(r: IntervalResult) -> str:
    of_what = r.covers if r.target.is_held or r.covers_limit is None else r.covers_limit
    warned = "; its note warns of it" if r.warned > MOSTLY else ""
    return f"  - {r.verdict.capitalize()}: {r.name} ({r.study.name}): {of_what.share:.3f}{warned}."


def _held(alarms: Iterable[AlarmResult]) -> list[AlarmResult]:
    return [r for r in alarms if r.is_held]


def _adjusted(alarms: Sequence[AlarmResult]) -> list[float]:
    return holm([r.p_value for r in _held(alarms)])


# -- tables --------------------------------------------------------------------------------------


def _table(
    results: Sequence[IntervalResult | AlarmResult], alarms: Sequence[AlarmResult]
) -> Iterator[str]:
    if isinstance(results[0], AlarmResult):
        yield from _alarm_table(alarms)
        return
    intervals = [r for r in results if isinstance(r, IntervalResult)]
    yield _row(
        "study",
        "estimate",
        "truth",
        "limit",
        "bias ±",
        "covers truth ±",
        "covers limit ±",
        "width",
        "verdict",
    )
    yield _row(*["---"] * 9)
    for study, found in groupby(intervals, key=lambda r: r.study.name):
        for i, r in enumerate(found):
            yield _interval_row(r, study if i == 0 else "")


def _interval_row(r: IntervalResult, study: str) -> str:
    warned = "; warned" if r.warned > MOSTLY else ""
    verdict = (r.verdict if r.target.is_held else f"({r.verdict})") + warned
    some = f"; {counted(r.undefined, 'run')} without" if r.undefined else ""
    return _row(
        study,
        r.name,
        f"{r.target.value:.4f}",
        "" if r.target.limit is None else f"{r.target.limit:.4f}",
        f"{r.bias:+.4f} ± {r.bias_error:.4f}",
        _share(r.covers),
        "" if r.covers_limit is None else _share(r.covers_limit),
        f"{r.width:.3f}",
        (verdict if r.verdict else "not held" + warned) + some,
    )


def _share(covered: Covered) -> str:
    return f"{covered.share:.3f} ± {covered.error:.3f}"


def _alarm_table(alarms: Sequence[AlarmResult]) -> Iterator[str]:
    adjusted = iter(_adjusted(alarms))
    yield _row("study", "statement", "found ±", "p of at most 5 %, Holm", "verdict")
    yield _row(*["---"] * 5)
    for study, found in groupby(alarms, key=lambda r: r.study.name):
        for i, r in enumerate(found):
            p = next(adjusted) if r.is_held else None
            said = "not held" if p is None else "too often" if p < ALPHA else "ok"
            shown = "" if p is None else f"{p:.3g}"
            share = f"{r.share:.3f} ± {r.error:.3f}"
            yield _row(study if i == 0 else "", r.name, share, shown, said)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
