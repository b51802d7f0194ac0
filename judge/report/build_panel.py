"""From panels and repeats to their records in the report."""

from __future__ import annotations

from collections.abc import Callable

from judge.analysis.panels import Member, Panel
from judge.analysis.repetition import Repeats
from judge.report import schema_panel
from judge.report.schema_base import E
from judge.types import Estimate

ToE = Callable[[Estimate], E]


def panel(found: Panel, estimate: ToE) -> schema_panel.Panel:
    """A panel as the JSON has it. estimate: how an estimate is written."""
    return schema_panel.Panel(
        mode=found.mode,
        rubric=found.rubric,
        criterion=found.criterion,
        wordings=list(found.wordings),
        n_votes=found.n_votes,
        members=[_member(member, estimate) for member in found.members],
        effective_judges=estimate(found.effective_judges),
        effective_votes=estimate(found.effective_votes),
        accuracy=estimate(found.accuracy),
        best=found.best,
        versus_best=estimate(found.versus_best),
        is_worse=found.is_worse,
        is_better=found.is_better,
    )


def _member(member: Member, estimate: ToE) -> schema_panel.PanelMember:
    return schema_panel.PanelMember(
        judge=member.judge,
        family=member.family,
        share=member.share,
        severity=estimate(member.severity),
        p_value=member.p_value,
        spread=member.spread,
        accuracy=estimate(member.accuracy),
        log_odds=member.log_odds,
    )


def repeats(found: Repeats, estimate: ToE) -> schema_panel.Repeats:
    """What asking again showed, as the JSON has it."""
    return schema_panel.Repeats(
        n_repeated=found.n_repeated,
        icc=estimate(found.icc),
        sem=estimate(found.sem),
        repeatability=estimate(found.repeatability),
        pairwise_agreement=estimate(found.pairwise_agreement),
        entropy=estimate(found.entropy),
        target=found.target,
        repeats_needed=found.repeats_needed,
        se_twice_items=found.se_twice_items,
        se_twice_repeats=found.se_twice_repeats,
    )
