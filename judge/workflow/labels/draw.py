"""Draws pairs or answers at random for people to label, and writes what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.errors import InputError
from judge.labels.key import (
    SCHEMA,
    By,
    Key,
    KeyStratum,
    KeyUnit,
    Stratify,
    blind_rows,
    columns,
    key_items,
    scale_json,
    sealed,
)
from judge.labels.splits import SHARES, SPLITS, split_of
from judge.records import data_folder
from judge.rubric_files import read_rubric
from judge.stats.label_draw import Allocation, Sample, bins, draw, label_sds
from judge.types import Mode, digest
from judge.workflow.labels import files
from judge.workflow.labels.population import Population, Unit, population
from judge.workflow.options import RUBRICS, Options

UNNAMED = "labels"
NO_CATEGORY = "(none)"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a draw. n: how many further pairs or answers, or items where `by` says so.

    raters: each gets a file of their own; none: one file for whoever labels. rubric: whose scale labels
    of single answers are held to. extend: the key of an earlier draw. Raises InputError for a word that
    is none of those known.
    """

    n: int
    out: Path
    seed: int | None = None
    stratify: Stratify = "none"
    allocation: Allocation = "proportional"
    by: By = "unit"
    set_name: str | None = None
    criterion: str = ""
    rubric: str | None = None
    raters: tuple[str, ...] = ()
    shares: tuple[float, float, float] = SHARES
    mode: Mode | None = None
    items: tuple[Path, ...] = ()
    extend: Path | None = None

    def __post_init__(self) -> None:
        if self.n < 1:
            raise InputError(f"--n {self.n}: must be 1 or more")
        _one_of("--stratify", self.stratify, "none", "judge-score", "category")
        _one_of("--allocate", self.allocation, "proportional", "neyman")
        _one_of("--by", self.by, "unit", "item")
        if self.mode is not None:
            _one_of("--mode", self.mode, "pairwise", "single")
        if abs(sum(self.shares) - 1) > 1e-9 or not all(0 <= share <= 1 for share in self.shares):
            raise InputError(f"--splits {self.shares}: the shares of dev, calib and test sum to 1")


def _one_of(flag: str, given: str, *known: str) -> None:
    if given not in known:
        raise InputError(f"{flag} {given}: use {', '.join(known[:-1])} or {known[-1]}")


@dataclass(frozen=True, slots=True)
class LabelsDrawn:
    """A draw that was written. files: one a rater; drawn: pairs or answers in them; of: in all there are.

    inclusion_probs: stratum -> probability; total: drawn so far, earlier draws counted.
    """

    files: tuple[Path, ...]
    key_path: Path
    mode: Mode
    drawn: int
    total: int
    of: int
    seed: int
    strata: Mapping[str, float]
    splits: Mapping[str, int]


def drawn(sources: Sequence[str], options: Options, asked: Asked) -> LabelsDrawn:
    """A draw from files of responses, a run or a table of verdicts, written for raters to fill in.

    Raises InputError for what cannot be drawn, and then nothing is written.
    """
    earlier = None if asked.extend is None else files.read_key(asked.extend)
    raters = _raters(asked, earlier)
    files.check_out(asked.out, raters)
    mode = asked.mode if earlier is None else earlier.mode
    all_units = population(sources, options, items=asked.items, mode=mode)
    key = _first(all_units, asked) if earlier is None else _further(all_units, asked, earlier)
    batch = key.batches
    kind = asked.out.suffix.lower()
    paths = [files.rater_path(asked.out, rater) for rater in raters or [""]]
    texts = {
        path: files.text_of(blind_rows(key, rater, batch), columns(key.mode), kind)
        for path, rater in zip(paths, raters or [""], strict=True)
    }
    place = files.key_path(asked.out)
    files.put({**texts, place: files.key_text(key)})
    return LabelsDrawn(
        files=tuple(paths),
        key_path=place,
        mode=key.mode,
        drawn=sum(unit.batch == batch for unit in key.units),
        total=len(key.units),
        of=len(all_units.units),
        seed=key.seed,
        strata={one.name: one.n / one.size for one in key.strata},
        splits={split: sum(unit.split == split for unit in key.units) for split in SPLITS},
    )


