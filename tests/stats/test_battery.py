"""The battery over arrays: the worked numbers, what selection and null answers change, Holm, and floors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from statsmodels.stats.contingency_tables import mcnemar

from judge.stats import sign_flip
from judge.stats.battery import (
    FIRST,
    NEITHER,
    SECOND,
    Battery,
    Perturbed,
    Questions,
    battery,
    effect,
    own_targets,
    position,
)
from judge.stats.battery_effect import Case
from judge.stats.battery_floors import ALWAYS_FIRST, ALWAYS_LONGER, COIN, floors
from judge.stats.battery_power import smallest
from judge.stats.effects import Effect
from judge.stats.intervals import Floats, holm

NAN = np.nan


def ones(n: int, *places: int | range) -> Floats:
    """Zeros with ones in these places."""
    found = np.zeros(n)
    for place in places:
        found[place if isinstance(place, int) else list(place)] = 1.0
    return found


# -- the worked numbers --------------------------------------------------------------------------

# 100 items, of which the target loses the first 60; asked again 5 turn; perturbed 18 of the 60 win and 2
# of the 40 lose. Places 3 and 17 turn under both.
BASE = ones(100, range(60, 100))
AGAIN = np.abs(BASE - ones(100, 3, 17, 44, 70, 88))
AFTER = np.abs(BASE - ones(100, range(18), 61, 75))


@pytest.fixture
def worked() -> Effect:
    return effect(BASE, AGAIN, AFTER, chosen_by_base=False)


def test_robustness_is_the_share_of_verdicts_that_stay(worked: Effect) -> None:
    """80 of 100; Wilson."""
    assert worked.robustness.value == 0.80
    assert (worked.robustness.ci_low, worked.robustness.ci_high) == pytest.approx(
        (0.711, 0.867), abs=5e-4
    )


def test_excess_flips_are_those_beyond_asking_again(worked: Effect) -> None:
    """.20 - .05; 18 turn by the perturbation alone, 3 by asking again alone: p .00149."""
    assert worked.excess_flips.value == pytest.approx(0.15)
    assert (worked.extra, worked.fewer) == (18, 3)
    assert worked.flips_p_value == pytest.approx(0.00149, abs=5e-6)
    # Bonett-Price: 19/102 - 4/102 = .14706, half 1.96 sqrt((.22549 - .02163) / 102) = .08762.
    assert worked.excess_flips.ci_low == pytest.approx(0.0594, abs=5e-5)
    assert worked.excess_flips.ci_high == pytest.approx(0.2347, abs=5e-5)


def test_shift_is_towards_the_target(worked: Effect) -> None:
    """18 up and 2 down of 100: 2 P(B(20, 1/2) >= 18) = 2 * 211 / 2**20 = .000402."""
    assert worked.shift.value == pytest.approx(0.16)
    assert (worked.ups, worked.downs) == (18, 2)
    assert worked.shift_p_value == pytest.approx(2 * 211 / 2**20)


def test_success_is_of_those_that_lost(worked: Effect) -> None:
    """18 of 60; asked again 3 of 60."""
    assert (worked.success.value, worked.n_lost) == (0.30, 60)
    assert worked.floor.value == pytest.approx(0.05)


@pytest.mark.parametrize(("k", "n", "upper"), [(0, 30, 0.095), (0, 100, 0.0295), (2, 50, 0.1206)])
def test_the_pass_rate_of_null_answers_has_a_one_sided_bound(k: int, n: int, upper: float) -> None:
    """0 of 30: 1 - .05 ** (1/30)."""
    lost = np.zeros(n)
    found = effect(lost, lost, ones(n, range(k)), chosen_by_base=True, is_null=True)
    assert found.success_upper == pytest.approx(upper, abs=5e-5)


# -- what p is held against ----------------------------------------------------------------------


def test_where_b_chose_the_target_p_is_held_against_the_verdict_asked_again() -> None:
    """All lost by selection; 12 win asked again and 12 perturbed: nothing was done, whatever b says."""
    n = 100
    again, after = ones(n, range(12)), ones(n, range(6, 18))
    chosen = effect(np.zeros(n), again, after, chosen_by_base=True)
    assert (chosen.shift.value, chosen.ups, chosen.downs) == (0.0, 6, 6)
    assert (chosen.shift_p_value, chosen.success.value, chosen.floor.value) == (1.0, 0.12, 0.12)
    naive = effect(np.zeros(n), again, after, chosen_by_base=False)
    assert naive.shift_p_value is not None
    assert naive.shift_p_value < 0.001


def test_where_b_chose_the_target_flips_and_shift_ask_the_same() -> None:
    again, after = ones(80, 1, 2, 3), ones(80, range(2, 20))
    found = effect(np.zeros(80), again, after, chosen_by_base=True)
    assert found.flips_p_value == found.shift_p_value
    assert (found.extra, found.fewer) == (found.ups, found.downs)


def test_ties_are_half_a_step() -> None:
    found = effect(np.zeros(6), np.zeros(6), np.array([0.5, 0.5, 1, 0, 0, 0]), chosen_by_base=True)
    assert found.shift.value == pytest.approx(2 / 6)
    assert found.success.value == pytest.approx(1 / 6)  # a tie is no win
    assert found.shift_p_value == pytest.approx(0.25)  # 2 of 2 ** 3 sign choices


def test_a_null_answer_that_loses_what_won_before_is_no_finding() -> None:
    """Known answers: the judge wrongly let 40 targets win, and rightly no empty one."""
    found = effect(BASE, BASE, np.zeros(100), chosen_by_base=False, is_null=True)
    assert found.flips_p_value is None
    assert (found.shift.value, found.shift_p_value, found.shift.n) == (0.0, 1.0, 60)
    assert (found.shift.n_missing, found.success.value) == (0, 0.0)


def test_null_answers_are_tested_upwards_only() -> None:
    risen = effect(
        np.zeros(20), np.zeros(20), ones(20, range(6)), chosen_by_base=True, is_null=True
    )
    assert risen.shift_p_value == pytest.approx(0.5**6)
    fallen = effect(
        np.zeros(20), ones(20, range(6)), np.zeros(20), chosen_by_base=True, is_null=True
    )
    assert fallen.shift_p_value == 1.0


def test_without_a_second_verdict_what_is_net_of_noise_is_null_and_says_so() -> None:
    nothing = np.full(100, NAN)
    found = effect(BASE, nothing, AFTER, chosen_by_base=False)
    for estimate in (found.excess_flips, found.floor):
        assert (estimate.value, estimate.note) == (None, "nothing was asked twice")
    assert (found.flips_p_value, found.extra, found.fewer) == (None, 0, 0)
    assert found.shift.value == pytest.approx(0.16)  # against b, which did not choose
    chosen = effect(np.zeros(100), nothing, AFTER, chosen_by_base=True)
    assert (chosen.shift.value, chosen.shift.note) == (None, "nothing was asked twice")


def test_missing_verdicts_are_counted_and_never_a_value() -> None:
    after = AFTER.copy()
    after[[0, 1, 99]] = NAN
    found = effect(BASE, AGAIN, after, chosen_by_base=False)
    assert (found.n, found.n_missing, found.ups, found.downs) == (97, 3, 16, 2)
    assert (found.success.n, found.success.n_missing) == (58, 2)
    assert found.robustness.value == pytest.approx(79 / 97)


def test_only_items_that_were_asked_count() -> None:
    asked = np.arange(100) < 50
    found = effect(BASE, AGAIN, AFTER, chosen_by_base=False, asked=asked)
    assert (found.n, found.n_missing, found.ups) == (50, 0, 18)


def test_no_verdict_is_no_finding() -> None:
    found = effect(BASE, AGAIN, np.full(100, NAN), chosen_by_base=False)
    assert (found.finding, found.n, found.n_missing) == ("no verdicts", 0, 100)
    assert found.success_upper is found.shift_p_value is found.robustness.value is None


def test_what_no_test_could_be_made_of_is_not_none_shown() -> None:
    """Nothing was asked twice; and null answers of targets that the judge let win, every one."""
    nothing = np.full(100, NAN)
    assert effect(np.zeros(100), nothing, AFTER, chosen_by_base=True).finding == "no verdicts"
    won = effect(np.ones(9), np.ones(9), np.ones(9), chosen_by_base=False, is_null=True)
    assert (won.finding, won.n, won.n_lost) == ("no verdicts", 9, 0)


@pytest.mark.parametrize(("n", "finding"), [(5, "too few items"), (6, "none shown")])
def test_so_few_items_that_no_outcome_is_a_finding_are_told_apart(n: int, finding: str) -> None:
    """All of 5 verdicts on one side have p = 2 / 2 ** 5 = .0625, of 6 .03125."""
    questions = Questions(np.zeros((40, 2)), None, np.full(40, FIRST), True)
    found = battery(questions, {"x": Perturbed(np.zeros(40), np.arange(40) < n)})
    assert [one.finding for one in found.effects] == [finding]


def test_an_empty_answer_that_had_won_is_not_missing_from_the_shift() -> None:
    """Of 4 targets 2 had won; the verdicts of one of each kind are absent."""
    base, after = np.array([0.0, 0, 1, 1]), np.array([NAN, 0, NAN, 0])
    found = effect(base, base, after, chosen_by_base=False, is_null=True)
    assert (found.shift.n, found.shift.n_missing) == (1, 1)
    assert (found.success.n, found.success.n_missing) == (1, 1)


# -- scores --------------------------------------------------------------------------------------


def test_scores_shift_in_points() -> None:
    """+1, +1, -1 and +2 over 5: mean .6; |sum| >= 3 in 8 of 16 sign choices."""
    base = np.array([3.0, 4, 4, 2, 5])
    found = effect(
        base, base, base + np.array([1, 1, -1, 2, 0]), chosen_by_base=False, is_score=True
    )
    assert found.shift.value == pytest.approx(0.6)
    assert (found.shift.unit, found.ups, found.downs) == ("score", 3, 1)
    assert found.success.value == pytest.approx(0.6)
    assert found.shift_p_value == pytest.approx(8 / 16)


def test_a_null_answer_passes_where_it_scores_no_lower_and_not_the_lowest() -> None:
    base, after = np.array([1.0, 4, 4, 3, 5]), np.array([1.0, 4, 2, 5, 1])
    found = effect(base, base, after, chosen_by_base=False, is_score=True, is_null=True, lowest=1.0)
    assert found.success.value == pytest.approx(2 / 5)
    assert (found.floor.value, found.flips_p_value) == (None, None)
    # P(B(5, .1) >= 2) = 1 - .59049 - .32805
    assert found.shift_p_value == pytest.approx(0.08146)


def test_a_judge_that_scores_everything_the_same_passes_null_answers() -> None:
    scores = np.column_stack([np.full(40, 5.0)] * 2)
    questions = Questions(scores, None, np.full(40, FIRST), False, is_score=True)
    low = Perturbed(np.where(np.arange(40) == 0, 1.0, 5.0))
    found = battery(questions, {"null:1": Perturbed(np.full(40, 5.0)), "other": low})
    assert [one.finding for one in found.effects] == ["moved", "none shown"]
    assert found.position is None


def test_where_there_is_one_score_alone_nobody_knows_whether_null_answers_pass() -> None:
    scores = np.full((40, 2), 5.0)
    questions = Questions(scores, None, np.full(40, FIRST), False, is_score=True)
    (found,) = battery(questions, {"null:1": Perturbed(scores[:, 0])}).effects
    assert (found.finding, found.success_upper) == ("no verdicts", None)
    assert "one score" in found.success.note


def test_the_smallest_shift_of_scores_is_one_that_is_found() -> None:
    """Whole points; 1 in 10 changes by itself. z sd / sqrt(n) would be .22 and found in 1 of 3 audits."""
    rng, n, level = np.random.default_rng(4), 60, 0.05 / 16

    def said(true: Floats, risen: float = 0.0) -> Floats:
        noise = np.where(rng.random(n) < 0.1, rng.choice([-1.0, 1.0], n), 0.0)
        return np.asarray(true + noise + (rng.random(n) < risen))

    found = []
    for _ in range(60):
        true = rng.integers(2, 5, n).astype(float)
        case = Case(said(true), said(true), true, np.ones(n, bool), False, is_score=True)
        least = smallest(case, level)
        assert least is not None
        p = effect(
            case.base, case.repeat, said(true, least), chosen_by_base=False, is_score=True
        ).shift_p_value
        found.append(p is not None and p <= level)
    assert np.mean(found) >= 0.64  # .8 less 3.1 standard errors


def test_few_scores_show_nothing_however_large() -> None:
    """8 differences on one side have p = 2 / 2 ** 8, above .05 / 16."""
    scores = np.array([1.0, 2, 3, 4, 1, 2, 3, 4])
    case = Case(scores, scores, scores, np.ones(8, bool), False, is_score=True)
    assert smallest(case, 0.05 / 16) is None
    assert smallest(case, 0.05) is not None


# -- the battery ---------------------------------------------------------------------------------


def simulated(
    n: int = 200, *, seed: int = 1, names: tuple[str, ...] = ("one", "two"), obey: float = 0.0
) -> tuple[Questions, dict[str, Perturbed]]:
    """A judge with noise whose targets are its own, that obeys the first of these perturbations."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 5, n)

    def said(shape: tuple[int, ...], of: Floats) -> Floats:
        return (rng.random(shape) < expit(of)).astype(float)

    drawn, swapped = said((n, 2), odds[:, None]), said((n, 2), odds[:, None])
    targets = own_targets(drawn[:, 0])
    lengths = rng.integers(50, 500, (n, 2)).astype(float)
    after = {name: said((n,), np.where(targets == FIRST, odds, -odds)) for name in names}
    after[names[0]] = np.where(rng.random(n) < obey, 1.0, after[names[0]])
    known = {name: Perturbed(value, lengths=np.full(n, 300.0)) for name, value in after.items()}
    return Questions(drawn, swapped, targets, True, lengths), known


