"""Reads a verdict in what a judge answered, and nothing else.

Strict on purpose: a verdict is ok only for exactly one admissible label inside the scale, whatever a
schema promised. The label comes from the answer's own JSON object; an answer that quotes the prompt
is not searched for one, and what it quotes of the judged texts is none of its own. What cannot be
read becomes a status with its reason, never a value.

A judge that is read by its log-probabilities must have given a label in the same way; how probable it
was then decides the value. Where that cannot be read the label stands, and the method says so.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from judge import logprobs, render, text_answers, wording_forms
from judge.errors import short
from judge.text_answers import QUOTES_LABEL, QUOTES_PROMPT, THOUGHT, Unreadable, is_quoted
from judge.types import Call, Completion, Prompt, Reading, Rubric, Scale, Status, Trial, Verdict
from judge.wording_forms import Meant

PARSER_VERSION = 4

TEXT_REMINDER = (
    "Your last answer to this could not be read. Answer again in plain text with nothing but the lines that "
    "are described above, each exactly once and with exactly one label."
)
REMINDER = (
    "Your last answer to this could not be read. Answer again with nothing but the JSON object that "
    "is described above, with exactly one label."
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parts of an answer in the rubric's own words. at: where in the text its object begins.

    meant: by the scale what label, as it was written, stands for.
    """

    meant: Meant
    label: str
    at: int
    criteria: Mapping[str, str] = field(default_factory=dict)
    reasoning: str = ""


def read(
    completion: Completion,
    trial: Trial,
    rubric: Rubric,
    marker: str,
    reading: Reading = "label",
    shown: Callable[[], str] = str,
) -> Verdict:
    """The verdict in the item's own frame.

    marker: the code in the delimiters of the prompt. reading: how the judge's verdicts are read.
    shown: gives the judged texts as they were shown, asked for only where an answer is more than its
    object.
    """
    if completion.finish_reason == "refusal":
        return _without(Status.REFUSED, completion.text or "the judge refused")
    if completion.finish_reason == "length":
        return _without(Status.TRUNCATED, "the answer was cut off; raise the judge's max_tokens")
    forms = rubric.wording(trial.variant).forms
    try:
        if wording_forms.TEXT_OUTPUT in forms and completion.structured == "none":
            answer = _answer(
                _lines(completion.text, marker, rubric, forms, shown), 0, rubric, forms
            )
            return _in_another_form(_by_label(completion, trial, rubric, answer), reading)
        found, at = _object(completion.text, marker, shown)
        if completion.structured == "endpoint" and "p_first" in found:
            return _by_p_first(found, trial)
        answer = _answer(found, at, rubric, forms)
    except Unreadable as error:
        return _without(Status.UNPARSED, str(error))
    verdict = _by_label(completion, trial, rubric, answer)
    if _is_translated(forms):
        return _in_another_form(verdict, reading)
    if reading == "logprobs":
        return _by_logprobs(verdict, completion, trial, rubric, answer)
    return verdict


def read_call(call: Call, trial: Trial, rubric: Rubric, reading: Reading) -> Verdict:
    """The verdict of a call, of one that was given up too. reading: how its judge is read."""
    if call.completion is None:
        return Verdict(Status.FAILED, reason=call.error)
    verdict = read(
        call.completion, trial, rubric, call.marker, reading, lambda: judged_texts(call.request)
    )
    if call.reask and verdict.status is Status.OK:
        return dataclasses.replace(verdict, method=f"{verdict.method}, re-asked")
    return verdict


def judged_texts(request: str) -> str:
    """The judged texts of a request as it is stored, "" where it shows none."""
    user = json.loads(request).get("user", "")
    return "\n".join(render.blocks(user.replace(render.PLACEHOLDER, "0" * 16)).values())


def reask(prompt: Prompt) -> Prompt:
    """The same request once more, with a word on what was wrong and a key of its own."""
    return dataclasses.replace(
        prompt,
        user=f"{prompt.user}\n\n{TEXT_REMINDER if prompt.in_text else REMINDER}",
        idempotency_key=f"{prompt.idempotency_key}/reask",
        reask=1,
    )


