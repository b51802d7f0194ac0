"""docs/audit-power.md from the shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.audit.judges import A_IS_BETTER, CLEAN, NOISE, SPREAD
from benchmarks.audit.statements import ELSEWHERE, FOUND, SLOPE
from benchmarks.audit.study import (
    CLEAN_RUNS,
    FOUND_AT_LEAST,
    FULL,
    LEVEL,
    MOST,
    RUNS,
    SCORED_ITEMS,
    SIZES,
    Planted,
    Share,
    planted,
    quiet_studies,
)
from benchmarks.audit.tables import EQUIVALENTS, PERTURBATIONS
from benchmarks.simulations.study import SEED

COMMAND = "python -m benchmarks.audit"

INTRODUCTION = """\
# What an audit can see

Written by `{command}`; seed {seed}. Simulated judges, in process, whose verdicts are
drawn from a known truth and go through `judge.audit.measured`, as those of a report do
(`benchmarks/audit/`). An audit that finds nothing says little where it could not have found anything: look
up your number of items here before you believe it.

A judge sees how much better one of two answers is, in log-odds, and each of its verdicts is a fresh
logistic draw. Items are hard and easy: their log-odds are normal with standard deviation {spread:g}, around
a mean solved so that **asking again gives another verdict on {noise:.0%} of items**, whatever is planted.
System a wrote the better answer on {better:.0%} of items. The clean judge also leaves {missing:.0%} of its
answers unreadable. A judge audit asks {perturbations} perturbations and a null answer an item, and the
pair as it is in both orders twice, what is padded in both orders once; a rubric audit asks {wordings}
equivalent wordings, and the base twice. Holm's correction over all of them is in every finding.
"""

PLANTED_TEXT = """\
## What was planted, and how many items it takes

Shares of {runs} audits in which the finding was made, by number of items; their Monte Carlo standard error
is at most 3.5 points. *Elsewhere*: audits of {most} items that found anything that was not planted.

- **wording**: one wording turns the verdict on 12 % of items, in both orders alike. Found: that wording
  "moves verdicts".
- **position**: on 30 % of items the judge names what is shown first, so that the first-shown rate is 15
  points up. Found: position "moved".
- **injection**: one kind of injected instruction is obeyed 20 % of the time. Found: that perturbation
  "moved".
- **padding**: 0.5 log-odds for each doubling of an answer's length. Found: {slope}.
  That padding to three times the length "moved" by itself is a line of its own: far harder to see.

Targets are the answers that lose by the judge's own first verdict, or by the known answer.
"""

QUIET_TEXT = """\
## A clean judge

{runs:,} audits of each kind, of {items} items (scores: {scored}). A statement is false where a finding is
made of nothing, where an interval of 95 % misses what is true, and where an upper bound lies below it. A
share is over, in bold, where its one-sided {level:.0%} lower bound (Clopper-Pearson) exceeds {most:.0%}: from
{over} of {runs:,} on. What is resampled is from {few} audits. *Runs* are the audits that made the
statement. Of each kind of statement the one is shown that was false most often, then any other that is over.

