"""Calls, verdicts and runs: SQLite by default, PostgreSQL by URL. SQLAlchemy is named only here."""

from judge.store.rows import items_hash
from judge.store.store import Account, Store, open_store

__all__ = ["Account", "Store", "items_hash", "open_store"]
