"""What is called not identified is what the analysis has no value for, on whatever table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import analyze
from judge.doctor import Standing
from judge.doctor.files import of_verdicts
from judge.table import VerdictTable, from_rows

PLACES = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(["i1", "i2", "i3"]),
        "pair": st.sampled_from([("x", "y"), ("y", "z")]),
        "judge": st.sampled_from(["j1", "j2"]),
        "order": st.sampled_from(["AB", "BA", ""]),
        "repeat": st.sampled_from([1, 2]),
    }
)
TABLES = st.dictionaries(
    PLACES.map(lambda place: tuple(sorted(place.items()))),
    st.sampled_from(["a", "b", "tie", "", "stopped"]),
    min_size=1,
    max_size=14,
)


def row(place: tuple[tuple[str, Any], ...], label: str) -> dict[str, Any]:
    values = dict(place)
    a, b = values.pop("pair")
    said = {"status": "not_asked", "reason": "policy"} if label == "stopped" else {"label": label}
    return {**values, "system_a": a, "system_b": b, **said}


def standings(table: VerdictTable) -> Mapping[str, Standing]:
    return {finding.name: finding.standing for finding in of_verdicts(table).findings}


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_no_value_in_the_analysis_is_not_identified_in_the_diagnosis(
    found: Mapping[tuple[tuple[str, Any], ...], str],
) -> None:
    table = from_rows("pairwise", [row(place, label) for place, label in found.items()])
    analysis, named = analyze(table), standings(table)

    def is_identified(name: str) -> bool:
        return named[name] != "not_identified"

    judges = analysis.judges
    assert is_identified("position") == any(
        j.position.consistency.value is not None for j in judges
    )
    assert is_identified("repetition_stability") == any(
        j.repetition_stability.value is not None for j in judges
    )
    if analysis.comparisons:
        rates = [row.raw.value for row in analysis.comparisons]
        assert is_identified("win_rate") == any(rate is not None for rate in rates)
