"""The regression of a whole panel: who judged what, and what each system is to each judge.

Controls read their terms off it and adjusted numbers theirs, so both stand on the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from judge.analysis import no_skill
from judge.analysis.pairwise_models import PAIR
from judge.families import Kinship
from judge.stats import self_preference as regression
from judge.stats.intervals import Floats, joined
from judge.stats.scores import ScoreCells
from judge.stats.self_preference import Terms, Votes
from judge.stats.values import ASKED_WITH, averages, points
from judge.table import VerdictTable, canonical
from judge.types import PANEL, Mode

UNNAMED = "the answers are not named by the systems that wrote them"
NO_KIN = "no judge is of a system's family: there is none to look for"
ONE_JUDGE = "cannot be measured: one judge alone cannot tell its own answers from good ones"
OTHER_FAMILY = "add a judge of another family that sees the same answers"


@dataclass(frozen=True, slots=True)
class Fit:
    """The regression of one panel on one criterion. rows: judge, cell, cluster, value, own and kin.

    seen: the rows with a value whose relations are known, as `votes` has them. why_not: why there are
    no terms, "" where there are.
    """

    rubric: str
    criterion: str
    rows: pd.DataFrame
    seen: pd.DataFrame
    votes: Votes
    judges: tuple[str, ...]
    terms: Terms = field(default_factory=Terms)
    why_not: str = ""

    @property
    def related(self) -> tuple[str, ...]:
        """The judges with an answer of their own or of their family."""
        return tuple(self.judges[code] for code in regression.related(self.votes))

    def without_skill(self, judges: Sequence[str]) -> dict[str, Floats]:
        """Name -> the verdicts with that judge without skill in the place of these, one for each vote.

        Scores know the coin alone, for which any constant serves, since judges have levels of their own.
        """
        is_replaced = self.seen["judge"].isin(judges).to_numpy()
        names = [name for name in no_skill.NAMES if name in self.seen]
        known = {name: self.seen[name].to_numpy(dtype=float) for name in names}
        known = known or {no_skill.FAIR_COIN: np.full(len(self.seen), 0.5)}
        return {name: np.where(is_replaced, y, self.votes.y) for name, y in known.items()}


def fits(table: VerdictTable, cells: Iterable[ScoreCells], kinship: Kinship) -> tuple[Fit, ...]:
    """The fits of a table: one over all its pairs, or one for each rubric and criterion.

    cells: of single answers, empty for pairs.
    """
    if table.mode == "pairwise":
        return (_fit(_pairs(table), kinship, table.mode, comparable=table.comparable),)
    return tuple(_fit(rows, kinship, table.mode) for rows in _answers(cells))


def undeclared(names: Sequence[str]) -> str:
    """That these families are not declared, with the line that declares one; "" for none."""
    if not names:
        return ""
    said = f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
    return f'no family is declared for {said}: in judge.toml, [families] "{names[0]}" = ["who trained it"]'


# -- from verdicts to rows -----------------------------------------------------------------------


def _pairs(table: VerdictTable) -> pd.DataFrame:
    """One row per pair and judge, its wordings averaged; value is what system_a got.

    Beside it what judges without skill would have given it, under their names.
    """
    frame = canonical(table).frame
    known = frame.assign(value=frame["p_a"].fillna(points(frame)))
    found = averages(known, [*PAIR, *ASKED_WITH, "cluster"], ["order"])
    whole = found.groupby([*PAIR, "judge", "cluster"], observed=True, as_index=False)
    rows = whole.agg(value=("value", "mean"), is_asked=("is_asked", "any"))
    unit = [*PAIR, "judge"]
    without = frame[unit].assign(**no_skill.outcomes(frame))
    rows = rows.join(without.groupby(unit, observed=True).mean(), on=unit)
    return _named(rows, "", "", ["item_id", "system_a", "system_b"])


def _answers(cells: Iterable[ScoreCells]) -> Iterator[pd.DataFrame]:
    """Per rubric and criterion one row per answer and judge; labels without numbers are left out."""
    by: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for cell in cells:
        if cell.judge != PANEL and not cell.why_not:
            own = by.setdefault((cell.rubric, cell.criterion), [])
            own += [rows.assign(system=s, judge=cell.judge) for s, rows in cell.of.items()]
    for (rubric, criterion), found in by.items():
        rows = pd.concat(found, ignore_index=True)
        yield _named(rows, rubric, criterion, ["item_id", "system"])


def _named(rows: pd.DataFrame, rubric: str, criterion: str, cell: Sequence[str]) -> pd.DataFrame:
    codes = rows.groupby(list(cell), observed=True).ngroup()
    return rows.assign(
        cell=codes.astype("int64"),
        judge=rows["judge"].astype(str),
        rubric=rubric,
        criterion=criterion,
        cluster_code=rows["cluster"].cat.codes.astype("int64"),
    )


def _related(rows: pd.DataFrame, kinship: Kinship) -> pd.DataFrame:
    """The rows with own and kin, a's minus b's for pairs; NaN where a family is unknown."""
    sides = [name for name in ("system", "system_a", "system_b") if name in rows]
    own, kin = np.zeros(len(rows)), np.zeros(len(rows))
    for side in sides:
        sign = -1.0 if side == "system_b" else 1.0
        relations = _relations(rows["judge"], rows[side].astype(str), kinship)
        is_unknown = relations == "unknown"
        own += np.where(is_unknown, np.nan, sign * (relations == "own"))
        kin += np.where(is_unknown, np.nan, sign * (relations == "kin"))
    return rows.assign(own=own, kin=kin)


def _relations(judges: pd.Series[str], systems: pd.Series[str], kinship: Kinship) -> pd.Series[str]:
    pairs = pd.MultiIndex.from_arrays([judges, systems])
    known = {(str(j), str(s)): kinship.relation(str(j), str(s)) for j, s in pairs.unique()}
    return pd.Series([known[pair] for pair in pairs], index=judges.index, dtype=object)


# -- the regression ------------------------------------------------------------------------------


def _fit(rows: pd.DataFrame, kinship: Kinship, mode: Mode, *, comparable: bool = True) -> Fit:
    """The panel's fit, or why there is none."""
    related = _related(rows, kinship) if comparable else rows.assign(own=np.nan, kin=np.nan)
    seen = related[related["value"].notna() & related["own"].notna()]
    judges = tuple(sorted(seen["judge"].unique()))
    votes = _votes(seen, judges, mode)
    names = [str(rows[name].iloc[0]) if len(rows) else "" for name in ("rubric", "criterion")]
    fit = Fit(names[0], names[1], related, seen, votes, judges)
    why = _why_not(fit, kinship, comparable=comparable)
    if why:
        return replace(fit, why_not=why)
    terms = regression.terms(votes)
    is_there = terms.own is not None or terms.kin is not None
    return replace(fit, terms=terms, why_not="" if is_there else _unidentified(fit, mode))