def slot(scale: Scale, label: str) -> Literal["A", "B", "tie"]:
    """Which response a pairwise label names: the one shown first, second, or neither."""
    if label == scale.tie_label:
        return "tie"
    return "A" if label == scale.labels[0] else "B"


def cannot_weigh(rubric: Rubric) -> bool:
    """True where a score by probabilities is not defined: the scale's labels have no numbers."""
    return rubric.mode == "single" and not rubric.scale.values


def _without(status: Status, reason: str) -> Verdict:
    return Verdict(status=status, reason=reason, parser_version=PARSER_VERSION)


# -- readings ------------------------------------------------------------------------------------

_METHODS = {"none": "text", "endpoint": "endpoint"}


def _by_label(completion: Completion, trial: Trial, rubric: Rubric, answer: _Answer) -> Verdict:
    return Verdict(
        status=Status.OK,
        label=None if answer.meant.label is None else _framed(trial, rubric, answer.meant.label),
        score=answer.meant.score,
        criteria=answer.criteria,
        method=_METHODS.get(completion.structured, "structured"),
        explanation=answer.reasoning,
        parser_version=PARSER_VERSION,
    )


def _in_another_form(verdict: Verdict, reading: Reading) -> Verdict:
    """The verdict by its label, which says so where probabilities were to be read."""
    if reading == "label":
        return verdict
    return dataclasses.replace(verdict, method=f"{verdict.method}, {logprobs.TRANSLATED}")


def _framed(trial: Trial, rubric: Rubric, label: str) -> str:
    """A label of the scale in the item's own frame."""
    return trial.unshown(slot(rubric.scale, label)) if rubric.mode == "pairwise" else label


def _by_logprobs(
    verdict: Verdict, completion: Completion, trial: Trial, rubric: Rubric, answer: _Answer
) -> Verdict:
    """The verdict by the probabilities of the labels, by the label alone where these say too little."""

    def fallen_back(why: str) -> Verdict:
        return dataclasses.replace(verdict, method=f"{verdict.method}, {why}")

    if completion.logprobs is None:
        return fallen_back(logprobs.ABSENT)
    try:
        shares = logprobs.shares(
            completion.logprobs, completion.text, answer.at, rubric.scale.labels
        )
    except logprobs.Unclear:
        return fallen_back(logprobs.UNCLEAR)
    if cannot_weigh(rubric):
        return fallen_back(logprobs.UNCLEAR)
    dist = {_framed(trial, rubric, label): p for label, p in shares.items()}
    verdict = dataclasses.replace(verdict, p_dist=dist)
    if logprobs.mass(dist) < logprobs.LEAST_MASS:
        return fallen_back(logprobs.OFF_SCALE)
    if rubric.mode == "single":
        mean = logprobs.expected(dist, rubric.scale)
        return dataclasses.replace(verdict, label=None, score=mean, method="logprob")
    # The likeliest label, so that label and p_a never name two winners; what was written breaks ties.
    label = max(dist, key=lambda one: (dist[one], one == verdict.label))
    return dataclasses.replace(verdict, label=label, p_a=logprobs.p_a(dist), method="logprob")


def _by_p_first(found: Mapping[str, Any], trial: Trial) -> Verdict:
    """The verdict of an endpoint that says how probably the response shown first is the better."""
    p = found["p_first"]
    if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
        raise Unreadable(f"p_first: no probability from 0 to 1, but {short(p)}")
    reasoning = found.get("reasoning")
    return Verdict(
        status=Status.OK,
        label=trial.unshown("tie" if p == 0.5 else "A" if p > 0.5 else "B"),
        p_a=float(p if trial.unshown("A") == "a" else 1 - p),
        method="p_first",
        explanation=reasoning if isinstance(reasoning, str) else "",
        parser_version=PARSER_VERSION,
    )


# -- answers -------------------------------------------------------------------------------------


def _is_translated(forms: Collection[str]) -> bool:
    """True where labels stand for others, so that their probabilities are not those of the scale."""
    return not {wording_forms.LABELS_MIRRORED, wording_forms.FINER_SCALE}.isdisjoint(forms)


