"""GPT-4 that scored the same 320 answers three times: three runs between which nothing changed.

The source's three scores are the same on 62.2 % of the answers. What is between the runs is noise, and
the difference that is reported must be the paired t-test's.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from diff_sides import answers, side
from scipy import stats

from judge.diff.moves import Side, changes
from judge.diff.verdicts import flips

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "prometheus_gpt4_x3"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason=f"the repeated scores are not part of the repository and not at {DATA}",
)


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """The three scores of each answer: shape (320, 3)."""
    lines = (DATA / "vicuna_eval.jsonl").read_text("utf-8").splitlines()
    return np.array([json.loads(line)["gpt4_score"] for line in lines], dtype=float)


@pytest.fixture(scope="module")
def runs(scores: np.ndarray) -> list[Side]:
    return [side(*answers(scores[:, n].tolist())) for n in range(3)]


def test_the_difference_is_the_paired_t_tests(runs: list[Side], scores: np.ndarray) -> None:
    (change,) = changes(runs)[0]
    theirs = stats.ttest_rel(scores[:, 2], scores[:, 0])
    interval = theirs.confidence_interval(0.95)
    assert change.moved.n == len(scores)
    assert change.p_value == pytest.approx(theirs.pvalue)
    assert (change.moved.ci_low, change.moved.ci_high) == pytest.approx(
        (interval.low, interval.high)
    )


def test_the_flips_are_the_scores_that_differ(runs: list[Side], scores: np.ndarray) -> None:
    for (n, before), (m, after) in pairwise(enumerate(runs)):
        (found,) = flips(before, after, None)
        assert (found.compared, found.flipped) == (320, (scores[:, n] != scores[:, m]).sum())
    same = (scores == scores[:, :1]).all(axis=1)
    assert round(same.mean(), 3) == 0.622
