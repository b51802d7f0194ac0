"""`judge audit rubric` over whole runs: what is asked, what is found, what is frozen and what is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from command_line import judge as command

from judge.errors import InputError
from judge.report.schema_audit_rubric import RubricAudit
from judge.simulate import ServerSettings, running
from judge.simulated import Knowledge
from judge.store import open_store
from judge.types import JudgeModel, Judgment, Trial, digest_text
from judge.workflow import runs
from judge.workflow.audit_recorded import Kinds, reported
from judge.workflow.audit_rubric import Star, judged, prepared
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

pytestmark = pytest.mark.usefixtures("no_page")

N = 8
RUBRIC = """
name = "ours"
version = 1
mode = "MODE"
system = "Judge what is shown by {% for c in criteria %}{{ c.name }} {% endfor %}.MORE"
user = \"\"\"
{{ boundary }}
{{ question }}
SHOWN

{{ answer_format }}
\"\"\"
[scale]
SCALE
[[criteria]]
name = "truth"
question = "Is it right?"
[[criteria]]
name = "form"
question = "Is it clear?"
[[variants]]
name = "formal"
system = "Pronounce upon what is shown."
user = \"\"\"
{{ boundary }}
{{ question }}
SHOWN

{{ answer_format }}
\"\"\"
"""
PARTS = {
    "pairwise": (
        "{{ response_a }}\n{{ response_b }}",
        'level = "nominal"\nlabels = ["A", "tie", "B"]\ntie_label = "tie"',
    ),
    "single": (
        "{{ response }}",
        'level = "ordinal"\nlabels = ["1", "2", "3", "4", "5"]\nvalues = [1.0, 2.0, 3.0, 4.0, 5.0]',
    ),
}
STAR = {
    *("", "formal", "criteria-reversed", "options-reversed", "labels-mirrored"),
    *("text-output", "instruction-last"),
}
CHANGES = {"finer-scale", "chain-of-thought", "label-only", "persona", "metrics"}

FEW = Star(("formal", "text-output"))
EVERY = Star(interventions=("all",))


def text(k: int, system: str) -> str:
    return f"What {system} says of harbour {k}."


PLANTED = {
    digest_text(text(k, system)): float((system == "new") == (k % 2 == 0))
    for k in range(N)
    for system in ("base", "new")
}


def rubric(folder: Path, mode: str = "pairwise", more: str = "") -> str:
    shown, scale = PARTS[mode]
    path = folder / "ours.toml"
    written = RUBRIC.replace("MODE", mode).replace("MORE", more)
    path.write_text(written.replace("SHOWN", shown).replace("SCALE", scale), encoding="utf-8")
    return str(path)


def files(folder: Path, *systems: str, n: int = N) -> list[Path]:
    paths = [folder / f"{system}.jsonl" for system in systems or ("base", "new")]
    for path in paths:
        rows = [
            {"item_id": f"i{k}", "prompt": f"Harbour {k}?", "response": text(k, path.stem)}
            for k in range(n)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return paths


def sim(model: str = "sim-fair:skill=1000", name: str = "sim", **changes: Any) -> JudgeModel:
    return JudgeModel(
        name, "simulated", model, parameters={"planted": PLANTED}, simulated=True, **changes
    )


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(
        judges=(sim(),),
        rubrics=(rubric(tmp_path),),
        store=str(tmp_path / "store.db"),
        out=tmp_path / "out",
        max_missing=1.0,
    )


def audited(
    folder: Path,
    options: Options,
    star: Star = FEW,
    world: World | None = None,
    **how: Any,
) -> Result:
    what = prepared(files(folder), options, star, **how)
    return asyncio.run(judged(what, options, world or World()))


def judgments(options: Options, result: Result) -> list[Judgment]:
    with open_store(options.store) as store:
        return [*store.judgments(str(result.run_id))]


def found(result: Result) -> RubricAudit:
    told = result.report.rubric_audit
    assert told is not None
    return told


# -- what is asked -------------------------------------------------------------------------------


def trials(folder: Path, options: Options, star: Star, **how: Any) -> list[Trial]:
    what = prepared(files(folder), options, star, **how)
    plan = what.recipe.plan(what.items)
    return [trial for _, trial in plan.places(options.judges[0])]


def test_the_base_is_asked_twice_every_other_wording_once_and_all_in_one_order_an_item(
    tmp_path: Path, options: Options
) -> None:
    asked = trials(tmp_path, options, EVERY)
    counts = Counter((t.variant, t.repeat) for t in asked)
    assert counts == {("", 2): N} | {(name, 1): N for name in {*STAR, *CHANGES}}
    orders = {(t.item_id, t.order) for t in asked}
    assert (len(orders), {order for _, order in orders}) == (N, {"AB", "BA"})


def test_both_orders_and_more_repeats_on_request(tmp_path: Path, options: Options) -> None:
    asked = trials(tmp_path, options, Star(("formal",)), swap="both", repeats=3)
    counts = Counter((t.variant, t.repeat) for t in asked)
    assert counts == {("", 1): 2 * N, ("", 2): 2 * N, ("", 3): 2 * N, ("formal", 1): 2 * N}


def test_single_answers_are_audited_under_a_rubric_of_theirs(
    tmp_path: Path, options: Options
) -> None:
    single = dataclasses.replace(options, rubrics=(rubric(tmp_path, "single"),))
    result = audited(tmp_path, single, Star(("labels-mirrored", "text-output"), ("finer-scale",)))
    frame = result.table.frame
    whole = frame[frame["criterion"].astype(str) == ""]
    assert (whole["status"] == "ok").all()
    # A judge without error says 5 or 1, whatever the wording.
    assert set(whole["score"]) == {1.0, 5.0}
    assert whole.groupby(["item_id", "system"], observed=True)["score"].nunique().max() == 1


def test_items_are_a_random_sample_of_those_that_have_a_pair(
    tmp_path: Path, options: Options
) -> None:
    few = dataclasses.replace(options, limit=5)
    what = prepared(files(tmp_path), few, Star(("formal",)))
    asked = what.recipe.audit
    assert asked is not None
    assert (len(what.items), asked.n_available, what.forecast.per_judge) == (5, N, 5 * 3)
    assert (what.recipe.swap, what.recipe.repeats) == ("random", 2)


def test_one_hash_stands_for_rubric_wordings_items_and_seed(
    tmp_path: Path, options: Options
) -> None:
    def fingerprint(star: Star = FEW, **changes: Any) -> str:
        what = prepared(files(tmp_path), dataclasses.replace(options, **changes), star)
        assert what.recipe.audit is not None
        return what.recipe.audit.fingerprint

    first = fingerprint()
    others = [
        fingerprint(Star(("formal",))),
        fingerprint(limit=5),
        fingerprint(seed=1),
        fingerprint(rubrics=(rubric(tmp_path, more=" Be strict."),)),
    ]
    assert len({first, *others}) == 5
    rubric(tmp_path)
    assert fingerprint() == first


def test_a_later_audit_with_one_more_wording_buys_that_alone(
    tmp_path: Path, options: Options
) -> None:
    audited(tmp_path, options, Star(("formal", "text-output")))
    more = audited(tmp_path, options, Star(("formal", "text-output"), ("persona",)))
    assert (more.report.run.calls, more.report.run.reused) == (N, 4 * N)


# -- what is found -------------------------------------------------------------------------------


def test_a_judge_without_error_keeps_every_verdict_under_every_wording(
    tmp_path: Path, options: Options
) -> None:
    result = audited(tmp_path, options, EVERY)
    frame = result.table.frame
    assert (frame["status"] == "ok").all()
    assert frame.groupby("item_id", observed=True)["label"].nunique().max() == 1
    kinds = {w.name: w.kind for w in found(result).audit.wordings}
    assert {n for n, kind in kinds.items() if kind == "intervention"} == CHANGES
    (one,) = found(result).sensitivities
    assert {w.finding for w in one.wordings} == {"none shown"}
    assert one.agreement.value == 1.0


def test_a_wording_effect_that_was_planted_on_one_variant_is_found_there_alone(
    tmp_path: Path, options: Options
) -> None:
    rule = "sim-fair:skill=1000,wording=1,wording_only=Pronounce upon"
    moved = dataclasses.replace(options, judges=(sim(rule),))
    (one,) = found(audited(tmp_path, moved)).sensitivities
    assert {w.wording for w in one.wordings if w.finding == "moves verdicts"} == {"formal"}
    assert next(w for w in one.wordings if w.wording == "formal").excess_flips.value == 1.0


def test_the_gate_of_an_audit_fails_on_a_wording_that_moves_verdicts(
    tmp_path: Path, options: Options
) -> None:
    rule = "sim-fair:skill=1000,wording=1,wording_only=Pronounce upon"
    for judge, code in ((sim(rule), 1), (sim(), 0)):
        gated = dataclasses.replace(options, judges=(judge,), fail_if=("wording_moves",))
        result = audited(tmp_path, gated, Star(("formal",)))
        assert result.exit_code == code, result.reasons


def test_an_audit_over_http_asks_for_text_without_a_schema_and_reads_all_answers(
    tmp_path: Path, options: Options
) -> None:
    async def main() -> Result:
        async with running(ServerSettings(knowledge=Knowledge(planted=PLANTED))) as server:
            judges = tuple(
                JudgeModel(wire, wire, "sim-fair:skill=1000", base_url=url, simulated=True)
                for wire, url in (("openai", f"{server.url}/v1"), ("anthropic", server.url))
            )
            asked = dataclasses.replace(options, judges=judges)
            keys = {"OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "x"}
            what = prepared(
                files(tmp_path), asked, Star(("text-output", "labels-mirrored"), ("label-only",))
            )
            return await judged(what, asked, World(environ=keys))

    result = asyncio.run(main())
    assert (result.table.frame["status"] == "ok").all()
    answers = [j for j in judgments(options, result) if j.trial.variant == "text-output"]
    sent = [j.calls[0].completion for j in answers]
    assert {c.structured for c in sent if c is not None} == {"none"}
    assert {j.verdict.method for j in answers} == {"text"}
    others = [j for j in judgments(options, result) if j.trial.variant != "text-output"]
    assert {j.verdict.method for j in others} == {"structured"}
    for one in found(result).sensitivities:
        assert {w.finding for w in one.wordings} == {"none shown"}


# -- frozen --------------------------------------------------------------------------------------


class Watcher:
    """Interrupts a run after so many verdicts."""

    def __init__(self, interrupt: asyncio.Event, after: int) -> None:
        self.left, self.interrupt = after, interrupt

    def begin(self, planned: Mapping[str, int], settled: int) -> None:
        pass

    def advance(self, judgment: Judgment) -> None:
        self.left -= 1
        if not self.left:
            self.interrupt.set()

    def end(self, outcome: object) -> None:
        pass


def stopped(folder: Path, options: Options, after: int = 10) -> Result:
    interrupt = asyncio.Event()
    world = World(progress=Watcher(interrupt, after), interrupt=interrupt)
    slow = dataclasses.replace(options, concurrency=1)
    return audited(folder, slow, world=world)


def test_an_interrupted_audit_goes_on_with_the_text_that_it_was_begun_with(
    tmp_path: Path, options: Options
) -> None:
    half = stopped(tmp_path, options)
    assert half.exit_code == 130
    rubric(tmp_path, more=" Be strict.")
    done = asyncio.run(runs.resumed("latest", options, World()))
    assert done.exit_code == 0
    (told,) = (w for w in done.report.warnings if "its file differs now" in w)
    hashes = {run.fingerprint for run in done.report.run.rubrics}
    assert all(h in told for h in hashes)
    rubric(tmp_path)
    whole = audited(tmp_path, dataclasses.replace(options, store=str(tmp_path / "whole.db")))
    assert found(done).sensitivities == found(whole).sensitivities


def test_a_resumed_audit_says_where_its_rubrics_file_is_gone_and_nothing_where_it_is_as_it_was(
    tmp_path: Path, options: Options
) -> None:
    stopped(tmp_path, options)
    quiet = asyncio.run(runs.resumed("latest", options, World()))
    assert not [w for w in quiet.report.warnings if "rubric ours@1" in w]
    Path(options.rubrics[0]).unlink()
    again = asyncio.run(runs.resumed("latest", options, World()))
    assert [w for w in again.report.warnings if "its file cannot be read as it is now" in w]


# -- what is refused -----------------------------------------------------------------------------

ENDPOINT: dict[str, Any] = {
    "body": {"text": "{system}\n{user}", "schema": "{schema}"},
    "answer": "answer",
}


def http(**table: Any) -> JudgeModel:
    endpoint = {k: v for k, v in {**ENDPOINT, **table}.items() if v is not None}
    return JudgeModel(
        "web", "http", "m", base_url="http://127.0.0.1:1", endpoint=endpoint, simulated=True
    )


Change = Callable[[Path], dict[str, Any]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"judges": ()}, "no judge is configured"),
        ({"rubrics": ("a", "b")}, "an audit is of one rubric"),
        ({"rubrics": ("no-such",)}, "there is no rubric no-such"),
        ({"baseline": "nobody"}, "--baseline nobody: no such system; the files hold base, new"),
        ({"fail_if": ("worse",)}, "--fail-if worse"),
        ({"judges": (http(body={"text": "{user}"}),)}, "does not show {system}"),
        ({"judges": (http(body={"q": "{question}", "r": "{response_a}{response_b}"}),)}, "{user}"),
        ({"judges": (http(answer=None, p_first="p"),)}, "is a number and no label"),
    ],
)
def test_what_cannot_be_audited_is_refused_before_anything_is_asked(
    tmp_path: Path, options: Options, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputError) as error:
        prepared(files(tmp_path), dataclasses.replace(options, **changes))
    assert problem in str(error.value)


def test_one_system_is_no_pair(tmp_path: Path, options: Options) -> None:
    with pytest.raises(InputError, match="give a file of another"):
        prepared(files(tmp_path, "base"), options)


def test_an_endpoint_that_shows_the_prompt_is_audited_without_the_wording_in_text(
    tmp_path: Path, options: Options
) -> None:
    what = prepared(files(tmp_path), dataclasses.replace(options, judges=(http(), sim())))
    assert what.recipe.audit is not None
    assert {w.name for w in what.recipe.audit.wordings} == STAR - {"text-output"}
    assert any("text-output: left out" in warning for warning in what.recipe.warnings)
    with pytest.raises(InputError, match="no wording to hold against its own"):
        prepared(
            files(tmp_path), dataclasses.replace(options, judges=(http(),)), Star(("text-output",))
        )


# -- recorded verdicts ---------------------------------------------------------------------------


def test_the_report_of_a_run_that_is_named_is_its_own(tmp_path: Path, options: Options) -> None:
    result = audited(tmp_path, options)
    again = reported([str(result.run_id)], options)
    assert found(again) == found(result)
    assert again.report.run.calls == result.report.run.calls


def test_two_judges_audited_in_two_runs_are_reported_on_together(
    tmp_path: Path, options: Options
) -> None:
    other = dataclasses.replace(options, judges=(sim(name="other"),))
    names = [str(audited(tmp_path, one).run_id) for one in (options, other)]
    both = reported(names, options)
    assert {one.judge for one in found(both).sensitivities} == {"sim", "other"}
    assert {w.name for w in found(both).audit.wordings} == {"", "formal", "text-output"}
    assert all(w.fingerprint for w in found(both).audit.wordings)


def refused(names: list[str], options: Options, **more: Any) -> str:
    with pytest.raises(InputError) as error:
        reported(names, options, **more)
    return str(error.value)


def test_verdicts_under_two_texts_of_one_rubric_are_never_mixed(
    tmp_path: Path, options: Options
) -> None:
    first = audited(tmp_path, options)
    rubric(tmp_path, more=" Be strict.")
    second = audited(tmp_path, options)
    said = refused([str(first.run_id), str(second.run_id)], options)
    for result in (first, second):
        (one,) = result.report.run.rubrics
        assert one.fingerprint in said
    assert "are never pooled" in said


def test_other_items_the_same_trials_and_another_judge_of_one_name_are_not_put_together(
    tmp_path: Path, options: Options
) -> None:
    star = Star(("formal",))
    first = audited(tmp_path, options, star)
    again = audited(tmp_path, options, star)
    few = audited(tmp_path, dataclasses.replace(options, limit=5), star)
    model = audited(tmp_path, dataclasses.replace(options, judges=(sim("sim-first"),)), star)
    names = {
        "hold 24 verdicts on the same trials": again,
        "judged other items (sha256:": few,
        "judge sim is another model": model,
    }
    for problem, result in names.items():
        assert problem in refused([str(first.run_id), str(result.run_id)], options)
    assert "is given twice" in refused([str(first.run_id)] * 2, options)


def rows(*rubrics: str, judge: str = "j", n: int = 4, **more: Any) -> list[dict[str, Any]]:
    return [
        {"item_id": f"i{k}", "system_a": "x", "system_b": "y", "judge": judge, "order": "AB"}
        | {"label": "a" if (k + place) % 3 else "b", "rubric": rubric, **more}
        for k in range(n)
        for place, rubric in enumerate(rubrics)
    ]


def table(folder: Path, name: str, found: list[dict[str, Any]]) -> str:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    return str(path)


def test_rubrics_of_a_recorded_table_are_interventions_unless_they_are_said_to_be_equal(
    tmp_path: Path, options: Options
) -> None:
    path = table(tmp_path, "v.jsonl", rows("plain", "steps", "polite"))
    usual = found(reported([path], options, base="plain")).audit
    assert [(w.name, w.kind) for w in usual.wordings] == [
        ("plain", "equivalent"),
        ("polite", "intervention"),
        ("steps", "intervention"),
    ]
    named = reported([path], options, base="plain", kinds=Kinds(("polite",)))
    assert {w.name: w.kind for w in found(named).audit.wordings}["polite"] == "equivalent"
    assert found(named).audit.base == "plain"
    said = refused([path], options)
    assert "plain, polite, steps" in said
    assert "--base" in said
    assert "no such wording" in refused([path], options, base="plain", kinds=Kinds(("x",)))


def test_two_files_are_one_table_and_other_items_are_refused(
    tmp_path: Path, options: Options
) -> None:
    one = table(tmp_path, "one.jsonl", rows("plain", "steps"))
    two = table(tmp_path, "two.jsonl", rows("plain", "steps", judge="k"))
    both = reported([one, two], options, base="plain")
    assert {row.judge for row in found(both).sensitivities} == {"j", "k"}
    assert any("taken on trust" in warning for warning in both.report.warnings)
    few = table(tmp_path, "few.jsonl", rows("plain", "steps", judge="k", n=3))
    assert "4 items and" in refused([one, few], options, base="plain")
    assert "same trials" in refused(
        [one, table(tmp_path, "same.jsonl", rows("plain"))], options, base="plain"
    )


# -- the command ---------------------------------------------------------------------------------

CONFIG = """
[[judges]]
id = "sim"
provider = "simulated"
model = "sim-fair"
simulated = true

