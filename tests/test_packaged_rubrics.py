"""The rubrics that come with the package: whole, locked, and one standard in several wordings."""

from __future__ import annotations

import asyncio
import re

import pytest

from judge import parse, render
from judge.providers import scripted
from judge.records import data_folder
from judge.rubric_files import list_rubrics, read_rubric
from judge.types import Criterion, Item, JudgeModel, Prompt, Response, Rubric, Scale, Trial

FOLDER = data_folder("rubrics")
FILES = list_rubrics([FOLDER])
RUBRICS = {file.id: read_rubric(file.id, search=[FOLDER]) for file in FILES}

# The texts of these versions are known to people who have verdicts under them.
FROZEN = {
    "correctness@1": "f00a6b4b3dd83785eaa849dc9d69aa5ff35cea01e48599de43e3deaac3b1ea6c",
    "helpfulness@1": "3bd2e94186fa543806325912af2eebc11eea9b524675ab1d89a934e6504467e7",
    "helpfulness-single@1": "ebbebadb7b63bd09bf132c9b9d428c8f6385c1790f3748f5d62458adbc3678cd",
}

ITEM = Item(
    "i1",
    ("the question",),
    (Response("x", ("text of x",)), Response("y", ("text of y",))),
    reference="the reference",
)
TALK = Item(
    "i2",
    ("first question", "second question"),
    (Response("x", ("x one", "x two")), Response("y", ("y one", "y two"))),
    reference="[turn 1]\nfirst\n\n[turn 2]\nsecond",
)

every = pytest.mark.parametrize("rubric", RUBRICS.values(), ids=list(RUBRICS))
wordings = pytest.mark.parametrize(
    ("rubric", "variant"),
    [(r, v) for r in RUBRICS.values() for v in ("", *(w.name for w in r.variants))],
    ids=lambda value: getattr(value, "id", value),
)


def asked(rubric: Rubric, variant: str, of: Item = ITEM) -> tuple[Trial, Prompt]:
    second = "y" if rubric.mode == "pairwise" else None
    trial = Trial(of.item_id, "j", rubric.id, variant, "x", second, "AB", 1)
    return trial, render.prompt(rubric, variant, of, trial, judge("always-A"), seed=0)


def judge(model: str) -> JudgeModel:
    return JudgeModel("j", "scripted", model)


def words(rubric: Rubric, variant: str) -> str:
    """What a judge is told in words, without judged text and the schema of the answer."""
    _, prompt = asked(rubric, variant)
    stated = render.answer_format(prompt.schema)
    assert prompt.user.count(stated) == 1
    told = f"{prompt.system}\n{prompt.user.replace(stated, '')}"
    return re.sub(r"<<<BEGIN .*?<<<END [^\n]*", "", told, flags=re.DOTALL)


def scale_of(criterion: Criterion, rubric: Rubric) -> Scale:
    return criterion.scale or rubric.scale


# -- each of them --------------------------------------------------------------------------------


def test_the_tasks_that_people_judge_most_have_a_rubric_in_both_modes() -> None:
    tasks = ("correctness", "fine-tune", "helpfulness", "instruction-following", "mt-bench")
    tasks += ("mt-bench-reference", "safety", "summary")
    assert {name for task in tasks for name in (f"{task}@1", f"{task}-single@1")} == set(RUBRICS)


@every
def test_every_rubric_is_locked(rubric: Rubric) -> None:
    lines = (FOLDER / "rubrics.lock").read_text("utf-8").splitlines()
    assert lines.count(f"{rubric.id} {rubric.fingerprint}") == 1


@pytest.mark.parametrize("name", FROZEN)
def test_versions_that_are_in_use_stay_as_they_are(name: str) -> None:
    assert RUBRICS[name].fingerprint == f"sha256:{FROZEN[name]}"


@every
def test_a_pairwise_rubric_has_a_single_twin_that_needs_the_same(rubric: Rubric) -> None:
    name = rubric.name.removesuffix("-single")
    pair, single = RUBRICS[f"{name}@1"], RUBRICS[f"{name}-single@1"]
    assert (pair.mode, single.mode) == ("pairwise", "single")
    assert pair.needs_reference == single.needs_reference


@every
def test_a_pairwise_rubric_may_say_tie_and_a_single_one_describes_every_label(
    rubric: Rubric,
) -> None:
    if rubric.mode == "pairwise":
        assert rubric.scale == Scale("nominal", ("A", "tie", "B"), (), "tie")
        return
    assert rubric.scale.values
    for criterion in rubric.criteria:
        assert list(criterion.anchors) == list(scale_of(criterion, rubric).labels)
        assert len(set(criterion.anchors.values())) == len(criterion.anchors)


def test_following_instructions_is_checked_with_no_or_yes_and_passed_or_failed() -> None:
    rubric = RUBRICS["instruction-following-single@1"]
    assert rubric.scale == Scale("ordinal", ("fail", "pass"), (0, 1))
    assert {c.scale for c in rubric.criteria} == {Scale("ordinal", ("no", "yes"), (0, 1))}
    assert [c.name for c in rubric.criteria] == [
        c.name for c in RUBRICS["instruction-following@1"].criteria
    ]


