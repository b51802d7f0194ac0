"""What an audit of a rubric says of a table: by hand, on judges with and without an effect, on real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.analysis.audit_asked import AskedWording, AuditAsked
from judge.analysis.rubric_audit import JudgeSensitivity, RubricAudit
from judge.analysis.rubric_decisions import of_arrays
from judge.analysis.rubric_rows import Settings, wording_rows
from judge.analysis.rubric_sensitivity import measure
from judge.analysis.rubric_wordings import from_table
from judge.errors import InputError
from judge.records import read_verdicts
from judge.table import VerdictTable, from_rows
from judge.types import WordingKind

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
Row = dict[str, Any]


def asked(*names: str, kinds: dict[str, WordingKind] | None = None, base: str = "") -> AuditAsked:
    kinds = kinds or {}
    wordings = [AskedWording(base, "equivalent")]
    wordings += [AskedWording(name, kinds.get(name, "equivalent")) for name in names]
    return AuditAsked("rubric", "sha256:0", 100, base=base, wordings=tuple(wordings))


def pair(item: int, variant: str, label: str | None, **fields: Any) -> Row:
    row = {"item_id": f"i{item}", "system_a": "new", "system_b": "old", "judge": "j"}
    row |= {"rubric": "r@1", "variant": variant, "order": "AB"}
    return row | ({"status": "unparsed"} if label is None else {"label": label}) | fields


def answer(item: int, variant: str, score: float | None, **fields: Any) -> Row:
    row = {"item_id": f"i{item}", "system": "s", "judge": "j", "rubric": "r@1", "variant": variant}
    return row | ({"status": "unparsed"} if score is None else {"score": score}) | fields


def star(flip: Callable[[int], bool], n: int = 40) -> list[Row]:
    """A judge that never changes its mind, and a wording `w` that turns some items."""
    rows = []
    for i in range(n):
        label = "ab"[i % 2]
        rows += [pair(i, "", label), pair(i, "", label, repeat=2)]
        rows.append(pair(i, "w", "ba"[i % 2] if flip(i) else label))
    return rows


def only(audit: RubricAudit) -> JudgeSensitivity:
    (found,) = audit.sensitivities
    return found


# -- by hand -------------------------------------------------------------------------------------


def test_wording_that_turns_items_moves_verdicts() -> None:
    """10 of 40 turned, none by asking again: excess .25, exact p 2 / 2^10, of two tests doubled."""
    found = only(measure(from_rows("pairwise", star(lambda i: i < 10)), asked("w")))
    (row,) = found.wordings
    assert (row.flips.value, row.identical.value) == (0.25, 0.75)
    assert row.excess_flips.value == 0.25
    assert row.p_value == pytest.approx(2 / 2**10)
    assert row.p_adjusted == pytest.approx(4 / 2**10)
    assert row.finding == "moves verdicts"
    assert row.kappa.value == pytest.approx(0.5)
    assert (found.ceiling.identical.value, found.ceiling.kappa.value) == (1, 1)
    assert found.net_agreement.value == pytest.approx(-0.25)
    assert (found.n_items, found.n_planned, found.n_missing) == (40, 120, 0)


def test_turned_items_of_both_sides_shift_no_win_rate() -> None:
    """Of ten turned items five go to either system: shift 0, p 1; and `favoured` names whose rate it is."""
    (row,) = only(measure(from_rows("pairwise", star(lambda i: i < 10)), asked("w"))).wordings
    assert (row.favoured, row.shift.value, row.shift_p_value) == ("new", 0, 1)


def test_wording_that_turns_one_side_shifts_the_win_rate() -> None:
    """Nine items of `old` go to `new`: 9 / 40, p 2 / 2^9."""
    (row,) = only(
        measure(from_rows("pairwise", star(lambda i: i % 2 == 1 and i < 18)), asked("w"))
    ).wordings
    assert row.shift.value == pytest.approx(9 / 40)
    assert row.shift_p_value == pytest.approx(2 / 2**9)


def test_wording_that_changes_nothing_is_not_said_to() -> None:
    found = only(measure(from_rows("pairwise", star(lambda i: False)), asked("w")))
    assert found.wordings[0].finding == "none shown"
    assert found.wordings[0].smallest_detectable is not None
    assert (found.agreement.value, found.items_that_flip.value) == (1, 0)


def test_without_repeats_net_of_noise_is_null_and_says_so() -> None:
    rows = [row for row in star(lambda i: i < 10) if row.get("repeat") is None]
    found = only(measure(from_rows("pairwise", rows), asked("w")))
    (row,) = found.wordings
    for e in (row.excess_flips, found.net_agreement, found.ceiling.identical, found.ceiling.icc):
        assert (e.value, e.note) == (None, "nothing was asked twice")
    assert (row.p_value, row.finding) == (None, "no repeats")
    assert row.flips.value == 0.25


def test_fewer_flips_than_the_base_asked_again_are_no_finding() -> None:
    """A wording that repeats the base's first verdict on items where the base itself does not."""
    rows = [pair(i, "", "a") for i in range(30)]
    rows += [pair(i, "", "b" if i < 15 else "a", repeat=2) for i in range(30)]
    rows += [pair(i, "w", "a") for i in range(30)]
    (row,) = only(measure(from_rows("pairwise", rows), asked("w"))).wordings
    assert row.excess_flips.value == -0.5
    assert row.p_adjusted is not None
    assert row.p_adjusted < 0.05
    assert row.finding == "none shown"


