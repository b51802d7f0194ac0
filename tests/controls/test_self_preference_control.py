"""Self-preference on verdict tables: what is found, what is not, and what cannot be measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from judge.aggregate import Analysis, analyze
from judge.controls.self_preference import CONTROL, Effects
from judge.families import TABLE_VERSION
from judge.report import build, schema, terminal
from judge.report.schema import Report
from judge.report.sections import self_preference as section
from judge.table import from_rows

Row = dict[str, Any]
SYSTEMS = ("gpt-4", "claude-2", "qwen-7b")


def verdicts(
    judges: Sequence[str],
    n: int,
    *,
    own: float = 0.0,
    seed: int = 0,
    base: float = 0.5,
    **fields: Any,
) -> Iterator[Row]:
    """Both orders of two pairs; own: what a judge adds to the share that its own system wins."""
    rng = np.random.default_rng(seed)
    for item in range(n):
        for a in SYSTEMS[:2]:
            for judge in judges:
                p = base + own * ((judge == a) - (judge == SYSTEMS[2]))
                for order in ("AB", "BA"):
                    label = "a" if rng.random() < p else "b"
                    row = {"item_id": f"i{item}", "system_a": a, "system_b": SYSTEMS[2]}
                    yield {**row, "judge": judge, "order": order, "label": label, **fields}


def scored(
    judges: Mapping[str, float], n: int, *, own: float = 0.0, seed: int = 0
) -> Iterator[Row]:
    """Scores of four systems by judges of these leniencies."""
    rng = np.random.default_rng(seed)
    for item in range(n):
        for g, quality in {"gpt-4": 0.6, "claude-2": 0.4, "mistral-7b": 0.2, "qwen-7b": 0}.items():
            merit = quality + rng.normal(0, 0.6)
            for judge, leniency in judges.items():
                score = 3 + merit + leniency + own * (judge == g) + rng.normal(0, 0.5)
                yield {"item_id": f"i{item}", "system": g, "judge": judge, "score": score}


def pairwise(*judges: str, n: int = 60, **options: Any) -> Analysis:
    margin = options.pop("margin", None)
    families = options.pop("families", {})
    table = from_rows("pairwise", verdicts(judges, n, **options))
    return analyze(table, baseline="qwen-7b", equivalence_margin=margin, families=families)


def panel(found: Analysis) -> Effects:
    assert found.self_preference is not None
    (effects,) = found.self_preference.panels
    return effects


def report(found: Analysis) -> Report:
    return build.build(found, run={})


def shown(found: Analysis) -> str:
    text = terminal.render(report(found), [section.SECTION], width=80, color=False, files=[])
    return " ".join(text.split())


# -- found and not found -------------------------------------------------------------------------


def test_a_planted_preference_is_found_and_has_its_size() -> None:
    found = pairwise("gpt-4", "claude-2", "mistral-7b", own=0.3)
    e = panel(found).own.estimate
    assert e.value == pytest.approx(0.3, abs=0.06)
    assert (e.unit, e.n_clusters) == ("difference", 60)
    assert (panel(found).own.p_value or 1) < 1e-6
    assert "gpt-4 favours its own answers: they win" in shown(found)


def test_judges_without_it_are_not_said_to_have_it() -> None:
    found = pairwise("gpt-4", "claude-2", "mistral-7b", seed=3)
    assert (panel(found).own.p_value or 0) > 0.05
    text = shown(found)
    assert "favours" not in text
    assert text.count("checked, nothing found; an effect above") == 1
    assert "claude-2 on its own answers and gpt-4 on its own answers: checked" in text


def test_with_a_stated_margin_none_beyond_it_is_said_and_without_one_never() -> None:
    found = pairwise("gpt-4", "claude-2", "mistral-7b", n=200, margin=0.15, seed=5)
    assert "no self-preference beyond 15 points" in shown(found)
    assert "no self-preference" not in shown(pairwise("gpt-4", "claude-2", n=200, seed=5))


def test_a_judge_whose_answers_are_good_by_all_accounts_is_not_found() -> None:
    """gpt-4's system wins 75 % with everybody."""
    found = pairwise("gpt-4", "claude-2", "mistral-7b", base=0.75, seed=2)
    assert (panel(found).own.p_value or 0) > 0.05


def test_one_judges_term_that_is_that_of_all_is_one_test() -> None:
    found = pairwise("gpt-4", "mistral-7b", own=0.2)
    assert found.self_preference is not None
    own = found.self_preference.judges["gpt-4", ""].own
    assert own.p_value == panel(found).own.p_value
    assert own.estimate.value == pytest.approx(panel(found).own.estimate.value, abs=1e-12)


