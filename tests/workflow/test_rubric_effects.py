"""What a change of a rubric did to verdicts is read off the runs that asked both, and off no others."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Done
from command_line import judge as command

from judge.analysis.audit_asked import AuditAsked
from judge.analysis.rubric_versions import Said, joined, shared_criteria, why_not
from judge.errors import InputError
from judge.report.rubric_effects import Effects, text
from judge.rubric_files import LOCK, lock_rubrics, read_rubric
from judge.store import open_store
from judge.types import Criterion, JudgeModel, Rubric, Scale
from judge.wordings import available
from judge.workflow import audit_rubric, compare, running, score
from judge.workflow.judging import Prepared
from judge.workflow.options import Options
from judge.workflow.rubric_effects import Side, measured
from judge.workflow.running import World

pytestmark = pytest.mark.usefixtures("no_page")

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
BASE, TUNED = EXAMPLES / "base.jsonl", EXAMPLES / "tuned.jsonl"
N = 12  # items
FAIR = JudgeModel("sim", "simulated", "sim-fair:wording=0.3,noise=0.1", simulated=True)
FIRST = JudgeModel("first", "scripted", "always-A")

TOML = '''\
name = "mine"
version = VERSION
mode = "pairwise"
system = "Say which response is better. SAID"
user = """
{{ boundary }}
{{ question }}
{{ response_a }}
{{ response_b }}
{{ answer_format }}
"""
scale = { level = "nominal", labels = ["A", "tie", "B"], tie_label = "tie" }
criteria = [{ name = "all", question = "Is it good?" }]
[[variants]]
name = "short"
system = "Which response is better?"
user = """
{{ boundary }}
{{ question }}
{{ response_a }}
{{ response_b }}
{{ answer_format }}
"""
'''
ONE = TOML.replace('"pairwise"', '"single"').replace(
    "{{ response_a }}\n{{ response_b }}", "{{ response }}"
)
FIVE = (
    'scale = { level = "interval", labels = ["1", "2", "3", "4", "5"], values = [1, 2, 3, 4, 5] }'
)
THREE = 'scale = { level = "interval", labels = ["1", "2", "3"], values = [1, 2, 3] }'
LABELS = 'scale = { level = "nominal", labels = ["A", "tie", "B"], tie_label = "tie" }'


def rubric(folder: Path, version: int, said: str = "", of: str = TOML) -> str:
    """The file of a version of a rubric that says something more."""
    path = folder / "rubrics" / "mine" / f"v{version}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(of.replace("VERSION", str(version)).replace("SAID", said), "utf-8")
    return str(path)


def side(path: str, variant: str = "") -> Side:
    read = read_rubric(path, search=[])
    return Side(read, read.wording(variant))


class Runs:
    """Runs of one store, and what they say of two rubrics."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, str(folder / "store.db")

    def options(self, path: str, **changes: Any) -> Options:
        fields: dict[str, Any] = {"judges": (FAIR,), "limit": N, "out": self.folder / "out"}
        return Options(rubrics=(path,), store=self.store, **{**fields, **changes})

    def pairs(self, path: str, *, new: Path = TUNED, old: Path = BASE, **changes: Any) -> str:
        """The id of a comparison under a rubric."""
        return self.asked(compare.prepared(old, new, self.options(path, **changes)))

    def answers(self, path: str, **changes: Any) -> str:
        return self.asked(score.prepared([BASE, TUNED], self.options(path, **changes)))

    def asked(self, what: Prepared) -> str:
        """The id of a run that was carried out, without its report."""
        return asyncio.run(self._asked(what))

    async def _asked(self, what: Prepared) -> str:
        world = World()
        async with running.connections(what.recipe.judges, world) as providers:
            with open_store(self.store) as store:
                run = running.started(what.recipe, what.items, store, world)
                await running.carried_out(run, providers, store, world)
        return run.run_id

    def effects(self, old: str, new: str, variant: str = "") -> Effects:
        return measured(side(old), side(new, variant), self.store)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def said(effects: Effects) -> str:
    return " ".join(text(effects, "judge x").split())


