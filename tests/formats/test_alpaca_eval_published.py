"""AlpacaEval, 29 systems against one baseline: the published win rates from the recorded preferences."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from judge.aggregate import Analysis, analyze
from judge.records import read_verdicts

DATA = Path(__file__).parents[3] / "shared" / "data" / "alpaca_eval"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"AlpacaEval's data is not part of the repository and not at {DATA}"
)


def published() -> dict[str, dict[str, str]]:
    with (DATA / "published.csv").open(encoding="utf-8", newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyze(read_verdicts(DATA / "preferences.jsonl", format="alpaca_eval"))


def test_every_published_win_rate_and_standard_error_comes_out(analysis: Analysis) -> None:
    rows = published()
    found = {row.system: row.raw for row in analysis.comparisons}
    assert found.keys() == rows.keys()
    assert analysis.baseline == "baseline"
    for system, row in rows.items():
        raw = found[system]
        assert raw.value == pytest.approx(float(row["win_rate"]) / 100, abs=1e-9), system
        assert raw.se == pytest.approx(float(row["standard_error"]) / 100, abs=1e-9), system
        assert raw.n == int(row["n_total"]), system


def test_the_position_of_these_judges_is_not_known(analysis: Analysis) -> None:
    (judge,) = analysis.judges
    assert judge.position.consistency.value is None
    assert any("does not record which output was shown first" in w for w in analysis.warnings)
