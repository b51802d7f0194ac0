"""From the verdicts of an audit of rubrics to what moved them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from judge.analysis.audit_asked import AskedWording, AuditAsked
from judge.analysis.judge_rows import trial_rows
from judge.analysis.rubric_audit import (
    CriterionRow,
    JudgeSensitivity,
    Omnibus,
    RubricAudit,
    Variances,
)
from judge.analysis.rubric_criteria import criteria
from judge.analysis.rubric_decisions import WEIGHED, Decisions, Places, decisions, presentations
from judge.analysis.rubric_ranking import ranking
from judge.analysis.rubric_rows import Settings, ceiling, wording_rows
from judge.analysis.rubric_variances import variances
from judge.analysis.rubric_wordings import from_table
from judge.errors import cut
from judge.stats import wordings
from judge.stats.bootstrap import REPLICATES
from judge.stats.intervals import Floats, counted, undefined
from judge.stats.values import n_missing, n_wanted, parts, spread_failures
from judge.stats.wording_kappas import kappa
from judge.stats.wording_tests import overall
from judge.table import VerdictTable, canonical
from judge.types import Estimate, Mode, WordingKind
from judge.wording_forms import LABELS_MIRRORED

Asked = tuple[AskedWording, ...]


def measure(
    table: VerdictTable,
    asked: AuditAsked,
    *,
    seed: int = 0,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
) -> RubricAudit:
    """What the wordings did to each judge, and where the variance lies.

    asked: without wordings, those of the table are taken (judge.analysis.rubric_wordings). replicates: of
    resampling; with 0 kappas and correlations have no interval.
    """
    if table.frame.empty:
        return RubricAudit((), ())
    own, table = _wordings(table, asked)
    known = table.frame["variant"].isin([w.name for w in own]).to_numpy()
    warnings = list(_unknown(table.frame[~known]))
    table = replace(table, frame=table.frame[known])
    table = canonical(table) if table.mode == "pairwise" else table
    settings = Settings(seed, confidence, replicates)
    sensitivities: list[JudgeSensitivity] = []
    studies: list[Variances] = []
    for (rubric,), rows in parts(table.frame, ["rubric"]):
        one = replace(table, frame=rows)
        judges = _judges(one, own)
        warnings += _mixed(judges, own)
        sensitivities += [
            _sensitivity(one, judge, rubric, d, own, settings) for judge, d in judges.items()
        ]
        studies += variances(rubric, judges, own, confidence)
    return RubricAudit(tuple(sensitivities), tuple(studies), tuple(dict.fromkeys(warnings)))


def _wordings(table: VerdictTable, asked: AuditAsked) -> tuple[Asked, VerdictTable]:
    """The wordings, the base first."""
    if not asked.wordings:
        return from_table(table, asked.base)
    others = tuple(w for w in asked.wordings if w.name != asked.base)
    base = [w for w in asked.wordings if w.name == asked.base]
    return (*(base or [AskedWording(asked.base, "equivalent")]), *others), table


def _unknown(rows: pd.DataFrame) -> Iterator[str]:
    names = sorted(str(name) for name in rows["variant"].unique())
    if names:
        listed = ", ".join(cut(name) or "(the rubric's own)" for name in names)
        yield f"{counted(len(rows), 'verdict')} of wordings that were not asked for left out: {listed}"


def _mixed(judges: Mapping[str, Decisions], asked: Asked) -> Iterator[str]:
    """Where a judge is read by probabilities under some wordings and by its labels under others."""
    for judge, d in judges.items():
        if d.unlike:
            listed = ", ".join(cut(asked[n].name) for n in d.unlike)
            done = "pairs count by label" if d.mode == "pairwise" else "scores are not compared"
            yield (
                f"verdicts of {judge} are probabilities under some wordings and labels under others "
                f"(read otherwise than the base: {listed}): {done}"
            )


def _judges(table: VerdictTable, asked: Asked) -> dict[str, Decisions]:
    """Each judge's decisions over the presentations of one rubric."""
    rows, places = presentations(table.mode, _overall(table))
    return _by_judge(table.mode, rows, places, asked)


def _by_judge(mode: Mode, rows: pd.DataFrame, places: Places, asked: Asked) -> dict[str, Decisions]:
    names = [w.name for w in asked]
    return {judge: decisions(mode, own, places, names) for (judge,), own in parts(rows, ["judge"])}


def _overall(table: VerdictTable) -> pd.DataFrame:
    """The rows about whole answers; where there are none, those about criteria."""
    if table.mode == "pairwise":
        return table.frame
    rows = table.frame[table.frame["criterion"] == ""]
    return rows if (rows["status"] == "ok").any() else spread_failures(table.frame)