def verdicts(runs: Runs, run: str, repeat: int = 1) -> dict[tuple[str, str], str]:
    """Item and order -> label, without the code under test."""
    with open_store(runs.store) as store:
        frame = store.verdicts(run).frame
    own = frame[frame["repeat"] == repeat]
    rows = own[["item_id", "order", "label"]].astype(str).to_numpy().tolist()
    return {(item, order): label for item, order, label in rows if label}


def responses(path: Path, source: Path, change: Callable[[dict[str, Any], int], object]) -> Path:
    lines = [json.loads(line) for line in source.read_text("utf-8").splitlines()[:N]]
    for n, line in enumerate(lines):
        change(line, n)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


# -- two versions --------------------------------------------------------------------------------


def test_two_versions_on_the_same_items_are_compared_verdict_by_verdict(
    runs: Runs, tmp_path: Path
) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    first, second = runs.pairs(old), runs.pairs(new)
    (effect,) = (found := runs.effects(old, new)).judges
    before, after = verdicts(runs, first), verdicts(runs, second)
    both = [key for key in before if key in after]
    same = sum(before[key] == after[key] for key in both)
    assert effect.row.identical.n == len(both) == 2 * N
    assert effect.row.identical.value == pytest.approx(same / len(both))
    assert 0 < same < len(both)  # the planted wording moves some
    assert effect.n_items == effect.row.identical.n_clusters == N
    wins = {"a": 1.0, "tie": 0.5, "b": 0.0}
    moved = sum(wins[after[key]] - wins[before[key]] for key in both) / len(both)
    sign = 1 if effect.row.favoured == "tuned" else -1
    assert effect.row.shift.value == pytest.approx(sign * moved)
    assert effect.repeated is None
    assert set(found.runs) == {first, second}
    assert "not known, as nothing was asked twice" in said(found)
    assert "the judges are simulated" in said(found)


@pytest.mark.parametrize("repeated", [0, 1])
def test_flips_are_held_against_the_side_that_was_asked_again(
    runs: Runs, tmp_path: Path, repeated: int
) -> None:
    paths = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    ids = [runs.pairs(path, repeats=2 if n == repeated else 1) for n, path in enumerate(paths)]
    (effect,) = (found := runs.effects(*paths)).judges
    before, after = (verdicts(runs, run) for run in ids)
    again = verdicts(runs, ids[repeated], 2)
    own = (before, after)[repeated]
    excess = sum((before[k] != after[k]) - (own[k] != again[k]) for k in before) / len(before)
    assert effect.repeated == repeated
    assert effect.excess_flips.value == pytest.approx(excess)
    assert effect.again.value == pytest.approx(sum(own[k] == again[k] for k in own) / len(own))
    assert f"asked mine@{repeated + 1} again it decided the same on" in said(found)


def test_texts_decide_whatever_items_and_systems_are_called(runs: Runs, tmp_path: Path) -> None:
    """The second run has other ids, other names, and the systems in each other's places."""
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")

    def renamed(line: dict[str, Any], n: int) -> None:
        line |= {"item_id": f"x{n}", "system": f"new {line['system']}"}

    own = [
        responses(tmp_path / f"own-{path.name}", path, lambda *_: None) for path in (BASE, TUNED)
    ]
    files = [responses(tmp_path / path.name, path, renamed) for path in (BASE, TUNED)]
    texts = [
        [json.loads(line)["response"] for line in path.read_text("utf-8").splitlines()]
        for path in files
    ]
    runs.pairs(old, judges=(FIRST,), old=own[0], new=own[1])
    runs.pairs(new, judges=(FIRST,), old=files[1], new=files[0])
    (effect,) = runs.effects(old, new).judges
    # Two equal texts make one presentation, whichever is shown first.
    n = sum(1 if base == tuned else 2 for base, tuned in zip(*texts, strict=True))
    assert (effect.row.identical.value, effect.row.identical.n) == (1.0, n)
    assert effect.row.favoured in ("base", "tuned")
    assert effect.row.shift.value == 0.0


