"""Our verdicts as MT-Bench's pair judgments: both orders of a pair in one row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from judge.errors import InputError
from judge.formats.published import added, check_pairwise, one_way
from judge.table import VerdictTable, to_rows
from judge.types import Item

_WINNERS: Mapping[str, str] = {"a": "model_1", "b": "model_2", "tie": "tie", "": "error"}
_VALUES: Mapping[str, float] = {"a": 1.0, "tie": 0.5, "b": 0.0}
_KEY = ("item_id", "system_a", "system_b", "judge", "rubric")
_TURN = re.compile(r"(?P<question>.+)-turn(?P<turn>[1-9][0-9]*)")


def verdict_rows(
    verdicts: VerdictTable, items: Mapping[str, Item] | None = None
) -> Iterator[dict[str, Any]]:
    """One judgment a pair, judge and rubric; a verdict that is missing is an "error".

    Pairs of which neither order was asked are left out. Raises InputError for what the shape cannot
    hold: one order alone, repeats, variants, probabilities.
    """
    check_pairwise(verdicts, "MT-Bench")
    games: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in to_rows(one_way(verdicts)):
        _check_fits(row)
        pair = games.setdefault(tuple(row.get(name, "") for name in _KEY), {})
        if row["order"] in pair:
            raise _unfit(row, "is there more than once, and MT-Bench has no repeats")
        pair[row["order"]] = row
    rows = [row for pair in games.values() for row in pair.values()]
    is_clustered = any(row["cluster"] != _question(row["item_id"])[0] for row in rows)
    for pair in games.values():
        if any(row["status"] != "not_asked" for row in pair.values()):
            yield _judgment(pair, is_clustered)


def _unfit(row: Mapping[str, Any], problem: str) -> InputError:
    return InputError(
        f"item {row['item_id']}, judge {row['judge']}: {problem}; export verdicts instead"
    )


def _check_fits(row: Mapping[str, Any]) -> None:
    if row.get("variant"):
        raise _unfit(row, f"was asked in wording {row['variant']}, and MT-Bench has no wordings")
    if not row.get("order"):
        raise _unfit(row, "has no order, and MT-Bench has both")
    if "p_a" in row and row["p_a"] != _VALUES[row["label"]]:
        raise _unfit(row, "has a probability, and MT-Bench has labels only")


def _judgment(pair: Mapping[str, dict[str, Any]], is_clustered: bool) -> dict[str, Any]:
    first = next(iter(pair.values()))
    if len(pair) < 2 or any(row["status"] == "not_asked" for row in pair.values()):
        raise _unfit(first, "was asked in one order only, and MT-Bench has both")
    question, turn = _question(first["item_id"])
    g1, g2 = pair["AB"], pair["BA"]
    return {
        "question_id": int(question) if question == str(_number(question)) else question,
        "model_1": first["system_a"],
        "model_2": first["system_b"],
        "g1_winner": _WINNERS[g1.get("label", "")],
        "g2_winner": _WINNERS[g2.get("label", "")],
        "judge": [first["judge"], first.get("rubric", "")],
        "g1_user_prompt": "",
        "g1_judgment": g1.get("explanation", ""),
        "g2_user_prompt": "",
        "g2_judgment": g2.get("explanation", ""),
        "turn": turn,
        **({"category": first["category"]} if "category" in first else {}),
        **added(first, is_clustered),
    }


def _question(item_id: str) -> tuple[str, int]:
    """The question and turn of an item; an item that names no turn is a question's first."""
    found = _TURN.fullmatch(item_id)
    return (found["question"], int(found["turn"])) if found else (item_id, 1)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