def test_wording_without_a_verdict_is_said_to_have_none() -> None:
    rows = [*star(lambda i: False, 5), *(pair(i, "lost", None) for i in range(5))]
    found = only(measure(from_rows("pairwise", rows), asked("w", "lost")))
    assert [row.finding for row in found.wordings] == ["none shown", "no verdicts"]
    assert found.wordings[1].flips.n_missing == 5
    assert found.n_missing == 5


def test_wordings_that_nobody_asked_for_are_left_out_with_a_warning() -> None:
    found = measure(from_rows("pairwise", star(lambda i: i < 10)), asked())
    assert only(found).wordings == ()
    assert found.warnings == ("40 verdicts of wordings that were not asked for left out: w",)


def test_pairs_written_the_other_way_are_the_same_presentations() -> None:
    rows = star(lambda i: i < 10)
    turned = [
        row | {"system_a": "old", "system_b": "new", "order": "BA", "label": "ba"["ab".index(row["label"])]}
        if n % 3 == 0 else row
        for n, row in enumerate(rows)
    ]  # fmt: skip
    assert measure(from_rows("pairwise", turned), asked("w")) == measure(
        from_rows("pairwise", rows), asked("w")
    )


def test_interventions_are_kept_apart_from_equivalents() -> None:
    rows = star(lambda i: False)
    rows += [pair(i, "finer", "ab"[i % 2] if i < 20 else "tie") for i in range(40)]
    found = measure(
        from_rows("pairwise", rows), asked("w", "finer", kinds={"finer": "intervention"})
    )
    one = only(found)
    assert one.agreement.value == 1  # of the equivalents alone
    assert {(o.kind, o.df) for o in one.omnibus} == {("equivalent", 1), ("intervention", 1)}
    assert [(v.kind, v.wordings) for v in found.variances] == [
        ("equivalent", ("", "w")),
        ("intervention", ("", "finer")),
    ]


# -- scores --------------------------------------------------------------------------------------


def scored(n: int = 30) -> Iterator[Row]:
    for i in range(n):
        score = 1 + i % 5
        yield answer(i, "", score)
        yield answer(i, "", score, repeat=2)
        yield answer(i, "up", min(score + 1, 5))
        yield answer(i, "finer", 1 + (score - 1) * 4 / 9)


def test_scores_have_differences_ranks_and_a_shift() -> None:
    """Up: four of five items by one point: mean .8, and ranks kept but for the top."""
    kinds: dict[str, WordingKind] = {"finer": "intervention"}
    found = only(measure(from_rows("single", scored()), asked("up", "finer", kinds=kinds)))
    up, finer = found.wordings
    assert up.shift.value == pytest.approx(0.8)
    assert up.mean_absolute.value == pytest.approx(0.8)
    assert up.favoured == ""
    assert up.finding == "moves verdicts"
    assert finer.rank_correlation.value == pytest.approx(1)
    assert (found.ceiling.icc.value, found.ceiling.sem.value) == (1, 0)
    assert found.ceiling.weighted_kappa.value == 1


def test_pairs_have_no_differences_of_scores() -> None:
    (row,) = only(measure(from_rows("pairwise", star(lambda i: False)), asked("w"))).wordings
    for e in (row.weighted_kappa, row.mean_absolute, row.rank_correlation):
        assert (e.value, e.note) == (None, "of scores only")


