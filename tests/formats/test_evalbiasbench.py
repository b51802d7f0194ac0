"""EvalBiasBench: the texts, gold labels and types of its pairs, and judges that err on one of them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from format_files import labels, refusal, responses

from judge import records
from judge.formats.evalbiasbench import FORMAT
from judge.pairing import prompt_id
from judge.types import JudgeModel, digest_text
from judge.workflow import audit_judge
from judge.workflow.options import Options
from judge.workflow.running import World

PAIR = {
    "bias": "length bias",
    "instruction": "Say it shortly.",
    "response1": "It.",
    "response2": "It, and so much more.",
    "label": 1,
}
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "evalbiasbench"

TYPES = {
    "length bias": 17,
    "concreteness": 14,
    "empty reference": 13,
    "content_continuation": 12,
    "nested_instruction": 12,
    "familiar knowledge preference bias": 12,
}


def pair(**changes: Any) -> dict[str, Any]:
    return {**PAIR, **changes}


def test_a_pair_is_an_item_with_two_answers_in_the_category_of_its_bias() -> None:
    first, second = responses(FORMAT, [PAIR]).rows
    assert (first.system, first.turns) == ("response_1", ("It.",))
    assert (second.system, second.turns) == ("response_2", ("It, and so much more.",))
    assert first.item_id == second.item_id == prompt_id(("Say it shortly.",))
    assert (first.prompt, first.category) == (("Say it shortly.",), "length bias")


def test_a_label_names_the_better_answer_of_the_same_item() -> None:
    rows = [PAIR, pair(instruction="Another.", label=2)]
    first, second = labels(FORMAT, rows)
    assert (first.label, first.rater, second.label) == ("a", "gold", "b")
    assert (first.system_a, first.system_b) == ("response_1", "response_2")
    asked = [answer.item_id for answer in responses(FORMAT, rows).rows[::2]]
    assert [first.item_id, second.item_id] == asked


def test_further_pairs_on_an_instruction_are_items_in_one_cluster() -> None:
    turned = pair(response1=PAIR["response2"], response2=PAIR["response1"], label=2)
    rows = [PAIR, pair(response2="It is long."), turned, pair(instruction="Another.")]
    found = responses(FORMAT, rows).rows[::2]
    assert len({answer.item_id for answer in found}) == 4
    assert [Counter(a.cluster for a in found)[a.cluster] for a in found] == [3, 3, 3, 1]
    assert [label.item_id for label in labels(FORMAT, rows)] == [a.item_id for a in found]


def test_the_sources_own_document_reads_as_its_rows_do() -> None:
    document = {"length bias": [PAIR], "concreteness": [pair(instruction="Another.")]}
    rows = [row for listed in document.values() for row in listed]
    assert responses(FORMAT, [document]).rows == responses(FORMAT, rows).rows
    assert labels(FORMAT, [document]) == labels(FORMAT, rows)


def test_a_pair_that_stands_twice_under_two_labels_is_refused() -> None:
    message = refusal(FORMAT, "labels", [PAIR, pair(label=2)])
    assert "row 2" in message
    assert "another label in row 1" in message


@pytest.mark.parametrize(
    ("role", "row", "said"),
    [
        ("labels", pair(label=3), "field `label`"),
        ("labels", pair(label=None), "field `label`"),
        ("responses", pair(response1=None), "field `response1`"),
        ("responses", pair(instruction=" "), "field `instruction`: is empty"),
        ("responses", {"length bias": [PAIR], "concreteness": ["x"]}, "pair 2 is no object"),
    ],
)
def test_what_cannot_be_read_is_named(role: str, row: dict[str, Any], said: str) -> None:
    assert said in refusal(FORMAT, role, [row])


@pytest.mark.parametrize("role", ["responses", "labels"])
def test_a_file_without_pairs_is_refused(role: str) -> None:
    assert "holds no rows" in refusal(FORMAT, role, [])


# -- the published pairs -------------------------------------------------------------------------


@pytest.mark.skipif(not DATA.is_dir(), reason=f"EvalBiasBench is not at {DATA}")
def test_the_published_pairs_are_80_of_six_types_with_the_right_answer_first() -> None:
    items = records.read_responses([DATA / "pairs.jsonl"], format="evalbiasbench").items
    assert Counter(item.category for item in items) == TYPES
    assert len({item.item_id for item in items}) == 80
    assert len({item.cluster for item in items}) == 79
    gold = records.read_labels(DATA / "pairs.jsonl", format="evalbiasbench")
    assert [label.item_id for label in gold] == [item.item_id for item in items]
    assert {label.label for label in gold} == {"a"}


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"EvalBiasBench is not at {DATA}")
def test_a_judge_that_likes_length_errs_on_the_pairs_of_that_type(tmp_path: Path) -> None:
    """Both judges know the better answer by 3.2 log-odds, .96; one adds 1.5 a doubling of length.

    The worse answers of length bias are 2.4 to 8.3 times as long, 3.3 in the middle: 3.2 - 1.5 * 1.73 is
    .6 log-odds, .65 right there. Elsewhere answers are of like length.
    """
    path = DATA / "pairs.jsonl"
    planted = {}
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        for n in (1, 2):
            planted[digest_text(row[f"response{n}"])] = 0.7 if n == row["label"] else 0.3
    judges = tuple(
        JudgeModel(name, "simulated", rule, parameters={"planted": planted}, simulated=True)
        for name, rule in (("even", "sim-fair"), ("long", "sim-fair:length=1.5"))
    )
    own = Options(
        judges=judges,
        format="evalbiasbench",
        labels=path,
        labels_format="evalbiasbench",
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
    )
    what = audit_judge.prepared([path], own, audit_judge.Battery(only=("identity",)))
    result = asyncio.run(audit_judge.judged(what, own, World()))
    found = result.report.judge_audit
    assert found is not None
    right = {
        one.judge: {row.category: row.right.value for row in one.known} for one in found.batteries
    }
    types = {"", *TYPES}
    assert set(right["even"]) == set(right["long"]) == types
    assert all((share or 0) > 0.85 for share in right["even"].values())
    assert (right["long"]["length bias"] or 0) < 0.8
    assert all((right["long"][name] or 0) > 0.8 for name in TYPES if name != "length bias")
