"""How much verdicts hang on the wording of a rubric: a star of wordings asked on a sample of items.

Every wording is asked once about the same presentations, the rubric's own twice or more: that is the
ceiling which no wording can be expected to pass. What is asked is fixed for the whole audit by one hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from judge.analysis.audit_asked import AskedWording, AuditAsked
from judge.errors import InputError
from judge.pair_designs import pairs_of
from judge.pairing import ResponseSet
from judge.plan import Forecast, Pair, Plan, forecast, smallest_shown
from judge.records import data_folder, read_responses
from judge.rubric_files import read_rubric
from judge.stats import sign_flip
from judge.store import items_hash
from judge.types import Item, JudgeModel, Mode, Rubric, Wording, digest
from judge.wording_forms import TEXT_OUTPUT
from judge.wordings import star
from judge.workflow import audit_gates, judging, reporting
from judge.workflow.judging import Prepared
from judge.workflow.options import RUBRICS, Options, check_judges
from judge.workflow.recipe import Recipe, sampled

COMMAND = "audit rubric"
ITEMS = 100
REPEATS = 2  # of the rubric's own wording
SWAP = "random"
DEFAULT_RUBRICS: dict[Mode, str] = {"pairwise": "helpfulness", "single": "helpfulness-single"}

# Of the smallest effect that is forecast: as often as this a verdict is taken to change by itself, in
# either direction. A judge that repeats itself better shows less.
NOISE = 0.05
ALPHA = 0.05

judged = judging.judged


@dataclass(frozen=True, slots=True)
class Star:
    """Which wordings are asked beside the rubric's own: all equivalents and no intervention as it is.

    variants: equivalents by name, or "none"; interventions: by name, or "all".
    """

    variants: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()


def prepared(
    paths: Sequence[Path],
    options: Options,
    asked: Star = Star(),
    *,
    swap: str | None = None,
    repeats: int | None = None,
) -> Prepared:
    """The audit of a rubric on the responses of these files, before anything is asked.

    options.limit: how many items, ITEMS where it is None. swap, repeats: as they were asked for, whatever
    is usual for other commands. Raises InputError for whatever the caller must change first.
    """
    check_judges(options)
    reporting.check_folder(options.out)
    audit_gates.check(options.fail_if, "rubric")
    responses = read_responses(
        paths, format=options.format, beside=options.beside, columns=options.columns
    )
    rubric = _rubric(options, responses)
    wordings, left_out = _wordings(rubric, asked, options.judges)
    expanded = replace(rubric, variants=_with_made(rubric, wordings))
    recipe = Recipe(
        command=COMMAND,
        mode=rubric.mode,
        judges=options.judges,
        rubrics=(expanded,),
        pairs=_pairs(rubric, responses, options),
        baseline=options.baseline,
        swap=swap or SWAP,
        repeats=REPEATS if repeats is None else repeats,
        seed=options.seed,
        concurrency=options.concurrency,
        max_cost_usd=options.max_cost_usd,
        max_missing=options.max_missing,
        fresh=options.fresh,
        fail_if=options.fail_if,
        families=options.families,
        sources=tuple(str(path) for path in paths),
        warnings=(*responses.warnings, *left_out),
    )
    whole = _whole(recipe, responses)
    items = sampled(whole, ITEMS if options.limit is None else options.limit, options.seed)
    recipe = replace(recipe, audit=_asked(rubric, wordings, items, len(whole), options))
    return Prepared(recipe, items, responses.mappings, _forecast(recipe, recipe.plan(items)))


# -- what is asked -------------------------------------------------------------------------------


def _rubric(options: Options, responses: ResponseSet) -> Rubric:
    """The one rubric of the audit, as its file has it."""
    if len(options.rubrics) > 1:
        raise InputError(
            f"--rubric {', '.join(options.rubrics)}: an audit is of one rubric; run it once for each"
        )
    rubric = read_rubric(_named(options, responses), search=[RUBRICS, data_folder("rubrics")])
    if rubric.mode == "pairwise" and len(responses.systems) < 2:
        raise InputError(
            f"rubric {rubric.id} compares pairs, and the files hold one system: give a file of another, or "
            f"use a rubric of single answers such as {DEFAULT_RUBRICS['single']}"
        )
    return rubric


def _named(options: Options, responses: ResponseSet) -> str:
    usual = DEFAULT_RUBRICS["pairwise" if len(responses.systems) > 1 else "single"]
    return options.rubrics[0] if options.rubrics else usual


def _wordings(
    rubric: Rubric, asked: Star, judges: Sequence[JudgeModel]
) -> tuple[tuple[Wording, ...], tuple[str, ...]]:
    """The wordings beside the rubric's own, and a warning for what cannot be asked of these judges."""
    wordings = star(rubric, asked.variants, asked.interventions)
    endpoints = [judge for judge in judges if judge.endpoint]
    kept = tuple(w for w in wordings if not (endpoints and TEXT_OUTPUT in w.forms))
    for judge in endpoints:
        _check_endpoint(judge, kept)
    left_out = [w.name for w in wordings if w not in kept]
    if not kept:
        raise InputError(
            f"rubric {rubric.id}: there is no wording to hold against its own; add [[variants]] to its file, "
            "or ask for an --intervention"
        )
    told = (
        f"{', '.join(left_out)}: left out, as the answers of {_names(endpoints)} have one form only"
    )
    return kept, (told,) if left_out else ()


