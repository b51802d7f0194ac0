"""`--labels` with runs: checked before a call, kept with the run, told again without the file, replaced."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.store import labels_hash, open_store
from judge.types import JudgeModel, Judgment, digest_text
from judge.workflow import judging, rank, runs, score
from judge.workflow.compare import prepared
from judge.workflow.config import load_config
from judge.workflow.options import Options, merged, only_given
from judge.workflow.recipe import from_config
from judge.workflow.reporting import Result
from judge.workflow.running import Silence, World

RIGHT, HALF, WRONG = "From nine to six.", "From nine, I think.", "Cheese."
PLANTED = {RIGHT: 1.0, HALF: 0.5, WRONG: 0.0}
N = 12
RATERS = ("ann", "böb")

SIM = JudgeModel(
    "sim",
    "simulated",
    "sim-fair:skill=3",
    families=frozenset({"sim"}),
    parameters={"planted": {digest_text(text): q for text, q in PLANTED.items()}},
    simulated=True,
)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(SIM,),
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        concurrency=1,
        replicates=99,
    )


def lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def responses(folder: Path, **texts: str) -> list[Path]:
    return [
        lines(
            folder / f"{system}.jsonl",
            ({"item_id": f"i{k}", "prompt": f"Open on day {k}?", "response": t} for k in range(N)),
        )
        for system, t in texts.items()
    ]


def pair(k: int, rater: str = "ann", label: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "item_id": f"i{k}",
        "rater": rater,
        "system_a": "new",
        "system_b": "base",
        "label": label,
        **more,
    }


def answer(k: int, rater: str = "ann", score_: float = 4, **more: Any) -> dict[str, Any]:
    return {"item_id": f"i{k}", "rater": rater, "system": "new", "score": score_, **more}


def pair_labels(folder: Path, name: str = "labels.jsonl") -> Path:
    said = ("a", "a", "b", "tie")
    return lines(folder / name, [pair(k, r, said[k % 4]) for k in range(8) for r in RATERS])


def labelled(options: Options, path: Path) -> Options:
    return dataclasses.replace(options, labels=path)


def compared(paths: Sequence[Path], options: Options, world: World | None = None) -> Result:
    what = prepared(paths[0], paths[1:], options)
    return asyncio.run(judging.judged(what, options, world or World()))


def scored(paths: Sequence[Path], options: Options) -> Result:
    return asyncio.run(judging.judged(score.prepared(paths, options), options, World()))


def again(result: Result, options: Options, **given: Any) -> Result:
    """The report of a run made again, with these flags about people alone."""
    flags = {name: value for name, value in given.items() if value is not None}
    chosen = only_given(dataclasses.replace(options, **flags), flags)
    return runs.reported(str(result.run_id), chosen)


def told(result: Result, *, whole: bool = True) -> str:
    """The report's JSON without what differs between two runs; whole: with the calls that it took."""
    read = json.loads(result.json())
    for name in ("run_id", "started_at", "ended_at", *(() if whole else ("calls", "attempts"))):
        read["run"].pop(name)
    return json.dumps(read, indent=1)


class Counting(Silence):
    """Counts answers, and interrupts a run after so many of them."""

    def __init__(self, after: int = 0) -> None:
        self.after, self.seen, self.event = after, 0, asyncio.Event()

    def advance(self, judgment: Judgment) -> None:
        self.seen += 1
        if self.seen == self.after:
            self.event.set()


# -- end to end ----------------------------------------------------------------------------------


def test_a_comparison_with_labels_is_held_against_people(options: Options, tmp_path: Path) -> None:
    paths = responses(tmp_path, base=HALF, new=RIGHT)
    result = compared(paths, labelled(options, pair_labels(tmp_path)))
    assert result.report.agreement is not None
    (row,) = [r for r in result.report.agreement.judges if r.judge == "sim"]
    assert (row.n_items, row.n_raters) == (8, 2)
    source = result.report.run.labels
    assert source is not None
    assert (source.file, source.rows) == ("labels.jsonl", 16)


def test_a_run_without_labels_says_that_nobody_checked(options: Options, tmp_path: Path) -> None:
    result = compared(responses(tmp_path, base=HALF, new=RIGHT), options)
    assert result.report.agreement is None
    assert "not checked against people" in " ".join(result.text().split())


def test_the_report_is_the_same_without_the_file(options: Options, tmp_path: Path) -> None:
    file = pair_labels(tmp_path)
    result = compared(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, file))
    file.unlink()
    assert again(result, options).json() == result.json()


