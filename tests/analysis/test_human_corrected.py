"""What came out for the systems, corrected by people's labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judge.aggregate import Analysis, analyze
from judge.analysis import human_samples
from judge.analysis.agree_asked import AgreeAsked
from judge.stats.correction import ppi, sample_of
from judge.table import VerdictTable, from_rows
from judge.types import HumanLabel, Scale

N = 400
QUICK = AgreeAsked(replicates=20)


def judged(seed: int = 1, *, bias: float = 0.25, theta: float = 0.5) -> tuple[Any, Any]:
    """What people say of 400 pairs (1: new is better), and a judge that leans to new by `bias`."""
    random = np.random.default_rng(seed)
    human = random.permutation(N) < theta * N
    verdicts = random.random(N) < np.where(human, 0.75 + bias, 0.25 + bias)
    return human, verdicts


def pairs(verdicts: Any, **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "item_id": f"i{n}",
            "system_a": "new",
            "system_b": "base",
            "judge": "j",
            "order": order,
            "label": "a" if won else "b",
        }
        | changes
        for n, won in enumerate(verdicts)
        for order in ("AB", "BA")
    ]


def labels(human: Any, places: Any, prob: float | None, **changes: Any) -> list[HumanLabel]:
    known: dict[str, Any] = {"rater": "r", "system_a": "new", "system_b": "base"}
    known |= {"inclusion_prob": prob, **changes}
    return [
        HumanLabel(item_id=f"i{n}", label="a" if human[n] else "b", **known) for n in sorted(places)
    ]


def places(n: int, seed: int = 7) -> Any:
    return np.random.default_rng(seed).permutation(N)[:n].tolist()


def analysed(rows: Any, said: Any, **asked: Any) -> Analysis:
    table = rows if isinstance(rows, VerdictTable) else from_rows("pairwise", rows)
    return analyze(table, baseline="base", labels=said, agree=QUICK, **asked)


HUMAN, VERDICTS = judged()
ROWS = pairs(VERDICTS)
HUNDRED = places(100)


def test_the_corrected_win_rate_is_that_of_the_plain_arrays() -> None:
    (row,) = analysed(ROWS, labels(HUMAN, HUNDRED, 0.25)).comparisons
    rest = [n for n in range(N) if n not in set(HUNDRED)]
    plain = ppi(
        sample_of(
            HUMAN[HUNDRED].astype(float),
            VERDICTS[HUNDRED].astype(float),
            VERDICTS[rest].astype(float),
        )
    ).estimate
    e = row.human_corrected
    assert (e.value, e.se) == pytest.approx((plain.value, plain.se))
    assert (e.ci_low, e.ci_high) == pytest.approx((plain.ci_low, plain.ci_high))
    assert e.n == N
    assert "100 labelled units of 400" in e.note


def test_a_judge_that_leans_says_better_and_people_do_not() -> None:
    """The judge leans to new by .25; by people's labels nothing is shown, and the report says both."""
    found = analysed(ROWS, labels(HUMAN, HUNDRED, 0.25))
    (row,) = found.comparisons
    assert row.raw.ci_low is not None
    assert row.raw.ci_low > 0.5
    assert (row.conclusion, row.basis) == ("no difference shown", "human_corrected")
    assert any(note.startswith("as judged: better") for note in row.notes)
    assert any("'better'" in one and "'no difference shown'" in one for one in found.warnings)
    (told,) = found.correction
    assert (told.raw_conclusion, told.conclusion) == ("better", "no difference shown")


def test_the_conclusion_is_the_test_of_the_interval_beside_it() -> None:
    human, verdicts = judged(3, theta=0.65)
    (row,) = analysed(pairs(verdicts), labels(human, places(200), 0.5)).comparisons
    e = row.human_corrected
    assert e.ci_low is not None
    assert (row.p_value is not None and row.p_value < 0.05) == (e.ci_low > 0.5)
    assert row.conclusion == "better"


def test_labels_without_a_recorded_probability_are_refused_and_the_raw_number_decides() -> None:
    found = analysed(ROWS, labels(HUMAN, HUNDRED, None))
    (row,) = found.comparisons
    assert row.human_corrected.value is None
    assert "hand-picked labels cannot correct" in row.human_corrected.note
    assert (row.conclusion, row.basis) == ("better", "raw")
    assert any("hand-picked labels cannot correct" in one for one in found.warnings)


def test_picked_labels_that_are_said_to_be_random_are_refused() -> None:
    """The first hundred that the judge gave to base."""
    picked = [n for n in range(N) if not VERDICTS[n]][:100]
    found = analysed(ROWS, labels(HUMAN, picked, len(picked) / N))
    (row,) = found.comparisons
    assert row.human_corrected.value is None
    assert "not a random part" in row.human_corrected.note
    assert row.basis == "raw"


