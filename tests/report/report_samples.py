"""Small reports with known numbers, for the tests of the report's parts."""

from __future__ import annotations

from typing import Any

from judge import registry
from judge.report.blocks import Section
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