def _names(judges: Sequence[JudgeModel]) -> str:
    return ", ".join(judge.judge for judge in judges)


# How an endpoint says which response is better without a label that the prompt could ask for otherwise.
_WITHOUT_LABEL = ("p_first", "score_first")


def _check_endpoint(judge: JudgeModel, wordings: Sequence[Wording]) -> None:
    """Raises InputError where an endpoint would not be shown what the wordings differ in."""
    body = str(judge.endpoint["body"])
    unseen = [hole for hole in ("{user}", "{system}") if hole not in body]
    if unseen:
        raise InputError(
            f"judge {judge.judge}: its http.body does not show {' and '.join(unseen)}, so that it would "
            "see no wording of a rubric; show both in http.body, or audit another judge"
        )
    formed = [w.name for w in wordings if w.forms]
    if formed and any(key in judge.endpoint for key in _WITHOUT_LABEL):
        raise InputError(
            f"judge {judge.judge}: its verdict is a number and no label, which {', '.join(formed)} ask for "
            "in another way; choose others with --variant"
        )


def _with_made(rubric: Rubric, wordings: Sequence[Wording]) -> tuple[Wording, ...]:
    """The rubric's own variants, all of which its hash covers, and those made for the audit."""
    return (*rubric.variants, *(w for w in wordings if w.generated))


def _pairs(rubric: Rubric, responses: ResponseSet, options: Options) -> tuple[Pair, ...]:
    """All pairs of systems, those with the baseline where one is named, or every system's answers."""
    if options.baseline is not None and options.baseline not in responses.systems:
        raise InputError(
            f"--baseline {options.baseline}: no such system; the files hold {', '.join(responses.systems)}"
        )
    if rubric.mode == "single":
        return tuple(Pair(system, None) for system in responses.systems)
    design = "all" if options.baseline is None else "baseline"
    return pairs_of(responses.systems, design, baseline=options.baseline)


def _whole(recipe: Recipe, responses: ResponseSet) -> list[Item]:
    """The items that have something to judge."""
    plan = recipe.plan(responses.items)
    return [item for item in responses.items if plan.pairs_of(item)]


def _asked(
    rubric: Rubric,
    wordings: Sequence[Wording],
    items: Sequence[Item],
    n_available: int,
    options: Options,
) -> AuditAsked:
    """What is fixed for the whole audit."""
    every = (rubric.wording(), *wordings)
    parts = [
        rubric.fingerprint,
        [wording.fingerprint for wording in every],
        items_hash(items),
        options.seed,
    ]
    return AuditAsked(
        kind="rubric",
        fingerprint=digest(parts),
        n_available=n_available,
        wordings=tuple(AskedWording(w.name, w.kind, w.fingerprint, w.forms) for w in every),
        rubric_file=options.rubrics[0] if options.rubrics else "",
    )


# -- what it takes and what became of the file ---------------------------------------------------


def _forecast(recipe: Recipe, plan: Plan) -> Forecast:
    """What the audit takes, and the least effect of one wording that it can show."""
    own = forecast(plan, recipe.concurrency)
    n = len({item.cluster for item in plan.items if plan.pairs_of(item)})
    tests = 2 * (len(plan.wordings) - 1) or 1  # flips and shift of each share the level
    if recipe.mode == "single":
        return replace(own, smallest_difference=smallest_shown(n, "single", alpha=ALPHA / tests))
    least = sign_flip.smallest_shown(n, NOISE, alpha=ALPHA / tests)
    return replace(own, smallest_difference=1.0 if least is None else least)


def edited_since(recipe: Recipe) -> tuple[str, ...]:
    """A warning where the rubric's file says something else now than what the audit was begun with."""
    if recipe.audit is None or recipe.audit.kind != "rubric" or not recipe.rubrics:
        return ()
    begun = recipe.rubrics[0]
    try:
        now = read_rubric(
            recipe.audit.rubric_file or begun.id, search=[RUBRICS, data_folder("rubrics")]
        )
    except InputError as error:
        return (f"rubric {begun.id}: {_GOES_ON}; its file cannot be read as it is now: {error}",)
    if now.fingerprint == begun.fingerprint:
        return ()
    return (
        f"rubric {begun.id}: its file differs now ({now.id}, {now.fingerprint}); {_GOES_ON} "
        f"({begun.fingerprint})",
    )


_GOES_ON = "this audit goes on with the text that it was begun with"
