"""Scores as given, penalised and normalised, through the callable that reports use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.aggregate import Analysis, ScoreRow, analyze
from judge.errors import InputError
from judge.report import terminal
from judge.report.build import build
from judge.table import VerdictTable, from_rows
from judge.types import HumanLabel
from judge.workflow.reporting import sections

Row = dict[str, Any]
BIAS = 0.5  # points that the judge adds for each doubling


def answers(judge: str = "j", n: int = 80, seed: int = 0) -> list[Row]:
    """Two equally good systems; `wordy` is about twice as long, which the judge rewards."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        for system, factor in (("terse", 1.0), ("wordy", 2.0)):
            size = int(300 * factor * np.exp(rng.normal(0, 0.3)))
            merit = 3 + (i % 5 - 2) / 4
            score = merit + BIAS * np.log2((1 + size) / 301) + rng.normal(0, 0.2)
            rows.append(
                {"item_id": f"i{i}", "system": system, "judge": judge, "score": float(score)}
                | {"len": size}
            )
    return rows


def labels(n: int = 60, systems: tuple[str, ...] = ("terse", "wordy")) -> list[HumanLabel]:
    """People's scores, which are the merit."""
    return [
        HumanLabel(f"i{i}", "r", system=system, score=3 + (i % 5 - 2) / 4)
        for i in range(n)
        for system in systems
    ]


def padded(rows: list[Row], n: int = 60) -> VerdictTable:
    """The first answers, each three times as long."""
    gain = BIAS * np.log2(3)
    longer = [
        row | {"score": row["score"] + gain * (1 + 0.1 * (-1) ** k), "len": 3 * row["len"] + 2}
        for k, row in enumerate(rows[:n])
    ]
    return from_rows("single", longer)


def scored(rows: list[Row], **options: Any) -> Analysis:
    return analyze(from_rows("single", rows), **options)


def row_of(found: Analysis, system: str, judge: str = "j") -> ScoreRow:
    (row,) = (r for r in found.scores if (r.system, r.judge) == (system, judge))
    return row


def gap(found: Analysis, name: str) -> float:
    wordy, terse = (getattr(row_of(found, system), name).value for system in ("wordy", "terse"))
    return float(wordy - terse)


def test_scores_are_brought_to_equal_length_by_peoples_labels() -> None:
    """Equally good: half a point apart as given, not apart at equal length."""
    found = scored(answers(), labels=labels())
    assert gap(found, "raw") == pytest.approx(0.5, abs=0.1)
    assert gap(found, "adjusted") == pytest.approx(0.0, abs=0.1)
    (slope,) = found.length_slopes
    assert (slope.source, slope.bias.n) == ("labels", 120)
    assert slope.bias.value == pytest.approx(BIAS, abs=0.1)


def test_scores_are_brought_to_equal_length_by_a_padding_experiment() -> None:
    rows = answers()
    found = scored(rows, padded=padded(rows))
    assert gap(found, "adjusted") == pytest.approx(0.0, abs=0.1)
    (slope,) = found.length_slopes
    assert (slope.source, slope.bias.n) == ("padding", 60)
    assert slope.bias.value == pytest.approx(BIAS, abs=0.02)


def test_labels_go_before_padding() -> None:
    rows = answers()
    (slope,) = scored(rows, labels=labels(), padded=padded(rows)).length_slopes
    assert slope.source == "labels"


def test_without_either_nothing_is_subtracted_and_the_note_says_how() -> None:
    found = scored(answers())
    e = row_of(found, "wordy").adjusted
    assert e.value is None
    assert "--labels" in e.note
    assert "--padded" in e.note
    (slope,) = found.length_slopes
    assert slope.association.value is not None
    assert slope.bias.value is None


def test_few_labels_are_used_and_said_to_be_few() -> None:
    e = row_of(scored(answers(), labels=labels(10)), "wordy").adjusted
    assert e.value is not None
    assert "from 20 labelled answers; 50 are recommended" in e.note


