"""Arena-Hard: models' answers, and judgments of both orders against a baseline on five levels.

The baseline is shown first in the first game and second in the other. It becomes system_b. The levels
are ordinal: how strong a preference was is kept in a column of its own and makes no probability.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from judge.errors import short
from judge.formats import AS_NAMED, Files, Format
from judge.formats.benchmarks import (
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
from judge.formats.published import SLOT_WINNER, Cells, cells, table_of, text_of
from judge.table import VerdictTable

# Level -> the slot that won, and how clearly.
_LEVELS: Mapping[str, tuple[str, str | None]] = {
    "A>>B": ("A", "strong"),
    "A>B": ("A", "slight"),
    "A=B": ("tie", None),
    "B>A": ("B", "slight"),
    "B>>A": ("B", "strong"),
    "A<<B": ("B", "strong"),
    "A<B": ("B", "slight"),
    "B=A": ("tie", None),
    "B<A": ("A", "slight"),
    "B<<A": ("A", "strong"),
}

# What the source takes from [[...]] in an answer, level or not.
_TAKEN = re.compile("[AB<>=]+")

# The order of each game, the baseline being system_b.
_ORDERS = ("BA", "AB")

_BASELINE = "baseline"
_READ = ("uid", "question_id", "category", "judge", "model", "baseline", "games", "tstamp")


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """The judgments of one file, a row a game."""
    own, questions, lengths = files["verdicts"], questions_of(files), lengths_of(files)
    rows = list(cells(own.rows, own.source))
    found = [(row.row, one) for row in rows for one in _games(row, questions, lengths)]
    unnamed = sum(1 for row in rows if not row.values.get("baseline"))
    wanted = {(item_of(row), system) for row in rows for system in _systems(row)}
    warnings = (*_unnamed(unnamed), *unmeasured(files, lengths, wanted))
    return table_of("pairwise", found, own.source, warnings=warnings)


def _unnamed(unnamed: int) -> Iterator[str]:
    if unnamed:
        yield f"{unnamed} rows do not name the baseline, as in version 0.1; it is called {_BASELINE}"


def _systems(row: Cells) -> tuple[str, str]:
    return row.name("model"), row.optional("baseline") or _BASELINE


def _games(
    row: Cells, questions: Mapping[str, Question], lengths: Lengths
) -> Iterator[dict[str, Any]]:
    item, (system, baseline) = item_of(row), _systems(row)
    asked = question(questions, item, row)
    shared = {
        **row.rest("pairwise", _READ),
        "item_id": item,
        "cluster": asked.topic or item,
        "system_a": system,
        "system_b": baseline,
        "judge": row.name("judge"),
        "category": row.optional("category") or asked.category,
        "len_a": length(lengths, item, system),
        "len_b": length(lengths, item, baseline),
        "len_prompt": asked.length(),
    }
    for order, game in zip(_ORDERS, row.read("games", _listed), strict=False):
        yield {**shared, "order": order, **_verdict(row, order, game)}


def _listed(games: Any) -> list[Any]:
    if not isinstance(games, list) or not 1 <= len(games) <= len(_ORDERS):
        raise ValueError(f"{short(games)} is no list of one or two games")
    if not all(game is None or isinstance(game, Mapping) for game in games):
        raise ValueError(f"{short(games)} holds something that is no game")
    return games


def _verdict(row: Cells, order: str, game: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was said in a game; a game or score that is null could not be read."""
    if game is None:
        return {"status": "unparsed"}
    said = {"explanation": _explanation(game.get("judgment"))}
    if game.get("score") is None:
        return {"status": "unparsed", **said}
    level = Cells(row.source, row.row, {"games.score": game["score"]}).read("games.score", _level)
    if level is None:
        reason = f"no level in {short(game['score'])}"
        return {"status": "unparsed", "reason": reason, **said}
    slot, strength = level
    return {"label": SLOT_WINNER[order][slot], "strength": strength, **said}


def _level(score: Any) -> tuple[str, str | None] | None:
    """The slot and how clearly, None for what the source took from an answer and then passed over."""
    if not isinstance(score, str) or not _TAKEN.fullmatch(score):
        raise ValueError(f"{short(score)} is not one of {', '.join(_LEVELS)}")
    return _LEVELS.get(score)


def _explanation(judgment: Any) -> str:
    try:
        return text_of(judgment)
    except ValueError:
        return ""


FORMAT = Format(
    name="arena_hard",
    description="Arena-Hard's answers and judgments",
    reads={"responses": responses, "verdicts": verdicts},
    beside=BESIDE,
)