# -- each wording --------------------------------------------------------------------------------


@wordings
def test_every_wording_names_every_criterion_and_describes_every_label(
    rubric: Rubric, variant: str
) -> None:
    told = words(rubric, variant)
    for criterion in rubric.criteria:
        assert told.count(f"{criterion.name}: {criterion.question}") == 1
        for label, meaning in criterion.anchors.items():
            assert f"\n  {label} = {meaning}\n" in told
    for label in rubric.scale.labels:
        described = f'"{label}"' if rubric.mode == "pairwise" else f"\n  {label} = "
        assert described in told


@wordings
def test_every_wording_asks_for_the_reasoning_first_and_names_data_padding_and_length(
    rubric: Rubric, variant: str
) -> None:
    told = " ".join(words(rubric, variant).split())
    reasoning, label = told.rfind("reasoning"), max(told.rfind(" label"), told.rfind("label:"))
    assert 0 <= reasoning < label
    assert "adding" in told
    assert re.search(r"[Ll]ength|long", told)
    assert re.search(r"never an instruction to you|never tells you what to do", told)
    if rubric.mode == "pairwise":
        assert re.search(r"if they trade places|with the two exchanged", told)
        assert re.search(r"Say tie only when|A tie is right only if", told)


@wordings
def test_every_wording_shows_one_turn_and_two(rubric: Rubric, variant: str) -> None:
    pair = rubric.mode == "pairwise"
    for of, question, answer in (
        (ITEM, "the question", "text of x"),
        (TALK, "[turn 1]\nfirst question\n\n[turn 2]\nsecond question", "[turn 1]\nx one\n\n"),
    ):
        _, prompt = asked(rubric, variant, of)
        shown = render.blocks(prompt.user)
        assert shown["question"] == question
        assert shown["response A" if pair else "response"].startswith(answer)
        assert shown.get("reference") == (of.reference if rubric.needs_reference else None)
        assert "{{" not in prompt.system + prompt.user
        assert "{%" not in prompt.system + prompt.user


@pytest.mark.parametrize("name", ["mt-bench", "mt-bench-reference", "fine-tune", "safety"])
@pytest.mark.parametrize("twin", ["", "-single"])
def test_a_rubric_for_conversations_says_how_turns_are_numbered(name: str, twin: str) -> None:
    rubric = RUBRICS[f"{name}{twin}@1"]
    for variant in ("", *(v.name for v in rubric.variants)):
        assert "[turn 1]" in words(rubric, variant)


@every
def test_variants_are_three_or_more_and_no_two_wordings_are_one_text(rubric: Rubric) -> None:
    texts = [words(rubric, name) for name in ("", *(v.name for v in rubric.variants))]
    assert len(rubric.variants) >= 3
    assert len({" ".join(text.split()) for text in texts}) == len(texts)


@every
def test_the_variant_with_the_instructions_last_says_the_same_in_another_place(
    rubric: Rubric,
) -> None:
    last = rubric.wording("instruction-last")
    assert rubric.system.strip() in last.user
    assert last.user.index("{{ response") < last.user.index(rubric.system.strip())


@every
def test_the_reordered_variant_has_the_same_lines_in_another_order(rubric: Rubric) -> None:
    (name,) = (v.name for v in rubric.variants if v.name.endswith("-reordered"))
    one, other = words(rubric, ""), words(rubric, name)
    assert one != other
    assert sorted(re.findall(r"\w+", one)) == sorted(re.findall(r"\w+", other))


# -- answers -------------------------------------------------------------------------------------


@wordings
@pytest.mark.parametrize("model", scripted.ALWAYS)
def test_an_answer_at_a_place_of_the_scale_is_read_as_the_label_there(
    rubric: Rubric, variant: str, model: str
) -> None:
    trial, prompt = asked(rubric, variant)
    provider = scripted.connect(judge(model))
    completion = asyncio.run(provider.complete(judge(model), prompt))
    verdict = parse.read(completion, trial, rubric, prompt.marker)
    if rubric.mode == "pairwise":
        assert verdict.label == {"always-A": "a", "always-tie": "tie", "always-B": "b"}[model]
        assert (verdict.score, verdict.criteria) == (None, {})
        return
    assert verdict.label == there(rubric.scale, model)
    assert verdict.score == rubric.scale.value(there(rubric.scale, model))
    assert verdict.criteria == (
        {c.name: there(scale_of(c, rubric), model) for c in rubric.criteria}
        if len(rubric.criteria) > 1
        else {}
    )


def there(scale: Scale, model: str) -> str:
    """The first, the middle (the upper of two) or the last label."""
    ends = {"always-A": 0, "always-tie": len(scale.labels) // 2, "always-B": -1}
    return scale.labels[ends[model]]
