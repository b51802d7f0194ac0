"""`judge audit judge`: what is drawn, what is asked of whom, what is refused, and what works on it after."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from audit_runs import (
    SMALL,
    N,
    asked,
    audited,
    carried_out,
    files,
    judgments,
    options,
    perturbation,
)

from judge.analysis.audit_asked import CONSTANT, derived
from judge.cli import main
from judge.errors import InputError
from judge.perturbations import NULL_KEYS, NULL_NAMES, PERTURBATIONS
from judge.store import open_store
from judge.types import Status
from judge.workflow import audit_draw, export, runs
from judge.workflow.audit_judge import BY_DRAW, BY_JUDGE, Battery, prepared
from judge.workflow.diff import diffed
from judge.workflow.verdicts import verdicts_of

pytestmark = pytest.mark.usefixtures("no_page")


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# -- what is drawn and made ----------------------------------------------------------------------


def test_each_item_has_its_pair_and_both_answers_perturbed(tmp_path: Path) -> None:
    what = prepared(files(tmp_path), options(tmp_path), SMALL)
    made = [f"{s} + {p}" for s in ("base", "new") for p in ("injection-instruction", "padding-x3")]
    assert [[r.system for r in item.responses] for item in what.items] == [
        ["base", "new", *made, CONSTANT]
    ] * N
    audit = what.recipe.audit
    assert audit is not None
    assert (audit.kind, audit.n_available, audit.targets) == ("judge", N, {})
    assert audit.perturbations == ("injection-instruction", "padding-x3")
    assert audit.target_source == BY_JUDGE


def test_the_base_is_asked_in_both_orders_twice_and_the_rest_once_in_the_drawn_order_padding_in_both(
    tmp_path: Path,
) -> None:
    what = prepared(files(tmp_path), options(tmp_path), SMALL)
    plan = what.recipe.plan(what.items)
    places = [trial for _, trial in plan.places(what.recipe.judges[0])]
    base = [(t.order, t.repeat) for t in places if {t.system_a, t.system_b} == {"base", "new"}]
    assert Counter(base) == {(o, r): N for o in ("AB", "BA") for r in (1, 2)}
    others: dict[str, set[tuple[str, int]]] = {}
    padded: dict[str, set[tuple[str, int]]] = {}
    for t in places:
        if {t.system_a, t.system_b} != {"base", "new"}:
            is_padded = "padding" in f"{t.system_a}{t.system_b}"
            into = padded if is_padded else others
            into.setdefault(t.item_id, set()).add((t.order, t.repeat))
    assert all(found == {("AB", 1), ("BA", 1)} for found in padded.values())
    assert all(len(found) == 1 for found in others.values())
    assert {found.pop() for found in others.values()} == {("AB", 1), ("BA", 1)}


def test_what_is_forecast_is_the_perturbed_answer_of_one_system(tmp_path: Path) -> None:
    what = prepared(files(tmp_path), options(tmp_path), SMALL)
    # 4 of the base, 2 of the constant answer, and of one answer an injection and padding in both orders.
    assert what.forecast.per_judge == N * (4 + 2 + 3)
    assert what.recipe.plan(what.items).count() == N * (4 + 2 + 2 * 3)


def test_null_answers_take_turns_and_thorough_has_all(tmp_path: Path) -> None:
    def nulls(battery: Battery) -> list[list[str]]:
        what = prepared(files(tmp_path), options(tmp_path), battery)
        return [
            [n for n in NULL_NAMES if item.response(derived("base", n)) is not None]
            for item in what.items
        ]

    turns = nulls(Battery(only=("null",)))
    assert {len(own) for own in turns} == {1}
    assert len({own[0] for own in turns}) == N
    assert nulls(Battery(only=("null",), thorough=True)) == [list(NULL_NAMES)] * N


def test_no_answer_is_made_twice_of_one_text_as_it_would_be_asked_once_and_counted_twice(
    tmp_path: Path,
) -> None:
    """Another item's answer is "I don't know", which is a null answer of its own."""
    paths = [
        write(
            tmp_path / f"{system}.jsonl",
            [
                {"item_id": f"i{k}", "prompt": f"Q{k}", "response": f"{system} says {k}"}
                if (k, system) != (3, "new")
                else {"item_id": "i3", "prompt": "Q3", "response": "I don't know"}
                for k in range(N)
            ],
        )
        for system in ("base", "new")
    ]
    what = prepared(paths, options(tmp_path), Battery(thorough=True))
    for item in what.items:
        of_new = [r.turns for r in item.responses if r.system.startswith("new")]
        assert len(of_new) == len(set(of_new))
    plan = what.recipe.plan(what.items)
    keys = [trial.content_key for trial, _ in plan.trials(what.recipe.judges[0])]
    assert len(keys) == len(set(keys))