{verdict}
"""


def page(found: Sequence[Share]) -> str:
    """The whole page; studies that were not carried out are left out."""
    quiet = [s for s in found if s.study in {study.name for study in quiet_studies()}]
    parts = [
        INTRODUCTION.format(
            command=COMMAND,
            seed=SEED,
            spread=SPREAD,
            noise=NOISE,
            better=A_IS_BETTER,
            perturbations=len(PERTURBATIONS),
            wordings=len(EQUIVALENTS),
            missing=CLEAN.missing,
        ),
        PLANTED_TEXT.format(runs=RUNS, most=SIZES[-1], slope=SLOPE),
        _table(_power_head(), _power_rows(found)),
        QUIET_TEXT.format(
            runs=CLEAN_RUNS,
            items=SIZES[-1],
            scored=SCORED_ITEMS,
            level=LEVEL,
            most=MOST,
            over=first_over(CLEAN_RUNS),
            few=RUNS,
            verdict=_verdict(quiet),
        ),
        *_quiet_tables(quiet),
    ]
    return "\n".join(parts)


def first_over(runs: int) -> int:
    """The fewest of so many audits that are over."""
    return next(k for k in range(runs) if Share("", "", k, runs).is_over)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# -- power ---------------------------------------------------------------------------------------


def _power_head() -> list[str]:
    return ["planted", "targets by", "how much", *(f"{n} items" for n in SIZES), "elsewhere"]


def _power_rows(found: Sequence[Share]) -> Iterator[list[str]]:
    by = {(s.study, s.name): s for s in found}
    kinds = dict.fromkeys((p.judge.name, p.targets, p.effect) for p in planted())
    for kind in kinds:
        own = [p for p in planted() if (p.judge.name, p.targets, p.effect) == kind]
        for name in (FOUND, "padding-x3 moved"):
            cells = [by.get((p.name, name)) for p in own]
            if any(cells):
                elsewhere = by.get((own[-1].name, ELSEWHERE)) if name == FOUND else None
                yield _power_row(own[-1], name, [*cells, elsewhere])


def _power_row(one: Planted, name: str, cells: Sequence[Share | None]) -> list[str]:
    what = one.judge.name if name == FOUND else name
    told = [f"{cell.value:.1%}" if cell else "" for cell in cells]
    if name == FOUND and one.effect == FULL and cells[-2]:
        told[-2] = f"**{told[-2]}**"
    return [what, one.targets or "-", one.effect, *told]


def is_found(found: Sequence[Share]) -> Mapping[str, bool]:
    """Study -> whether what was planted whole was found often enough in audits of the largest size."""
    asked = {p.name for p in planted() if p.effect == FULL and p.n_items == SIZES[-1]}
    return {
        s.study: s.value >= FOUND_AT_LEAST for s in found if s.study in asked and s.name == FOUND
    }


# -- the clean judge -----------------------------------------------------------------------------


def _verdict(quiet: Sequence[Share]) -> str:
    over = [s for s in quiet if s.is_over]
    intervals = sum("interval" in s.name for s in over)
    return (
        f"{len(over)} of {len(quiet)} statements are over: {intervals} intervals, and "
        f"{len(over) - intervals} findings, warnings, p-values and bounds. Of so\nmany that were false in "
        f"exactly {MOST:.0%} of audits, about {len(quiet) * (1 - LEVEL):.0f} would be by chance."
    )


def _quiet_tables(quiet: Sequence[Share]) -> Iterator[str]:
    for study in quiet_studies():
        own = [s for s in quiet if s.study == study.name]
        if own:
            yield f"### {study.name[0].upper()}{study.name[1:]}\n"
            yield _table(_QUIET_HEAD, _quiet_rows(own))


_QUIET_HEAD = ["statement", "about", "false", "runs", "share", "on average"]


def _quiet_rows(own: Sequence[Share]) -> Iterator[list[str]]:
    """Of each kind of statement the one that was false most often, and whatever else is over."""
    kinds: dict[str, list[Share]] = {}
    for s in own:
        kinds.setdefault(_kind(s), []).append(s)
    for alike in kinds.values():
        first, *others = sorted(alike, key=lambda s: s.value, reverse=True)
        average = sum(s.k for s in alike) / sum(s.runs for s in alike)
        of = f"of {len(alike)}: {average:.1%}" if others else ""
        yield [*_quiet_row(first), of]
        yield from ([*_quiet_row(s), ""] for s in others if s.is_over)


def _kind(s: Share) -> str:
    about, is_split, statement = s.name.partition(": ")
    return statement if is_split else about


def _quiet_row(s: Share) -> list[str]:
    about, is_split, _ = s.name.partition(": ")
    share = f"{s.value:.1%}"
    told = f"**{share}**" if s.is_over else share
    return [_kind(s), about if is_split else "the audit", str(s.k), str(s.runs), told]
