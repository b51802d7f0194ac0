"""Which system the others are held against, where somebody named it or it is evident."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from judge.errors import InputError
from judge.table import VerdictTable


def baseline_of(table: VerdictTable, named: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The baseline, None where nothing can be compared, and what to warn of."""
    frame = table.frame
    if frame.empty:
        return None, ("the table has no verdicts",)
    if table.mode == "single":
        return _known(named, set(frame["system"])), ()
    if not table.comparable:
        return _known(named, set()), ()
    pairs = frame[["system_a", "system_b"]].drop_duplicates()
    sets = [frozenset(pair) for pair in pairs.itertuples(index=False, name=None)]
    systems = frozenset[str]().union(*sets)
    everywhere = systems.intersection(*sets)
    if named is not None:
        base = _known(named, systems)
    elif len(everywhere) == 1:
        (base,) = everywhere
    else:
        base = str(pairs["system_b"].iloc[0]) if len(systems) == 2 else None
    return base, _unpaired_warning(base, systems, sets)


def _known(named: str | None, systems: AbstractSet[str]) -> str | None:
    if named is not None and named not in systems:
        known = ", ".join(sorted(systems)) or "none to compare"
        raise InputError(f"no system {named!r} to be the baseline; systems here: {known}")
    return named


def _unpaired_warning(
    base: str | None, systems: frozenset[str], pairs: Sequence[frozenset[str]]
) -> tuple[str, ...]:
    if base is None:
        return ("no system is part of every pair: name a baseline to get comparisons",)
    compared = frozenset[str]().union(*(pair for pair in pairs if base in pair))
    left = sorted(systems - compared - {base})
    return (f"never paired with {base}, so not compared: {', '.join(left)}",) if left else ()
