"""Human labels as the README describes them: one row a rater and answer or pair.

Rows may come from JSON or from CSV, where everything is text; both must read the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from judge.errors import InputError, short
from judge.formats import AS_NAMED, Row, bad, name_or_none, renamed
from judge.types import HumanLabel

LABEL_FIELDS = tuple(HumanLabel.__dataclass_fields__)


def labels(
    rows: Iterable[Row], *, source: str, columns: Mapping[str, str] = AS_NAMED
) -> tuple[HumanLabel, ...]:
    """The human labels of these rows, one a rater and answer or pair.

    Raises InputError that names source, row, field and what to do.
    """
    found: list[HumanLabel] = []
    keys: dict[object, int] = {}
    scores: dict[tuple[str, str], tuple[float | None, int]] = {}
    for row, values in renamed(rows, source, columns, LABEL_FIELDS):
        label = _label(row, values, source)
        _check_one_mode(label, found, row, source)
        _check_once(label, keys, row, source)
        _check_scores(label, scores, row, source)
        found.append(label)
    if not found:
        raise InputError(f"{source}: holds no rows; write at least one")
    return tuple(found)


def _label(row: int, values: Mapping[str, Any], source: str) -> HumanLabel:
    read: dict[str, Any] = {}
    for name in LABEL_FIELDS:
        convert = _LABEL_CONVERTERS[name]
        try:
            read[name] = convert(values.get(name))
        except ValueError as error:
            raise bad(source, row, name, str(error)) from None
    label = HumanLabel(**{**read, "criterion": read["criterion"] or ""})
    problem = next(_label_problems(label), None)
    if problem:
        raise bad(source, row, *problem)
    return label


def _label_problems(label: HumanLabel) -> Iterator[tuple[str, str]]:
    """Fields at fault, each with what is wrong and what to do."""
    for name in ("item_id", "rater"):
        if not getattr(label, name):
            yield name, "is empty; every row needs it"
    if label.system is not None and (label.system_a is not None or label.system_b is not None):
        yield "system", "stands beside system_a or system_b; a row is about one answer or one pair"
    elif label.system is None:
        yield from _pair_problems(label)
    elif label.order_shown is not None:
        yield "order_shown", "is for pairs; a single answer has no order, leave it empty"
    if label.label is None and label.score is None:
        yield "label", "is empty; leave out the row of a rater who gave no label"
    number = _as_number(label.label)
    if label.score is not None and number is not None and number != label.score:
        yield (
            "score",
            f"{label.score:g} and label {short(label.label)} disagree; keep the right one",
        )


def _pair_problems(label: HumanLabel) -> Iterator[tuple[str, str]]:
    for name in ("system_a", "system_b"):
        if getattr(label, name) is None:
            yield name, "is empty; a row needs system, or system_a and system_b"
    if label.system_a == label.system_b:
        yield "system_b", f"{short(label.system_b)} is system_a as well; a pair has two systems"
    if label.score is not None:
        yield "score", "is for single answers; a pair has a label: a, b or tie"
    if label.label not in (None, "a", "b", "tie"):
        yield "label", f"{short(label.label)} is not one of a, b, tie"


def _as_number(text: str | None) -> float | None:
    """The number that a label spells, None where it is a word."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _check_one_mode(
    label: HumanLabel, earlier: Sequence[HumanLabel], row: int, source: str
) -> None:
    if earlier and (earlier[0].system is None) != (label.system is None):
        problem = "labels of answers and of pairs stand in one file; write them into two files"
        raise bad(source, row, "system", problem)


def _check_once(label: HumanLabel, keys: dict[object, int], row: int, source: str) -> None:
    """Pairs have no direction: (x, y) shown AB is (y, x) shown BA."""
    shown = label.system_a if label.order_shown == "AB" else label.system_b
    key = (
        label.item_id,
        label.rater,
        label.criterion,
        label.system,
        frozenset((label.system_a, label.system_b)),
        shown if label.order_shown else None,
    )
    if key in keys:
        problem = f"repeats row {keys[key]} (same item, rater, systems and criterion); keep one"
        raise bad(source, row, "rater", problem)
    keys[key] = row


def _check_scores(
    label: HumanLabel,
    scores: dict[tuple[str, str], tuple[float | None, int]],
    row: int,
    source: str,
) -> None:
    """One label of a criterion has one score in the whole file."""
    if label.label is None or label.score is None:
        return
    score, earlier = scores.setdefault((label.criterion, label.label), (label.score, row))
    if score != label.score:
        problem = f"label {short(label.label)} has another score in row {earlier}; make them agree"
        raise bad(source, row, "score", problem)


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{short(value)} is not a number; leave it empty where there is none")
    return number


def _share(value: Any) -> float | None:
    number = _number(value)
    if number is not None and not 0 < number <= 1:
        raise ValueError(f"{number:g} is not a probability above 0 and up to 1")
    return number


def _order(value: Any) -> str | None:
    if value in (None, ""):
        return None
    if value not in ("AB", "BA"):
        raise ValueError(f"{short(value)} is not AB or BA; leave it empty where it is unknown")
    return str(value)


_LABEL_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(LABEL_FIELDS, name_or_none),
    "score": _number,
    "inclusion_prob": _share,
    "order_shown": _order,
}
