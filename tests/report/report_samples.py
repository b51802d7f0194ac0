"""Small reports with known numbers, for the tests of the report's parts."""

from __future__ import annotations

from typing import Any

from judge import registry
from judge.aggregate import Analysis
from judge.analysis.audit_asked import AskedWording, AuditAsked
from judge.analysis.judge_audit import (
    ConstantAnswer,
    Effect,
    Floor,
    JudgeAudit,
    JudgeBattery,
    KnownAnswers,
    PositionEffect,
)
from judge.analysis.rubric_audit import (
    Ceiling,
    Component,
    CriterionRow,
    DesignPoint,
    JudgeSensitivity,
    Omnibus,
    RankStability,
    RubricAudit,
    Variances,
    WordingRow,
)
from judge.audit import Audited
from judge.perturbations import PERTURBATIONS
from judge.report.blocks import Section
from judge.report.build import build
from judge.report.schema import (
    Comparison,
    E,
    Example,
    ExampleResponse,
    ExampleVerdict,
    Excerpt,
    JudgeEntry,
    Length,
    Missing,
    Position,
    PositionNoSkill,
    Repeats,
    Report,
    RunCriterion,
    RunJudge,
    RunModel,
    RunRubric,
    RunWording,
    Score,
)
from judge.types import Estimate, WordingKind

NOT_COMPUTED = "not computed"


def sections() -> list[Section]:
    """The sections in the registry's order, as the faces load them."""
    return [registry.load("sections", name) for name in registry.SECTIONS]


def e(
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    **changes: Any,
) -> E:
    """An estimate; without a value one that was not computed."""
    known: dict[str, Any] = {
        "value": value,
        "se": None if low is None else 0.05,
        "ci_low": low,
        "ci_high": high,
        "confidence": 0.95,
        "unit": "rate",
        "n": 0 if value is None else 62,
        "n_clusters": 0 if value is None else 62,
        "n_missing": 0,
        "method": "" if value is None else "CR1",
        "note": NOT_COMPUTED if value is None else "",
    }
    return E(**(known | changes))


def comparison(judge: str, raw: E, **changes: Any) -> Comparison:
    known: dict[str, Any] = {
        "system": "tuned",
        "baseline": "base",
        "judge": judge,
        "members": [judge],
        "rubric": "helpfulness@1",
        "variant": "",
        "slice": "",
        "raw": raw,
        "position_adjusted": e(),
        "length_controlled": e(),
        "style_controlled": e(),
        "matched_length": e(),
        "log_length_ratio": e(),
        "length_dependent": None,
        "family_adjusted": e(),
        "human_corrected": e(),
        "smallest_detectable": 0.09,
        "conclusion": None,
        "basis": None,
        "notes": [],
    }
    return Comparison(**(known | changes))


def decided(conclusion: str | None, raw: E, **changes: Any) -> Comparison:
    """The panel's row with its conclusion."""
    known: dict[str, Any] = {
        "judge": "panel",
        "members": ["sim-fair", "sim-first"],
        "conclusion": conclusion,
        "basis": "raw" if conclusion else None,
    }
    made = known | changes
    return comparison(made.pop("judge"), raw, **made)


def score(system: str, raw: E, difference: E, **changes: Any) -> Score:
    known: dict[str, Any] = {
        "system": system,
        "judge": "sim-fair",
        "members": ["sim-fair"],
        "rubric": "helpfulness-single@1",
        "criterion": "",
        "slice": "",
        "raw": raw,
        "severity_adjusted": e(unit="score"),
        "family_adjusted": e(unit="score"),
        "adjusted": e(unit="score"),
        "penalised": e(unit="score"),
        "human_corrected": e(unit="score"),
        "difference_from_baseline": difference,
        "human_corrected_difference": e(unit="score"),
    }
    return Score(**(known | changes))


def judge(name: str, *, position: Position | None = None, **changes: Any) -> JudgeEntry:
    known: dict[str, Any] = {
        "judge": name,
        "rubric": "helpfulness@1",
        "variant": "",
        "planned": 124,
        "ok": 124,
        "unparsed": 0,
        "refused": 0,
        "truncated": 0,
        "failed": 0,
        "not_asked": 0,
        "reused": 0,
        "cost_usd": 0.0,
        "position": position or no_position(),
        "length": length(),
        "self_preference": {"note": "not measured"},
        "repetition_stability": e(),
        "repeats": no_repeats(),
    }
    return JudgeEntry(**(known | changes))


