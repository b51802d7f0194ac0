"""MT-Bench: models' answers, judgments of one answer or of a pair, and people's votes.

Each turn is a question of its own, `<question_id>-turn<turn>`, and the turns of one question are a
cluster. A judge's prompt is the rubric. Winners stand in the pair's own frame there: game 1 shows
model_1 first, game 2 model_2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Files, Format, Row, bad
from judge.formats.benchmarks import (
    API_ERROR,
    BESIDE,
    Lengths,
    Question,
    item_of,
    length,
    lengths_of,
    question,
    questions_of,
    responses,
    unmeasured,
)
from judge.formats.mt_bench_write import verdict_rows
from judge.formats.native_labels import labels as checked_labels
from judge.formats.published import Cells, cells, one_of, table_of, to_whole
from judge.table import VerdictTable
from judge.table_cells import to_number
from judge.types import HumanLabel, Mode

_PAIR_WINNERS = {"model_1": "a", "model_2": "b", "tie": "tie", "error": None}
_INCONSISTENT = "tie (inconsistent)"
_VOTES = {"model_a": "a", "model_b": "b", "tie": "tie", _INCONSISTENT: "tie"}
_GAMES = (("AB", "g1_winner", "g1_judgment"), ("BA", "g2_winner", "g2_judgment"))
_FAILED_SCORE = -1.0

_TOLD = ("question_id", "turn", "judge", "judgment", "conversation_a", "conversation_b")
_PROMPTS = ("user_prompt", "g1_user_prompt", "g2_user_prompt", "g1_judgment", "g2_judgment")
_NAMES = ("model", "model_1", "model_2", "model_a", "model_b", "winner", "g1_winner", "g2_winner")
_READ = (*_TOLD, *_PROMPTS, *_NAMES)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the judgments."""

    questions: Mapping[str, Question]
    lengths: Lengths


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """The judgments of one file: of single answers, of pairs in both orders, or votes on pairs."""
    own = files["verdicts"]
    rows = list(cells(own.rows, own.source))
    beside = _Beside(questions_of(files), lengths_of(files))
    if not rows:
        raise InputError(f"{own.source}: holds no rows; write at least one")
    read, mode = _kind(rows[0])
    repeats = _repeats(rows)
    found = [
        (row.row, {**one, "repeat": repeat})
        for row, repeat in zip(rows, repeats, strict=True)
        for one in read(row, beside)
    ]
    wanted = {(item_of(row), row.name(name)) for row in rows for name in _systems(row)}
    warnings = (*_warnings(found, repeats), *unmeasured(files, beside.lengths, wanted))
    return table_of(mode, found, own.source, warnings=warnings)


def _systems(row: Cells) -> Iterator[str]:
    return (n for n in ("model", "model_1", "model_2", "model_a", "model_b") if n in row.values)


def _repeats(rows: Iterable[Cells]) -> list[int]:
    """How often each row's question was asked up to there: a second run appends to the same file.

    A row that is there twice is the same repeat twice, which a table refuses.
    """
    asked: dict[object, dict[int, int]] = {}
    repeats = []
    for row in rows:
        judge = row.read("judge", _judge)
        key = (item_of(row), _turn(row), judge, frozenset(row.name(n) for n in _systems(row)))
        said = asked.setdefault(key, {})
        repeats.append(said.setdefault(hash(repr(row.values)), len(said) + 1))
    return repeats


def _kind(first: Cells) -> tuple[Any, Mode]:
    """What reads a file that begins so, and its mode."""
    names = first.values.keys()
    if {"g1_winner", "g2_winner"} <= names:
        return _pair, "pairwise"
    if {"model", "score"} <= names:
        return _single, "single"
    if {"model_a", "model_b", "winner"} <= names:
        return _vote, "pairwise"
    raise InputError(
        f"{first.source}: no MT-Bench judgments: single ones have model and score, pairs g1_winner "
        f"and g2_winner, votes model_a, model_b and winner; here are {', '.join(map(str, names))}"
    )


def _shared(row: Cells, beside: _Beside, mode: Mode) -> dict[str, Any]:
    """What every kind of judgment says."""
    of, turn = item_of(row), _turn(row)
    judge, prompt = row.read("judge", _judge)
    asked = question(beside.questions, of, row)
    return {
        **row.rest(mode, _READ),
        "item_id": f"{of}-turn{turn}",
        "cluster": row.optional("cluster") or of,
        "judge": judge,
        "rubric": prompt,
        "category": asked.category or row.optional("category"),
        "len_prompt": asked.length(turn),
    }


def _turn(row: Cells) -> int:
    turn = row.read("turn", to_whole)
    if turn is not None and turn < 1:
        raise bad(row.source, row.row, "turn", f"{turn} is no turn; the first is 1")
    return 1 if turn is None else int(turn)