# -- one judge -----------------------------------------------------------------------------------


def _sensitivity(
    table: VerdictTable, judge: str, rubric: str, d: Decisions, asked: Asked, settings: Settings
) -> JudgeSensitivity:
    rows = table.frame[table.frame["judge"] == judge]
    trials = trial_rows(replace(table, frame=rows))
    alike = [0, *(n for n, w in enumerate(asked) if n and w.kind == "equivalent")]
    named, fragile = _criteria(table.mode, rows, tuple(asked[n] for n in alike), settings)
    return JudgeSensitivity(
        judge=judge,
        rubric=rubric,
        base=asked[0].name,
        n_items=len(np.unique(d.places.items[d.asked])),
        n_planned=n_wanted(trials),
        n_missing=n_missing(trials),
        ceiling=ceiling(d, settings),
        wordings=wording_rows(d, asked[1:], settings, comparable=table.comparable),
        **_of_equivalents(d, alike, settings),
        omnibus=tuple(_omnibus(d, asked)),
        ranking=ranking(d, asked, settings, comparable=table.comparable),
        criteria=named,
        fragile=fragile,
        acquiescence=_acquiescence(d, asked, settings.confidence),
    )


def _of_equivalents(d: Decisions, alike: Sequence[int], settings: Settings) -> dict[str, Estimate]:
    """What is said of all equivalent wordings together, the base among them."""
    said, clusters, level = d.said[:, list(alike)], d.places.clusters, settings.confidence
    if d.weighed or len(alike) < 2:
        why = WEIGHED if d.weighed else "no equivalent wording was asked"
        return {
            name: undefined(name, "coefficient" if name == "kappa" else "rate", why, level)
            for name in ("agreement", "net_agreement", "kappa", "items_that_flip")
        }
    return {
        "agreement": wordings.agreement(said, clusters, level),
        "net_agreement": wordings.net_agreement(said, d.base_repeats, clusters, level),
        "kappa": kappa(
            said, clusters, seed=settings.seed, replicates=settings.replicates, confidence=level
        ),
        "items_that_flip": wordings.items_that_flip(said, d.places.items, clusters, level),
    }


def _omnibus(d: Decisions, asked: Asked) -> Iterator[Omnibus]:
    """One test a kind that has wordings, of numbers where there are any, else of labels."""
    values = d.values if np.isfinite(d.values).any() else _of_two_labels(d)
    kinds: tuple[WordingKind, ...] = ("equivalent", "intervention")
    for kind in kinds:
        there = set(np.flatnonzero(np.isfinite(values).any(axis=0)))
        columns = [0, *(n for n, w in enumerate(asked) if n and w.kind == kind and n in there)]
        if len(columns) < 2:
            continue
        one = overall(values[:, columns], d.places.clusters)
        yield Omnibus(
            one.name, one.statistic, one.df, one.p_value, one.kendall_w, one.n, one.note, kind
        )


def _of_two_labels(d: Decisions) -> Floats:
    """Labels without numbers as 0 and 1 where there are two of them; else none."""
    told = np.unique(d.said[d.said >= 0])
    if len(told) != 2:
        return np.full(d.said.shape, np.nan)
    return np.where(d.said >= 0, (d.said == told[1]).astype(float), np.nan)


def _criteria(
    mode: Mode, rows: pd.DataFrame, asked: Asked, settings: Settings
) -> tuple[tuple[CriterionRow, ...], str | None]:
    """Of answers that were scored by criterion as well."""
    if mode == "pairwise" or len(asked) < 2 or not (rows["criterion"] != "").any():
        return (), None
    own = spread_failures(rows[rows["variant"].isin([w.name for w in asked])])
    named = {}
    for (name,), part in parts(own[own["criterion"] != ""], ["criterion"]):
        placed, places = presentations(mode, part)
        named[name] = decisions(mode, placed, places, [w.name for w in asked])
    return criteria(named, settings)


def _acquiescence(d: Decisions, asked: Asked, confidence: float) -> Estimate | None:
    """Of scores, where a wording reversed the scale; None where none did."""
    places = [n for n, w in enumerate(asked) if n and LABELS_MIRRORED in (*w.forms, w.name)]
    if d.mode == "pairwise" or not places or not np.isfinite(d.values).any():
        return None
    base, mirrored = d.values[:, 0], d.values[:, places[0]]
    return wordings.acquiescence(
        base, mirrored, d.places.clusters, confidence, d.n_without(0, places[0])
    )