def test_turned_pairs_give_the_same_terms() -> None:
    rows = list(verdicts(("gpt-4", "claude-2"), 40, own=0.2))
    turned = [
        {
            **r,
            "system_a": r["system_b"],
            "system_b": r["system_a"],
            "order": "BA" if r["order"] == "AB" else "AB",
            "label": "b" if r["label"] == "a" else "a",
        }
        for r in rows
    ]
    one, other = (panel(analyze(from_rows("pairwise", r))) for r in (rows, turned))
    assert one.own.estimate.value == pytest.approx(other.own.estimate.value, abs=1e-12)
    assert one.own.estimate.se == pytest.approx(other.own.estimate.se, abs=1e-12)


# -- adjusted numbers ----------------------------------------------------------------------------


def test_the_panels_rate_less_the_terms_of_its_members() -> None:
    """Of three judges one wrote gpt-4 and none wrote qwen-7b: raw - d / 3."""
    found = pairwise("gpt-4", "mistral-7b", "llama-3", own=0.3)
    (row,) = [r for r in found.comparisons if (r.system, r.judge) == ("gpt-4", "panel")]
    d = panel(found).own.estimate.value or 0
    assert row.raw.value is not None
    assert row.family_adjusted.value == pytest.approx(row.raw.value - d / 3, abs=1e-12)
    assert row.family_adjusted.se is not None
    assert row.family_adjusted.n == row.raw.n


def test_where_no_judge_is_kin_nothing_is_adjusted() -> None:
    for row in pairwise("mistral-7b", "llama-3").comparisons:
        assert row.family_adjusted.value is None
        assert "nothing to adjust" in row.family_adjusted.note


def test_scores_of_the_panel_lose_a_planted_preference() -> None:
    """The lead over qwen-7b, .6 .4 .2 by merit: raw is above by .4 / 4 (each is one of four judges)."""
    judges = {"gpt-4": 0.3, "claude-2": -0.2, "mistral-7b": 0.1, "llama-3": 0.0}
    table = from_rows("single", scored(judges, 300, own=0.4))
    rows = {r.system: r for r in analyze(table).scores if r.judge == "panel"}
    for system in ("gpt-4", "claude-2", "mistral-7b"):
        raw, adjusted = rows[system].raw.value, rows[system].family_adjusted.value
        assert raw is not None
        assert adjusted == pytest.approx(raw - 0.1, abs=0.02)
    assert "nothing to adjust" in rows["qwen-7b"].family_adjusted.note


def test_own_votes_are_left_out_only_together_with_severity() -> None:
    judges = {"gpt-4": 1.0, "claude-2": -1.0, "mistral-7b": 0.0, "llama-3": 0.0}
    found = analyze(from_rows("single", scored(judges, 200, own=0.4)))
    assert found.self_preference is not None
    left = {x.system: x.estimate for x in found.self_preference.left_out}
    lead = (left["gpt-4"].value or 0) - (left["qwen-7b"].value or 0)
    assert lead == pytest.approx(0.6, abs=0.15)
    assert "additive model of outside judges" in left["gpt-4"].method


def test_a_system_left_without_a_judge_is_refused_with_the_remedy() -> None:
    """gpt-4 and gpt-4o judge: gpt-4's answers have nobody outside."""
    found = pairwise("gpt-4", "gpt-4o")
    assert found.self_preference is not None
    left = {x.system: x.estimate for x in found.self_preference.left_out}
    assert left["gpt-4"].value is None
    assert "add one of another family" in left["gpt-4"].note
    assert left["claude-2"].value is not None
    (row,) = [r for r in found.comparisons if (r.system, r.judge) == ("gpt-4", "panel")]
    assert row.family_adjusted.value is None


def test_an_item_that_an_outside_judge_lacks_is_left_out_and_counted_as_in_the_panel() -> None:
    """Of 30 items claude-2, one of three outside judges, lacks a verdict on 10."""
    rows = [
        {**row, "label": "", "status": "failed"}
        if row["judge"] == "claude-2" and row["order"] == "AB" and int(row["item_id"][1:]) < 10
        else row
        for row in verdicts(("gpt-4", "claude-2", "mistral-7b", "llama-2"), 30)
        if row["system_a"] == "gpt-4"
    ]
    found = analyze(from_rows("pairwise", rows), baseline="qwen-7b")
    assert found.self_preference is not None
    (left,) = found.self_preference.left_out
    (raw,) = [r.raw for r in found.comparisons if r.judge == "panel"]
    assert (left.estimate.n, left.estimate.n_missing) == (raw.n, raw.n_missing) == (20, 10)


# -- what cannot be measured ---------------------------------------------------------------------


