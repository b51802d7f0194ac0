"""How one judge ranks the systems under each wording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judge.analysis.audit_asked import AskedWording
from judge.analysis.rubric_audit import RankStability
from judge.analysis.rubric_decisions import Decisions, of_units
from judge.analysis.rubric_rows import Settings
from judge.stats.intervals import counted, joined
from judge.stats.wording_ranks import Ranks, ranks
from judge.stats.wordings import UNASKED


def ranking(
    d: Decisions, asked: Sequence[AskedWording], settings: Settings, *, comparable: bool = True
) -> RankStability | None:
    """Over the base and its equivalents, or its interventions where it has none of these.

    asked: the base first. What a system got: its mean score, or its mean y against all others, over the
    pairs or answers that have a verdict under every wording. None where there is nothing to rank.
    """
    columns = _columns(d, asked)
    if not comparable or len(d.places.systems) < 2 or len(columns) < 2:
        return None
    values = of_units(d, d.values[:, columns])
    whole = np.isfinite(values).all(axis=1)
    if not whole.any():
        return None
    rows = d.places.unit_rows[whole]
    got, systems = [values[whole]], [d.places.first[rows]]
    if d.mode == "pairwise":
        got, systems = [*got, 1 - values[whole]], [*systems, d.places.second[rows]]
    clusters = np.tile(d.places.clusters[rows], len(got))
    known, codes = np.unique(np.concatenate(systems), return_inverse=True)
    found = ranks(
        np.concatenate(got),
        codes.reshape(-1),
        clusters,
        seed=settings.seed,
        replicates=settings.replicates,
        confidence=settings.confidence,
        n_missing=_n_asked(d) - int(whole.sum()),
    )
    return _told(found, [d.places.systems[k] for k in known], [asked[n] for n in columns])


def _columns(d: Decisions, asked: Sequence[AskedWording]) -> list[int]:
    """The base and the wordings of one kind that have any value."""
    there = [n for n in range(len(asked)) if np.isfinite(d.values[:, n]).any()]
    others = [n for n in there if n > 0]
    alike = [n for n in others if asked[n].kind == "equivalent"]
    return [n for n in there if n == 0] + (alike or others)


def _n_asked(d: Decisions) -> int:
    return len(np.unique(d.places.units[d.said[:, 0] > UNASKED]))


def _told(found: Ranks, systems: Sequence[str], asked: Sequence[AskedWording]) -> RankStability:
    means = [tuple(float(m) for m in column) for column in found.means.T]
    names = [" = ".join(systems[place] for place in first) for first in found.first]
    kinds = {wording.kind for wording in asked[1:]}
    lost = found.tau_mean.n_missing
    note = joined(
        "interventions measure something else" if kinds == {"intervention"} else "",
        f"{counted(lost, 'pair or answer')} without a verdict under every wording left out"
        if lost
        else "",
    )
    return RankStability(
        systems=tuple(systems),
        means=tuple((w.name, row) for w, row in zip(asked, means, strict=True)),
        top=tuple((w.name, name) for w, name in zip(asked, names, strict=True)),
        tau_mean=found.tau_mean,
        tau_min=found.tau_min,
        top_is_stable=found.top_is_stable,
        p_top_changes=found.p_top_changes,
        note=note,
    )
