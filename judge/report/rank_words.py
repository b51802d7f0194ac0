"""How a ranking is put into words: who leads, what is not told apart, and where one order is too little."""

from __future__ import annotations

from judge.report import words
from judge.report.schema import Misfit, RankedSystem, Ranking, Report


def findings(report: Report) -> list[str]:
    """What a ranking found, where it is all that a report has to say of systems; else nothing."""
    if report.ranking is None or report.comparisons or report.scores:
        return []
    return [sentence(report.ranking)]


def beside(report: Report) -> list[str]:
    """The same where systems were also held against a baseline, which says nothing of the others."""
    ranking = report.ranking
    return (
        [sentence(ranking)]
        if ranking is not None and report.comparisons and ranking.systems
        else []
    )


def title(report: Report) -> str:
    """What a report on a ranking alone is called, "" for every other."""
    if not findings(report) or report.ranking is None:
        return ""
    return f"Ranking of {sum(map(len, report.ranking.components))} systems"


def sentence(ranking: Ranking) -> str:
    """Who leads, and who cannot be told apart from that; or why there is no order."""
    if not ranking.systems:
        return _no_order(ranking)
    leaders = [row for row in ranking.systems if row.rank_low == 1]
    if is_one_group(ranking):
        return (
            f"No system was shown to be better than another: all {len(ranking.systems)} may have any "
            "rank."
        )
    if len(leaders) == 1:
        return f"{words.name(leaders[0].system)} leads: {_alone(leaders[0])}{_wins(leaders[0], ranking)}."
    low, high = 1, max(row.rank_high for row in leaders)
    names = words.listed([row.system for row in leaders])
    return (
        f"{names} lead: their ranks overlap ({low} to {high}), and no other system was shown to be "
        "better than any of them."
    )


def is_one_group(ranking: Ranking) -> bool:
    """Whether no two systems are told apart."""
    return len({letter for row in ranking.systems for letter in row.letters}) == 1


def _no_order(ranking: Ranking) -> str:
    if ranking.connected:
        return f"There is no ranking: {words.clean(ranking.note)}."
    split = "; ".join(words.listed(part) for part in ranking.components[: words.SENTENCES])
    more = len(ranking.components) - words.SENTENCES
    rest = f"; and {words.counted(more, 'more part')}" if more > 0 else ""
    return f"There is no one ranking: {words.clean(ranking.note)}. The parts: {split}{rest}."


def _alone(leader: RankedSystem) -> str:
    if leader.rank_high == 1:
        return "it is better than every other system"
    return f"its rank is {rank(leader)}"


def _wins(row: RankedSystem, ranking: Ranking) -> str:
    e = row.win_probability
    if e.value is None:
        return ""
    return f", and it wins {words.percent(e.value)} {words.bracket(e)} {against(ranking)}"


def against(ranking: Ranking) -> str:
    """Whom a win probability is against."""
    if ranking.baseline is None:
        return "against the others"
    return f"against {words.name(ranking.baseline)}"


def rank(row: RankedSystem) -> str:
    """A rank, or the ranks that a system may have: "1 to 3"."""
    if row.rank_low == row.rank_high:
        return str(row.rank_low)
    return f"{row.rank_low} to {row.rank_high}"


def best(p: float | None) -> str:
    """P(best), which comes of so many draws that it is neither 0 nor 1."""
    if p is None:
        return words.NONE
    if p < 0.001:
        return "<0.1 %"
    return ">99.9 %" if p > 0.999 else words.percent(p)


# -- whether one order is enough -----------------------------------------------------------------


def departs(fit: Misfit, alpha: float) -> bool:
    """Whether a pair goes against the order, or wins go round in a circle."""
    return fit.cycles > 0 or (fit.p_value is not None and fit.p_value < alpha)


def transitivity(fit: Misfit, alpha: float) -> str:
    """One sentence on what one order hides, or that nothing was found."""
    if fit.system is None or fit.other is None:
        said = f"Whether pairs go against this order was not checked: {words.clean(fit.note)}."
        return said if not fit.cycles else f"{_circles(fit)} {said}"
    if not departs(fit, alpha):
        pairs = words.counted(fit.n_tested, "pair")
        return f"Whether pairs go against this order: checked on {pairs}, nothing found."
    told = [_pair(fit)] if fit.p_value is not None and fit.p_value < alpha else []
    return " ".join([*told, *([_circles(fit)] if fit.cycles else [])])


def _pair(fit: Misfit) -> str:
    return (
        f"One order does not say it all: {words.name(fit.system or '')} wins "
        f"{words.percent(fit.direct)} against {words.name(fit.other or '')}, and by this order it "
        f"would be {words.percent(fit.fitted)} (p {words.p_value(fit.p_value)}, corrected for "
        f"{words.counted(fit.n_tested, 'pair')})."
    )


def _circles(fit: Misfit) -> str:
    if fit.cycles == 1:
        return "Three systems go round in a circle: each beats the next."
    return f"{words.count(fit.cycles)} groups of three systems go round in a circle, each beating the next."