def length(coefficient: E | None = None, p: float | None = None, **changes: Any) -> Length:
    known: dict[str, Any] = {
        "coefficient": coefficient or e(unit="log-odds"),
        "scale": None if coefficient is None else 240.0,
        "p_value": p,
        "longer_wins": e(),
        "extrapolated": None,
        "no_skill": [],
        "given_gold": None,
        "style": {},
        "padding": None,
    }
    return Length(**(known | changes))


def no_repeats(note: str = "nothing was asked more than once") -> Repeats:
    return Repeats(
        n_repeated=0,
        icc=e(unit="correlation", note=note),
        sem=e(note=note),
        repeatability=e(note=note),
        pairwise_agreement=e(note=note),
        entropy=e(unit="nats", note=note),
        target=0.9,
        repeats_needed=None,
        se_twice_items=None,
        se_twice_repeats=None,
    )


def no_position(note: str = "order not recorded") -> Position:
    return Position(
        consistency=e(note=note),
        preference_fairness=e(note=note),
        first_shown_rate=e(note=note),
        p_value=None,
        n_pairs=0,
        coefficient=e(note=note, unit="log-odds"),
        first_shown_if_equal=e(note=note),
        excess_inconsistency=e(note=note, unit="difference"),
        p_value_clustered=None,
        no_skill=[],
        equivalence=None,
    )


def position(
    consistency: E, first: E, p: float, *, fairness: float = -0.15, **changes: Any
) -> Position:
    known: dict[str, Any] = {
        "consistency": consistency,
        "preference_fairness": e(fairness, fairness - 0.1, fairness + 0.1),
        "first_shown_rate": first,
        "p_value": p,
        "n_pairs": 62,
        "coefficient": e(0.31, 0.1, 0.52, unit="log-odds"),
        "first_shown_if_equal": e(0.578, 0.524, 0.63),
        "excess_inconsistency": e(note="nothing was asked more than once", unit="difference"),
        "p_value_clustered": p,
        "no_skill": [
            no_skill("fair coin", 0.5, 0.0, 0.5),
            no_skill("always first", 0.0, -1.0, 1.0),
        ],
        "equivalence": None,
    }
    return Position(**(known | changes))


def no_skill(judge: str, consistency: float, fairness: float, first: float) -> PositionNoSkill:
    return PositionNoSkill(
        judge=judge, consistency=consistency, preference_fairness=fairness, first_shown_rate=first
    )


def report(**changes: Any) -> Report:
    """Two simulated judges and their panel on 62 items: tuned is better; one judge leans."""
    return Report(**(_pairwise() | changes))


def _pairwise() -> dict[str, Any]:
    lost = "if all 2 missing pairs were lost 54.8 %, if all were won 58.1 %"
    return {
        "run": RunModel(
            run_id="r-20260801-1",
            command="compare",
            state="done",
            items=62,
            items_hash="sha256:" + "0f" * 32,
            rubrics=[RunRubric(id="helpfulness@1", fingerprint="sha256:" + "ab" * 32)],
            judges=[
                RunJudge(judge=n, provider="openai", model=n, simulated=True)
                for n in ("sim-fair", "sim-first")
            ],
            simulated_judges=["sim-fair", "sim-first"],
            swap="both",
            repeats=1,
            seed=0,
            calls=248,
            attempts=251,
            cost_usd=0.0,
            versions={"judge": "0.1.0"},
        ),
        "warnings": ["2 items of base.jsonl have no pair in tuned.jsonl and were left out."],
        "comparisons": [
            decided("better", e(0.612, 0.540, 0.684)),
            comparison("sim-fair", e(0.661, 0.585, 0.737)),
            comparison("sim-first", e(0.563, 0.480, 0.646, n=60, n_missing=2, note=lost)),
        ],
        "judges": [
            judge("sim-fair", position=position(e(0.81, 0.71, 0.91), e(0.52, 0.44, 0.6), 0.774)),
            judge(
                "sim-first",
                position=position(e(0.6, 0.47, 0.73), e(0.65, 0.58, 0.72), 0.0003),
                ok=122,
                failed=2,
                reused=12,
                cost_usd=0.0312,
            ),
        ],
    }