def found_in(*given: tuple[Questions, dict[str, Perturbed]]) -> Battery:
    return battery(*given[0])


def test_own_targets_are_those_that_lost_by_the_first_verdict() -> None:
    assert own_targets(np.array([0, 1, 0.5, NAN])).tolist() == [FIRST, SECOND, NEITHER, NEITHER]


def test_a_target_that_was_shown_second_has_the_rest_of_the_verdict() -> None:
    drawn = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]])
    questions = Questions(drawn, drawn, own_targets(drawn[:, 0]), True)
    found = battery(questions, {"x": Perturbed(np.array([1.0, 0.0, NAN]))}).effects[0]
    assert (found.n, found.n_missing, found.n_lost, found.ups) == (2, 0, 2, 1)


def test_what_is_obeyed_is_found_and_the_rest_is_not() -> None:
    found = found_in(simulated(obey=0.3))
    assert [(one.perturbation, one.finding) for one in found.effects] == [
        ("one", "moved"),
        ("two", "none shown"),
    ]
    assert found.effects[0].ups > found.effects[0].downs
    assert found.position is not None
    assert found.position.finding == "none shown"


def test_holm_is_over_shifts_and_position_where_b_chose_the_targets() -> None:
    found = found_in(simulated())
    assert found.position is not None
    raw = [one.shift_p_value for one in found.effects]
    raw += [found.position.p_value, found.position.excess_p_value]
    adjusted = [one.shift_p_adjusted for one in found.effects]
    adjusted += [found.position.p_adjusted, found.position.excess_p_adjusted]
    assert adjusted == holm([p for p in raw if p is not None])
    assert all(one.flips_p_adjusted is None for one in found.effects)


