"""`--padded RUN`: what an audit of the same judge said of filler, beside what length does in a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from judge import audit
from judge.analysis.audit_asked import AuditAsked
from judge.analysis.judge_audit import JudgeBattery
from judge.analysis.padding import PaddedBy, PaddingSlope, padded_table, paddings
from judge.audit_certificates import differences, settings
from judge.errors import InputError
from judge.report.schema_base import Source
from judge.report.words import listed
from judge.store import Store, open_existing
from judge.table import VerdictTable
from judge.types import Item, JudgeModel, Mode, Response, Rubric, Run
from judge.workflow.options import Options
from judge.workflow.recipe import Recipe, from_config, to_config
from judge.workflow.verdicts import verdicts_of

ENDINGS = (".jsonl", ".json", ".csv", ".parquet")
FORMAT = "audit judge"
Answers = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Audit:
    """A finished audit of judges that tried padding, whole."""

    run: Run
    recipe: Recipe
    asked: AuditAsked
    table: VerdictTable


def is_run(options: Options) -> bool:
    """Whether --padded names a run, as nothing of that name is there and it is no name of a table."""
    given = options.padded
    return given is not None and not given.exists() and given.suffix.lower() not in ENDINGS


def of_recipe(recipe: Recipe, items: Iterable[Item], options: Options) -> PaddedBy | None:
    """The slopes of --padded for the judges of a run, before anything is asked.

    Raises InputError where the audit has nothing to say of any of them, or of other answers only.
    """
    if options.padded is None:
        return None
    _check_is_run(options)
    with _store_of(options) as store:
        return _matched(store, _audit(store, str(options.padded)), recipe, items)


def replaced(store: Store, run_id: str, options: Options) -> None:
    """Gives a run another audit to be reported with, which is kept with it; nothing where none is named."""
    if options.padded is None:
        return
    _check_is_run(options)
    run = store.run(run_id)
    recipe, found = from_config(run.config), _audit(store, str(options.padded))
    if recipe.audit is not None:
        raise InputError(
            f"--padded: run {run_id} is an audit itself; give it with what it is about"
        )
    kept = _matched(store, found, recipe, store.items(run_id))
    store.change_config(run_id, to_config(replace(recipe, padded=kept)))


def table_of(store: Store, run_id: str, recipe: Recipe) -> VerdictTable | None:
    """The scores of the padded answers, of a run of single answers that was given an audit."""
    if recipe.padded is None or recipe.mode != "single":
        return None
    found = _audit(store, recipe.padded.run_id)
    answers = _same_answers(store, found.run, recipe.own(store.items(run_id)))
    return padded_table(found.table, found.asked, _names(recipe.padded), answers)


def source_of(padded: PaddedBy | None) -> Source | None:
    """The audit as provenance has it."""
    return None if padded is None else Source(file=padded.run_id, format=FORMAT)


# -- recorded verdicts -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an audit says of recorded verdicts. table: padded scores, of single answers."""

    by: PaddedBy
    table: VerdictTable | None = None


def of_recorded(table: VerdictTable, options: Options) -> Recorded:
    """The slopes of --padded for the judges of a recorded table, who are known by name alone."""
    with _store_of(options) as store:
        found = _audit(store, str(options.padded))
    _check_mode(found, table.mode)
    by = _by_name(found, table)
    if table.mode == "pairwise":
        return Recorded(by)
    padded = padded_table(found.table, found.asked, _names(by), _as_long(table, found.table))
    if padded is None:
        raise InputError(
            f"--padded {found.run.run_id}: none of the answers that it padded is in these verdicts: same "
            "item_id, system and `len` are needed"
        )
    return Recorded(by, padded)


def _by_name(found: _Audit, table: VerdictTable) -> PaddedBy:
    frame = table.frame[["judge", "rubric"]].astype(str).drop_duplicates()
    pairs = list(frame.itertuples(index=False, name=None))
    slopes = [
        PaddingSlope(judge, rubric, own.padding_slope, own.judge, own.rubric)
        for judge, rubric in pairs
        for own in _batteries(found)
        if own.judge == judge and rubric in ("", own.rubric)
    ]
    if not slopes:
        raise InputError(
            f"--padded {found.run.run_id}: it audited {listed([b.judge for b in _batteries(found)])}, "
            "and these verdicts are of no judge of that name under that rubric"
        )
    said = (
        f"the slopes of filler are from audit {found.run.run_id}, of judges of the same name: recorded "
        "verdicts do not say how theirs were set"
    )
    return _padded_by(found, slopes, (said,))


def _as_long(table: VerdictTable, audited: VerdictTable) -> Answers:
    """The answers that have the same length in both tables, where no texts are known."""
    kept = [
        {
            (str(item), str(system), float(length))
            for item, system, length in one.frame[["item_id", "system", "len"]]
            .astype(object)
            .itertuples(index=False)
        }
        for one in (table, audited)
    ]
    return frozenset((item, system) for item, system, _ in kept[0] & kept[1])


# -- the audit -------------------------------------------------------------------------------------


def _check_is_run(options: Options) -> None:
    if not is_run(options):
        raise InputError(
            f"--padded {options.padded}: here it takes the id of an audit (`judge audit judge`), as `judge "
            "runs` lists them; a table of padded answers goes with `judge analyze`"
        )


