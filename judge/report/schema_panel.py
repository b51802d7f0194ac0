"""How the JSON of a report holds a panel of judges, and what asking again showed."""

from __future__ import annotations

from judge.report.schema_base import E, Model, Rate
from judge.types import Mode


class PanelMember(Model):
    """A judge of a panel. family: the number of its vote; share: its part in the panel's number.

    severity: how far above the panel it scores the same answers, below 0 it is severe; p_value: of none,
    after Holm over the members; spread: its residual variance over that of all. log_odds: what its vote
    would weigh by its accuracy on labelled pairs; the panel does not use it.
    """

    judge: str
    family: int
    share: Rate
    severity: E
    p_value: Rate | None
    spread: float | None
    accuracy: E
    log_odds: float | None


class Panel(Model):
    """A panel of judges: one vote a family, the wordings of a judge averaged before.

    effective_judges: how many independent judges its members are worth on labelled pairs; effective_votes:
    the same of its families. versus_best: the panel's accuracy less that of its best member, picked on one
    half of the items and held against the panel on the other. is_worse: than that; is_better: than every
    member.
    """

    mode: Mode
    rubric: str
    criterion: str
    wordings: list[str]
    n_votes: int
    members: list[PanelMember]
    effective_judges: E
    effective_votes: E
    accuracy: E
    best: str | None
    versus_best: E
    is_worse: bool
    is_better: bool


class Repeats(Model):
    """What asking the same again showed. n_repeated: questions with at least two verdicts.

    icc: ICC(1,1) of verdicts as numbers; sem: the standard error of one of them; repeatability: two answers
    to one question differ by less in 95 of 100 cases. pairwise_agreement: of two verdicts on one question;
    entropy: of the verdicts on an item over orders and repeats, in nats. repeats_needed: how often to
    ask for the reliability `target`. se_twice_items, se_twice_repeats: what becomes of the standard
    error of a mean, as a factor, with twice as many items, or twice as many answers to each.
    """

    n_repeated: int
    icc: E
    sem: E
    repeatability: E
    pairwise_agreement: E
    entropy: E
    target: float
    repeats_needed: float | None
    se_twice_items: float | None
    se_twice_repeats: float | None
