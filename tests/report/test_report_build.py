"""From an analysis of a table to the report of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError
from report_samples import sections

from judge.aggregate import Analysis, analyze
from judge.report import html, markdown, terminal
from judge.report.build import build, run_judge, run_rubric
from judge.report.private import HIDDEN
from judge.report.schema import Report, RunModel, json_schema, to_json
from judge.table import from_rows
from judge.types import Criterion, JudgeModel, Mode, Rubric, Scale, Wording

CONTRACT = Path(__file__).parents[1] / "contract"
EXPECTED: dict[str, Any] = json.loads((CONTRACT / "expected.json").read_text("utf-8"))
PAIRWISE = ("two_systems", "soft_no_order", "half_missing")


@dataclass(frozen=True)
class Account:
    reused: int = 0
    cost_usd: float | None = 0.25
    calls: int = 10
    attempts: int = 12
    tokens_in: int = 100
    tokens_out: int = 20


def analysis(name: str, **changes: Any) -> Analysis:
    mode: Mode = "single" if name == "single" else "pairwise"
    lines = (CONTRACT / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) | changes for line in lines]
    return analyze(from_rows(mode, rows), baseline=EXPECTED[name].get("baseline"))


def built(name: str, **changes: Any) -> Report:
    return build(analysis(name, **changes), run={"command": "analyze"})


@pytest.mark.parametrize("name", PAIRWISE)
def test_report_of_a_contract_table_has_its_win_rates(name: str) -> None:
    plain = json.loads(to_json(built(name)))
    # The table without order has one judge and several systems: its values are named by system.
    key_of = "system" if name == "soft_no_order" else "judge"
    rows = {row[key_of]: row["raw"] for row in plain["comparisons"]}
    for who, expected in EXPECTED[name]["comparisons"].items():
        found = {key: rows[who][key] for key in expected}
        assert found == pytest.approx(expected, abs=1e-6)


def test_report_of_the_single_contract_table_has_its_scores() -> None:
    plain = json.loads(to_json(built("single")))
    rows = {f"{row['system']}/{row['criterion']}": row["raw"] for row in plain["scores"]}
    for key, expected in EXPECTED["single"]["scores"].items():
        assert {k: rows[key][k] for k in expected} == pytest.approx(expected, abs=1e-6)
    assert "comparisons" not in plain
    assert plain["judges"][0]["position"]["consistency"]["value"] is None
    assert plain["judges"][0]["position"]["consistency"]["note"]


@pytest.mark.parametrize("name", list(EXPECTED))
def test_every_contract_table_gives_a_valid_report_in_every_writer(name: str) -> None:
    if not (CONTRACT / f"{name}.jsonl").exists():
        pytest.skip(f"expected.json names {name}, which has no table")
    made = built(name)
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(json.loads(to_json(made)))
    for writer in (terminal, markdown, html):
        assert "not checked against people" in writer.render(made, sections())


def test_accounts_give_reuse_and_cost_to_each_judge_and_sums_to_the_run() -> None:
    accounts = {"j1": Account(reused=3), "j2": Account(cost_usd=0.5)}
    made = build(analysis("two_systems"), run={}, accounts=accounts)
    assert [(row.reused, row.cost_usd) for row in made.judges] == [(3, 0.25), (0, 0.5)]
    run = made.run
    assert (run.reused, run.cost_usd, run.calls, run.attempts) == (3, 0.75, 20, 24)


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    accounts = {"j1": Account(), "j2": Account(cost_usd=None)}
    made = build(analysis("two_systems"), run={}, accounts=accounts)
    assert made.run.cost_usd is None
    assert made.judges[1].cost_usd is None
    assert "unknown" in terminal.render(made, sections())


def test_totals_that_the_run_states_are_kept() -> None:
    made = build(analysis("two_systems"), run={"cost_usd": 9.0}, accounts={"j1": Account()})
    assert made.run.cost_usd == 9.0


def test_recorded_verdicts_have_no_cost() -> None:
    made = built("two_systems")
    assert {row.cost_usd for row in made.judges} == {None}
    assert made.run.calls is None


def test_a_judge_with_two_wordings_does_not_show_its_cost_twice() -> None:
    rows = [json.loads(line) for line in (CONTRACT / "two_systems.jsonl").read_text().splitlines()]
    both = [row | {"variant": variant} for row in rows for variant in ("", "plain")]
    made = build(
        analyze(from_rows("pairwise", both)), run={}, accounts={"j1": Account(), "j2": Account()}
    )
    assert len(made.judges) == 4
    assert {row.cost_usd for row in made.judges} == {None}
    assert made.run.cost_usd == 0.5
    assert any("j1 and j2 are known for all rubrics" in warning for warning in made.warnings)


def test_simulated_judges_are_named_whoever_says_that_they_are() -> None:
    by_table = built("two_systems", simulated=True)
    assert by_table.run.simulated_judges == ["j1", "j2"]
    judge = JudgeModel(judge="j1", provider="simulated", model="sim-fair", simulated=True)
    by_run = build(analysis("two_systems"), run=RunModel(judges=[run_judge(judge)]))
    assert by_run.run.simulated_judges == ["j1"]
    assert "simulated" in terminal.render(by_run, sections())
    assert built("two_systems").run.simulated_judges == []


def test_warnings_of_the_caller_come_first_and_none_twice() -> None:
    found = analysis("two_systems")
    made = build(found, run={}, warnings=["mine", "mine", *found.warnings])
    assert made.warnings == ["mine", *dict.fromkeys(found.warnings)]


def test_provenance_of_a_judge_has_its_settings_and_no_key() -> None:
    judge = JudgeModel(
        judge="j",
        provider="openai",
        model="m",
        families=frozenset({"b", "a"}),
        parameters={"temperature": 0},
        usd_per_mtok_in=1.5,
        api_key_env="MY_SECRET_VARIABLE",
    )
    made = run_judge(judge)
    assert made.families == ["a", "b"]
    assert made.prices.usd_per_mtok_in == 1.5
    assert made.capabilities is not None
    assert "MY_SECRET_VARIABLE" not in made.model_dump_json()


def test_provenance_of_a_judge_says_how_it_is_read_and_how_its_endpoint_is_asked() -> None:
    weighed = run_judge(JudgeModel("j", "openai", "m", reading="logprobs"))
    assert (weighed.reading, weighed.endpoint) == ("logprobs", None)
    table = {"body": {"p": "{user}"}, "answer": "text"}
    house = run_judge(
        JudgeModel(
            "j", "http", "m", endpoint={**table, "auth": "X-Key", "headers": {"X-Team": "red"}}
        )
    )
    assert house.reading == "label"
    assert house.endpoint == {**table, "headers": "(not shown: it may be a key)"}


def test_provenance_of_a_rubric_is_its_hash_and_every_word_that_a_judge_could_see() -> None:
    scale = Scale("nominal", ("A", "tie", "B"), tie_label="tie")
    criterion = Criterion("c", "right?", {"A": "the first"})
    variants = (Wording("plain", "s2", "u2"),)
    rubric = Rubric("help", 2, "pairwise", (criterion,), scale, "s", "u", variants=variants)
    assert run_rubric(rubric).model_dump() == {
        "id": "help@2",
        "fingerprint": rubric.fingerprint,
        "mode": "pairwise",
        "labels": ["A", "tie", "B"],
        "criteria": [{"name": "c", "question": "right?", "anchors": {"A": "the first"}}],
        "wordings": [
            {"name": "", "system": "s", "user": "u"},
            {"name": "plain", "system": "s2", "user": "u2"},
        ],
    }


def test_settings_as_sent_are_told_without_anything_that_may_be_a_key() -> None:
    key = "sk-abcdefghijklmnop1234"
    judge = JudgeModel(
        judge="j",
        provider="openai",
        model="m",
        base_url=f"http://user:{key}@host/v1?key={key}",
        parameters={"extra_headers": {"X-Key": key}, "seed": 1},
    )
    made = run_judge(judge, {"model": "m", "user": key, "max_tokens": 64})
    assert key not in made.model_dump_json()
    assert made.base_url == "http://host/v1"
    assert made.parameters["seed"] == 1
    assert made.sent == {"model": "m", "user": HIDDEN, "max_tokens": 64}


def test_what_is_missing_and_what_to_read_come_from_the_table() -> None:
    rows = [json.loads(x) for x in (CONTRACT / "half_missing.jsonl").read_text().splitlines()]
    table = from_rows("pairwise", rows)
    made = build(analyze(table), run={"seed": 3}, table=table)
    assert made.missing is not None
    for judge in made.judges:
        lost = judge.planned - judge.ok
        assert sum(row.n for row in made.missing if row.judge == judge.judge) == lost
    assert built("half_missing").missing is None


def test_provenance_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        build(analysis("two_systems"), run={"surprise": 1})


def test_a_lean_is_not_said_to_be_cancelled_where_pairs_were_asked_in_one_order() -> None:
    """Eight pairs in both orders, the first always winning, and one in one order or without any."""
    pair = {"system_a": "new", "system_b": "base", "judge": "j"}
    both = [
        pair | {"item_id": f"i{n}", "order": order, "label": label}
        for n in range(8)
        for order, label in (("AB", "a"), ("BA", "b"))
    ]
    for order in ("AB", ""):
        one = pair | {"item_id": "x", "order": order, "label": "a"}
        said = [
            markdown.render(build(analyze(from_rows("pairwise", rows)), run={}), sections())
            for rows in (both, [*both, one])
        ]
        assert ["at the price of a wider interval" in text for text in said] == [True, False]
        assert ["pairs that were asked in one order" in text for text in said] == [False, True]