def _store_of(options: Options) -> Store:
    if "://" not in options.store and not Path(options.store).exists():
        raise InputError(
            f"--padded {options.padded}: there is no such file, and no store at {options.store} that could "
            "hold an audit of that name; name a table, or the store with --store"
        )
    return open_existing(options.store)


def _audit(store: Store, run_id: str) -> _Audit:
    """A finished audit that tried padding. Raises InputError where the run is none."""
    run = _found(store, run_id)
    recipe = from_config(run.config)
    asked = recipe.audit
    if asked is None or asked.kind != "judge":
        raise InputError(
            f"--padded {run_id}: run {run.run_id} is no audit of a judge but `judge {run.command}`; make one "
            "with `judge audit judge`"
        )
    if not paddings(asked):
        raise InputError(
            f"--padded {run_id}: audit {run.run_id} did not try padding; audit again without leaving it out: "
            "nothing is asked twice"
        )
    if run.state != "done":
        raise InputError(
            f"--padded {run_id}: audit {run.run_id} is not finished; `judge resume {run.run_id}` first"
        )
    return _Audit(run, recipe, asked, verdicts_of(store, run, recipe))


def _found(store: Store, run_id: str) -> Run:
    known = [run for run in store.runs() if run.run_id.startswith(run_id)]
    exact = [run for run in known if run.run_id == run_id] or known
    if len(exact) != 1:
        problem = "no run" if not exact else f"{len(exact)} runs"
        raise InputError(
            f"--padded {run_id}: {problem} of that name in {store.name}; `judge runs` lists them"
        )
    return exact[0]


def _batteries(found: _Audit) -> tuple[JudgeBattery, ...]:
    done = audit.measured(found.table, found.asked, seed=found.recipe.seed).judge
    return done.batteries if done is not None else ()


def _check_mode(found: _Audit, mode: Mode) -> None:
    if found.recipe.mode != mode:
        of = {"pairwise": "pairs", "single": "single answers"}
        raise InputError(
            f"--padded {found.run.run_id}: it audited verdicts on {of[found.recipe.mode]}, and these are on "
            f"{of[mode]}; give an audit of the same kind"
        )


# -- the judges of a run ---------------------------------------------------------------------------


def _matched(store: Store, found: _Audit, recipe: Recipe, items: Iterable[Item]) -> PaddedBy:
    """The slopes for a run's judges, each as it is set there and under the same rubric."""
    _check_mode(found, recipe.mode)
    slopes = list(_slopes(found, recipe))
    known = {(one.judge, one.rubric) for one in slopes}
    lacking = [
        _lacking(found, judge, rubric)
        for judge in recipe.judges
        for rubric in recipe.rubrics
        if (judge.judge, rubric.id) not in known
    ]
    if not slopes:
        raise InputError(f"--padded {found.run.run_id}: {'; '.join(lacking)}")
    if recipe.mode == "single" and not _same_answers(store, found.run, items):
        raise InputError(
            f"--padded {found.run.run_id}: none of the answers that it padded is among these; audit these"
        )
    return _padded_by(found, slopes, lacking)


def _padded_by(found: _Audit, slopes: Iterable[PaddingSlope], said: Iterable[str]) -> PaddedBy:
    run = found.run
    return PaddedBy(run.run_id, run.started_at, found.recipe.mode, tuple(slopes), tuple(said))


def _slopes(found: _Audit, recipe: Recipe) -> Iterator[PaddingSlope]:
    own = {(b.judge, b.rubric): b for b in _batteries(found)}
    for judge in recipe.judges:
        for rubric in recipe.rubrics:
            fits = (
                own[one.judge, other.id]
                for one, other in _asked(found)
                if (one.judge, other.id) in own
                and not differences(settings(one, other), settings(judge, rubric))
            )
            battery = next(fits, None)
            if battery is not None:
                slope = battery.padding_slope
                yield PaddingSlope(judge.judge, rubric.id, slope, battery.judge, battery.rubric)


def _asked(found: _Audit) -> Iterator[tuple[JudgeModel, Rubric]]:
    return ((judge, rubric) for judge in found.recipe.judges for rubric in found.recipe.rubrics)


def _lacking(found: _Audit, judge: JudgeModel, rubric: Rubric) -> str:
    """Why an audit says nothing of a judge under a rubric: the nearest of those that it has."""
    same_name = [pair for pair in _asked(found) if pair[0].judge == judge.judge]
    if not same_name:
        return f"audit {found.run.run_id} is not of judge {judge.judge}"
    now = settings(judge, rubric)
    whys = [differences(settings(*pair), now) for pair in same_name]
    why = min(whys, key=len) or ["it gave no verdict there"]
    return f"audit {found.run.run_id} is of judge {judge.judge} otherwise: {'; '.join(why)}"


def _names(padded: PaddedBy) -> Mapping[tuple[str, str], tuple[str, str]]:
    return {(s.audit_judge, s.audit_rubric): (s.judge, s.rubric) for s in padded.slopes}


def _same_answers(store: Store, run: Run, items: Iterable[Item]) -> Answers:
    """Item and system of the answers that are the same, word for word, in an audit and here."""
    audited = {
        (item.item_id, response.system): _text(item, response)
        for item in store.items(run.run_id)
        for response in item.responses
    }
    return frozenset(
        (item.item_id, response.system)
        for item in items
        for response in item.responses
        if audited.get((item.item_id, response.system)) == _text(item, response)
    )


def _text(item: Item, response: Response) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(item.prompt), tuple(response.turns)
