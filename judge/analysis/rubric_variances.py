"""Where the variance of verdicts lies: the generalizability study of wordings, of all judges and of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.analysis.audit_asked import AskedWording
from judge.analysis.rubric_audit import Component, DesignPoint, Variances
from judge.analysis.rubric_decisions import Decisions, of_units
from judge.stats import design_study
from judge.stats.design_study import TARGET, Design
from judge.stats.generalizability import Study, study
from judge.stats.intervals import Floats, joined
from judge.stats.wordings import UNASKED, Mask
from judge.types import WordingKind


def variances(
    rubric: str,
    judges: Mapping[str, Decisions],
    asked: Sequence[AskedWording],
    confidence: float = 0.95,
) -> tuple[Variances, ...]:
    """The studies of each kind of wordings, all judges first. asked: the base first."""
    found: list[Variances] = []
    for kind in ("equivalent", "intervention"):
        columns = [0, *(n for n in range(1, len(asked)) if asked[n].kind == kind)]
        if len(columns) < 2:
            continue
        told = {judge: _units(d, columns) for judge, d in judges.items()}
        own = {judge: units for judge, units in told.items() if units.has_verdicts}
        groups = [own, *({judge: units} for judge, units in own.items())]
        names = [asked[n].name for n in columns]
        found.extend(
            _study(rubric, kind, group, names, confidence)
            for group in (groups if len(own) > 1 else groups[:1])
            if group
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Units:
    """values: shape (units, R), of the base and the wordings; repeats: of the base, shape (units, K)."""

    values: Floats
    repeats: Floats
    asked: Mask
    clusters: NDArray[Any]
    n_orders: int

    @property
    def has_verdicts(self) -> bool:
        return bool(np.isfinite(self.values).any(axis=0).sum() >= 2)


def _units(d: Decisions, columns: Sequence[int]) -> _Units:
    asked = np.zeros(len(d.places.unit_rows), dtype=bool)
    asked[d.places.units[d.said[:, 0] > UNASKED]] = True
    values = of_units(d, d.values[:, list(columns)])
    repeats = of_units(d, d.base_values)
    n_orders = int(np.bincount(d.places.units).max(initial=1))
    return _Units(values, repeats, asked, d.places.clusters[d.places.unit_rows], n_orders)


def _study(
    rubric: str,
    kind: WordingKind,
    judges: Mapping[str, _Units],
    names: Sequence[str],
    confidence: float,
) -> Variances:
    """Of the units that have a value in every cell, and the wordings that every judge has values of."""
    own = list(judges.values())
    there = np.all([np.isfinite(u.values).any(axis=0) for u in own], axis=0)
    cells = np.stack([u.values[:, there] for u in own], axis=2)
    whole = np.asarray(np.isfinite(cells).all(axis=(1, 2)))
    n_missing = int(np.any([u.asked for u in own], axis=0).sum() - whole.sum())
    found = study(
        cells[whole] if len(own) > 1 else cells[whole][:, :, 0],
        own[0].clusters[whole],
        repeats=_repeats(own, whole),
        confidence=confidence,
        n_missing=n_missing,
    )
    lacking = [name for name, is_there in zip(names, there, strict=True) if not is_there]
    note = joined(found.note, *_left_out(lacking), *_averaged(own))
    used = tuple(name for name, is_there in zip(names, there, strict=True) if is_there)
    return _told(found, rubric, kind, tuple(judges), used, note, int(whole.sum()), n_missing)


def _left_out(names: Sequence[str]) -> Iterator[str]:
    if names:
        listed = ", ".join(name or "the base" for name in names)
        yield f"without a verdict of every judge, and left out: {listed}"


def _averaged(own: Sequence[_Units]) -> Iterator[str]:
    most = max(u.n_orders for u in own)
    if most > 1:
        yield f"a value is a pair's mean over {most} orders, and counts as one question"


def _repeats(own: Sequence[_Units], whole: Mask) -> Floats | None:
    """The base's values asked again and again, shape (n, K, J); None where no judge was asked twice."""
    most = max(u.repeats.shape[1] for u in own)
    if most < 2:
        return None
    found = np.full((int(whole.sum()), most, len(own)), np.nan)
    for n, u in enumerate(own):
        found[:, : u.repeats.shape[1], n] = u.repeats[whole]
    return found if len(own) > 1 else found[:, :, 0]


def _told(
    found: Study,
    rubric: str,
    kind: WordingKind,
    judges: tuple[str, ...],
    names: tuple[str, ...],
    note: str,
    n: int,
    n_missing: int,
) -> Variances:
    most = max(design_study.MOST_JUDGES, len(judges) + 1)
    grid = design_study.designs(found.parts, most_judges=most) if found.parts else ()
    now = design_study.design(found.parts, 1, len(judges)) if found.parts else None
    return Variances(
        rubric=rubric,
        kind=kind,
        judges=judges,
        wordings=names,
        n=n,
        n_missing=n_missing,
        components=tuple(Component(s.name, s.variance, s.share, s.negative) for s in found.sources),
        rubric_share=found.rubric_share,
        now=_point(now or Design(1, len(judges), None, None)),
        designs=tuple(_point(d) for d in grid),
        needed=tuple(_point(d) for d in design_study.needed(grid)),
        target=TARGET,
        note=note,
    )


def _point(d: Design) -> DesignPoint:
    return DesignPoint(d.wordings, d.judges, 1, d.e_rho2, d.phi)
