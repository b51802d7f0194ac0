"""Runs and their items come back as they were given."""

from __future__ import annotations

import dataclasses

import pytest
from store_samples import RUN_ID, item, run, start

from judge.errors import InputError, StoreError
from judge.store import Store, items_hash, open_store
from judge.types import Item, Response


def test_a_run_is_read_as_it_was_stored(store: Store) -> None:
    started = start(store)
    assert store.run(RUN_ID) == started
    assert [*store.run(RUN_ID).planned] == ["j2", "j1"], "the order of the judges is kept"


def test_the_end_of_a_run_is_recorded_and_taken_back_on_resume(store: Store) -> None:
    started = start(store)
    store.finish_run(RUN_ID, state="budget", ended_at="2026-01-02", cost_usd=1.5)
    ended = dataclasses.replace(started, state="budget", ended_at="2026-01-02", cost_usd=1.5)
    assert store.run(RUN_ID) == ended
    store.finish_run(RUN_ID, state="running", ended_at=None, cost_usd=None)
    assert store.run(RUN_ID) == started


def test_runs_are_listed_newest_first(store: Store) -> None:
    for n, day in enumerate(["02", "03", "01"]):
        start(store, run_id=f"r{n}", started_at=f"2026-01-{day}")
    assert [r.run_id for r in store.runs()] == ["r1", "r0", "r2"]
    assert [r.run_id for r in store.runs(limit=2)] == ["r1", "r0"]
    latest = store.latest()
    assert latest is not None
    assert latest.run_id == "r1"


def test_an_empty_store_has_no_latest_run(store: Store) -> None:
    assert store.latest() is None
    assert store.runs() == []


def test_an_unknown_run_is_the_callers_error_and_names_the_store(store: Store) -> None:
    start(store)
    for ask in (
        lambda: store.run("r9"),
        lambda: [*store.items("r9")],
        lambda: store.item("r9", "i0"),
        lambda: [*store.judgments("r9")],
        lambda: store.verdicts("r9"),
        lambda: store.accounting("r9"),
        lambda: store.finish_run("r9", state="done", ended_at=None, cost_usd=None),
    ):
        with pytest.raises(InputError, match="no run r9") as caught:
            ask()
        assert store.name in str(caught.value)


def test_a_run_is_never_started_twice(store: Store) -> None:
    started = start(store)
    with pytest.raises(StoreError, match="could not record the run r1"):
        store.start_run(started, [])
    assert len([*store.items(RUN_ID)]) == 4


def test_items_keep_their_order_and_content_over_several_chunks(store: Store) -> None:
    items = [item(n) for n in reversed(range(1100))]
    store.start_run(run(items), items)
    assert [*store.items(RUN_ID)] == items
    assert store.count_items(RUN_ID) == 1100
    assert store.item(RUN_ID, "i7") == item(7)


def test_an_item_without_optional_fields_comes_back_equal(store: Store) -> None:
    bare = Item("only", ("q", "and then?"), (Response("s", ()),))
    store.start_run(run([bare]), [bare])
    assert store.item(RUN_ID, "only") == bare


def test_an_unknown_item_is_the_callers_error(store: Store) -> None:
    start(store)
    with pytest.raises(InputError, match="run r1 has no item 'i77'"):
        store.item(RUN_ID, "i77")


def test_an_item_that_json_cannot_hold_leaves_no_run_behind(store: Store) -> None:
    items = [item(0), item(1, metadata={"when": object()})]
    with pytest.raises(StoreError, match="not JSON serializable"):
        store.start_run(dataclasses.replace(run([]), items_hash=""), items)
    assert store.runs() == []


def test_two_items_of_one_id_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="record the run"):
        store.start_run(run([item(0), item(0)]), [item(0), item(0)])
    assert store.runs() == []


def test_a_reader_that_takes_its_time_holds_no_connection(store: Store) -> None:
    items = [item(n) for n in range(600)]
    store.start_run(run(items), items)
    readers = [store.items(RUN_ID) for _ in range(40)]  # more than a pool has connections
    assert [next(reader).item_id for reader in readers] == ["i0"] * 40


@pytest.mark.parametrize(
    "changed",
    [
        item(1, prompt=("other",)),
        item(1, reference=None),
        item(1, category="other"),
        item(1, cluster="other"),
        item(1, metadata={}),
        item(1, responses=(Response("new", ("fourth",)), Response("base", ("six", "and six")))),
        item(1, responses=(Response("new", ("four",)), Response("base", ("sixand six",)))),
        item(3),
    ],
)
def test_the_hash_of_the_items_changes_with_any_part_of_any_item(changed: Item) -> None:
    assert items_hash([item(0), changed]) != items_hash([item(0), item(1)])


def test_the_hash_of_the_items_hangs_on_their_order_and_is_tagged() -> None:
    assert items_hash([item(0), item(1)]) != items_hash([item(1), item(0)])
    assert items_hash(iter([item(0)])) == items_hash([item(0)])
    assert items_hash([]).startswith("sha256:")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_an_item_that_json_cannot_hold_has_no_hash(value: object) -> None:
    with pytest.raises(InputError, match="item 'i7' holds what JSON cannot"):
        items_hash([item(0), item(7, metadata={"tokens": value})])


def test_a_store_is_there_again_after_it_was_closed(place: str) -> None:
    with open_store(place) as first:
        started = start(first)
    with Store.open(place) as second:
        assert second.run(RUN_ID) == started


def test_a_run_is_held_by_one_store_at_a_time_and_free_after_it(place: str) -> None:
    with open_store(place) as one, open_store(place) as other:
        with one.claim("r"):
            with pytest.raises(InputError, match="another process"), other.claim("r"):
                pass
            with other.claim("another run"):
                pass
        with other.claim("r"):
            pass


def test_a_fault_inside_a_claim_leaves_the_run_free(place: str) -> None:
    with open_store(place) as store:
        with pytest.raises(KeyError), store.claim("r"):
            raise KeyError
        with store.claim("r"):
            pass


def test_a_stopped_judge_is_in_the_record_of_the_run(store: Store) -> None:
    start(store)
    store.finish_run(RUN_ID, state="done", stopped={"j": "401: no key"})
    assert store.run(RUN_ID).stopped == {"j": "401: no key"}
    store.finish_run(RUN_ID, state="running")
    assert store.run(RUN_ID).stopped == {}