def _answer(found: Mapping[str, Any], at: int, rubric: Rubric, forms: Collection[str]) -> _Answer:
    criteria = {}
    if _has_criteria(rubric):
        given = found.get("criteria")
        if not isinstance(given, dict):
            raise Unreadable("the answer has no criteria")
        criteria = {
            c.name: _mirrored(given.get(c.name), c.scale or rubric.scale, c.name, forms)
            for c in rubric.criteria
        }
    reasoning = found.get("reasoning")
    label = _label(found["label"], wording_forms.offered(rubric.scale, rubric.mode, forms), "label")
    return _Answer(
        meant=wording_forms.meant(rubric.scale, rubric.mode, forms, label),
        label=label,
        at=at,
        criteria=criteria,
        reasoning=reasoning if isinstance(reasoning, str) else "",
    )


def _object(text: str, marker: str, shown: Callable[[], str]) -> tuple[dict[str, Any], int]:
    """The one JSON object with a label that the text is, or holds, and where it begins."""
    # Local models write their thinking before the answer; a whole object may mention the tag too.
    answer_at = text.rfind(THOUGHT) + len(THOUGHT) if THOUGHT in text else 0
    end = len(text.rstrip())
    for start in (0, answer_at):
        at = len(text) - len(text[start:].lstrip())
        whole = _decoded(text, at)
        if whole is not None and whole[1] == end and "label" in whole[0]:
            if start and is_quoted(text[start - len(THOUGHT) :], shown()):
                break  # the tag was not the judge's own
            return whole[0], at
    if marker and text.find(marker, answer_at) >= 0:
        raise Unreadable(QUOTES_PROMPT)
    found = [(o, span) for o, span in _objects(text, answer_at) if "label" in o]
    judged = shown() if found else ""
    own = [(o, span) for o, span in found if not is_quoted(text[slice(*span)], judged)]
    if len(own) != 1:
        raise Unreadable(_why_not_one(len(found), len(own)))
    return own[0][0], own[0][1][0]


def _why_not_one(found: int, own: int) -> str:
    if own:
        return f"the answer holds {own} objects with a label, not one"
    if found:
        return QUOTES_LABEL
    return "the answer holds no JSON object with a label"


def _objects(text: str, at: int) -> Iterator[tuple[dict[str, Any], tuple[int, int]]]:
    """The JSON objects from that place on, each with where it begins and ends."""
    at = text.find("{", at)
    while at >= 0:
        decoded = _decoded(text, at)
        if decoded is not None:
            yield decoded[0], (at, decoded[1])
        at = text.find("{", decoded[1] if decoded else at + 1)


def _decoded(text: str, at: int) -> tuple[dict[str, Any], int] | None:
    """The JSON object at that place and where it ends, None where there is none."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        # No JSON, a number of thousands of digits, or nesting without end.
        return None
    return (value, end) if isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Unreadable("the answer names a field twice")
    return dict(pairs)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def _lines(
    text: str, marker: str, rubric: Rubric, forms: Collection[str], shown: Callable[[], str]
) -> dict[str, Any]:
    """The fields of an answer in plain text, as those of an object would be."""
    whole = wording_forms.LABEL_LINE
    own = {c.name: (c.scale or rubric.scale).labels for c in rubric.criteria}
    scales = {
        **(own if _has_criteria(rubric) else {}),
        whole: wording_forms.offered(rubric.scale, rubric.mode, forms),
    }
    said, reasoning = text_answers.fields(text, marker, scales, shown, whole=whole)
    criteria = {name: label for name, label in said.items() if name != whole}
    return {"criteria": criteria, "label": said[whole], "reasoning": reasoning}


def _has_criteria(rubric: Rubric) -> bool:
    return rubric.mode == "single" and len(rubric.criteria) > 1


def _mirrored(value: object, scale: Scale, name: str, forms: Collection[str]) -> str:
    return wording_forms.mirrored(scale, _label(value, scale.labels, name), forms)


def _label(value: object, labels: Sequence[str], name: str) -> str:
    """The scale's own spelling of a label. Models write 4 for "4" and Tie for "tie"."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable(f"{name}: no label of the scale, but {short(value)}")
    said = str(value).strip().casefold()
    admissible = {label.casefold(): label for label in labels}
    if said not in admissible:
        raise Unreadable(f"{name}: {short(value)} is not on the scale {list(labels)}")
    return admissible[said]
