"""An audit in the store, and what later reports of the same judge and rubric say of it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from judge.cli import app
from judge.errors import InputError
from judge.report.terminal import text_of
from judge.types import JudgeModel
from judge.workflow import audit_judge, judging, runs
from judge.workflow.agree import held_against
from judge.workflow.analyze import analyzed
from judge.workflow.audit_judge import Battery
from judge.workflow.certifying import certified_audit, shown
from judge.workflow.compare import prepared as compared
from judge.workflow.export import verdict_rows, written
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World
from judge.workflow.score import prepared as scored

SIM = JudgeModel("sim", "simulated", "sim-long", simulated=True)
START = datetime(2026, 10, 1, 3, tzinfo=UTC)
N = 32


def rows(name: str, *, n: int = N, more: str = "") -> list[dict[str, Any]]:
    """Answers of both systems, of lengths that differ from item to item."""
    words = [
        "open",
        "from",
        "nine",
        "to",
        "six",
        "on",
        "every",
        "day",
        "of",
        "the",
        "week",
        "but",
        "the",
        "last",
    ]
    return [
        {
            "item_id": f"i{k}",
            "prompt": f"When is harbour {k} open?",
            "response": f"{more}Harbour {k} is {' '.join(words[: 2 + (k * step) % 9])} ({name}).",
        }
        for k in range(n)
        for step in ([3] if name == "base" else [7])
    ]


def files(folder: Path, **changes: Any) -> list[Path]:
    paths = []
    for name in ("base", "new"):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows(name, **changes)), "utf-8")
        paths.append(path)
    return paths


def day(n: int) -> World:
    return World(now=lambda: START + timedelta(days=n))


@dataclasses.dataclass(frozen=True)
class Audits:
    """A store with two audits, which tests copy."""

    folder: Path
    pairwise: str
    single: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Audits:
    folder = tmp_path_factory.mktemp("audits")
    options = Options(judges=(SIM,), store=str(folder / "store.db"), out=folder / "out", limit=N)
    base, new = files(folder)
    battery = Battery(only=("padding",))

    def audited(*paths: Path) -> str:
        what = audit_judge.prepared(paths, options, battery)
        return asyncio.run(judging.judged(what, options, day(0))).run_id or ""

    return Audits(folder, audited(base, new), audited(new))


@pytest.fixture
def options(made: Audits, tmp_path: Path) -> Options:
    shutil.copy(made.folder / "store.db", tmp_path / "store.db")
    files(tmp_path)
    return Options(judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out")


def comparison(options: Options, at: int = 1, **changes: Any) -> Result:
    own = dataclasses.replace(options, **{"limit": 8, **changes})
    folder = Path(own.store).parent
    what = compared(folder / "base.jsonl", folder / "new.jsonl", own)
    return asyncio.run(judging.judged(what, own, day(at)))


def head(result: Result) -> str:
    return " ".join(result.text().split())[:2200]


# -- certificates ----------------------------------------------------------------------------------


def test_an_audit_is_quoted_by_later_reports_of_the_same_judge(
    made: Audits, options: Options
) -> None:
    assert comparison(options).report.audits is None
    done = certified_audit(made.pairwise, options, now=START)
    assert [(one.audit, one.n_items, one.simulated) for one in done.made] == [("judge", N, True)]
    later = comparison(options)
    (found,) = later.report.audits or []
    assert (found.state, found.why, found.run_id) == ("valid", [], made.pairwise)
    assert {"padding-x1.5", "padding-x3", "position"} == set(found.tried)
    assert f"Judge sim (simulated) was audited on 2026-10-01 (run {made.pairwise}, 32 items)" in (
        head(later)
    )
    assert later.report.certificates is not None
    assert later.report.certificates[0].state == "none"  # it says nothing of people
    assert "Audits" in later.html() or found.run_id in later.html()


def test_an_audit_of_other_settings_or_long_ago_is_quoted_as_stale(
    made: Audits, options: Options
) -> None:
    certified_audit(made.pairwise, options, now=START)
    warm = dataclasses.replace(SIM, parameters={"seed": 3})
    (found,) = comparison(options, judges=(warm,)).report.audits or []
    assert (found.state, found.why) == ("stale", ["its parameters changed"])
    old = comparison(options, at=91)
    (found,) = old.report.audits or []
    assert found.state == "stale"
    assert "90 days" in found.why[0]
    assert "which is stale" in head(old)


def test_reading_old_answers_again_makes_no_audit_younger(made: Audits, options: Options) -> None:
    base, new = (Path(options.store).parent / f"{n}.jsonl" for n in ("base", "new"))
    own = dataclasses.replace(options, limit=N)
    what = audit_judge.prepared([base, new], own, Battery(only=("padding",)))
    again = asyncio.run(judging.judged(what, own, day(80)))
    assert again.report.run.calls == 0
    certified_audit(again.run_id or "", options, now=START + timedelta(days=80))
    (found,) = comparison(options, at=100).report.audits or []
    assert found.asked_at.startswith("2026-10-01")
    assert found.state == "stale"


def test_certificates_of_audits_are_listed_beside_those_of_people(
    made: Audits, options: Options
) -> None:
    assert "--certify" in text_of(shown(options.store), width=80)
    certified_audit(made.pairwise, options, now=START)
    told = text_of(shown(options.store), width=80)
    assert "sim (simulated)" in told
    assert "of 3" in told


def test_too_few_items_and_what_is_no_audit_get_none(made: Audits, options: Options) -> None:
    run = comparison(options).run_id or ""
    with pytest.raises(InputError, match="is no audit"):
        certified_audit(run, options, now=START)
    own = dataclasses.replace(options, limit=8)
    folder = Path(options.store).parent
    what = audit_judge.prepared([folder / "new.jsonl"], own, Battery(only=("padding",)))
    small = asyncio.run(judging.judged(what, own, day(1)))
    with pytest.raises(InputError, match="fewer than 30"):
        certified_audit(small.run_id or "", options, now=START)


# -- filler ----------------------------------------------------------------------------------------


def test_a_comparison_shows_what_filler_alone_does_beside_the_coefficient(
    made: Audits, options: Options
) -> None:
    plain = comparison(options)
    assert plain.report.judges[0].length.padding is None
    told = comparison(options, padded=Path(made.pairwise))
    found = told.report.judges[0].length.padding
    assert found is not None
    assert (found.run_id, found.made_at[:10]) == (made.pairwise, "2026-10-01")
    assert found.slope.unit.startswith("log-odds")
    assert told.report.run.padded is not None
    assert told.report.run.padded.file == made.pairwise
    assert "filler alone" in " ".join(told.text().split())
    # The rate at equal length is what it was: the audit changes no number.
    assert told.report.comparisons is not None
    assert plain.report.comparisons is not None
    first, other = told.report.comparisons[0], plain.report.comparisons[0]
    assert first.length_controlled == other.length_controlled


def test_a_report_takes_an_audit_later_and_keeps_it(made: Audits, options: Options) -> None:
    run = comparison(options).run_id or ""
    given = dataclasses.replace(options, padded=Path(made.pairwise))
    first = runs.reported(run, given)
    again = runs.reported(run, options)
    assert first.report.judges[0].length.padding is not None
    assert again.report.judges[0].length.padding == first.report.judges[0].length.padding


def test_scores_are_brought_to_equal_length_by_an_audits_padded_answers(
    made: Audits, options: Options
) -> None:
    own = dataclasses.replace(options, padded=Path(made.single))
    what = scored([Path(options.store).parent / "new.jsonl"], own)
    told = asyncio.run(judging.judged(what, own, day(1)))
    slopes = [s for s in told.report.length_slopes or [] if s.criterion == ""]
    assert [(s.source, s.bias.n) for s in slopes] == [("padding", N)]
    audited = runs.reported(made.single, options).report.judge_audit
    assert audited is not None
    found = told.report.judges[0].length.padding
    assert found is not None
    assert found.slope.unit != "log-odds"


def test_recorded_verdicts_take_an_audit_by_the_names_of_their_judges(
    made: Audits, options: Options, tmp_path: Path
) -> None:
    run = comparison(options).run_id or ""
    path = written(verdict_rows(run, options.store), tmp_path / "v.jsonl")
    told = analyzed(path, dataclasses.replace(options, padded=Path(made.pairwise), out=None))
    assert told.report.judges[0].length.padding is not None
    assert any("same name" in text for text in told.report.warnings)
    single = dataclasses.replace(options, padded=Path(made.single), out=None)
    with pytest.raises(InputError, match="single answers"):
        analyzed(path, single)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"padded": Path("v.jsonl")}, "takes the id of an audit"),
        ({"padded": Path("2020")}, "no run of that name"),
        ({"judges": (dataclasses.replace(SIM, model="sim-fair"),)}, "its model changed"),
        ({"judges": (dataclasses.replace(SIM, judge="other", model="sim-fair"),)}, "not of judge"),
    ],
)
def test_an_audit_that_says_nothing_of_these_judges_is_refused(
    made: Audits, options: Options, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match="--padded") as refused:
        comparison(options, **{"padded": Path(made.pairwise), **changes})
    assert says in str(refused.value)


def test_a_run_that_is_no_audit_of_padding_is_refused(made: Audits, options: Options) -> None:
    plain = comparison(options).run_id or ""
    with pytest.raises(InputError, match="is no audit of a judge"):
        comparison(options, padded=Path(plain))
    with pytest.raises(InputError, match="single answers"):
        comparison(options, padded=Path(made.single))


def test_an_audit_of_other_answers_says_nothing_of_these_scores(
    made: Audits, options: Options, tmp_path: Path
) -> None:
    files(tmp_path, more="Well. ")
    own = dataclasses.replace(options, padded=Path(made.single))
    with pytest.raises(InputError, match="none of the answers that it padded"):
        scored([tmp_path / "new.jsonl"], own)


# -- gates and other commands ----------------------------------------------------------------------


def test_a_gate_fails_the_audit_with_exit_code_1_and_its_reason(
    made: Audits, options: Options
) -> None:
    folder = Path(options.store).parent
    own = dataclasses.replace(options, limit=N, fail_if=("moved", "success_upper>0.01"))
    what = audit_judge.prepared(
        [folder / "base.jsonl", folder / "new.jsonl"], own, Battery(only=("padding",))
    )
    told = asyncio.run(judging.judged(what, own, day(1)))
    assert told.report.run.calls == 0
    assert told.exit_code == 1
    assert any(why.startswith("--fail-if success_upper>0.01: sim") for why in told.reasons)
    assert runs.reported(told.run_id or "", options).exit_code == 1


def test_certify_on_the_command_line_keeps_the_audit_and_says_so(
    made: Audits, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(options.store).parent
    monkeypatch.chdir(folder)
    command = ["audit", "judge", "base.jsonl", "new.jsonl", "--judge", "simulated/sim-long"]
    flags = ["--only", "padding-x3", "--items", "31", "--store", options.store, "--certify"]
    done = CliRunner().invoke(app, [*command, *flags, "--out", "o"])
    assert done.exit_code == 0, done.output
    assert "certificate of sim-long under helpfulness@1 by this audit" in done.stderr
    few = CliRunner().invoke(app, [*command, *flags, "--out", "o", "--items", "9"])
    assert few.exit_code == 2
    assert "--certify: judge sim-long: 9 items" in few.stderr
    assert "judge runs" not in few.stderr
    assert (folder / "o" / "report.json").exists()  # what was paid for is reported


def test_agreement_with_people_is_not_asked_of_an_audit(made: Audits, options: Options) -> None:
    with pytest.raises(InputError, match="is a run of `judge audit judge`"):
        held_against(made.pairwise, Path("labels.jsonl"), options)