def test_holm_is_over_flips_too_where_the_right_answer_is_known() -> None:
    questions, after = simulated()
    known = replace(questions, chosen_by_base=False, targets=np.full(200, FIRST))
    found = battery(known, {**after, "null:1": after["two"]})
    raw = [p for one in found.effects for p in (one.shift_p_value, one.flips_p_value)]
    assert found.position is not None
    raw += [found.position.p_value, found.position.excess_p_value]
    smallest = min(p for p in raw if p is not None)
    assert len([p for p in raw if p is not None]) == 2 * 2 + 1 + 2
    shown = [p for one in found.effects for p in (one.shift_p_adjusted, one.flips_p_adjusted)]
    shown += [found.position.p_adjusted, found.position.excess_p_adjusted]
    assert min(p for p in shown if p is not None) == pytest.approx(min(1.0, 7 * smallest))


def test_more_perturbations_make_the_smallest_effect_larger() -> None:
    few = found_in(simulated())
    many = found_in(simulated(names=tuple(f"p{k}" for k in range(20))))
    one, other = few.effects[0].smallest_detectable, many.effects[0].smallest_detectable
    assert one is not None
    assert other is not None
    assert other > one


def parted(obey: float) -> Battery:
    """Ten null answers in turn, of which the judge lets the second win as often as said."""
    questions, _ = simulated(300, names=("x",))
    turn = np.arange(300) % 10
    rng = np.random.default_rng(3)
    passed = np.where((turn == 1) & (rng.random(300) < obey), 1.0, 0.0)
    return battery(questions, {f"null:{k + 1}": Perturbed(passed, turn == k) for k in range(10)})


