"""Certificates in a store: kept once, never changed, and at home in stores that were made before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from store_samples import RUN_ID, start

from judge.store import Store, open_store

SAID: dict[str, Any] = {
    "judge": "j1",
    "run_id": RUN_ID,
    "made_at": "2026-10-01T00:00:00+00:00",
    "found": {"percent": 0.845},
}
LATER = {**SAID, "made_at": "2026-11-01T00:00:00+00:00"}


@pytest.fixture
def older(place: str, sql: Callable[..., list[Any]]) -> str:
    """A store with a run, as it was made before there were certificates."""
    with open_store(place) as store:
        start(store)
    sql("DROP TABLE certificates", unguarded=False)
    return place


def test_certificates_come_back_whole_and_the_oldest_first(place: str) -> None:
    with open_store(place) as store:
        assert store.add_certificate(LATER) != store.add_certificate(SAID)
    with open_store(place) as store:
        assert store.certificates() == [SAID, LATER]
        assert store.verify() == []


def test_the_same_certificate_is_stored_once(store: Store) -> None:
    assert store.add_certificate(SAID) == store.add_certificate(SAID)
    assert store.certificates() == [SAID]


@pytest.mark.parametrize(
    "change", ["UPDATE certificates SET judge = 'x'", "DELETE FROM certificates"]
)
def test_certificates_are_only_ever_added(
    store: Store, sql: Callable[..., list[Any]], change: str
) -> None:
    store.add_certificate(SAID)
    with pytest.raises(Exception, match="append-only"):
        sql(change, unguarded=False)


def test_a_certificate_that_was_changed_is_found(
    store: Store, sql: Callable[..., list[Any]], place: str
) -> None:
    key = store.add_certificate(SAID)
    forged = "UPDATE certificates SET payload = replace(payload, '0.845', '0.999')"
    sql(
        *([] if place.startswith("postgresql") else ["DROP TRIGGER certificates_no_update"]), forged
    )
    assert [problem for problem in store.verify() if key in problem and "changed" in problem]


def test_an_older_store_is_read_as_one_without_certificates_and_left_as_it_is(
    older: str, sql: Callable[..., list[Any]]
) -> None:
    with open_store(older) as store:
        assert store.run(RUN_ID).run_id == RUN_ID
        assert store.certificates() == []
        assert store.verify() == []
    with pytest.raises(Exception, match="certificates"):
        sql("SELECT count(*) FROM certificates", unguarded=False)


def test_an_older_store_takes_certificates_and_guards_them(
    older: str, sql: Callable[..., list[Any]]
) -> None:
    with open_store(older) as store:
        store.add_certificate(SAID)
        assert store.certificates() == [SAID]
        assert store.verify() == []
    assert sql("SELECT schema_version FROM meta", unguarded=False) == [(1,)]
    with pytest.raises(Exception, match="append-only"):
        sql("DELETE FROM certificates", unguarded=False)