def _raters(asked: Asked, earlier: Key | None) -> list[str]:
    """The raters, each named once; of a further draw those of the first."""
    named = [name.strip() for name in asked.raters]
    if any(not name for name in named) or len(set(named)) < len(named):
        raise InputError(
            f"--raters {','.join(asked.raters)}: a name is empty or stands there twice; name each rater once"
        )
    if earlier is None:
        return named
    if named and named != earlier.raters:
        raise InputError(
            f"--raters {','.join(named)}: {asked.extend} is of "
            f"{', '.join(earlier.raters) or 'no named raters'}; leave the flag out"
        )
    return earlier.raters


# -- the first draw, and a further one -----------------------------------------------------------


def _first(everything: Population, asked: Asked) -> Key:
    rubric, scale = asked.rubric or everything.rubric, everything.scale
    if asked.rubric is not None:
        read = read_rubric(asked.rubric, search=[RUBRICS, data_folder("rubrics")])
        if read.mode != everything.mode:
            raise InputError(
                f"--rubric {asked.rubric}: is {read.mode}, and the draw is {everything.mode}"
            )
        criteria = {c.name: c.scale or read.scale for c in read.criteria}
        if asked.criterion and asked.criterion not in criteria:
            raise InputError(
                f"--criterion {asked.criterion}: rubric {read.id} has {', '.join(criteria)}"
            )
        rubric = read.id
        scale = criteria.get(asked.criterion, read.scale) if read.mode == "single" else None
    groups = _groups(everything, asked.by)
    strata = _strata(everything, groups, asked.stratify)
    seed = 0 if asked.seed is None else asked.seed
    sample = draw(strata, asked.n, seed, sds=_sds(everything, groups, strata, asked.allocation))
    name = asked.set_name or UNNAMED
    key = Key(
        format=SCHEMA,
        set=name,
        mode=everything.mode,
        criterion=asked.criterion,
        rubric=rubric,
        scale=scale_json(scale),
        seed=seed,
        shares=list(asked.shares),
        by=asked.by,
        stratify=asked.stratify,
        allocation=asked.allocation,
        population=digest(sorted(strata.items())),
        population_size=len(strata),
        strata=_key_strata(sample),
        raters=[rater.strip() for rater in asked.raters],
        units=_units(sample, groups, strata, name, asked.shares, {}),
        items=[],
    )
    return _with_items(key, everything)


def _further(everything: Population, asked: Asked, earlier: Key) -> Key:
    """The key after drawing n more: as one draw of all would have been, so that its probabilities hold."""
    _check_same(asked, earlier)
    groups = _groups(everything, earlier.by)
    strata = _strata(everything, groups, earlier.stratify)
    if digest(sorted(strata.items())) != earlier.population:
        raise InputError(
            f"--extend {asked.extend}: what there is to draw from, or its strata, is not what it was "
            f"({len(strata):,} now, {earlier.population_size:,} then): probabilities of the first draw no "
            "longer hold; extend it from the same files, or draw anew"
        )
    batch = earlier.batches + 1
    known = {unit.unit_id: unit.batch for unit in earlier.units}
    before = [name for name, own in groups.items() if own[0].unit_id in known]
    sds = {one.name: one.sd for one in earlier.strata} if earlier.allocation == "neyman" else None
    sample = draw(strata, len(before) + asked.n, earlier.seed, sds=sds, earlier=before)
    batches = {name: known.get(own[0].unit_id, batch) for name, own in groups.items()}
    units = _units(sample, groups, strata, earlier.set, earlier.shares, batches)
    key = earlier.model_copy(update={"strata": _key_strata(sample), "units": units})
    return _with_items(key, everything)