def _judge(value: Any) -> tuple[str, str]:
    """The judge and its prompt: a list of both, or the judge alone."""
    parts = list(value) if isinstance(value, list | tuple) else [value]
    if len(parts) not in (1, 2) or not all(isinstance(p, str) for p in parts) or not parts[0]:
        raise ValueError(f'{short(value)} is no judge; write ["judge", "prompt"] or a name')
    return parts[0], parts[1] if len(parts) == 2 else ""


def _unread(judgment: Any) -> dict[str, str]:
    """Why there is no verdict: the judge's API failed, or its answer could not be read."""
    if isinstance(judgment, str) and judgment.strip() == API_ERROR:
        return {"status": "failed", "reason": "the judge's API failed"}
    return {"status": "unparsed"}


def _said(judgment: Any) -> str:
    return judgment if isinstance(judgment, str) and judgment.strip() != API_ERROR else ""


def _single(row: Cells, beside: _Beside) -> Iterator[dict[str, Any]]:
    score, judgment = row.read("score", to_number), row.values.get("judgment")
    is_read = score == score and score != _FAILED_SCORE
    system = row.name("model")
    yield {
        **_shared(row, beside, "single"),
        "system": system,
        "len": length(beside.lengths, item_of(row), system, _turn(row)),
        "explanation": _said(judgment),
        **({"score": score} if is_read else _unread(judgment)),
    }


def _pair(row: Cells, beside: _Beside) -> Iterator[dict[str, Any]]:
    """Both games of a judgment."""
    if "m1_score" in row.values:
        raise InputError(
            f"{row.source}, row {row.row}: its winner comes from two single scores, not from a "
            "comparison; read the single judgments instead"
        )
    shared = {**_shared(row, beside, "pairwise"), **_two(row, "model_1", "model_2", beside)}
    for order, name, said in _GAMES:
        label, judgment = row.read(name, one_of(_PAIR_WINNERS)), row.values.get(said)
        reading = {"label": label} if label else _unread(judgment)
        yield {**shared, "order": order, "explanation": _said(judgment), **reading}


def _two(row: Cells, first: str, second: str, beside: _Beside) -> dict[str, Any]:
    a, b, of, turn = row.name(first), row.name(second), item_of(row), _turn(row)
    return {
        "system_a": a,
        "system_b": b,
        "len_a": length(beside.lengths, of, a, turn),
        "len_b": length(beside.lengths, of, b, turn),
    }


def _vote(row: Cells, beside: _Beside) -> Iterator[dict[str, Any]]:
    """One vote; its order is not recorded. Lengths come from the conversations where they are there."""
    two = _two(row, "model_a", "model_b", beside)
    for side in ("a", "b"):
        name = f"conversation_{side}"
        if two[f"len_{side}"] is None and row.values.get(name):
            texts = row.spoken(name, "assistant")[: _turn(row)]
            two[f"len_{side}"] = sum(map(len, texts))
    label = row.read("winner", one_of(_VOTES))
    orders = {"orders": "disagree"} if row.values["winner"] == _INCONSISTENT else {}
    yield {**_shared(row, beside, "pairwise"), **two, "label": label, **orders}


def _warnings(found: Iterable[Row], repeats: Iterable[int]) -> Iterator[str]:
    rows = [values for _, values in found]
    again = sum(1 for repeat in repeats if repeat > 1)
    if again:
        yield f"{again} rows ask again what a row above them asked; they are read as its repeats"
    votes = sum(1 for values in rows if "system_a" in values and "order" not in values)
    torn = sum(1 for values in rows if "orders" in values)
    if votes:
        yield "votes do not record which answer was shown first: position bias cannot be measured"
    if torn:
        yield (
            f"{torn} of {len(rows)} verdicts are called ties there since both orders disagree; each "
            "counts as a tie and has orders = disagree"
        )


# -- people --------------------------------------------------------------------------------------


def labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    """People's votes on pairs, the judge being the rater."""
    own = files["labels"]
    rows = ((row.row, _label(row)) for row in cells(own.rows, own.source))
    return checked_labels(rows, source=own.source)


def _label(row: Cells) -> dict[str, Any]:
    return {
        "item_id": f"{item_of(row)}-turn{_turn(row)}",
        "rater": row.read("judge", _rater),
        "system_a": row.name("model_a"),
        "system_b": row.name("model_b"),
        "label": row.read("winner", one_of(_VOTES)),
    }


def _rater(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{short(value)} is no person; verdicts of models are read as verdicts")
    return value


FORMAT = Format(
    name="mt_bench",
    description="MT-Bench's answers, judgments and votes (FastChat)",
    reads={"responses": responses, "verdicts": verdicts, "labels": labels},
    writes={"verdicts": verdict_rows},
    beside=BESIDE,
)
