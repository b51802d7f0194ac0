"""The second sentence of a report: whether its judges may be trusted, and what labels say of it."""

from __future__ import annotations

from collections.abc import Sequence

from judge.report import agreement_words
from judge.report.schema import JudgeEntry, Panel, Report
from judge.report.words import bracket, count, listed, percent

COIN = 0.5
NO_USE = (
    "Labels were read, and nothing here could be held against them: whether people would agree is "
    "not known."
)


def sentences(report: Report) -> list[str]:
    """Whether these judges may be trusted, and whether they are judges at all."""
    told = agreement_words.sentences(report) or [_labelled(report) or _unchecked(report.judges)]
    simulated = of_simulated(report)
    return [*told, simulated] if simulated else told


def of_simulated(report: Report) -> str:
    """That there are simulated judges; "" where there are none."""
    named = report.run.simulated_judges
    return _simulated(named, report.judges) if named else ""


def checked(report: Report) -> str:
    """The same in a word or two, for a tile: "no", how often they agree, or a panel was right."""
    if report.agreement is not None:
        return agreement_words.in_short(report)
    panel = _panel(report)
    return "no" if panel is None else f"{percent(panel.accuracy.value)} right"


def is_alarming(report: Report) -> bool:
    """Whether nobody checked, or what was checked is not shown to be better than chance."""
    if report.agreement is not None:
        return agreement_words.is_chance(report)
    panel = _panel(report)
    if panel is None:
        return True
    return panel.accuracy.ci_low is None or panel.accuracy.ci_low <= COIN


def has_labels(report: Report) -> bool:
    """Whether something in the report stands on people's labels."""
    slopes = any(slope.source == "labels" for slope in report.length_slopes or [])
    return slopes or _panel(report) is not None or bool(_given_gold(report))


def _panel(report: Report) -> Panel | None:
    """The panel whose verdicts were held against labels."""
    panels = (panel for panel in report.panels or [] if not panel.criterion)
    return next((panel for panel in panels if panel.accuracy.value is not None), None)


def _given_gold(report: Report) -> list[JudgeEntry]:
    return [judge for judge in report.judges if judge.length.given_gold is not None]


def _labelled(report: Report) -> str:
    """What labels were used for, where no agreement was computed; "" where there were none."""
    panel = _panel(report)
    if panel is not None:
        e = panel.accuracy
        return (
            f"On {count(e.n)} pairs with labels the panel is right on {percent(e.value)} {bracket(e)}, ties "
            "half; a coin would be on 50 %."
        )
    if not has_labels(report):
        return NO_USE if report.run.labels is not None else ""
    return (
        "Labels served to tell the effect of length from merit; how far the judging agrees with them was "
        "not computed."
    )


def _unchecked(judges: Sequence[JudgeEntry]) -> str:
    who = "This judge was" if len({j.judge for j in judges}) == 1 else "These judges were"
    return f"{who} not checked against people: whether people would agree is not known."


def _simulated(simulated: Sequence[str], judges: Sequence[JudgeEntry]) -> str:
    verb, whose = ("is", "its") if len(simulated) == 1 else ("are", "their")
    is_all = {j.judge for j in judges} <= set(simulated)
    who = ("The judge" if len(simulated) == 1 else "The judges") if is_all else listed(simulated)
    shows = "verdicts show that the software works, not which system is better."
    return f"{who} {verb} simulated: {whose} {shows}"