def test_probability_one_beside_unlabelled_pairs_is_refused_with_the_counts() -> None:
    (row,) = analysed(ROWS, labels(HUMAN, HUNDRED, 1.0)).comparisons
    assert "300 of 400 are not" in row.human_corrected.note


def test_everything_labelled_needs_no_probability_and_is_peoples_own_mean() -> None:
    (row,) = analysed(ROWS, labels(HUMAN, range(N), None)).comparisons
    assert row.human_corrected.value == pytest.approx(HUMAN.mean())
    assert "every item is labelled" in row.human_corrected.note
    assert row.basis == "human_corrected"


@pytest.mark.parametrize(("n", "has_value"), [(10, False), (20, True)])
def test_few_labels_correct_at_most_and_do_not_decide(n: int, has_value: bool) -> None:
    (row,) = analysed(ROWS, labels(HUMAN, places(n), n / N)).comparisons
    assert (row.human_corrected.value is not None) == has_value
    assert "needed" in row.human_corrected.note
    assert row.basis == "raw"


def test_several_raters_of_a_pair_count_as_their_mean() -> None:
    one = labels(HUMAN, HUNDRED, 0.25)
    other = [replace(label, rater="s", label="tie") for label in one]
    (row,) = analysed(ROWS, [*one, *other]).comparisons
    (told,) = analysed(ROWS, [*one, *other]).correction
    expected = (HUMAN[HUNDRED] / 2 + 0.25).mean()
    assert told.labels_only.value == pytest.approx(expected)
    assert row.human_corrected.value is not None


def test_labels_written_the_other_way_round_count_the_same() -> None:
    plain = labels(HUMAN, HUNDRED, 0.25)
    flipped = [
        replace(one, system_a="base", system_b="new", label="b" if one.label == "a" else "a")
        for one in plain
    ]
    first, second = analysed(ROWS, plain), analysed(ROWS, flipped)
    assert first.comparisons[0].human_corrected == second.comparisons[0].human_corrected


def test_labels_for_development_and_their_pairs_take_no_part() -> None:
    dev = places(160)[100:]
    said = [*labels(HUMAN, HUNDRED, 0.4), *labels(HUMAN, dev, 0.4, split="dev")]
    found = analysed(ROWS, said)
    (row,) = found.comparisons
    assert row.human_corrected.n == N - 60
    assert "60 units for development left out" in row.human_corrected.note
    assert found.correction[0].n_labelled == 100


def test_pairs_that_no_judge_answered_conclude_nothing_from_people_alone() -> None:
    """There is nothing to correct; what people say without a judge is told as that."""
    mute = [row | {"label": "", "status": "refused"} for row in ROWS]
    found = analysed(mute, labels(HUMAN, HUNDRED, 0.25), families={})
    (row,) = found.comparisons
    assert row.conclusion is None
    assert "no verdict to correct" in row.human_corrected.note
    assert found.correction[0].labels_only.value == pytest.approx(HUMAN[HUNDRED].mean())


def test_pairs_without_a_verdict_are_part_of_what_people_would_say() -> None:
    rows = [
        row | ({"label": "", "status": "refused"} if int(row["item_id"][1:]) % 10 == 0 else {})
        for row in ROWS
    ]
    (row,) = analysed(rows, labels(HUMAN, HUNDRED, 0.25), families={}).comparisons
    assert row.raw.n == 360
    assert row.human_corrected.n == N
    assert "40 units without a verdict" in row.human_corrected.note


def test_slices_are_not_corrected_and_say_so() -> None:
    from judge.stats.slices import Slice

    kinds = {f"i{n}": "x" if n % 2 else "y" for n in range(N)}
    slices = [Slice("kind", kinds, ("x", "y"))]
    found = analysed(ROWS, labels(HUMAN, HUNDRED, 0.25), slices=slices)
    cut = [row for row in found.comparisons if row.slice]
    assert cut
    assert {row.human_corrected.note for row in cut} == {"not computed for slices"}
    assert {row.basis for row in cut if row.conclusion} == {"raw"}


def test_holm_goes_over_corrected_and_raw_rows_together() -> None:
    """Two systems, one with labels: one conclusion stands on people, the other on the judge."""
    other = pairs(judged(9, bias=0.2)[1], system_a="third")
    found = analysed([*ROWS, *other], labels(HUMAN, HUNDRED, 0.25))
    bases = {row.system: row.basis for row in found.comparisons}
    assert bases == {"new": "human_corrected", "third": "raw"}
    assert all(
        any("Holm over 2 comparisons" in note for note in row.notes) for row in found.comparisons
    )


