"""What certificates say of a report's judges, in a sentence each: part of its first lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from judge.report.blocks import Block, Column, Heading, Paragraph, Table
from judge.report.schema_certificate import Certificate
from judge.report.words import SENTENCES, bracket, counted, estimate, listed, name, percent

NONE_LISTED = (
    "This store holds no certificate. `judge agree RUN SET --certify` makes one from a run and a locked set "
    "of people's labels."
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


def listing(found: Sequence[Certificate]) -> list[Block]:
    """All certificates of a store, the newest first, for a terminal."""
    if not found:
        return [Paragraph(NONE_LISTED)]
    columns = (
        Column("judge", "name"),
        Column("rubric", "name"),
        Column("labels", "name"),
        Column("agrees"),
        Column("units"),
        Column("until"),
    )
    rows = tuple(_row(one) for one in found)
    return [Heading("Certificates", level=1), Table(columns, rows)]


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
