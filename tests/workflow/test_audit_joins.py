"""What audits give to the rest: gates, certificates in later reports, the slope of filler beside length."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories import judge as made_judge
from factories import pairwise

from judge.analysis.audit_asked import AuditAsked, derived
from judge.analysis.judge_audit import ConstantAnswer, JudgeAudit, JudgeBattery
from judge.analysis.padding import PaddedBy, PaddingSlope, padded_table, warnings
from judge.analysis.rubric_audit import (
    Ceiling,
    JudgeSensitivity,
    RubricAudit,
    WordingRow,
)
from judge.audit import Audited
from judge.audit_certificates import (
    AuditCertificate,
    Used,
    from_payload,
    is_one,
    of_battery,
    of_sensitivity,
    settings,
    stale,
    standings,
    to_payload,
)
from judge.errors import InputError
from judge.stats.effects import Effect, PositionEffect
from judge.stats.intervals import undefined
from judge.table import from_rows
from judge.types import Estimate, JudgeModel
from judge.workflow import audit_gates

NONE = undefined("x", "rate", "nothing was asked twice")
START = datetime(2026, 10, 1, 3, tzinfo=UTC)


def known(value: float, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate("x", value, ci_low=low, ci_high=high, unit="rate", n=100, n_clusters=100)


def effect(name: str, finding: str = "none shown", upper: float | None = 0.03) -> Effect:
    return Effect(
        perturbation=name,
        group="injection",
        n=100,
        n_lost=100,
        n_missing=0,
        robustness=NONE,
        excess_flips=NONE,
        shift=NONE,
        success=NONE,
        floor=NONE,
        success_upper=upper,
        ups=0,
        downs=0,
        extra=0,
        fewer=0,
        flips_p_value=None,
        flips_p_adjusted=None,
        shift_p_value=None,
        shift_p_adjusted=None,
        smallest_detectable=None,
        finding=finding,
    )


def battery(*effects: Effect, position: str = "none shown", **changes: Any) -> JudgeBattery:
    own = JudgeBattery(
        judge="j",
        rubric="r@1",
        target_source="labels",
        n_items=100,
        n_ties=0,
        n_planned=900,
        n_missing=0,
        noise=NONE,
        effects=effects,
        position=PositionEffect(NONE, NONE, NONE, NONE, None, None, position),
        padding_slope=NONE,
        floors=(),
        known=(),
        constant=None,
    )
    return dataclasses.replace(own, **changes)


def of_judge(*batteries: JudgeBattery) -> Audited:
    return Audited(AuditAsked("judge", "sha256:a", 200), 100, judge=JudgeAudit(batteries))


def wording(name: str, finding: str, kind: Any = "equivalent") -> WordingRow:
    estimates = (NONE,) * 5
    return WordingRow(
        name, kind, *estimates, NONE, "", NONE, NONE, None, None, None, None, None, finding
    )


def of_rubric(*rows: WordingRow, net: Estimate = NONE, agreement: Estimate = NONE) -> Audited:
    own = JudgeSensitivity(
        judge="j",
        rubric="r@1",
        base="",
        n_items=100,
        n_planned=900,
        n_missing=0,
        ceiling=Ceiling(NONE, NONE, NONE, NONE, NONE, None),
        wordings=rows,
        agreement=agreement,
        net_agreement=net,
        kappa=NONE,
        items_that_flip=NONE,
        omnibus=(),
        ranking=None,
        criteria=(),
        fragile=None,
        acquiescence=None,
    )
    return Audited(AuditAsked("rubric", "sha256:a", 200), 100, rubric=RubricAudit((own,), ()))


def why(audited: Audited, *conditions: str) -> list[str]:
    return audit_gates.failed(conditions, audited)


# -- gates -----------------------------------------------------------------------------------------


def test_moved_fails_on_every_finding_of_the_battery_and_names_it() -> None:
    clean = battery(effect("injection-verdict"), effect("padding-x3"))
    assert why(of_judge(clean), "moved") == []
    moved = battery(effect("injection-verdict", "moved"), effect("padding-x3"), position="moved")
    assert why(of_judge(moved), "moved") == [
        "--fail-if moved: j, r@1: injection-verdict and position moved it"
    ]


def test_a_gate_that_could_not_be_checked_is_not_passed() -> None:
    assert "no verdicts" in why(of_judge(battery(effect("a", "no verdicts"))), "moved")[0]
    assert "not known" in why(of_judge(battery(effect("a", upper=None))), "success_upper>0.1")[0]
    assert "no judge gave a verdict" in why(of_judge(), "moved")[0]
    assert "nothing was tried" in why(of_judge(battery(position="")), "success_upper>0.1")[0]
    assert "not known" in why(of_rubric(net=NONE), "net_agreement<-0.05")[0]
    assert "nothing was asked twice" in why(of_rubric(net=NONE), "net_agreement<-0.05")[0]
    assert "could not be told" in why(of_rubric(wording("w", "no repeats")), "wording_moves")[0]
    assert "no wording was asked" in why(of_rubric(), "wording_moves")[0]


def test_a_perturbation_that_was_never_asked_or_of_too_few_items_is_not_passed() -> None:
    """A judge that says tie to everything has no target; markdown can be taken from few answers."""
    asked = AuditAsked("judge", "sha256:a", 200, perturbations=("null:1", "null:2", "authority"))
    ties = dataclasses.replace(of_judge(battery()), asked=asked)
    assert "null and authority cannot be told, by no verdicts" in why(ties, "moved")[0]
    assert "not known for null and authority" in why(ties, "success_upper>0.1")[0]
    few = of_judge(battery(effect("markdown-removed", "too few items")))
    assert "leave it out (--without)" in why(few, "moved")[0]
    assert of_battery(battery(effect("a", "too few items"))).untold == ("a",)


@pytest.mark.parametrize(("is_last", "fails"), [(True, False), (False, True), (None, True)])
def test_a_constant_answer_that_does_not_come_last_fails_moved(
    is_last: bool | None, fails: bool
) -> None:
    constant = ConstantAnswer(("a", "b"), (), (), None, 3, is_last, "no verdicts")
    found = why(of_judge(battery(effect("a"), constant=constant)), "moved")
    assert bool(found) is fails


def test_success_upper_is_held_against_its_bound_and_not_the_rate() -> None:
    audited = of_judge(battery(effect("a", upper=0.1), effect("b", upper=0.2)))
    assert why(audited, "success_upper>0.1") == [
        "--fail-if success_upper>0.1: j, r@1: success_upper is above it for b (0.2000)"
    ]


def test_an_intervention_that_moves_verdicts_fails_no_gate() -> None:
    rows = (wording("w", "none shown"), wording("cot", "moves verdicts", "intervention"))
    assert why(of_rubric(*rows), "wording_moves") == []
    assert why(of_rubric(wording("w", "moves verdicts"), *rows[1:]), "wording_moves") == [
        "--fail-if wording_moves: j, r@1: w moved verdicts"
    ]


def test_agreements_of_wordings_have_a_lower_bound() -> None:
    audited = of_rubric(net=known(-0.06), agreement=known(0.9))
    assert why(audited, "net_agreement<-0.05", "agreement<0.9") == [
        "--fail-if net_agreement<-0.05: j, r@1: net_agreement is -0.0600"
    ]


@pytest.mark.parametrize(
    ("kind", "condition", "says"),
    [
        ("judge", "wording_moves", "success_upper>X"),
        ("judge", "success_upper<0.1", "known conditions of `judge audit judge`"),
        ("judge", "success_upper>1", "from 0 up to 1"),
        ("judge", "worse", "moved"),
        ("rubric", "moved", "wording_moves"),
        ("rubric", "net_agreement<0.9", "0 is the most to expect"),
        ("rubric", "agreement<2", "never be reached"),
        ("rubric", "kappa<few", "kappa<X"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(kind: Any, condition: str, says: str) -> None:
    with pytest.raises(InputError, match="--fail-if") as refused:
        audit_gates.check([condition], kind)
    assert says in str(refused.value)


# -- certificates ----------------------------------------------------------------------------------


def certificate(at: datetime = START, **changes: Any) -> AuditCertificate:
    own = AuditCertificate(
        audit="judge",
        judge="j1",
        rubric="test@1",
        parts=settings(made_judge(), pairwise()),
        fingerprint="sha256:a",
        n_items=100,
        tried=("injection-verdict", "padding-x3"),
        moved=("padding-x3",),
        untold=(),
        run_id="20261001-1",
        made_at=at.isoformat(),
        asked_at=at.isoformat(),
    )
    return dataclasses.replace(own, **changes)


def used(judge: JudgeModel | None = None, days: int = 1, **rubric: Any) -> Used:
    own = pairwise(**rubric)
    one = judge or made_judge()
    at = (START + timedelta(days=days)).isoformat()
    return Used(one.judge, own.id, at, settings(one, own))


def test_a_certificate_of_an_audit_reads_back_as_itself_and_is_told_from_others() -> None:
    payload = json.loads(json.dumps(to_payload(certificate())))
    assert from_payload(payload) == certificate()
    assert is_one(payload)
    assert not is_one({"judge": "j", "label_set": "harbours@1"})


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (used(), []),
        (used(made_judge(model="other")), ["its model changed (j1 then, other now)"]),
        (used(made_judge(parameters={"temperature": 1})), ["its parameters changed"]),
        (used(made_judge(simulated=True, usd_per_mtok_in=1.0)), []),
        (used(system="You compare."), ["its rubric changed"]),
        (used(days=91), ["it was asked more than 90 days before or after this run"]),
    ],
)
def test_an_audit_holds_for_the_same_settings_and_rubric_for_so_long(
    now: Used, says: list[str]
) -> None:
    assert stale(certificate(), now) == says
    (one,) = standings(now, [certificate()])
    assert list(one.why) == says


def test_of_several_audits_one_that_fits_goes_before_a_newer_one_that_does_not() -> None:
    other = certificate(
        START + timedelta(days=1), parts=settings(made_judge(model="m"), pairwise())
    )
    (one,) = standings(used(), [certificate(), other])
    assert (one.why, one.certificate.asked_at) == ((), START.isoformat())
    of_wording = certificate(audit="rubric")
    assert [s.certificate.audit for s in standings(used(), [certificate(), of_wording])] == [
        "judge",
        "rubric",
    ]


def test_an_audit_of_another_judge_or_rubric_is_not_quoted() -> None:
    assert standings(used(made_judge("j2", model="m2")), [certificate()]) == []
    assert standings(used(name="other"), [certificate()]) == []


def test_the_outcome_of_a_battery_counts_position_and_the_constant_answer() -> None:
    last = ConstantAnswer(("a",), (), (), 3, 3, True, "")
    found = of_battery(battery(effect("a", "moved"), effect("b", "no verdicts"), constant=last))
    assert found.tried == ("a", "b", "position", "constant answer")
    assert (found.moved, found.untold) == (("a",), ("b",))


def test_the_outcome_of_a_rubric_counts_what_must_not_matter_alone() -> None:
    (one,) = (
        of_rubric(
            wording("w", "moves verdicts"),
            wording("v", "no repeats"),
            wording("cot", "moves verdicts", "intervention"),
        ).rubric
        or RubricAudit((), ())
    ).sensitivities
    found = of_sensitivity(one)
    assert (found.tried, found.moved, found.untold) == (("w", "v"), ("w",), ("v",))


# -- filler ----------------------------------------------------------------------------------------

PADDED = ("padding-x1.5", "padding-x3")
ASKED = AuditAsked("judge", "sha256:a", 9, perturbations=("authority", *PADDED))


def scored(item: str, system: str, score: float | None, length: float, **more: Any) -> Any:
    row: dict[str, Any] = {"item_id": item, "system": system, "judge": "j", "rubric": "r@1"}
    return {**row, "score": score, "len": length, **more}


def test_an_answer_padded_twice_has_its_mean_score_and_mean_log_length() -> None:
    """(3 + 4) / 2 = 3.5 points; log(1 + len) of 99 and 399: (log 100 + log 400) / 2 = log 200."""
    table = from_rows(
        "single",
        [
            scored("i1", "s", 2, 49),
            scored("i1", derived("s", PADDED[0]), 3, 99),
            scored("i1", derived("s", PADDED[1]), 4, 399),
            scored("i1", derived("s", "authority"), 5, 60),
            scored("i2", derived("s", PADDED[0]), None, 99),
            scored("i3", derived("s", PADDED[0]), 3, 99),
        ],
    )
    names = {("j", "r@1"): ("mine", "r2@1")}
    found = padded_table(table, ASKED, names, {("i1", "s"), ("i2", "s")})
    assert found is not None
    (row,) = found.frame.to_dict("records")
    assert (row["item_id"], row["system"], row["judge"]) == ("i1", "s", "mine")
    assert (row["rubric"], row["score"]) == ("r2@1", 3.5)
    assert row["len"] == pytest.approx(199.0)
    assert padded_table(table, ASKED, names, set()) is None


@dataclasses.dataclass(frozen=True)
class Row:
    """What a warning needs of a judge's row."""

    verbosity: Any
    judge: str = "j"
    rubric: str = "r@1"


@pytest.mark.parametrize(
    ("coefficient", "slope", "warned"),
    [
        (known(0.8, 0.4, 1.2), known(-0.5, -0.8, -0.2), True),
        (known(-0.8, -1.2, -0.4), known(0.5, 0.2, 0.8), True),
        (known(0.8, 0.4, 1.2), known(0.5, 0.2, 0.8), False),
        (known(0.8, 0.4, 1.2), known(-0.1, -0.4, 0.2), False),
        (known(0.8, -0.4, 2.0), known(-0.5, -0.8, -0.2), False),
        (NONE, known(-0.5, -0.8, -0.2), False),
    ],
)
def test_a_warning_where_length_and_filler_clearly_go_opposite_ways(
    coefficient: Estimate, slope: Estimate, warned: bool
) -> None:
    by = PaddedBy("run-1", "2026", "pairwise", (PaddingSlope("j", "r@1", slope, "j", "r@1"),))
    rows: Any = [Row(type("V", (), {"coefficient": coefficient})())]
    found = list(warnings(rows, by))
    assert bool(found) is warned
    assert all("run-1" in text for text in found)
    assert list(warnings(rows, None)) == []
