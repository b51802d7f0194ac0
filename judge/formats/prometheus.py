"""Prometheus: single answers scored 1 to 5, and pairs decided A or B, as text that ends in [RESULT].

A row holds its verdicts in <judge>_score (with <judge>_feedback), in score, or only in the judge's text.
[RESULT] counts in that text alone: a text that repeats the prompt holds the prompt's own [RESULT].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Format, Row, Rows, bad
from judge.formats.gold import clustered
from judge.formats.published import SLOT_WINNER, Cells, Places, cells, coded, one_way, table_of
from judge.pairing import prompt_id
from judge.table import VerdictTable
from judge.types import Mode, Status

_SCORE = "_score"
_FEEDBACKS = ("_feedback", "_output")
_TEXTS = ("output", "result", "feedback")  # where the judge's text stands where nobody is named
_JUDGE_COLUMNS = ("eval_model_name", "judge", "judge_model")
_JUDGES = {"gpt4": "gpt-4"}
_JUDGE = "prometheus"

_SYSTEM = ("system", "response_source", "response_model_name", "model")
_SYSTEMS = {"a": ("system_a", "model_a", "model_A"), "b": ("system_b", "model_b", "model_B")}
_UNNAMED = {"a": "response_A", "b": "response_B"}

_RESULT = re.compile(r"\[RESULT\]", re.IGNORECASE)
_SCALE = frozenset({"1", "2", "3", "4", "5"})

# The parts of the prompt that the source asks its judges with, in their order.
_PROMPT_START = "###Task Description:"
_PARTS = re.compile(
    r"###The instruction to evaluate:\n(?P<instruction>.*)"
    r"\n\n###Response to evaluate:\n(?P<response>.*)"
    r"\n\n###Reference Answer \(Score 5\):\n(?P<reference>.*)"
    r"\n\n###Score Rubrics:\n(?P<rubric>.*)"
    r"\n\n###Feedback:",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Texts:
    """What was judged: one response, or two. item: "" where a row names it by its prompt alone."""

    prompt: str
    responses: tuple[str | None, ...]
    reference: str | None
    category: str
    item: str


# -- what was judged -----------------------------------------------------------------------------


def _texts(row: Cells) -> _Texts:
    given = _given(row, "orig_instruction", "instruction", "input") or ""
    parts = _PARTS.search(given) if _PROMPT_START in given else None
    found = parts.groupdict() if parts else {}
    names = ("response_A", "response_B") if _is_pair(row) else ("response",)
    responses = tuple(_given(row, f"orig_{name}", name) for name in names)
    if parts and responses == (None,):
        responses = (found["response"],)
    prompt = found.get("instruction", given)
    return _Texts(
        prompt=prompt,
        responses=responses,
        reference=_given(row, "orig_reference_answer", "reference_answer")
        or found.get("reference"),
        category=row.optional("category", "capability"),
        item=row.optional("item_id", "id", "idx"),
    )


def _is_pair(row: Cells) -> bool:
    return any(name in row.values for name in ("response_A", "orig_response_A"))


def _given(row: Cells, *names: str) -> str | None:
    """The text in the first of these columns that has one."""
    for name in names:
        value = row.values.get(name)
        if value is not None and not isinstance(value, str):
            raise bad(row.source, row.row, name, f"{short(value)} is no text; write one")
        if value is not None:
            return value
    return None


def _item(row: Cells, texts: _Texts, systems: Mapping[str, str], places: Places) -> str:
    if texts.item:
        return texts.item
    if not texts.prompt:
        raise bad(row.source, row.row, "instruction", "is empty; a row needs it, or an id")
    return places.item(prompt_id((texts.prompt,)), systems.values(), texts.responses)


def _systems(row: Cells, own: Rows) -> tuple[dict[str, str], bool]:
    """The systems of a row, and whether it names them."""
    if not _is_pair(row):
        return {"system": row.optional(*_SYSTEM) or own.stem}, True
    named = {side: row.optional(*columns) for side, columns in _SYSTEMS.items()}
    found = {f"system_{side}": name or _UNNAMED[side] for side, name in named.items()}
    return found, all(named.values())


# -- what was said -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """One verdict: a score from 1 to 5, or the slot A or B; neither where it could not be read."""

    judge: str
    repeat: int
    read: str | None
    text: str
    reason: str = ""


def _said(row: Cells) -> Iterator[_Said]:
    """Every verdict of a row."""
    judges = [name.removesuffix(_SCORE) for name in row.values if _is_score(name)]
    for judge in judges:
        yield from _named(row, judge)
    if judges:
        return
    judge = row.optional(*_JUDGE_COLUMNS) or _JUDGE
    text = _given(row, *_TEXTS) or ""
    score = next((row.values[name] for name in _SCORES if name in row.values), None)
    if score is None and not any(name in row.values for name in (*_TEXTS, *_SCORES)):
        raise InputError(
            f"{row.source}, row {row.row}: has no verdict; looked for <judge>{_SCORE}, "
            f"{', '.join((*_SCORES, *_TEXTS))}"
        )
    yield _one(row, _Said(judge, 1, None, text), score)


_SCORES = ("score", "orig_score", "orig_preference", "preference")


def _is_score(name: str) -> bool:
    """Whether a column holds the scores of a judge; people are none."""
    return name.endswith(_SCORE) and name not in ("orig_score", "human_score")


def _named(row: Cells, judge: str) -> Iterator[_Said]:
    """The verdicts of a judge that was asked once or several times."""
    scores = _listed(row.values[judge + _SCORE])
    column = next((judge + end for end in _FEEDBACKS if judge + end in row.values), None)
    texts = _listed(row.values[column]) if column else []
    if column and len(texts) != len(scores):
        problem = f"has {len(texts)} texts for {len(scores)} scores; give each its own"
        raise bad(row.source, row.row, column, problem)
    for n, score in enumerate(scores):
        text = texts[n] if column and isinstance(texts[n], str) else ""
        yield _one(row, _Said(_JUDGES.get(judge, judge), n + 1, None, text), score)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one(row: Cells, said: _Said, score: Any) -> _Said:
    """What was said, with the score that the row holds, else the one that the text ends in."""
    known = {"A", "B"} if _is_pair(row) else _SCALE
    if score not in (None, ""):
        if coded(score) in known:
            return replace(said, read=coded(score))
        return replace(said, reason=f"no verdict in {short(score)}")
    if _PROMPT_START in said.text:
        return replace(said, reason="the text repeats the prompt")
    read = _result(said.text)
    if read in known:
        return replace(said, read=read)
    return replace(said, reason="no single [RESULT] that can be read" if said.text else "no text")


def _result(text: str) -> str | None:
    """What stands behind [RESULT], None where that is not there, or there more than once."""
    _, *tails = _RESULT.split(text)
    return tails[0].strip().strip("()[].").strip() if len(tails) == 1 else None


# -- roles ---------------------------------------------------------------------------------------


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """The verdicts of every row: scores of single answers, or decisions between two.

    In a pair response_A is the one that was shown first.
    """
    own, places = files["verdicts"], Places()
    rows: list[Row] = []
    prompts: dict[str, str] = {}
    modes: set[bool] = set()
    are_named = True
    for row in cells(own.rows, own.source):
        modes.add(_is_pair(row))
        texts, (systems, is_named) = _texts(row), _systems(row, own)
        are_named = are_named and is_named
        item = _item(row, texts, systems, places)
        prompts[item] = texts.prompt
        shared = {"item_id": item, **systems, "category": texts.category, **_lengths(texts)}
        rows.extend((row.row, {**shared, **_cells(said, row)}) for said in _said(row))
    if len(modes) > 1:
        raise InputError(f"{own.source}: holds single answers and pairs; write them into two files")
    found = clustered(rows, {item: prompt for item, prompt in prompts.items() if prompt})
    mode: Mode = "pairwise" if True in modes else "single"
    table = table_of(mode, found, own.source, comparable=are_named)
    return one_way(table) if mode == "pairwise" else table


def _lengths(texts: _Texts) -> dict[str, int]:
    names = ("len",) if len(texts.responses) == 1 else ("len_a", "len_b")
    given = zip(names, texts.responses, strict=True)
    return {name: len(text) for name, text in given if text is not None}


def _cells(said: _Said, row: Cells) -> dict[str, Any]:
    found: dict[str, Any] = {
        "judge": said.judge,
        "repeat": said.repeat,
        "explanation": _RESULT.split(said.text)[0].strip(),
    }
    if _is_pair(row):
        found["order"] = "AB"
    if said.read is None:
        return {**found, "status": Status.UNPARSED.value, "reason": said.reason}
    if _is_pair(row):
        return {**found, "label": SLOT_WINNER["AB"][said.read]}
    return {**found, "label": said.read, "score": float(said.read)}


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """The answers that were judged, two a row where the rows are pairs."""
    own, places = files["responses"], Places()
    rows = [answer for row in cells(own.rows, own.source) for answer in _answers(row, own, places)]
    if not rows:
        raise InputError(f"{own.source}: holds no rows; write at least one")
    return Answers(own.source, tuple(rows), ColumnMap(own.source, _MAPPING))


_MAPPING = {"response": "response", "prompt": "instruction", "reference": "reference_answer"}


def _answers(row: Cells, own: Rows, places: Places) -> Iterator[Answer]:
    texts, (systems, _) = _texts(row), _systems(row, own)
    if not texts.prompt.strip():
        raise bad(own.source, row.row, "instruction", "is empty; every row needs its prompt")
    item = _item(row, texts, systems, places)
    for system, response in zip(systems.values(), texts.responses, strict=True):
        if response is None:
            raise bad(own.source, row.row, "response", "is missing; such a file has verdicts only")
        yield Answer(
            source=own.source,
            row=row.row,
            system=system,
            prompt=(texts.prompt,),
            turns=(response,),
            item_id=item,
            reference=texts.reference,
            category=texts.category or None,
            cluster=None if texts.item else prompt_id((texts.prompt,)),
        )


FORMAT = Format(
    name="prometheus",
    description="Prometheus: answers scored 1 to 5 or pairs decided A or B, with feedback",
    reads={"responses": responses, "verdicts": verdicts},
)
