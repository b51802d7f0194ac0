"""From a verdict table to the rows of a judge's model, and to its fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from judge.aggregate import analyze
from judge.analysis.pairwise_models import (
    JudgeModels,
    Key,
    estimate_of,
    fitted,
    member_weights,
    models_of,
    n_lacking,
    pair_weights,
    win_rate,
)
from judge.controls import Term, position, verbosity
from judge.errors import InputError
from judge.table import VerdictTable, canonical, from_rows

Row = dict[str, Any]


def row(item: int, order: str, label: str | None, **fields: Any) -> Row:
    shared = {"item_id": f"i{item}", "system_a": "new", "system_b": "base", "judge": "j"}
    return shared | {"order": order, "label": label} | fields


def both(item: int, labels: str, **fields: Any) -> list[Row]:
    """Two rows, a letter each: w won, l lost, t a tie, - unread, by system new."""
    names = {"w": "a", "l": "b", "t": "tie", "-": None}
    return [
        row(item, order, names[letter], **fields)
        for order, letter in zip(("AB", "BA"), labels, strict=True)
    ]


def table_of(rows: list[Row]) -> VerdictTable:
    return from_rows("pairwise", rows)


def models(rows: list[Row]) -> Mapping[Key, JudgeModels]:
    return models_of(table_of(rows), position.term, verbosity.term)


def only(rows: list[Row]) -> JudgeModels:
    (found,) = models(rows).values()
    return found


def simulated(seed: int, n: int = 80) -> list[Row]:
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        len_a, len_b = (int(x) for x in rng.integers(50, 900, 2))
        for order in ("AB", "BA"):
            p = 0.4 + 0.15 * (order == "AB") + 0.2 * (len_a > len_b)
            label = rng.choice(["a", "tie", "b"], p=[p, 0.1, 0.9 - p])
            rows.append(row(i, order, str(label), len_a=len_a, len_b=len_b, cluster=f"c{i // 2}"))
    return rows


# -- rows ----------------------------------------------------------------------------------------


def test_a_pair_that_lacks_a_verdict_in_one_order_is_not_in_the_model() -> None:
    found = only([*both(1, "wl"), *both(2, "w-"), *both(3, "--"), *both(4, "tw")])
    assert sorted(set(found.rows["item_id"].astype(str))) == ["i1", "i4"]
    assert len(found.rows) == 4


def test_repeats_are_averaged_within_an_order() -> None:
    """new wins 1 and 0.5 in the first order: 0.75."""
    rows = [
        row(1, "AB", "a", repeat=0),
        row(1, "AB", "tie", repeat=1),
        row(1, "BA", "b", repeat=0),
    ]
    found = only(rows).rows
    values = dict(zip(found["order"].astype(str), found["y"], strict=True))
    # The systems stand in one orientation, their order turned with them; base got what new did not.
    is_new = found["system_a"].astype(str).iloc[0] == "new"
    assert values == pytest.approx({"AB": 0.75, "BA": 0.0} if is_new else {"BA": 0.25, "AB": 1.0})


def stopped(item: int, order: str, repeat: int) -> Row:
    return row(item, order, None, repeat=repeat, status="not_asked", reason="policy")


def test_the_model_stands_on_the_pairs_of_the_raw_rate_where_a_policy_stopped_trials() -> None:
    """i1 lacks a repeat, i2 an order; i3 was not asked at all, i4 failed before it was stopped."""
    rows = [
        *both(0, "wl"),
        *both(1, "ww"),
        stopped(1, "AB", 2),
        row(2, "AB", "a"),
        *(stopped(n, order, 1) for n, order in ((2, "BA"), (3, "AB"), (3, "BA"), (4, "BA"))),
        row(4, "AB", None, status="failed"),
    ]
    table = table_of(rows)
    (raw,) = (r.raw for r in analyze(table, baseline="base").comparisons)
    assert sorted(set(only(rows).rows["item_id"].astype(str))) == ["i0", "i1"]
    assert (raw.n, raw.n_missing) == (2, n_lacking(canonical(table).frame)) == (2, 1)


def test_pairs_weigh_equally_in_however_many_orders_they_were_asked() -> None:
    """Two of three pairs in one order: 1 + 1 + 2 rows, so 4/3 for each pair."""
    rows = only([row(1, "AB", "a"), row(2, "BA", "a"), *both(3, "wl")]).rows
    weights = pair_weights(rows)
    assert weights is not None
    assert weights == pytest.approx([4 / 3, 4 / 3, 2 / 3, 2 / 3])
    assert pair_weights(only([*both(1, "ww"), *both(2, "wl")]).rows) is None


def test_hard_pairs_that_were_asked_again_do_not_pull_the_rate() -> None:
    """100 easy pairs in an order each, won 90 %; 100 hard ones in both, won 50 %: .7 and not .633."""
    easy = [row(i, ("AB", "BA")[i % 2], "b" if i % 20 < 2 else "a") for i in range(100)]
    hard = [r for i in range(100, 200) for r in both(i, "wl" if i % 2 else "lw")]
    rate = win_rate(only([*easy, *hard]), only([*easy, *hard]).position, "new", "base")
    assert rate is not None
    assert rate.value == pytest.approx(0.7, abs=1e-6)


def test_where_some_orders_are_not_known_position_is_not_taken_out() -> None:
    """The unknown ones may all have been one: with 0 for them the rate would move the wrong way."""
    rows = [row(i, "", "a") for i in range(100, 140)] + simulated(1)
    found = only(rows)
    assert found.position.why_not == "order not recorded of 40 of 200 verdicts"


def test_systems_that_met_in_a_ring_tell_position_and_it_is_said() -> None:
    """Each pair in one order: that its rest is strengths is taken for granted."""
    rng = np.random.default_rng(3)
    ring = [("x", "y"), ("y", "z"), ("z", "x")]
    rows = [
        row(i, "AB", "a" if rng.random() < 0.7 else "b") | {"system_a": a, "system_b": b}
        for i in range(60)
        for a, b in ring
    ]
    found = only(rows)
    assert found.position.fit is not None
    assert found.position.lacks.startswith("no two systems were shown in both orders")


def test_a_probability_goes_before_its_label() -> None:
    rows = [row(1, "AB", "a", p_a=0.7), row(1, "BA", "a", p_a=0.6)]
    found = only(rows).rows
    is_new = found["system_a"].astype(str).iloc[0] == "new"
    assert sorted(found["y"]) == pytest.approx([0.6, 0.7] if is_new else [0.3, 0.4])


def test_how_the_systems_are_written_does_not_matter() -> None:
    rows = simulated(1)
    turned = [
        r
        | {
            "system_a": "base",
            "system_b": "new",
            "label": {"a": "b", "b": "a", "tie": "tie"}[r["label"]],
            "order": "AB" if r["order"] == "BA" else "BA",
            "len_a": r["len_b"],
            "len_b": r["len_a"],
        }
        for r in rows
    ]
    half = [
        other if i % 4 < 2 else one for i, (one, other) in enumerate(zip(rows, turned, strict=True))
    ]
    for kind in ("position", "length"):
        found = [getattr(only(form), kind) for form in (rows, turned, half)]
        rates = [win_rate(only(rows), model, "new", "base") for model in found]
        assert len({round(r.value, 9) for r in rates if r is not None}) == 1


def test_each_judge_and_wording_has_models_of_its_own() -> None:
    rows = [r | {"judge": j} for j in ("j", "k") for r in simulated(2, 20)]
    rows += [r | {"rubric": "other"} for r in simulated(3, 20)]
    assert set(models(rows)) == {("j", "", ""), ("k", "", ""), ("j", "other", "")}


# -- fits ----------------------------------------------------------------------------------------


def test_the_model_of_a_table_is_that_of_statsmodels_on_its_rows() -> None:
    found = only(simulated(4))
    assert found.length.fit is not None
    rows = found.rows
    order = np.where(rows["order"] == "AB", 1.0, -1.0)
    difference = (rows["len_a"] - rows["len_b"]).to_numpy(dtype=float)
    bent = np.tanh(difference / np.sqrt(np.mean(difference**2)))
    design = np.column_stack([np.ones(len(rows)), order, bent])
    other = sm.GLM(rows["y"].to_numpy(), design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": rows["cluster"].cat.codes.to_numpy()}
    )
    a, b = str(rows["system_a"].iloc[0]), str(rows["system_b"].iloc[0])
    rate = win_rate(found, found.length, a, b)
    assert rate is not None
    assert np.log(rate.value / (1 - rate.value)) == pytest.approx(other.params[0])
    ours = dict(
        zip([t.name for t in found.length.terms], found.length.fit.coefficients, strict=True)
    )
    assert ours["position"] == pytest.approx(other.params[1])
    assert ours["length"] == pytest.approx(other.params[2])
    se = np.sqrt(np.diag(found.length.fit.covariance))[2:]
    assert se == pytest.approx(other.bse[1:], rel=1e-6)


def test_the_scale_of_length_is_the_root_mean_square_over_pairs() -> None:
    """Differences 30 and 40: sqrt(1250); asked in two orders or in one, it is the same."""
    rows = [
        *both(1, "wl", len_a=130, len_b=100),
        *both(2, "lw", len_a=60, len_b=100),
        row(3, "AB", None, len_a=900, len_b=1),
    ]
    term = next(t for t in only(rows).length.terms if t.name == "length")
    assert term.scale == pytest.approx(np.sqrt(1250))


def test_a_term_that_cannot_stand_beside_is_gone_without_and_it_is_said() -> None:
    rows = [r for r in simulated(5) if r["order"] == "AB"]
    found = only(rows)
    assert found.position.why_not.startswith("collinear")
    assert found.position.fit is None
    assert found.length.fit is not None
    assert [t.name for t in found.length.terms if not t.why_not] == ["length"]
    assert found.length.lacks.startswith("without position: collinear")


def test_a_term_of_its_own_that_cannot_be_leaves_no_model() -> None:
    found = only([r | {"len_a": 100, "len_b": 100} for r in simulated(6)])
    assert (found.length.fit, found.length.why_not) == (None, "all pairs are equally long")
    assert found.position.fit is not None


def test_without_rows_there_is_no_model() -> None:
    found = only(both(1, "--"))
    assert found.position.why_not == "no pair has all its verdicts"
    assert win_rate(found, found.position, "new", "base") is None


def test_answers_that_are_not_systems_have_no_strength() -> None:
    """The terms alone then say who wins."""
    found = only(simulated(7))
    model = fitted(found.rows, found.systems, [position.term(found.rows)], has_strengths=False)
    assert model.fit is not None
    assert model.fit.strengths == pytest.approx([0, 0])
    y, shown = found.rows["y"].to_numpy(), model.terms[0].column
    other = sm.GLM(y, shown[:, None], family=sm.families.Binomial()).fit()
    assert model.fit.coefficients == pytest.approx(other.params)


def test_a_model_knows_the_place_of_its_terms() -> None:
    found = only(simulated(8))
    assert found.length.term("no such") is None
    assert found.length.terms[found.length.term("length") or 0].name == "length"


def test_terms_are_looked_at_before_rows() -> None:
    found = only(simulated(9))
    bad = Term("bad", np.zeros(len(found.rows)), why_not="not today")
    assert fitted(found.rows, found.systems, [bad]).why_not == "not today"


# -- what is read off ----------------------------------------------------------------------------


def test_a_vote_a_family_is_shared_within_it() -> None:
    """j and k are of one family, k in two wordings, l alone: 1/4, 1/8, 1/8, 1/2."""
    keys = [("j", "", ""), ("k", "r", ""), ("k", "s", ""), ("l", "", "")]
    weights = member_weights(keys, {"j": 0, "k": 0, "l": 1})
    assert weights == pytest.approx([1 / 4, 1 / 8, 1 / 8, 1 / 2])
    assert sum(weights) == pytest.approx(1)


def test_what_has_no_contrast_is_undefined_with_its_reason() -> None:
    e = estimate_of(None, "name", "rate", 5, 0.9, "because")
    assert (e.value, e.note, e.confidence) == (None, "because", 0.9)


def test_a_pair_of_one_system_is_refused_before_it_comes_here() -> None:
    with pytest.raises(InputError):
        models([row(1, "AB", "a") | {"system_b": "new"}])
