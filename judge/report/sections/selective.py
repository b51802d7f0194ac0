"""What judges may decide alone, and what a run did that asked the dear ones only where it had to."""

from __future__ import annotations

from judge.report import words
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
from judge.report.schema import Report
from judge.report.schema_selective import Escalation, EscalationTier, Selective
from judge.types import PANEL

TITLE = "What may stand without people"
MEANING = (
    "Confidence is the share of a judge's commonest verdict over orders, repeats and, of a panel, its votes; "
    "or the probability of the likelier side where that was recorded. A threshold is sought from the highest "
    "confidence down by exact tests on labelled units that serve nothing else; coverage and agreement are of "
    "other units. Right is what more than half of the raters said."
)
ESCALATED = "Escalation"
_NAMES = 60  # cells of a judge with its wording in a list


def blocks(report: Report) -> list[Block]:
    """A sentence for each judge, a plot and the numbers behind it. Nothing without labels."""
    found = report.selective
    if not found:
        return []
    told = Bullets(tuple(_findings(found)))
    behind = (Paragraph(MEANING), *_plot(found), _table(found), *_curves(found))
    said: list[Block] = [Heading(TITLE), Paragraph(_guarantee(found[0])), told, *_notes(found)]
    return [*said, Disclosure("The numbers behind this", behind)]


def brief(report: Report) -> list[Block]:
    """The same without the numbers."""
    return [block for block in blocks(report) if not isinstance(block, Disclosure)]


def _guarantee(one: Selective) -> str:
    return (
        f"Where a threshold is named, with probability {_share(1 - one.delta)} at most {_share(one.risk)} of "
        f"what is judged above it differs from what most people said. Found on {one.fitted_on}."
    )


def _share(rate: float) -> str:
    return f"{100 * rate:.3g} %"


def _findings(found: list[Selective]) -> list[str]:
    """A sentence for each that may decide, the most units first; one for all that may not for one reason."""
    may = [one for one in found if one.threshold is not None]
    may.sort(key=lambda one: -(one.coverage.value or 0.0))
    told = [_told(one, found) for one in may[: words.SENTENCES]]
    if len(may) > words.SENTENCES:
        told.append(f"{words.count(len(may) - words.SENTENCES)} more may: see the numbers.")
    whys: dict[str, list[str]] = {}
    for one in found:
        if one.threshold is None:
            whys.setdefault(one.why, []).append(_name(one, found))
    return [*told, *(_may_not(names, why, len(found)) for why, names in whys.items())]


def _may_not(names: list[str], why: str, n: int) -> str:
    if len(names) > words.SENTENCES and len(names) == n:
        return f"None of {words.count(n)} decides anything alone: {why}."
    verb = "decides" if len(names) == 1 else "decide"
    return f"{_start(words.listed(names, cells=_NAMES))} {verb} nothing alone: {why}."


def _start(said: str) -> str:
    """The same at the beginning of a sentence; names are left as they are."""
    return f"T{said[1:]}" if said.startswith(("the panel", "the cascade ")) else said


def _told(one: Selective, found: list[Selective]) -> str:
    return (
        f"{_start(_name(one, found))} may decide alone from a confidence of {one.threshold:.3g}: "
        f"{_percent(one.coverage.value)} of {words.counted(one.coverage.n, 'other unit')}, "
        f"and people agree with {_percent(one.agreement.value)} of these{_beside(one)}{_calls(one)}."
    )


def _beside(one: Selective) -> str:
    """What the same judge does on everything; that of a cascade is its last judge's."""
    everything = one.agreement_all.value
    if everything is None:
        return ""
    by = f" by {words.name(one.members[-1])} alone" if one.kind == "cascade" else ""
    return f" (of all{by}: {words.percent(everything)})"


def _calls(one: Selective) -> str:
    if one.calls_saved is None:
        return ""
    parts = [f"{words.name(tier.judge)} decides {words.count(tier.decides)}" for tier in one.tiers]
    return f"; {', '.join(parts)}, and {words.percent(one.calls_saved)} of the calls are saved"


def _percent(rate: float | None) -> str:
    return "none" if rate is None else words.percent(rate)


def _name(one: Selective, found: list[Selective]) -> str:
    """The judge, with what tells it from its other rows, or the cascade in its order."""
    if one.kind == "cascade":
        return "the cascade " + ", then ".join(words.name(member) for member in one.members)
    own = [other for other in found if (other.kind, other.judge) == (one.kind, one.judge)]
    of = [
        words.name(getattr(one, field))
        for field in ("rubric", "variant", "criterion")
        if len({getattr(other, field) for other in own}) > 1 and getattr(one, field)
    ]
    who = "the panel" if one.judge == PANEL else words.name(one.judge)
    return f"{who} ({', '.join(of)})" if of else who


def _plot(found: list[Selective]) -> list[Block]:
    marks = tuple(_mark(one, found) for one in found if one.agreement.value is not None)
    caption = "Agreement with people where the judge decides; hollow: on everything"
    return [Forest(marks, caption)] if marks else []


def _mark(one: Selective, found: list[Selective]) -> Mark:
    e = one.agreement
    return Mark(
        _short(one, found),
        _both(one),
        e.value,
        e.ci_low,
        e.ci_high,
        one.kind == "cascade",
        before=one.agreement_all.value,
    )


def _both(one: Selective) -> str:
    """On everything and where it decides: the hollow point and the full one."""
    now = words.percent(one.agreement.value)
    everything = one.agreement_all.value
    return now if everything is None else f"{words.percent(everything)} → {now}"


