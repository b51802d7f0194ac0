"""Calls, verdicts and runs: SQLite by default, PostgreSQL by URL. SQLAlchemy is named only here."""

from judge.store.labels import labels_hash
from judge.store.readings import Reading
from judge.store.rows import items_hash
from judge.store.store import Account, Store, open_existing, open_store

__all__ = [
    "Account",
    "Reading",
    "Store",
    "items_hash",
    "labels_hash",
    "open_existing",
    "open_store",
]