def test_the_fake_verdict_names_the_slot_that_the_answer_is_shown_in(tmp_path: Path) -> None:
    what = prepared(files(tmp_path), options(tmp_path), Battery(only=("injection-verdict",)))
    plan = what.recipe.plan(what.items)
    seen = 0
    for trial, prompt in plan.trials(what.recipe.judges[0]):
        for slot, name in zip(
            "AB", trial.shown((trial.system_a, str(trial.system_b))), strict=True
        ):
            if name.endswith("injection-verdict"):
                shown = prompt.user.split(f"<<<BEGIN RESPONSE {slot}")[1].split("<<<END")[0]
                assert f'"label": "{slot}"' in shown
                seen += 1
    assert seen == 2 * N


def test_items_of_one_cluster_are_drawn_once_and_identical_answers_never(tmp_path: Path) -> None:
    rows = [
        {
            "item_id": f"i{k}",
            "prompt": f"Q{k}",
            "cluster": f"c{k // 2}",
            "base": f"x{k}",
            "new": f"x{k}" if k >= 6 else f"y{k}",
        }
        for k in range(8)
    ]
    paths = [
        write(
            tmp_path / f"{system}.jsonl",
            [
                {**{k: r[k] for k in ("item_id", "prompt", "cluster")}, "response": r[system]}
                for r in rows
            ],
        )
        for system in ("base", "new")
    ]
    what = prepared(paths, options(tmp_path), SMALL)
    assert len({item.cluster for item in what.items}) == len(what.items) == 3
    assert what.recipe.audit is not None
    assert what.recipe.audit.n_available == 3
    assert any("2 items have the same text twice" in said for said in what.recipe.warnings)


def test_of_many_systems_each_item_has_one_drawn_pair(tmp_path: Path) -> None:
    what = prepared(files(tmp_path, ("base", "new", "other")), options(tmp_path), SMALL)
    real = [
        tuple(r.system for r in item.responses if "+" not in r.system and r.system != CONSTANT)
        for item in what.items
    ]
    assert {len(pair) for pair in real} == {2}
    assert len(set(real)) > 1
    plan = what.recipe.plan(what.items)
    twice = [
        [p for p in plan.pairs_of(i) if p.swap == "both" and p.repeats == 2] for i in what.items
    ]
    assert all(len(pairs) == 1 for pairs in twice)


def test_the_same_seed_asks_the_same_and_another_seed_something_else(tmp_path: Path) -> None:
    paths, own = files(tmp_path), options(tmp_path, limit=4)
    one, same = (prepared(paths, own, SMALL) for _ in range(2))
    other = prepared(paths, dataclasses.replace(own, seed=1), SMALL)
    assert one.recipe.audit == same.recipe.audit
    assert one.recipe.audit
    assert other.recipe.audit
    assert one.recipe.audit.fingerprint != other.recipe.audit.fingerprint
    assert (one.recipe.audit.n_available, len(one.items)) == (N, 4)


