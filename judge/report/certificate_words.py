"""What certificates say of a report's judges, in a sentence each: part of its first lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from judge.report.blocks import Block, Column, Heading, Paragraph, Table
from judge.report.schema_certificate import AuditCertificate, Certificate
from judge.report.words import SENTENCES, bracket, counted, estimate, listed, name, percent

NONE_LISTED = (
    "This store holds no certificate. `judge agree RUN SET --certify` makes one from a run and a locked set "
    "of people's labels, `judge audit judge --certify` and `judge audit rubric --certify` of an audit."
)


def sentences(found: Sequence[Certificate]) -> list[str]:
    """One sentence a certificate, valid ones first, then the judges that have none, by the reason."""
    by_state = [one for state in ("valid", "stale") for one in found if one.state == state]
    told = [_told(one, found) for one in by_state[:SENTENCES]]
    if len(by_state) > SENTENCES:
        told.append(f"{counted(len(by_state) - SENTENCES, 'more certificate')} in the JSON.")
    return [*told, *_without(found)]


def are_all_valid(found: Sequence[Certificate]) -> bool:
    return bool(found) and all(one.state == "valid" for one in found)


def is_stale(found: Iterable[Certificate]) -> bool:
    return any(one.state == "stale" for one in found)


def _told(one: Certificate, found: Sequence[Certificate]) -> str:
    rubrics = {other.rubric for other in found if other.judge == one.judge}
    under = f" under {name(one.rubric)}" if len(rubrics) > 1 else ""
    who = f"{name(one.judge)}{under}{' (simulated)' if one.simulated else ''}"
    if one.state == "stale":
        return (
            f"The certificate of judge {who} is stale: {'; '.join(one.why)}. Then it agreed with people on "
            f"{_agreed(one)}."
        )
    return (
        f"Judge {who} was checked against people: it agrees on {_agreed(one)}; certificate "
        f"valid until {_day(one.valid_until)}."
    )


# -- audits ----------------------------------------------------------------------------------------

# What an audit of a judge tried are perturbations of answers, their order, and the constant answer.
_TRIED = {"judge": "test", "rubric": "wording"}


def audited(audits: Sequence[AuditCertificate]) -> list[str]:
    """One sentence an audit of these judges, those that hold first."""
    by_state = [one for state in ("valid", "stale") for one in audits if one.state == state]
    told = [_audited(one) for one in by_state[:SENTENCES]]
    rest = len(by_state) - SENTENCES
    return [*told, *([f"{counted(rest, 'more audit')} in the JSON."] if rest > 0 else [])]


def _audited(one: AuditCertificate) -> str:
    who = f"{name(one.judge)}{' (simulated)' if one.simulated else ''}"
    of = f"Judge {who}" if one.audit == "judge" else f"The wording of {name(one.rubric)} with {who}"
    items = counted(one.n_items, "item")
    when = f"on {_day(one.asked_at)} (run {name(one.run_id)}, {items})"
    if one.state == "stale":
        return (
            f"{of} was audited {when}, which is stale: {'; '.join(one.why)}. Then, {_moved(one)}."
        )
    return f"{of} was audited {when}: {_moved(one)}."


def _moved(one: AuditCertificate) -> str:
    """How many of the things tried moved verdicts, which, and of how many nothing can be told."""
    tried = counted(len(one.tried), _TRIED[one.audit])
    what = "it" if one.audit == "judge" else "verdicts"
    untold = f"; of {len(one.untold)} nothing could be told" if one.untold else ""
    if not one.moved:
        return f"none of {tried} was shown to move {what}{untold}"
    return f"{len(one.moved)} of {tried} moved {what} ({listed(one.moved)}){untold}"


def _agreed(one: Certificate) -> str:
    found = one.found
    if found is None:
        return "units that are not recorded"
    units = counted(found.n_items, "labelled unit")
    on = f" on {name(one.criterion)}" if one.criterion else ""
    return (
        f"{percent(found.percent.value)} {bracket(found.percent)} of {units}{on} "
        f"({name(one.label_set or '')}, {_day(one.made_at)})"
    )


def _without(found: Sequence[Certificate]) -> Iterator[str]:
    """The judges without one, by the reason; unnamed where none has one for the same reason."""
    whys: dict[str, dict[str, None]] = {}
    for one in found:
        if one.state == "none":
            whys.setdefault("; ".join(one.why), {})[one.judge] = None
    if len(whys) == 1 and all(one.state == "none" for one in found):
        yield f"No certificate: {next(iter(whys))}."
        return
    for why, judges in whys.items():
        yield f"No certificate for {_judges([*judges])}: {why}."


def _judges(names: Sequence[str]) -> str:
    return f"{'judge' if len(names) == 1 else 'judges'} {listed(names)}"


def _day(moment: str | None) -> str:
    return (moment or "")[:10]


def listing(found: Sequence[Certificate], audits: Sequence[AuditCertificate] = ()) -> list[Block]:
    """All certificates of a store, the newest first, for a terminal."""
    if not found and not audits:
        return [Paragraph(NONE_LISTED)]
    told: list[Block] = []
    if found:
        told += [Heading("Certificates", level=1), _by_people(found)]
    if audits:
        told += [Heading("Audits", level=1), _by_audits(audits)]
    return told


def _by_people(found: Sequence[Certificate]) -> Table:
    columns = (
        Column("judge", "name"),
        Column("rubric", "name"),
        Column("labels", "name"),
        Column("agrees"),
        Column("units"),
        Column("until"),
    )
    return Table(columns, tuple(_row(one) for one in found))


def _by_audits(audits: Sequence[AuditCertificate]) -> Table:
    columns = (
        Column("judge", "name"),
        Column("rubric", "name"),
        Column("of", "name"),
        Column("moved by", "text"),
        Column("items"),
        Column("until"),
    )
    rows = tuple(
        (
            f"{one.judge}{' (simulated)' if one.simulated else ''}",
            one.rubric,
            one.audit,
            f"{len(one.moved)} of {len(one.tried)}",
            str(one.n_items),
            _day(one.valid_until),
        )
        for one in audits
    )
    return Table(columns, rows)


def _row(one: Certificate) -> tuple[str, ...]:
    found = one.found
    return (
        f"{one.judge}{' (simulated)' if one.simulated else ''}",
        one.rubric,
        one.label_set or "",
        "" if found is None else estimate(found.percent),
        "" if found is None else str(found.n_items),
        _day(one.valid_until),
    )
