"""LMArena: people's votes on two anonymous models' conversations.

A vote is a human label, or, read as verdicts, the word of one judge, "people": each row is another
person at another question, so that to tell persons apart would leave judges of one verdict each. Who
voted stays in the column `rater`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from judge.formats import AS_NAMED, Files, Format, bad
from judge.formats.native_labels import labels as checked_labels
from judge.formats.published import Cells, cells, one_of, table_of
from judge.pairing import prompt_id
from judge.table import VerdictTable
from judge.types import HumanLabel

_BOTH_BAD = ("tie (bothbad)", "both_bad")
_WINNERS: Mapping[str, str | None] = {
    "model_a": "a",
    "model_b": "b",
    "tie": "tie",
    **dict.fromkeys(_BOTH_BAD, "tie"),
}
_PEOPLE = "people"
_RATERS = ("judge", "rater", "user_id")
_IDS = ("question_id", "id")
_READ = (
    *("model_a", "model_b", "winner", "conversation_a", "conversation_b", "category"),
    *_RATERS,
    *_IDS,
)


def verdicts(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> VerdictTable:
    """The votes of one file as verdicts of one judge; further votes on a pair are repeats."""
    own, times = files["verdicts"], Counter[object]()
    found: list[tuple[int, dict[str, Any]]] = []
    for row in cells(own.rows, own.source):
        vote = _vote(row)
        pair = (vote["item_id"], frozenset((vote["system_a"], vote["system_b"])))
        times[pair] += 1
        found.append((row.row, {**vote, "repeat": times[pair]}))
    return table_of("pairwise", found, own.source, warnings=_warnings([vote for _, vote in found]))


def _warnings(votes: list[dict[str, Any]]) -> Iterator[str]:
    yield (
        "votes do not record which answer was shown where: position bias is part of them and cannot "
        "be measured"
    )
    bad = sum(1 for vote in votes if "both_bad" in vote)
    if bad:
        yield f"{bad} of {len(votes)} votes call both answers bad; each counts as a tie"


def _vote(row: Cells) -> dict[str, Any]:
    if "winner" not in row.values:
        raise bad(
            row.source, row.row, "winner", f"is not there; it is one of {', '.join(_WINNERS)}"
        )
    winner = row.values["winner"]
    label = row.read("winner", one_of(_WINNERS)) if winner not in (None, "") else None
    item, asked = _item(row), _said(row, "conversation_a", "user")
    return {
        **row.rest("pairwise", _READ),
        "item_id": item,
        "cluster": _cluster(row, asked) or item,
        "system_a": row.name("model_a"),
        "system_b": row.name("model_b"),
        "judge": _PEOPLE,
        "rater": row.optional(*_RATERS) or None,
        "label": label,
        "len_a": _length(row, "conversation_a"),
        "len_b": _length(row, "conversation_b"),
        "len_prompt": sum(map(len, asked)) if asked else None,
        "category": _category(row),
        **({"both_bad": True} if winner in _BOTH_BAD else {}),
    }


def _item(row: Cells) -> str:
    return row.optional(*_IDS) or f"row-{row.row}"


def _cluster(row: Cells, asked: tuple[str, ...]) -> str:
    """One person's session, else one prompt: votes of it hang together. "" where neither is there."""
    session = row.optional("evaluation_session_id")
    return session or (prompt_id(asked[:1]) if asked else "")


def _category(row: Cells) -> str:
    return row.optional("category") if isinstance(row.values.get("category"), str) else ""


def _said(row: Cells, name: str, role: str) -> tuple[str, ...]:
    return row.spoken(name, role) if row.values.get(name) else ()


def _length(row: Cells, name: str) -> int | None:
    """Characters of a model's own messages, None where the conversation is not there."""
    return sum(map(len, _said(row, name, "assistant"))) if row.values.get(name) else None


# -- people --------------------------------------------------------------------------------------


def labels(files: Files, *, columns: Mapping[str, str] = AS_NAMED) -> tuple[HumanLabel, ...]:
    """The votes of one file; a rater whom it does not name is called people."""
    own = files["labels"]
    rows = ((row.row, _label(row)) for row in cells(own.rows, own.source))
    return checked_labels(rows, source=own.source)


def _label(row: Cells) -> dict[str, Any]:
    return {
        "item_id": _item(row),
        "rater": row.optional(*_RATERS) or _PEOPLE,
        "system_a": row.name("model_a"),
        "system_b": row.name("model_b"),
        "label": row.read("winner", one_of(_WINNERS)),
    }


FORMAT = Format(
    name="lmarena",
    description="LMArena's votes on pairs of conversations",
    reads={"verdicts": verdicts, "labels": labels},
)