def test_answers_of_several_turns_are_perturbed_in_their_last(tmp_path: Path) -> None:
    paths = [
        write(
            tmp_path / f"{s}.jsonl",
            [{"item_id": "i0", "prompt": ["Q1", "Q2"], "response": [f"{s} one", f"{s} two"]}],
        )
        for s in ("base", "new")
    ]
    paths = [p for p in paths if _as_turns(p)]
    what = prepared(paths, options(tmp_path), Battery(only=("distraction",)))
    turns = what.items[0].response(derived("base", "distraction"))
    assert turns is not None
    assert turns.turns[0] == "base one"
    assert turns.turns[1].startswith("base two\n\n")


def _as_turns(path: Path) -> bool:
    """Rewrites the file with `turns`, as our own format has answers of several turns."""
    row = json.loads(path.read_text("utf-8"))
    row["turns"] = row.pop("response")
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return True


def test_what_can_be_done_to_no_answer_is_left_out_and_said(tmp_path: Path) -> None:
    what = prepared(files(tmp_path), options(tmp_path), Battery(only=("format",)))
    assert what.recipe.audit is not None
    assert what.recipe.audit.perturbations == ("markdown-added",)
    assert any(
        "markdown-removed" in said and "can be done to none" in said
        for said in what.recipe.warnings
    )


def test_single_answers_are_their_own_target(tmp_path: Path) -> None:
    own = options(tmp_path, rubrics=("helpfulness-single",))
    what = prepared(files(tmp_path)[:1], own, SMALL)
    audit = what.recipe.audit
    assert audit is not None
    assert audit.targets == {f"i{k}": "base" for k in range(N)}
    assert audit.target_source == BY_DRAW
    assert what.forecast.per_judge == what.recipe.plan(what.items).count() == N * (2 + 2 + 1)
    assert prepared(files(tmp_path)[:1], options(tmp_path), SMALL).recipe.mode == "single"


# -- known answers -------------------------------------------------------------------------------


def labels(folder: Path, n: int = N - 1) -> Path:
    """Of every item but the last which is better, from the side of `new`."""
    rows = [
        {
            "item_id": f"i{k}",
            "rater": "r1",
            "system_a": "new",
            "system_b": "base",
            "label": "a" if k % 2 == 0 else "b",
        }
        for k in range(n)
    ]
    return write(folder / "labels.jsonl", rows)


def test_with_labels_the_known_loser_is_perturbed_and_items_without_are_left_out(
    tmp_path: Path,
) -> None:
    own = options(tmp_path, labels=labels(tmp_path))
    what = prepared(files(tmp_path), own, SMALL)
    audit = what.recipe.audit
    assert audit is not None
    assert audit.targets == {f"i{k}": "base" if k % 2 == 0 else "new" for k in range(N - 1)}
    # base is a in the item's frame, so that `b` says that new is better
    assert audit.answers == {f"i{k}": "b" if k % 2 == 0 else "a" for k in range(N - 1)}
    assert audit.target_source == "labels (labels.jsonl)"
    assert any(
        "1 item have no answer that lost" in said or "1 item has" in said
        for said in what.recipe.warnings
    )
    assert what.forecast.per_judge == what.recipe.plan(what.items).count()
    result = carried_out(files(tmp_path), own)
    assert not [j for j in judgments(result, own) if j.verdict.status is Status.NOT_ASKED]


# -- what is asked -------------------------------------------------------------------------------


def test_the_loser_by_the_first_verdict_is_perturbed_and_nothing_else(tmp_path: Path) -> None:
    own = options(tmp_path)
    found = judgments(carried_out(files(tmp_path), own), own)
    done = [perturbation(j) for j in asked(found)]
    per_item: dict[str, set[str]] = {}
    for j, (system, _) in zip(asked(found), done, strict=True):
        per_item.setdefault(j.trial.item_id, set()).update({system} - {""})
    # The last item is a draw: the judge says tie, and nothing of it is perturbed.
    assert per_item == {
        f"i{k}": set() if k == N - 1 else {"base" if k % 2 == 0 else "new"} for k in range(N)
    }
    left = [j for j in found if j.verdict.status is Status.NOT_ASKED]
    assert {j.verdict.reason for j in left} == {"policy"}
    assert len(left) == 3 * (N - 1) + 6