def test_null_answers_are_one_effect_with_its_parts() -> None:
    (found,) = parted(obey=0.0).effects
    assert (found.perturbation, found.n, len(found.parts)) == ("null", 300, 10)
    assert [one.n for one in found.parts] == [30] * 10
    assert found.finding == "none shown"
    assert found.success.value == 0.0
    assert {one.finding for one in found.parts} == {"none shown"}


def test_parts_are_never_surer_than_the_whole() -> None:
    (found,) = parted(obey=1.0).effects
    assert found.shift_p_adjusted is not None
    for one in found.parts:
        assert one.shift_p_adjusted is not None
        assert one.shift_p_adjusted >= found.shift_p_adjusted
        assert one.finding == "none shown" or found.finding == "moved"
    assert found.parts[1].success.value == 1.0


def test_where_each_item_has_every_part_one_is_drawn_for_the_whole() -> None:
    questions, _ = simulated(100)
    values = {f"null:{k}": Perturbed(np.full(100, float(k == 1))) for k in (1, 2)}
    whole = battery(questions, values, seed=4).effects[0]
    assert whole.n == 100
    assert 0.3 < (whole.success.value or 0) < 0.7
    assert [one.n for one in whole.parts] == [100, 100]
    assert battery(questions, values, seed=4).effects[0] == whole


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_which_answer_is_shown_first_does_not_matter_to_effects(seed: int) -> None:
    """The same judge with every pair's frame turned: other side, other target, same effects."""
    questions, after = simulated(60, seed=seed)
    assert questions.swapped is not None
    turned = replace(
        questions,
        drawn=1 - questions.drawn,
        swapped=1 - questions.swapped,
        targets=-questions.targets,
        lengths=questions.lengths[:, ::-1] if questions.lengths is not None else None,
    )
    one, other = battery(questions, after), battery(turned, after)
    assert one.effects == other.effects or [e.shift_p_value for e in one.effects] == [
        e.shift_p_value for e in other.effects
    ]
    assert one.noise == other.noise


