"""The wordings of an audit: made for every rubric that can have them, each saying what it is meant to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from factories import judge, pairwise, single

from judge import parse, render, simulated_rules, wordings
from judge.errors import InputError
from judge.providers.simulated import Settings, SimulatedProvider
from judge.rubric_files import list_rubrics, read_rubric
from judge.rubric_rules import wording_problems
from judge.simulated import Knowledge
from judge.types import (
    Criterion,
    Item,
    Order,
    Prompt,
    Response,
    Rubric,
    Scale,
    Status,
    Trial,
    Verdict,
    Wording,
    digest_text,
)

FOLDER = Path(__file__).parents[1] / "rubrics"
RUBRICS = [read_rubric(file.id, search=[FOLDER]) for file in list_rubrics([FOLDER])]
EQUIVALENTS = {"paraphrase-1", "instruction-last", "options-reversed", "labels-mirrored"}
INTERVENTIONS = {"chain-of-thought", "label-only", "persona", "metrics"}
GOOD, BAD = "The harbour opens at nine.", "Cheese, and a great deal of it."
ITEM = Item(
    "i1",
    ("When does the harbour open?",),
    (Response("x", (GOOD,)), Response("y", (BAD,))),
    reference=GOOD,
)
JUDGE = judge("sim", provider="simulated")

every = pytest.mark.parametrize("rubric", RUBRICS, ids=lambda rubric: rubric.id)


EXPANDED: dict[str, Rubric] = {}


def expanded(rubric: Rubric) -> Rubric:
    """A packaged rubric with every wording that it can be audited in."""
    if rubric.id not in EXPANDED:
        made = (w for w in wordings.available(rubric) if w.generated)
        EXPANDED[rubric.id] = replace(rubric, variants=(*rubric.variants, *made))
    return EXPANDED[rubric.id]


def asked(
    rubric: Rubric, variant: str, system: str = "x", order: Order = "AB"
) -> tuple[Trial, Prompt]:
    other = "y" if rubric.mode == "pairwise" else None
    trial = Trial("i1", "sim", rubric.id, variant, system, other, order, 1)
    return trial, render.prompt(rubric, variant, ITEM, trial, JUDGE, seed=0)


def said(rubric: Rubric, variant: str, system: str = "x", order: Order = "AB") -> Verdict:
    """What a judge without error or bias says, read by the parser."""
    trial, prompt = asked(rubric, variant, system, order)
    planted = {digest_text(GOOD): 1.0, digest_text(BAD): 0.0}
    provider = SimulatedProvider(
        simulated_rules.rule("sim-fair:skill=1000"), Settings(knowledge=Knowledge(planted=planted))
    )
    completion = asyncio.run(provider.complete(JUDGE, prompt))
    return parse.read(completion, trial, rubric, prompt.marker, shown=lambda: f"{GOOD}\n{BAD}")


# -- the packaged rubrics ------------------------------------------------------------------------


@every
def test_every_packaged_rubric_has_the_whole_star(rubric: Rubric) -> None:
    names = {w.name for w in wordings.star(rubric)}
    assert names >= {*EQUIVALENTS, "text-output"}
    assert any(name.endswith("-reordered") for name in names)
    assert not names & {*INTERVENTIONS, "finer-scale"}
    other = wordings.star(rubric, [wordings.NONE], [wordings.ALL])
    assert {w.name for w in other} >= INTERVENTIONS
    assert all(w.kind == "intervention" and w.generated for w in other)


@every
def test_what_is_made_passes_the_checks_of_a_rubric_file_and_leaves_its_hash(
    rubric: Rubric,
) -> None:
    for wording in expanded(rubric).variants:
        assert not list(wording_problems(rubric, wording)), wording.name
        assert wordings.what(wording.name, wording.kind), wording.name
    assert expanded(rubric).fingerprint == rubric.fingerprint


@every
def test_no_two_wordings_ask_the_same_prompt_and_each_says_how_to_answer(rubric: Rubric) -> None:
    whole = expanded(rubric)
    prompts = {w.name: asked(whole, w.name)[1] for w in (rubric.wording(), *whole.variants)}
    assert len({(p.system, p.user) for p in prompts.values()}) == len(prompts)
    for name, prompt in prompts.items():
        assert prompt.in_text == (name == "text-output")
        assert ('{"type":"object"' in prompt.user) != prompt.in_text, name
        assert GOOD in prompt.user, name


@every
def test_a_judge_without_error_gives_the_same_verdict_under_every_equivalent_wording(
    rubric: Rubric,
) -> None:
    whole = expanded(rubric)
    for wording in (rubric.wording(), *whole.variants):
        if rubric.mode == "pairwise":
            for order in ("AB", "BA"):
                verdict = said(whole, wording.name, order=order)
                assert (verdict.status, verdict.label) == (Status.OK, "a"), (wording.name, order)
            continue
        best, worst = said(whole, wording.name), said(whole, wording.name, "y")
        values = rubric.scale.values
        assert (worst.score, best.score) == (values[0], values[-1]), wording.name
        has_own = {c.name: (c.scale or rubric.scale).labels[-1] for c in rubric.criteria}
        assert best.criteria == (has_own if len(has_own) > 1 else {}), wording.name


# -- which are made ------------------------------------------------------------------------------


def test_a_kind_that_the_file_ships_is_not_made_again() -> None:
    own = Wording("criteria-reordered", "You compare.", pairwise().user)
    two = (Criterion("one", "One?"), Criterion("two", "Two?"))
    bare = pairwise(criteria=two, system="{% for c in criteria %}{{ c.question }}{% endfor %}")
    assert "criteria-reversed" in names(bare)
    assert "criteria-reversed" not in names(replace(bare, variants=(own,)))
    mirrored = Wording("upside-down", "You compare.", bare.user, forms=("labels-mirrored",))
    assert "labels-mirrored" not in names(replace(bare, variants=(mirrored,)))


def names(rubric: Rubric) -> set[str]:
    return {w.name for w in wordings.available(rubric)}


def test_criteria_that_no_template_shows_cannot_be_reversed() -> None:
    two = (Criterion("one", "One?"), Criterion("two", "Two?"))
    assert "criteria-reversed" not in names(pairwise(criteria=two))
    assert "criteria-reversed" in names(single(criteria=two))  # they stand in the answer's form
    assert "criteria-reversed" not in names(single(criteria=two[:1]))


@pytest.mark.parametrize("text", ["{{ scale[0] }}", "{{ scale | first }}", "{{ scale.0 }}"])
def test_labels_that_a_template_names_by_their_place_are_not_put_in_another_order(
    text: str,
) -> None:
    assert "options-reversed" in names(pairwise(system="One of {{ scale | join(', ') }}."))
    assert "options-reversed" not in names(pairwise(system=f"Say {text} if A is better."))


def test_text_is_wanted_only_where_the_template_says_how_to_answer() -> None:
    silent = pairwise().user.replace("{{ answer_format }}", "")
    assert "text-output" not in names(pairwise(user=silent))
    assert "text-output" not in names(single(criteria=(Criterion("Label", "?"),) * 2))


def test_mirror_images_and_finer_scales_need_an_order() -> None:
    nominal = Scale("nominal", ("red", "green", "blue"))
    assert not names(single(scale=nominal)) & {"labels-mirrored", "finer-scale"}
    ten = tuple(str(n) for n in range(1, 11))
    of_ten = Scale("interval", ten, tuple(float(n) for n in ten))
    assert "finer-scale" not in names(single(scale=of_ten))  # it has ten points already
    assert "finer-scale" in names(single())


def test_instructions_move_behind_the_material_and_the_answers_form_stays_last() -> None:
    (moved,) = wordings.star(pairwise(), ["instruction-last"])
    parts = ["{{ boundary }}", "{{ response_b }}", pairwise().system, "{{ answer_format }}"]
    places = [moved.user.index(part) for part in parts]
    assert places == sorted(places)
    assert pairwise().system not in moved.system
    assert "instruction-last" not in names(pairwise(system=""))


def test_a_wording_that_would_break_a_rule_is_not_made() -> None:
    split = pairwise(system="{% set x = 1 %}You compare.", user="{{ x | default(1) }}")
    assert all(not list(wording_problems(split, w)) for w in wordings.available(split))


# -- choosing ------------------------------------------------------------------------------------


def test_wordings_are_chosen_by_name() -> None:
    chosen = wordings.star(pairwise(), ["labels-mirrored"], ["persona"])
    assert [(w.name, w.kind) for w in chosen] == [
        ("labels-mirrored", "equivalent"),
        ("persona", "intervention"),
    ]
    assert wordings.star(pairwise(), [wordings.NONE]) == ()


@pytest.mark.parametrize(
    ("variants", "interventions", "problem"),
    [
        (["nonsense"], [], "--variant nonsense: rubric test@1 has no such wording; known: "),
        (["persona"], [], "--variant persona: is no such kind of wording; use --intervention"),
        ([], ["text-output"], "--intervention text-output: is no such kind of wording; use --var"),
        ([], ["x"], "--intervention x: rubric test@1 has no such wording"),
        (["text-output"] * 2, [], "--variant text-output: is given twice"),
        (["none", "text-output"], [], "--variant none: rubric test@1 has no such wording"),
    ],
)
def test_a_name_that_the_rubric_cannot_have_is_refused(
    variants: list[str], interventions: list[str], problem: str
) -> None:
    with pytest.raises(InputError) as error:
        wordings.star(pairwise(), variants, interventions)
    assert problem in str(error.value)


def test_a_variant_of_the_file_says_of_itself_what_it_is() -> None:
    assert "other words" in wordings.what("formal")
    assert "asks something else" in wordings.what("formal", "intervention")
    assert wordings.what("") == ""
    assert wordings.what("factors-reordered") == wordings.what("criteria-reversed")
