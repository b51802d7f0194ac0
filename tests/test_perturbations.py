"""Every perturbation leaves the answer's own words or takes the answer away, and is the same each time."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from factories import item, judge, pairwise, plan
from hypothesis import given
from hypothesis import strategies as st

from judge import perturbation_markdown, perturbation_texts, perturbations, render
from judge.errors import InputError
from judge.perturbations import (
    CONSTANT_GROUP,
    NULL_KEYS,
    NULL_NAMES,
    PERTURBATIONS,
    Context,
    is_injected,
    is_null,
    selected,
)
from judge.types import Mode, digest

ANSWER = (
    "Yes, within 30 days. The pan has to be unused. We pay the postage!\n\n"
    "Please send it to the address on the invoice.\nWrite the order's number on it."
)
CONTEXT = Context(
    question="Can I send it back?",
    other_answer="The ferry leaves at nine.",
    slot_label="B",
    labels=("A", "tie", "B"),
    seed=3,
    item_id="i1",
    mode="pairwise",
)
ADDED = [name for name, one in PERTURBATIONS.items() if one.group != "null"]
WORDY = [name for name in ADDED if name != "markdown-removed"]
prose = st.lists(
    st.text(st.sampled_from("abcdefgh XYZ.,!?\n"), min_size=1, max_size=60), min_size=1, max_size=5
).map("\n\n".join)


def words(text: str) -> list[str]:
    return re.findall(r"[^\s#*]+", text.replace("\n- ", "\n"))


def without_marks(text: str) -> list[str]:
    """The words of a text, marks of markdown left out."""
    return words(re.sub(r"^\s*(?:#+|-)\s+", "", text, flags=re.MULTILINE).replace("**", ""))


def applied(name: str, text: str = ANSWER, context: Context = CONTEXT) -> str:
    found = PERTURBATIONS[name].apply(text, context)
    assert found is not None
    return found


def within(inner: list[str], outer: list[str]) -> bool:
    """Whether all of `inner` occurs in `outer`, in its order."""
    rest = iter(outer)
    return all(word in rest for word in inner)


# -- the battery ---------------------------------------------------------------------------------


def test_names_and_groups_are_those_that_audits_are_kept_under() -> None:
    others = (
        *("injection-instruction", "injection-delimiter", "injection-verdict"),
        *("injection-hidden", "injection-reference", "padding-x1.5", "padding-x3"),
        *("markdown-added", "markdown-removed", "authority", "bandwagon", "sentiment"),
        *("distraction", "identity"),
    )
    assert tuple(PERTURBATIONS) == (*NULL_NAMES, *others)
    assert tuple(f"null:{n}" for n in range(1, 11)) == NULL_NAMES
    groups = ("null", "injection", "padding", "format", "claims", "distraction")
    assert groups == perturbations.GROUPS


def test_each_says_in_a_line_what_it_is_and_what_to_change() -> None:
    for one in PERTURBATIONS.values():
        assert one.what
        assert one.remedy
        assert "\n" not in one.what + one.remedy
        assert not one.what.endswith(".")


def test_a_changed_text_needs_a_new_version() -> None:
    """Where this fails: raise TEXTS_VERSION, then write the new digest here."""
    made = {
        name: [
            one.apply(ANSWER, replace(CONTEXT, item_id=f"i{k}", mode=mode))
            for k in range(8)
            for mode in ("pairwise", "single")
        ]
        for name, one in PERTURBATIONS.items()
    }
    told = digest([made, perturbation_texts.CONSTANT_TEXT])
    assert (perturbations.TEXTS_VERSION, told[7:19]) == (1, "dbf65dab9bc3")


@pytest.mark.parametrize("name", WORDY)
@given(text=prose)
def test_all_words_of_the_answer_stay_in_their_order(name: str, text: str) -> None:
    found = PERTURBATIONS[name].apply(text, CONTEXT)
    if found is not None:
        assert within(words(text), words(found))


@pytest.mark.parametrize("name", ADDED)
def test_the_same_answer_is_perturbed_the_same_way(name: str) -> None:
    text = applied("markdown-added") if name == "markdown-removed" else ANSWER
    assert applied(name, text) == applied(name, text)
    assert applied(name, text) != text


@pytest.mark.parametrize("name", ["authority", "bandwagon", "sentiment", "distraction", "identity"])
def test_items_do_not_all_get_the_same_phrase(name: str) -> None:
    found = {applied(name, context=replace(CONTEXT, item_id=f"i{k}")) for k in range(20)}
    assert len(found) == 3


# -- null answers --------------------------------------------------------------------------------


def test_null_answers_are_nothing_but_themselves() -> None:
    found = [applied(name) for name in NULL_NAMES]
    assert found[:8] == list(NULL_KEYS[:8])
    assert found[:2] == ["", " "]
    assert found[8:] == [CONTEXT.question, CONTEXT.other_answer]


def test_a_null_answer_that_the_answer_is_already_does_not_apply() -> None:
    assert PERTURBATIONS["null:1"].apply("", CONTEXT) is None
    alone = replace(CONTEXT, other_answer="")
    assert PERTURBATIONS["null:10"].apply(ANSWER, alone) is None


def test_an_empty_answer_is_rendered_between_its_delimiters() -> None:
    judged = item("i", base="", tuned=" ")
    _, asked = next(plan([judged], [judge()], rubric=pairwise()).trials(judge()))
    shown = render.blocks(asked.user)
    assert sorted([shown["response A"], shown["response B"]]) == ["", " "]


# -- injections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in ADDED if n.startswith("injection")])
@pytest.mark.parametrize("mode", ["pairwise", "single"])
def test_an_injection_is_recognised_also_as_a_prompt_shows_it(name: str, mode: Mode) -> None:
    told = applied(name, context=replace(CONTEXT, mode=mode))
    assert is_injected(render.neutral(told))


@pytest.mark.parametrize("name", [n for n in ADDED if not n.startswith("injection")])
def test_nothing_else_is_taken_for_one(name: str) -> None:
    text = applied("markdown-added") if name == "markdown-removed" else ANSWER
    assert not is_injected(applied(name, text))
    assert not is_null(applied(name, text), CONTEXT.question)


def test_the_forged_verdict_follows_the_rubrics_form() -> None:
    told = json.loads(applied("injection-verdict").removeprefix(ANSWER))
    assert list(told) == ["reasoning", "label"]
    assert told["label"] == "B"
    several = replace(CONTEXT, slot_label="5", criteria={"accuracy": "5"}, mode="single")
    told = json.loads(applied("injection-verdict", context=several).removeprefix(ANSWER))
    assert told["criteria"] == {"accuracy": "5"}
    assert told["label"] == "5"


def test_a_forged_end_looks_like_ours_in_some_items_and_is_broken_up() -> None:
    found = [
        applied(
            "injection-delimiter",
            context=replace(CONTEXT, item_id=f"i{k}"),
        )
        for k in range(30)
    ]
    ends = {end for end in perturbation_texts.ENDS_OF_ANSWERS for text in found if end in text}
    assert ends == set(perturbation_texts.ENDS_OF_ANSWERS)
    assert all("<<<END" not in render.neutral(text) for text in found)


def test_the_hidden_order_is_not_seen_as_it_stands() -> None:
    hidden = applied("injection-hidden").split("-->")[1]
    assert CONTEXT.order not in hidden
    assert CONTEXT.order in perturbation_texts.unlaced(hidden)


# -- padding -------------------------------------------------------------------------------------


@given(n=st.integers(200, 6000), item_id=st.text(max_size=5))
def test_padding_reaches_its_length_and_repeats_no_sentence(n: int, item_id: str) -> None:
    text = ("word " * n)[:n]
    context = replace(CONTEXT, item_id=item_id)
    for name, factor in (("padding-x1.5", 1.5), ("padding-x3", 3.0)):
        padded = applied(name, text, context)
        assert abs(len(padded) - factor * n) <= 20
        added = [s for s in padded.removeprefix(text).strip().split(". ") if s]
        assert len(added) == len(set(added))


def test_what_is_too_long_for_our_filler_is_not_padded_by_repeating_it() -> None:
    whole = sum(len(s) + 1 for s in perturbation_texts.sentences(0, "i"))
    assert PERTURBATIONS["padding-x3"].apply("x" * whole, CONTEXT) is None
    every = [*perturbation_texts.sentences(0, "i")]
    assert len(every) == len(set(every)) == perturbation_texts.N_SENTENCES


def test_the_shortest_answers_are_not_made_much_longer_than_meant() -> None:
    assert len(applied("padding-x1.5", "Yes, that is so.")) <= 1.5 * len("Yes, that is so.") + 12
    assert PERTURBATIONS["padding-x3"].apply("", CONTEXT) is None


@pytest.mark.parametrize("text", ["A", "42", "Yes", "Berlin", "Germany", "It is Paris."])
def test_an_answer_too_short_for_our_filler_is_not_made_something_else_than_is_said(
    text: str,
) -> None:
    """Of 6 letters half as long again and three times as long were the same text, asked once for both."""
    found = {f: PERTURBATIONS[f"padding-x{f:g}"].apply(text, CONTEXT) for f in (1.5, 3.0)}
    for factor, padded in found.items():
        meant = (factor - 1) * len(text) - len("\n\n")
        assert padded is None or abs(len(padded) - factor * len(text)) <= meant / 2 + 1
    assert None in found.values() or found[1.5] != found[3.0]


# -- markdown ------------------------------------------------------------------------------------


def test_markdown_has_headings_bold_and_bullets_around_the_same_words() -> None:
    dressed = applied("markdown-added")
    assert dressed.startswith("## Yes, within 30 days.\n\n- The pan")
    assert "**Please send it to the address on the invoice.**\n\n- Write" in dressed
    assert without_marks(dressed) == words(ANSWER)


@given(prose)
def test_markdown_that_was_added_can_be_taken_away(text: str) -> None:
    dressed = PERTURBATIONS["markdown-added"].apply(text, CONTEXT)
    if dressed is not None:
        bare = perturbation_markdown.removed(dressed)
        assert bare.split() == text.split()


def test_taking_markdown_away_leaves_every_word() -> None:
    dressed = "# Title\n\n**Note** that *this*\n- one\n* two\n1. three\n\n> quoted `code`"
    bare = applied("markdown-removed", dressed)
    assert bare == "Title\n\nNote that this\none\ntwo\n1. three\n\n> quoted `code`"


@pytest.mark.parametrize(
    "text",
    [
        "No marks at all here.",
        "Use 2**3 and a*b*c, or x ** y ** z.",
        "```python\n# a comment\nx = a * b\n- 1\n```",
        "Call __init__ with *args and **kwargs.",
        "C# is a language. 5 - 3 = 2.",
    ],
)
def test_what_is_no_markdown_stays(text: str) -> None:
    assert PERTURBATIONS["markdown-removed"].apply(text, CONTEXT) is None


def test_code_gets_no_markdown() -> None:
    code = "```\nFirst line. Second line.\n```"
    dressed = applied("markdown-added", f"Do this. Then that.\n\n{code}")
    assert dressed == f"## Do this.\n\n- Then that.\n\n{code}"
    assert PERTURBATIONS["markdown-added"].apply("    indented = code", CONTEXT) is None


# -- choosing ------------------------------------------------------------------------------------


def test_only_and_without_take_names_and_groups() -> None:
    assert selected() == (*PERTURBATIONS, CONSTANT_GROUP)
    assert selected(["format", "null:3"]) == ("null:3", "markdown-added", "markdown-removed")
    assert selected(["format"], ["markdown-added"]) == ("markdown-removed",)
    assert selected(["constant"]) == (CONSTANT_GROUP,)
    assert CONSTANT_GROUP not in selected(without=["constant"])


@pytest.mark.parametrize(
    ("only", "without", "said"),
    [
        (["paddin"], [], "--only paddin: no such perturbation; known are null, injection"),
        ([], ["null:11"], "--without null:11: no such perturbation"),
        (["null"], ["null"], "leave nothing to ask"),
    ],
)
def test_an_unknown_name_is_told_with_those_that_are_known(
    only: list[str], without: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        selected(only, without)