def test_the_same_ids_with_other_texts_are_not_the_same(runs: Runs, tmp_path: Path) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    base = responses(tmp_path / "b.jsonl", BASE, lambda *_: None)
    tuned = responses(tmp_path / "t.jsonl", TUNED, lambda *_: None)
    other = responses(tmp_path / "o.jsonl", TUNED, lambda line, n: line.update(response=f"No {n}."))
    runs.pairs(old, old=base, new=tuned)
    runs.pairs(new, old=base, new=other)
    found = runs.effects(old, new)
    assert found.judges == ()
    assert found.has == (1, 1)
    assert "no run has both on the same texts, by the same judges" in said(found)


def test_a_judge_with_other_settings_is_another_judge(runs: Runs, tmp_path: Path) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    runs.pairs(old)
    runs.pairs(new, judges=(dataclasses.replace(FAIR, parameters={"seed": 1}),))
    assert runs.effects(old, new).judges == ()
    runs.pairs(new, judges=(dataclasses.replace(FAIR, base_url="http://127.0.0.1:9/v1"),))
    assert len(runs.effects(old, new).judges) == 1  # an address is no setting


def test_a_run_under_an_edited_text_is_left_out_and_said(runs: Runs, tmp_path: Path) -> None:
    old = rubric(tmp_path, 1, "As it was.")
    edited = runs.pairs(old)
    old, new = rubric(tmp_path, 1, "As it is."), rubric(tmp_path, 2)
    runs.pairs(new)
    found = runs.effects(old, new)
    assert found.judges == ()
    assert f"run {edited} is not used: it asked another text of mine@1 (sha256:" in said(found)
    assert "no run has both: none asked mine@1; `judge x` measures it" in said(found)
    first = runs.pairs(old)
    found = runs.effects(old, new)
    assert first in found.runs
    assert edited not in found.runs


def test_answers_that_were_perturbed_say_nothing_of_a_rubric(runs: Runs, tmp_path: Path) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    runs.pairs(old)
    what = compare.prepared(BASE, TUNED, runs.options(new))
    asked = AuditAsked(kind="judge", fingerprint="f", n_available=N)
    runs.asked(dataclasses.replace(what, recipe=dataclasses.replace(what.recipe, audit=asked)))
    assert runs.effects(old, new).judges == ()


def test_the_newest_verdict_of_a_presentation_counts_once(runs: Runs, tmp_path: Path) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    runs.pairs(old)
    runs.pairs(new)
    before = runs.effects(old, new).judges
    runs.pairs(new)  # reuses every answer
    after = runs.effects(old, new).judges
    assert [e.row.identical for e in after] == [e.row.identical for e in before]
    assert [e.repeated for e in after] == [None]


# -- two wordings, and single answers ------------------------------------------------------------


@pytest.mark.parametrize("variant", ["short", "text-output"])
def test_a_wording_is_held_against_the_rubric_s_own_after_an_audit(
    runs: Runs, tmp_path: Path, variant: str
) -> None:
    """Both a wording that the rubric ships and one that the audit made."""
    path = rubric(tmp_path, 1)
    own = read_rubric(path, search=[])
    star = audit_rubric.Star(variants=(variant,))
    runs.asked(audit_rubric.prepared([BASE, TUNED], runs.options(path), star))
    (wording,) = (w for w in available(own) if w.name == variant)
    found = measured(side(path), Side(own, wording), runs.store)
    (effect,) = found.judges
    assert effect.row.identical.n == N
    assert effect.repeated == 0  # an audit asks the rubric's own wording twice
    assert "asked mine@1 again it decided the same on" in said(found)


