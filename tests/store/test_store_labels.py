"""Labels in a store: kept once and whole, found again by their hash, and at home in older stores too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from store_samples import RUN_ID, item, run, start

from judge.errors import InputError, StoreError
from judge.store import Store, labels_hash, open_store
from judge.types import HumanLabel

PAIR = HumanLabel("i0", "ann", system_a="new", system_b="base", label="a", inclusion_prob=0.25)
SCORE = HumanLabel("i1", "böb\x00", system="new", criterion="tone", score=4.0, split="test")
BOTH = (PAIR, SCORE)


def test_labels_come_back_as_they_were_given_and_in_their_order(place: str) -> None:
    with open_store(place) as store:
        key = store.add_labels(BOTH)
        assert key == labels_hash(BOTH)
    with open_store(place) as store:
        assert store.labels(key) == BOTH
        assert store.verify() == []


def test_more_labels_than_one_statement_takes_come_back_in_their_order(store: Store) -> None:
    many = [replace(PAIR, item_id=f"i{n}") for n in range(1203)]
    assert list(store.labels(store.add_labels(many))) == many


def test_one_set_of_labels_is_stored_once(store: Store, sql: Callable[..., list[Any]]) -> None:
    assert store.add_labels(BOTH) == store.add_labels(BOTH)
    assert sql("SELECT count(*) FROM human_labels", unguarded=False) == [(2,)]


def test_the_hash_tells_every_field_apart() -> None:
    others = [
        replace(PAIR, **{name: value})
        for name, value in (
            ("item_id", "i9"),
            ("rater", "bob"),
            ("system_a", "x"),
            ("label", "tie"),
            ("criterion", "c"),
            ("inclusion_prob", 0.5),
            ("split", "dev"),
            ("order_shown", "BA"),
        )
    ]
    assert len({labels_hash([label]) for label in (PAIR, *others)}) == 9


def test_labels_that_nobody_stored_are_the_stores_error(store: Store) -> None:
    with pytest.raises(StoreError, match="not in the store"):
        store.labels("sha256:00")


@pytest.mark.parametrize(
    "change", ["UPDATE human_labels SET rater = 'x'", "DELETE FROM human_labels"]
)
def test_labels_are_only_ever_added(
    store: Store, sql: Callable[..., list[Any]], change: str
) -> None:
    store.add_labels(BOTH)
    with pytest.raises(Exception, match="append-only"):
        sql(change, unguarded=False)


def test_a_label_that_was_changed_is_found(
    store: Store, sql: Callable[..., list[Any]], place: str
) -> None:
    key = store.add_labels([PAIR])
    if place.startswith("postgresql"):
        forged = "UPDATE human_labels SET payload = replace(payload, '\"a\"', '\"b\"')"
        sql(forged)
    else:
        sql(
            "DROP TRIGGER human_labels_no_update",
            "UPDATE human_labels SET payload = replace(payload, '\"a\"', '\"b\"')",
        )
    with pytest.raises(StoreError, match="changed"):
        store.labels(key)
    assert [problem for problem in store.verify() if key in problem]


# -- stores that were made before there were labels ----------------------------------------------


@pytest.fixture
def older(place: str, sql: Callable[..., list[Any]]) -> str:
    """A store with a run, as it was made before labels were stored."""
    with open_store(place) as store:
        start(store)
    sql("DROP TABLE human_labels", unguarded=False)
    return place


def test_an_older_store_is_read_as_one_without_labels_and_left_as_it_is(
    older: str, sql: Callable[..., list[Any]]
) -> None:
    with open_store(older) as store:
        assert store.run(RUN_ID).run_id == RUN_ID
        assert store.verify() == []
        with pytest.raises(StoreError, match="not in the store"):
            store.labels("sha256:00")
    with pytest.raises(Exception, match="human_labels"):
        sql("SELECT count(*) FROM human_labels", unguarded=False)


def test_an_older_store_takes_labels_and_guards_them(
    older: str, sql: Callable[..., list[Any]]
) -> None:
    with open_store(older) as store:
        key = store.add_labels(BOTH)
        assert store.labels(key) == BOTH
        assert store.verify() == []
    assert sql("SELECT schema_version FROM meta", unguarded=False) == [(1,)]
    with pytest.raises(Exception, match="append-only"):
        sql("DELETE FROM human_labels", unguarded=False)


# -- how a run is read ---------------------------------------------------------------------------


def test_the_config_of_a_run_can_change_and_nothing_else_does(store: Store) -> None:
    items = [item()]
    store.start_run(run(items), items)
    before = store.run(RUN_ID)
    store.change_config(RUN_ID, {**before.config, "labels": "x"})
    assert store.run(RUN_ID) == replace(before, config={**before.config, "labels": "x"})


def test_the_config_of_an_unknown_run_cannot_change(store: Store) -> None:
    with pytest.raises(InputError, match="no run r9"):
        store.change_config("r9", {})