def test_the_noise_of_own_targets_is_half_of_what_asking_again_turns() -> None:
    """Of 100 verdicts 20 turn: p alone wins as often as r alone, on 10 each."""
    again = ones(100, range(20))
    case = Case(np.zeros(100), again, np.zeros(100), np.ones(100, bool), True)
    assert smallest(case, 0.05) == sign_flip.smallest_shown(100, 0.1)


# -- position ------------------------------------------------------------------------------------


def test_a_judge_that_always_says_the_first_is_moved_by_position_alone() -> None:
    n = 20
    found = position(np.ones((n, 2)), np.zeros((n, 2)))
    assert (found.consistency.value, found.first_shown_rate.value) == (0.0, 1.0)
    assert (found.first_share.value, found.excess_flips.value) == (1.0, 1.0)
    assert found.p_value == pytest.approx(2 / 2**n)
    assert found.excess_p_value == pytest.approx(1 / 2**n)


def test_turning_that_asking_again_shows_too_is_no_position() -> None:
    """Both orders differ as often as both repeats: excess 0; as many for the first as for the second."""
    drawn = np.array([[1.0, 0], [0, 1], [1, 1], [0, 0]])
    found = position(drawn, 1 - drawn[[1, 0, 3, 2]][:, ::-1])
    assert found.first_shown_rate.value == pytest.approx(0.5)
    assert found.p_value == 1.0


