"""An audit of judges from its verdict table: who was the target, what counts, and what is warned of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from judge.analysis.audit_asked import CONSTANT, AuditAsked, derived
from judge.analysis.battery_constant import _is_last
from judge.analysis.battery_rows import gathered
from judge.analysis.judge_audit import JudgeBattery
from judge.analysis.judge_battery import measure
from judge.plan import Pair, Swap
from judge.stats.battery import FIRST, NEITHER, SECOND
from judge.table import VerdictTable, from_rows, turned
from judge.types import Order

NAMES = ("injection-verdict", "padding-x3", "null:1", "null:2")
ASKED = AuditAsked("judge", "sha256:x", 40, perturbations=NAMES)
SHARED = {"judge": "j", "rubric": "r@1"}


@dataclass(frozen=True)
class Say:
    """What a judge says of an item: the winner in the drawn order, asked again, and in the other order.

    after: perturbation -> whether the target wins, None for no verdict.
    """

    base: str = "new"
    again: str = "new"
    other: str = "new"
    after: Mapping[str, bool | None] | None = None


def drawn(item: str, seed: int = 0) -> Order:
    return Swap.parse("random").orders(seed, item, Pair("new", "old"))[0]


def label(winner: str) -> str:
    return {"new": "a", "old": "b", "tie": "tie"}.get(winner, "")


def rows_of(item: str, say: Say, target: str | None = None) -> list[dict[str, Any]]:
    """The rows of one item with the pair (new, old), as a run leaves them."""
    order = drawn(item)
    pair: dict[str, Any] = {
        **SHARED,
        "item_id": item,
        "system_a": "new",
        "system_b": "old",
        "len_a": 100,
        "len_b": 50,
    }
    other: Order = "BA" if order == "AB" else "AB"
    rows: list[dict[str, Any]] = [
        {**pair, "order": order, "repeat": 1, "label": label(say.base)},
        {**pair, "order": order, "repeat": 2, "label": label(say.again)},
        {**pair, "order": other, "repeat": 1, "label": label(say.other)},
        {**pair, "order": other, "repeat": 2, "label": label(say.other)},
    ]
    loser = target or {"new": "old", "old": "new"}.get(say.base, "")
    for name, wins in (say.after or {}).items():
        side = "a" if loser == "new" else "b"
        if not loser:
            continue
        rows.append(
            {
                **pair,
                f"system_{side}": derived(loser, name),
                f"len_{side}": 3 * pair[f"len_{side}"] if name == "padding-x3" else 10,
                "order": order,
                "repeat": 1,
                "label": "" if wins is None else side if wins else {"a": "b", "b": "a"}[side],
            }
        )
    return rows


def table(says: Mapping[str, Say], targets: Mapping[str, str] | None = None) -> VerdictTable:
    every = (rows_of(item, say, (targets or {}).get(item)) for item, say in says.items())
    return from_rows("pairwise", [row for rows in every for row in rows])


def only(verdicts: VerdictTable, asked: AuditAsked = ASKED) -> JudgeBattery:
    (found,) = measure(verdicts, asked).batteries
    return found


LOSES = dict.fromkeys(NAMES[:2], False)


# -- targets -------------------------------------------------------------------------------------


def test_the_target_is_what_lost_by_the_judges_own_first_verdict() -> None:
    found = only(
        table(
            {
                "i1": Say("new", after={"injection-verdict": True}),
                "i2": Say("old", "old", "old", after={"injection-verdict": False}),
                "i3": Say("tie", "tie", "tie"),
                "i4": Say("", "new", "new"),
            }
        )
    )
    assert (found.n_items, found.n_ties) == (2, 1)
    (effect,) = found.effects
    assert (effect.n, effect.n_lost, effect.ups, effect.group) == (2, 2, 1, "injection")
    assert effect.success.value == 0.5
    assert found.target_source == "the judge's own first verdict"


def test_each_judge_has_targets_of_its_own() -> None:
    one = rows_of("i1", Say("new", after={"injection-verdict": True}))
    two = [{**row, "judge": "k"} for row in rows_of("i1", Say("old", "old", after=LOSES))]
    found = measure(from_rows("pairwise", one + two), ASKED).batteries
    assert [(b.judge, b.effects[0].success.value) for b in found] == [("j", 1.0), ("k", 0.0)]


def test_with_known_answers_the_target_may_have_won_and_p_is_held_against_b() -> None:
    asked = replace(ASKED, targets={"i1": "old", "i2": "old"}, answers={"i1": "a", "i2": "a"})
    says = {
        "i1": Say("new", after={"injection-verdict": True}),
        "i2": Say("old", "old", "old", after={"injection-verdict": True}),
    }
    (effect,) = only(table(says, asked.targets), asked).effects
    assert (effect.n, effect.n_lost, effect.ups, effect.shift.value) == (2, 1, 1, 0.5)


def test_rows_written_the_other_way_round_say_the_same() -> None:
    says = {
        f"i{k}": Say(
            "new" if k % 3 else "old", "new", "old", {"padding-x3": k % 2 == 0, "null:1": False}
        )
        for k in range(12)
    }
    plain = table(says)
    some = np.random.default_rng(0).random(len(plain.frame)) < 0.5
    asked = replace(ASKED, answers={})
    assert measure(turned(plain, some), asked) == measure(plain, asked)


def test_the_drawn_order_is_that_of_the_perturbed_answers_else_the_seeds() -> None:
    says = {f"i{k}": Say("tie" if k % 2 else "new", after=LOSES) for k in range(10)}
    of = gathered("pairwise", table(says).frame, ASKED, seed=0)
    for place, item in enumerate(of.items):
        is_tie = says[item].base == "tie"
        side = FIRST if drawn(item) == "BA" else SECOND  # old is shown first in BA
        assert of.questions.targets[place] == (NEITHER if is_tie else side)
        first = of.questions.lengths
        assert first is not None
        assert first[place].tolist() == ([100, 50] if drawn(item) == "AB" else [50, 100])


# -- what counts ---------------------------------------------------------------------------------


def test_what_a_policy_left_is_neither_asked_nor_missing() -> None:
    rows = rows_of("i1", Say("new", after={"injection-verdict": None, "padding-x3": None}))
    rows += rows_of("i2", Say("new", after=LOSES))
    stopped = {"status": "not_asked", "reason": "policy", "label": ""}
    rows = [
        {**r, **stopped} if "padding" in str(r["system_b"]) and r["item_id"] == "i1" else r
        for r in rows
    ]
    found = only(from_rows("pairwise", rows))
    by = {one.perturbation: one for one in found.effects}
    assert (by["injection-verdict"].n, by["injection-verdict"].n_missing) == (1, 1)
    assert (by["padding-x3"].n, by["padding-x3"].n_missing) == (1, 0)
    assert (found.n_planned, found.n_missing) == (11, 1)


def test_null_answers_are_one_effect_by_key() -> None:
    says = {f"i{k}": Say(after={f"null:{k % 2 + 1}": k == 0}) for k in range(8)}
    (effect,) = only(table(says)).effects
    assert (effect.perturbation, effect.group, effect.n) == ("null", "null", 8)
    assert [(one.perturbation, one.n, one.success.value) for one in effect.parts] == [
        ("null:1", 4, 0.25),
        ("null:2", 4, 0.0),
    ]


def test_position_is_over_all_items_with_a_base() -> None:
    says = {
        "i1": Say("new", "new", "new"),
        "i2": Say("tie", "tie", "tie"),
        "i3": Say("new", "new", "old"),
    }
    position = only(table(says)).position
    assert position is not None
    assert position.consistency.n == 3
    assert position.consistency.value == pytest.approx(2 / 3)
    assert position.first_share.n == 1
    assert position.first_share.value == (1.0 if drawn("i3") == "AB" else 0.0)


def test_the_padding_slope_takes_lengths_from_the_table() -> None:
    """12 of 40 targets win at three times their length and 3 asked again, each in items of its own."""
    says = {
        f"i{k}": Say("new", "old" if k in (20, 21, 22) else "new", "new", {"padding-x3": k < 12})
        for k in range(40)
    }
    found = only(table(says)).padding_slope
    assert found.value == pytest.approx(np.log(12 / 3) / np.log2(3), abs=1e-6)
    assert (found.n, found.unit) == (40, "log-odds per doubling")


def test_judges_without_skill_stand_beside_it() -> None:
    says = {f"i{k}": Say("old" if k % 2 else "new", after={"padding-x3": False}) for k in range(30)}
    floors = {one.name: one for one in only(table(says)).floors}
    assert set(floors) == {"fair coin", "always first", "always longer"}
    # The targets of even items are half as long as the other, padded longer: 15 of 15 that it let lose.
    assert dict(floors["always longer"].success) == {"padding-x3": 1.0}
    assert dict(floors["always first"].shift) == {"padding-x3": 0.0}


# -- known answers -------------------------------------------------------------------------------


def test_accuracy_is_by_order_and_by_category() -> None:
    """Right is new. i1 right in both; i2 in the drawn order only; i3 in neither; i4 has no verdict."""
    says = {
        "i1": Say("new", "new", "new"),
        "i2": Say("new", "new", "old"),
        "i3": Say("old", "old", "tie"),
        "i4": Say("", "", "new"),
    }
    rows = [r for item, say in says.items() for r in rows_of(item, say, "old")]
    rows = [{**row, "category": "x" if row["item_id"] in ("i1", "i4") else "y"} for row in rows]
    asked = replace(ASKED, targets=dict.fromkeys(says, "old"), answers=dict.fromkeys(says, "a"))
    found = only(from_rows("pairwise", rows), asked).known
    assert [one.category for one in found] == ["", "x", "y"]
    whole, x, y = found
    assert whole.first.value == pytest.approx(2 / 3)
    assert (whole.first.n, whole.first.n_missing) == (3, 1)
    assert whole.right.value == pytest.approx(0.5)
    assert whole.consistent_and_right.value == pytest.approx(1 / 3)
    assert (x.right.value, y.right.value) == (1.0, 0.25)
    assert only(table(says)).known == ()


def test_a_known_tie_is_right_as_a_tie_alone() -> None:
    asked = replace(ASKED, answers={"i1": "tie", "i2": "tie"})
    (row,) = only(table({"i1": Say("tie", "tie", "tie"), "i2": Say()}), asked).known
    assert (row.first.value, row.consistent_and_right.value) == (0.5, 0.5)


# -- the constant answer -------------------------------------------------------------------------


def with_constant(wins: float, n: int = 20) -> VerdictTable:
    """The constant answer against both systems, of which new wins two thirds against old."""
    rows = []
    for k in range(n):
        item = f"i{k}"
        better = "new" if k % 3 else "old"
        rows += rows_of(item, Say(better, better, better))
        for system in ("new", "old"):
            pair = {
                "item_id": item,
                "system_a": system,
                "system_b": CONSTANT,
                "len_a": 80,
                "len_b": 20,
            }
            said = "b" if k < wins * n else "a"
            rows.append({**SHARED, **pair, "order": drawn(item), "repeat": 1, "label": said})
    return from_rows("pairwise", rows)


def test_a_constant_answer_that_loses_is_last() -> None:
    whole = only(with_constant(0.1))
    found = whole.constant
    assert whole.effects == ()  # it is no perturbation
    assert found is not None
    assert (found.systems, found.rank, found.n_ranked, found.is_last) == (
        ("new", "old"),
        3,
        3,
        True,
    )
    assert [one.value for one in found.win_rates] == pytest.approx([0.1, 0.1])


def test_a_constant_answer_that_wins_is_not() -> None:
    found = only(with_constant(0.9)).constant
    assert found is not None
    assert (found.rank, found.is_last) == (1, False)


def test_what_chance_alone_would_order_is_neither_last_nor_not() -> None:
    """It wins 11 of 20 against both systems, and so lies first."""
    found = only(with_constant(0.55)).constant
    assert found is not None
    assert (found.rank, found.is_last) == (1, None)
    assert found.note == "neither shown to lose to every system nor to win against one"


@pytest.mark.parametrize("wins", [0.35, 0.5])
def test_chance_seldom_says_that_a_constant_answer_is_not_the_last(wins: float) -> None:
    """200 audits of 20 items whose constant answer wins so often: by rank 1 in 8 and most would say so."""
    rng = np.random.default_rng(6)
    leads = np.where(rng.random((200, 2, 20)) < wins, 1.0, -1.0)
    by_rank = leads.sum(axis=2).max(axis=1) >= 0
    said = [_is_last(2, 3, [*one]) is False for one in leads]
    assert by_rank.mean() > 0.1
    assert np.mean(said) <= 0.08  # .05 and two standard errors


def test_a_constant_answer_is_last_where_every_system_was_shown_to_win_against_it() -> None:
    lost, even = -np.ones(5), np.array([-1.0, -1, -1, 1, 1])
    assert _is_last(3, 3, [lost, lost]) is True  # 1 / 2 ** 5 = .031
    assert _is_last(3, 3, [lost, lost[:4]]) is None  # 1 / 2 ** 4 = .0625
    assert _is_last(3, 3, [lost, even]) is None
    assert _is_last(2, 3, [lost, -lost]) is None  # two systems: .0625
    assert _is_last(2, 3, [lost, np.ones(6)]) is False
    assert _is_last(None, 3, [lost]) is None


def test_without_a_constant_answer_there_is_none() -> None:
    assert only(table({"i1": Say()})).constant is None


# -- single answers ------------------------------------------------------------------------------


def scored(n: int = 40, gain: float = 1.0) -> VerdictTable:
    """Scores of one answer an item, twice, padded and emptied; a criterion that does not count."""
    rows = []
    for k in range(n):
        one: dict[str, Any] = {
            **SHARED,
            "item_id": f"i{k}",
            "system": "new",
            "order": "AB",
            "len": 100,
        }
        score = 2.0 + k % 2
        padded = {
            "system": derived("new", "padding-x3"),
            "len": 300,
            "score": score + gain * (k % 4 > 0),
        }
        null = {"system": derived("new", "null:1"), "len": 0, "score": 1.0}
        constant = {"system": CONSTANT, "len": 9, "score": 1.0 + (k == 0)}
        given: list[dict[str, Any]] = [
            {"score": score},
            {"score": score, "repeat": 2},
            padded,
            null,
            constant,
        ]
        rows += [{**one, **more} for more in given]
        rows.append({**one, "criterion": "tone", "score": 5.0})
    return from_rows("single", rows)


def test_scores_move_in_points() -> None:
    asked = replace(ASKED, targets={f"i{k}": "new" for k in range(40)})
    found = only(scored(), asked)
    by = {one.perturbation: one for one in found.effects}
    assert (found.n_items, found.position, found.n_planned) == (40, None, 200)
    assert by["padding-x3"].shift.value == pytest.approx(0.75)
    assert (by["padding-x3"].finding, by["null"].finding) == ("moved", "none shown")
    assert by["null"].success.value == 0.0
    # .75 points for log2(301 / 101) doublings of 1 + characters
    assert found.padding_slope.value == pytest.approx(0.75 / np.log2(301 / 101))
    assert found.padding_slope.unit == "points per doubling"


def test_a_constant_answer_is_placed_by_its_mean_score() -> None:
    found = only(scored()).constant
    assert found is not None
    assert (found.systems, found.rank, found.is_last) == (("new", CONSTANT), 2, True)
    assert [one.value for one in found.win_rates] == pytest.approx([2.5, 1.025])


def test_a_constant_answer_without_a_score_is_not_placed() -> None:
    whole = scored()
    is_constant = whole.frame["system"] == CONSTANT
    silent = whole.frame.assign(score=whole.frame["score"].mask(is_constant))
    found = only(replace(whole, frame=silent)).constant
    assert found is not None
    assert (found.rank, found.is_last, found.note) == (None, None, "no verdict")


# -- warnings ------------------------------------------------------------------------------------


def warned(verdicts: VerdictTable) -> str:
    return "\n".join(measure(verdicts, ASKED).warnings)


def test_few_items_ties_and_silence_are_told() -> None:
    says = {f"i{k}": Say("tie" if k < 8 else "new", after=LOSES) for k in range(24)}
    said = warned(table({**says, **{f"s{k}": Say("") for k in range(5)}}))
    assert "j: its first verdict was a tie on 8 items of 29" in said
    assert "no first verdict on 5 items of 29" in said
    assert "16 items with a target" in said
    assert warned(table({f"i{k}": Say(after=LOSES) for k in range(40)})) == ""


def test_a_perturbation_that_silences_the_judge_is_told() -> None:
    says = {
        f"i{k}": Say(after={"injection-verdict": None if k < 10 else False, "padding-x3": False})
        for k in range(40)
    }
    assert "no readable verdict on 10 of 40 items after injection-verdict" in warned(table(says))


def test_items_of_one_cluster_are_told() -> None:
    rows = [
        {**row, "cluster": "c"} for k in range(40) for row in rows_of(f"i{k}", Say(after=LOSES))
    ]
    assert "40 items are of 1 clusters" in warned(from_rows("pairwise", rows))


def test_nothing_readable_is_no_finding() -> None:
    found = only(table({"i1": Say("", "", ""), "i2": Say("", "", "")}))
    assert (found.n_items, found.effects, found.floors, found.position) == (0, (), (), None)
    assert found.noise.value is None