def _check_same(asked: Asked, earlier: Key) -> None:
    """A further draw has the settings of the first: others would change what is known of it."""
    given = {
        "--seed": (asked.seed, earlier.seed),
        "--set": (asked.set_name, earlier.set),
        "--criterion": (asked.criterion or None, earlier.criterion),
        "--rubric": (asked.rubric, earlier.rubric),
        "--stratify": (None if asked.stratify == "none" else asked.stratify, earlier.stratify),
        "--mode": (asked.mode, earlier.mode),
    }
    for flag, (now, then) in given.items():
        if now is not None and now != then:
            raise InputError(
                f"{flag} {now}: the draw that --extend names had {then or 'none'}; leave the flag out"
            )


def _groups(everything: Population, by: By) -> dict[str, list[Unit]]:
    """What is drawn as one: a pair or an answer, or all of an item's."""
    groups: dict[str, list[Unit]] = {}
    for unit in everything.units:
        groups.setdefault(unit.unit_id if by == "unit" else unit.item.item_id, []).append(unit)
    return groups


def _strata(
    everything: Population, groups: Mapping[str, list[Unit]], stratify: Stratify
) -> dict[str, str]:
    if stratify == "none":
        return dict.fromkeys(groups, ALL)
    if stratify == "category":
        found = {name: own[0].item.category or NO_CATEGORY for name, own in groups.items()}
        if set(found.values()) == {NO_CATEGORY}:
            raise InputError("--stratify category: no item has a category; leave the flag out")
        return found
    return bins(_group_values(everything, groups))


def _group_values(everything: Population, groups: Mapping[str, list[Unit]]) -> dict[str, float]:
    """What judges said of each, NaN where they said nothing."""
    values = everything.values
    if values is None or all(value != value for value in values.values()):
        raise InputError(
            "--stratify judge-score: no verdicts are known, or none has a number; name a run or a table of "
            "verdicts, or leave the flag out"
        )
    means: dict[str, float] = {}
    for name, own in groups.items():
        known = [
            values[unit.unit_id] for unit in own if values[unit.unit_id] == values[unit.unit_id]
        ]
        means[name] = sum(known) / len(known) if known else float("nan")
    return means


def _sds(
    everything: Population,
    groups: Mapping[str, list[Unit]],
    strata: Mapping[str, str],
    allocation: Allocation,
) -> dict[str, float] | None:
    if allocation == "proportional":
        return None
    if everything.values is None:
        raise InputError(
            "--allocate neyman: needs verdicts, to know where people may differ; name a run or a table of "
            "verdicts, or use --allocate proportional"
        )
    ends = (0.0, 1.0) if everything.mode == "pairwise" else None
    if everything.scale is not None and everything.scale.values:
        ends = everything.scale.values[0], everything.scale.values[-1]
    return label_sds(strata, _group_values(everything, groups), ends)


def _key_strata(sample: Sample) -> list[KeyStratum]:
    return [
        KeyStratum(name=one.name, size=one.size, n=one.n, sd=one.sd)
        for one in sample.strata.values()
    ]


def _units(
    sample: Sample,
    groups: Mapping[str, list[Unit]],
    strata: Mapping[str, str],
    set_name: str,
    shares: Sequence[float],
    batches: Mapping[str, int],
) -> list[KeyUnit]:
    return [
        KeyUnit(
            item_id=unit.item.item_id,
            system=unit.system_a if unit.system_b is None else None,
            system_a=None if unit.system_b is None else unit.system_a,
            system_b=unit.system_b,
            stratum=strata[name],
            inclusion_prob=sample.strata[strata[name]].inclusion_prob,
            split=split_of(set_name, unit.item.cluster, shares),
            batch=batches.get(name, 1),
        )
        for name in sample.units
        for unit in groups[name]
    ]


def _with_items(key: Key, everything: Population) -> Key:
    return sealed(key.model_copy(update={"items": key_items(everything.items, key.units)}))