def _votes(seen: pd.DataFrame, judges: Sequence[str], mode: Mode) -> Votes:
    codes = {judge: code for code, judge in enumerate(judges)}
    return Votes(
        y=seen["value"].to_numpy(dtype=float),
        cells=seen["cell"].to_numpy(),
        judges=np.array([codes[judge] for judge in seen["judge"]], dtype=np.int64),
        clusters=seen["cluster_code"].to_numpy(),
        own=seen["own"].to_numpy(dtype=float),
        kin=seen["kin"].to_numpy(dtype=float),
        has_severity=mode == "single",
    )


def _why_not(fit: Fit, kinship: Kinship, *, comparable: bool) -> str:
    """Why there can be no terms, as far as it is seen without fitting them."""
    unknown = undeclared(kinship.undeclared())
    if not comparable:
        return UNNAMED
    if fit.seen.empty:
        return unknown or "no answer has all its verdicts"
    if not fit.related:
        return joined(NO_KIN if not unknown else "", unknown)
    if len(fit.judges) < 2:
        families = "+".join(sorted(kinship.judges[fit.judges[0]].families)) or fit.judges[0]
        return joined(f"{ONE_JUDGE}: add a judge of another family than {families}", unknown)
    return ""


def _unidentified(fit: Fit, mode: Mode) -> str:
    """Why a design with judges and kin has no terms."""
    alike = " or from how severe each judge is" if mode == "single" else ""
    judges = ", ".join(fit.related)
    return (
        f"cannot be measured: what {judges} add to their own cannot be told from how good the answers "
        f"are{alike}: {OTHER_FAMILY}, or a system of another family"
    )