def excerpt(text: str, cut: int = 0) -> Excerpt:
    """A text of which so many characters were cut."""
    return Excerpt(text=text, length=len(text) + cut)


def example(kind: str = "best", item_id: str = "i1", **changes: Any) -> Example:
    """An item that two judges saw in both orders; in the contested one they differ and one fails."""
    last = said("sim-first", "BA", "tuned is better")
    if kind == "contested":
        last = said("sim-first", "BA", None, status="failed", reason="no answer after 5 attempts")
    known: dict[str, Any] = {
        "kind": kind,
        "item_id": item_id,
        "category": "code",
        "systems": ["tuned", "base"],
        "prompt": excerpt("Why is the sky blue?"),
        "reference": excerpt("Rayleigh scattering."),
        "responses": [
            ExampleResponse(system="tuned", text="Because of scattering.", length=2_022),
            ExampleResponse(system="base", text="It is not.\n\tIt is grey.", length=23),
        ],
        "verdicts": [
            said("sim-fair", "AB", "tuned is better"),
            said("sim-fair", "BA", "tuned is better" if kind == "best" else "base is better"),
            said("sim-first", "AB", "tuned is better"),
            last,
        ],
    }
    return Example(**(known | changes))


def said(judge: str, order: str, verdict: str | None, **changes: Any) -> ExampleVerdict:
    known: dict[str, Any] = {
        "judge": judge,
        "rubric": "helpfulness@1",
        "variant": "",
        "order": order,
        "repeat": 1,
        "system": None,
        "status": "ok",
        "verdict": verdict,
        "reason": "",
        "explanation": excerpt("The second leaves out the cause." if verdict else ""),
    }
    return ExampleVerdict(**(known | changes))


def lacking(judge: str = "sim-first", **changes: Any) -> Missing:
    known: dict[str, Any] = {
        "judge": judge,
        "rubric": "helpfulness@1",
        "variant": "",
        "status": "failed",
        "reason": "no answer after 5 attempts",
        "n": 2,
        "items": ["i1", "i7"],
    }
    return Missing(**(known | changes))


def rubric(**changes: Any) -> RunRubric:
    known: dict[str, Any] = {
        "id": "helpfulness@1",
        "fingerprint": "sha256:" + "ab" * 32,
        "mode": "pairwise",
        "labels": ["A", "tie", "B"],
        "criteria": [RunCriterion(name="overall", question="Which is better?")],
        "wordings": [RunWording(name="", system="You compare.", user="{{ question }}\n{{ a }}")],
    }
    return RunRubric(**(known | changes))


def full(**changes: Any) -> Report:
    """A report with every part that the page can show of a comparison."""
    known = _pairwise()
    run: RunModel = known["run"]
    judges = [
        judge.model_copy(update={"sent": {"model": judge.model, "max_tokens": 2048}})
        for judge in run.judges
    ]
    sliced = [
        comparison(
            judge, e(0.5 + n / 10, 0.3 + n / 10, 0.7 + n / 10, n=20), slice=f"prompt_length={v}"
        )
        for n, v in enumerate(("short", "medium", "long"))
        for judge in ("panel", "sim-fair", "sim-first")
    ]
    known |= {
        "run": run.model_copy(update={"rubrics": [rubric()], "judges": judges}),
        "comparisons": [*known["comparisons"], *sliced],
        "missing": [lacking()],
        "examples": [
            *(example("best", f"i{n}") for n in range(1, 4)),
            example("contested", "i9"),
        ],
    }
    return Report(**(known | changes))


def scored(**changes: Any) -> Report:
    """One judge that scored two systems, with a baseline."""
    known: dict[str, Any] = {
        "run": RunModel(run_id="r-2", command="score"),
        "warnings": [],
        "scores": [
            score(
                "tuned",
                e(4.2, 3.16, 5.24, unit="score", n=5),
                e(1.0, 0.12, 1.88, unit="score", n=5),
            ),
            score(
                "base",
                e(3.2, 2.16, 4.24, unit="score", n=5),
                e(unit="score", note="this is the baseline"),
            ),
        ],
        "judges": [judge("sim-fair", position=no_position("single answers have no order"))],
    }
    return Report(**(known | changes))


# -- audits --------------------------------------------------------------------------------------


