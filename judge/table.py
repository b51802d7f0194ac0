"""The verdict table: the one shape that analysis knows.

It is returned alike for a run in the store and for a file of verdicts recorded elsewhere, so that a
check made here holds for both. A row is one verdict in the item's own frame: label "a" means that
system_a won, whatever was shown first. Pairs are unordered; turning a row (label, order, p_a and
whatever else both answers have, such as len_a and len_b, together) happens in `turned` and nowhere
else.

In the frame an absent text is "" and an absent number NaN. Names are categorical. Columns that are
not ours are kept as they came, after ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.errors import InputError, cut, short
from judge.table_cells import (
    Reader,
    one_of,
    to_flag,
    to_length,
    to_name,
    to_number,
    to_probability,
    to_repeat,
    to_share,
    to_text,
    to_word,
)
from judge.types import PANEL, Mode, Status

_LABELS = ("", "a", "b", "tie")
_ORDERS = ("", "AB", "BA")
_STATUSES = tuple(str(status) for status in Status)
_TURNED_LABEL = np.array([0, 2, 1, 3])
_TURNED_ORDER = np.array([0, 2, 1])

_SYSTEMS = {"pairwise": ("system_a", "system_b"), "single": ("system",)}
_KEY_TEXTS = {"pairwise": ("rubric", "variant"), "single": ("rubric", "variant", "criterion")}
_NUMBERS = {
    "pairwise": ("p_a", "scale_mass", "len_a", "len_b", "len_prompt"),
    "single": ("score", "scale_mass", "len", "len_prompt"),
}
_LENGTHS = ("len", "len_a", "len_b", "len_prompt")
_TEXTS = ("method", "cluster", "category", "judge_families", "reason")
_FREE = ("reason", "explanation")  # texts; every other column without numbers holds names


# What tells two rows apart.
KEYS: dict[Mode, tuple[str, ...]] = {
    mode: ("item_id", *_SYSTEMS[mode], "judge", *_KEY_TEXTS[mode], "order", "repeat")
    for mode in ("pairwise", "single")
}


@dataclass(frozen=True, slots=True)
class VerdictTable:
    """Verdicts, one a row. comparable: False where the two answers of a pair are not systems.

    warnings: what people should know about how the verdicts were recorded or read.
    frame, pairwise: item_id, system_a, system_b, judge, rubric, variant, order, repeat, status, label,
    p_a, scale_mass, len_a, len_b, len_prompt, method, cluster, category, judge_families, reason,
    simulated, explanation.
    frame, single: item_id, system, judge, rubric, variant, criterion, order, repeat, status, label,
    score, scale_mass, len, len_prompt, and from method on the same.
    scale_mass: the probability that lay on the scale's labels, where a verdict was read from any.
    """

    mode: Mode
    frame: pd.DataFrame
    comparable: bool = True
    warnings: tuple[str, ...] = ()


def columns(mode: Mode) -> tuple[str, ...]:
    """Our columns of a mode, in the frame's order."""
    return (
        "item_id",
        *_SYSTEMS[mode],
        "judge",
        *_KEY_TEXTS[mode],
        "order",
        "repeat",
        "status",
        "label",
        *_NUMBERS[mode],
        *_TEXTS,
        "simulated",
        "explanation",
    )


def mode_of(names: Collection[str]) -> Mode:
    """The mode of a table with these columns. Raises InputError where they fit neither."""
    if {"system_a", "system_b"} <= set(names):
        return "pairwise"
    if "system" in names:
        return "single"
    raise InputError(
        f"no verdict table: its columns are {_listed(names) or '(none)'}; pairwise needs "
        "item_id, system_a, system_b, judge, label; single needs item_id, system, judge, score or label"
    )