[run]
limit = 3
repeats = 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "judge.toml").write_text(CONFIG.replace("limit = 3\n", ""), encoding="utf-8")
    files(tmp_path)
    rubric(tmp_path)
    return tmp_path


def test_the_command_asks_reports_and_reports_again(folder: Path) -> None:
    asked: tuple[str, ...] = ("audit", "rubric", "base.jsonl", "new.jsonl", "--rubric", "ours.toml")
    asked = (*asked, "--variant", "formal", "--variant", "text-output")
    dry = command(folder, *asked, "--dry-run")
    assert dry.returncode == 0
    assert f"1 judges x {4 * N} trials" in dry.stdout
    done = command(folder, *asked, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["run"]["repeats"]) == (0, 2)
    assert told["rubric_audit"]["audit"]["n_items"] == N
    again = command(folder, "audit", "rubric", "--from", "latest", "--json")
    assert json.loads(again.stdout)["rubric_audit"] == told["rubric_audit"]
    for other in (("report", "latest"), ("show", "latest", "i1"), ("runs",), ("export", "latest")):
        assert command(folder, *other).returncode == 0, other


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ((), "name files of responses to judge"),
        (("base.jsonl", "--from", "latest"), "give one of both"),
        (("--from", "latest", "--repeats", "2"), "--repeats: says what to ask"),
        (("--from", "latest", "--fresh"), "--fresh: says what to ask"),
        (("--from", "nothing"), "nothing: there is no such file, and no store"),
        (("base.jsonl", "new.jsonl", "--base", "x"), "--base: is for --from"),
        (("base.jsonl", "new.jsonl", "--variant", "x"), "has no such wording"),
        (("base.jsonl", "new.jsonl", "--repeats", "0"), "--repeats 0"),
        (("base.jsonl", "new.jsonl", "--swap", "no"), "--swap no"),
        (("base.jsonl", "new.jsonl", "--fail-if", "moved"), "--fail-if moved"),
    ],
)
def test_flags_that_make_no_sense_exit_with_2_and_say_what_to_do(
    folder: Path, flags: tuple[str, ...], problem: str
) -> None:
    done = command(folder, "audit", "rubric", *flags)
    assert done.returncode == 2
    assert problem in " ".join(done.stderr.split())