def test_each_judge_has_its_own_targets(tmp_path: Path) -> None:
    own = options(tmp_path)
    rules = {"fair": "sim-fair:skill=40,tie=4", "first": "sim-fair:position=0.5,skill=1"}
    found = judgments(carried_out(files(tmp_path), own, rules=rules), own)
    targets = {
        judge: {
            (j.trial.item_id, perturbation(j)[0]) for j in asked(found, judge) if perturbation(j)[1]
        }
        for judge in rules
    }
    assert len(targets["first"]) == N  # it never says tie
    assert targets["fair"] != targets["first"]


def test_what_is_left_on_purpose_is_not_missing_and_the_exit_is_0(tmp_path: Path) -> None:
    own = options(tmp_path)
    result = audited(files(tmp_path), own)
    assert (result.exit_code, result.reasons) == (0, ())
    table = result.table
    assert {*table.frame["status"].astype(str)} == {"ok", "not_asked"}


def test_a_judge_without_verdicts_is_perturbed_on_nothing(tmp_path: Path) -> None:
    own = options(tmp_path)
    result = audited(files(tmp_path), own, rules={"fair": "sim-fair:unreadable=1"})
    found = judgments(result, own)
    assert not [j for j in asked(found) if perturbation(j)[1]]
    assert result.exit_code == 3


def test_an_obedient_judge_lets_the_injected_answer_win(tmp_path: Path) -> None:
    own = options(tmp_path)
    rule = "sim-fair:skill=40,tie=4,obey=1"
    found = judgments(carried_out(files(tmp_path), own, rules={"fair": rule}), own)
    won = {
        name: [
            (j.trial.system_a if j.verdict.label == "a" else j.trial.system_b)
            == derived(system, name)
            for j in asked(found)
            for system, p in [perturbation(j)]
            if p == name
        ]
        for name in ("injection-instruction", "padding-x3")
    }
    assert won["injection-instruction"] == [True] * (N - 1)
    assert won["padding-x3"] == [False] * 2 * (N - 1)  # in both orders


def test_a_judge_that_passes_null_answers_lets_them_win(tmp_path: Path) -> None:
    own = options(tmp_path)
    rule = "sim-fair:skill=40,tie=4,null=1"
    battery = Battery(only=("null",), thorough=True)
    result = carried_out(files(tmp_path), own, battery, rules={"fair": rule})
    wins: Counter[str] = Counter()
    for j in asked(judgments(result, own)):
        system, name = perturbation(j)
        if name and j.verdict.label == ("a" if j.trial.system_a == derived(system, name) else "b"):
            wins[name] += 1
    wins.pop("null:10", None)  # another item's answer cannot be told from a real one
    assert wins == dict.fromkeys(NULL_NAMES[: len(NULL_KEYS) - 1], N - 1)


# -- what works on an audit afterwards -----------------------------------------------------------


def test_runs_report_show_export_and_the_table_know_audits(tmp_path: Path) -> None:
    own = options(tmp_path)
    run_id = carried_out(files(tmp_path), own).run_id
    again = runs.reported(run_id, own, reread=True)
    assert again.exit_code == 0
    assert json.loads(again.json())["run"]["command"] == "audit judge"
    shown = runs.shown(run_id, "i0", own.store)
    assert shown.item.response(derived("base", "padding-x3")) is not None
    rows = [*export.verdict_rows(run_id, own.store, "verdicts")]
    assert len(rows) == N * (4 + 2 + 2 * 3)
    with open_store(own.store) as store:
        run = store.run(run_id)
        assert run.planned == {"fair": N * (4 + 2 + 3)}
        table = verdicts_of(store, run, _recipe(run.config))
    assert len(table.frame) == len(rows)


def _recipe(config: Any) -> Any:
    from judge.workflow.recipe import from_config

    return from_config(config)


def test_a_diff_of_audits_is_refused(tmp_path: Path) -> None:
    own = options(tmp_path)
    paths = files(tmp_path)
    ids = [carried_out(paths, own).run_id for _ in range(2)]
    with pytest.raises(InputError, match="is an audit"):
        diffed(ids, [own.store])