def _listed(names: Collection[str], most: int = 40) -> str:
    """The names in a message, those past the first few counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(cut(str(name)) for name in sorted(names)[:most]) + more


# -- reading -------------------------------------------------------------------------------------


def from_rows(
    mode: Mode,
    rows: Iterable[Mapping[str, Any]],
    *,
    source: str = "verdicts",
    first_row: int = 1,
    numbers: Sequence[int] = (),
    comparable: bool = True,
    warnings: tuple[str, ...] = (),
) -> VerdictTable:
    """The checked table of these rows; numbers may be texts, as in a CSV file.

    source, first_row: how a message names a row; numbers: each row's own, where several come from one
    row of the source. Raises InputError that names source, row, field and what to do.
    """
    reader = Reader([*rows], source, first_row, numbers)
    lists = {
        name: reader.column(
            name, _CONVERTERS[mode].get(name, to_text if name in _FREE else to_word)
        )
        for name in columns(mode)
    }
    _check_names(mode, lists, reader)
    _settle_all(mode, lists, reader)
    lists["cluster"] = [
        cluster or item for cluster, item in zip(lists["cluster"], lists["item_id"], strict=True)
    ]
    ours = _frame(mode, lists)
    extras = pd.DataFrame(reader.extras(columns(mode)), index=ours.index)
    frame = pd.concat([ours, extras], axis=1)
    said = (*warnings, *_contradictions(frame)) if mode == "pairwise" else warnings
    table = VerdictTable(mode, frame, comparable, said)
    _check_duplicates(table, reader)
    _check_clusters(frame, reader)
    if mode == "single":
        _check_scores(frame, reader)
    return table


def _judge(value: Any) -> str:
    name = to_name(value)
    if name.strip().casefold() == PANEL:
        raise ValueError(f"{short(name)} is reserved for the panel's own row; rename the judge")
    return name


_SHARED: dict[str, Callable[[Any], Any]] = {
    "item_id": to_name,
    "judge": _judge,
    "order": one_of(_ORDERS),
    "repeat": to_repeat,
    "status": one_of(("", *_STATUSES)),
    "simulated": to_flag,
    "scale_mass": to_share,
    "len_prompt": to_length,
}
_CONVERTERS: dict[Mode, dict[str, Callable[[Any], Any]]] = {
    "pairwise": {
        **_SHARED,
        "system_a": to_name,
        "system_b": to_name,
        "label": one_of(_LABELS),
        "p_a": to_probability,
        "len_a": to_length,
        "len_b": to_length,
    },
    "single": {
        **_SHARED,
        "system": to_name,
        "score": to_number,
        "len": to_length,
    },
}


# -- checks --------------------------------------------------------------------------------------


def _check_names(mode: Mode, lists: Mapping[str, list[Any]], reader: Reader) -> None:
    if mode == "single":
        return
    for index, (a, b) in enumerate(zip(lists["system_a"], lists["system_b"], strict=True)):
        if a == b:
            reader.fail(
                index, "system_b", f"{short(b)} is system_a as well; a pair has two systems"
            )


def _settle_all(mode: Mode, lists: dict[str, list[Any]], reader: Reader) -> None:
    """Fill status and label in place from what the row holds; the rules are in _settled."""
    number = "p_a" if mode == "pairwise" else "score"
    settled = []
    for index, row in enumerate(zip(lists["status"], lists["label"], lists[number], strict=True)):
        try:
            settled.append(_settled(mode, *row))
        except ValueError as error:
            reader.fail(index, "status" if row[0] else "label", str(error))
    lists["status"] = [status for status, _ in settled]
    lists["label"] = [label for _, label in settled]


def _settled(mode: Mode, status: str, label: str, number: float) -> tuple[str, str]:
    """Status and label of a row: ok if and only if it holds a verdict. Raises ValueError."""
    has_verdict = bool(label) or number == number
    status = status or (Status.OK if has_verdict else Status.UNPARSED).value
    if has_verdict != (status == Status.OK):
        raise ValueError(
            f"status {status!r} with{'' if has_verdict else 'out'} a verdict; a row has a label, "
            f"{'p_a' if mode == 'pairwise' else 'score'} or both if and only if its status is ok"
        )
    if has_verdict and mode == "single":
        _check_agree(label, number)
    elif has_verdict and not label:
        label = "tie" if number == 0.5 else "a" if number > 0.5 else "b"
    return status, label


def _check_agree(label: str, score: float) -> None:
    if not label or score != score:
        return
    try:
        labelled = float(label)
    except ValueError:  # a word such as "good" has no number that could contradict the score
        return
    if labelled != score:
        raise ValueError(
            f"label {short(label)} and score {score:g} disagree; keep the one that is right"
        )


def _contradictions(frame: pd.DataFrame) -> Iterator[str]:
    """Where label and p_a name two winners: a label may be drawn from probabilities, so it may stand."""
    label, p_a = frame["label"], frame["p_a"]
    is_against = ((label == "a") & (p_a < 0.5)) | ((label == "b") & (p_a > 0.5))
    count = int(is_against.sum())
    if count:
        yield (
            f"label and p_a name different winners in {count:,} of {len(frame):,} rows; win rates "
            "stand on p_a, position statistics on the label"
        )


def _check_duplicates(table: VerdictTable, reader: Reader) -> None:
    keys = table.frame[[*KEYS[table.mode]]]
    if table.mode == "pairwise":  # (new, base, BA) is the same question as (base, new, AB)
        keys = canonical(table).frame[[*KEYS[table.mode]]]
    codes = pd.DataFrame({name: _codes(keys[name]) for name in keys})
    repeated = codes.duplicated()
    if not repeated.any():
        return
    later = int(np.flatnonzero(repeated)[0])
    earlier = int(np.flatnonzero((codes == codes.iloc[later]).all(axis=1))[0])
    raise InputError(
        f"{reader.source}, row {reader.number(later)}: repeats row {reader.number(earlier)} (same "
        f"{', '.join(KEYS[table.mode])}); add `order` or `repeat` to tell them apart"
    )


def _check_clusters(frame: pd.DataFrame, reader: Reader) -> None:
    pairs = pd.DataFrame({name: _codes(frame[name]) for name in ("item_id", "cluster")})
    twice = pairs.drop_duplicates().duplicated("item_id")
    if twice.any():
        index = int(twice.index[twice.to_numpy()][0])
        item = frame["item_id"].iloc[index]
        reader.fail(
            index, "cluster", f"item {short(item)} is in another cluster above; give it one cluster"
        )


def _check_scores(frame: pd.DataFrame, reader: Reader) -> None:
    ok, scored = frame["status"] == Status.OK, frame["score"].notna()
    criteria = [frame["rubric"], frame["criterion"]]
    has_scores = scored.groupby(criteria, observed=True).transform("any")
    bare = np.flatnonzero(ok & ~scored & has_scores)
    if len(bare):
        reader.fail(
            int(bare[0]), "score", "is empty while other rows of its criterion have one; add it"
        )
    _check_label_scores(frame[scored & (frame["label"] != "")], reader)


def _check_label_scores(frame: pd.DataFrame, reader: Reader) -> None:
    """One label of a criterion has one score from a judge. frame: rows with both, numbered as read."""
    said = frame.groupby(["judge", "rubric", "criterion", "label"], observed=True)
    off = frame.index[frame["score"] != said["score"].transform("first")]
    if not len(off):
        return
    later = int(off[0])
    group = said.ngroup()
    earlier = int(group.index[group == group[later]][0])
    reader.fail(
        later,
        "score",
        f"label {short(frame['label'][later])} has another score in row {reader.number(earlier)}; make "
        "them agree",
    )


def _codes(column: pd.Series[Any]) -> NDArray[Any]:
    """Whole numbers that stand for a column's values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes)
    return np.asarray(column)


