"""Reading a run that may stop early: the same from judgments as they come and from the whole table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import factories
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge import aggregate
from judge.aggregate import Analysis
from judge.analysis import early_stop, early_stopped
from judge.analysis.early_stop import EarlyStop, Watch
from judge.analysis.early_stopped import AGAINST, NO_SLICES, Stopping
from judge.plan import Pair, Plan, Swap
from judge.stats import comparisons, scores
from judge.stats.merge import TIE
from judge.stats.panel import family_groups
from judge.stats.sequential import CONFIDENCE_SEQUENCE, hedged_interval
from judge.stats.slices import Slice
from judge.table import VerdictTable, from_rows
from judge.types import Item, Judgment, Response, Status, Trial, Verdict

FAMILIES = {"j1": "x", "j2": "x", "j3": "y"}
SYSTEMS = ("new", "newer")


def planned(
    n: int = 40,
    *,
    judges: Sequence[str] = ("j1", "j2", "j3"),
    systems: Sequence[str] = SYSTEMS,
    mode: str = "pairwise",
    swap: str = "both",
    repeats: int = 1,
    cluster_size: int = 1,
) -> Plan:
    """A plan without texts; the last item lacks the last system."""
    names = ("base", *systems)
    items = tuple(
        Item(
            f"i{k}",
            (f"question {k}",),
            tuple(Response(s, (s,)) for s in names[: len(names) - (k == n - 1 and len(names) > 2)]),
            cluster=f"c{k // cluster_size}",
        )
        for k in range(n)
    )
    single = mode == "single"
    pairs = [Pair(s, None if single else "base") for s in (names if single else systems)]
    return Plan(
        mode="single" if single else "pairwise",
        items=items,
        pairs=tuple(pairs),
        wordings=((factories.single() if single else factories.pairwise(), ""),),
        judges=tuple(factories.judge(j, families=frozenset({FAMILIES[j]})) for j in judges),
        swap=Swap.parse(swap),
        repeats=repeats,
        seed=0,
    )


def judged(plan: Plan, seed: int, *, lean: float = 0.5, lost: float = 0.05) -> list[Judgment]:
    """An outcome of every trial: wins with a chance of `lean`, some ties, a share without a verdict."""
    rng = np.random.default_rng(seed)
    return [
        Judgment(trial, _verdict(rng, trial, lean, lost))
        for judge in plan.judges
        for _, trial in plan.places(judge)
    ]


def _verdict(rng: np.random.Generator, trial: Trial, lean: float, lost: float) -> Verdict:
    if rng.random() < lost:
        return Verdict(Status.UNPARSED)
    if trial.system_b is None:
        chance = 0.5 if trial.system_a == "base" else lean
        return Verdict(Status.OK, label=None, score=float(1 + rng.binomial(4, chance)))
    label = "tie" if rng.random() < 0.2 else "a" if rng.random() < lean else "b"
    # Some judges give probabilities.
    p_a = float(rng.choice([0.2, 0.5, 0.9])) if trial.judge == "j3" else None
    return Verdict(Status.OK, label=label, p_a=p_a)


def table_of(plan: Plan, judgments: Sequence[Judgment]) -> VerdictTable:
    """The verdict table as the store gives it: every planned trial, also where nothing was asked."""
    clusters = {item.item_id: item.cluster for item in plan.items}
    rows = []
    for judgment in judgments:
        trial, verdict = judgment.trial, judgment.verdict
        row: dict[str, Any] = {
            "item_id": trial.item_id,
            "judge": trial.judge,
            "rubric": trial.rubric,
            "order": trial.order,
            "repeat": trial.repeat,
            "status": str(verdict.status),
            "reason": verdict.reason,
            "cluster": clusters[trial.item_id],
            "judge_families": FAMILIES.get(trial.judge, ""),
        }
        if trial.system_b is None:
            rows.append(row | {"system": trial.system_a, "score": verdict.score})
        else:
            pair = {"system_a": trial.system_a, "system_b": trial.system_b}
            rows.append(row | pair | {"label": verdict.label, "p_a": verdict.p_a})
    return from_rows(plan.mode, rows)


def analyzed(plan: Plan, judgments: Sequence[Judgment], how: EarlyStop, **more: Any) -> Analysis:
    table = table_of(plan, judgments)
    return aggregate.analyze(table, baseline="base", early_stop=how, **more)


def read_again(plan: Plan, judgments: Sequence[Judgment], how: EarlyStop) -> list[Stopping]:
    """What the rule says of the table, without the rest of an analysis."""
    table = table_of(plan, judgments)
    groups = family_groups({j.judge: j.families for j in plan.judges})
    if plan.mode == "single":
        answers = scores.score_cells(table.frame, groups)
        rows = [*scores.score_rows(answers, "base", 0.95)]
        return early_stopped.scored(answers, rows, table, "base", how, 0.95)[1]
    cells = comparisons.cells(table, "base", groups, how.merge)
    compared = comparisons.compare(cells, "base", 0.95)
    return early_stopped.compared(cells, compared, table, "base", how, 0.95)[1]


def live(
    plan: Plan, judgments: Sequence[Judgment], how: EarlyStop, seed: int, window: int = 60
) -> list[Judgment]:
    """What is recorded where judgments arrive out of order and nothing needless is asked.

    window: how far an answer may be ahead of one that was asked before it.
    """
    rng = np.random.default_rng(seed)
    place = {item.item_id: k for k, item in enumerate(plan.ordered_items())}
    asked = sorted(judgments, key=lambda j: place[j.trial.item_id])
    arrival = np.argsort(np.arange(len(asked)) + rng.uniform(0, window, len(asked)))
    watch = Watch(plan, "base", how)
    left = Verdict(Status.NOT_ASKED, reason="policy")
    found = []
    for k in arrival:
        judgment = asked[int(k)]
        if not watch.is_needed(judgment.trial):
            judgment = dataclasses.replace(judgment, verdict=left)
        found.append(judgment)
        watch.take(judgment)
    return found


def known(found: Sequence[Stopping]) -> list[tuple[Any, ...]]:
    """What the rule read, without the calls, which hang on who answered fast."""
    return [
        (s.system, s.conclusion, s.stopped, s.items_used, s.decided, s.wins, s.e_value)
        for s in found
    ]


PLANS = st.sampled_from(
    [
        {"systems": ("new",), "judges": ("j1",)},
        {"cluster_size": 3},
        {"repeats": 2, "judges": ("j1", "j3")},
        {"swap": "sample:0.4"},
        {"mode": "single"},
        {"mode": "single", "repeats": 2, "cluster_size": 2, "judges": ("j2",)},
    ]
)


@settings(max_examples=8, deadline=None)
@given(
    changes=PLANS,
    lean=st.sampled_from([0.2, 0.5, 0.9]),
    seed=st.integers(0, 999),
    merge=st.sampled_from(["average", TIE]),
    margin=st.sampled_from([None, 0.3]),
)
def test_who_answers_first_changes_nothing_that_is_concluded(
    changes: dict[str, Any], lean: float, seed: int, merge: str, margin: float | None
) -> None:
    """The report of a run that stopped by what came in equals the rule read over all verdicts."""
    plan = planned(**changes)
    how = early_stop.settings(plan, "base", margin=margin, merge=merge)
    whole = judged(plan, seed, lean=lean)
    stopped = live(plan, whole, how, seed)
    read = read_again(plan, stopped, how)
    assert known(read) == known(read_again(plan, whole, how))
    needless = any(j.verdict.reason == "policy" for j in stopped)
    assert not needless or any(s.stopped for s in read)


def test_a_decided_comparison_is_left_while_the_other_goes_on() -> None:
    plan = planned(judges=("j1",), systems=SYSTEMS)
    how = early_stop.settings(plan, "base")
    watch = Watch(plan, "base", how)
    won = Verdict(Status.OK, label="a")
    tied = Verdict(Status.OK, label="tie")
    for _, trial in plan.places(plan.judges[0]):
        watch.take(Judgment(trial, won if trial.system_a == "new" else tied))
    assert watch.known == {("new", "")}
    needed = {t.system_a for _, t in plan.places(plan.judges[0]) if watch.is_needed(t)}
    assert needed == {"newer"}
    assert not watch.is_over


def test_the_baselines_scores_are_needed_until_every_comparison_is_known() -> None:
    plan = planned(judges=("j1",), mode="single")
    watch = Watch(plan, "base", early_stop.settings(plan, "base"))
    best = {"new": 5.0, "newer": 3.0, "base": 3.0}
    for _, trial in plan.places(plan.judges[0]):
        watch.take(Judgment(trial, Verdict(Status.OK, score=best[trial.system_a])))
    assert {test[0] for test in watch.known} == {"new"}
    needed = {t.system_a for _, t in plan.places(plan.judges[0]) if watch.is_needed(t)}
    assert needed == {"newer", "base"}


def test_an_item_that_is_slow_holds_up_all_after_it() -> None:
    plan = planned(judges=("j1",), systems=("new",))
    first = plan.ordered_items()[0].item_id
    watch = Watch(plan, "base", early_stop.settings(plan, "base"))
    won = Verdict(Status.OK, label="a")
    trials = [trial for _, trial in plan.places(plan.judges[0])]
    for trial in trials:
        if trial.item_id != first:
            watch.take(Judgment(trial, won))
    assert not watch.is_over
    for trial in trials:
        if trial.item_id == first:
            watch.take(Judgment(trial, won))
    assert watch.is_over


def test_a_trial_that_nobody_came_to_is_waited_for_and_a_failed_one_is_passed_over() -> None:
    plan = planned(judges=("j1",), systems=("new",))
    how = early_stop.settings(plan, "base")
    first = plan.ordered_items()[0].item_id

    def read(verdict: Verdict) -> Stopping:
        judgments = [
            Judgment(t, verdict if t.item_id == first else Verdict(Status.OK, label="a"))
            for _, t in plan.places(plan.judges[0])
        ]
        (found,) = analyzed(plan, judgments, how).early_stop
        return found

    waiting = read(Verdict(Status.NOT_ASKED, reason="interrupted"))
    assert (waiting.items_used, waiting.conclusion) == (0, "no difference shown")
    assert "read as far as" in waiting.notes[0]
    failed = read(Verdict(Status.FAILED, reason="500"))
    assert (failed.items_used, failed.decided, failed.conclusion) == (9, 8, "better")


def test_several_comparisons_share_the_risk_in_equal_parts() -> None:
    plan = planned()
    assert early_stop.settings(plan, "base").alpha == 0.025
    row = analyzed(plan, judged(plan, 1), early_stop.settings(plan, "base")).early_stop[0]
    assert row.alpha == 0.025
    assert row.decided_rate.confidence == 0.975


# -- what the rows say ---------------------------------------------------------------------------


def one_sided(label: str, n: int = 40) -> tuple[Plan, list[Judgment]]:
    plan = planned(n, judges=("j1", "j3"), systems=("new",))
    verdict = Verdict(Status.OK, label=label)
    return plan, [Judgment(t, verdict) for j in plan.judges for _, t in plan.places(j)]


def test_the_deciding_row_follows_from_the_rule_and_no_t_test_is_left() -> None:
    plan, judgments = one_sided("a")
    how = early_stop.settings(plan, "base")
    *members, panel = analyzed(plan, live(plan, judgments, how, 0), how).comparisons
    assert (panel.conclusion, panel.basis) == ("better", "raw")
    assert panel.p_value == pytest.approx(9 / 256)
    assert (panel.raw.se, panel.smallest_detectable) == (None, None)
    assert panel.raw.method == f"mean; {CONFIDENCE_SEQUENCE}"
    # The interval is that of the eight items that were read, the mean that of all with a value.
    assert (panel.raw.ci_low, panel.raw.ci_high) == hedged_interval([1.0] * 8)
    assert panel.raw.n > 8
    assert "first 8 items in the run's order" in panel.raw.note
    assert all(m.conclusion is None and CONFIDENCE_SEQUENCE in m.raw.method for m in members)


def test_a_run_that_was_never_stopped_is_still_concluded_by_its_rule() -> None:
    """27 of 40 won, evenly: the t-test that is not made has p = .03, the e-value comes to 2.2.

    2^40 / (41 C(40, 13)) = 1.0995e12 / (41 * 1.2033e10)
    """
    plan = planned(40, judges=("j1",), systems=("new",))
    how = early_stop.settings(plan, "base")
    order = {item.item_id: k for k, item in enumerate(plan.ordered_items())}
    judgments = [
        Judgment(t, Verdict(Status.OK, label="b" if order[t.item_id] % 3 == 1 else "a"))
        for _, t in plan.places(plan.judges[0])
    ]
    analysis = analyzed(plan, judgments, how)
    (stop,), (row,) = analysis.early_stop, analysis.comparisons
    assert (stop.stopped, stop.items_used, stop.wins) == (False, 40, 27)
    assert stop.e_value == pytest.approx(2.2286, abs=1e-3)
    assert row.conclusion == "no difference shown"
    assert row.p_value == pytest.approx(1 / stop.e_value)
    plain = aggregate.analyze(table_of(plan, judgments), baseline="base")
    assert plain.comparisons[0].conclusion == "better"
    assert row.raw.ci_low is not None
    assert row.raw.ci_low <= 0.5


def test_a_margin_that_was_stated_lets_ties_end_as_equivalent() -> None:
    plan, judgments = one_sided("tie", 200)
    how = early_stop.settings(plan, "base", margin=0.2)
    analysis = analyzed(plan, judgments, how)
    assert analysis.early_stop[0].conclusion == "equivalent"
    assert analysis.early_stop[0].items_used < 200
    assert analysis.comparisons[-1].conclusion == "equivalent"
    assert analyzed(plan, judgments, early_stop.settings(plan, "base")).early_stop[0].e_value == 1


def test_scores_get_sequences_and_a_difference_that_leaves_out_none_where_known() -> None:
    plan = planned(60, judges=("j1",), systems=("new",), mode="single")
    best = {"new": 4.0, "base": 3.0}
    judgments = [
        Judgment(t, Verdict(Status.OK, score=best[t.system_a]))
        for _, t in plan.places(plan.judges[0])
    ]
    how = early_stop.settings(plan, "base")
    analysis = analyzed(plan, judgments, how)
    (stop,) = analysis.early_stop
    assert (stop.conclusion, stop.decided, stop.wins) == ("better", None, None)
    row = next(r for r in analysis.scores if r.system == "new")
    e = row.difference_from_baseline
    low, high = hedged_interval([0.625] * stop.items_used)
    assert (e.ci_low, e.ci_high) == pytest.approx((-4 + 8 * low, -4 + 8 * high))
    assert e.ci_low is not None
    assert e.ci_low >= 0
    assert (e.value, e.se) == (1.0, None)
    base = next(r for r in analysis.scores if r.system == "base")
    assert CONFIDENCE_SEQUENCE in base.raw.method


def test_slices_are_left_out_with_a_note() -> None:
    plan, judgments = one_sided("a")
    how = early_stop.settings(plan, "base")
    apart = Slice("half", {f"i{k}": "xy"[k % 2] for k in range(40)}, ("x", "y"))
    analysis = analyzed(plan, judgments, how, slices=[apart])
    assert {row.slice for row in analysis.comparisons} == {""}
    assert analysis.slicings == ()
    assert NO_SLICES in analysis.early_stop[0].notes


def test_a_ranking_would_be_a_second_look_and_is_left_out() -> None:
    plan = planned()
    judgments = judged(plan, 1)
    assert analyzed(plan, judgments, early_stop.settings(plan, "base")).ranking is None
    assert aggregate.analyze(table_of(plan, judgments), baseline="base").ranking is not None


def test_a_table_that_a_policy_cut_short_is_warned_of_where_its_rule_is_not_known() -> None:
    plan, judgments = one_sided("a")
    how = early_stop.settings(plan, "base")
    table = table_of(plan, live(plan, judgments, how, 0))
    plain = aggregate.analyze(table, baseline="base")
    assert any("stopped by a policy" in warning for warning in plain.warnings)
    known_rule = aggregate.analyze(table, baseline="base", early_stop=how)
    assert not any("stopped by a policy" in warning for warning in known_rule.warnings)


def test_the_run_and_its_report_know_one_makers_judges_by_the_same_table_of_names() -> None:
    """Nobody declared a family. gpt-4o and gpt-4o-mini share a vote: ((1 + .2) / 2 + .4) / 2 is a tie.

    With a vote each it would be a win, (1 + .2 + .4) / 3, and the run would stop for what its report
    does not find.
    """
    plan = planned(judges=("j1", "j2", "j3"), systems=("new",))
    names = ("gpt-4o", "gpt-4o-mini", "claude-3")
    judges = tuple(factories.judge(name, families=frozenset()) for name in names)
    plan = dataclasses.replace(plan, judges=judges)
    said = dict(zip(names, (1.0, 0.2, 0.4), strict=True))
    judgments = [
        Judgment(
            t, Verdict(Status.OK, label="a" if said[t.judge] > 0.5 else "b", p_a=said[t.judge])
        )
        for judge in judges
        for _, t in plan.places(judge)
    ]
    how = early_stop.settings(plan, "base")
    watch = Watch(plan, "base", how)
    for judgment in judgments:
        watch.take(judgment)
    assert watch.known == frozenset()
    (stop,) = analyzed(plan, judgments, how).early_stop
    assert (stop.stopped, stop.decided) == (False, 0)


def test_more_pairs_won_by_little_than_lost_by_much_is_not_better() -> None:
    """Two of three pairs at .6, one at 0: won by count, and the win rate is .4."""
    plan = planned(150, judges=("j1",), systems=("new",))
    how = early_stop.settings(plan, "base")
    order = {item.item_id: k for k, item in enumerate(plan.ordered_items())}
    lost, won = Verdict(Status.OK, label="b", p_a=0.0), Verdict(Status.OK, label="a", p_a=0.6)
    judgments = [
        Judgment(t, lost if order[t.item_id] % 3 == 0 else won)
        for _, t in plan.places(plan.judges[0])
    ]
    analysis = analyzed(plan, judgments, how)
    (stop,), (row,) = analysis.early_stop, analysis.comparisons
    assert stop.e_value > 20
    assert row.raw.value == pytest.approx(0.4)
    assert (stop.stopped, stop.conclusion, row.conclusion) == (False, *["no difference shown"] * 2)


def test_many_small_clusters_won_and_a_large_one_lost_is_not_better() -> None:
    """20 clusters of one item are won, the one of 20 is lost: by items, which weigh equally, it is a tie."""
    plan = planned(40, judges=("j1",), systems=("new",))
    items = tuple(
        dataclasses.replace(item, cluster="large" if k < 20 else item.cluster)
        for k, item in enumerate(plan.items)
    )
    plan = dataclasses.replace(plan, items=items)
    clusters = {item.item_id: item.cluster for item in items}
    judgments = [
        Judgment(t, Verdict(Status.OK, label="b" if clusters[t.item_id] == "large" else "a"))
        for _, t in plan.places(plan.judges[0])
    ]
    how = early_stop.settings(plan, "base")
    analysis = analyzed(plan, judgments, how)
    (stop,), (row,) = analysis.early_stop, analysis.comparisons
    assert (stop.stopped, row.raw.value) == (True, 0.5)
    assert stop.conclusion == row.conclusion == "no difference shown"
    assert AGAINST in row.notes
    assert row.raw.ci_low is not None
    assert row.raw.ci_low <= 0.5
