"""Do judges concur with people? The report that leads with it, from recorded verdicts or a stored run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from judge.errors import InputError
from judge.store import open_existing
from judge.workflow import gates, reporting, run_labels
from judge.workflow.agreeing import AGREE
from judge.workflow.analyze import analyzed
from judge.workflow.options import Options, agreed
from judge.workflow.recipe import from_config
from judge.workflow.reporting import Result
from judge.workflow.runs import found


def held_against(
    verdicts: str,
    labels: Path,
    options: Options,
    *,
    families: Mapping[str, frozenset[str]] | None = None,
) -> Result:
    """The report on agreement; written to options.out where that is given.

    verdicts: a file, else the id of a run of the store, its beginning or `latest`. A run keeps the labels
    that it had: these are used here alone.
    """
    asked = replace(options, labels=labels)
    if Path(verdicts).exists():
        return analyzed(Path(verdicts), asked, families=families, command=AGREE)
    check_store(verdicts, options.store)
    return _of_run(verdicts, asked)


def check_store(verdicts: str, store: str) -> None:
    """Raises InputError where there is neither such a file nor a store that could hold such a run."""
    if "://" not in store and not Path(store).exists():
        raise InputError(
            f"{verdicts}: there is no such file, and no store at {store} that could hold a run of that "
            "name; name a file of verdicts, or the store with --store"
        )


def _check_own(options: Options) -> None:
    """Raises InputError for what a run has of its own and a file of verdicts does not say."""
    for flag, given in (("--scale", options.scale), ("--baseline", options.baseline)):
        if given is not None:
            raise InputError(
                f"{flag} {given}: is for a file of verdicts, and a run has its own; leave it out"
            )


def _of_run(run_id: str, options: Options) -> Result:
    _check_own(options)
    reporting.check_folder(options.out)
    reporting.check_gates(options.fail_if)
    gates.check_labels(options.fail_if, has_labels=True)
    with open_existing(options.store) as store:
        run = found(store, run_id)
        recipe = from_config(run.config)
        if recipe.audit is not None:
            raise InputError(
                f"{run.run_id} is a run of `judge {run.command}`, which asked about answers or wordings that "
                "were changed: name a run of compare, score or rank"
            )
        people = run_labels.checked(recipe, tuple(store.items(run.run_id)), options)
        scales = run_labels.scales_of(recipe, exact=True)
        recipe = replace(
            recipe,
            labels=people.used,
            agree=agreed(options, recipe.agree),
            fail_if=options.fail_if,
            slices=options.slices or recipe.slices,
            max_missing=options.max_missing,
        )
        rows = run_labels.with_numbers(people.rows, scales)
        result = _led(reporting.of_run(store, run.run_id, recipe=recipe, labels=rows))
    return reporting.write(result, options.out) if options.out else result


def _led(result: Result) -> Result:
    """The result as a report of this command, which leads with agreement."""
    run = result.report.run.model_copy(update={"command": AGREE})
    if result.report.agreement is None:
        raise InputError(
            "no label of --split is of what this run judged; use --split all, or check the labels with "
            "`judge labels check`"
        )
    return replace(result, report=result.report.model_copy(update={"run": run}))
