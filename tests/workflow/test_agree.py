"""`judge agree`: from recorded verdicts or a stored run, with gates, and what must change first."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import judge

from judge import agree
from judge.errors import InputError
from judge.types import JudgeModel, Scale
from judge.workflow import gates, judging
from judge.workflow.agreeing import scale_named
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.running import World

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
SIM = JudgeModel("sim", "simulated", "sim-fair", families=frozenset({"x"}), simulated=True)
PAIR = {"system_a": "new", "system_b": "base"}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def files(folder: Path, n: int = 60, wrong: int = 10) -> tuple[Path, Path]:
    """Verdicts of a judge that is wrong on so many pairs, and three people who agree on all."""
    truth = ["ab"[k % 2] for k in range(n)]
    said = ["ab"[(k + (k < wrong)) % 2] for k in range(n)]
    verdicts = [
        {"item_id": f"i{k}", "judge": "j", "order": order, "label": said[k]} | PAIR
        for k in range(n)
        for order in ("AB", "BA")
    ]
    labels = [
        {"item_id": f"i{k}", "rater": f"r{r}", "label": truth[k]} | PAIR
        for k in range(n)
        for r in range(3)
    ]
    return write(folder / "verdicts.jsonl", verdicts), write(folder / "labels.jsonl", labels)


# -- recorded verdicts ---------------------------------------------------------------------------


def test_the_report_leads_with_agreement(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path)
    done = judge(tmp_path, "agree", verdicts, labels)
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert said.startswith("j says what people say on 83.3 % of 60 labelled pairs")
    assert said.index("Agreement with people") < said.index("What came out")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.jsonl", "verdicts.jsonl"]


def test_json_has_the_documented_keys(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path)
    told = json.loads(judge(tmp_path, "agree", verdicts, labels, "--json").stdout)
    (row,) = told["agreement"]["judges"]
    known = (
        "judge criterion n_items n_raters percent cohen_kappa krippendorff_alpha gwet_ac1 spearman"
    )
    known += " kendall_tau human_ceiling difference_from_ceiling alt_test"
    assert set(known.split()) <= set(row)
    assert {"winning_rate", "advantage_probability", "epsilon", "passed"} <= set(row["alt_test"])
    assert {"krippendorff_alpha", "pairwise_cohen_kappa"} <= set(told["agreement"]["raters"])
    assert (told["run"]["command"], told["run"]["labels"]["rows"]) == ("agree", 180)
    assert row["percent"]["value"] == pytest.approx(50 / 60)
    assert row["human_ceiling"]["value"] == 1.0


def test_analyze_has_the_same_numbers_further_down(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path)
    first = json.loads(judge(tmp_path, "agree", verdicts, labels, "--json").stdout)
    second = json.loads(judge(tmp_path, "analyze", verdicts, "--labels", labels, "--json").stdout)
    assert first["agreement"] == second["agreement"]


def test_the_python_face_does_the_same(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path)
    result = agree(verdicts, labels, out=tmp_path / "report", epsilon=0.3, seed=7)
    assert result.report.agreement is not None
    assert result.report.agreement.judges[0].alt_test.epsilon == 0.3
    assert sorted(result.files) == ["report.html", "report.json"]


def test_two_runs_with_one_seed_are_equal_and_the_seed_moves_intervals_alone(
    tmp_path: Path,
) -> None:
    verdicts, labels = files(tmp_path)
    one, same, other = (agree(verdicts, labels, seed=seed).report for seed in (1, 1, 2))
    assert one == same
    assert one.agreement is not None
    assert other.agreement is not None
    (a,), (b,) = one.agreement.judges, other.agreement.judges
    assert a.cohen_kappa.value == b.cohen_kappa.value
    assert a.cohen_kappa.ci_low != b.cohen_kappa.ci_low


# -- what must change ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "flags", "said"),
    [
        ({"item_id": "other"}, (), "both must have the same item_id"),
        ({"system_b": "third"}, (), "both must name systems alike"),
        ({"criterion": "style"}, (), "must name criteria alike"),
        ({"split": "dev"}, ("--split", "test"), "use --split all"),
        ({}, ("--split", "half"), "use auto, all, dev, calib, test"),
        ({}, ("--epsilon", "2"), "--epsilon 2"),
        ({}, ("--scale", "1..5"), "these verdicts are on pairs"),
        ({}, ("--fail-if", "kappa<0.5"), "write NAME<NUMBER"),
        ({}, ("--fail-if", "percent<80"), "can never be reached"),
    ],
)
def test_what_must_change_is_said_with_exit_code_2_and_nothing_written(
    tmp_path: Path, change: dict[str, str], flags: tuple[str, ...], said: str
) -> None:
    verdicts, labels = files(tmp_path, n=6)
    rows = [json.loads(line) | change for line in labels.read_text("utf-8").splitlines()]
    if "item_id" in change:
        rows = [row | {"item_id": f"other{n}"} for n, row in enumerate(rows)]
    write(labels, rows)
    done = judge(tmp_path, "agree", verdicts, labels, "--out", "report", *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "report").exists()


def test_labels_of_answers_are_refused_for_pairs(tmp_path: Path) -> None:
    verdicts, _ = files(tmp_path, n=4)
    labels = write(
        tmp_path / "scores.jsonl", [{"item_id": "i1", "rater": "r", "system": "new", "score": 3}]
    )
    with pytest.raises(InputError, match="its labels are of single answers"):
        agree(verdicts, labels)


def test_neither_a_file_nor_a_run_is_said(tmp_path: Path) -> None:
    _, labels = files(tmp_path, n=4)
    done = judge(tmp_path, "agree", "gone", labels)
    assert done.returncode == 2
    assert "there is no such file, and no store at" in done.stderr


def test_a_condition_on_agreement_needs_labels(tmp_path: Path) -> None:
    verdicts, _ = files(tmp_path, n=4)
    done = judge(tmp_path, "analyze", verdicts, "--fail-if", "percent<0.5")
    assert done.returncode == 2
    assert "name them with --labels" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"item_id": "other"}, "both must have the same item_id"),
        ({"system_b": "third"}, "both must name systems alike"),
        ({"system_a": "base", "system_b": "new", "criterion": "style"}, "must name criteria alike"),
    ],
)
def test_analyze_refuses_labels_of_nothing_that_was_judged_as_compare_does(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    verdicts, _ = files(tmp_path, n=4)
    row = {"item_id": "i1", "rater": "r", "label": "a"} | PAIR | change
    labels = write(tmp_path / "labels.jsonl", [row])
    done = judge(tmp_path, "analyze", verdicts, "--labels", labels, "--out", "report")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "report").exists()


def test_labels_for_development_alone_are_named_as_what_they_are(tmp_path: Path) -> None:
    """Other parts of `analyze` may use them; `agree` has nothing to report on."""
    verdicts, labels = files(tmp_path, n=4)
    rows = [json.loads(line) | {"split": "dev"} for line in labels.read_text("utf-8").splitlines()]
    write(labels, rows)
    assert judge(tmp_path, "analyze", verdicts, "--labels", labels).returncode == 0
    done = judge(tmp_path, "agree", verdicts, labels)
    assert done.returncode == 2
    assert "all labels of what was judged are of split dev" in " ".join(done.stderr.split())


# -- the whole scale -----------------------------------------------------------------------------


def test_a_scale_is_named_by_its_ends_or_its_words() -> None:
    assert scale_named("1..3") == Scale("ordinal", ("1", "2", "3"), (1.0, 2.0, 3.0))
    assert scale_named("bad, ok,good") == Scale("ordinal", ("bad", "ok", "good"), (1.0, 2.0, 3.0))
    assert scale_named("0,2.5,5") == Scale("ordinal", ("0", "2.5", "5"), (0.0, 2.5, 5.0))


@pytest.mark.parametrize("text", ["", "1", "5..1", "1..x", "1..99", "a,,b", "a,a", "3,2,1"])
def test_a_scale_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--scale"):
        scale_named(text)


def test_a_given_scale_puts_words_in_order_and_refuses_what_is_off_it(tmp_path: Path) -> None:
    said, people = ["bad", "ok", "good", "ok"], ["bad", "ok", "ok", "good"]
    unit = {"system": "s"}
    verdicts = write(
        tmp_path / "verdicts.jsonl",
        [{"item_id": f"{n}", "judge": "j", "label": v} | unit for n, v in enumerate(said)],
    )
    labels = write(
        tmp_path / "labels.jsonl",
        [{"item_id": f"{n}", "rater": "r", "label": v} | unit for n, v in enumerate(people)],
    )
    report = agree(verdicts, labels, scale="bad,ok,good").report
    assert report.agreement is not None
    (row,) = report.agreement.judges
    assert (row.level, row.confusion.labels) == ("ordinal", ["bad", "ok", "good"])
    assert row.cohen_kappa_linear.value is not None
    with pytest.raises(InputError, match="'ok' is not on the scale"):
        agree(verdicts, labels, scale="bad,good")


# -- gates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("percent<0.8", 0),
        ("percent<0.84", 1),
        ("cohen_kappa<0.66", 0),
        ("cohen_kappa<0.67", 1),
        ("majority_accuracy<0.9", 1),
        ("difference_from_ceiling<-0.2", 0),
        ("difference_from_ceiling<-0.1", 1),
        ("icc<0.1", 1),
        ("alt_test_failed", 1),
    ],
)
def test_a_gate_fails_below_its_bound_or_where_nothing_is_known(
    tmp_path: Path, condition: str, code: int
) -> None:
    """10 of 60 are wrong: percent .8333, kappa 2/3; against people who agree on all, .1667 below."""
    verdicts, labels = files(tmp_path)
    result = agree(verdicts, labels, fail_if=condition)
    assert result.exit_code == code, result.reasons
    assert all(condition in reason for reason in result.reasons)


@pytest.mark.parametrize("name", ["krippendorff_alpha", "gwet_ac1"])
def test_people_of_one_mind_do_not_carry_a_judge_through_a_gate(tmp_path: Path, name: str) -> None:
    """Ten people who agree on all: a judge right on half has an alpha of .82, and its own is below 0."""
    verdicts, labels = files(tmp_path, wrong=30)
    rows = [json.loads(line) for line in labels.read_text("utf-8").splitlines()]
    crowd = [
        r | {"rater": f"{r['rater']}{n}"} for r in rows if r["rater"] == "r0" for n in range(10)
    ]
    write(labels, crowd)
    result = agree(verdicts, labels, fail_if=f"{name}<0.67")
    assert result.report.agreement is not None
    (row,) = result.report.agreement.judges
    assert (getattr(row, name).value or 0) > 0.8
    assert "people's agreement with each other is part of it" in getattr(row, name).note
    assert result.exit_code == 1
    assert "people" in result.reasons[0]


def test_a_good_judge_of_a_crowd_passes_the_gate_on_alpha(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path, wrong=2)
    assert agree(verdicts, labels, fail_if="krippendorff_alpha<0.67").exit_code == 0


def test_an_undefined_number_fails_its_gate_and_says_why(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path)
    done = judge(tmp_path, "agree", verdicts, labels, "--fail-if", "gwet_ac2<0.1")
    assert done.returncode == 1
    assert "gwet_ac2 is not known: the labels have no order" in done.stderr


def test_a_good_judge_passes_the_alternative_annotator_test(tmp_path: Path) -> None:
    verdicts, labels = files(tmp_path, wrong=0)
    assert agree(verdicts, labels, fail_if="alt_test_failed").exit_code == 0


@pytest.mark.parametrize("condition", ["percent<x", "gone<0.5", "percent>0.5", "percent<2"])
def test_a_condition_that_nothing_can_decide_is_refused(condition: str) -> None:
    with pytest.raises(InputError, match="--fail-if"):
        gates.is_of_agreement(condition)


# -- a stored run --------------------------------------------------------------------------------


def stored(folder: Path) -> tuple[str, str, Path]:
    """A run of a simulated judge on the examples, its store, and labels of its pairs."""
    store = str(folder / "store.db")
    options = Options(judges=(SIM,), store=store, out=folder / "run", limit=40)
    what = prepared(EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl", options)
    result = asyncio.run(judging.judged(what, options, World(environ={})))
    labels = [
        {"item_id": item.item_id, "rater": f"r{r}", "system_a": "tuned", "system_b": "base"}
        | {"label": "ab"[(n + r) % 5 == 0]}
        for n, item in enumerate(what.items)
        for r in range(3)
    ]
    return result.run_id or "", store, write(folder / "labels.jsonl", labels)


def test_a_run_is_held_against_labels_with_its_texts_and_keeps_its_own(tmp_path: Path) -> None:
    run, store, labels = stored(tmp_path)
    result = agree("latest", labels, store=store)
    found = result.report.agreement
    assert found is not None
    assert (result.report.run.command, result.report.run.run_id) == ("agree", run)
    assert found.judges[0].n_items == 40
    worst = found.disagreements[0]
    assert worst.prompt is not None
    assert [response.system for response in worst.responses] == list(worst.systems)
    assert {verdict.order for verdict in worst.verdicts} == {"AB", "BA"}
    again = json.loads(judge(tmp_path, "report", run, "--store", store, "--json").stdout)
    assert "agreement" not in again


@pytest.mark.parametrize(
    ("name", "value"), [("scale", "1..5"), ("scale", "x"), ("baseline", "tuned")]
)
def test_what_a_run_says_itself_is_refused_and_not_ignored(
    tmp_path: Path, name: str, value: str
) -> None:
    (tmp_path / "store.db").touch()
    asked: dict[str, Any] = {"store": str(tmp_path / "store.db"), name: value}
    with pytest.raises(InputError, match=f"--{name} {value}: is for a file of verdicts"):
        agree("latest", tmp_path / "labels.jsonl", **asked)
