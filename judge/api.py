"""The Python face: the same work as the command line, as plain functions and as coroutines.

    from judge import compare
    result = compare("base.jsonl", "tuned.jsonl", judges=["openai/MODEL"])
    print(result.text())

Paths are those of files of responses; judges are records or the words of `--judge`. Every other
argument is a field of Options and goes over what judge.toml says: that of this folder, or `config`.
Where an event loop runs already, await compare_async, score_async, rank_async, audit_judge_async,
audit_rubric_async or resume_run_async.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from judge.doctor import Diagnosis
from judge.labels.check import LabelsReport
from judge.labels.plan import Plan
from judge.report.diff_schema import Diff
from judge.report.schema import Spotcheck
from judge.types import JudgeModel
from judge.workflow import agree as _agree
from judge.workflow import analyze as _analyze
from judge.workflow import audit_judge as _audit_judge
from judge.workflow import audit_recorded as _audit_recorded
from judge.workflow import audit_rubric as _audit_rubric
from judge.workflow import compare as _compare
from judge.workflow import diff as _diff
from judge.workflow import doctor as _doctor
from judge.workflow import items as _items
from judge.workflow import judging
from judge.workflow import rank as _rank
from judge.workflow import runs as _runs
from judge.workflow import score as _score
from judge.workflow import spotcheck as _spotcheck
from judge.workflow.config import Config, check_judges, load_config, parse_judge
from judge.workflow.export import VERDICTS, verdict_rows
from judge.workflow.items import Checked
from judge.workflow.labels import check as labels_check
from judge.workflow.labels import draw as labels_draw
from judge.workflow.labels import importing as labels_import
from judge.workflow.labels import plan as labels_plan
from judge.workflow.options import Options, merged, only_given
from judge.workflow.reporting import Result
from judge.workflow.running import World
from judge.workflow.spotcheck import Drawn

Named = str | JudgeModel
PathLike = str | Path


# -- judging -------------------------------------------------------------------------------------


async def compare_async(
    base: PathLike,
    new: PathLike | Sequence[PathLike],
    *,
    judges: Named | Sequence[Named] = (),
    config: PathLike | None = None,
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on whether NEW, or each of several, is better than BASE.

    Raises InputError for what must change.
    """
    loaded = _config(config)
    chosen = _options(loaded, judges, {"fail_if": loaded.fail_if, **options})
    what = _compare.prepared(Path(base), _paths(new), chosen)
    return await judging.judged(what, chosen, _world(world))


