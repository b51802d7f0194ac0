"""The files that MT-Bench and Arena-Hard keep beside their judgments: questions and models' answers.

Both projects come from one hand: a question or answer of either, in any of their versions, is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Rows
from judge.formats.published import Cells, cells, turns_of

# What both projects write where the model's API gave no answer.
API_ERROR = "$ERROR$"

BESIDE: Mapping[str, str] = {
    "questions": "question.jsonl: prompts, categories and references",
    "answers": "the models' answers, all in one file: lengths",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question. topic: questions that were drawn together, "" where the file does not say."""

    turns: tuple[str, ...]
    category: str = ""
    topic: str = ""
    reference: str | None = None

    def length(self, turns: int | None = None) -> int | None:
        """Characters of the prompt up to that turn, None where no file has it."""
        return sum(map(len, self.turns[:turns])) if self.turns else None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one model answered. turns: None where its API failed; asked: what the user said, if kept."""

    row: int
    item: str
    system: str
    turns: tuple[str, ...] | None
    asked: tuple[str, ...]
    column: str


NO_QUESTION = Question(())


def item_of(row: Cells) -> str:
    """The question that a row is about."""
    return row.name("question_id", "uid")


def questions_of(files: Files) -> dict[str, Question]:
    """Question id -> question; none where no such file was named."""
    if "questions" not in files:
        return {}
    found: dict[str, Question] = {}
    for row in cells(files["questions"].rows, files["questions"].source):
        found[_once(item_of(row), found, row)] = _question(row)
    return found


def _once(item: str, found: Mapping[str, object], row: Cells) -> str:
    if item in found:
        raise InputError(f"{row.source}, row {row.row}: question {item} is above too; keep one")
    return item


def _question(row: Cells) -> Question:
    values = row.values
    turns = row.read("turns", turns_of) if values.get("turns") else (row.name("prompt"),)
    texts = row.read("reference", turns_of) if values.get("reference") else ()
    reference = "\n\n".join(text for text in texts if text)
    return Question(turns, row.optional("category"), row.optional("cluster"), reference or None)


def question(questions: Mapping[str, Question], item: str, row: Cells) -> Question:
    """The question of a row, an empty one where no file has questions."""
    if questions and item not in questions:
        raise InputError(
            f"{row.source}, row {row.row}: question {item} is not among the questions beside it; "
            "name the file of the same benchmark"
        )
    return questions.get(item, NO_QUESTION)


def spoken_of(file: Rows) -> Iterator[Spoken]:
    """Every answer of a file."""
    for row in cells(file.rows, file.source):
        column, turns = _turns(row)
        failed = not turns or any(turn.strip() == API_ERROR for turn in turns)
        asked = row.spoken("messages", "user") if column == "messages" else ()
        yield Spoken(
            row.row,
            item_of(row),
            row.name("model_id", "model"),
            None if failed else turns,
            asked,
            column,
        )


def _turns(row: Cells) -> tuple[str, tuple[str, ...]]:
    """The column that holds an answer, and its turns. Of several samples the first counts."""
    if "messages" in row.values:
        return "messages", row.spoken("messages", "assistant")
    return "choices", row.read("choices", _first_choice)


def _first_choice(choices: Any) -> tuple[str, ...]:
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise ValueError('holds no answer; write [{"index": 0, "turns": [...]}]')
    return turns_of(choices[0].get("turns"))


Lengths = Mapping[tuple[str, str], tuple[int, ...]]


def lengths_of(files: Files) -> Lengths:
    """(Question, model) -> the characters of each turn; none where no file of answers was named."""
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    if "answers" in files:
        for answer in spoken_of(files["answers"]):
            found[answer.item, answer.system] = tuple(map(len, answer.turns or ()))
    return found


def length(lengths: Lengths, item: str, system: str, turns: int | None = None) -> int | None:
    """Characters of a model's answer up to that turn, None where it is not known."""
    said = lengths.get((item, system))
    return sum(said[:turns]) if said else None


def unmeasured(files: Files, lengths: Lengths, wanted: set[tuple[str, str]]) -> Iterator[str]:
    """What to warn of where answers were named and some are not among them."""
    lacking = sum(1 for key in wanted if not lengths.get(key))
    if "answers" in files and lacking:
        yield f"{lacking} of {len(wanted)} answers are not among those beside: they have no length"


# -- responses -----------------------------------------------------------------------------------


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """The answers of one file with the prompts of the questions beside it."""
    own, questions = files["responses"], questions_of(files)
    found = list(spoken_of(own))
    if not found:
        raise InputError(f"{own.source}: holds no rows; write at least one")
    rows = tuple(_answer(answer, questions, own) for answer in found)
    failed = sum(1 for answer in found if answer.turns is None)
    said = f"{own.source}: {failed} of {len(found)} answers are errors of the model's API"
    return Answers(
        source=own.source,
        rows=rows,
        mapping=ColumnMap(own.source, _columns(found[0], files)),
        warnings=(f"{said}; these systems have no response there",) if failed else (),
    )


def _columns(first: Spoken, files: Files) -> dict[str, str]:
    beside = files["questions"].source if "questions" in files else "messages"
    return {"response": first.column, "prompt": beside}


def _answer(answer: Spoken, questions: Mapping[str, Question], own: Rows) -> Answer:
    known = question(questions, answer.item, Cells(own.source, answer.row, {}))
    prompt = known.turns or answer.asked
    if not prompt:
        raise InputError(
            f"{own.source}, row {answer.row}: has no prompt; name the questions with "
            "--beside questions=question.jsonl"
        )
    return Answer(
        source=own.source,
        row=answer.row,
        system=answer.system,
        prompt=prompt,
        turns=answer.turns,
        item_id=answer.item,
        reference=known.reference,
        category=known.category or None,
        cluster=known.topic or None,
    )