def test_an_interrupted_run_is_resumed_to_the_report_of_a_whole_one(
    options: Options, tmp_path: Path
) -> None:
    paths, file = responses(tmp_path, base=HALF, new=RIGHT), pair_labels(tmp_path)
    whole = compared(paths, labelled(options, file))
    other = dataclasses.replace(labelled(options, file), store=str(tmp_path / "other.db"))
    watch = Counting(after=5)
    cut = compared(paths, other, World(interrupt=watch.event, progress=watch))
    assert cut.exit_code == 130
    file.unlink()
    resumed = asyncio.run(runs.resumed(str(cut.run_id), options_without(other), World()))
    assert told(resumed, whole=False) == told(whole, whole=False)


def options_without(options: Options) -> Options:
    return dataclasses.replace(options, labels=None)


def test_the_store_holds_what_people_said_and_the_run_names_it(
    options: Options, tmp_path: Path
) -> None:
    file = pair_labels(tmp_path)
    result = compared(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, file))
    with open_store(options.store) as store:
        used = from_config(store.run(str(result.run_id)).config).labels
        assert used is not None
        kept = store.labels(used.labels_hash)
        assert used.labels_hash == labels_hash(kept)
        assert {label.rater for label in kept} == set(RATERS)
        assert store.verify() == []


def test_scores_are_held_against_people_on_the_rubrics_whole_scale(
    options: Options, tmp_path: Path
) -> None:
    """People and judge used few points of 1..5; the weights of kappa hang on all five."""
    file = lines(tmp_path / "l.jsonl", [answer(k, r, 4 + k % 2) for k in range(8) for r in RATERS])
    result = scored(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, file))
    assert result.report.agreement is not None
    (row,) = [r for r in result.report.agreement.judges if r.judge == "sim" and not r.criterion]
    assert row.confusion is not None
    assert row.confusion.labels == ["1", "2", "3", "4", "5"]


def test_labels_given_as_words_of_the_scale_count_as_its_numbers(
    options: Options, tmp_path: Path
) -> None:
    rows = [answer(k, r, 4 + k % 2) for k in range(8) for r in RATERS]
    words = [{**row, "label": str(row["score"]), "score": None} for row in rows]
    paths = responses(tmp_path, base=HALF, new=RIGHT)
    by_number = scored(paths, labelled(options, lines(tmp_path / "n.jsonl", rows)))
    by_word = scored(paths, labelled(options, lines(tmp_path / "w.jsonl", words)))
    assert by_number.report.agreement == by_word.report.agreement


def test_a_judge_read_by_probabilities_is_held_against_labels_without_a_fault(
    options: Options, tmp_path: Path
) -> None:
    """Its scores lie between the points of the scale, which is no reason to refuse them."""
    weighed = dataclasses.replace(SIM, reading="logprobs")
    file = lines(tmp_path / "l.jsonl", [answer(k, r, 4 + k % 2) for k in range(8) for r in RATERS])
    asked = dataclasses.replace(labelled(options, file), judges=(weighed,))
    assert scored(responses(tmp_path, base=HALF, new=RIGHT), asked).report.agreement is not None


def test_a_ranking_with_labels_names_what_people_said(options: Options, tmp_path: Path) -> None:
    paths = responses(tmp_path, base=WRONG, mid=HALF, new=RIGHT)
    what = rank.prepared(paths, labelled(options, pair_labels(tmp_path)))
    result = asyncio.run(judging.judged(what, options, World()))
    assert result.report.agreement is not None
    assert result.report.run.labels is not None


# -- labels later --------------------------------------------------------------------------------


def test_people_can_label_after_the_run(options: Options, tmp_path: Path) -> None:
    paths, file = responses(tmp_path, base=HALF, new=RIGHT), pair_labels(tmp_path)
    before = compared(paths, options)
    other = dataclasses.replace(labelled(options, file), store=str(tmp_path / "other.db"))
    at_once = compared(paths, other)
    later = again(before, options, labels=file)
    assert told(later) == told(at_once)
    file.unlink()
    assert told(again(before, options)) == told(later)


def test_labels_given_later_go_in_the_place_of_earlier_ones(
    options: Options, tmp_path: Path
) -> None:
    first, second = pair_labels(tmp_path), tmp_path / "second.jsonl"
    lines(second, [pair(k, "eve", "b") for k in range(5)])
    result = compared(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, first))
    changed = again(result, options, labels=second)
    assert changed.report.run.labels is not None
    assert changed.report.run.labels.file == "second.jsonl"
    assert changed.report.agreement is not None
    assert changed.report.agreement.judges[0].n_items == 5
    assert again(result, options).json() == changed.json()
    assert again(result, options, labels=first).json() == result.json()


def test_a_bound_given_later_is_kept_and_the_labels_stay(options: Options, tmp_path: Path) -> None:
    file = pair_labels(tmp_path)
    result = compared(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, file))
    changed = again(result, options, epsilon=0.05)
    with open_store(options.store) as store:
        recipe = from_config(store.run(str(result.run_id)).config)
    assert (recipe.agree.epsilon, recipe.agree.risk) == (0.05, 0.1)
    assert recipe.labels is not None
    assert again(result, options).json() == changed.json()


