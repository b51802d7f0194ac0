"""The one pairwise model of each judge, over all the pairs that it judged.

Controls give the columns; here they meet. A judge has one position and one length coefficient, however
many systems it saw, and everything that is corrected is read off the same fit. The model stands on the
same pairs as the raw win rate: those in which every planned order has a verdict; and they weigh equally in
it, asked in one order or in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.controls import Term
from judge.stats import contrasts
from judge.stats.contrasts import Contrast
from judge.stats.intervals import joined, undefined
from judge.stats.pairwise import Codes, PairwiseData, PairwiseFit, fit_or_shrunk
from judge.stats.values import ASKED_WITH, is_stopped, parts, points
from judge.table import VerdictTable, canonical, paired_numbers
from judge.types import Estimate

PAIR = ("item_id", "system_a", "system_b")
Key = tuple[str, str, str]  # judge, rubric, variant
MakesTerm = Callable[[pd.DataFrame], Term]  # the column of a control for the rows of a model
MakesTerms = Callable[[pd.DataFrame], Sequence[Term]]
Weights = NDArray[np.float64]

NO_PAIR = "no pair has all its verdicts"
ONE_ORDER = "no two systems were shown in both orders"
BY_RINGS = (
    f"{ONE_ORDER}: position is told from systems that met in a ring, if strengths explain the rest"
)


@dataclass(frozen=True, slots=True)
class Model:
    """A fit with the terms in it. rows: those it stands on; why_not: why there is no fit, else "".

    lacks: what it goes without, and why, in words for a note.
    """

    fit: PairwiseFit | None
    rows: pd.DataFrame
    terms: tuple[Term, ...]
    why_not: str = ""
    lacks: str = ""

    def term(self, name: str) -> int | None:
        """The place of a term among the coefficients."""
        names = [term.name for term in self.terms]
        return names.index(name) if name in names else None


@dataclass(frozen=True, slots=True)
class JudgeModels:
    """The models of one judge under one wording: strengths with position alone, and with length too.

    rows: one per pair and order: item_id, system_a, system_b, cluster, order, y (what system_a got,
    repeats averaged), len_a, len_b and every further column in _a and _b. has_strengths: False where
    the two answers of a pair are not systems. style: with features of style beside length, None where
    they were not asked for.
    """

    key: Key
    systems: tuple[str, ...]
    rows: pd.DataFrame
    position: Model
    length: Model
    has_strengths: bool = True
    style: Model | None = None


def models_of(
    table: VerdictTable,
    order: MakesTerm,
    length: MakesTerm,
    style: MakesTerms | None = None,
) -> dict[Key, JudgeModels]:
    """Judge and wording -> its models. table: pairwise.

    order, length, style: the terms of the controls; without the last there is no model of style.
    """
    makes = (order, length, style)
    return {
        (judge, rubric, variant): _judge_models(
            (judge, rubric, variant), own, makes, table.comparable
        )
        for (judge, rubric, variant), own in parts(canonical(table).frame, ASKED_WITH)
    }


def model_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a judge's model: of the pairs with a verdict in every order that was planned.

    frame: canonical verdicts of one judge under one wording. An order of which a policy stopped every
    repeat has no verdict; one of which it stopped some has that of the others.
    """
    rows = _presentations(frame)
    is_whole = rows["y"].notna().groupby(pair_numbers(rows)).transform("all")
    return rows[is_whole].drop(columns="is_stopped").reset_index(drop=True)


def n_lacking(frame: pd.DataFrame) -> int:
    """How many pairs lack a verdict that nothing but a judge kept from them.

    frame: canonical verdicts of one judge under one wording.
    """
    rows = _presentations(frame)
    lacks = rows[rows["y"].isna() & ~rows["is_stopped"]]
    return len(lacks[[*PAIR]].drop_duplicates())


