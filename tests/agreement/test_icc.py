"""The six forms of the intraclass correlation, with the published table."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from judge.agreement.icc import Form, icc, icc_of, icc_of_raters
from judge.agreement.ratings import Ratings
from judge.stats.intervals import Floats
from judge.stats.reliability import shrout_fleiss

# Shrout and Fleiss 1979, table 2: six targets and four judges.
TABLE = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)  # fmt: skip
# Values of the paper; intervals as R's psych 2.x prints them for this table.
FORMS: list[tuple[Form, float, float, float]] = [
    ("ICC(1,1)", 0.1657, -0.133, 0.723),
    ("ICC(2,1)", 0.2898, 0.019, 0.761),
    ("ICC(3,1)", 0.7148, 0.342, 0.946),
    ("ICC(1,k)", 0.4428, -0.884, 0.912),
    ("ICC(2,k)", 0.6201, 0.071, 0.927),
    ("ICC(3,k)", 0.9093, 0.676, 0.986),
]


def rated(table: Floats) -> Ratings:
    """The first column is the judge's."""
    n = len(table)
    none = np.full((n, table.shape[1] - 1), -1)
    return Ratings(np.zeros((n, 0)), table[:, 0], none, table[:, 1:], np.arange(n), "interval")


@pytest.mark.parametrize(("form", "value", "low", "high"), FORMS)
def test_the_six_forms_of_the_published_table(
    form: Form, value: float, low: float, high: float
) -> None:
    found = icc(*TABLE.T.tolist(), form=form)
    assert found.value == pytest.approx(value, abs=5e-5)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=6e-4)
    assert found.method.startswith(form)
    assert icc_of(rated(TABLE), form, seed=1).value == pytest.approx(value, abs=5e-5)


def test_all_forms_are_those_of_the_other_implementation() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        shape = int(rng.integers(3, 12)), int(rng.integers(2, 6))
        table = rng.normal(size=(shape[0], 1)) + rng.normal(size=shape) + rng.normal(size=shape[1])
        expected = shrout_fleiss(table)
        for form in get_args(Form):
            found = icc(*table.T.tolist(), form=form)
            assert found.value == pytest.approx(expected[form])


def test_rows_with_a_gap_are_dropped_and_counted() -> None:
    columns = [[None, *column] for column in TABLE.T.tolist()]
    columns[1][0] = 3.0
    found = icc(*columns)
    assert (found.n, found.n_missing) == (6, 1)
    assert found.value == pytest.approx(0.2898, abs=5e-5)


def test_raters_of_equal_severity_and_order_have_no_noise_and_no_interval() -> None:
    found = icc([1, 2, 3], [1, 2, 3])
    assert (found.value, found.ci_low) == (pytest.approx(1.0), None)


def test_a_severe_rater_lowers_agreement_and_not_consistency() -> None:
    """One column lower by 2 throughout: ICC(3,1) is 1, ICC(2,1) is not."""
    judge, rater = [1.0, 2.0, 4.0, 5.0], [3.0, 4.0, 6.0, 7.0]
    assert icc(judge, rater, form="ICC(3,1)").value == pytest.approx(1.0)
    agreement = icc(judge, rater).value
    assert agreement is not None
    assert agreement < 0.7


def test_of_too_little_it_is_undefined_and_names_the_form() -> None:
    assert icc([1, 2]).note == "ICC(2,1): fewer than two have rated"
    assert "fewer than two units" in icc([1, None], [None, 2]).note
    assert "no variation" in icc([2, 2, 2], [2, 2, 2], form="ICC(3,k)").note


def test_the_interval_over_units_holds_the_value_and_stays_below_1() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=(60, 1))
    r = rated(truth + rng.normal(size=(60, 3)))
    for found in (icc_of(r, seed=1), icc_of_raters(r, "ICC(3,k)", seed=1)):
        assert found.value is not None
        assert found.ci_low is not None
        assert found.ci_high is not None
        assert found.ci_low < found.value < found.ci_high < 1