def test_a_penalty_is_taken_where_one_was_stated() -> None:
    """Of two answers the median lies between: the shorter pays nothing, the longer its part."""
    rows = [
        {"item_id": f"i{i}", "system": s, "judge": "j", "score": 3.0 + i % 2, "len": size}
        for i in range(4)
        for s, size in (("terse", 99), ("wordy", 299))
    ]
    found = scored(rows, length_penalty=1.0)
    # The median of 99 and 299 is 199: log2(300 / 200) = .585 of a doubling.
    assert row_of(found, "terse").penalised.value == pytest.approx(3.5)
    assert row_of(found, "wordy").penalised.value == pytest.approx(3.5 - np.log2(1.5))
    assert "minus 1 for each doubling" in row_of(found, "wordy").penalised.method
    assert "--length-penalty" in row_of(scored(rows), "wordy").penalised.note


def test_a_panel_is_corrected_by_its_own_slope() -> None:
    rows = [*answers("j"), *answers("k", seed=1)]
    found = scored(rows, labels=labels())
    assert {s.judge for s in found.length_slopes} == {"j", "k", "panel"}
    members = [row_of(found, "wordy", judge).adjusted.value or 0.0 for judge in "jk"]
    assert row_of(found, "wordy", "panel").adjusted.value == pytest.approx(
        np.mean(members), abs=0.02
    )


def test_unknown_lengths_give_null_with_a_note() -> None:
    rows = answers(n=10)
    rows[3] |= {"len": None}
    found = scored(rows, labels=labels(), length_penalty=0.1)
    for e in (row_of(found, "wordy").adjusted, row_of(found, "wordy").penalised):
        assert e.value is None
        assert "length of some answers is not known" in e.note


def test_padded_verdicts_of_another_kind_or_judge_are_refused() -> None:
    rows = answers(n=10)
    pairs = from_rows(
        "pairwise",
        [{"item_id": "i", "system_a": "x", "system_b": "y", "judge": "j", "label": "a"}],
    )
    with pytest.raises(InputError, match="holds verdicts on pairs"):
        scored(rows, padded=pairs)
    with pytest.raises(InputError, match="judge 'k' is not in the verdicts"):
        scored(rows, padded=padded(answers("k")))


def test_the_report_shows_the_three_side_by_side_and_keeps_merit_apart_from_bias() -> None:
    found = scored(answers(), labels=labels(), length_penalty=0.2)
    text = terminal.render(build(found, run={"command": "analyze"}), sections(), width=80)
    section = text.partition("\nLength\n")[2]
    assert "That may be merit, and nothing was subtracted for it." in " ".join(section.split())
    assert "a doubling of the length adds 0." in " ".join(section.split())
    assert "as given" in section
    assert "penalised" in section
    assert max(map(len, section.splitlines())) <= 80


def test_files_of_labels_and_padded_answers_are_read_by_the_command(tmp_path: Path) -> None:
    import csv
    import json

    from command_line import judge

    def write(name: str, rows: list[Row]) -> None:
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    rows = answers()
    write("verdicts.csv", rows)
    write(
        "labels.csv",
        [
            {"item_id": x.item_id, "rater": "r", "system": x.system, "score": x.score}
            for x in labels()
        ],
    )
    write(
        "padded.csv",
        [row | {"score": row["score"] + 1, "len": 4 * row["len"]} for row in rows[:60]],
    )
    for flag, source in (("--labels", "labels"), ("--padded", "padding")):
        done = judge(tmp_path, "analyze", "verdicts.csv", flag, f"{flag[2:]}.csv", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["length_slopes"][0]["source"] == source
    done = judge(tmp_path, "analyze", "verdicts.csv", "--length-penalty", "-1")
    assert done.returncode == 2
    assert "--length-penalty -1.0: must be a number of points, 0 or more" in done.stderr
