"""promptfoo: the results of an evaluation, with what its model-graded assertions said.

What counts as a system is a provider, and with several prompts a provider with a prompt. Assertions
that a program decides are no judgments and are left out. A result that is not there is never a pass,
and a grader that gave no grade, which stands there as a failed test, is no fail.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Format, Row, Rows, bad
from judge.formats.gold import clustered
from judge.formats.published import inner, table_of
from judge.pairing import prompt_id
from judge.table import VerdictTable
from judge.types import Status, canonical, digest

# Assertions whose result a model gives; each may stand with "not-" before it.
_GRADED = frozenset(
    {
        "agent-rubric",
        "llm-rubric",
        "g-eval",
        "factuality",
        "model-graded-factuality",
        "model-graded-closedqa",
        "answer-relevance",
        "context-faithfulness",
        "context-recall",
        "context-relevance",
        "conversation-relevance",
        "search-rubric",
        "trajectory:goal-success",
        "pi",
    }
)
_RED_TEAM = "promptfoo:redteam:"  # what such an assertion's name begins with; a model grades it too
# The reasons that stand beside "pass": false and "score": 0 where the grader gave no grade at all.
_NO_GRADE = re.compile(
    r"No output$|API( call)? error\b|Could not extract JSON from |Could not perform remote grading"
    r"|[\w:-]+ produced malformed response|Model grader produced a malformed response"
    r"|Factuality checker output did not match|Invalid category value:"
    r"|LLM-proposed evaluation (steps|result) |G-Eval (steps|step-generation|evaluation) "
)
_GRADER = "promptfoo"  # where a file does not say which model graded
_NOTHING_ASKED = "No assertions"  # the reason of a test that passes because nothing was asked
_ERROR = 2  # failureReason of a test that could not be carried out
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class _Result:
    """One answer of one system to one test. output: None where there is none."""

    row: int
    item: str
    system: str
    prompt: tuple[str, ...]
    output: str | None
    error: str
    category: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Graded:
    """One assertion that a model decided."""

    criterion: str
    judge: str
    values: Mapping[str, Any]


# -- results -------------------------------------------------------------------------------------


def _results(own: Rows) -> tuple[list[_Result], tuple[str, ...]]:
    """Every result, and what to warn of."""
    raw = list(_raw(own))
    if not raw:
        raise InputError(f"{own.source}: holds no results; promptfoo writes them with --output")
    labels = list(dict.fromkeys(_prompt_label(values) for _, values in raw))
    several = len(labels) > 1
    found = [_result(n, values, labels if several else [], own) for n, values in raw]
    said = (
        f"{len(labels)} prompts were tried, so a system is a provider with a prompt, "
        "and the test's variables stand for the prompt"
    )
    return found, (said,) if several else ()


def _raw(own: Rows) -> Iterator[Row]:
    """The results with their places from 1 on: of a document, or one a row as in --output x.jsonl."""
    for number, document in own.rows:
        inner = document.get("results")
        listed = inner.get("results") if isinstance(inner, Mapping) else inner
        if listed is None and "prompt" in document:
            yield number, document
        elif not isinstance(listed, list):
            raise InputError(f"{own.source}: has no `results`; name what promptfoo eval wrote")
        else:
            yield from _checked(listed, own)


def _checked(listed: Iterable[Any], own: Rows) -> Iterator[Row]:
    for number, values in enumerate(listed, 1):
        if not isinstance(values, Mapping):
            raise bad(own.source, number, "results", f"{short(values)} is no result")
        yield number, values


def _result(row: int, values: Mapping[str, Any], labels: list[str], own: Rows) -> _Result:
    provider = _provider(values.get("provider"))
    if not provider:
        raise bad(own.source, row, "provider", "is empty; every result needs it")
    variables = values.get("vars") or inner(values, "testCase", "vars") or {}
    prompt = _variables(variables) if labels else _prompt_text(values)
    if not prompt.strip():
        raise bad(own.source, row, "prompt", "is empty; every result needs its prompt")
    return _Result(
        row=row,
        item=_item(values, variables, prompt),
        system=_system(provider, _prompt_label(values), labels),
        prompt=(prompt,),
        output=_output(values),
        error=_error(values),
        category=_text(inner(values, "testCase", "metadata", "category")),
        values=values,
    )


def _item(values: Mapping[str, Any], variables: Any, prompt: str) -> str:
    """The test: its number in the evaluation; where there is none, its variables or its prompt."""
    number = values.get("testIdx")
    if isinstance(number, int) and not isinstance(number, bool):
        return str(number)
    if variables:
        return "t-" + digest(variables).removeprefix("sha256:")[:16]
    return prompt_id((prompt,))


def _system(provider: str, label: str, labels: list[str]) -> str:
    if not labels:
        return provider
    short_name = len(label) <= _LONGEST_NAME and "\n" not in label
    return f"{provider} | {label if short_name else f'prompt {labels.index(label) + 1}'}"


def _provider(value: Any) -> str:
    """What a provider is called: its label, else its id."""
    if isinstance(value, Mapping):
        return _text(value.get("label")) or _text(value.get("id"))
    return _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _prompt_text(values: Mapping[str, Any]) -> str:
    prompt = values.get("prompt")
    return _text(inner(prompt, "raw")) or _text(prompt) or _text(inner(prompt, "label"))


def _prompt_label(values: Mapping[str, Any]) -> str:
    """What tells prompts apart before their variables are filled in."""
    return _text(inner(values, "prompt", "label")) or _text(values.get("promptId"))


def _variables(variables: Any) -> str:
    """The variables of a test as people would read them."""
    if not isinstance(variables, Mapping):
        return ""
    plain = {k: v if isinstance(v, str) else canonical(v) for k, v in variables.items()}
    return "\n".join([*plain.values()] if len(plain) == 1 else [f"{k}: {plain[k]}" for k in plain])


def _output(values: Mapping[str, Any]) -> str | None:
    output = inner(values, "response", "output")
    if output is None or isinstance(output, str):
        return output
    return json.dumps(output, ensure_ascii=False)


def _error(values: Mapping[str, Any]) -> str:
    """Why a result has no verdict at all, "" where it was graded."""
    said = _text(values.get("error")) or _text(inner(values, "response", "error"))
    is_graded = isinstance(values.get("gradingResult"), Mapping)
    if values.get("failureReason") == _ERROR or not is_graded:
        return said or "the test could not be carried out"
    return ""


# -- responses -----------------------------------------------------------------------------------


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """What every provider answered to every test."""
    own = files["responses"]
    found, warnings = _results(own)
    answers = tuple(
        Answer(
            source=own.source,
            row=result.row,
            system=result.system,
            prompt=result.prompt,
            turns=None if result.output is None else (result.output,),
            item_id=result.item,
            category=result.category or None,
        )
        for result in found
    )
    mapping = {"response": "response.output", "prompt": "prompt", "system": "provider"}
    said = tuple(f"{own.source}: {warning}" for warning in warnings)
    return Answers(own.source, answers, ColumnMap(own.source, mapping), said)


# -- verdicts ------------------------------------------------------------------------------------


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """A verdict of every model-graded assertion, with its score."""
    own = files["verdicts"]
    found, warnings = _results(own)
    graded = [list(_graded(result)) for result in found]
    left_out = sum(_decided(result) for result in found)
    asked = list(dict.fromkeys((g.criterion, g.judge) for said in graded for g in said))
    if not asked:
        raise InputError(
            f"{own.source}: no assertion here was graded by a model; llm-rubric, g-eval, factuality "
            "and their like are"
        )
    rows = [
        (result.row, {**_shared(result), **said})
        for result, own_graded in zip(found, graded, strict=True)
        for said in _said(result, own_graded, asked)
    ]
    prompts = {result.item: result.prompt[0] for result in found}  # repeats of a test share theirs
    warnings = (*warnings, *_left_out(left_out))
    return table_of("single", clustered(rows, prompts), own.source, warnings=warnings)


def _left_out(number: int) -> Iterator[str]:
    if number:
        yield (
            f"{number:,} results of assertions are left out: a program decided them, or a model "
            "compared several answers"
        )


def _shared(result: _Result) -> dict[str, Any]:
    return {
        "item_id": result.item,
        "system": result.system,
        "category": result.category,
        "len": None if result.output is None else len(result.output),
    }


def _components(result: _Result) -> list[Mapping[str, Any]]:
    """The results of single assertions; a set of assertions is the sum of those that follow it.

    Where the test could not be carried out, its assertions without results.
    """
    if result.error:
        return [{"assertion": a} for a in _flat(inner(result.values, "testCase", "assert"))]
    grading = result.values["gradingResult"]
    found = _mappings(grading.get("componentResults"))
    if not found:
        return [] if grading.get("reason") == _NOTHING_ASKED else [grading]
    return [part for part in found if _kind(part) or not part.get("componentResults")]


def _flat(assertions: Any) -> list[Mapping[str, Any]]:
    """Assertions with those of sets in the place of the sets."""
    found = _mappings(assertions)
    return [one for a in found for one in (_mappings(a.get("assert")) or [a])]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _kind(part: Mapping[str, Any]) -> str:
    return _text(inner(part, "assertion", "type"))


def _is_graded(part: Mapping[str, Any]) -> bool:
    """Whether a model decided; a result that names no assertion may be anybody's and counts."""
    kind = _kind(part).removeprefix("not-")
    return not kind or kind in _GRADED or kind.startswith(_RED_TEAM)