# -- the frame -----------------------------------------------------------------------------------


def _frame(mode: Mode, lists: Mapping[str, list[Any]]) -> pd.DataFrame:
    fixed = {"order": _ORDERS, "status": _STATUSES}
    if mode == "pairwise":
        systems = _sorted({*lists["system_a"], *lists["system_b"]})
        fixed |= {"label": _LABELS, "system_a": systems, "system_b": systems}
    return pd.DataFrame(
        {name: _typed(name, lists[name], fixed.get(name)) for name in columns(mode)}
    )


def _typed(name: str, values: list[Any], categories: Sequence[str] | None) -> Any:
    if name in ("p_a", "score", "scale_mass", *_LENGTHS):
        return np.array(values, dtype=float)
    if name == "repeat":
        return np.array(values, dtype=np.int64)
    if name == "simulated":
        return np.array(values, dtype=bool)
    if name == "explanation":
        return pd.Series(values, dtype=object)
    return _categorical(values, _sorted(set(values)) if categories is None else categories)


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _categorical(values: list[str], categories: Sequence[str]) -> pd.Categorical:
    """Names as categories. Object dtype, since lone surrogates are not storable in Arrow's strings."""
    index = {name: code for code, name in enumerate(categories)}
    codes = np.fromiter((index[value] for value in values), dtype=np.int64, count=len(values))
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(categories), dtype=object))


