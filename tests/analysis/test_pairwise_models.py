"""From a verdict table to the rows of a judge's model, and to its fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from judge.analysis.pairwise_models import (
    JudgeModels,
    Key,
    estimate_of,
    fitted,
    member_weights,
    models_of,
    n_pairs,
    win_rate,
)
from judge.controls import Term, position, verbosity
from judge.errors import InputError
from judge.table import VerdictTable, from_rows

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


def test_pairs_are_counted_by_item_and_not_by_order() -> None:
    found = only([*both(1, "wl"), *both(2, "ww"), *both(3, "-w")])
    assert n_pairs(found.rows, "new", "base") == 2
    assert n_pairs(found.rows, "new", "other") == 0


def test_what_has_no_contrast_is_undefined_with_its_reason() -> None:
    e = estimate_of(None, "name", "rate", 5, 0.9, "because")
    assert (e.value, e.note, e.confidence) == (None, "because", 0.9)


def test_a_pair_of_one_system_is_refused_before_it_comes_here() -> None:
    with pytest.raises(InputError):
        models([row(1, "AB", "a") | {"system_b": "new"}])