def _decided(result: _Result) -> int:
    """How many assertions are no judgment of one answer by a model."""
    return sum(not _is_graded(part) for part in _components(result))


def _graded(result: _Result) -> Iterator[_Graded]:
    """The model-graded assertions of a result; those of one name are numbered."""
    parts = [part for part in _components(result) if _is_graded(part)]
    names = [_text(inner(part, "assertion", "metric")) or _kind(part) for part in parts]
    number, seen = Counter(names), Counter[str]()
    for part, name in zip(parts, names, strict=True):
        seen[name] += 1
        criterion = f"{name} {seen[name]}".strip() if number[name] > 1 else name
        yield _Graded(criterion, _judge(part, result), part)


def _judge(part: Mapping[str, Any], result: _Result) -> str:
    """Which model graded, as far as the file says."""
    options = inner(result.values, "testCase", "options", "provider")
    return _provider(inner(part, "assertion", "provider")) or _provider(options) or _GRADER


def _said(
    result: _Result, graded: list[_Graded], asked: list[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """The verdicts on a result; one that could not be carried out has none on what was asked.

    asked: what any test was asked, for a test that does not say it.
    """
    if result.error:
        own = [(one.criterion, one.judge) for one in graded]
        for criterion, judge in own or asked:
            yield {
                "criterion": criterion,
                "judge": judge,
                "status": Status.FAILED.value,
                "reason": result.error,
            }
        return
    for one in graded:
        yield {"criterion": one.criterion, "judge": one.judge, **_verdict(one.values)}


def _verdict(values: Mapping[str, Any]) -> dict[str, Any]:
    reason, passed, score = _text(values.get("reason")), values.get("pass"), values.get("score")
    if inner(values, "metadata", "graderError") or _NO_GRADE.match(reason):
        return {"status": Status.FAILED.value, "reason": reason or "the grader gave no answer"}
    if not isinstance(passed, bool):
        said = "the grader's answer has no `pass`"
        return {"status": Status.UNPARSED.value, "reason": said, "explanation": reason}
    if score is None:
        score = float(passed)
    if isinstance(score, bool) or not isinstance(score, int | float):
        said = f"score {short(score)} is no number"
        return {"status": Status.UNPARSED.value, "reason": said, "explanation": reason}
    return {"score": score, "passed": passed, "explanation": reason}


FORMAT = Format(
    name="promptfoo",
    description="promptfoo: what `promptfoo eval --output` wrote, JSON or JSONL",
    reads={"responses": responses, "verdicts": verdicts},
    whole=True,
)
