"""The stages that compare and score share: read, plan, forecast or carry out, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from judge.errors import InputError
from judge.pair_designs import named
from judge.pairing import ResponseSet
from judge.plan import Forecast, Pair, forecast
from judge.records import data_folder, read_responses
from judge.report import words
from judge.rubric_files import read_rubric
from judge.store import open_store
from judge.types import HumanLabel, Item, Mode
from judge.workflow import (
    anchors,
    early_stopping,
    escalation,
    gates,
    padded,
    reporting,
    run_labels,
    running,
    slicing,
)
from judge.workflow.options import RUBRICS, Options, check_judges, check_rubrics
from judge.workflow.recipe import RANK, Recipe, sampled
from judge.workflow.reporting import Result
from judge.workflow.running import World


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recipe with its items, before anything is asked. mappings: how columns were read.

    labels: people's, which the recipe names by their hash.
    """

    recipe: Recipe
    items: tuple[Item, ...]
    mappings: tuple[str, ...]
    forecast: Forecast
    labels: tuple[HumanLabel, ...] = ()


Pairs = Callable[[Sequence[str]], tuple[Pair, ...]]


def prepared(
    command: str,
    mode: Mode,
    paths: Sequence[Path],
    options: Options,
    *,
    default_rubric: str,
    pairs: Pairs,
    baseline: Callable[[Sequence[str]], str | None],
) -> Prepared:
    """What a command would do. Raises InputError for whatever the caller must change first."""
    check_judges(options)
    reporting.check_folder(options.out)
    _check_gates(mode, options)
    responses = read_responses(
        paths, format=options.format, beside=options.beside, columns=options.columns
    )
    rubrics = tuple(
        read_rubric(name, search=[RUBRICS, data_folder("rubrics")])
        for name in options.rubrics or (default_rubric,)
    )
    check_rubrics(rubrics)
    planned = pairs(responses.systems)
    recipe = Recipe(
        command=command,
        mode=mode,
        judges=options.judges,
        rubrics=rubrics,
        pairs=planned,
        baseline=baseline(responses.systems),
        swap=options.swap,
        repeats=options.repeats,
        repeat_share=options.repeat_share,
        seed=options.seed,
        concurrency=options.concurrency,
        max_cost_usd=options.max_cost_usd,
        max_missing=options.max_missing,
        fresh=options.fresh,
        fail_if=options.fail_if,
        ties=options.ties,
        slices=options.slices,
        # A ranking has no rule to stop by: which pair would decide it is not known beforehand.
        stop_early=options.stop_early and command != RANK,
        design=named(options.design, len(responses.systems)) if command == RANK else None,
        margin=options.margin,
        merge=options.merge,
        style=options.style,
        length_penalty=options.length_penalty,
        agree=escalation.by_price(options.agree, options.judges),
        families=options.families,
        sources=tuple(str(path) for path in paths),
        warnings=(*responses.warnings, *_unpaired(planned, responses)),
    )
    early_stopping.check(recipe)
    recipe = replace(recipe, escalate=escalation.read(options.escalate, recipe))
    items = sampled(_complete(recipe, responses), options.limit, options.seed)
    plan = recipe.plan(items)
    slicing.chosen(recipe.slices, slicing.of_items(items))  # before spending
    people = run_labels.checked(recipe, items, options)
    filler = padded.of_recipe(recipe, items, options)
    kept = replace(recipe, labels=people.used, padded=filler)
    mixed = anchors.mixed_in(kept, items, options.anchors)
    return Prepared(
        mixed.recipe,
        mixed.items,
        responses.mappings,
        anchors.forecast_of(forecast(plan, options.concurrency), mixed, options.concurrency),
        people.rows,
    )


async def judged(what: Prepared, options: Options, world: World) -> Result:
    """Carries out what was prepared and writes its report."""
    async with running.connections(what.recipe.judges, world) as providers:
        with open_store(options.store) as store:
            if what.labels:
                store.add_labels(what.labels)
            run = running.started(what.recipe, what.items, store, world)
            await running.carried_out(run, providers, store, world)
            result = reporting.of_run(store, run.run_id)
    return reporting.write(result, options.folder(run.run_id))


def _check_gates(mode: Mode, options: Options) -> None:
    reporting.check_gates(options.fail_if)
    gates.check_labels(options.fail_if, has_labels=options.labels is not None)
    of_conclusions = [c for c in options.fail_if if c in reporting.CONCLUSION_GATES]
    if mode == "single" and of_conclusions:
        raise InputError(
            f"--fail-if {of_conclusions[0]}: scores have no conclusion; use it with compare"
        )


def _complete(recipe: Recipe, responses: ResponseSet) -> Sequence[Item]:
    """The items that have at least one pair whole; the others are named in a warning."""
    plan = recipe.plan(responses.items)
    return [item for item in responses.items if plan.pairs_of(item)]


def _unpaired(pairs: Sequence[Pair], responses: ResponseSet) -> list[str]:
    if any(pair.system_b is None for pair in pairs):
        return []
    return [
        f"{len(ids)} of {len(responses.items)} items have no response of {words.name(system)} and are left "
        f"out{_of_what(system, pairs)}: {', '.join(map(words.name, ids[:5]))}"
        f"{', ...' if len(ids) > 5 else ''}"
        for system, ids in responses.unpaired.items()
        if ids
    ]


def _of_what(system: str, pairs: Sequence[Pair]) -> str:
    """A system that lacks an item is left out alone, unless it is in every pair."""
    own = sum(system in (pair.system_a, pair.system_b) for pair in pairs)
    return "" if own == len(pairs) else f" of its comparison{'s' if own > 1 else ''}"
