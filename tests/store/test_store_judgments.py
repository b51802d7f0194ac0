"""Judgments come back as they were appended; a batch is all or nothing; nothing is overwritten."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from store_samples import (
    RUN_ID,
    call,
    completion,
    failed,
    failed_call,
    item,
    judgment,
    ok,
    run,
    start,
    trial,
    without_ids,
)

from judge.errors import StoreError
from judge.store import Account, Store
from judge.types import Call, Completion, Item, Judgment, Response, Status, Trial, Verdict

# Everything that Python can hold in a text, with what databases stumble over made frequent.
TEXT = st.text(
    st.characters() | st.sampled_from("\x00\x1a\ud800\udc00\udfff\\'\"%\u2028"), max_size=20
)
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON values over these leaves."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=5,
    )


FINITE = nested(PLAIN | st.floats(allow_nan=False, allow_infinity=False))
JSON = nested(PLAIN | st.floats(allow_nan=False))
COUNT = st.integers(0, 2**53)
AMOUNT = st.floats(0, 1e9)


@st.composite
def completions(draw: st.DrawFn) -> Completion:
    return Completion(
        text=draw(TEXT),
        finish_reason=draw(TEXT),
        model=draw(TEXT),
        request_id=draw(st.none() | TEXT),
        tokens_in=draw(COUNT),
        tokens_out=draw(COUNT),
        tokens_cached=draw(COUNT),
        latency_s=draw(AMOUNT),
        logprobs=draw(st.none() | st.lists(JSON, max_size=2).map(tuple)),
        structured=draw(TEXT),
        sent=draw(st.dictionaries(TEXT, JSON, max_size=2)),
    )


@st.composite
def calls(draw: st.DrawFn) -> Call:
    return Call(
        content_key=draw(TEXT),
        request=draw(TEXT),
        marker=draw(TEXT),
        reask=draw(st.integers(0, 1)),
        completion=draw(st.none() | completions()),
        error=draw(TEXT),
        attempts=draw(st.integers(0, 99)),
        cost_usd=draw(st.none() | AMOUNT),
        asked_at=draw(TEXT),
    )


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    status = draw(st.sampled_from(Status))
    is_ok = status is Status.OK
    return Verdict(
        status=status,
        label=draw(TEXT) if is_ok else None,
        score=draw(st.none() | st.floats(allow_nan=False)) if is_ok else None,
        criteria=draw(st.dictionaries(TEXT, TEXT, max_size=3)),
        p_a=draw(st.none() | st.floats(0, 1)),
        p_dist=draw(st.none() | st.dictionaries(TEXT, st.floats(0, 1), max_size=3)),
        method=draw(TEXT),
        explanation=draw(TEXT),
        reason=draw(TEXT),
        parser_version=draw(st.integers(0, 99)),
    )


@st.composite
def judgments(draw: st.DrawFn, item_id: str) -> Judgment:
    of = Trial(
        item_id=item_id,
        judge=draw(TEXT),
        rubric=draw(TEXT),
        variant=draw(TEXT),
        system_a=draw(TEXT),
        system_b=draw(st.none() | TEXT),
        order=draw(st.sampled_from(["AB", "BA"])),
        repeat=draw(st.integers(1, 9)),
        content_key=draw(TEXT),
    )
    return Judgment(of, draw(verdicts()), tuple(draw(st.lists(calls(), max_size=3))))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Item, list[Judgment]]:
    of = Item(
        item_id=draw(TEXT),
        prompt=tuple(draw(st.lists(TEXT, max_size=2))),
        responses=(Response(draw(TEXT), tuple(draw(st.lists(TEXT, max_size=2)))),),
        reference=draw(st.none() | TEXT),
        category=draw(st.none() | TEXT),
        cluster=draw(TEXT),
        metadata=draw(st.dictionaries(TEXT, FINITE, max_size=2)),
    )
    made = draw(st.lists(judgments(of.item_id), min_size=1, max_size=3))
    return of, [*{j.trial.trial_id: j for j in made}.values()]


_CASES = iter(range(10**6))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(case=cases())
def test_any_judgment_and_its_item_come_back_equal(
    store: Store, case: tuple[Item, list[Judgment]]
) -> None:
    of, made = case
    run_id = f"any-{next(_CASES)}"
    store.start_run(run([of], run_id=run_id), [of])
    store.append(run_id, made)
    assert [*store.items(run_id)] == [of]
    assert store.item(run_id, of.item_id) == of
    read = {j.trial.trial_id: without_ids(j) for j in store.judgments(run_id)}
    assert read == {j.trial.trial_id: j for j in made}


@pytest.mark.parametrize(
    "hostile",
    [
        "nul \x00 lone \ud800 pair \ud83d\ude00 escape \x1a \x1a0000 \\u0000 \U0001f600",
        "ascii with what an escape looks like: \x1a0041",
        "ascii \x00",
    ],
)
def test_texts_keep_nul_surrogates_and_the_stores_own_escape(store: Store, hostile: str) -> None:
    start(store)
    given_ = judgment(verdict=ok(explanation=hostile, criteria={hostile: hostile}))
    answer = completion(text=hostile, sent={"stop": [hostile]}, logprobs=(hostile,))
    changed = dataclasses.replace(given_.calls[0], completion=answer)
    given_ = dataclasses.replace(given_, calls=(changed,))
    store.append(RUN_ID, [given_])
    assert [without_ids(j) for j in store.judgments(RUN_ID)] == [given_]


def test_infinite_logprobs_are_kept_and_a_nan_score_is_refused(store: Store) -> None:
    start(store)
    of = trial()
    odd = call(of, completion=completion(logprobs=({"logprob": float("-inf")},)))
    store.append(RUN_ID, [Judgment(of, ok(), (odd,))])
    assert [without_ids(j).calls for j in store.judgments(RUN_ID)] == [(odd,)]
    with pytest.raises(StoreError, match="NaN is no number to store"):
        store.append(RUN_ID, [judgment(1, verdict=Verdict(Status.OK, score=float("nan")))])


# -- a batch -------------------------------------------------------------------------------------


def _beyond_64_bits() -> Judgment:
    of = trial(1)
    return Judgment(of, ok(), (call(of, completion=completion(tokens_in=2**70)),))


@pytest.mark.parametrize(
    "bad",
    [
        Judgment(trial(1), ok(), reused=999),
        judgment(77),
        judgment(1, verdict=Verdict(Status.OK, score=float("nan"))),
        judgment(1, verdict=ok(criteria={"a": object()})),
        _beyond_64_bits(),
    ],
    ids=["unknown call", "unknown item", "no number", "no JSON", "beyond 64 bits"],
)
def test_a_bad_judgment_in_the_middle_of_a_batch_leaves_nothing_of_it(
    store: Store, bad: Judgment
) -> None:
    start(store)
    store.append(RUN_ID, [judgment(0)])
    with pytest.raises(StoreError, match="3 judgments to run r1, none of which was kept"):
        store.append(RUN_ID, [judgment(2), bad, judgment(3)])
    assert [j.trial.item_id for j in store.judgments(RUN_ID)] == ["i0"]
    assert store.answers([trial(2).content_key, trial(3).content_key]) == {}
    assert store.accounting(RUN_ID)["j1"].calls == 1
    store.append(RUN_ID, [judgment(2), judgment(3)])
    assert len(store.settled(RUN_ID)) == 3


def test_judgments_for_an_unknown_run_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="run r9"):
        store.append("r9", [judgment()])


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that SQLAlchemy sends during the test."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def test_no_judgments_are_no_transaction(store: Store, statements: list[str]) -> None:
    store.append("a run that does not exist", [])
    assert statements == []


def test_calls_and_verdicts_are_inserted_and_never_changed(
    statements: list[str], store: Store
) -> None:
    start(store)
    store.append(RUN_ID, [failed(0), judgment(1)])
    store.append(RUN_ID, [judgment(0), judgment(1)])
    store.finish_run(RUN_ID, state="done", ended_at=None, cost_usd=None)
    read = (store.verdicts, store.settled, store.accounting, lambda r: [*store.judgments(r)])
    for ask in read:
        ask(RUN_ID)
    store.verify()
    changing = [s for s in statements if s.upper().startswith(("UPDATE", "DELETE", "TRUNCATE"))]
    assert [s.split()[:2] for s in changing] == [["UPDATE", "runs"]]
    assert sum(s.startswith("INSERT INTO verdicts") for s in statements) == 2
    assert sum(s.startswith("INSERT INTO calls") for s in statements) == 2


@pytest.mark.parametrize("table", ["calls", "verdicts"])
@pytest.mark.parametrize("change", ["UPDATE {} SET trial_id = trial_id", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_calls_and_verdicts(
    store: Store, sql: Callable[..., list[Any]], table: str, change: str
) -> None:
    start(store)
    store.append(RUN_ID, [judgment()])
    with pytest.raises(Exception, match="append-only"):
        sql(change.format(table), unguarded=False)


# -- what holds now ------------------------------------------------------------------------------


def test_the_latest_verdict_of_a_trial_is_the_current_one(store: Store) -> None:
    start(store)
    store.append(RUN_ID, [failed(0), judgment(1, verdict=ok("b"))])
    store.append(RUN_ID, [judgment(0, verdict=ok("tie"))])
    assert [j.verdict.label for j in store.judgments(RUN_ID)] == ["tie", "b"]
    assert store.verdicts(RUN_ID).frame["label"].tolist() == ["tie", "b"]


def test_the_latest_of_two_verdicts_in_one_batch_is_the_current_one(store: Store) -> None:
    start(store)
    store.append(RUN_ID, [failed(0), judgment(0)])
    assert [j.verdict.status for j in store.judgments(RUN_ID)] == [Status.OK]


def test_settled_leaves_out_what_failed_or_was_never_asked(store: Store) -> None:
    start(store)
    never = Judgment(trial(1), Verdict(Status.NOT_ASKED, reason="budget"))
    refused = judgment(2, verdict=Verdict(Status.REFUSED, reason="no"))
    store.append(RUN_ID, [failed(0), never, refused, judgment(3)])
    assert store.settled(RUN_ID) == {trial(2).trial_id, trial(3).trial_id}
    store.append(RUN_ID, [judgment(0)])
    assert trial(0).trial_id in store.settled(RUN_ID)


def test_an_unreadable_answer_is_settled_only_once_it_was_asked_for_again(store: Store) -> None:
    start(store)
    unread = Verdict(Status.UNPARSED, reason="prose")
    store.append(RUN_ID, [judgment(0, verdict=unread)])
    assert store.settled(RUN_ID) == set()
    again = call(trial(0), reask=1)
    store.append(RUN_ID, [Judgment(trial(0), unread, (again,))])
    assert store.settled(RUN_ID) == {trial(0).trial_id}


def test_runs_do_not_see_each_others_verdicts(store: Store) -> None:
    start(store)
    start(store, run_id="r2")
    store.append(RUN_ID, [judgment()])
    store.append("r2", [failed()])
    assert store.settled("r2") == set()
    assert store.settled(RUN_ID) == {trial().trial_id}
    assert store.accounting("r2")["j1"].attempts == 6


def test_judgments_of_one_item_come_in_one_order_whoever_answered_first(store: Store) -> None:
    start(store)
    asked = [
        judgment(n, judge=judge, order=order)
        for n in (2, 1)
        for judge in ("j2", "j1")
        for order in ("BA", "AB")
    ]
    store.append(RUN_ID, asked)
    found = [(j.trial.judge, j.trial.order) for j in store.judgments(RUN_ID, "i1")]
    assert found == [("j1", "AB"), ("j1", "BA"), ("j2", "AB"), ("j2", "BA")]
    assert [j.trial.item_id for j in store.judgments(RUN_ID)] == ["i1"] * 4 + ["i2"] * 4


# -- calls ---------------------------------------------------------------------------------------


def test_all_calls_of_a_judgment_are_stored_in_their_order(store: Store) -> None:
    start(store)
    of = trial()
    given_ = Judgment(of, ok(), (call(of, marker="first"), call(of, marker="again", reask=1)))
    store.append(RUN_ID, [given_, judgment(1)])
    assert [without_ids(j) for j in store.judgments(RUN_ID)] == [given_, judgment(1)]
    assert store.answers([of.content_key])[of.content_key].marker == "again"


def test_a_reask_that_failed_leaves_the_first_answer_as_the_one_that_was_read(
    store: Store, sql: Callable[..., list[Any]]
) -> None:
    start(store)
    of = trial()
    unread = Verdict(Status.UNPARSED, reason="no label")
    store.append(RUN_ID, [Judgment(of, unread, (call(of), failed_call(of, reask=1)))])
    (read,) = store.judgments(RUN_ID)
    answer = store.answers([of.content_key])[of.content_key]
    assert answer == read.calls[0]
    assert [c.reask for c in read.calls] == [0, 1]
    assert sql("SELECT call_id FROM verdicts", unguarded=False) == [(answer.call_id,)]
    assert store.verify() == []


def test_answers_are_the_latest_call_with_a_completion_in_any_run(store: Store) -> None:
    start(store)
    start(store, run_id="r2")
    of = trial(0)
    old, new = call(of, marker="old"), call(of, marker="new")
    store.append(RUN_ID, [Judgment(of, ok(), (old,)), failed(1)])
    store.append("r2", [Judgment(of, ok(), (new,))])
    store.append(RUN_ID, [failed(0)])
    found = store.answers([of.content_key, trial(1).content_key, "unknown"])
    assert {key: answer.marker for key, answer in found.items()} == {of.content_key: "new"}


def test_answers_take_more_keys_than_one_statement_can(store: Store) -> None:
    items = [item(n) for n in range(1200)]
    store.start_run(run(items), items)
    made = [judgment(n) for n in range(1200)]
    store.append(RUN_ID, made)
    keys = {j.trial.content_key for j in made}
    assert store.answers(keys | {f"no{n}" for n in range(40000)}).keys() == keys


def test_a_reused_judgment_names_the_call_that_was_read_and_makes_none(store: Store) -> None:
    start(store)
    start(store, run_id="r2")
    store.append(RUN_ID, [judgment()])
    (answer,) = store.answers([trial().content_key]).values()
    given_ = Judgment(trial(), ok(), reused=answer.call_id)
    store.append("r2", [given_])
    assert [*store.judgments("r2")] == [given_]
    assert answer.call_id is not None
    assert store.calls([answer.call_id, 10**9]) == {answer.call_id: answer}
    assert store.verify() == []


def test_a_stored_call_can_get_a_new_verdict_without_being_stored_again(store: Store) -> None:
    start(store)
    store.append(RUN_ID, [judgment(verdict=ok("a", parser_version=1))])
    (first,) = store.judgments(RUN_ID)
    again = dataclasses.replace(first, verdict=ok("b", parser_version=2))
    store.append(RUN_ID, [again])
    assert [*store.judgments(RUN_ID)] == [again]
    assert store.accounting(RUN_ID)["j1"].calls == 1


# -- accounts ------------------------------------------------------------------------------------


def test_an_account_has_what_a_budget_counts(store: Store) -> None:
    start(store)
    calls = tuple(call(trial(n), cost_usd=None, booked_usd=0.5) for n in (0, 1))
    store.append(RUN_ID, [Judgment(trial(n), ok(), (c,)) for n, c in enumerate(calls)])
    account = store.accounting(RUN_ID)["j1"]
    assert (account.cost_usd, account.booked_usd) == (None, 1.0)


def test_answers_can_be_those_of_one_run_alone(store: Store) -> None:
    start(store)
    start(store, run_id="r2")
    store.append(RUN_ID, [judgment(0)])
    key = trial(0).content_key
    assert set(store.answers([key])) == set(store.answers([key], RUN_ID)) == {key}
    assert store.answers([key], "r2") == {}


def test_accounts_count_every_call_and_reuse_only_where_it_is_current(store: Store) -> None:
    start(store)
    of = trial(1)
    reasked = Judgment(of, ok(), (call(of), call(of, reask=1)))
    store.append(RUN_ID, [failed(0), reasked, judgment(2, judge="j2")])
    (answer,) = store.answers([of.content_key]).values()
    other = trial(3)
    store.append(RUN_ID, [judgment(0), Judgment(other, ok(), reused=answer.call_id)])
    store.append(RUN_ID, [Judgment(trial(2), ok(), reused=answer.call_id), judgment(2)])
    assert store.accounting(RUN_ID) == {
        "j1": Account(
            reused=1, cost_usd=1.0, attempts=6 + 2 + 1 + 1, calls=5, tokens_in=400, tokens_out=80
        ),
        "j2": Account(reused=0, cost_usd=0.25, attempts=1, calls=1, tokens_in=100, tokens_out=20),
    }


def test_a_cost_is_unknown_where_one_price_is(store: Store) -> None:
    start(store)
    of = trial()
    unpriced = Judgment(of, ok(), (call(of, cost_usd=None),))
    store.append(RUN_ID, [unpriced, judgment(1), judgment(1, judge="j2")])
    costs = {judge: account.cost_usd for judge, account in store.accounting(RUN_ID).items()}
    assert costs == {"j1": None, "j2": 0.25}


def test_a_judge_that_only_reused_or_was_never_asked_cost_nothing(store: Store) -> None:
    start(store)
    store.append(RUN_ID, [Judgment(trial(), Verdict(Status.NOT_ASKED, reason="budget"))])
    assert store.accounting(RUN_ID) == {"j1": Account(0, 0.0, 0, 0, 0, 0)}
