"""People's labels as a store keeps them: a set is stored once, under the hash of what it holds.

A run names the hash in its config, so that its report can be made again without the file of labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from judge.errors import StoreError
from judge.store import reads, schema
from judge.store.schema import human_labels
from judge.types import HumanLabel, canonical


def labels_hash(labels: Iterable[HumanLabel]) -> str:
    """The tagged SHA-256 over labels in their order."""
    total = hashlib.sha256()
    for label in labels:
        total.update(canonical(_payload(label)).encode("utf-8", "surrogatepass") + b"\n")
    return f"sha256:{total.hexdigest()}"


def add(connection: Connection, labels: Sequence[HumanLabel]) -> str:
    """Stores a set of labels, unless it is there, and returns its hash. In a transaction that writes."""
    schema.complete(connection, human_labels)
    key = labels_hash(labels)
    column = human_labels.c.labels_hash
    if connection.execute(select(column).where(column == key).limit(1)).first() is None:
        for chunk in reads.chunks(_rows(key, labels)):
            connection.execute(human_labels.insert(), chunk)
    return key


def read(connection: Connection, key: str) -> tuple[HumanLabel, ...]:
    """The labels of that hash in their order. Raises StoreError where they are not all there."""
    found = _stored(connection, key) if schema.has(connection, human_labels) else ()
    if labels_hash(found) != key:
        raise StoreError(
            f"the labels {key} of a run are not in the store, or were changed; read them again with "
            "`judge report RUN --labels FILE`"
        )
    return found


def problems(connection: Connection) -> Iterator[str]:
    """The sets of labels that do not hash to their name, in words."""
    if not schema.has(connection, human_labels):
        return
    column = human_labels.c.labels_hash
    for key in connection.execute(select(column).distinct().order_by(column)).scalars().all():
        derived = labels_hash(_stored(connection, key))
        if derived != key:
            yield f"labels {key}: they hash to {derived}; a label was changed, added or lost"


def _stored(connection: Connection, key: str) -> tuple[HumanLabel, ...]:
    h = human_labels.c
    query = select(h.payload).where(h.labels_hash == key).order_by(h.position)
    return tuple(HumanLabel(**payload) for payload in connection.execute(query).scalars())


def _rows(key: str, labels: Sequence[HumanLabel]) -> Iterator[dict[str, Any]]:
    for position, label in enumerate(labels):
        place = {"labels_hash": key, "position": position}
        named = {"item_id": label.item_id, "rater": label.rater}
        yield {**place, **named, "payload": _payload(label)}


def _payload(label: HumanLabel) -> dict[str, Any]:
    """What is known of a label as JSON values."""
    return {name: value for name, value in asdict(label).items() if value is not None}
