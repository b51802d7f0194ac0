"""The diagnosis of responses and labels, and how one is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from judge.doctor import Diagnosis, Finding
from judge.doctor.files import of_labels, of_responses
from judge.pairing import ResponseSet
from judge.report.doctor import text, to_json
from judge.types import HumanLabel, Item, Response


def item(n: int, *systems: str, **more: Any) -> Item:
    answers = tuple(Response(system, (f"{system} says {n}",)) for system in systems)
    return Item(f"i{n}", (f"question {n}",), answers, **more)


def responses(*items: Item) -> ResponseSet:
    systems = dict.fromkeys(r.system for i in items for r in i.responses)
    return ResponseSet(items, tuple(systems))


def finding(diagnosis: Diagnosis, name: str) -> Finding:
    (found,) = [f for f in diagnosis.findings if f.name == name]
    return found


def test_one_system_can_be_scored_and_not_compared() -> None:
    found = of_responses(responses(*(item(n, "x") for n in range(20))))
    assert finding(found, "score").standing == "available"
    assert finding(found, "compare").reason == "the file holds one system"


def test_two_systems_on_the_same_items_can_be_compared() -> None:
    found = of_responses(responses(*(item(n, "x", "y") for n in range(20))))
    assert finding(found, "compare").reason == (
        "up to 20 of 20 items have responses of both systems of a pair"
    )
    assert finding(found, "rank").standing == "not_identified"


def test_systems_without_an_item_in_common_are_neither_compared_nor_ranked() -> None:
    found = of_responses(responses(item(1, "x"), item(2, "y"), item(3, "z")))
    assert finding(found, "compare").fields == ("item_id",)
    assert "3 groups" in finding(found, "rank").reason


def test_systems_that_are_connected_through_others_are_ranked() -> None:
    found = of_responses(responses(item(1, "x", "y"), item(2, "y", "z")))
    assert finding(found, "rank").standing == "available"


def test_references_are_counted_and_some_are_not_all() -> None:
    some = [item(n, "x", reference="r" if n else None) for n in range(4)]
    assert finding(of_responses(responses(*some)), "reference").reason.startswith(
        "reference is recorded on 3 of 4 items"
    )
    assert finding(of_responses(responses(*some)), "reference").standing == "limited"
    assert finding(of_responses(responses(*some[:1])), "reference").standing == "not_identified"


def test_labels_beside_responses_are_counted_by_their_items() -> None:
    said = [HumanLabel(f"i{n}", "r", system="x", score=1.0) for n in (1, 2, 99)]
    found = of_responses(responses(*(item(n, "x") for n in range(4))), said)
    assert finding(found, "agreement").reason.startswith("2 of 4 items are labelled")


def test_logprobs_are_looked_for_under_the_system() -> None:
    with_some = item(1, "x", "y", metadata={"x": {"logprobs": [-0.1]}})
    found = finding(of_responses(responses(with_some)), "perplexity")
    assert (found.standing, found.reason.split(";")[0]) == (
        "limited",
        "logprobs are recorded on 1 of 2 responses",
    )


def test_labels_alone_tell_how_raters_agree_and_nothing_of_a_judge() -> None:
    said = [
        HumanLabel(f"i{n}", rater, system_a="x", system_b="y", label="a", order_shown="AB")
        for n in range(30)
        for rater in ("r1", "r2")
    ]
    found = of_labels(said)
    assert finding(found, "agreement").standing == "not_identified"
    assert finding(found, "human_ceiling").standing == "available"
    assert finding(found, "rater_position").standing == "available"
    assert "inclusion_prob is recorded on 0 of 60 labels" in finding(found, "correction").reason


def test_two_labels_of_one_rater_are_not_two_raters() -> None:
    said = [
        HumanLabel("i1", "r1", system_a="x", system_b="y", label="a", order_shown=order)
        for order in ("AB", "BA")
    ]
    assert finding(of_labels(said), "human_ceiling").standing == "not_identified"


# -- how it is shown -----------------------------------------------------------------------------

LONG = "a name that is long " * 20 + "\x1b[31m\u202e"


def shown() -> Diagnosis:
    found = of_responses(responses(*(item(n, "x", LONG, category=LONG) for n in range(3))))
    return replace(found, file=LONG, warnings=(LONG,))


def test_a_diagnosis_fits_80_columns_and_shows_no_control_character() -> None:
    for width in (40, 80):
        said = text(shown(), width=width)
        assert max(map(len, said.splitlines())) <= width
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_findings_with_one_reason_share_a_line() -> None:
    first, second = (
        Finding(name, f"title {name}", "not_identified", "the reason", "the remedy")
        for name in ("x", "y")
    )
    said = text(Diagnosis("labels", {}, (first, second)))
    assert "- title x; title y: the reason\n  > the remedy\n" in said
    assert said.count("the reason") == 1


def test_only_a_diagnosis_that_lacks_something_says_whose_fault_it_is_not() -> None:
    whole = Diagnosis("labels", {}, (Finding("x", "t", "available", "r"),))
    assert "not about the judge" not in text(whole)
    assert "not about the judge" in text(shown()).replace("\n", " ")


def test_json_has_the_documented_shape() -> None:
    told = json.loads(to_json(shown()))
    assert list(told) == [
        *("schema", "file", "format", "kind", "mode", "also", "facts", "findings"),
        *("labels", "needs", "warnings"),
    ]
    assert told["schema"] == "judge.doctor/1"
    assert set(told["findings"][0]) == {
        *("name", "title", "standing", "reason", "remedy", "fields")
    }
    assert "\x1b" not in to_json(shown())


def test_items_of_one_cluster_are_not_enough_for_a_comparison() -> None:
    found = of_responses(responses(*(item(n, "x", "y", cluster="one") for n in range(40))))
    compared = finding(found, "compare")
    assert compared.standing == "limited"
    assert "1 independent item" in compared.reason


def test_a_name_that_the_built_in_table_knows_has_a_family() -> None:
    found = of_responses(responses(*(item(n, "gpt-4o", "mine") for n in range(60))))
    assert "a family is known of 1 of 2 systems" in finding(found, "self_preference").reason
    assert finding(found, "length").standing == "available"


def test_few_pairs_of_two_systems_are_too_few_to_control_their_length() -> None:
    found = of_responses(responses(*(item(n, "x", "y") for n in range(49))))
    assert "49 pairs of some systems are under the 50" in finding(found, "length").reason