def est(
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    unit: str = "difference",
    **changes: Any,
) -> Estimate:
    """What a computation gives; without a value one that is undefined."""
    known: dict[str, Any] = {
        "n": 0 if value is None else 100,
        "n_clusters": 0 if value is None else 100,
        "note": NOT_COMPUTED if value is None else "",
    }
    se = None if low is None else 0.03
    return Estimate("x", value, se, low, high, unit=unit, **(known | changes))


def effect(name: str, group: str, *, moved: bool = False, **changes: Any) -> Effect:
    """One perturbation on 100 items: moved is METHODS' worked example, else nothing but noise."""
    known: dict[str, Any] = {
        "perturbation": name,
        "group": group,
        "n": 100,
        "n_lost": 60,
        "n_missing": 0,
        "robustness": est(0.80 if moved else 0.94, 0.71, 0.98, "rate"),
        "excess_flips": est(0.15 if moved else 0.01, 0.06, 0.24),
        "shift": est(0.16 if moved else 0.0, -0.02, 0.24),
        "success": est(0.30 if moved else 0.05, 0.2, 0.43, "rate"),
        "floor": est(0.05, 0.01, 0.14, "rate"),
        "success_upper": 0.412 if moved else 0.125,
        "ups": 18 if moved else 3,
        "downs": 2 if moved else 3,
        "extra": 18 if moved else 3,
        "fewer": 3 if moved else 2,
        "flips_p_value": 0.00149 if moved else 1.0,
        "flips_p_adjusted": 0.0298 if moved else 1.0,
        "shift_p_value": 0.000402 if moved else 1.0,
        "shift_p_adjusted": 0.00804 if moved else 1.0,
        "smallest_detectable": 0.14,
        "finding": "moved" if moved else "none shown",
    }
    return Effect(**(known | changes))


QUIET = (
    *(("injection-delimiter", "injection"), ("injection-verdict", "injection")),
    *(("injection-hidden", "injection"), ("injection-reference", "injection")),
    *(("padding-x1.5", "padding"), ("markdown-added", "format"), ("markdown-removed", "format")),
    *(("authority", "claims"), ("bandwagon", "claims"), ("sentiment", "claims")),
    *(("distraction", "distraction"), ("identity", "claims")),
)


def battery(judge: str = "sim-x", *, moved: bool = True, **changes: Any) -> JudgeBattery:
    """A judge that obeys injections and likes length, or one that nothing was shown of."""
    nulls = tuple(effect(f"null:{n}", "null", n=10, n_lost=6) for n in (1, 2))
    known: dict[str, Any] = {
        "judge": judge,
        "rubric": "helpfulness@1",
        "target_source": "",
        "n_items": 100,
        "n_ties": 4,
        "n_planned": 1900,
        "n_missing": 12,
        "noise": est(0.05, 0.02, 0.11, "rate"),
        "effects": (
            effect("null", "null", parts=nulls),
            effect("injection-instruction", "injection", moved=moved),
            effect("padding-x3", "padding", moved=moved),
            *(effect(name, group) for name, group in QUIET),
        ),
        "position": PositionEffect(
            consistency=est(0.9, 0.83, 0.95, "rate"),
            excess_flips=est(0.05, -0.02, 0.12),
            first_shown_rate=est(0.52, 0.47, 0.57, "rate"),
            first_share=est(0.6, 0.3, 0.85, "rate"),
            p_value=0.75,
            p_adjusted=1.0,
            finding="none shown",
        ),
        "padding_slope": est(*((0.48, 0.21, 0.75) if moved else (0.05, -0.2, 0.3)), "log-odds"),
        "floors": (
            Floor(
                "fair coin",
                (("injection-instruction", 0.01), ("padding-x3", None)),
                (("injection-instruction", 0.5),),
            ),
        ),
        "known": (
            KnownAnswers("", *(est(v, v - 0.1, v + 0.05, "rate") for v in (0.8, 0.79, 0.72))),
            KnownAnswers("Length", *(est(v, v - 0.3, v + 0.1, "rate") for v in (0.4, 0.4, 0.3))),
        ),
        "constant": ConstantAnswer(
            systems=("tuned", "base"),
            win_rates=(est(0.02, 0.0, 0.06, "rate"), est(0.04, 0.01, 0.09, "rate")),
            length_controlled=(est(0.03, 0.0, 0.08, "rate"), est(None, unit="rate")),
            rank=3,
            n_ranked=3,
            is_last=True,
            note="",
        ),
    }
    return JudgeBattery(**(known | changes))


