"""Simulated judges understand how they are asked: a wording moves none of them unless that was planted."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from factories import pairwise, single

from judge import render, simulated_rules, simulated_texts
from judge.parse import read
from judge.simulated import Knowledge, answer, uniform
from judge.types import Completion, Item, JudgeModel, Response, Rubric, Trial, Verdict, digest_text
from judge.wordings import available

N = 200
JUDGE = JudgeModel("j", "simulated", "sim-fair")
WHOLE = replace(pairwise(), variants=available(pairwise()))
SINGLE = replace(single(), variants=available(single()))


def item(n: int) -> Item:
    texts = (Response("x", (f"What x says, {n}.",)), Response("y", (f"What y says, {n}.",)))
    return Item(f"i{n}", (f"Question {n}?",), texts)


# Differences of quality small enough that chance has a say, and known beforehand.
PLANTED = {
    digest_text(r.turns[0]): uniform(1, r.turns[0], "quality")
    for n in range(N)
    for r in item(n).responses
}


def said(rubric: Rubric, variant: str, n: int, rule: str, repeat: int = 1) -> Verdict:
    other = "y" if rubric.mode == "pairwise" else None
    trial = Trial(f"i{n}", "j", rubric.id, variant, "x", other, "AB", repeat)
    asked = render.prompt(rubric, variant, item(n), trial, JUDGE, seed=0)
    told = answer(
        simulated_rules.rule(rule),
        seed=0,
        key=asked.idempotency_key,
        system=asked.system,
        user=asked.user,
        schema=None if asked.in_text else asked.schema,
        knowledge=Knowledge(planted=PLANTED),
    )
    structured = "none" if asked.in_text else "json_schema"
    completion = Completion(told.text, told.finish_reason, "m", structured=structured)
    return read(completion, trial, rubric, asked.marker)


@functools.cache
def labels(variant: str, rule: str, repeat: int) -> list[str | None]:
    return [said(WHOLE, variant, n, rule, repeat).label for n in range(N)]


def flips(variant: str, rule: str, *, repeat: int = 1) -> float:
    """The share of verdicts that differ from those of the rubric's own wording."""
    base = labels("", rule, 1)
    other = labels(variant, rule, repeat)
    return sum(a != b for a, b in zip(base, other, strict=True)) / N


def test_the_share_of_flips_under_every_wording_is_that_of_asking_again() -> None:
    rule = "sim-fair:noise=0.1"
    again = flips("", rule, repeat=2)
    for wording in WHOLE.variants:
        # Four standard errors of the difference of two shares near .15 of 200: 4 sqrt(2 * .1275 / 200).
        assert flips(wording.name, rule) == pytest.approx(again, abs=0.143), wording.name


def test_a_wording_effect_can_be_planted_on_one_wording_alone() -> None:
    rule = "sim-fair:skill=1000,wording=0.3,wording_only=expert of many years"
    assert flips("options-reversed", rule) == 0.0
    # The share is that of the rule within four standard errors: 4 sqrt(.3 * .7 / 200) = .130.
    assert flips("persona", rule) == pytest.approx(0.3, abs=0.130)


def test_a_score_lies_where_it_lay_under_every_wording() -> None:
    rule = "sim-fair:skill=1000"
    for n in range(20):
        base = said(SINGLE, "", n, rule)
        for wording in SINGLE.variants:
            found = said(SINGLE, wording.name, n, rule)
            if wording.name == "finer-scale":
                assert found.score is not None
                assert base.score is not None
                # Rounded onto five points and onto ten: half a step of each, 1/2 + 2/9.
                assert abs(found.score - base.score) <= 0.5 + 2 / 9 + 1e-9
                continue
            assert (found.label, found.criteria) == (base.label, base.criteria), wording.name


@pytest.mark.parametrize(
    ("listed", "understood"),
    [
        (["B", "tie", "A"], ["A", "tie", "B"]),
        (["B>>A", "B>A", "A>B", "A>>B"], ["A>>B", "A>B", "B>A", "B>>A"]),
        (["10", "9", "1"], ["1", "9", "10"]),
        (["yes", "no"], ["no", "yes"]),
        (["red", "blue"], ["red", "blue"]),
    ],
)
def test_labels_are_understood_in_whatever_order_they_are_listed(
    listed: list[str], understood: list[str]
) -> None:
    assert list(simulated_texts.lowest_first(listed)) == understood


@pytest.mark.parametrize("drawn", [0.1, 0.5, 0.9])
def test_an_answer_in_text_can_be_unreadable_too(drawn: float) -> None:
    trial = Trial("i0", "j", WHOLE.id, "text-output", "x", "y", "AB", 1)
    text = simulated_texts.unreadable(("A", "tie", "B"), drawn, in_text=True)
    assert read(Completion(text, "stop", "m"), trial, WHOLE, "").label is None


def test_words_around_an_answer_in_text_leave_its_verdict() -> None:
    rule = "sim-fair:skill=1000"
    for n in range(5):
        assert (
            said(WHOLE, "text-output", n, f"{rule},chatty=1").label
            == said(WHOLE, "", n, rule).label
        )
