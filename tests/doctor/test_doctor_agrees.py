"""What is called not identified is what the analysis has no value for, on whatever table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from judge.aggregate import analyze
from judge.analysis.kinship import kinship_of
from judge.controls.self_preference import measure
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


@settings(max_examples=15, deadline=None)
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
    assert is_identified("order_noise") == any(
        j.position.excess_inconsistency.value is not None for j in judges
    )
    assert is_identified("ranking") == bool(analysis.ranking and analysis.ranking.systems)
    if analysis.comparisons:
        rates = [row.raw.value for row in analysis.comparisons]
        assert is_identified("win_rate") == any(rate is not None for rate in rates)


FAMILIES = st.dictionaries(
    st.sampled_from(["j1", "j2", "j3", "x", "y", "z"]),
    st.sampled_from([frozenset({"north"}), frozenset({"south"}), frozenset({"west"})]),
)
NAMES = st.sampled_from([("j1", "j2", "j3"), ("x", "j2", "j3")])  # or a judge that is a system


@settings(max_examples=40, deadline=None)
@given(
    FAMILIES,
    NAMES,
    st.lists(
        st.tuples(
            st.sampled_from(["i1", "i2", "i3"]),
            st.sampled_from([("x", "y"), ("y", "z")]),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=14,
        unique=True,
    ),
)
def test_self_preference_is_identified_where_the_analysis_has_a_term(
    families: Mapping[str, frozenset[str]],
    names: tuple[str, str, str],
    places: list[tuple[str, tuple[str, str], int]],
) -> None:
    table = from_rows(
        "pairwise",
        [
            {"item_id": item, "system_a": a, "system_b": b, "judge": names[n]}
            | {"label": "ab"[(n + len(item + a)) % 2]}
            for item, (a, b), n in places
        ],
    )
    measured = measure(table, (), kinship_of(table, families, {}))
    found = of_verdicts(table, families=families).findings
    (standing,) = [one.standing for one in found if one.name == "self_preference"]
    assert (standing != "not_identified") == any(one.is_measured for one in measured.panels)


def test_the_noise_of_a_judge_is_not_told_from_the_repeats_of_another() -> None:
    """j1 was asked in both orders, j2 twice in one: neither has both."""
    rows = [
        {"item_id": "i", "system_a": "x", "system_b": "y", "judge": judge}
        | {"order": order, "repeat": repeat, "label": "a"}
        for judge, order, repeat in (
            ("j1", "AB", 1),
            ("j1", "BA", 1),
            ("j2", "AB", 1),
            ("j2", "AB", 2),
        )
    ]
    assert standings(from_rows("pairwise", rows))["order_noise"] == "not_identified"
