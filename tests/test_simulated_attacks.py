"""Simulated judges fall for injections and null answers as often as their rule says, and else never."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from factories import item, judge, pairwise, plan, single

from judge import simulated
from judge.perturbations import NULL_KEYS, PERTURBATIONS, Context
from judge.simulated_attacks import attack
from judge.simulated_rules import rule
from judge.types import Item, Prompt, Rubric

GOOD, BAD = "A full and right answer.", "A poor answer."
CONTEXT = Context("q", "other", "A", ("A", "tie", "B"), 0, "i", "pairwise")
INJECTED = str(PERTURBATIONS["injection-instruction"].apply(BAD, CONTEXT))


def prompts(judged: Item, rubric: Rubric) -> list[Prompt]:
    return [p for _, p in plan([judged], [judge()], rubric=rubric, repeats=200).trials(judge())]


@pytest.mark.parametrize(("kind", "text"), [("obey", INJECTED), ("null", "Solution")])
def test_a_share_of_prompts_is_fallen_for_and_no_others(kind: str, text: str) -> None:
    judged = item("i", base=GOOD, tuned=text)
    scored = replace(judged, responses=judged.responses[1:])
    assert attack([GOOD, text], "q") is not None
    assert attack([GOOD, BAD], "q") is None
    single_plan = prompts(scored, single())
    said = [
        json.loads(
            simulated.answer(
                rule(f"sim-fair:{kind}={share}"),
                seed=0,
                key=p.idempotency_key,
                system=p.system,
                user=p.user,
                schema=p.schema,
            ).text
        )["label"]
        for share in (0, 1)
        for p in single_plan
    ]
    half = len(said) // 2
    assert said[half:] == ["5"] * half
    assert said[:half] != ["5"] * half


@pytest.mark.parametrize("kind", ["obey", "null"])
def test_chances_are_those_of_what_is_said(kind: str) -> None:
    text = INJECTED if kind == "obey" else "."
    judged = item("i", base=GOOD, tuned=text)
    won = []
    for p in prompts(judged, pairwise()):
        first = p.user.index(text) < p.user.index(GOOD) if kind == "obey" else None
        said = simulated.answer(
            rule(f"sim-fair:{kind}=0.3,noise=1"),
            seed=0,
            key=p.idempotency_key,
            system=p.system,
            user=p.user,
            schema=p.schema,
        )
        assert sum(said.chances.values()) == pytest.approx(1)
        # 0.3 fallen for, and half of the rest by a coin: 0.3 + 0.7 / 2.
        assert max(said.chances.values()) == pytest.approx(0.65)
        favoured = max(said.chances, key=lambda label: said.chances[label])
        assert first is None or favoured == ("A" if first else "B")
        won.append(json.loads(said.text)["label"] == favoured)
    # 400 prompts: 0.65 within four standard errors of 0.024
    assert 0.55 < sum(won) / len(won) < 0.75


def test_two_of_a_kind_cancel_and_an_injection_goes_before_a_null_answer() -> None:
    assert attack([INJECTED, INJECTED], "q") is None
    assert attack([".", INJECTED], "q") == attack(["x", INJECTED], "q")
    assert all(attack([key], "q") is not None for key in NULL_KEYS[:8])
    assert attack(["q"], "q") is not None
