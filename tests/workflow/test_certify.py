"""Certificates from a run and a locked set of labels: who gets one, and what later reports say."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from judge.errors import InputError
from judge.labels.sets import read_label_set
from judge.lock_lines import read_lock
from judge.report.schema_certificate import Certificate
from judge.store import open_store
from judge.types import JudgeModel, digest_text
from judge.workflow import judging, runs
from judge.workflow.analyze import analyzed
from judge.workflow.certify import RECORDED
from judge.workflow.certifying import certified_run, shown
from judge.workflow.compare import prepared
from judge.workflow.options import Options
from judge.workflow.reporting import Result
from judge.workflow.running import World

RIGHT, WRONG = "From nine to six.", "Cheese."
N = 34
PLANTED = {digest_text(RIGHT): 1.0, digest_text(WRONG): 0.0}
SIM = JudgeModel(
    "sim",
    "simulated",
    "sim-fair:skill=6",
    parameters={"planted": PLANTED},
    simulated=True,
)
START = datetime(2026, 10, 1, 3, tzinfo=UTC)
SET = Path("harbours")


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    monkeypatch.chdir(tmp_path)
    label_set(tmp_path)
    return Options(
        judges=(SIM,), store=str(tmp_path / "store.db"), out=tmp_path / "out", concurrency=1
    )


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def files(n: int = N) -> tuple[Path, Path]:
    texts = {"base": WRONG, "new": RIGHT}
    base, new = (
        written(
            Path(f"{system}.jsonl"),
            [
                {"item_id": f"i{k}", "prompt": f"When is harbour {k} open?", "response": text}
                for k in range(n)
            ],
        )
        for system, text in texts.items()
    )
    return base, new


def label_set(
    folder: Path,
    *,
    name: str = "harbours",
    version: int = 1,
    source: str = "human",
    n: int = N,
    split: str = "test",
    locked: bool = True,
) -> None:
    place = folder / "calibration" / name / f"v{version}"
    place.mkdir(parents=True)
    (place / "set.toml").write_text(
        f'name = "{name}"\nversion = {version}\nsource = "{source}"\nmode = "pairwise"\n'
        'raters = ["ann", "bob", "cem"]\n',
        encoding="utf-8",
    )
    written(
        place / "items.jsonl",
        [
            {
                "item_id": f"i{k}",
                "prompt": f"When is harbour {k} open?",
                "responses": {"base": WRONG, "new": RIGHT},
            }
            for k in range(n)
        ],
    )
    written(
        place / "labels.jsonl",
        [
            {
                "item_id": f"i{k}",
                "rater": rater,
                "system_a": "new",
                "system_b": "base",
                "label": "b" if k % 7 == 0 else "a",
                "split": split,
            }
            for k in range(n)
            for rater in ("ann", "bob", "cem")
        ],
    )
    if locked:
        lock(folder, version, name)


def lock(folder: Path, version: int, name: str = "harbours") -> None:
    path = folder / "calibration" / "labels.lock"
    own = read_label_set(folder / "calibration" / name / f"v{version}")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}{own.id} {own.fingerprint}\n", encoding="utf-8")
    assert read_lock(path)[own.id] == own.fingerprint


def day(n: int) -> World:
    moment = START + timedelta(days=n)
    return World(now=lambda: moment)


def compared(options: Options, n: int = 0, items: int = N) -> Result:
    base, new = files(items)
    return asyncio.run(judging.judged(prepared(base, new, options), options, day(n)))


def certified(options: Options, run: Result, n: int = 0) -> Any:
    return certified_run(run.run_id or "", SET, options, now=START + timedelta(days=n))


def said(result: Result) -> Certificate:
    found = result.report.certificates
    assert found is not None
    return found[0]


def test_a_report_without_a_certificate_says_so_in_its_first_lines(options: Options) -> None:
    result = compared(options)
    assert (said(result).state, said(result).found) == ("none", None)
    head = " ".join(result.text().split())[:1500]
    assert "No certificate: none was made in this store." in head


def test_a_certificate_is_quoted_by_every_later_report_of_that_judge(options: Options) -> None:
    first = compared(options)
    done = certified(options, first)
    assert [one.judge for one in done.made] == ["sim"]
    later = compared(options, 10, items=5)
    found = said(later)
    assert (found.state, found.why, found.label_set) == ("valid", [], "harbours@1")
    assert found.simulated is True
    assert found.found is not None
    # 5 of 34 labels (0, 7, ..., 28) say the opposite of a judge that always prefers `new`.
    assert found.found.percent.value == pytest.approx(29 / 34)
    assert found.found.n_items == N
    head = " ".join(later.text().split())[:1800]
    assert "Judge sim (simulated) was checked against people: it agrees on 85.3 %" in head
    assert "valid until 2026-12-30" in head
    assert said(runs.reported(first.run_id or "", options)).state == "valid"


def test_a_certificate_gets_stale_with_what_it_stands_on_and_the_report_names_it(
    options: Options,
) -> None:
    certified(options, compared(options))
    warmer = dataclasses.replace(SIM, parameters={"planted": PLANTED, "seed": 3})
    found = said(compared(dataclasses.replace(options, judges=(warmer,)), 1, items=5))
    assert (found.state, found.why) == ("stale", ["its parameters changed"])
    old = compared(options, 91, items=5)
    assert said(old).state == "stale"
    assert "90 days" in said(old).why[0]
    assert "The certificate of judge sim (simulated) is stale" in " ".join(old.text().split())


def test_newer_locked_labels_make_it_stale(options: Options, tmp_path: Path) -> None:
    certified(options, compared(options))
    label_set(tmp_path, version=2, locked=False, n=N - 1)
    assert said(compared(options, 1, items=5)).state == "valid"
    lock(tmp_path, 2)
    assert said(compared(options, 2, items=5)).why == [
        "its labels harbours@1 have a newer locked version, harbours@2"
    ]


def test_labels_that_were_changed_make_it_stale(options: Options, tmp_path: Path) -> None:
    certified(options, compared(options))
    place = tmp_path / "calibration" / "harbours" / "v1" / "labels.jsonl"
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace('"b"', '"tie"'), encoding="utf-8")
    assert said(compared(options, 1, items=5)).why == ["its labels harbours@1 changed"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": "synthetic"}, "invented"),
        ({"locked": False}, "not locked"),
        ({"split": "calib"}, "in the split test"),
        ({"n": 29}, "29 labelled test units"),
    ],
)
def test_a_set_that_cannot_bear_one_is_refused_and_nothing_is_stored(
    options: Options, tmp_path: Path, change: Mapping[str, Any], why: str
) -> None:
    run = compared(options)
    label_set(tmp_path, name="bad", **change)
    place = tmp_path / "calibration" / "bad" / "v1"
    with pytest.raises(InputError, match="--certify") as refused:
        certified_run(run.run_id or "", place, options, now=START)
    assert why in str(refused.value)
    with open_store(options.store) as store:
        assert store.certificates() == []


def test_too_many_missing_verdicts_are_refused(options: Options) -> None:
    lossy = dataclasses.replace(SIM, model="sim-fair:skill=6,refuse=0.5")
    run = compared(dataclasses.replace(options, judges=(lossy,), max_missing=1.0))
    with pytest.raises(InputError, match="labelled test units have no verdict"):
        certified(options, run)


def test_recorded_verdicts_get_none_and_a_report_of_them_says_why(
    options: Options, tmp_path: Path
) -> None:
    rows = [
        {"item_id": f"i{k}", "system_a": "x", "system_b": "y", "judge": "j", "label": "a"}
        for k in range(5)
    ]
    path = written(tmp_path / "verdicts.jsonl", rows)
    with pytest.raises(InputError, match=RECORDED):
        certified_run(str(path), SET, options, now=START)
    result = analyzed(path, dataclasses.replace(options, store="none.db"))
    assert (said(result).state, said(result).why) == ("none", [RECORDED])


def test_a_file_of_labels_is_no_set(options: Options, tmp_path: Path) -> None:
    run = compared(options)
    plain = tmp_path / "plain.jsonl"
    labels = tmp_path / "calibration" / "harbours" / "v1" / "labels.jsonl"
    plain.write_text(labels.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="give a set of calibration/ by name"):
        certified_run(run.run_id or "", plain, options, now=START)


def test_the_certificates_of_a_store_are_listed(options: Options) -> None:
    run = compared(options)
    assert "no certificate" in str(shown(options.store))
    certified(options, run)
    told = str(shown(options.store))
    assert "harbours@1" in told
    assert "2026-12-30" in told