def test_labels_that_fit_nothing_change_nothing_later_either(
    options: Options, tmp_path: Path
) -> None:
    result = compared(
        responses(tmp_path, base=HALF, new=RIGHT), labelled(options, pair_labels(tmp_path))
    )
    wrong = lines(tmp_path / "wrong.jsonl", [{**pair(0), "item_id": "other"}])
    with pytest.raises(InputError, match="no label is of an item of this run"):
        again(result, options, labels=wrong)
    assert again(result, options).json() == result.json()


def test_judge_toml_names_labels_for_new_runs_and_not_for_earlier_ones(
    options: Options, tmp_path: Path
) -> None:
    """A report made again must not change with a file that is edited for the next run."""
    file = pair_labels(tmp_path)
    toml = tmp_path / "judge.toml"
    toml.write_text(f'[run]\nlabels = "{file}"\nepsilon = 0.1\nstyle = true\n')
    chosen = merged(load_config(toml), (SIM,))
    assert (chosen.labels, chosen.agree.epsilon, chosen.style) == (file, 0.1, True)
    assert only_given(chosen, {}).labels is None
    assert only_given(chosen, {"epsilon": 0.1}).epsilon == 0.1


# -- what is refused before a call ---------------------------------------------------------------

_SCALE = r"rater ann: 9 is not on the rubric's scale: 1, 2, 3, 4, 5; correct the row"
HOSTILE = {
    "other systems": ([{**pair(0), "system_a": "x"}], "systems are new / base, labels are of x / base"),
    "other items": ([{**pair(0), "item_id": "q"}], "items are i0, i1, i2 and 9 more, labels are of q"),
    "a row twice": ([pair(0), pair(0)], "repeats row 1"),
    "answers, not pairs": ([answer(0)], "of single answers, and this run judges pairs; use them with score"),
    "both kinds": ([pair(0), answer(0)], "write them into two files"),
    "no such label": ([pair(0, label="A")], "is not one of a, b, tie"),
    "criteria": ([pair(0, criterion="tone")], "its criteria are tone; this run takes an empty criterion"),
    "no rows": ([], "holds no rows"),
    "a probability": ([pair(0, inclusion_prob=1.5)], "inclusion_prob"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_labels_that_cannot_be_used_stop_a_run_before_its_first_call(
    case: str, options: Options, tmp_path: Path
) -> None:
    rows, problem = HOSTILE[case]
    file = lines(tmp_path / "labels.jsonl", rows)
    watch = Counting()
    with pytest.raises(InputError, match=problem):
        compared(
            responses(tmp_path, base=HALF, new=RIGHT),
            labelled(options, file),
            World(progress=watch),
        )
    assert watch.seen == 0
    assert not Path(options.store).exists()


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([answer(0, score_=9)], _SCALE),
        ([pair(0)], "of pairs, and this run judges single answers; use them with compare and rank"),
        ([answer(0, criterion="zest")], "its criteria are zest; this run takes"),
        ([{**answer(0), "system": "x"}], "systems are base, new, labels are of x"),
    ],
)
def test_labels_that_do_not_fit_scores_are_refused(
    rows: list[dict[str, Any]], problem: str, options: Options, tmp_path: Path
) -> None:
    file = lines(tmp_path / "labels.jsonl", rows)
    with pytest.raises(InputError, match=problem):
        score.prepared(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, file))


def test_a_bound_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match=r"--risk 0\.7"):
        merged(load_config(None, folder=Path("/nowhere")), (SIM,), risk=0.7)


def test_labels_of_a_set_given_under_another_rubric_are_said_to_be(
    options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "calibration" / "own" / "v1"
    folder.mkdir(parents=True)
    (folder / "set.toml").write_text(
        'name = "own"\nversion = 1\nsource = "human"\nmode = "pairwise"\ncriterion = ""\n'
        'rubric = "safety"\ndescription = "d"\nlicence = "CC0-1.0"\nraters = ["ann"]\n'
        'created = "2026-11-21"\n'
    )
    lines(
        folder / "items.jsonl",
        [
            {
                "item_id": f"i{k}",
                "prompt": f"Open on day {k}?",
                "responses": {"base": HALF, "new": RIGHT},
            }
            for k in range(4)
        ],
    )
    lines(folder / "labels.jsonl", [pair(k) for k in range(4)])
    (folder / "DATASHEET.md").write_text("# own\n")
    result = compared(responses(tmp_path, base=HALF, new=RIGHT), labelled(options, Path("own@1")))
    assert any("given under rubric safety" in warning for warning in result.report.warnings)
    source = result.report.run.labels
    assert source is not None
    assert (source.set, source.origin) == ("own@1", "human")