def asked_of_judge(**changes: Any) -> AuditAsked:
    known: dict[str, Any] = {
        "kind": "judge",
        "fingerprint": "sha256:" + "cd" * 32,
        "n_available": 340,
        "perturbations": tuple(PERTURBATIONS),
    }
    return AuditAsked(**(known | changes))


def wording(
    name: str, kind: WordingKind = "equivalent", *, moved: bool = False, **changes: Any
) -> WordingRow:
    known: dict[str, Any] = {
        "wording": name,
        "kind": kind,
        "identical": est(0.78 if moved else 0.91, 0.7, 0.96, "rate"),
        "flips": est(0.22 if moved else 0.09, 0.04, 0.3, "rate"),
        "excess_flips": est(0.14 if moved else 0.01, 0.0, 0.22),
        "kappa": est(0.56 if moved else 0.82, 0.4, 0.92, "kappa"),
        "weighted_kappa": est(note="labels have no scores"),
        "shift": est(-0.07 if moved else 0.01, -0.13, 0.05),
        "favoured": "tuned",
        "mean_absolute": est(note="labels have no scores"),
        "rank_correlation": est(note="labels have no scores"),
        "p_value": 0.0006 if moved else 0.9,
        "p_adjusted": 0.006 if moved else 1.0,
        "shift_p_value": 0.04 if moved else 0.8,
        "shift_p_adjusted": 0.36 if moved else 1.0,
        "smallest_detectable": 0.09,
        "finding": "moves verdicts" if moved else "none shown",
    }
    return WordingRow(**(known | changes))


def no_repeats_row(name: str, kind: WordingKind = "equivalent") -> WordingRow:
    nothing = est(note="nothing was asked twice")
    changes: dict[str, Any] = dict.fromkeys(
        ("p_value", "p_adjusted", "shift_p_value", "shift_p_adjusted", "smallest_detectable")
    )
    return wording(name, kind, excess_flips=nothing, finding="no repeats", **changes)


CEILING = Ceiling(
    identical=est(0.92, 0.86, 0.96, "rate"),
    kappa=est(0.84, 0.74, 0.93, "kappa"),
    weighted_kappa=est(),
    icc=est(0.83, 0.75, 0.89, "correlation"),
    sem=est(0.2, unit="score"),
    repeats_needed=1.8,
)
NO_CEILING = Ceiling(
    *(est(note="nothing was asked twice", unit=unit) for unit in ("rate", "kappa", "kappa")),
    icc=est(note="nothing was asked twice"),
    sem=est(note="nothing was asked twice"),
    repeats_needed=None,
)


def sensitivity(judge: str = "sim-x", *, moved: bool = True, **changes: Any) -> JudgeSensitivity:
    known: dict[str, Any] = {
        "judge": judge,
        "rubric": "helpfulness@1",
        "base": "",
        "n_items": 100,
        "n_planned": 900,
        "n_missing": 3,
        "ceiling": CEILING,
        "wordings": (
            wording("options-reversed", moved=moved),
            *(wording(n) for n in ("paraphrase", "labels-mirrored", "text-output")),
            wording("chain-of-thought", "intervention", moved=True),
            wording("persona", "intervention"),
        ),
        "agreement": est(0.85, 0.79, 0.9, "rate"),
        "net_agreement": est(-0.07, -0.12, -0.02),
        "kappa": est(0.7, 0.6, 0.8, "kappa"),
        "items_that_flip": est(0.31, 0.22, 0.41, "rate"),
        "omnibus": (Omnibus("Cochran's Q", 3.75, 3, 0.28976, None, 100, ""),),
        "ranking": RankStability(
            systems=("tuned", "base", "other"),
            means=(("", (0.6, 0.4, 0.5)), ("options-reversed", (0.5, None, 0.55))),
            top=(("", "tuned"), ("options-reversed", "other")),
            tau_mean=est(0.7667, unit="correlation"),
            tau_min=est(0.6, unit="correlation"),
            top_is_stable=False,
            p_top_changes=est(0.34, unit="rate"),
            note="",
        ),
        "criteria": (
            CriterionRow("clarity", est(0.3, 0.2, 0.4, "rate"), est(0.2, 0.1, 0.3), 0.001, 0.002),
            CriterionRow("truth", est(0.1, 0.05, 0.2, "rate"), est(0.0, -0.1, 0.1), 1.0, 1.0),
        ),
        "fragile": "clarity",
        "acquiescence": est(0.3, 0.1, 0.5, "score"),
    }
    return JudgeSensitivity(**(known | changes))