def to_rows(table: VerdictTable) -> Iterator[dict[str, Any]]:
    """Plain rows without what is absent; from_rows of them gives the same table."""
    ours = columns(table.mode)
    names = [str(name) for name in table.frame.columns]
    lists = [_plain(name, table.frame[name]) for name in names]
    kept = [(lambda v: v is not None and v != "") if n in ours else _is_there for n in names]
    for values in zip(*lists, strict=True):
        row = zip(names, values, kept, strict=True)
        yield {name: value for name, value, keep in row if keep(value)}


def _is_there(value: Any) -> bool:
    return value is not None


def _plain(name: str, column: pd.Series[Any]) -> list[Any]:
    values: list[Any] = column.astype(object).tolist()
    if column.dtype != np.float64:
        return values
    whole = int if name in _LENGTHS else float
    return [None if v != v else whole(v) if v == int(v) else v for v in values]


# -- orientation ---------------------------------------------------------------------------------


def turned(table: VerdictTable, rows: NDArray[np.bool_]) -> VerdictTable:
    """The table with the marked rows written the other way round: the same verdicts, a and b swapped."""
    old = table.frame
    swapped = {
        "system_a": old["system_a"].where(~rows, old["system_b"]),
        "system_b": old["system_b"].where(~rows, old["system_a"]),
        **_sides_swapped(old, rows),
        "p_a": old["p_a"].where(~rows, 1 - old["p_a"]),
        "label": _recoded(old["label"], _TURNED_LABEL, rows),
        "order": _recoded(old["order"], _TURNED_ORDER, rows),
    }
    return replace(table, frame=old.assign(**swapped))


def paired_numbers(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The columns with a number of either answer of a pair, such as len_a and len_b."""
    names = [str(n) for n in frame.columns if pd.api.types.is_numeric_dtype(frame[n])]
    return [(n, f"{n[:-2]}_b") for n in names if n.endswith("_a") and f"{n[:-2]}_b" in names]


def _sides_swapped(old: pd.DataFrame, rows: NDArray[np.bool_]) -> dict[str, pd.Series[Any]]:
    """Every such pair of columns, and of columns that are not ours, with the marked rows exchanged."""
    as_came = [str(n) for n in old.columns if old[n].dtype == object and str(n).endswith("_a")]
    others = [(n, f"{n[:-2]}_b") for n in as_came]
    is_pair = {pair: pair[1] in old and old[pair[1]].dtype == object for pair in others}
    return {
        name: old[name].where(~rows, old[other])
        for pair in (*paired_numbers(old), *(pair for pair in others if is_pair[pair]))
        for name, other in (pair, pair[::-1])
    }


def _recoded(column: pd.Series[Any], to: NDArray[Any], rows: NDArray[np.bool_]) -> pd.Series[Any]:
    codes = np.asarray(column.cat.codes)
    coded = pd.Categorical.from_codes(
        np.where(rows, to[codes], codes), categories=column.cat.categories
    )
    return pd.Series(coded, index=column.index)


def canonical(table: VerdictTable) -> VerdictTable:
    """The table with every pair written one way, the systems in the order of their names."""
    return turned(table, _codes(table.frame["system_a"]) > _codes(table.frame["system_b"]))


def against(table: VerdictTable, baseline: str) -> VerdictTable:
    """The rows of every pair with the baseline, turned so that it is system_b."""
    is_a = np.asarray(table.frame["system_a"] == baseline)
    rows = is_a | np.asarray(table.frame["system_b"] == baseline)
    return turned(replace(table, frame=table.frame[rows]), is_a[rows])


def oriented(table: VerdictTable, system: str, baseline: str) -> VerdictTable:
    """The rows of one pair, turned so that `system` is system_a: label "a" means that it won."""
    pairs = against(table, baseline)
    return replace(pairs, frame=pairs.frame[pairs.frame["system_a"] == system])