def test_mirrored_scale_shows_acquiescence() -> None:
    """METHODS 4: s 4 5 3 2 4; on the reversed scale 3 2 3 5 2, mapped back 3 4 3 1 4: .30."""
    base, mapped = (4, 5, 3, 2, 4), (3, 4, 3, 1, 4)
    rows = [answer(i, "", s) for i, s in enumerate(base)]
    rows += [answer(i, "polarity", s) for i, s in enumerate(mapped)]
    mirrored = AskedWording("polarity", "equivalent", forms=("labels-mirrored",))
    what = replace(asked(), wordings=(AskedWording("", "equivalent"), mirrored))
    found = only(measure(from_rows("single", rows), what))
    assert found.acquiescence is not None
    assert found.acquiescence.value == pytest.approx(0.30)
    assert only(measure(from_rows("single", scored()), asked("up", "finer"))).acquiescence is None


def test_scores_by_probabilities_make_no_decisions() -> None:
    rows = [answer(i, v, 1 + i % 5 + d, method="logprob") for i in range(20)
            for v, d in (("", 0.0), ("w", 0.01))]  # fmt: skip
    rows += [answer(i, "", 1 + i % 5, repeat=2, method="logprob") for i in range(20)]
    found = only(measure(from_rows("single", rows), asked("w")))
    (row,) = found.wordings
    assert (row.flips.value, row.p_value, found.agreement.value) == (None, None, None)
    assert row.flips.note == "scores by probabilities are hardly ever quite equal"
    assert row.mean_absolute.value == pytest.approx(0.01)
    assert row.finding == "moves verdicts"  # every score by .01, which is shown however small


READ_AS_LABEL = "label, label in another form"


def probable_pairs(n: int = 60) -> Iterator[Row]:
    """Probabilities around .65, and one wording that can be read by its labels alone: 1 where p > .5."""
    for i in range(n):
        p = 0.45 + 0.4 * i / n
        row = {"p_a": p, "method": "logprob"}
        label = "a" if p > 0.5 else "b"
        yield from (pair(i, v, label, repeat=k, **row) for v, k in (("", 1), ("", 2), ("w", 1)))
        yield pair(i, "mirrored", label, method=READ_AS_LABEL)


def test_reading_by_label_where_the_base_is_read_by_probability_moves_no_verdict() -> None:
    """The judge says the same throughout; the mean of labels lies .22 above that of probabilities."""
    found = measure(from_rows("pairwise", probable_pairs()), asked("w", "mirrored"))
    for row in only(found).wordings:
        assert (row.flips.value, row.shift.value, row.finding) == (0.0, 0.0, "none shown")
    assert "read otherwise than the base: mirrored): pairs count by label" in found.warnings[0]
    of_wordings = [c for v in found.variances for c in v.components if "wording" in c.name]
    assert [c.share.value for c in of_wordings] == pytest.approx([0.0] * len(of_wordings))


def test_scores_read_otherwise_than_the_base_are_not_compared() -> None:
    rows = [answer(i, v, 3.4 + i % 5 / 10, repeat=k, method="logprob") for i in range(20)
            for v, k in (("", 1), ("", 2), ("w", 1))]  # fmt: skip
    rows += [answer(i, "mirrored", 3.0, method=READ_AS_LABEL) for i in range(20)]
    audit = measure(from_rows("single", rows), asked("w", "mirrored"))
    w, mirrored = only(audit).wordings
    assert (w.shift.value, w.finding) == (0.0, "none shown")
    assert (mirrored.shift.value, mirrored.mean_absolute.value) == (None, None)
    assert (mirrored.shift_p_value, mirrored.finding) == (None, "no verdicts")
    assert "by its label" in mirrored.shift.note
    assert "scores are not compared" in audit.warnings[0]


def test_finer_scale_is_no_flip() -> None:
    """The same opinions rounded to 1-5 and to ten steps between: .88 of scores differ, and none moved."""
    rng = np.random.default_rng(0)
    rows = []
    for i, q in enumerate(rng.random(60)):
        rows += [answer(i, "", 1 + round(q * 4), repeat=k) for k in (1, 2)]
        rows.append(answer(i, "finer-scale", 1 + round(q * 9) * 4 / 9))
    (row,) = only(
        measure(
            from_rows("single", rows), asked("finer-scale", kinds={"finer-scale": "intervention"})
        )
    ).wordings
    assert (row.identical.value, row.excess_flips.value, row.p_value) == (None, None, None)
    assert row.smallest_detectable is None
    assert row.flips.note == "scores on another scale are hardly ever quite equal"
    assert row.rank_correlation.value is not None
    assert row.rank_correlation.value > 0.9
    assert row.shift_p_value is not None
    assert row.finding == "none shown"


