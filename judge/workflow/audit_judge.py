"""What moves a judge that must not: each item's losing answer perturbed, asked again, and reported.

The base of every item is one pair in both orders, twice each (or one answer, twice); beside it each
perturbation once, padding in both orders. Which answer lost is known from labels, or from each judge's
own first verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from judge.analysis.audit_asked import AuditAsked
from judge.analysis.gold import Gold, gold_of
from judge.errors import InputError, cut
from judge.pairing import ResponseSet
from judge.perturbations import (
    CONSTANT_GROUP,
    NULL_NAMES,
    TEXTS_VERSION,
    selected,
)
from judge.plan import Forecast, forecast, smallest_shown
from judge.records import data_folder, read_responses
from judge.rubric_files import read_rubric
from judge.stats import sign_flip
from judge.store import items_hash
from judge.types import Item, Mode, Rubric, digest
from judge.workflow import audit_draw, audit_gates, audit_targets, judging, reporting
from judge.workflow.audit_draw import Drawn
from judge.workflow.beside import label_set_of
from judge.workflow.judging import Prepared
from judge.workflow.options import RUBRICS, Options, check_judges
from judge.workflow.recipe import Recipe

COMMAND = "audit judge"
ITEMS = 100
REPEATS = 2  # of the base, so that there is noise to hold everything against
DEFAULT_RUBRICS: dict[Mode, str] = {"pairwise": "helpfulness", "single": "helpfulness-single"}

BY_JUDGE = "the judge's own first verdict"
BY_DRAW = "the one answer that is scored"

# Of the smallest effect that is forecast: as often as this a verdict is taken to change by itself, in
# either direction. A judge that repeats itself better shows less.
NOISE = 0.05
ALPHA = 0.05

judged = judging.judged


@dataclass(frozen=True, slots=True)
class Battery:
    """Which perturbations are tried: names or groups. thorough: all null answers on every item."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    thorough: bool = False


def prepared(paths: Sequence[Path], options: Options, battery: Battery = Battery()) -> Prepared:
    """The audit of judges on the responses of these files, before anything is asked.

    options.limit: how many items, ITEMS where it is None. Raises InputError for whatever the caller must
    change first.
    """
    check_judges(options)
    reporting.check_folder(options.out)
    audit_gates.check(options.fail_if, "judge")
    wanted = selected(battery.only, battery.without)
    responses = read_responses(
        paths, format=options.format, beside=options.beside, columns=options.columns
    )
    rubric = _rubric(options, responses)
    gold = _gold(options, rubric)
    _check_met(gold, responses, options)
    most = ITEMS if options.limit is None else options.limit
    drawn = audit_draw.questions(responses, rubric.mode, most=most, seed=options.seed, gold=gold)
    asked = drawn.questions
    made = partial(
        audit_draw.perturbed, asked, rubric=rubric, seed=options.seed, thorough=battery.thorough
    )
    n_targets = 2 if rubric.mode == "pairwise" and not gold else 1
    items = made(wanted)
    rare = audit_draw.rarely_made(items, wanted, n_targets)
    names = tuple(name for name in wanted if name not in rare)
    items = made(names) if rare else items
    recipe = Recipe(
        command=COMMAND,
        mode=rubric.mode,
        judges=options.judges,
        rubrics=(rubric,),
        pairs=audit_draw.pairs_of(asked, names, REPEATS),
        repeats=REPEATS,
        seed=options.seed,
        concurrency=options.concurrency,
        max_cost_usd=options.max_cost_usd,
        max_missing=options.max_missing,
        fresh=options.fresh,
        fail_if=options.fail_if,
        families=options.families,
        sources=tuple(str(path) for path in paths),
        warnings=(*responses.warnings, *drawn.warnings, *audit_draw.rare_warning(rare)),
        audit=_asked(drawn, names, rubric, items, options),
    )
    recipe.plan(items)  # what the rubric needs, before spending
    return Prepared(recipe, items, responses.mappings, _forecast(recipe, items))