def _short(one: Selective, found: list[Selective]) -> str:
    if one.kind == "cascade":
        return " > ".join(one.members)
    return _name(one, found).removeprefix("the ") if one.judge == PANEL else _name(one, found)


def _table(found: list[Selective]) -> Table:
    columns = (
        Column("judge", "name"),
        Column("threshold"),
        Column("coverage"),
        Column("agreement"),
        Column(words.level(found[0].agreement.confidence)),
        Column("of all"),
        Column("units", optional=True),
    )
    return Table(columns, tuple(_cells(one, found) for one in found))


def _cells(one: Selective, found: list[Selective]) -> tuple[str, ...]:
    return (
        _short(one, found),
        words.NONE if one.threshold is None else f"{one.threshold:.3g}",
        words.percent(one.coverage.value),
        words.percent(one.agreement.value),
        words.interval(one.agreement),
        words.percent(one.agreement_all.value),
        words.count(one.agreement_all.n),
    )


def _curves(found: list[Selective]) -> list[Block]:
    """Of each judge how risk grows with coverage, on the units that the threshold was sought on."""
    columns = (Column("threshold"), Column("judged"), Column("wrong"), Column("risk"))
    return [
        Table(
            columns,
            tuple(
                (
                    f"{level.threshold:.3g}",
                    f"{words.count(level.n)} of {words.count(one.n_fit)}",
                    words.count(level.wrong),
                    words.percent(level.wrong / level.n),
                )
                for level in one.levels
            ),
            caption=f"Where the threshold was sought: {_short(one, found)}",
        )
        for one in found
        if one.levels
    ]


def _notes(found: list[Selective]) -> list[Block]:
    said: dict[str, list[str]] = {}
    for one in found:
        for note in one.notes:
            said.setdefault(note, []).append(_short(one, found))
    told = tuple(
        f"{note[0].upper()}{note[1:]}."
        if len(names) == len(found)
        else f"{words.listed(names)}: {note}."
        for note, names in said.items()
    )
    return [Bullets(told, tone="note")] if told else []


# -- a run that escalated ------------------------------------------------------------------------


def escalated(report: Report) -> list[Block]:
    """Who decided how many and what was saved, the numbers behind it. Nothing where a run did not."""
    one = report.escalation
    if one is None:
        return []
    numbers = Disclosure("The numbers behind this", (_tiers(one),))
    said = [_decided(one), _saved(one), _guaranteed(one)]
    return [Heading(ESCALATED), Paragraph(" ".join(part for part in said if part)), numbers]


def escalated_brief(report: Report) -> list[Block]:
    """The same without the numbers."""
    return [block for block in escalated(report) if not isinstance(block, Disclosure)]


def _decided(one: Escalation) -> str:
    units = words.counted(one.n_units, one.unit)
    parts = [f"{words.name(t.judge)} was sure of {words.count(t.decides)}" for t in one.tiers]
    told = f"Of {units}, {', '.join(parts)} (confidence {one.threshold:.3g} or more)."
    if one.n_unsure:
        last = words.name(one.tiers[-1].judge)
        stay = "stays" if one.n_unsure == 1 else "stay"
        told += (
            f" {words.count(one.n_unsure)} {stay} below it, and count as {last} judged them: people should "
            "look at these."
        )
    if one.n_missing:
        lack = "has" if one.n_missing == 1 else "have"
        told += f" {words.count(one.n_missing)} {lack} no verdict of the judge that they came to."
    return told


def _saved(one: Escalation) -> str:
    planned = sum(tier.calls_planned for tier in one.tiers)
    saved = sum(tier.calls_saved for tier in one.tiers)
    if not saved:
        return "No call was saved."
    verb = "was" if saved == 1 else "were"
    costs = [tier.cost_saved_usd for tier in one.tiers if tier.calls_saved]
    about = sum(cost for cost in costs if cost is not None)
    money = f", about {words.usd(about)}" if None not in costs and about else ""
    return (
        f"{words.count(saved)} of {words.counted(planned, 'call')} ({_share(saved / planned)}) {verb} not "
        f"needed{money}."
    )


def _guaranteed(one: Escalation) -> str:
    if one.risk is None or one.delta is None:
        return (
            "The threshold guarantees nothing: it was chosen, and not found on people's labels, as "
            "`judge agree --cascade` does."
        )
    return (
        f"With probability {_share(1 - one.delta)} at most {_share(one.risk)} of what is decided with such "
        f"confidence differs from what most people would say ({words.name(one.source or '')}), as long as "
        "the items come as the labelled ones did."
    )


def _tiers(one: Escalation) -> Table:
    columns = (
        Column("judge", "name"),
        Column(f"{one.unit}s reached"),
        Column("sure of"),
        Column("calls"),
        Column("not needed"),
        Column("cost"),
    )
    return Table(columns, tuple(_tier(tier) for tier in one.tiers))


def _tier(tier: EscalationTier) -> tuple[str, ...]:
    return (
        tier.judge,
        words.count(tier.reached),
        words.count(tier.decides),
        f"{words.count(tier.calls_asked)} of {words.count(tier.calls_planned)}",
        words.count(tier.calls_saved),
        words.usd(tier.cost_usd),
    )


SECTION = Section("selective", blocks, brief=brief)
ESCALATION = Section("escalation", escalated, brief=escalated_brief)
