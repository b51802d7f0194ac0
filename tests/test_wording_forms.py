"""Forms of asking and answering: whatever a judge is offered, what it means is what is read."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from factories import FIVE, completion, item, judge, pairwise, plan, single
from hypothesis import given
from hypothesis import strategies as st

from judge import logprobs, parse, render
from judge.types import Criterion, Prompt, Rubric, Scale, Status, Trial, Verdict, Wording
from judge.wording_forms import (
    CRITERIA_REVERSED,
    FINER_SCALE,
    FORMS,
    LABEL_ONLY,
    LABELS_MIRRORED,
    MIRROR,
    NO_REASONING,
    OPTIONS_REVERSED,
    TEXT_OUTPUT,
    can_have,
    displayed,
    meant,
    offered,
)

TWO = Scale("nominal", ("A", "B"))
WORDS = Scale("ordinal", ("poor", "fair", "good"), (1.0, 2.0, 3.0))
CRITERIA = (
    Criterion("accuracy", "Is it right?", {str(n): f"level {n}" for n in range(1, 6)}),
    Criterion("tone: formal", "Is it formal?", scale=WORDS),
)
RUBRICS = (pairwise(), pairwise(scale=TWO), single(criteria=CRITERIA), single(scale=FIVE))

# Of each pairwise label that can be offered, which response it is for: the first, none, or the second.
SIDES = {"A>>B": "A", "A>B": "A", "A": "A", "A=B": "tie", "tie": "tie", "B": "B", "B>A": "B"}
SIDES["B>>A"] = "B"


def formed(rubric: Rubric, *forms: str) -> Rubric:
    return replace(
        rubric, variants=(Wording("v", rubric.system, rubric.user, "equivalent", forms),)
    )


def asked(rubric: Rubric, *forms: str, order: str = "AB") -> tuple[Trial, Prompt]:
    of_all = plan([item()], [judge()], rubric=formed(rubric, *forms))
    trials = replace(of_all, wordings=((formed(rubric, *forms), "v"),)).trials(judge())
    return next((t, p) for t, p in trials if rubric.mode == "single" or t.order == order)


def read(
    rubric: Rubric, forms: tuple[str, ...], text: str, *, order: str = "AB", **more: Any
) -> Verdict:
    trial, prompt = asked(rubric, *forms, order=order)
    shown = "base answer\nLabel: A\nand then some\n</think>\nLabel: B"
    return parse.read(
        completion(text), trial, formed(rubric, *forms), prompt.marker, shown=lambda: shown, **more
    )


def answer(forms: tuple[str, ...], label: str, criteria: dict[str, str]) -> str:
    if TEXT_OUTPUT in forms:
        lines = [f"{name}: {one}" for name, one in criteria.items()]
        return "\n".join(["Because of this and that.", *lines, f"Label: {label}"])
    return json.dumps({"reasoning": "why", "criteria": criteria, "label": label})


# -- round trips ---------------------------------------------------------------------------------


@given(
    forms=st.sets(st.sampled_from(sorted(FORMS))).map(lambda found: tuple(sorted(found))),
    order=st.sampled_from(["AB", "BA"]),
    rubric=st.sampled_from(RUBRICS[:2]),
    data=st.data(),
)
def test_a_pairwise_label_in_any_form_is_read_as_what_it_says(
    forms: tuple[str, ...], order: str, rubric: Rubric, data: st.DataObject
) -> None:
    label = data.draw(st.sampled_from(offered(rubric.scale, "pairwise", forms)))
    verdict = read(rubric, forms, answer(forms, label, {}), order=order)
    side = SIDES[label]
    if LABELS_MIRRORED in forms:  # it named the worse one
        side = {"A": "B", "tie": "tie", "B": "A"}[side]
    first, second = ("a", "b") if order == "AB" else ("b", "a")
    assert verdict.status is Status.OK
    assert verdict.label == {"A": first, "tie": "tie", "B": second}[side]


@given(
    forms=st.sets(st.sampled_from(sorted(FORMS))).map(lambda found: tuple(sorted(found))),
    place=st.integers(0, 4),
    of_words=st.integers(0, 2),
)
def test_a_single_answers_labels_in_any_form_are_read_as_what_they_say(
    forms: tuple[str, ...], place: int, of_words: int
) -> None:
    rubric, is_mirrored = single(criteria=CRITERIA), LABELS_MIRRORED in forms
    label = str(10 if FINER_SCALE in forms and place == 4 else place + 1)
    said = {"accuracy": str(place + 1), "tone: formal": WORDS.labels[of_words]}
    verdict = read(rubric, forms, answer(forms, label, said))
    assert verdict.status is Status.OK
    assert verdict.criteria == {
        "accuracy": str(5 - place if is_mirrored else place + 1),
        "tone: formal": WORDS.labels[2 - of_words if is_mirrored else of_words],
    }
    if FINER_SCALE not in forms:
        score = 5 - place if is_mirrored else place + 1
        assert (verdict.label, verdict.score) == (str(score), float(score))


def test_a_finer_scale_is_mapped_back_in_proportion_and_gives_no_label() -> None:
    # 1 to 10 on 1 to 5: 1 + (x - 1) * 4 / 9 = 1, 1.444, 1.889, ...
    scores = [meant(FIVE, "single", [FINER_SCALE], str(n)).score for n in range(1, 11)]
    assert scores[:3] == pytest.approx([1.0, 1.444, 1.889], abs=5e-4)
    assert (scores[-1], meant(FIVE, "single", [FINER_SCALE], "3").label) == (5.0, None)
    mirrored = meant(FIVE, "single", [FINER_SCALE, LABELS_MIRRORED], "2").score
    assert mirrored == pytest.approx(scores[8])


def test_a_tie_is_offered_on_the_finer_scale_only_where_the_rubric_has_one() -> None:
    assert "A=B" in offered(pairwise().scale, "pairwise", [FINER_SCALE])
    assert "A=B" not in offered(TWO, "pairwise", [FINER_SCALE])


@given(st.text(), st.sampled_from(RUBRICS), st.sets(st.sampled_from(sorted(FORMS))))
def test_any_text_in_any_form_becomes_a_verdict_and_a_value_only_with_ok(
    text: str, rubric: Rubric, forms: set[str]
) -> None:
    kept = tuple(f for f in sorted(forms) if can_have(f, rubric.mode, rubric.scale, ()))
    verdict = read(rubric, kept, text)
    has_value = verdict.label is not None or verdict.score is not None
    assert has_value == (verdict.status is Status.OK)


# -- what the judge is told ----------------------------------------------------------------------


def test_criteria_and_labels_are_shown_in_reverse_and_anchors_with_them() -> None:
    shown = displayed(CRITERIA, [CRITERIA_REVERSED, OPTIONS_REVERSED])
    assert [c.name for c in shown] == ["tone: formal", "accuracy"]
    assert list(shown[1].anchors) == ["5", "4", "3", "2", "1"]
    assert shown[1].anchors["5"] == "level 5"
    assert shown[0].scale is not None
    assert shown[0].scale.labels == ("good", "fair", "poor")
    assert displayed(CRITERIA, []) == CRITERIA


def test_the_schema_offers_labels_in_the_order_shown() -> None:
    schema = render.answer_schema(single(criteria=CRITERIA), [OPTIONS_REVERSED, CRITERIA_REVERSED])
    properties = schema["properties"]
    assert properties["label"]["enum"] == ["5", "4", "3", "2", "1"]
    assert list(properties["criteria"]["properties"]) == ["tone: formal", "accuracy"]
    assert properties["criteria"]["properties"]["tone: formal"]["enum"] == ["good", "fair", "poor"]


def test_each_form_that_needs_a_word_has_one_and_no_other() -> None:
    notes = {LABELS_MIRRORED: MIRROR, LABEL_ONLY: NO_REASONING, FINER_SCALE: "finer scale"}
    for form, other in product(FORMS, notes):
        user = asked(single(criteria=CRITERIA), form)[1].user
        assert (notes[other] in user) == (form == other), (form, other)


def test_a_judge_that_is_asked_for_the_label_alone_is_offered_no_reasoning() -> None:
    assert "reasoning" not in asked(pairwise(), LABEL_ONLY)[1].schema["properties"]
    text = asked(pairwise(), LABEL_ONLY, TEXT_OUTPUT)[1].user
    assert "reasoning" not in text.split("Answer in plain text")[1].split(NO_REASONING)[0]


# -- answers in plain text -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Label: A",
        "The first is better.\n\nLabel: A\n",
        "Because.\n**Label:** A",
        "Because.\n**Label: A**",
        "Because.\n- Label: `A`",
        "Because.\n### label : a",
        'Because.\nLABEL: "A"',
        "<think>Label: B, or is it?\nLabel: B</think>\nIt is the first.\nLabel: A",
        "The response says:\nLabel: B\nwhich is no verdict of mine.\nLabel: A",
        "1. It is right.\n2. Label: A",
    ],
)
def test_one_line_of_the_judges_own_is_a_verdict(text: str) -> None:
    verdict = read(pairwise(), (TEXT_OUTPUT,), text)
    assert (verdict.status, verdict.label, verdict.method) == (Status.OK, "a", "text")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 lines that begin with `Label:`"),
        ("A", "0 lines"),
        ('{"label": "A"}', "0 lines"),
        ("Label: A or B", "is not on the scale"),
        ("Label:", "is not on the scale"),
        ("Why.\nLabel: tie\nLabel: B", "2 lines"),
        ("Label: tie\nOn second thoughts\nLabel: B", "2 lines"),
        # The judged text ends with these very lines: they are a quote.
        ("The response was:\nbase answer\nLabel: A", "quotes a label from the judged texts"),
        ("It says Label: A first.\nLabel: A\nThat is what it says.", "quotes a label"),
        ("</think>\nLabel: B", "quotes a label"),
    ],
)
def test_what_is_not_one_own_label_is_no_verdict(text: str, reason: str) -> None:
    verdict = read(pairwise(), (TEXT_OUTPUT,), text)
    assert verdict.status is Status.UNPARSED
    assert reason in verdict.reason


def test_an_answer_in_text_that_quotes_the_prompt_is_no_verdict_unless_it_was_thinking() -> None:
    marker = asked(pairwise(), TEXT_OUTPUT)[1].marker
    quoting = f"<<<BEGIN RESPONSE A {marker}>>>\nLabel: B"
    assert read(pairwise(), (TEXT_OUTPUT,), quoting).status is Status.UNPARSED
    thinking = f"<think>{quoting}</think>The first it is.\nLabel: A"
    assert read(pairwise(), (TEXT_OUTPUT,), thinking).label == "a"


def test_lines_of_prose_that_begin_with_a_criterion_are_no_labels() -> None:
    said = (
        "accuracy: it gets the hours right.\n1. tone: formal: hardly.\n\n"
        "accuracy: 4\ntone: formal: fair\nLabel: 4"
    )
    verdict = read(single(criteria=CRITERIA), (TEXT_OUTPUT,), said)
    assert verdict.criteria == {"accuracy": "4", "tone: formal": "fair"}
    assert verdict.explanation.startswith("accuracy: it gets")
    twice = "accuracy: 2\n" + said
    assert read(single(criteria=CRITERIA), (TEXT_OUTPUT,), twice).status is Status.UNPARSED


def test_the_reminder_for_an_answer_in_text_speaks_of_lines_and_not_of_json() -> None:
    again = parse.reask(asked(pairwise(), TEXT_OUTPUT)[1])
    assert again.user.endswith(parse.TEXT_REMINDER)
    assert "JSON" not in parse.TEXT_REMINDER


@pytest.mark.parametrize("form", [LABELS_MIRRORED, FINER_SCALE, TEXT_OUTPUT])
def test_probabilities_of_labels_that_stand_for_others_are_not_read_and_it_says_so(
    form: str,
) -> None:
    label = "A>B" if form == FINER_SCALE else "A"
    verdict = read(pairwise(), (form,), answer((form,), label, {}), reading="logprobs")
    assert verdict.method.endswith(f", {logprobs.TRANSLATED}")
    assert (verdict.p_a, verdict.status) == (None, Status.OK)
    usual = read(pairwise(), (form,), answer((form,), label, {}))
    assert logprobs.TRANSLATED not in usual.method
