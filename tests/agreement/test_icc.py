"""The six forms of the intraclass correlation, with the published table."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from scipy import stats

from judge.agreement.icc import Form, icc, icc_of, icc_of_raters
from judge.agreement.ratings import Ratings
from judge.stats.intervals import Floats
from judge.stats.reliability import shrout_fleiss

# Shrout and Fleiss 1979, table 2: six targets and four judges.
TABLE = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)  # fmt: skip
# Values of the paper.
FORMS: list[tuple[Form, float]] = [
    ("ICC(1,1)", 0.1657),
    ("ICC(2,1)", 0.2898),
    ("ICC(3,1)", 0.7148),
    ("ICC(1,k)", 0.4428),
    ("ICC(2,k)", 0.6201),
    ("ICC(3,k)", 0.9093),
]


def rated(table: Floats) -> Ratings:
    """The first column is the judge's."""
    n = len(table)
    none = np.full((n, table.shape[1] - 1), -1)
    return Ratings(np.zeros((n, 0)), table[:, 0], none, table[:, 1:], np.arange(n), "interval")


@pytest.mark.parametrize(("form", "value"), FORMS)
def test_the_six_forms_of_the_published_table(form: Form, value: float) -> None:
    found = icc(*TABLE.T.tolist(), form=form)
    assert found.value == pytest.approx(value, abs=5e-5)
    assert found.method.startswith(form)
    assert icc_of(rated(TABLE), form, seed=1).value == pytest.approx(value, abs=5e-5)


def squares() -> tuple[float, float, float, float]:
    """Of rows, columns, within rows and the error of TABLE, from a table of deviations."""
    n, k = TABLE.shape
    rows, columns = TABLE.mean(axis=1, keepdims=True), TABLE.mean(axis=0, keepdims=True)
    error = ((TABLE - rows - columns + TABLE.mean()) ** 2).sum() / (n - 1) / (k - 1)
    within = ((TABLE - rows) ** 2).sum() / n / (k - 1)
    return k * rows.var(ddof=1), n * columns.var(ddof=1), within, error


def one_of(form: Form, mean_of_k: float, k: int) -> float:
    """The reliability of one reading from that of the mean of k (Spearman-Brown, turned round)."""
    return mean_of_k / (k - (k - 1) * mean_of_k) if form.endswith("k)") else mean_of_k


def test_the_published_mean_squares() -> None:
    """Shrout and Fleiss 1979, table 3: 11.24, 32.49, 6.26 and 1.02."""
    assert squares() == pytest.approx((11.24, 32.49, 6.26, 1.02), abs=6e-3)


@pytest.mark.parametrize("form", ["ICC(1,1)", "ICC(1,k)", "ICC(3,1)", "ICC(3,k)"])
def test_both_ends_are_where_the_f_test_of_that_value_has_the_p_of_a_tail(form: Form) -> None:
    """MSR / MS over (1 + (k - 1) rho) / (1 - rho) is F: both ends are the rho with a tail of .025."""
    n, k = TABLE.shape
    rows, _, within, error = squares()
    noise, df = (within, n * (k - 1)) if form.startswith("ICC(1") else (error, (n - 1) * (k - 1))
    found = icc(*TABLE.T.tolist(), form=form)
    assert found.ci_low is not None
    assert found.ci_high is not None
    low, high = (one_of(form, end, k) for end in (found.ci_low, found.ci_high))
    ratios = [rows / noise * (1 - rho) / (1 + (k - 1) * rho) for rho in (low, high)]
    assert stats.f.sf(ratios[0], n - 1, df) == pytest.approx(0.025)
    assert stats.f.cdf(ratios[1], n - 1, df) == pytest.approx(0.025)


@pytest.mark.parametrize("form", ["ICC(2,1)", "ICC(2,k)"])
def test_the_ends_with_sampled_raters_are_those_of_the_formula_written_otherwise(
    form: Form,
) -> None:
    """McGraw and Wong 1996, table 7, ICC(A,1), who write v through a and b; ICC(A,k) is its mean of k."""
    n, k = TABLE.shape
    rows, columns, _, error = squares()
    rho = (rows - error) / (rows + (k - 1) * error + k / n * (columns - error))
    a, b = k * rho / n / (1 - rho), 1 + k * rho * (n - 1) / n / (1 - rho)
    parts = (a * columns) ** 2 / (k - 1), (b * error) ** 2 / (n - 1) / (k - 1)
    v = (a * columns + b * error) ** 2 / sum(parts)
    below, above = stats.f.ppf(0.975, n - 1, v), stats.f.ppf(0.975, v, n - 1)
    rest = k * columns + (k * n - k - n) * error
    low = n * (rows - below * error) / (below * rest + n * rows)
    high = n * (above * rows - error) / (rest + n * above * rows)
    found = icc(*TABLE.T.tolist(), form=form)
    assert found.ci_low is not None
    assert found.ci_high is not None
    ends = [one_of(form, end, k) for end in (found.ci_low, found.ci_high)]
    assert ends == pytest.approx([low, high])


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
