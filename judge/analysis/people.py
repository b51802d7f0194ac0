"""What people and judges said of the same pairs or answers, lined up unit by unit.

A unit is a pair of answers, or one answer, on one criterion. A judge that was asked about it several
times (orders, repeats) has a share of each label there: a verdict that flips is half right, and no tie
that nobody gave. Raters are never averaged before they are held against each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from judge.agreement.ratings import means_of_given
from judge.analysis.people_scales import PAIRS, Codes, beyond, codes_of, scale_found
from judge.stats.intervals import Floats, counted
from judge.stats.panel import panel_values
from judge.stats.values import averages, points, spread_failures
from judge.table import VerdictTable, turned
from judge.types import PANEL, HumanLabel, Mode, Scale, Status

Split = Literal["auto", "all", "dev", "calib", "test"]

ROUNDED = 12  # decimals: means of votes that cancel out are a half but for rounding

_FLIPPED = {"a": "b", "b": "a", "tie": "tie"}
_OF_UNIT: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("item_id", "system_a", "system_b"),
    "single": ("item_id", "system"),
}
_WORDED: dict[Mode, tuple[str, ...]] = {
    "pairwise": ("judge", "rubric", "variant"),
    "single": ("judge", "rubric"),  # wordings of a rubric are presentations: they share its scale
}
_SHOWN: dict[Mode, tuple[str, ...]] = {"pairwise": ("order",), "single": ("variant", "order")}


@dataclass(frozen=True, slots=True)
class Voice:
    """What one judge under one wording, or the panel, said of the units.

    shares: of the scale's labels among what it said of a unit, shape (n, q), NaN where it lacks a verdict.
    values: the mean of its numbers, shape (n,), NaN likewise, or where labels have no numbers. is_missing:
    shape (n,), where a verdict was wanted and is lacking. The panel's single answers have no labels.
    """

    judge: str
    members: tuple[str, ...]
    rubric: str
    variant: str
    shares: Floats
    values: Floats
    is_missing: np.ndarray[Any, np.dtype[np.bool_]]

    @property
    def n_missing(self) -> int:
        return int(self.is_missing.sum())


@dataclass(frozen=True, slots=True)
class Labelled:
    """One criterion ("" overall): all units with a label by people that a judge was asked about.

    units: one row a unit, with item_id, cluster, category, inclusion_prob (NaN where not recorded), split and
    system_a, system_b or system; pairs are turned as the verdicts have them. scale: lowest label first,
    no labels where scores are a continuum. ratings: places on the scale, shape (n, raters), -1 where a
    rater gave none. numbers: the same as numbers, NaN where there are none. n_unjudged: labelled units
    that no judge was asked about. n_contradicting: rater and pair labelled twice, differently: no label.
    is_scale_found: whether nobody named the scale, so that it is made of what occurs.
    """

    mode: Mode
    criterion: str
    scale: Scale
    units: pd.DataFrame
    raters: tuple[str, ...]
    ratings: Codes
    numbers: Floats
    voices: tuple[Voice, ...]
    n_unjudged: int = 0
    n_contradicting: int = 0
    is_scale_found: bool = False

    @property
    def clusters(self) -> Codes:
        """The number of each unit's cluster, shape (n,)."""
        return np.unique(self.units["cluster"].astype(str), return_inverse=True)[1]

    @property
    def votes(self) -> Floats:
        """The share of a unit's raters who gave each label, shape (n, q)."""
        given = self.ratings[:, :, None] == np.arange(len(self.scale.labels))
        n_raters = np.maximum((self.ratings >= 0).sum(axis=1), 1)
        return np.asarray(given.sum(axis=1) / n_raters[:, None], dtype=np.float64)

    @property
    def human(self) -> Floats:
        """The mean of a unit's raters, shape (n,); NaN where labels have no numbers."""
        return means_of_given(self.numbers)

    @property
    def majority(self) -> Codes:
        """The label that more than half of a unit's raters gave, shape (n,); -1 where there is none."""
        if not self.scale.labels:
            return np.full(len(self.units), -1)
        votes = self.votes
        return np.where(votes.max(axis=1) > 0.5, votes.argmax(axis=1), -1)

    def kept(self, rows: Any) -> Labelled:
        """The same of the units in these places, or where this mask is true."""
        voices = tuple(
            replace(
                voice,
                shares=voice.shares[rows],
                values=voice.values[rows],
                is_missing=voice.is_missing[rows],
            )
            for voice in self.voices
        )
        units = self.units.iloc[np.arange(len(self.units))[rows]].reset_index(drop=True)
        ratings, numbers = self.ratings[rows], self.numbers[rows]
        return replace(self, units=units, ratings=ratings, numbers=numbers, voices=voices)


