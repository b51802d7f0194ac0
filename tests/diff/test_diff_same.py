"""What is the same in two runs and what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from factories import item, judge, pairwise

from judge.diff.match import facts_of
from judge.diff.same import Aspect, Readings, RunFacts, aspects, causes
from judge.types import Run

ITEMS = (item("i1"), item("i2"))
NAMES = {"base": "base", "tuned": "tuned"}


def run(**changes: Any) -> RunFacts:
    record = Run("r", "compare", {}, "sha256:aa", 7, "0.1", {"judge": "0.1"}, {}, "done", "now")
    known: dict[str, Any] = {
        "run": record,
        "items": {i.item_id: facts_of(i) for i in ITEMS},
        "judges": (judge("j"),),
        "rubrics": (pairwise(),),
        "swap": "both",
        "repeats": 1,
        "repeat_share": 1.0,
        "merge": "average",
        "stop_early": False,
        "escalate": "",
        "anchors": "",
        "labels": "",
        "readings": {"j": Readings(frozenset({"structured"}), frozenset({1}), frozenset({"m-1"}))},
        "names": NAMES,
        "rubric_names": {"test@1": "test@1"},
    }
    return RunFacts(**(known | changes))


def differing(other: RunFacts) -> list[Aspect]:
    return [aspect for aspect in aspects([run(), other]) if not aspect.same]


def test_a_run_is_the_same_as_itself_in_everything() -> None:
    assert differing(run()) == []
    assert any(a.name == "hash of all texts" for a in aspects([run(), run()]))


@pytest.mark.parametrize(
    ("change", "kind", "name", "said"),
    [
        ({"swap": "random"}, "asking", "orders", "both, then random"),
        ({"repeats": 3}, "asking", "repeats", "1, then 3"),
        (
            {"merge": "tie-on-inconsistency"},
            "reading",
            "merge of orders",
            "average, then tie-on-inconsistency",
        ),
        ({"stop_early": True}, "asking", "stopping early", "no, then yes"),
        ({"escalate": "below 0.9"}, "asking", "escalation", "none, then below 0.9"),
        ({"judges": (judge("j", model="m2"),)}, "judges", "judge j", "model j, then m2"),
        (
            {"judges": (judge("j", parameters={"temperature": 0}),)},
            "judges",
            "judge j",
            'parameters {}, then {"temperature":0}',
        ),
        ({"judges": (judge("k"),)}, "judges", "judge k", "only in run 2"),
        ({"rubrics": (pairwise(system="Other."),)}, "rubric", "rubric test@1", "another text"),
        (
            {"rubrics": (pairwise(version=2),), "rubric_names": {"test@2": "test@1"}},
            "rubric",
            "rubric test@1",
            "test@1, then test@2",
        ),
        (
            {"readings": {"j": Readings(frozenset({"text"}), frozenset({1}), frozenset({"m-1"}))}},
            "reading",
            "reading of j",
            "method structured, then text",
        ),
        (
            {
                "readings": {
                    "j": Readings(frozenset({"structured"}), frozenset({1}), frozenset({"m-2"}))
                }
            },
            "judges",
            "model that j reported",
            "m-1, then m-2",
        ),
    ],
)
def test_what_differs_is_named_with_both_values_and_may_be_a_cause(
    change: dict[str, Any], kind: str, name: str, said: str
) -> None:
    found = differing(run(**change))
    (aspect,) = (a for a in found if a.name == name)
    assert (aspect.kind, said in aspect.said) == (kind, True)
    assert aspect in causes(found)


@pytest.mark.parametrize("name", ["anchors", "labels"])
def test_what_moves_no_verdict_is_named_and_is_no_cause(name: str) -> None:
    (found,) = differing(run(**{name: "shop@2 ab"}))
    assert (found.name, found.said) == (name, "none, then shop@2 ab")
    assert causes([found]) == []


def test_prices_and_limits_do_not_make_another_judge() -> None:
    dearer = judge("j", usd_per_mtok_in=9.0, max_concurrency=2, api_key_env="OTHER")
    assert differing(run(judges=(dearer,))) == []


def test_responses_are_compared_a_system_at_a_time_by_their_texts() -> None:
    other = {i.item_id: facts_of(i) for i in (item("i1", tuned="another text"), item("i2"))}
    (aspect,) = differing(run(items=other))
    assert (aspect.name, aspect.said) == ("responses of tuned", "1 of 2 texts differ")
    assert causes([aspect]) == [aspect]


def test_a_renamed_system_with_the_same_texts_is_the_same() -> None:
    renamed = [
        replace(i, responses=tuple(replace(r, system=r.system.upper()) for r in i.responses))
        for i in ITEMS
    ]
    facts = {i.item_id: facts_of(i) for i in renamed}
    other = run(items=facts, names={"BASE": "base", "TUNED": "tuned"})
    assert differing(other) == []


def test_a_seed_moves_nothing_where_every_pair_is_asked_in_both_orders() -> None:
    seeded = run(run=replace(run().run, seed=8))
    assert [a.name for a in differing(seeded)] == ["seed"]
    assert causes(differing(seeded)) == []
    both = [run(swap="random"), replace(seeded, swap="random")]
    assert [a.name for a in causes(aspects(both))] == ["seed"]


def test_versions_and_clusters_are_said_and_cause_nothing() -> None:
    record = replace(run().run, packages={"judge": "0.2"}, items_hash="sha256:bb")
    clustered = {i: replace(facts, cluster="one") for i, facts in run().items.items()}
    found = differing(run(run=record, items=clustered))
    assert {a.name for a in found} == {"versions", "clusters"}
    assert causes(found) == []