def test_scores_on_another_scale_are_mapped_end_to_end(runs: Runs, tmp_path: Path) -> None:
    old = rubric(tmp_path, 1, of=ONE.replace(LABELS, FIVE))
    new = rubric(tmp_path, 2, of=ONE.replace(LABELS, THREE))
    runs.answers(old)
    runs.answers(new)
    (effect,) = (found := runs.effects(old, new)).judges
    with open_store(runs.store) as store:
        later, earlier = (store.verdicts(run.run_id).frame for run in store.runs())
    both = earlier.merge(later, on=["item_id", "system"], suffixes=("", "_new"))
    gain = (1 + (both["score_new"] - 1) * 2 - both["score"]).mean()  # 1, 2, 3 -> 1, 3, 5
    assert found.rescaled
    assert effect.row.shift.value == pytest.approx(gain)
    assert effect.row.identical.value is None  # 2 and 4 of five are nowhere on three: no flips
    assert "scores on another scale are hardly ever quite equal. - the mean score moved" in said(
        found
    )
    assert "the newer scores are mapped to the older scale" in said(found)


def test_a_pair_and_an_answer_have_nothing_in_common(runs: Runs, tmp_path: Path) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, of=ONE.replace(LABELS, FIVE))
    runs.pairs(old)
    assert "Not to be measured: one says which of two is better" in said(runs.effects(old, new))


# -- joining by hand -----------------------------------------------------------------------------

PAIR = Rubric(
    "p",
    1,
    "pairwise",
    (Criterion("c", "?"),),
    Scale("nominal", ("A", "tie", "B"), (), "tie"),
    "",
    "",
)


def told(shown: tuple[str, ...], label: str, **row: Any) -> Said:
    own = {"item_id": "i", "system_a": "x", "system_b": "y", "order": "AB", "repeat": 1}
    status = {"status": "ok", "label": label} if label else {"status": "failed"}
    return Said(row.pop("run", "r"), ("j", ""), shown, {**own, **status, **row})


def test_a_verdict_under_other_names_is_turned_to_the_older_ones() -> None:
    """Shown first in both is the text t; it is x's in the older run and n's, a system_b, in the newer."""
    shown = ("q", "", "t", "u")
    after = told(shown, "b", system_a="m", system_b="n", order="BA", p_a=0.25)
    table = joined(PAIR, PAIR, [told(shown, "a")], [after]).table
    assert table is not None
    rows = table.frame[["variant", "item_id", "system_a", "system_b", "order", "label"]]
    assert rows.to_numpy().tolist() == [
        ["", "i", "x", "y", "AB", "a"],
        ["new", "i", "x", "y", "AB", "a"],
    ]
    assert table.frame["p_a"].tolist()[1] == 0.75


def test_one_name_with_two_texts_is_two_items_of_one_cluster() -> None:
    shown = ("q", "", "t", "u"), ("q", "", "t", "v"), ("q", "", "u", "t")
    before = [told(shown[0], "a"), told(shown[1], "b"), told(shown[2], "b", order="BA")]
    after = [told(s, "a", run="s") for s in shown]
    found = joined(PAIR, PAIR, before, after)
    assert found.table is not None
    frame = found.table.frame
    assert frame[["item_id", "order", "cluster"]].drop_duplicates().to_numpy().tolist() == [
        ["i", "AB", "i"],
        ["i (2)", "AB", "i"],
        ["i", "BA", "i"],
    ]
    assert found.runs == {"r", "s"}


def test_a_verdict_that_is_there_goes_before_a_newer_one_that_is_not() -> None:
    shown = ("q", "", "t", "u")
    before = [told(shown, ""), told(shown, "tie", run="older")]
    found = joined(PAIR, PAIR, before, [told(shown, "a")])
    assert found.table is not None
    assert found.table.frame["label"].tolist() == ["tie", "a"]
    assert joined(PAIR, PAIR, before, []).table is None


