"""Certificates of judges as a store keeps them: added, never changed, under the hash of what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from judge.store import schema
from judge.store.schema import certificates
from judge.types import digest


def add(connection: Connection, payload: Mapping[str, Any]) -> str:
    """Stores a certificate, unless it is there, and returns its hash. In a transaction that writes."""
    schema.complete(connection, certificates)
    key = digest(dict(payload))
    column = certificates.c.certificate_id
    if connection.execute(select(column).where(column == key)).first() is None:
        made = {name: payload[name] for name in ("judge", "run_id", "made_at")}
        row = {"certificate_id": key, **made, "payload": dict(payload)}
        connection.execute(certificates.insert(), row)
    return key


def read(connection: Connection) -> list[dict[str, Any]]:
    """All certificates, the oldest first; none in a store that was made before there were any."""
    if not schema.has(connection, certificates):
        return []
    c = certificates.c
    query = select(c.payload).order_by(c.made_at, c.certificate_id)
    return [*connection.execute(query).scalars()]


def problems(connection: Connection) -> Iterator[str]:
    """The certificates that do not hash to their name, in words."""
    if not schema.has(connection, certificates):
        return
    c = certificates.c
    for row in connection.execute(select(c.certificate_id, c.payload).order_by(c.certificate_id)):
        if digest(row.payload) != row.certificate_id:
            yield f"certificate {row.certificate_id}: it was changed after it was made"
