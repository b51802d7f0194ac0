"""People's labels of a run: read and checked before anything is asked, kept with it, replaced later.

A run's config names its labels by the hash that the store has them under, so that the same report can
be made again without the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from judge.errors import InputError, cut
from judge.labels.sets import LabelSet
from judge.plan import Pair
from judge.store import Store, labels_hash
from judge.types import HumanLabel, Item, Mode, Run, Scale
from judge.workflow.beside import label_set_of, label_source
from judge.workflow.options import Options, agreed
from judge.workflow.recipe import Recipe, RunLabels, from_config, to_config

SHOWN = 3  # names of each side in a message

_THING: dict[Mode, str] = {"pairwise": "pairs", "single": "single answers"}
_COMMAND: dict[Mode, str] = {"pairwise": "compare and rank", "single": "score"}


@dataclass(frozen=True, slots=True)
class Checked:
    """Labels that fit a run. rows: nothing but what people said; the set's texts stay where they are."""

    rows: tuple[HumanLabel, ...] = ()
    used: RunLabels | None = None


# -- before anything is asked --------------------------------------------------------------------


def checked(recipe: Recipe, items: Sequence[Item], options: Options) -> Checked:
    """The labels of --labels; none where none are named. Raises InputError where they fit nothing."""
    found = label_set_of(options)
    source = label_source(options, found)
    if found is None or source is None:
        return Checked()
    where = str(options.labels)
    _check_mode(recipe.mode, found, where)
    _check_criteria(recipe, found, where)
    _check_units(recipe.pairs, items, found.labels, where)
    for criterion, scale in scales_of(recipe, exact=True).items():
        _check_scale(criterion, scale, found.labels, where)
    said = tuple(_of_another_rubric(recipe, found))
    return Checked(found.labels, RunLabels(labels_hash(found.labels), source, said))


def _check_mode(mode: Mode, found: LabelSet, where: str) -> None:
    if found.mode != mode:
        raise InputError(
            f"--labels {where}: its labels are of {_THING[found.mode]}, and this run judges "
            f"{_THING[mode]}; use them with {_COMMAND[found.mode]}, or name labels of {_THING[mode]}"
        )


def _check_criteria(recipe: Recipe, found: LabelSet, where: str) -> None:
    """Pairs are judged on the whole; answers on the whole and on each criterion of the rubric."""
    known = ["", *(c.name for rubric in recipe.rubrics for c in rubric.criteria)]
    said = list(dict.fromkeys(label.criterion for label in found.labels))
    judged = known[:1] if recipe.mode == "pairwise" else known
    if not set(said) & set(judged):
        whole = "an empty criterion, for the whole" if recipe.mode == "pairwise" else _names(known)
        raise InputError(
            f"--labels {where}: no label is on what is judged: its criteria are {_names(said)}; this run "
            f"takes {whole}"
        )


def _check_units(
    pairs: Sequence[Pair], items: Sequence[Item], labels: Sequence[HumanLabel], where: str
) -> None:
    """That one label at least is of something that will be judged; else what the two sides have."""
    units = {
        (item.item_id, frozenset(_systems(pair)))
        for item in items
        for pair in pairs
        if all(item.response(system) is not None for system in _systems(pair))
    }
    if any((label.item_id, frozenset(_labelled(label))) in units for label in labels):
        return
    item_ids = dict.fromkeys(item.item_id for item in items)
    named = dict.fromkeys(label.item_id for label in labels)
    if not item_ids.keys() & named.keys():
        raise InputError(
            f"--labels {where}: no label is of an item of this run: items are {_names(item_ids)}, labels "
            f"are of {_names(named)}; labels and responses must have the same item_id"
        )
    judged = dict.fromkeys(" / ".join(_systems(pair)) for pair in pairs)
    said = dict.fromkeys(" / ".join(_labelled(label)) for label in labels)
    raise InputError(
        f"--labels {where}: no label is of what this run judges: systems are {_names(judged)}, labels are "
        f"of {_names(said)}; labels and responses must name systems alike"
    )