def test_wording_without_verdicts_takes_nothing_from_the_others() -> None:
    """Three wordings agree beyond chance as they did before a fourth was asked and never answered."""
    rng = np.random.default_rng(1)
    rows = [*star(lambda i: i < 10)]
    rows += [pair(i, "v", "ab"[int(rng.integers(2))]) for i in range(40)]
    two = only(measure(from_rows("pairwise", rows), asked("w", "v")))
    rows += [pair(i, "dead", None) for i in range(40)]
    three = only(measure(from_rows("pairwise", rows), asked("w", "v", "dead")))
    assert two.kappa.value is not None
    assert three.kappa.value == pytest.approx(two.kappa.value)
    assert "1 wording without a verdict left out" in three.kappa.note
    assert three.omnibus == two.omnibus
    assert two.omnibus[0].p_value is not None


# -- criteria ------------------------------------------------------------------------------------


def by_criterion(n: int = 40) -> Iterator[Row]:
    """Clarity flips on half of the items under `w`; depth never does."""
    for i in range(n):
        for variant, repeat in (("", 1), ("", 2), ("w", 1)):
            said = {"variant": variant, "repeat": repeat}
            yield answer(i, variant, 3, repeat=repeat)
            moved = 1.0 if variant == "w" and i % 2 else 2.0
            yield answer(i, variant, moved, criterion="clarity") | said
            yield answer(i, variant, 4.0, criterion="depth") | said


def test_fragile_criterion_is_named() -> None:
    found = only(measure(from_rows("single", by_criterion()), asked("w")))
    assert {c.criterion: c.flips.value for c in found.criteria} == {"clarity": 0.5, "depth": 0}
    assert found.fragile == "clarity"
    assert found.criteria[0].p_adjusted == pytest.approx(4 / 2**20)


def test_dead_wording_leaves_criteria_their_test() -> None:
    dead = [answer(i, "dead", None, criterion="clarity") for i in range(40)]
    rows = [*by_criterion()]
    before = only(measure(from_rows("single", rows), asked("w")))
    found = only(measure(from_rows("single", rows + dead), asked("w", "dead")))
    assert found.fragile == before.fragile == "clarity"
    assert [row.p_value for row in found.criteria] == [row.p_value for row in before.criteria]


def test_no_criterion_is_fragile_where_none_flips_above_repeats() -> None:
    rows = [row for row in by_criterion() if row.get("criterion") != "clarity"]
    assert only(measure(from_rows("single", rows), asked("w"))).fragile is None


# -- systems -------------------------------------------------------------------------------------


def test_ranking_of_scores_by_wording() -> None:
    """Under `w` the second system overtakes the first; the third stays last."""
    means = {"": {"x": 4, "y": 3, "z": 1}, "w": {"x": 3, "y": 4, "z": 1}}
    rows = [answer(i, w, s + i % 2, system=name) for w, own in means.items()
            for name, s in own.items() for i in range(10)]  # fmt: skip
    found = only(measure(from_rows("single", rows), asked("w"))).ranking
    assert found is not None
    assert found.systems == ("x", "y", "z")
    assert dict(found.means) == {"": (4.5, 3.5, 1.5), "w": (3.5, 4.5, 1.5)}
    assert (dict(found.top), found.top_is_stable) == ({"": "x", "w": "y"}, False)
    assert found.tau_mean.value == pytest.approx(1 / 3)


def test_ranking_of_pairs_counts_a_win_for_one_and_a_loss_for_the_other() -> None:
    """x beats y and z, y beats z: 1, .5, 0."""
    pairs = [("x", "y"), ("x", "z"), ("y", "z")]
    rows = [
        pair(i, w, "a", system_a=a, system_b=b)
        for w in ("", "w")
        for a, b in pairs
        for i in range(4)
    ]
    found = only(measure(from_rows("pairwise", rows), asked("w")))
    assert found.ranking is not None
    assert found.ranking.means[0] == ("", (1.0, 0.5, 0.0))
    assert found.ranking.top_is_stable is True
    assert found.wordings[0].shift.note == "more than one pair of systems"


# -- variances -----------------------------------------------------------------------------------