def of_split(labels: Iterable[HumanLabel], split: Split = "auto") -> tuple[HumanLabel, ...]:
    """The labels that a number is reported on.

    auto: those for testing where any are, else all but those for development, on which rubrics were tried.
    """
    found = tuple(labels)
    if split == "all":
        return found
    if split != "auto":
        return tuple(label for label in found if label.split == split)
    if any(label.split == "test" for label in found):
        return of_split(found, "test")
    return tuple(label for label in found if label.split != "dev")


def labelled(
    table: VerdictTable,
    labels: Iterable[HumanLabel],
    groups: Mapping[str, int],
    *,
    scales: Mapping[str, Scale] = {},
) -> list[Labelled]:
    """What people and judges said of the same units, one entry a criterion that both speak of.

    groups: judge -> its group of families, for the panel. scales: criterion -> its scale, of single
    answers; found in what occurs where it is not given. Raises InputError for a label off its scale.
    """
    own = [label for label in labels if (label.system is None) == (table.mode == "pairwise")]
    if table.mode == "pairwise":
        own = [label for label in own if not label.criterion]
        frame = turned_alike(table).frame
    else:
        frame = spread_failures(table.frame)
    found = []
    for criterion in dict.fromkeys(label.criterion for label in own):
        of_it = [label for label in own if label.criterion == criterion]
        rows = frame if table.mode == "pairwise" else frame[frame["criterion"] == criterion]
        given = PAIRS if table.mode == "pairwise" else scales.get(criterion)
        one = _lined_up(table.mode, criterion, rows, of_it, groups, given)
        if one is not None:
            found.append(one)
    return found


def turned_alike(table: VerdictTable) -> VerdictTable:
    """The table with the rows of a pair written one way, that of the item's first."""
    frame = table.frame
    is_turned = (
        frame["system_a"].cat.codes.to_numpy() > frame["system_b"].cat.codes.to_numpy()
    )  # both columns have the same categories
    low = frame["system_a"].where(~is_turned, frame["system_b"])
    high = frame["system_b"].where(~is_turned, frame["system_a"])
    keys = pd.DataFrame({"item": frame["item_id"], "low": low, "high": high, "turned": is_turned})
    first = keys.groupby(["item", "low", "high"], observed=True)["turned"].transform("first")
    return turned(table, is_turned != first.to_numpy(dtype=bool))


@dataclass
class _People:
    """The labels of one criterion by unit and rater. contradicting: rater and unit with two of them."""

    said: dict[tuple[int, str], HumanLabel] = field(default_factory=dict)
    contradicting: set[tuple[int, str]] = field(default_factory=set)
    unjudged: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, place: int, label: HumanLabel) -> None:
        """Takes a label; a rater who contradicts their own, in the other order, has none."""
        earlier = self.said.setdefault((place, label.rater), label)
        if (earlier.label, earlier.score) != (label.label, label.score):
            self.contradicting.add((place, label.rater))


def _lined_up(
    mode: Mode,
    criterion: str,
    frame: pd.DataFrame,
    labels: Sequence[HumanLabel],
    groups: Mapping[str, int],
    given: Scale | None,
) -> Labelled | None:
    """The labelled units of one criterion; None where none of them was judged."""
    names = list(_OF_UNIT[mode])
    asked = frame.drop_duplicates(names)
    places = {key: n for n, key in enumerate(_keys(asked, names))}
    people = _People()
    for label in labels:
        _placed(people, places, label)
    kept = sorted({place for place, _ in people.said})
    if not kept:
        return None
    raters = tuple(dict.fromkeys(rater for _, rater in people.said))
    units = asked.iloc[kept].reset_index(drop=True)
    rows = frame[pd.Series(_keys(frame, names), index=frame.index).isin([*_keys(units, names)])]
    scale = given or _scale_found(rows, labels)
    ratings, numbers = _ratings(people, {place: n for n, place in enumerate(kept)}, raters, scale)
    return Labelled(
        mode=mode,
        criterion=criterion,
        scale=scale,
        units=_units(units, names, people, kept),
        raters=raters,
        ratings=ratings,
        numbers=numbers,
        voices=tuple(_voices(mode, rows, units, groups, scale)),
        n_unjudged=len(people.unjudged),
        n_contradicting=len(people.contradicting),
        is_scale_found=given is None,
    )