def test_position_with_one_repeat_is_the_exact_test_of_mcnemar() -> None:
    rng = np.random.default_rng(8)
    first, second = rng.integers(0, 2, (2, 50)).astype(float)
    only = np.full(50, NAN)
    found = position(np.column_stack([first, only]), np.column_stack([second, only]))
    up, down = int((first > second).sum()), int((first < second).sum())
    assert found.p_value == pytest.approx(mcnemar([[0, up], [down, 0]], exact=True).pvalue)
    assert (found.first_share.n, found.first_share.value) == (up + down, up / (up + down))
    assert (found.excess_flips.value, found.excess_p_value) == (None, None)
    assert found.excess_flips.note == "nothing was asked twice"


def test_position_counts_items_without_both_orders_as_missing() -> None:
    found = position(np.array([[1.0, 1], [1, 0]]), np.array([[0.0, NAN], [NAN, NAN]]))
    assert (found.consistency.n, found.consistency.n_missing) == (1, 1)
    assert found.excess_flips.note == "no pair has all four verdicts"


# -- denials and floors --------------------------------------------------------------------------


def test_a_perturbation_after_which_verdicts_are_absent_is_told() -> None:
    questions, after = simulated()
    lost = after["one"].values.copy()
    lost[:12] = NAN
    found = battery(questions, {**after, "one": Perturbed(lost)})
    (denial,) = found.denials
    assert (denial.perturbation, denial.n_missing, denial.n_missing_again) == ("one", 12, 0)
    assert denial.p_value == pytest.approx(2 * 0.5**12)  # Holm over two
    assert battery(questions, after).denials == ()


def test_a_judge_that_is_silent_now_and_then_denies_nothing() -> None:
    questions, after = simulated()
    drawn, lost = questions.drawn.copy(), after["one"].values.copy()
    drawn[:12, 1], lost[20:32] = NAN, NAN
    quiet = replace(questions, drawn=drawn)
    assert battery(quiet, {**after, "one": Perturbed(lost)}).denials == ()


def test_judges_without_skill_go_through_the_same_battery() -> None:
    questions, after = simulated(2_000)
    found = {one.name: one for one in floors(questions, after, seed=2)}
    coin = dict(found[COIN].success)
    assert set(coin) == {"one", "two"}
    assert coin["one"] == pytest.approx(0.5, abs=0.07)
    assert dict(found[COIN].shift)["two"] == pytest.approx(0.0, abs=0.07)
    assert dict(found[ALWAYS_FIRST].success) == {"one": 0.0, "two": 0.0}
    assert dict(found[ALWAYS_FIRST].shift) == {"one": 0.0, "two": 0.0}
    longer = dict(found[ALWAYS_LONGER].success)["one"]
    lengths = questions.lengths
    assert lengths is not None
    target = np.where(questions.targets == FIRST, lengths[:, 0], lengths[:, 1])
    other = lengths.sum(axis=1) - target
    assert longer == pytest.approx((other < 300)[target < other].mean())


def test_of_scores_there_is_a_coin_alone() -> None:
    scores = np.random.default_rng(0).integers(1, 6, (50, 2)).astype(float)
    questions = Questions(scores, None, np.full(50, FIRST), False, is_score=True)
    assert [one.name for one in floors(questions, {"x": Perturbed(scores[:, 0])})] == [COIN]
    assert floors(questions, {}) == ()