def _presentations(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per pair and order, with y NaN where it has no verdict, and whether a policy stopped it."""
    known = frame.assign(y=frame["p_a"].fillna(points(frame)), is_stopped=is_stopped(frame))
    presented = known.groupby([*PAIR, "cluster", "order"], observed=True, sort=False)
    first = {name: (name, "first") for name in _paired_columns(frame)}
    return presented.agg(y=("y", "mean"), is_stopped=("is_stopped", "all"), **first).reset_index()


def pair_numbers(rows: pd.DataFrame) -> Codes:
    """A number for each row's pair, from 0, shape (n_rows,)."""
    return np.asarray(rows.groupby([*PAIR], observed=True, sort=False).ngroup(), dtype=np.int64)


def _paired_columns(frame: pd.DataFrame) -> list[str]:
    """The numbers that both answers of a pair have, such as len_a and len_b."""
    return [name for pair in paired_numbers(frame) for name in pair]


def _judge_models(
    key: Key,
    frame: pd.DataFrame,
    makes: tuple[MakesTerm, MakesTerm, MakesTerms | None],
    has_strengths: bool,
) -> JudgeModels:
    order, length, style = makes
    rows = model_rows(frame)
    systems = tuple(sorted({str(name) for side in PAIR[1:] for name in rows[side].unique()}))
    shown, long = order(rows), length(rows)
    is_ring = has_strengths and not shown.why_not and not both_ways(rows)

    def fit(terms: Sequence[Term], beside: Sequence[Term] = ()) -> Model:
        model = fitted(rows, systems, terms, beside, has_strengths=has_strengths)
        has_ring = is_ring and model.fit is not None and model.term(shown.name) is not None
        return replace(model, lacks=BY_RINGS) if has_ring else model

    return JudgeModels(
        key=key,
        systems=systems,
        rows=rows,
        position=fit([shown]),
        length=fit([long], beside=[shown]),
        has_strengths=has_strengths,
        style=None if style is None else fit([long, *style(rows)], beside=[shown]),
    )


def fitted(
    rows: pd.DataFrame,
    systems: Sequence[str],
    terms: Sequence[Term],
    beside: Sequence[Term] = (),
    *,
    has_strengths: bool = True,
) -> Model:
    """The model with these terms; those of `beside` that cannot be fitted are gone without."""
    # Without rows a term has a reason of its own, which is not why there is no fit.
    why = NO_PAIR if rows.empty else next((term.why_not for term in terms if term.why_not), "")
    used = [*(term for term in beside if not term.why_not), *terms]
    lacks = joined(*(f"without {t.name}: {t.why_not}" for t in beside if t.why_not))
    if why:
        return Model(None, rows, tuple(used), why, lacks)
    found = fit_or_shrunk(_data(rows, systems, used, has_strengths))
    if found.problem and beside and not lacks:
        left = [replace(t, why_not=found.problem) for t in beside]
        return fitted(rows, systems, terms, left, has_strengths=has_strengths)
    model_fit = None if found.problem else found
    return Model(model_fit, rows, tuple(used), found.problem, lacks)


def data_of(models: JudgeModels, model: Model) -> PairwiseData:
    """What one of the models was fitted to."""
    used = [term for term in model.terms if not term.why_not]
    return _data(model.rows, models.systems, used, models.has_strengths)


def both_ways(rows: pd.DataFrame) -> bool:
    """Whether some two systems were shown both ways round, on the same item or on others."""
    known = rows[rows["order"] != ""]
    shown = known.groupby(["system_a", "system_b"], observed=True)["order"].nunique()
    return bool((shown >= 2).any())


def places(names: pd.Series[str], systems: Sequence[str]) -> Codes:
    """The place of each row's system. names: categorical."""
    of_category = pd.Index(systems).get_indexer(pd.Index(names.cat.categories.astype(str)))
    return np.asarray(of_category[names.cat.codes.to_numpy()], dtype=np.int64)


def pair_weights(rows: pd.DataFrame) -> Weights | None:
    """Weights under which all pairs count alike, in however many orders each was asked.

    Their mean is 1; None where they are all 1.
    """
    pairs = pair_numbers(rows)
    n_orders = np.bincount(pairs)
    if (n_orders == n_orders[0]).all():
        return None
    return np.asarray(len(rows) / len(n_orders) / n_orders[pairs], dtype=np.float64)


def _data(
    rows: pd.DataFrame,
    systems: Sequence[str],
    terms: Sequence[Term],
    has_strengths: bool,
) -> PairwiseData:
    a, b = (places(rows[side], systems) for side in PAIR[1:])
    columns = [term.column for term in terms]
    return PairwiseData(
        a=a,
        b=b,
        y=rows["y"].to_numpy(dtype=float),
        clusters=rows["cluster"].cat.codes.to_numpy(),
        n_systems=len(systems),
        terms=np.stack(columns, 1) if columns else np.zeros((len(rows), 0)),
        weights=pair_weights(rows),
        has_strengths=has_strengths,
    )


# -- what is read off ----------------------------------------------------------------------------


def win_rate(models: JudgeModels, model: Model, system: str, baseline: str) -> Contrast | None:
    """The win rate of a system at no difference of the model's terms, None without a fit."""
    if model.fit is None:
        return None
    a, b = models.systems.index(system), models.systems.index(baseline)
    return contrasts.win_rate(model.fit, a, b)


def member_weights(keys: Sequence[Key], groups: Mapping[str, int]) -> list[float]:
    """The share of each judge and wording in the panel: a vote a family, shared within it."""
    judges = {judge for judge, _, _ in keys}
    families = {groups[judge] for judge in judges}
    wordings = {j: sum(key[0] == j for key in keys) for j in judges}
    members = {g: sum(groups[j] == g for j in judges) for g in families}
    return [1 / (len(families) * members[groups[j]] * wordings[j]) for j, _, _ in keys]


def estimate_of(
    contrast: Contrast | None, name: str, unit: str, n: int, confidence: float, note: str
) -> Estimate:
    """The estimate, undefined with the note where there is no contrast."""
    if contrast is None:
        return undefined(name, unit, note, confidence)
    return contrasts.estimate(contrast, name=name, unit=unit, n=n, confidence=confidence, note=note)
