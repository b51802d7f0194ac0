"""The second sentence of a report: whether its judges may be trusted, and what labels say of it."""

from __future__ import annotations

from collections.abc import Sequence

from judge.report import agreement_words, certificate_words
from judge.report.schema import JudgeEntry, Panel, Report
from judge.report.schema_certificate import Certificate
from judge.report.words import bracket, clean, count, listed, percent

COIN = 0.5
NO_USE = (
    "Labels were read, and nothing here could be held against them: whether people would agree is "
    "not known."
)


def sentences(report: Report) -> list[str]:
    """Whether these judges may be trusted, and whether they are judges at all."""
    told = agreement_words.sentences(report) or [_labelled(report) or _unchecked(report)]
    return [one for one in (*told, _uncorrected(report), of_simulated(report)) if one]


def of_simulated(report: Report) -> str:
    """That there are simulated judges; "" where there are none."""
    named = report.run.simulated_judges
    return _simulated(named, report.judges) if named else ""


def checked(report: Report) -> str:
    """The same in a word or two, for a tile: "no", how often they agree, or a panel was right."""
    if report.agreement is not None:
        return agreement_words.in_short(report)
    panel = _panel(report)
    if panel is not None:
        return f"{percent(panel.accuracy.value)} right"
    return "in an earlier run" if _is_certified(report) else "no"


def is_alarming(report: Report) -> bool:
    """Whether nobody checked, or what was checked is not shown to be better than chance."""
    if report.agreement is not None:
        return agreement_words.is_chance(report)
    panel = _panel(report)
    if panel is None:
        return not _is_certified(report) or any(_is_chance(one) for one in _valid(report))
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


def _unchecked(report: Report) -> str:
    """That this run has no labels; of judges with a certificate, that it says what is known of them."""
    named = {judge.judge for judge in report.judges}
    certified = named & {one.judge for one in _valid(report)}
    if not certified:
        who, they = (
            ("This judge was", "it is") if len(named) == 1 else ("These judges were", "they are")
        )
        now = f" as {they} now" if certificate_words.is_stale(report.certificates or []) else ""
        return f"{who} not checked against people{now}: whether people would agree is not known."
    if _is_certified(report):
        return (
            "This run has no labels by people: certificates say how far its judges agree with them."
        )
    rest = sorted(named - certified)
    verb = "was" if len(rest) == 1 else "were"
    return f"{listed(rest)} {verb} not checked against people: whether people would agree is not known."


def _valid(report: Report) -> list[Certificate]:
    return [one for one in report.certificates or [] if one.state == "valid"]


def _is_certified(report: Report) -> bool:
    """Whether each judge has a valid certificate under each of its rubrics."""
    known = report.certificates or []
    return certificate_words.are_all_valid(known) and {j.judge for j in report.judges} <= {
        one.judge for one in known
    }


def _is_chance(one: Certificate) -> bool:
    """Whether it was not shown to agree with people beyond chance."""
    kappa = None if one.found is None else one.found.cohen_kappa
    return kappa is None or kappa.ci_low is None or kappa.ci_low <= 0


def _uncorrected(report: Report) -> str:
    """Why labels that were given correct nothing at all; "" where they do, or none was given."""
    rows = [] if report.correction is None else report.correction.rows
    whys = list(dict.fromkeys(one.why_not for one in rows))
    if not rows or len(whys) > 1 or any(one.ppi.value is not None for one in rows):
        return ""
    return f"No number here is corrected by these labels: {clean(whys[0])}."


def _simulated(simulated: Sequence[str], judges: Sequence[JudgeEntry]) -> str:
    verb, whose = ("is", "its") if len(simulated) == 1 else ("are", "their")
    is_all = {j.judge for j in judges} <= set(simulated)
    who = ("The judge" if len(simulated) == 1 else "The judges") if is_all else listed(simulated)
    shows = "verdicts show that the software works, not which system is better."
    return f"{who} {verb} simulated: {whose} {shows}"
