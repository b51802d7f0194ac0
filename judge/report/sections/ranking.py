"""All systems in one order, as far as the verdicts tell them apart."""

from __future__ import annotations

from judge.report import axes, people_words, rank_words, words
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
from judge.report.schema import E, JudgeOrder, RankedSystem, Ranking, Report

TITLE = "Ranking"
STRENGTHS = "Strength in log-odds, 0 is the mean of all systems"
SIDE_CELLS = 12  # of a name beside a plot's axis on a phone


def blocks(report: Report) -> list[Block]:
    """Who leads, a plot and a table of all, whether one order is enough, and each judge's own order.

    Nothing where nothing is ranked.
    """
    ranking = report.ranking
    if ranking is None:
        return []
    said = rank_words.sentence(ranking)
    if not ranking.systems:
        return [Heading(TITLE), Paragraph(said, tone="warning")]
    return [
        Heading(TITLE),
        _forest(ranking, of_strengths=bool(report.comparisons)),
        _table(ranking),
        Paragraph(_meaning(ranking), tone="note"),
        *_departures(ranking),
        *people_words.of_ranking(ranking),
        *_notes(ranking, has_panel=bool(report.panels)),
        *_judges(ranking),
    ]


def brief(report: Report) -> list[Block]:
    """The same without the judges one by one; a line where the comparisons have as many rows."""
    found: list[Block] = [b for b in blocks(report) if not isinstance(b, Disclosure)]
    ranking = report.ranking
    if ranking is None or not report.comparisons or len(ranking.systems) <= words.SENTENCES:
        return found
    warned = [b for b in found if isinstance(b, Paragraph) and b.tone == "warning"]
    line = f"Ranks, groups and P(best) of all {len(ranking.systems)} systems: see the HTML report."
    return [Heading(TITLE), *warned, Paragraph(line, tone="note")] if ranking.systems else found


def _caption(ranking: Ranking) -> str:
    if ranking.baseline is None:
        return "Mean probability to win against each of the others, ties half"
    return f"Probability to win against {words.name(ranking.baseline)}, ties half"


def _forest(ranking: Ranking, *, of_strengths: bool = False) -> Forest:
    """Win probabilities; strengths where a plot of win rates stands above, which lacks the baseline."""
    leads = {row.system for row in ranking.systems if row.rank_low == 1}
    leads = leads if len(leads) < len(ranking.systems) else set()
    if of_strengths:
        strengths = tuple(_mark(row, row.strength, leads) for row in ranking.systems)
        sides = ("← weaker", "stronger →")
        return Forest(strengths, STRENGTHS, sides, axes.both_sides(strengths))
    left, right = "loses more", "wins more"
    if ranking.baseline is not None:
        left, right = f"{words.name(ranking.baseline, SIDE_CELLS)} wins", "system wins"
    marks = tuple(
        _mark(row, row.win_probability, leads)
        for row in ranking.systems
        if row.win_probability.value is not None
    )
    return Forest(marks, _caption(ranking), (f"← {left}", f"{right} →"))


def _mark(row: RankedSystem, e: E, leads: set[str]) -> Mark:
    return Mark(row.system, words.estimate(e), e.value, e.ci_low, e.ci_high, row.system in leads)


def _table(ranking: Ranking) -> Table:
    columns = (
        Column("rank"),
        Column("system", "name"),
        Column("wins"),
        Column(words.level(ranking.confidence)),
        Column("groups", "text"),
        Column("P(best)"),
        Column("strength (log-odds)", optional=True),
    )
    return Table(columns, tuple(_cells(row) for row in ranking.systems), _caption(ranking))


def _cells(row: RankedSystem) -> tuple[str, ...]:
    return (
        rank_words.rank(row),
        row.system,
        words.percent(row.win_probability.value),
        words.interval(row.win_probability),
        ("" if all(len(letter) == 1 for letter in row.letters) else " ").join(row.letters),
        rank_words.best(row.p_best),
        words.estimate(row.strength),
    )


def _meaning(ranking: Ranking) -> str:
    level = words.level(ranking.confidence).removesuffix(" interval")
    return (
        f"All ranks hold at once with {level} confidence. Systems that share a letter are not told apart. "
        "P(best): how often a system comes out strongest when items are drawn again."
    )


def _departures(ranking: Ranking) -> list[Block]:
    alpha = 1 - ranking.confidence
    departs = rank_words.departs(ranking.transitivity, alpha)
    said = rank_words.transitivity(ranking.transitivity, alpha)
    return [Paragraph(said, tone="warning" if departs else "note")]


def _notes(ranking: Ranking, *, has_panel: bool) -> list[Block]:
    nu = ranking.tie_parameter
    made = f"{words.name(ranking.judge)} is made of {words.listed(ranking.members)}."
    bare = [row.system for row in ranking.systems if row.strength.ci_low is None]
    lines = (
        *([made] if len(ranking.members) > 1 and not has_panel else []),
        *([f"Ties have a parameter of their own: {words.estimate(nu)}."] if nu.value else []),
        *([f"Without the interval of a strength: {words.listed(bare)}."] if bare else []),
        *([f"{ranking.note}."] if ranking.note else []),
        *_missing(ranking),
    )
    return [Bullets(lines, tone="note")] if lines else []


def _missing(ranking: Ranking) -> list[str]:
    """How many pairs stand behind the order, and how many lack a verdict; a pair has two systems."""
    n = sum(row.strength.n for row in ranking.systems) // 2
    missing = sum(row.strength.n_missing for row in ranking.systems) // 2
    lost = f"; {words.counted(missing, 'pair')} without all verdicts left out" if missing else ""
    return [f"Made from {words.counted(n, 'pair')} of answers{lost}."]


def _judges(ranking: Ranking) -> list[Block]:
    """Each judge's own order, behind a line that says how alike they are."""
    known = [row.kendall_tau.value for row in ranking.judges if row.kendall_tau.value is not None]
    if not known:
        return []
    ends = dict.fromkeys(words.number(tau, "correlation") for tau in (min(known), max(known)))
    columns = (Column("judge", "name"), Column("Kendall's tau"), Column("its order", "text"))
    table = Table(columns, tuple(_order(row) for row in ranking.judges))
    said = f"Each judge's own order agrees with this one by Kendall's tau {' to '.join(ends)}."
    return [Paragraph(said, tone="note"), Disclosure("Judge by judge", (table,))]


def _order(row: JudgeOrder) -> tuple[str, ...]:
    named = ", ".join(part for part in (row.judge, row.rubric, row.variant) if part)
    names = " > ".join(words.name(system) for system in row.systems)
    return (named, words.number(row.kendall_tau.value, "correlation"), names)


SECTION = Section("ranking", blocks, brief=brief)