def compare(base: PathLike, new: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as compare_async, waited for."""
    return asyncio.run(compare_async(base, new, **arguments))


async def score_async(
    responses: PathLike | Sequence[PathLike],
    *,
    judges: Named | Sequence[Named] = (),
    config: PathLike | None = None,
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on single answers against a rubric."""
    chosen = _options(_config(config), judges, options)
    what = _score.prepared(_paths(responses), chosen)
    return await judging.judged(what, chosen, _world(world))


def score(responses: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as score_async, waited for."""
    return asyncio.run(score_async(responses, **arguments))


async def rank_async(
    responses: PathLike | Sequence[PathLike],
    *,
    judges: Named | Sequence[Named] = (),
    config: PathLike | None = None,
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on many systems in one order."""
    chosen = _options(_config(config), judges, options)
    what = _rank.prepared(_paths(responses), chosen)
    return await judging.judged(what, chosen, _world(world))


def rank(responses: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as rank_async, waited for."""
    return asyncio.run(rank_async(responses, **arguments))


# -- audits --------------------------------------------------------------------------------------


async def audit_rubric_async(
    responses: PathLike | Sequence[PathLike] = (),
    *,
    judges: Named | Sequence[Named] = (),
    variants: str | Sequence[str] = (),
    interventions: str | Sequence[str] = (),
    swap: str | None = None,
    repeats: int | None = None,
    config: PathLike | None = None,
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on how much verdicts hang on the wording of a rubric.

    variants, interventions: the wordings by name; all that must not matter, and none that may, where
    none is given. repeats: of the rubric's own wording. limit: how many items.
    """
    chosen = _audit_options(config, judges, options)
    star = _audit_rubric.Star(_several(variants), _several(interventions))
    what = _audit_rubric.prepared(_paths(responses), chosen, star, swap=swap, repeats=repeats)
    return await judging.judged(what, chosen, _world(world))


def audit_rubric(responses: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as audit_rubric_async, waited for."""
    return asyncio.run(audit_rubric_async(responses, **arguments))


def audit_recorded(
    *sources: PathLike,
    base: str | None = None,
    variants: str | Sequence[str] = (),
    interventions: str | Sequence[str] = (),
    config: PathLike | None = None,
    **options: Any,
) -> Result:
    """The report of audit_rubric from runs of the store or files of verdicts; nothing is asked.

    base: the wording that the others are held against. variants, interventions: wordings that are to be
    taken as such, by name, or all.
    """
    return _audit_recorded.reported(
        [str(source) for source in sources],
        _audit_options(config, (), options),
        base=base,
        kinds=_audit_recorded.Kinds(_several(variants), _several(interventions)),
    )


async def audit_judge_async(
    responses: PathLike | Sequence[PathLike],
    *,
    judges: Named | Sequence[Named] = (),
    only: str | Sequence[str] = (),
    without: str | Sequence[str] = (),
    thorough: bool = False,
    config: PathLike | None = None,
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on what moves judges that must not.

    only, without: perturbations or groups of them, by name. labels: which answers are known to be
    better. limit: how many items.
    """
    chosen = _audit_options(config, judges, options)
    battery = _audit_judge.Battery(_several(only), _several(without), thorough)
    what = _audit_judge.prepared(_paths(responses), chosen, battery)
    return await judging.judged(what, chosen, _world(world))


def audit_judge(responses: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as audit_judge_async, waited for."""
    return asyncio.run(audit_judge_async(responses, **arguments))


# -- files that are there already ----------------------------------------------------------------


def analyze(
    verdicts: PathLike,
    *,
    families: Mapping[str, frozenset[str]] | None = None,
    config: PathLike | None = None,
    **options: Any,
) -> Result:
    """The report of verdicts that were recorded elsewhere. families: those of judge.toml without them."""
    loaded = _config(config)
    chosen = _options(loaded, (), {"fail_if": loaded.fail_if, **options})
    known = loaded.families if families is None else families
    return _analyze.analyzed(Path(verdicts), chosen, families=known)


def agree(
    verdicts: PathLike,
    labels: PathLike,
    *,
    families: Mapping[str, frozenset[str]] | None = None,
    config: PathLike | None = None,
    **options: Any,
) -> Result:
    """Whether judges concur with people: the report that leads with it.

    verdicts: a file, else the id of a run of the store. labels: a file or a set. Options besides:
    labels_format, split, scale, epsilon and the rest of `judge agree`.
    """
    loaded = _config(config)
    chosen = _options(loaded, (), {"fail_if": loaded.fail_if, **options})
    known = loaded.families if families is None else families
    return _agree.held_against(str(verdicts), Path(labels), chosen, families=known)


def diagnose(
    file: PathLike,
    *,
    labels: PathLike | None = None,
    families: Mapping[str, frozenset[str]] | None = None,
    config: PathLike | None = None,
    **options: Any,
) -> Diagnosis:
    """What a file of verdicts, labels or responses supports, as `judge doctor` says it."""
    loaded = _config(config)
    return _doctor.diagnosed(
        Path(file),
        _options(loaded, (), options),
        labels=None if labels is None else Path(labels),
        families=loaded.families if families is None else families,
    )


def check_items(
    responses: PathLike | Sequence[PathLike], *, lock: PathLike | None = None, **options: Any
) -> Checked:
    """What is wrong with a set of items, and whether it is what was locked."""
    chosen = _options(_config(None), (), options)
    return _items.check(_paths(responses), chosen, None if lock is None else Path(lock))


# -- labels by people ----------------------------------------------------------------------------


def plan_labels(
    verdicts: PathLike | None = None,
    labels: PathLike | None = None,
    *,
    half_width: float | None = None,
    rate: float | None = None,
    sd: float | None = None,
    correlation: float | None = None,
    items: int | None = None,
    **options: Any,
) -> Plan:
    """How many labels for an interval so narrow, from a pilot or from what is assumed."""
    return labels_plan.planned(
        _options(_config(None), (), options),
        verdicts=None if verdicts is None else str(verdicts),
        labels=labels,
        half_width=half_width,
        rate=rate,
        sd=sd,
        correlation=correlation,
        items=items,
    )


def draw_labels(
    sources: PathLike | Sequence[PathLike],
    *,
    n: int,
    out: PathLike,
    format: str | None = None,
    store: PathLike | None = None,
    **asked: Any,
) -> labels_draw.LabelsDrawn:
    """A random draw of pairs or answers, written as blind files for people, with a key.

    sources: files of responses, a table of verdicts, or a run. asked: fields of labels_draw.Asked.
    """
    shaped = {name: _DRAWN.get(name, _same)(value) for name, value in asked.items()}
    return labels_draw.drawn(
        [str(source) for source in _several(sources)],
        _options(_config(None), (), {"format": format, "store": store}),
        labels_draw.Asked(n=n, out=Path(out), **shaped),
    )


def import_labels(
    files: PathLike | Sequence[PathLike],
    key: PathLike,
    *,
    out: PathLike | None = None,
    set_name: str | None = None,
    raters: Mapping[str, str] | None = None,
    created: str = "",
) -> labels_import.LabelsImported:
    """The labels that people filled in, the blinding undone: a file, or a new version of a set."""
    return labels_import.imported(
        _paths(files),
        Path(key),
        out=None if out is None else Path(out),
        set_name=set_name,
        raters=raters,
        created=created,
    )


def check_labels(
    labels: PathLike,
    *,
    verdicts: PathLike | None = None,
    items: PathLike | Sequence[PathLike] = (),
    **options: Any,
) -> LabelsReport:
    """What is wrong with a set of labels, by name, or with a file of them."""
    chosen = _options(_config(None), (), options)
    named = None if verdicts is None else str(verdicts)
    return labels_check.check(labels, chosen, verdicts=named, items=_paths(items))


# -- earlier runs: by id, by the beginning of one, or latest -------------------------------------


async def resume_run_async(
    run: str,
    *,
    max_cost_usd: float | None = None,
    concurrency: int | None = None,
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report of a run after asking what it still lacks, under its own limits or these."""
    limits = {"max_cost_usd": max_cost_usd, "concurrency": concurrency}
    chosen = _options(_config(None), (), {**options, **limits})
    return await _runs.resumed(
        run, chosen, _world(world), max_cost_usd=max_cost_usd, concurrency=concurrency
    )


def resume_run(run: str, **arguments: Any) -> Result:
    """The same as resume_run_async, waited for."""
    return asyncio.run(resume_run_async(run, **arguments))


def report_run(run: str, *, reread: bool = False, **options: Any) -> Result:
    """The report of a run, made again. reread: stored answers are read by the parser of today.

    labels, epsilon, risk, delta: go in the place of those that the run was reported with, and are kept.
    """
    chosen = only_given(_options(_config(None), (), options), options)
    return _runs.reported(run, chosen, reread=reread)


def export_run(run: str, *, format: str = VERDICTS, **options: Any) -> list[dict[str, Any]]:
    """The rows of a run's verdicts, as `judge export` writes them."""
    return verdict_rows(run, _options(_config(None), (), options).store, format)


def diff_runs(
    *runs: str,
    stores: PathLike | Sequence[PathLike] = (),
    common_only: bool = False,
    names: Mapping[str, str] | None = None,
) -> Diff:
    """What moved between runs on the same items. names: system of a later run -> of the first."""
    places = [str(store) for store in _several(stores)] or [_options(_config(None), (), {}).store]
    return _diff.diffed(runs, places, common_only=common_only, names=names)


def draw_spotcheck(
    run: str,
    *,
    n: int = 20,
    seed: int | None = None,
    file: PathLike | None = None,
    again: bool = False,
    **options: Any,
) -> Drawn:
    """A draw of judgments, written into a CSV file for a person to mark right or wrong."""
    chosen = _options(_config(None), (), options)
    out = None if file is None else Path(file)
    return _spotcheck.drawn(run, chosen, n=n, seed=seed, out=out, again=again)


def read_spotcheck(run: str, file: PathLike, **options: Any) -> Spotcheck:
    """What the marks in a file say of the explanations of a run."""
    return _spotcheck.checked(run, _options(_config(None), (), options), Path(file))


# -- arguments -----------------------------------------------------------------------------------


def _config(path: PathLike | None) -> Config:
    return load_config(None if path is None else Path(path))


def _world(given: World | None) -> World:
    return given or World(environ=os.environ)


def _several(given: Any) -> tuple[Any, ...]:
    """One or several, as a tuple."""
    return (given,) if isinstance(given, str | Path | JudgeModel) else tuple(given)


def _paths(given: PathLike | Sequence[PathLike]) -> list[Path]:
    return [Path(path) for path in _several(given)]


# How an argument of a draw becomes what its field holds.
_DRAWN: Mapping[str, Callable[[Any], Any]] = {
    "raters": _several,
    "shares": tuple,
    "items": lambda given: tuple(_paths(given)),
    "extend": lambda given: None if given is None else Path(given),
}

# How an argument becomes what its field of Options holds.
_SHAPES: Mapping[str, Callable[[Any], Any]] = {
    "rubrics": lambda given: tuple(map(str, _several(given))),
    "slices": _several,
    "fail_if": _several,
    "out": Path,
    "labels": Path,
    "padded": Path,
    "anchors": Path,
    "store": str,
    "beside": lambda given: {role: Path(path) for role, path in given.items()},
}


def _options(
    config: Config, judges: Named | Sequence[Named], options: Mapping[str, Any]
) -> Options:
    """The arguments over the file over the defaults, as on the command line."""
    several = _several(judges)
    named = tuple(j if isinstance(j, JudgeModel) else parse_judge(j, config) for j in several)
    check_judges(named)
    shaped = {
        name: value if value is None else _SHAPES.get(name, _same)(value)
        for name, value in options.items()
    }
    return merged(config, named or config.judges, **shaped)


def _audit_options(
    config: PathLike | None, judges: Named | Sequence[Named], options: Mapping[str, Any]
) -> Options:
    """The same for an audit, which takes labels and gates from its caller alone."""
    chosen = only_given(_options(_config(config), judges, options), options)
    return replace(chosen, fail_if=_several(options.get("fail_if") or ()))


def _same(given: Any) -> Any:
    return given
