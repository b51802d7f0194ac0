"""What judges without skill say of the same pairs: a coin, always the first shown, always the longer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.analysis.no_skill import ALWAYS_FIRST, ALWAYS_LONGER, FAIR_COIN, NAMES, outcomes
from judge.analysis.pairwise_models import model_rows
from judge.table import from_rows


def rows(*cells: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(cells), columns=["order", "len_a", "len_b"])


def test_each_judge_without_skill_follows_its_rule() -> None:
    found = outcomes(rows(("AB", 10, 5), ("BA", 10, 5), ("AB", 5, 10), ("", 7, 7)))
    assert found[FAIR_COIN].tolist() == [0.5, 0.5, 0.5, 0.5]
    assert found[ALWAYS_FIRST].tolist() == [1.0, 0.0, 1.0, 0.5]
    assert found[ALWAYS_LONGER].tolist() == [1.0, 1.0, 0.0, 0.5]
    assert tuple(found) == NAMES


def test_without_every_length_there_is_no_always_longer() -> None:
    assert ALWAYS_LONGER not in outcomes(rows(("AB", 10, 5), ("BA", float("nan"), 5)))
    assert ALWAYS_LONGER not in outcomes(rows(("AB", 10, 5))[["order"]])
    assert ALWAYS_LONGER not in outcomes(rows())


def test_the_rows_of_a_judges_model_are_read_as_they_are() -> None:
    shared: dict[str, Any] = {"system_a": "new", "system_b": "base", "judge": "j", "label": "b"}
    said = [shared | {"item_id": "i", "order": o, "len_a": 9, "len_b": 4} for o in ("AB", "BA")]
    table = from_rows("pairwise", said)
    found = model_rows(table.frame)
    by_order = dict(zip(found["order"], outcomes(found)[ALWAYS_FIRST], strict=True))
    assert by_order == {"AB": 1.0, "BA": 0.0}
    assert outcomes(found)[ALWAYS_LONGER].tolist() == [1.0, 1.0]


presented = st.tuples(st.sampled_from(["AB", "BA", ""]), st.integers(0, 9), st.integers(0, 9))


@settings(max_examples=40, deadline=None)
@given(st.lists(presented, min_size=1, max_size=12))
def test_a_row_written_the_other_way_round_gives_the_other_system_the_rest(
    cells: list[tuple[str, float, float]],
) -> None:
    other = {"AB": "BA", "BA": "AB", "": ""}
    back = outcomes(rows(*((other[order], b, a) for order, a, b in cells)))
    for name, values in outcomes(rows(*cells)).items():
        assert values == pytest.approx(1 - back[name])
        assert np.all((values >= 0) & (values <= 1))