def judged(n: int = 60, seed: int = 1) -> list[Row]:
    """Three judges that share items and have a mind of their own about some."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        level = rng.normal(0, 1)
        for judge in "ABC":
            own = level + rng.normal(0, 0.5)
            said = [("", 1), ("", 2), ("w", 1), ("v", 1)]
            for variant, repeat in said:
                score = float(np.clip(round(3 + own + rng.normal(0, 0.4)), 1, 5))
                rows.append(answer(i, variant, score, judge=judge, repeat=repeat))
    return rows


def test_variances_are_of_all_judges_and_of_each() -> None:
    found = measure(from_rows("single", judged()), asked("w", "v"))
    assert [v.judges for v in found.variances] == [("A", "B", "C"), ("A",), ("B",), ("C",)]
    every = found.variances[0]
    assert (every.n, every.n_missing, every.wordings) == (60, 0, ("", "w", "v"))
    assert [c.name for c in every.components][-1] == "asked again"
    assert sum(c.share.value or 0 for c in every.components) == pytest.approx(1)
    assert (every.now.wordings, every.now.judges) == (1, 3)
    assert every.needed
    assert {d.judges for d in found.variances[1].designs} == {1}


def test_only_items_with_every_cell_count_in_the_variances() -> None:
    rows = judged()
    rows[2] = answer(0, "w", None, judge="A")
    found = measure(from_rows("single", rows), asked("w", "v"))
    assert [(v.n, v.n_missing) for v in found.variances] == [(59, 1), (59, 1), (60, 0), (60, 0)]


def test_order_of_rows_and_names_of_judges_do_not_matter() -> None:
    rows = judged(20)
    found = measure(from_rows("single", rows), asked("w", "v"))
    assert measure(from_rows("single", rows[::-1]), asked("w", "v")) == found


# -- recorded tables -----------------------------------------------------------------------------


def rubrics() -> VerdictTable:
    rows = [pair(i, "", "a", rubric=name) for i in range(3) for name in ("plain", "steps")]
    return from_rows("pairwise", rows)


def test_rubrics_without_variants_are_interventions_on_the_base() -> None:
    found, table = from_table(rubrics(), "plain")
    assert [(w.name, w.kind) for w in found] == [("plain", "equivalent"), ("steps", "intervention")]
    assert set(table.frame["rubric"]) == {"plain"}
    assert set(table.frame["variant"]) == {"plain", "steps"}


def test_rubrics_may_be_said_to_mean_the_same() -> None:
    found, _ = from_table(rubrics(), "plain", interventions=())
    assert [w.kind for w in found] == ["equivalent", "equivalent"]


def test_variants_are_equivalents_unless_named() -> None:
    table = from_rows("pairwise", star(lambda i: False, 3))
    assert [(w.name, w.kind) for w in from_table(table)[0]] == [
        ("", "equivalent"),
        ("w", "equivalent"),
    ]
    assert from_table(table, "", ["w"])[0][1].kind == "intervention"
    assert [w.name for w in from_table(table, "w")[0]] == ["w", ""]


@pytest.mark.parametrize(
    ("base", "interventions", "message"),
    [
        ("", None, "which wording are the others held against"),
        ("none", None, "--base 'none': no verdict is of that wording; these have plain, steps"),
        ("plain", ["other"], "intervention 'other': no verdict is of that wording"),
        ("plain", ["plain"], "intervention 'plain': it is the base"),
    ],
)
def test_unknown_wordings_are_refused(
    base: str, interventions: list[str] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        from_table(rubrics(), base, interventions)


def test_one_wording_asked_again_has_a_ceiling_and_nothing_else() -> None:
    rows = [
        answer(i, "", s + (i == 0 and k == 2), repeat=k)
        for i, s in enumerate((1, 2, 3, 4, 4))
        for k in (1, 2, 3)
    ]
    found = measure(from_rows("single", rows), AuditAsked("rubric", "", 5))
    one = only(found)
    assert (one.wordings, found.variances, one.ranking) == ((), (), None)
    assert one.ceiling.all_same is not None
    assert one.ceiling.all_same.value == pytest.approx(4 / 5)
    assert one.ceiling.identical.value == pytest.approx((4 + 1 / 3) / 5)


# -- plain arrays --------------------------------------------------------------------------------


def _many(rng: np.random.Generator, n: int, turned: float) -> list[str]:
    """The findings about four wordings, of which the first turns a share of items; 10 % noise."""
    p = np.abs(rng.integers(0, 2, n) - rng.beta(0.35, 5, n))
    said = (rng.random((5, n)) < p).T.astype(np.int64)
    again = (rng.random((1, n)) < p).T.astype(np.int64)
    turn = rng.random(n) < turned
    said[turn, 1] = 1 - said[turn, 1]
    d = of_arrays(said, said.astype(float), again, again.astype(float))
    names = [AskedWording(str(k), "equivalent") for k in range(4)]
    return [row.finding for row in wording_rows(d, names, Settings(replicates=0))]


def test_planted_wording_is_found_and_clean_ones_are_not() -> None:
    rng = np.random.default_rng(8)
    found = [_many(rng, 400, 0.12) for _ in range(20)]
    assert sum(f[0] == "moves verdicts" for f in found) >= 17
    assert sum("moves verdicts" in f[1:] for f in found) <= 3


# -- real verdicts -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def llmbar_table() -> VerdictTable:
    path = SHARED / "llmbar" / "verdicts.jsonl"
    if not path.is_file():
        pytest.skip(f"LLMBar is not part of the repository and not at {path}")
    return read_verdicts(path, format="llmbar")


@pytest.fixture(scope="module")
def llmbar(llmbar_table: VerdictTable) -> RubricAudit:
    return measure(llmbar_table, AuditAsked("rubric", "", 419, base="Vanilla"))


def test_llmbar_prompts_as_interventions_on_six_judges(llmbar: RubricAudit) -> None:
    """Decisions kept of both orders; GPT-4 keeps .913 under CoT, of 838; PaLM2 .759."""
    kept = {s.judge: {w.wording: w.identical for w in s.wordings} for s in llmbar.sensitivities}
    assert len(kept) == 6
    assert kept["GPT-4"]["CoT"].value == pytest.approx(765 / 838)
    assert (kept["GPT-4"]["CoT"].n, kept["GPT-4"]["CoT"].n_clusters) == (838, 419)
    assert kept["PaLM2"]["CoT"].value == pytest.approx(0.759, abs=5e-4)
    assert {w.kind for s in llmbar.sensitivities for w in s.wordings} == {"intervention"}
    assert {w.finding for s in llmbar.sensitivities for w in s.wordings} == {"no repeats"}


def test_llmbar_kept_decisions_are_those_of_a_plain_count(
    llmbar: RubricAudit, llmbar_table: VerdictTable
) -> None:
    frame = llmbar_table.frame
    for s in llmbar.sensitivities:
        own = frame[(frame["judge"] == s.judge) & (frame["status"] == "ok")]
        wide = own.pivot_table("label", ["item_id", "order"], "rubric", "first", observed=True)
        for w in s.wordings:
            both = wide[["Vanilla", w.wording]].dropna()
            same = (both["Vanilla"].astype(str) == both[w.wording].astype(str)).mean()
            assert w.identical.value == pytest.approx(same)


def test_llmbar_net_of_noise_is_null(llmbar: RubricAudit) -> None:
    for s in llmbar.sensitivities:
        assert s.ceiling.identical.note == "nothing was asked twice"
        assert all(w.excess_flips.value is None for w in s.wordings)
        assert s.net_agreement.value is None


def test_llmbar_variance_shares_have_intervals(llmbar: RubricAudit) -> None:
    """392 of 419 pairs have all 6 x 4 x 2 verdicts. Judges disagree on items (.404) far more than
    prompts do (.029): the cure is another judge, not another wording."""
    every = llmbar.variances[0]
    assert (len(every.judges), every.n, every.n_missing) == (6, 392, 27)
    shares = {c.name: c.share for c in every.components}
    assert shares["item x judge"].value == pytest.approx(0.404, abs=5e-4)
    assert shares["item x wording"].value == pytest.approx(0.029, abs=5e-4)
    assert every.rubric_share.ci_low is not None
    assert every.now.e_rho2 == pytest.approx(0.700, abs=5e-4)
    assert every.needed == ()


def test_prometheus_asked_three_times() -> None:
    """62.2 % of 320 answers got one score three times; ICC .808, SEM .367, 2.14 repeats for .9."""
    path = SHARED / "prometheus_gpt4_x3" / "vicuna_eval.jsonl"
    if not path.is_file():
        pytest.skip(f"Prometheus' file is not part of the repository and not at {path}")
    table = read_verdicts(path, format="prometheus")
    found = only(measure(table, AuditAsked("rubric", "", 80))).ceiling
    assert found.all_same is not None
    assert found.all_same.value == pytest.approx(199 / 320)
    assert found.identical.value == pytest.approx(0.746, abs=5e-4)
    assert found.icc.value == pytest.approx(0.808, abs=5e-4)
    assert found.sem.value == pytest.approx(0.367, abs=5e-4)
    assert found.repeats_needed == pytest.approx(2.14, abs=5e-3)