def test_only_criteria_with_the_same_labels_are_compared() -> None:
    five, two = Scale("ordinal", ("1", "5"), (1, 5)), Scale("ordinal", ("no", "yes"), (0, 1))
    old = Rubric("s", 1, "single", (Criterion("x", "?"), Criterion("y", "?")), five, "", "")
    new = dataclasses.replace(old, criteria=(Criterion("x", "?"), Criterion("y", "?", scale=two)))
    assert shared_criteria(old, new) == {"", "x"}
    words = dataclasses.replace(old, scale=Scale("nominal", ("bad", "good")))
    assert why_not(old, words)
    assert not why_not(old, dataclasses.replace(old, scale=two))


# -- as a person types it ------------------------------------------------------------------------


def typed(folder: Path, *arguments: str) -> Done:
    return command(folder, "rubrics", "diff", *arguments)


def test_without_a_run_the_command_that_measures_is_named(tmp_path: Path) -> None:
    rubric(tmp_path, 1)
    rubric(tmp_path, 2, "Take care.")
    done = typed(tmp_path, "mine@1", "mine@2")
    assert done.returncode == 0
    told = " ".join(done.stdout.split())
    assert (
        "no run has both; `judge compare BASE NEW --rubric mine@1 --rubric mine@2` measures" in told
    )
    assert not (tmp_path / ".judge").exists()
    told = " ".join(typed(tmp_path, "mine@1", "--variant", "short").stdout.split())
    assert "- Say which response is better. + Which response is better?" in told
    assert "`judge audit rubric RESPONSES... --rubric mine@1 --variant short` measures it" in told
    same = typed(tmp_path, "mine@1", "mine@1").stdout
    assert "Measured" not in same


def test_what_was_measured_stands_under_the_wording_in_80_columns(
    runs: Runs, tmp_path: Path
) -> None:
    old, new = rubric(tmp_path, 1), rubric(tmp_path, 2, "Take care.")
    runs.pairs(old, repeats=2)
    runs.pairs(new)
    done = typed(tmp_path, "mine@1", "mine@2", "--store", runs.store)
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if "sha256:" not in line]
    assert max(map(len, lines)) <= max(80, len(runs.store) + 8)
    told = " ".join(done.stdout.split())
    assert told.index("Different in system.") < told.index("Measured effect")
    assert f"of {2 * N} presentations" in told
    assert "- Cohen's kappa" in told


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["mine"], "--variant"),
        (["mine", "mine@1", "--variant", "short"], "give one of both"),
        (["mine", "--variant", "gone"], "known: short"),
        (["mine@1", "mine@2", "--store", "gone.db"], "there is no store at gone.db"),
    ],
)
def test_what_cannot_be_compared_ends_with_2_and_says_why(
    tmp_path: Path, arguments: list[str], why: str
) -> None:
    rubric(tmp_path, 1)
    rubric(tmp_path, 2, "Take care.")
    done = typed(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr


# -- freeze --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Which response is better?", "Which response is good?"),
        ('name = "short"', 'name = "brief"'),
        ('name = "short"', 'name = "short"\nkind = "intervention"'),
        ('name = "short"', 'name = "short"\nforms = ["text-output"]'),
    ],
)
def test_a_locked_rubric_s_variants_are_frozen_with_it(
    tmp_path: Path, before: str, after: str
) -> None:
    path = Path(rubric(tmp_path, 1))
    assert lock_rubrics(tmp_path / "rubrics")
    locked = (tmp_path / "rubrics" / LOCK).read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(InputError, match="was changed after it was locked"):
        read_rubric(str(path), search=[])
    with pytest.raises(InputError, match=r"add a new version v2\.toml"):
        lock_rubrics(tmp_path / "rubrics")
    assert (tmp_path / "rubrics" / LOCK).read_text("utf-8") == locked


def test_a_variant_that_became_an_intervention_is_a_change_that_the_diff_shows(
    tmp_path: Path,
) -> None:
    rubric(tmp_path, 1)
    changed = TOML.replace('name = "short"', 'name = "short"\nkind = "intervention"')
    rubric(tmp_path, 2, of=changed)
    told = " ".join(typed(tmp_path, "mine@1", "mine@2").stdout.split())
    assert "Different in variant short." in told
    assert "+ kind: intervention" in told