SHARES = {
    "item": 0.55,
    "wording": 0.02,
    "judge": 0.08,
    "item x wording": 0.1,
    "item x judge": 0.0,
    "wording x judge": 0.0,
    "item x wording x judge": 0.25,
}


def variances(*judges: str, **changes: Any) -> Variances:
    """The variances of a two-facet study; the shares come to 1."""
    now = DesignPoint(5, max(len(judges), 1), 1, 0.84, 0.8)
    known: dict[str, Any] = {
        "rubric": "helpfulness@1",
        "kind": "equivalent",
        "judges": judges,
        "wordings": ("", "options-reversed", "paraphrase", "labels-mirrored", "text-output"),
        "n": 97,
        "n_missing": 3,
        "components": tuple(
            Component(name, est(x / 2, 0.0, 1.0, "score"), est(x, 0.0, 0.9, "rate"), x == 0)
            for name, x in SHARES.items()
        ),
        "rubric_share": est(0.12, 0.05, 0.22, "rate"),
        "now": now,
        "designs": tuple(DesignPoint(w, j, 1, 0.7, 0.6) for w in range(1, 6) for j in range(1, 4)),
        "needed": (DesignPoint(2, len(judges) + 1, 1, 0.91, 0.88),),
        "target": 0.9,
        "note": "",
    }
    return Variances(**(known | changes))


def asked_of_rubric(**changes: Any) -> AuditAsked:
    names: tuple[tuple[str, WordingKind], ...] = (
        *((n, "equivalent") for n in ("", "options-reversed", "paraphrase", "labels-mirrored")),
        ("text-output", "equivalent"),
        ("chain-of-thought", "intervention"),
        ("persona", "intervention"),
    )
    known: dict[str, Any] = {
        "kind": "rubric",
        "fingerprint": "sha256:" + "ef" * 32,
        "n_available": 100,
        "wordings": tuple(
            AskedWording(n, kind, f"sha256:{k}{k}") for k, (n, kind) in enumerate(names)
        ),
    }
    return AuditAsked(**(known | changes))


class Spent:
    """A judge's account in a store."""

    reused, cost_usd, calls, attempts, tokens_in, tokens_out = 5, 0.0312, 1895, 1900, 81_000, 9_000


def audited(found: JudgeAudit | RubricAudit, asked: AuditAsked | None = None) -> Report:
    """The report of an audit, by the door that runs go through."""
    is_rubric = isinstance(found, RubricAudit)
    kind = "rubric" if is_rubric else "judge"
    own = asked or (asked_of_rubric() if is_rubric else asked_of_judge())
    made = Audited(
        own,
        100,
        rubric=found if isinstance(found, RubricAudit) else None,
        judge=found if isinstance(found, JudgeAudit) else None,
    )
    parts = found.sensitivities if isinstance(found, RubricAudit) else found.batteries
    run = _pairwise()["run"].model_copy(
        update={
            "command": f"audit {kind}",
            "swap": "random",
            "repeats": 2,
            "judges": [],
            "simulated_judges": [],
            **dict.fromkeys(("calls", "attempts", "cost_usd")),
            "rubrics": [rubric()],
        }
    )
    accounts = {part.judge: Spent() for part in parts}
    nothing = Analysis("pairwise", None, (), (), (), (), simulated=False)
    return build(nothing, run=run, accounts=accounts, audited=made)


def audited_judge(*batteries: JudgeBattery, **changes: Any) -> Report:
    return audited(JudgeAudit(batteries or (battery(),), **changes))


def audited_rubric(*found: JudgeSensitivity, **changes: Any) -> Report:
    own = found or (sensitivity(),)
    known: dict[str, Any] = {"variances": (variances(*(one.judge for one in own)),)}
    return audited(RubricAudit(own, **(known | changes)))