def _systems(pair: Pair) -> tuple[str, ...]:
    return (pair.system_a,) if pair.system_b is None else (pair.system_a, pair.system_b)


def _labelled(label: HumanLabel) -> tuple[str, ...]:
    if label.system is not None:
        return (label.system,)
    return (label.system_a or "", label.system_b or "")


def _names(found: Iterable[str]) -> str:
    names = [cut(name) or '""' for name in found]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _check_scale(criterion: str, scale: Scale, labels: Sequence[HumanLabel], where: str) -> None:
    of = f" for criterion {criterion}" if criterion else ""
    for label in labels:
        on_scale = label.label in scale.labels or label.score in scale.values
        if label.criterion == criterion and not on_scale:
            said = cut(label.label or f"{label.score:g}")
            raise InputError(
                f"--labels {where}: item {cut(label.item_id)}, rater {cut(label.rater)}: {said} is not on "
                f"the rubric's scale{of}: {', '.join(scale.labels)}; correct the row, or choose the rubric "
                "that people were asked"
            )


def _of_another_rubric(recipe: Recipe, found: LabelSet) -> list[str]:
    own = {name for rubric in recipe.rubrics for name in (rubric.id, rubric.name)}
    if found.rubric is None or found.rubric in own:
        return []
    return [
        f"the labels {found.id} were given under rubric {found.rubric}, and the judges were asked "
        f"{', '.join(rubric.id for rubric in recipe.rubrics)}: they were asked different things"
    ]


# -- scales --------------------------------------------------------------------------------------


def scales_of(recipe: Recipe, *, exact: bool = False) -> dict[str, Scale]:
    """Criterion -> its scale, of single answers where all rubrics of the run agree on it.

    A judge that is read by log-probabilities gives means between the points of a scale: the overall one
    is then a continuum, unless what is wanted is the exact scale that people were given.
    """
    if recipe.mode == "pairwise":
        return {}
    said: dict[str, list[Scale]] = {}
    for rubric in recipe.rubrics:
        said.setdefault("", []).append(rubric.scale)
        for criterion in rubric.criteria:
            said.setdefault(criterion.name, []).append(criterion.scale or rubric.scale)
    agreed_on = {name: own[0] for name, own in said.items() if all(s == own[0] for s in own)}
    if not exact and any(judge.reading == "logprobs" for judge in recipe.judges):
        agreed_on[""] = Scale(level="interval", labels=())
    return agreed_on


def with_numbers(
    labels: Iterable[HumanLabel], scales: Mapping[str, Scale]
) -> tuple[HumanLabel, ...]:
    """The labels, each with its number where only the word was given and the scale has numbers."""
    return tuple(_numbered(label, scales.get(label.criterion)) for label in labels)


def _numbered(label: HumanLabel, scale: Scale | None) -> HumanLabel:
    if scale is None or label.score is not None or label.label not in scale.labels:
        return label
    return replace(label, score=scale.value(label.label))


# -- kept with a run -----------------------------------------------------------------------------


def of_run(store: Store, recipe: Recipe) -> tuple[HumanLabel, ...]:
    """The labels that a run is reported with, as the store has them."""
    if recipe.labels is None:
        return ()
    stored = store.labels(recipe.labels.labels_hash)
    return with_numbers(stored, scales_of(recipe, exact=True))


def replaced(store: Store, run: Run, options: Options) -> None:
    """Gives a run other labels, or other bounds, than it was reported with; both are kept with it.

    Nothing changes where the options say neither. Raises InputError for labels that fit nothing.
    """
    recipe = from_config(run.config)
    found = checked(recipe, tuple(store.items(run.run_id)), options)
    asked = agreed(options, recipe.agree)
    if found.used is None and asked == recipe.agree:
        return
    if found.used is not None:
        store.add_labels(found.rows)
        recipe = replace(recipe, labels=found.used)
    store.change_config(run.run_id, to_config(replace(recipe, agree=asked)))
