"""What a panel consists of and is worth: its votes, who is severe, and its best member beside it.

A panel is taken for better than one judge because its members err apart. Whether they do is a question
to labels, and who is severe one to the answers that judges share; both are asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis.gold import Gold, side
from judge.analysis.severities import Scale, Scored, severities
from judge.stats import panel_worth
from judge.stats.intervals import Floats, undefined
from judge.stats.panel import vote_shares, votes_of
from judge.stats.panel_worth import VersusBest
from judge.stats.values import ASKED_WITH, averages, points
from judge.table import VerdictTable, canonical
from judge.types import Estimate, Mode

PAIR = ("item_id", "system_a", "system_b")
NO_LABELS = "no human labels of these pairs"
OF_PAIRS_ONLY = "computed for pairs with human labels only"
OF_SCORES_ONLY = "pairs have no severity"

EFFECTIVE_JUDGES = ("effective_judges", "judges")
EFFECTIVE_VOTES = ("effective_votes", "judges")
ACCURACY = ("panel_accuracy", "rate")
MEMBER_ACCURACY = ("member_accuracy", "rate")
VERSUS_BEST = ("panel_minus_best_member", "difference")


@dataclass(frozen=True, slots=True)
class Member:
    """A judge in a panel. family: the number of its vote; share: its part in the panel's number.

    severity: how far above the panel it scores the same answers (below 0: severe); p_value of none,
    after Holm over the members; spread: its residual variance over that of all. accuracy: on labelled
    pairs; log_odds: what its vote would weigh by that, which the panel does not use.
    """

    judge: str
    family: int
    share: float
    severity: Estimate
    p_value: float | None
    spread: float | None
    accuracy: Estimate
    log_odds: float | None


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of judges, of pairs (pairwise) or answers (single).

    rubric: "" where it has several; criterion: "" for the overall verdict.

    wordings: rubrics and variants that its judges were asked under, averaged within each judge.
    effective_judges: how many independent judges the members are worth; effective_votes: the same of the
    families' votes. versus_best: the accuracy less that of the best member; best: which that is.
    is_worse: than that member; is_better: than every member.
    """

    mode: Mode
    rubric: str
    criterion: str
    members: tuple[Member, ...]
    wordings: tuple[str, ...]
    effective_judges: Estimate
    effective_votes: Estimate
    accuracy: Estimate
    versus_best: Estimate
    best: str | None = None
    is_worse: bool = False
    is_better: bool = False

    @property
    def n_votes(self) -> int:
        """How many votes there are, one a family."""
        return len({member.family for member in self.members})


def warnings(found: Iterable[Panel]) -> Iterator[str]:
    """Where a panel is shown to be worse than its best member."""
    for panel in found:
        if not panel.is_worse or panel.best is None:
            continue
        own = next(m.accuracy for m in panel.members if m.judge == panel.best)
        yield (
            f"the panel is worse than {panel.best} alone: of {own.n:,} labelled pairs it gets "
            f"{_percent(panel.accuracy)} right, {panel.best} {_percent(own)}; ask {panel.best} alone, or "
            "leave out the judges that do little better than chance"
        )


def _percent(e: Estimate) -> str:
    return "none" if e.value is None else f"{100 * e.value:.1f} %"


def _undefined(what: tuple[str, str], why: str, confidence: float) -> Estimate:
    name, unit = what
    return undefined(name, unit, why, confidence)


def _member(judge: str, share: float, groups: Mapping[str, int], why: str, c: float) -> Member:
    """A member of which nothing is known yet, and why."""
    return Member(
        judge=judge,
        family=groups[judge],
        share=share,
        severity=undefined("severity", "score", why, c),
        p_value=None,
        spread=None,
        accuracy=_undefined(MEMBER_ACCURACY, why, c),
        log_odds=None,
    )


# -- scores --------------------------------------------------------------------------------------


def of_scores(
    frame: pd.DataFrame,
    found: Mapping[Scale, Scored],
    groups: Mapping[str, int],
    confidence: float,
) -> Iterator[Panel]:
    """The panel of each rubric and criterion, with the severity of its members.

    frame: a single table's; found: the additive models of it.
    """
    for (rubric, criterion), scored in found.items():
        shares = vote_shares(scored.judges, groups)
        own = frame[(frame["rubric"] == rubric) & (frame["criterion"] == criterion)]
        yield Panel(
            mode="single",
            rubric=rubric,
            criterion=criterion,
            members=tuple(
                replace(
                    _member(s.judge, shares[s.judge], groups, OF_PAIRS_ONLY, confidence),
                    severity=s.estimate,
                    p_value=s.p_value,
                    spread=s.spread,
                )
                for s in severities(scored, confidence)
            ),
            wordings=_wordings(own),
            effective_judges=_undefined(EFFECTIVE_JUDGES, OF_PAIRS_ONLY, confidence),
            effective_votes=_undefined(EFFECTIVE_VOTES, OF_PAIRS_ONLY, confidence),
            accuracy=_undefined(ACCURACY, OF_PAIRS_ONLY, confidence),
            versus_best=_undefined(VERSUS_BEST, OF_PAIRS_ONLY, confidence),
        )