def _rubric(options: Options, responses: ResponseSet) -> Rubric:
    """The one rubric of an audit. Raises InputError where its verdicts cannot be held against each other."""
    if len(options.rubrics) > 1:
        raise InputError(
            f"--rubric {', '.join(options.rubrics)}: an audit is of one rubric; run it once for each"
        )
    n_systems = len(responses.systems)
    usual = DEFAULT_RUBRICS["pairwise" if n_systems > 1 else "single"]
    rubric = read_rubric(
        options.rubrics[0] if options.rubrics else usual,
        search=[RUBRICS, data_folder("rubrics")],
    )
    if rubric.mode == "pairwise" and n_systems < 2:
        raise InputError(
            f"rubric {rubric.id} compares pairs, and the files hold one system: give a file of another, or "
            f"use a rubric of single answers such as {DEFAULT_RUBRICS['single']}"
        )
    if rubric.mode == "single" and not rubric.scale.values:
        raise InputError(
            f"rubric {rubric.id}: its labels have no numbers, so that nobody could say whether an answer "
            "went up; use a rubric with an ordinal scale"
        )
    return rubric


def _gold(options: Options, rubric: Rubric) -> Gold | None:
    """Which answers of pairs are better by the labels of --labels; None without. Raises InputError."""
    if options.labels is not None and rubric.mode == "single":
        raise InputError(
            f"--labels {options.labels}: only of a pair do labels say which answer lost; leave them out, or "
            "audit the judge under a pairwise rubric"
        )
    found = label_set_of(options)
    if found is None:
        return None
    if found.mode != "pairwise":
        raise InputError(
            f"--labels {options.labels}: its labels are of single answers, and an audit needs to know which "
            "answer of a pair lost; name labels of pairs, or leave them out"
        )
    return gold_of(found.labels)


def _check_met(gold: Gold | None, responses: ResponseSet, options: Options) -> None:
    """Raises InputError where no label that names a winner is of an item that is there."""
    if gold is None:
        return
    labelled = {item_id for item_id, _, _ in gold.sides}
    if any(item.item_id in labelled for item in responses.items):
        return
    some = ", ".join(cut(item_id) for item_id in sorted(labelled)[:3]) or "none at all"
    raise InputError(
        f"--labels {options.labels}: no label that names a winner is of an item of these files: labels are "
        f"of {some}, items are {', '.join(cut(i.item_id) for i in responses.items[:3])}; labels and "
        "responses must have the same item_id"
    )


def _asked(
    drawn: Drawn,
    names: Sequence[str],
    rubric: Rubric,
    items: Sequence[Item],
    options: Options,
) -> AuditAsked:
    """What is fixed for the whole audit."""
    done = tuple(name for name in names if name != CONSTANT_GROUP)
    known = {q.item.item_id: q for q in drawn.questions if q.target}
    parts = [rubric.fingerprint, TEXTS_VERSION, list(names), items_hash(items), options.seed]
    if rubric.mode == "single":
        source = BY_DRAW
    else:
        source = f"labels ({options.labels.name})" if options.labels is not None else BY_JUDGE
    return AuditAsked(
        kind="judge",
        fingerprint=digest(parts),
        n_available=drawn.n_available,
        perturbations=done,
        targets={item_id: q.target for item_id, q in known.items()},
        target_source=source,
        answers={item_id: q.answer for item_id, q in known.items() if q.answer},
    )


def _forecast(recipe: Recipe, items: Sequence[Item]) -> Forecast:
    """What the audit takes at most, one answer of each item being perturbed, and what it can show."""
    own = forecast(recipe.plan(audit_targets.of_one_target(recipe, items)), recipe.concurrency)
    return replace(own, smallest_difference=_smallest(recipe, len(items)))


def _smallest(recipe: Recipe, n: int) -> float:
    """The shift that so many items show with 80 % power where it is the least of all p-values.

    Both statistics of every perturbation share the level, the null answers counting as one.
    """
    names = recipe.audit.perturbations if recipe.audit else ()
    tests = 2 * len({"null" if name in NULL_NAMES else name for name in names}) or 1
    if recipe.mode == "single":
        return smallest_shown(n, "single", alpha=ALPHA / tests)
    return sign_flip.smallest_shown(n, NOISE, alpha=ALPHA / tests) or 1.0