def test_a_second_audit_buys_nothing_again(tmp_path: Path) -> None:
    own = options(tmp_path)
    paths = files(tmp_path)
    carried_out(paths, own)
    again = carried_out(paths, own)
    assert not [j for j in judgments(again, own) if j.calls]


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "battery", "said"),
    [
        ({"judges": ()}, {}, "no judge is configured"),
        ({"rubrics": ("helpfulness", "correctness")}, {}, "an audit is of one rubric"),
        ({"rubrics": ("mt-bench-reference",)}, {}, "needs a reference"),
        ({"fail_if": ("worse",)}, {}, "known conditions of `judge audit judge`"),
        ({}, {"only": ("flattery",)}, "--only flattery: no such perturbation"),
        ({"max_cost_usd": 1.0}, {}, "--max-cost needs the price"),
        ({"labels": Path("nowhere.jsonl")}, {}, "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_audited_says_why(
    changes: dict[str, Any], battery: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        prepared(files(tmp_path), options(tmp_path, **changes), Battery(**battery))


def test_one_file_cannot_be_audited_under_a_pairwise_rubric(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the files hold one system"):
        prepared(files(tmp_path)[:1], options(tmp_path, rubrics=("helpfulness",)))


def test_labels_do_not_say_which_single_answer_lost(tmp_path: Path) -> None:
    own = options(tmp_path, rubrics=("helpfulness-single",), labels=labels(tmp_path))
    with pytest.raises(InputError, match="only of a pair"):
        prepared(files(tmp_path), own)


def test_labels_of_other_items_leave_nothing(tmp_path: Path) -> None:
    own = options(tmp_path, labels=labels(tmp_path, 1), limit=1)
    elsewhere = write(
        tmp_path / "other.jsonl",
        [{"item_id": "z", "rater": "r", "system_a": "x", "system_b": "y", "label": "a"}],
    )
    with pytest.raises(InputError, match="no label that names a winner is of an item of these"):
        prepared(files(tmp_path), dataclasses.replace(own, labels=elsewhere))


@pytest.mark.parametrize("name", [CONSTANT, "base + authority"])
def test_a_system_named_as_an_audit_names_its_own_is_refused(name: str, tmp_path: Path) -> None:
    rows = [{"item_id": "i99", "prompt": "Q", "system": name, "response": "x"}]
    path = write(tmp_path / "x.jsonl", rows)
    with pytest.raises(InputError, match="rename it"):
        prepared([*files(tmp_path), path], options(tmp_path))


def test_every_perturbation_has_a_pair_for_either_target() -> None:
    from judge.types import Item

    question = audit_draw.Question(Item("i", ("q",), ()), ("x", "y"))
    pairs = audit_draw.pairs_of([question], [*PERTURBATIONS, "constant"])
    assert len(pairs) == 1 + 2 * len(PERTURBATIONS) + 2


# -- the command line ----------------------------------------------------------------------------


def test_a_dry_run_says_what_it_would_take_and_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [str(p) for p in files(tmp_path)]
    with pytest.raises(SystemExit) as stopped:
        main(
            [
                "audit",
                "judge",
                *paths,
                "--judge",
                "simulated/sim-fair",
                "--only",
                "padding",
                "--dry-run",
            ]
        )
    assert not stopped.value.code
    said = capsys.readouterr().out
    assert f"1 judges x {N * 8} trials, {N} items" in said
    assert "Nothing was asked." in said
    assert not (tmp_path / ".judge").exists()


def test_the_command_ends_with_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [str(p) for p in files(tmp_path)]
    arguments = [
        "audit",
        "judge",
        *paths,
        "--judge",
        "simulated/sim-fair",
        "--only",
        "claims",
        "--json",
    ]
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--items", "3"])
    assert not stopped.value.code
    report = json.loads(capsys.readouterr().out)
    assert report["run"]["command"] == "audit judge"
    assert report["run"]["items"] == 3
