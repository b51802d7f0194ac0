"""lm-evaluation-harness: the samples of one task, samples_<task>_<time>.jsonl in the folder of a model.

A metric is a score that a program gave, so its judge is called lm_eval. A filter is another reading of
the same response: it stands as the variant, and is no repeat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Answer, Answers, ColumnMap, Files, Format, Row, Rows, bad
from judge.formats.chats import user_turns
from judge.formats.published import Cells, cells, table_of
from judge.table import VerdictTable
from judge.table_cells import to_number
from judge.types import Status

_JUDGE = "lm_eval"
_NO_FILTER = "none"
_NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?|-?inf|nan")
_FILE = re.compile(r"samples_(?P<task>.+?)(?:_\d{4}-\d\d-\d\dT[\d\-.]+)?")

# What every sample has; a column beside these is a metric where the sample does not list its metrics.
_OWN = frozenset(
    {
        *("doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"),
        *("doc_hash", "prompt_hash", "target_hash"),
    }
)


@dataclass(frozen=True, slots=True)
class _Place:
    """What a file's path says: the model's folder, and the task, "" where the name holds none."""

    system: str
    task: str


def _place(own: Rows) -> _Place:
    named = _FILE.fullmatch(own.stem)
    folders = own.source.replace("\\", "/").split("/")[:-1]
    if named and folders and folders[-1] not in ("", ".", ".."):
        return _Place(folders[-1], named["task"])
    return _Place(own.stem, named["task"] if named else "")


def _item(row: Cells, place: _Place) -> str:
    number = row.name("doc_id")
    return f"{place.task}/{number}" if place.task else number


def _filter(row: Cells) -> str:
    name = row.optional("filter")
    return "" if name == _NO_FILTER else name


# -- responses -----------------------------------------------------------------------------------


def responses(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> Answers:
    """What the model wrote to every document, before any filter.

    Raises InputError for a task of choices, whose samples hold log-likelihoods and no texts.
    """
    own = files["responses"]
    place = _place(own)
    found: dict[str, Answer] = {}
    several = 0
    for row in cells(own.rows, own.source):
        item = _item(row, place)
        if item in found:  # the same response under another filter
            _check_same(row, found[item])
            continue
        text, number = _response(row)
        several += number > 1
        found[item] = _answer(row, place, item, text)
    if not found:
        raise InputError(f"{own.source}: holds no samples; lm-eval writes them with --log_samples")
    mapping = {"response": "resps", "prompt": "arguments", "reference": "target"}
    said = f"{own.source}: {several:,} documents have several responses; the first of each is taken"
    warnings = (said,) if several else ()
    return Answers(own.source, tuple(found.values()), ColumnMap(own.source, mapping), warnings)


def _answer(row: Cells, place: _Place, item: str, text: str) -> Answer:
    return Answer(
        source=row.source,
        row=row.row,
        system=place.system,
        prompt=row.read("arguments", _prompt),
        turns=(text,),
        item_id=item,
        reference=_target(row.values.get("target")),
        category=place.task or None,
    )


def _check_same(row: Cells, known: Answer) -> None:
    if known.turns != (_response(row)[0],):
        problem = f"document {known.item_id!r} has another response in row {known.row}; keep one"
        raise bad(row.source, row.row, "resps", problem)


def _response(row: Cells) -> tuple[str, int]:
    """The first text that the model wrote, and how many there are."""
    column = "resps" if row.values.get("resps") else "filtered_resps"
    texts = list(_leaves(row.values.get(column)))
    if not _is_text(texts, row):
        problem = (
            f"{short(row.values.get(column))} holds no text: tasks of choices record "
            "log-likelihoods, and only tasks that generate have responses"
        )
        raise bad(row.source, row.row, column, problem)
    return texts[0], len(texts)


def _leaves(value: Any) -> Iterator[Any]:
    if not isinstance(value, list):
        yield value
        return
    for part in value:
        yield from _leaves(part)


def _is_text(responses: list[Any], row: Cells) -> bool:
    """Whether the model wrote the responses: log-likelihoods stand there as texts too, "-1.5".

    Of a request to generate, the second part holds settings; where a continuation was scored it is
    that text, and where a whole text was scored there is none, and the response is a number.
    """
    if not responses or not isinstance(responses[0], str):
        return False
    settings = _request(row.values.get("arguments"))[1:]
    if settings:
        return not isinstance(settings[0], str)
    return not _NUMBER.fullmatch(responses[0])


def _request(value: Any) -> list[Any]:
    """The parts of the first request: of {"gen_args_0": {"arg_0": ...}}, or of [[prompt, ...], ...]."""
    return _parts(next(iter(_parts(value)), None))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _prompt(value: Any) -> tuple[str, ...]:
    """The prompt of the first request."""
    first = next(iter(_request(value)), None)
    text = first[0] if isinstance(first, list) and len(first) == 1 else first
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{short(value)} holds no prompt")
    return _turns(text)


def _turns(text: str) -> tuple[str, ...]:
    """The turns of the user where a chat stands there in JSON, else the text."""
    if text.startswith('[{"role"'):
        try:
            return user_turns(json.loads(text))
        except (ValueError, RecursionError):
            return (text,)
    return (text,)


def _target(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False)


# -- verdicts ------------------------------------------------------------------------------------


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """A score of every metric on every document."""
    own = files["verdicts"]
    place = _place(own)
    rows: list[Row] = []
    skipped: dict[str, None] = {}
    for row in cells(own.rows, own.source):
        shared = {
            "item_id": _item(row, place),
            "system": place.system,
            "judge": _JUDGE,
            "variant": _filter(row),
            "category": place.task,
            "len": _length(row),
        }
        for metric in _metrics(row):
            value = row.values.get(metric)
            if isinstance(value, list | dict):
                skipped[metric] = None
                continue
            rows.append((row.row, {**shared, "criterion": metric, **_verdict(row, metric, value)}))
    if not rows:
        raise InputError(f"{own.source}: holds no metric with one number a document")
    return table_of("single", rows, own.source, warnings=_warnings(skipped, rows))


def _metrics(row: Cells) -> Iterable[str]:
    listed = row.values.get("metrics")
    if isinstance(listed, list):
        return [name for name in listed if isinstance(name, str)]
    return [name for name in row.values if name not in _OWN]


def _length(row: Cells) -> int | None:
    texts = list(_leaves(row.values.get("resps")))
    return len(texts[0]) if _is_text(texts, row) else None


def _verdict(row: Cells, metric: str, value: Any) -> dict[str, Any]:
    if value in (None, "", "nan"):
        return {"status": Status.UNPARSED.value, "reason": "the metric has no value here"}
    if isinstance(value, bool):
        return {"score": float(value)}
    return {"score": row.read(metric, to_number)}  # numpy's own numbers stand there as texts


def _warnings(skipped: Iterable[str], rows: Iterable[Row]) -> Iterator[str]:
    names = ", ".join(skipped)
    if names:
        yield f"metrics that are no single number a document are left out: {names}"
    filters = dict.fromkeys(values["variant"] for _, values in rows)
    if len(filters) > 1:
        yield (
            f"{len(filters)} filters read the same responses ({', '.join(filters)}); each is a "
            "variant of its own"
        )


FORMAT = Format(
    name="lm_eval",
    description="lm-evaluation-harness: the samples of one task (--log_samples)",
    reads={"responses": responses, "verdicts": verdicts},
)