def _wordings(asked: pd.DataFrame) -> tuple[str, ...]:
    names = asked[["rubric", "variant"]].astype(str).drop_duplicates()
    rows = sorted(names.itertuples(index=False, name=None))
    return tuple(", ".join(name for name in row if name) for row in rows)


# -- pairs ---------------------------------------------------------------------------------------


def of_pairs(
    table: VerdictTable, groups: Mapping[str, int], gold: Gold, confidence: float
) -> Iterator[Panel]:
    """The panel of a pairwise table, held against its best member where there are labels."""
    values = _pair_values(table)
    asked = values[values["is_asked"]]
    judges = sorted(asked["judge"].astype(str).unique())
    if len(judges) < 2:
        return
    labelled = _labelled(asked, judges, groups, gold)
    blank = _blank(asked, judges, groups, labelled, confidence)
    yield _held(blank, labelled, confidence) if len(labelled.gold) else blank


def _blank(
    asked: pd.DataFrame,
    judges: Sequence[str],
    groups: Mapping[str, int],
    labelled: _Labelled,
    confidence: float,
) -> Panel:
    why = "no labelled pair has a verdict of every judge" if labelled.n_missing else NO_LABELS
    shares = vote_shares(judges, groups)
    no_severity = undefined("severity", "score", OF_SCORES_ONLY, confidence)
    rubrics = asked["rubric"].astype(str).unique()
    return Panel(
        mode="pairwise",
        rubric=str(rubrics[0]) if len(rubrics) == 1 else "",
        criterion="",
        members=tuple(
            replace(_member(j, shares[j], groups, why, confidence), severity=no_severity)
            for j in judges
        ),
        wordings=_wordings(asked),
        effective_judges=_undefined(EFFECTIVE_JUDGES, why, confidence),
        effective_votes=_undefined(EFFECTIVE_VOTES, why, confidence),
        accuracy=_undefined(ACCURACY, why, confidence),
        versus_best=_undefined(VERSUS_BEST, why, confidence),
    )


def _held(blank: Panel, labelled: _Labelled, confidence: float) -> Panel:
    """The panel with what the labels say of it."""
    worth = labelled.worth(confidence)
    return replace(
        blank,
        members=tuple(
            replace(member, accuracy=accuracy, log_odds=_log_odds(accuracy))
            for member, accuracy in zip(blank.members, worth.members, strict=True)
        ),
        effective_judges=labelled.effective(labelled.members, EFFECTIVE_JUDGES[0], confidence),
        effective_votes=labelled.effective(labelled.votes, EFFECTIVE_VOTES[0], confidence),
        accuracy=worth.panel,
        versus_best=worth.difference,
        best=blank.members[worth.best].judge,
        is_worse=worth.is_worse,
        is_better=worth.is_better,
    )


def _log_odds(accuracy: Estimate) -> float | None:
    if accuracy.value is None:
        return None
    correct, n = np.array([accuracy.value * accuracy.n]), np.array([float(accuracy.n)])
    return float(panel_worth.log_odds_weights(correct, n)[0])


def _pair_values(table: VerdictTable) -> pd.DataFrame:
    """One row per pair, judge and wording: 1 where system_a won each time. pair: its number."""
    frame = canonical(table).frame
    known = frame.assign(value=frame["p_a"].fillna(points(frame)))
    found = averages(known, [*PAIR, "cluster", *ASKED_WITH], ["order"])
    return found.assign(pair=found.groupby([*PAIR], observed=True).ngroup())


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The pairs with a gold side, 0 or 1, that all judges have a value of.

    members: shape (n, judges); votes: shape (n, families); n_missing: labelled pairs that a judge lacks.
    """

    members: Floats
    votes: Floats
    gold: Floats
    clusters: NDArray[Any]
    n_missing: int

    def worth(self, confidence: float) -> VersusBest:
        return panel_worth.versus_best(
            self.members,
            self.votes.mean(axis=1),
            self.gold,
            self.clusters,
            confidence=confidence,
            n_missing=self.n_missing,
        )

    def effective(self, values: Floats, name: str, confidence: float) -> Estimate:
        return panel_worth.effective_judges(
            panel_worth.wrongness(values, self.gold),
            self.clusters,
            name=name,
            confidence=confidence,
            n_missing=self.n_missing,
        )


def _labelled(
    asked: pd.DataFrame, judges: Sequence[str], groups: Mapping[str, int], gold: Gold
) -> _Labelled:
    pairs = asked.drop_duplicates("pair").set_index("pair").sort_index()
    sides = side(pairs, gold)
    means = (
        asked.assign(judge=asked["judge"].astype(str)).groupby(["pair", "judge"])["value"].mean()
    )
    members = means.unstack("judge").reindex(index=pairs.index, columns=list(judges))
    values = members.to_numpy(dtype=float)
    is_known = ~np.isnan(sides)
    is_whole = is_known & ~np.isnan(values).any(axis=1)
    return _Labelled(
        members=values[is_whole],
        votes=votes_of(values[is_whole], [groups[judge] for judge in judges]),
        gold=(sides[is_whole] + 1) / 2,
        clusters=pairs["cluster"].cat.codes.to_numpy()[is_whole],
        n_missing=int((is_known & ~is_whole).sum()),
    )
