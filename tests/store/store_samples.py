"""Small records that a store takes, with everything that a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from judge.store import Store, items_hash
from judge.types import (
    Call,
    Completion,
    Item,
    Judgment,
    Response,
    Run,
    Status,
    Trial,
    Verdict,
    digest_text,
)

RUN_ID = "r1"


def item(n: int = 0, **changes: Any) -> Item:
    fields: dict[str, Any] = {
        "item_id": f"i{n}",
        "prompt": (f"question {n}",),
        "responses": (Response("new", ("four",)), Response("base", ("six", "and six"))),
        "reference": "the reference",
        "category": "support",
        "metadata": {"source": ["a", 1, None], "new": {"tokens": 3}},
    }
    return Item(**{**fields, **changes})


def run(items: Sequence[Item], run_id: str = RUN_ID, **changes: Any) -> Run:
    fields: dict[str, Any] = {
        "run_id": run_id,
        "command": "compare",
        "config": {
            "mode": "pairwise",
            "judges": [
                {"judge": "j1", "families": ["b", "a"], "simulated": False},
                {"judge": "j2", "families": [], "simulated": True},
            ],
            "rubrics": [],
        },
        "items_hash": items_hash(items),
        "seed": 7,
        "revision": "abc",
        "packages": {"openai": "3.30", "anthropic": "2.11"},
        "planned": {"j2": 4, "j1": 4},
        "state": "running",
        "started_at": "2026-01-01T00:00:00Z",
    }
    return Run(**{**fields, **changes})


def trial(n: int = 0, **changes: Any) -> Trial:
    fields: dict[str, Any] = {
        "item_id": f"i{n}",
        "judge": "j1",
        "rubric": "helpfulness@1",
        "variant": "",
        "system_a": "new",
        "system_b": "base",
        "order": "AB",
        "repeat": 1,
    }
    fields |= changes
    key = digest_text(request(**fields))
    return Trial(**{"content_key": key, **fields})


def request(**fields: Any) -> str:
    return f"request {sorted(fields.items(), key=lambda field: field[0])}"


def completion(**changes: Any) -> Completion:
    return Completion(
        **{"text": '{"label":"A"}', "finish_reason": "stop", "model": "m-1", **changes}
    )


def call(of: Trial, **changes: Any) -> Call:
    names = ("item_id", "judge", "rubric", "variant", "system_a", "system_b", "order", "repeat")
    fields: dict[str, Any] = {
        "content_key": of.content_key,
        "request": request(**{name: getattr(of, name) for name in names}),
        "marker": "ab12",
        "reask": 0,
        "completion": completion(tokens_in=100, tokens_out=20),
        "error": "",
        "attempts": 1,
        "cost_usd": 0.25,
        "asked_at": "2026-01-01T00:00:01Z",
    }
    return Call(**{**fields, **changes})


def failed_call(of: Trial, **changes: Any) -> Call:
    return call(
        of, **{"completion": None, "error": "503", "attempts": 6, "cost_usd": 0.0, **changes}
    )


def ok(label: str = "a", **changes: Any) -> Verdict:
    return Verdict(Status.OK, label=label, **changes)


def judgment(n: int = 0, *, verdict: Verdict | None = None, **changes: Any) -> Judgment:
    """One answered judgment of item n; changes go to the trial."""
    of = trial(n, **changes)
    return Judgment(of, verdict or ok(), (call(of),))


def failed(n: int = 0, **changes: Any) -> Judgment:
    of = trial(n, **changes)
    return Judgment(of, Verdict(Status.FAILED, reason="503"), (failed_call(of),))


def start(store: Store, n_items: int = 4, **changes: Any) -> Run:
    """A started run with that many items."""
    items = [item(n) for n in range(n_items)]
    started = run(items, **changes)
    store.start_run(started, items)
    return started


def without_ids(judgment: Judgment) -> Judgment:
    """The judgment as it was before the store numbered its calls."""
    return replace(judgment, calls=tuple(replace(c, call_id=None) for c in judgment.calls))