def test_two_judges_of_the_same_pair_have_one_term_between_them_which_is_said() -> None:
    """Each wrote one of the two answers: d is half of what they differ by, whoever adds more of it."""
    rows = [
        {"item_id": f"i{n}", "system_a": a, "system_b": b, "judge": judge, "label": label}
        for n in range(60)
        for a, b in [("gpt-4", "qwen-7b")]
        for judge, label in (("gpt-4", "a" if n % 5 else "b"), ("qwen-7b", "b" if n % 3 else "a"))
    ]
    found = analyze(from_rows("pairwise", rows))
    assert panel(found).own.estimate.value == pytest.approx((0.8 - 1 / 3) / 2)
    assert found.self_preference is not None
    for effects in found.self_preference.judges.values():
        assert effects.own.estimate.value is None
        assert "cannot be told from what the others add" in effects.own.estimate.note
    assert "the average judge favours its own answers" in shown(found)


@pytest.mark.parametrize(
    ("judges", "said"),
    [
        (("gpt-4",), "one judge alone cannot tell its own answers from good ones"),
        (("gpt-4", "gpt-4o"), "cannot be measured: what gpt-4, gpt-4o add to their own"),
        (("j1", "j2"), 'no family is declared for j1, j2: in judge.toml, [families] "j1"'),
        (("mistral-7b", "llama-3"), "no judge is of a system's family"),
    ],
)
def test_what_cannot_be_measured_is_null_with_the_remedy(judges: Sequence[str], said: str) -> None:
    found = pairwise(*judges, own=0.3)
    effects = panel(found)
    assert not effects.is_measured
    assert (effects.own.estimate.value, effects.family.estimate.value) == (None, None)
    assert said in effects.note
    assert said in shown(found)
    for row in report(found).judges:
        assert not row.self_preference.measured
        assert row.self_preference.note


def test_answers_that_are_not_systems_have_no_author() -> None:
    rows = verdicts(("gpt-4", "claude-2"), 5)
    found = analyze(from_rows("pairwise", rows, comparable=False))
    assert "not named by the systems" in panel(found).note


def test_an_empty_table_has_no_terms() -> None:
    assert panel(analyze(from_rows("pairwise", []))).note
    assert analyze(from_rows("single", [])).self_preference is not None


def test_an_undeclared_judge_is_no_witness() -> None:
    """j2 may be gpt-4's kin; declaring it lets it speak."""
    assert not panel(pairwise("gpt-4", "j2", own=0.3)).is_measured
    known = pairwise("gpt-4", "j2", own=0.3, families={"j2": frozenset({"in-house"})})
    assert panel(known).is_measured


# -- families ------------------------------------------------------------------------------------


def test_judges_of_one_maker_have_one_vote_without_being_declared() -> None:
    """gpt-4 and ChatGPT: 1 and 1; claude-2: 0. One vote a family: (1 + 0) / 2."""
    rows = [
        {"item_id": "i", "system_a": "new", "system_b": "base", "judge": j, "label": label}
        for j, label in (("gpt-4", "a"), ("ChatGPT", "a"), ("claude-2", "b"))
    ]
    found = analyze(from_rows("pairwise", rows))
    (row,) = [r for r in found.comparisons if r.judge == "panel"]
    assert row.raw.value == 0.5
    assert not any("no model family declared" in w for w in found.warnings)


def test_provenance_says_everybodys_family_and_who_said_it() -> None:
    found = report(pairwise("gpt-4", "j2", families={"j2": frozenset({"in-house"})}))
    assert found.run.families is not None
    assert found.run.families.table == TABLE_VERSION
    said = {(n.name, n.role): (n.families, n.origin) for n in found.run.families.names}
    assert said["gpt-4", "judge"] == (["openai"], "table")
    assert said["j2", "judge"] == (["in-house"], "declared")
    assert said["qwen-7b", "system"] == (["alibaba"], "table")


def test_a_judge_is_known_by_its_model_as_well() -> None:
    table = from_rows("pairwise", verdicts(("strict", "mistral-7b"), 60, own=0.0))
    found = analyze(table, baseline="qwen-7b", aliases={"strict": "openai/gpt-4"})
    assert found.self_preference is not None
    assert found.self_preference.kinship.relation("strict", "gpt-4") == "own"
    assert panel(found).own.estimate.value is not None


# -- the report ----------------------------------------------------------------------------------


def test_the_json_holds_the_terms_and_what_a_coin_would_show() -> None:
    found = report(pairwise("gpt-4", "claude-2", "mistral-7b", own=0.3))
    row = next(j for j in found.judges if j.judge == "gpt-4").self_preference
    assert row.measured
    assert row.own.value == pytest.approx(0.3, abs=0.1)
    assert next(n.judge for n in row.no_skill) == "fair coin"
    assert '"self": {' in schema.to_json(found)


def test_raw_and_both_corrections_stand_side_by_side() -> None:
    text = shown(pairwise("gpt-4", "claude-2", "mistral-7b", own=0.3))
    assert "raw terms taken off own votes left out" in text.replace("baseline ", "")


def test_the_control_is_registered_with_its_measure() -> None:
    assert CONTROL.name == "self_preference"
    assert CONTROL.measure is not None
