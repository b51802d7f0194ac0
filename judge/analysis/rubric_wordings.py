"""Which wordings a recorded table holds: the variants of a rubric, or rubrics that ask for the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import pandas as pd

from judge.analysis.audit_asked import AskedWording
from judge.errors import InputError, cut, short
from judge.table import VerdictTable
from judge.types import WordingKind


def from_table(
    table: VerdictTable, base: str = "", interventions: Collection[str] | None = None
) -> tuple[tuple[AskedWording, ...], VerdictTable]:
    """The wordings of a table, the base first, and the table with them as the variants of a rubric.

    Variants are equivalents unless they are named as interventions. Where there are none, but several
    rubrics, the rubrics are the wordings, of a rubric with the base's name, and interventions unless
    others are named. base: "" where it is the rubric's own wording. Raises InputError.
    """
    variants, rubrics = _names(table, "variant"), _names(table, "rubric")
    if len(variants) == 1 and len(rubrics) > 1:
        _check_base(base, rubrics)
        others = set(rubrics) - {base} if interventions is None else interventions
        return _asked(rubrics, base, others), _as_variants(table, base)
    own = variants[0] if len(variants) == 1 and not base else base
    _check_base(own, variants)
    return _asked(variants, own, interventions or ()), table


def _names(table: VerdictTable, column: str) -> list[str]:
    return sorted(str(name) for name in table.frame[column].unique())


def _check_base(base: str, names: Sequence[str]) -> None:
    if base in names:
        return
    listed = _listed(names)
    if not base:
        raise InputError(
            f"which wording are the others held against? these verdicts have {listed}; name one with "
            "--base"
        )
    raise InputError(f"--base {short(base)}: no verdict is of that wording; these have {listed}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(cut(name) or "(the rubric's own)" for name in names)


def _asked(
    names: Sequence[str], base: str, interventions: Collection[str]
) -> tuple[AskedWording, ...]:
    unknown = sorted(set(interventions) - set(names))
    if unknown:
        raise InputError(
            f"intervention {short(unknown[0])}: no verdict is of that wording; these have "
            f"{_listed(names)}"
        )
    if base in interventions:
        raise InputError(
            f"intervention {short(base)}: it is the base, which the others are held against; name another"
        )

    def kind(name: str) -> WordingKind:
        return "intervention" if name in interventions else "equivalent"

    return tuple(AskedWording(name, kind(name)) for name in [base, *_without(names, base)])


def _without(names: Sequence[str], base: str) -> list[str]:
    return [name for name in names if name != base]


def _as_variants(table: VerdictTable, base: str) -> VerdictTable:
    """The rubrics as variants of one rubric that has the base's name."""
    rubric = pd.Categorical([base] * len(table.frame), categories=pd.Index([base], dtype=object))
    return replace(table, frame=table.frame.assign(variant=table.frame["rubric"], rubric=rubric))
