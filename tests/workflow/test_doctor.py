"""What one file is taken for, and what real files of other projects support."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from judge import registry
from judge.doctor import Diagnosis, Finding
from judge.errors import InputError
from judge.workflow.doctor import diagnosed
from judge.workflow.options import Options

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "tests" / "contract"
SYNTHETIC = ROOT / "calibration" / "support-synthetic" / "v1"
DATA = ROOT.parent / "shared" / "data"
OPTIONS = Options()


def file(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "x.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def finding(diagnosis: Diagnosis, name: str) -> Finding:
    (found,) = [f for f in diagnosis.findings if f.name == name]
    return found


# -- what a file is ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two_systems", "soft_no_order", "half_missing", "single"])
def test_the_contract_tables_are_verdicts(name: str) -> None:
    found = diagnosed(CONTRACT / f"{name}.jsonl", OPTIONS)
    assert (found.kind, found.mode) == ("verdicts", "single" if name == "single" else "pairwise")


def test_labels_and_responses_are_known_by_their_columns() -> None:
    assert diagnosed(SYNTHETIC / "labels.jsonl", OPTIONS).kind == "labels"
    assert diagnosed(ROOT / "examples" / "data" / "base.jsonl", OPTIONS).kind == "responses"


def test_columns_that_were_mapped_count_as_what_they_are_mapped_to(tmp_path: Path) -> None:
    rows = [{"item_id": "i", "m1": "x", "m2": "y", "grader": "j", "label": "a"}]
    columns = {"system_a": "m1", "system_b": "m2", "judge": "grader"}
    assert diagnosed(file(tmp_path, rows), Options(columns=columns)).kind == "verdicts"


def test_labels_beside_the_verdicts_are_counted_where_they_meet(tmp_path: Path) -> None:
    verdicts = [
        {"item_id": f"support-0{n}", "system_a": "base", "system_b": "tuned", "judge": "j"}
        | {"label": "a", "order": "AB"}
        for n in range(1, 6)
    ]
    found = diagnosed(file(tmp_path, verdicts), OPTIONS, labels=SYNTHETIC / "labels.jsonl")
    assert found.labels is not None
    assert (found.labels.items, found.labels.judged_items, found.labels.in_file) == (24, 5, False)


def test_families_are_patterns_of_names() -> None:
    families = {"^j": frozenset({"north"}), "new": frozenset({"north"})}
    found = diagnosed(CONTRACT / "two_systems.jsonl", OPTIONS, families=families)
    assert "no judge's family is declared" not in finding(found, "self_preference").reason
    assert "have one vote" in finding(found, "panel").reason


def test_a_file_that_is_nothing_names_the_formats_it_may_be_of(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        diagnosed(file(tmp_path, [{"foo": 1}]), OPTIONS)
    assert "no column for `prompt`" in str(caught.value)
    others = [name for name in registry.names("formats") if name != "native"]
    assert all(name in str(caught.value) for name in others)


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_an_unreadable_file_is_an_input_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl"):
        diagnosed(path, OPTIONS)


# -- real data -----------------------------------------------------------------------------------


def real(name: str, format: str) -> Diagnosis:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not part of the repository and not at {path}")
    if format not in registry.names("formats"):
        pytest.skip(f"there is no format {format}")
    return diagnosed(path, Options(format=format))


def standings(diagnosis: Diagnosis) -> dict[str, str]:
    return {f.name: f.standing for f in diagnosis.findings}


def test_llmbar_supports_position_and_agreement_with_its_gold_and_no_win_rate() -> None:
    found = real("llmbar/verdicts.jsonl", "llmbar")
    named = standings(found)
    assert (found.kind, found.also) == ("verdicts", ("labels",))
    assert named["position"] == named["agreement"] == "available"
    # 56 answers could not be read; 39 pairs lack one of both, of 6 judges x 4 prompts x 419 items.
    assert (found.facts["rows"], found.facts["unparsed"]) == (20112, 56)
    assert "10,017 of 10,056 pairs" in finding(found, "position").reason
    assert named["human_ceiling"] == named["win_rate"] == named["ranking"] == "not_identified"
    assert found.labels is not None
    assert (found.labels.raters, found.labels.judged_items, found.labels.in_file) == (1, 419, True)


def test_pandalm_supports_the_human_ceiling_and_not_position() -> None:
    found = real("pandalm/testset_with_judges.jsonl", "pandalm")
    named = standings(found)
    assert finding(found, "position").reason == "order is recorded on 0 of 1,998 rows"
    assert named["agreement"] == named["human_ceiling"] == named["alt_test"] == "available"
    assert (found.facts["rows"], found.facts["unparsed"]) == (1998, 25)
    assert found.labels is not None
    assert (found.labels.labels, found.labels.raters, found.labels.repeated) == (2997, 3, 999)


def test_alpaca_eval_supports_length_and_not_position() -> None:
    found = real("alpaca_eval/preferences.jsonl", "alpaca_eval")
    named = standings(found)
    assert named["length"] == "available"
    assert named["position"] == named["panel"] == named["agreement"] == "not_identified"
    assert (found.facts["rows"], found.facts["systems"]) == (23341, 30)
    assert finding(found, "win_rate").fields == ("order",)


def test_three_scores_of_one_judge_support_repetition_stability() -> None:
    found = real("prometheus_gpt4_x3/vicuna_eval.jsonl", "prometheus")
    assert finding(found, "repetition_stability").standing == "available"
    assert "320 of 320" in finding(found, "repetition_stability").reason