def test_no_labels_leave_everything_as_it_was() -> None:
    (row,) = analysed(ROWS, []).comparisons
    assert row.human_corrected.note == "no human labels"
    assert row.basis == "raw"


# -- single answers --------------------------------------------------------------------------------

SCALE = Scale(level="ordinal", labels=("1", "2", "3", "4", "5"), values=(1.0, 2.0, 3.0, 4.0, 5.0))


def scored(n: int = 200) -> tuple[list[dict[str, Any]], list[HumanLabel]]:
    """A judge that is a point too kind to `new`, and people's scores of every second item."""
    random = np.random.default_rng(4)
    rows: list[dict[str, Any]] = []
    said: list[HumanLabel] = []
    drawn = set(random.permutation(n)[: n // 2].tolist())
    for item in range(n):
        for system, kind in (("base", 0), ("new", 1)):
            truth = int(random.integers(2, 5))
            score = min(5, truth + kind + int(random.random() < 0.2))
            rows.append(
                {"item_id": f"i{item}", "system": system, "judge": "j", "score": float(score)}
            )
            if item in drawn:
                said.append(
                    HumanLabel(
                        item_id=f"i{item}",
                        rater="r",
                        system=system,
                        score=float(truth),
                        inclusion_prob=0.5,
                    )
                )
    return rows, said


def test_scores_and_their_difference_are_corrected() -> None:
    """The judge says new is about a point better, people that it is not."""
    rows, said = scored()
    found = analyze(
        from_rows("single", rows), baseline="base", labels=said, scales={"": SCALE}, agree=QUICK
    )
    new = next(row for row in found.scores if row.system == "new")
    assert new.difference_from_baseline.ci_low is not None
    assert new.difference_from_baseline.ci_low > 0.5
    e = new.human_corrected_difference
    assert e.ci_low is not None
    assert e.ci_high is not None
    assert e.ci_low < 0 < e.ci_high
    assert new.human_corrected.value == pytest.approx(3.0, abs=0.25)
    assert {row.about.kind for row in found.correction} == {"score", "difference"}


def test_a_map_of_one_system_fails_for_one_that_the_judge_favours() -> None:
    rows, said = scored(400)
    found = analyze(
        from_rows("single", rows), baseline="base", labels=said, scales={"": SCALE}, agree=QUICK
    )
    audits = [row.transport for row in found.correction if row.about.kind == "score"]
    assert [audit.said for audit in audits if audit is not None] == ["FAIL", "FAIL"]


@pytest.mark.parametrize(("is_by_item", "expected"), [(True, 0.4), (False, 0.16)])
def test_answers_of_drawn_items_are_one_draw_though_some_were_not_labelled(
    is_by_item: bool, expected: float
) -> None:
    """Half of the items were drawn at .4 and half at .1; a fifth of one system's answers nobody labelled."""
    random = np.random.default_rng(12)
    probs = np.where(np.arange(2000) % 2, 0.4, 0.1)
    first = random.random(2000) < probs
    second = first & (random.random(2000) < 0.8) if is_by_item else random.random(2000) < probs
    both = human_samples.difference(said_of(first, probs), said_of(second, probs))
    known = both["inclusion_prob"].to_numpy()
    assert np.allclose(np.unique(known), sorted([expected, 0.1 if is_by_item else 0.01]))


def said_of(drawn: Any, probs: Any) -> pd.DataFrame:
    said = {"item_id": np.arange(len(drawn)).astype(str), "human": 1.0, "inclusion_prob": probs}
    return pd.DataFrame(said | {"is_dev": False, "set_aside": 0.0})[drawn]


def test_scores_that_no_judge_gave_are_not_corrected_and_say_so() -> None:
    rows, said = scored()
    mute = [row | ({"score": None} if row["system"] == "new" else {}) for row in rows]
    found = analyze(
        from_rows("single", mute), baseline="base", labels=said, scales={"": SCALE}, agree=QUICK
    )
    new = next(row for row in found.scores if row.system == "new")
    assert "no verdict to correct" in new.human_corrected.note
    assert "no verdict to correct" in new.human_corrected_difference.note
    alone = [one.labels_only.value for one in found.correction if one.about.system == "new"]
    assert alone[0] == pytest.approx(3.0, abs=0.3)


def test_a_score_without_labels_says_why() -> None:
    rows, said = scored()
    only = [label for label in said if label.system == "base"]
    found = analyze(
        from_rows("single", rows), baseline="base", labels=only, scales={"": SCALE}, agree=QUICK
    )
    new = next(row for row in found.scores if row.system == "new")
    assert new.human_corrected.value is None
    assert new.human_corrected.note
    assert new.human_corrected_difference.value is None