def _keys(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from zip(*(frame[name].astype(object) for name in names), strict=True)


def _placed(people: _People, places: Mapping[tuple[str, ...], int], label: HumanLabel) -> None:
    """Puts a label to its unit, turned as that is."""
    if label.system is not None:
        key: tuple[str, ...] = (label.item_id, label.system)
        turned_key, other = key, label
    else:
        key = (label.item_id, label.system_a or "", label.system_b or "")
        turned_key = (key[0], key[2], key[1])
        other = replace(label, label=_FLIPPED[label.label or "tie"])
    if key in places:
        people.add(places[key], label)
    elif turned_key in places:
        people.add(places[turned_key], other)
    else:
        people.unjudged.add(min(key, turned_key))


def _scale_found(rows: pd.DataFrame, labels: Sequence[HumanLabel]) -> Scale:
    ok = rows[rows["status"] == Status.OK]
    scores = [label.score for label in labels if label.score is not None]
    scores += ok["score"].dropna().tolist()
    words = [*(label.label or "" for label in labels), *ok["label"].astype(str)]
    return scale_found([word for word in words if word], scores)


def _ratings(
    people: _People, rows: Mapping[int, int], raters: Sequence[str], scale: Scale
) -> tuple[Codes, Floats]:
    """Places on the scale and numbers, each of shape (units, raters)."""
    columns = {rater: n for n, rater in enumerate(raters)}
    said = {key: one for key, one in people.said.items() if key not in people.contradicting}
    labels = [one.label or "" for one in said.values()]
    scores = np.array([np.nan if one.score is None else one.score for one in said.values()])
    codes = codes_of(scale, labels, scores, "labels")
    values = np.array([*scale.values, np.nan])[codes] if scale.values else scores
    ratings = np.full((len(rows), len(raters)), -1)
    numbers = np.full(ratings.shape, np.nan)
    for (place, rater), code, value in zip(said, codes, values, strict=True):
        ratings[rows[place], columns[rater]] = code
        numbers[rows[place], columns[rater]] = value
    return ratings, numbers


def _units(
    units: pd.DataFrame, names: Sequence[str], people: _People, kept: Sequence[int]
) -> pd.DataFrame:
    """What is known of each unit, with what its labels say of how it was drawn."""
    drawn: dict[int, tuple[float | None, str | None]] = {}
    for (place, _), label in people.said.items():
        known = drawn.setdefault(place, (label.inclusion_prob, label.split))
        drawn[place] = (known[0] or label.inclusion_prob, known[1] or label.split)
    found = units[[*names, "cluster", "category"]].astype(object)
    return found.assign(
        inclusion_prob=np.array([drawn[place][0] for place in kept], dtype=float),
        split=[drawn[place][1] or "" for place in kept],
    )


# -- judges --------------------------------------------------------------------------------------


def _voices(
    mode: Mode, rows: pd.DataFrame, units: pd.DataFrame, groups: Mapping[str, int], scale: Scale
) -> Iterator[Voice]:
    """Each judge under each wording, then the panel of several judges (single answers: of a rubric)."""
    found = told(mode, rows, scale)
    worded = [*_WORDED[mode]]
    within = [] if mode == "pairwise" else ["rubric"]
    several = Counter(found[worded].drop_duplicates()["judge"].astype(str))
    for key, own in found.groupby(worded, observed=True):
        judge, rubric, *variant = map(str, key)
        wording = ", ".join(name for name in (rubric, *variant) if name) or "no rubric"
        name = f"{judge} ({wording})" if several[judge] > 1 else judge
        yield _voice((judge, (name,), rubric, "".join(variant)), own, units, mode, scale)
    for key, own in found.groupby(within, observed=True) if within else [((), found)]:
        judges = tuple(sorted(own["judge"].astype(str).unique()))
        if len(judges) > 1:
            rubric = str(key[0]) if within else ""
            yield _voice((PANEL, judges, rubric, ""), _panel(mode, own, groups), units, mode, scale)


def told(mode: Mode, rows: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """One row a unit and worded judge: value, the share of each label (_0, _1, ...), is_missing."""
    is_ok = (rows["status"] == Status.OK).to_numpy()
    if mode == "pairwise":
        value = rows["p_a"].fillna(points(rows))
        scores = np.full(len(rows), np.nan)
    else:
        scores = rows["score"].to_numpy(dtype=float)
        value = rows["score"]
    codes = codes_of(scale, rows["label"].astype(str).tolist(), scores, "verdicts")
    if mode == "single" and scale.values:
        value = pd.Series(np.array([*scale.values, np.nan])[codes], index=rows.index)
    unit = [*_OF_UNIT[mode], *_WORDED[mode], "cluster"]
    base = rows.assign(value=np.where(is_ok, 1.0, np.nan))
    found = averages(base, unit, _SHOWN[mode])
    found = found.assign(is_missing=found["value"].isna() & found["is_asked"])
    has_all = found["value"].notna()
    columns = {"value": value.where(is_ok)}
    for code in range(len(scale.labels)):
        columns[f"_{code}"] = pd.Series(
            np.where(is_ok, (codes == code).astype(float), np.nan), index=rows.index
        )
    for name, column in columns.items():
        own = averages(rows.assign(value=column), unit, _SHOWN[mode])["value"]
        found[name] = own.where(has_all)
    return found


def _panel(mode: Mode, told: pd.DataFrame, groups: Mapping[str, int]) -> pd.DataFrame:
    """The panel's row of each unit: families with a vote each. Of a pair it names the side of the mean."""
    names = [*_OF_UNIT[mode]]
    key = pd.MultiIndex.from_frame(told[names].astype(object))
    codes, _ = pd.factorize(key)
    values = panel_values(told.assign(item_id=codes, cluster=0), groups)
    units = told[names].astype(object)[~key.duplicated()]  # in the order of the codes
    found = units.iloc[values["item_id"].to_numpy()].assign(
        value=values["value"].to_numpy(), is_missing=values["is_missing"].to_numpy()
    )
    if mode == "pairwise":
        side = np.sign(np.round(found["value"] - 0.5, ROUNDED))
        for code, sign in enumerate((-1.0, 0.0, 1.0)):
            found[f"_{code}"] = (side == sign).astype(float).where(found["value"].notna())
    return found.reset_index(drop=True)


def _voice(
    who: tuple[str, tuple[str, ...], str, str],
    own: pd.DataFrame,
    units: pd.DataFrame,
    mode: Mode,
    scale: Scale,
) -> Voice:
    """The rows of a judge in the units' order; of a unit it was not asked about it says nothing."""
    names = [*_OF_UNIT[mode]]
    lined = units[names].astype(object).merge(own.astype(dict.fromkeys(names, object)), how="left")
    columns = [f"_{code}" for code in range(len(scale.labels))]
    shares = lined.reindex(columns=columns).to_numpy(dtype=float)
    values = lined["value"].to_numpy(dtype=float)
    is_missing = lined["is_missing"].astype(object).eq(True).to_numpy()  # NaN: not asked
    return Voice(*who, shares=shares, values=values, is_missing=is_missing)


def warnings(found: Iterable[Labelled]) -> Iterator[str]:
    """What people should know of how labels and verdicts met."""
    for one in found:
        thing = "pair" if one.mode == "pairwise" else "answer"
        if one.n_unjudged:
            are = "was" if one.n_unjudged == 1 else "were"
            yield f"{counted(one.n_unjudged, f'labelled {thing}')} {are} not judged, and left out"
        if one.n_contradicting:
            yield (
                f"{counted(one.n_contradicting, 'label')} left out: a rater said two things of one pair, one "
                "in each order"
            )
        if one.is_scale_found:
            own = {v.members[0]: v.values for v in one.voices if v.judge != PANEL}
            yield from beyond(one.numbers, own)
