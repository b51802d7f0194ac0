"""What moved between runs of one store or several. Nothing is asked and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from judge.diff import match, moves, same, verdicts
from judge.diff.match import ItemFacts, Names, Roles
from judge.diff.moves import Side
from judge.diff.same import Readings, RunFacts
from judge.errors import InputError
from judge.families import kin
from judge.report import diff as report
from judge.report.diff_schema import Diff
from judge.store import Account, Reading, Store, open_existing
from judge.table import VerdictTable
from judge.types import Rubric, Run, Status
from judge.workflow.recipe import Recipe, from_config
from judge.workflow.runs import found
from judge.workflow.verdicts import verdicts_of

NAMED = 3  # items that a message names


@dataclass(frozen=True, slots=True)
class Loaded:
    """One run with all that is read of it. items: all of them."""

    store: str
    run: Run
    recipe: Recipe
    items: Mapping[str, ItemFacts]
    table: VerdictTable
    readings: Sequence[Reading]
    accounts: Mapping[str, Account]

    @property
    def roles(self) -> Roles:
        """Its systems in the plan's order, and the baseline."""
        pairs = self.recipe.pairs
        names = [name for p in pairs for name in (p.system_a, p.system_b) if name is not None]
        return Roles(tuple(dict.fromkeys(names)), self.recipe.baseline)


def diffed(
    run_ids: Sequence[str],
    stores: Sequence[str],
    *,
    common_only: bool = False,
    names: Names | None = None,
) -> Diff:
    """What moved between these runs; with more than two in the order in which they were started.

    common_only: leave out items that not every run has, rather than refuse. names: system of a later run
    -> system of the first. Raises InputError for runs that cannot be held against each other.
    """
    runs = _loaded(run_ids, stores)
    items, left_out = _common(runs, common_only=common_only)
    systems, taken = match.systems([run.roles for run in runs], names or {})
    rubrics, unlike = _rubrics(runs)
    facts = [_facts(*parts, items) for parts in zip(runs, systems, rubrics, strict=True)]
    baselines, turned = _baselines(runs, systems)
    sides = [_side(*parts, items) for parts in zip(runs, systems, rubrics, baselines, strict=True)]
    changes, analyses = moves.changes(sides)
    baseline = analyses[0].baseline if runs[0].recipe.mode == "pairwise" else None
    flips = [*verdicts.flips(sides[0], sides[-1], baseline)]
    return report.build(
        runs=[report.run_model(r.run, r.store, r.roles, len(r.items)) for r in runs],
        common_items=len(items),
        aspects=same.aspects(facts),
        changes=changes,
        own_names=[{name: own for own, name in of_run.items()} for of_run in systems],
        analyses=analyses,
        accounts=[run.accounts for run in runs],
        flips=flips,
        warnings=[*left_out, *taken, *turned, *unlike, *_unfinished(runs), *_early(runs)],
    )


# -- the runs ------------------------------------------------------------------------------------


def _loaded(run_ids: Sequence[str], stores: Sequence[str]) -> list[Loaded]:
    if len(run_ids) < 2:
        raise InputError("diff needs two runs or more; `judge runs` lists them")
    with ExitStack() as stack:
        opened = [stack.enter_context(open_existing(store)) for store in stores]
        places = [_place(run_id, n, opened, len(run_ids)) for n, run_id in enumerate(run_ids)]
        _check_distinct(places)
        _check_audits([run for _, run in places])
        _check_modes([run for _, run in places])
        loaded = [_load(store, run) for store, run in places]
    return sorted(loaded, key=lambda r: r.run.started_at) if len(loaded) > 2 else loaded


def _place(run_id: str, n: int, stores: Sequence[Store], n_runs: int) -> tuple[Store, Run]:
    """The store that holds a run. As many stores as runs: each run's own goes first."""
    held: list[tuple[Store, Run]] = []
    problem: InputError | None = None
    for store in stores:
        try:
            held.append((store, found(store, run_id)))
        except InputError as error:
            problem = error
    if problem is not None and not held:
        raise problem
    own = [place for place in held if len(stores) == n_runs and place[0] is stores[n]]
    if len(held) > 1 and not own:
        names = ", ".join(store.name for store, _ in held)
        raise InputError(f"run {run_id} is in {names}: give --store once for each run, in order")
    return (own or held)[0]


def _check_distinct(places: Sequence[tuple[Store, Run]]) -> None:
    seen: set[tuple[str, str]] = set()
    for store, run in places:
        if (store.name, run.run_id) in seen:
            raise InputError(f"run {run.run_id} is named twice; give different runs")
        seen.add((store.name, run.run_id))


def _check_audits(runs: Sequence[Run]) -> None:
    """Raises InputError for an audit: what it asks is no comparison of systems that could move."""
    for run in runs:
        if run.config.get("audit"):
            raise InputError(
                f"run {run.run_id} is an audit, which compares no systems: read the reports of the audits "
                "side by side (`judge report RUN`)"
            )


def _check_modes(runs: Sequence[Run]) -> None:
    modes = [from_config(run.config).mode for run in runs]
    if len(set(modes)) > 1:
        each = ", ".join(f"{r.run_id} is {mode}" for r, mode in zip(runs, modes, strict=True))
        raise InputError(f"runs of pairs and of single answers cannot be compared: {each}")


def _load(store: Store, run: Run) -> Loaded:
    recipe = from_config(run.config)
    table, readings = verdicts_of(store, run, recipe), store.readings(run.run_id)
    return Loaded(
        store=store.name,
        run=run,
        recipe=recipe,
        items={item.item_id: match.facts_of(item) for item in recipe.own(store.items(run.run_id))},
        table=_with_calls(table, readings, store.name),
        readings=readings,
        accounts=store.accounting(run.run_id),
    )


def _with_calls(table: VerdictTable, readings: Sequence[Reading], store: str) -> VerdictTable:
    """The table with what was sent for each row, and the stored call that was read, "" where none."""
    known = {_key(r): r for r in readings}
    names = ("system_a", "system_b") if table.mode == "pairwise" else ("system",)
    columns = ["item_id", "judge", "rubric", "variant", *names, "order", "repeat"]
    rows = table.frame[columns].astype(object).itertuples(index=False, name=None)
    found = [known.get(tuple(map(str, row))) for row in rows]
    calls = [f"{store}#{r.call_id}" if r and r.call_id is not None else "" for r in found]
    content = [r.trial.content_key if r else "" for r in found]
    return replace(
        table, frame=table.frame.assign(**{verdicts.CONTENT: content, verdicts.CALL: calls})
    )


def _key(reading: Reading) -> tuple[str, ...]:
    t = reading.trial
    systems = [t.system_a] if t.system_b is None else [t.system_a, t.system_b]
    return (t.item_id, t.judge, t.rubric, t.variant, *systems, t.order, str(t.repeat))


def _unfinished(runs: Sequence[Loaded]) -> Iterator[str]:
    for number, loaded in enumerate(runs, 1):
        if loaded.run.state != "done":
            yield (
                f"run {number} ({loaded.run.run_id}) is not complete ({loaded.run.state}): what it "
                "lacks counts as missing"
            )


def _early(runs: Sequence[Loaded]) -> Iterator[str]:
    for number, loaded in enumerate(runs, 1):
        if loaded.recipe.stop_early:
            yield (
                f"run {number} ({loaded.run.run_id}) could stop early, so that its verdicts decided how "
                "many there are: nothing is concluded from what moved, and its intervals are too narrow"
            )


# -- what is compared with what ------------------------------------------------------------------


def _common(runs: Sequence[Loaded], *, common_only: bool) -> tuple[frozenset[str], list[str]]:
    """The items of every run, and what to warn of. Raises InputError where some lack, unless asked for."""
    items = match.common([run.items for run in runs])
    if all(len(run.items) == len(items) for run in runs):
        return items, []
    told = "; ".join(_alone(runs, items))
    if not items:
        raise InputError(f"the runs have no item in common: {told}")
    if not common_only:
        raise InputError(
            f"the runs have other items: {told}; --common compares the {len(items):,} in common"
        )
    return items, [f"compared on the {len(items):,} items that all runs have only: {told}"]


def _alone(runs: Sequence[Loaded], items: frozenset[str]) -> Iterator[str]:
    """What each run has beyond the common items, and those whose prompt is another."""
    shared = frozenset[str].intersection(*(frozenset(run.items) for run in runs))
    for number, loaded in enumerate(runs, 1):
        alone = [item_id for item_id in loaded.items if item_id not in shared]
        if alone:
            where = f"run {number} ({loaded.run.run_id})"
            only = f"only in {where}" if len(runs) == 2 else f"in {where} and not in every run"
            yield f"{_some(alone)} {only}"
    other = [item_id for item_id in runs[0].items if item_id in shared - items]
    if other:
        yield f"{_some(other)} with another prompt under the same id"


def _some(item_ids: Sequence[str]) -> str:
    more = ", ..." if len(item_ids) > NAMED else ""
    return f"{len(item_ids):,} ({', '.join(item_ids[:NAMED])}{more})"


def _rubrics(runs: Sequence[Loaded]) -> tuple[list[Names], list[str]]:
    """Per run its rubrics' names in the first run; scores on another scale keep one of their own."""
    first = {rubric.id: rubric for rubric in runs[0].recipe.rubrics}
    names: list[Names] = []
    said: list[str] = []
    for number, loaded in enumerate(runs, 1):
        own = {rubric.id: rubric for rubric in loaded.recipe.rubrics}
        mapped = dict(match.rubrics([*first], [*own]))
        for rubric_id, name in mapped.items():
            if name in first and not _is_one_scale(own[rubric_id], first[name]):
                mapped[rubric_id] = f"{rubric_id} (run {number})"
                said.append(
                    f"rubric {rubric_id} of run {number} has another scale than {name} of run 1: "
                    "their scores are not compared"
                )
        names.append(mapped)
    return names, said


def _is_one_scale(a: Rubric, b: Rubric) -> bool:
    """True where scores mean the same numbers. A win rate has no scale."""
    if a.mode == "pairwise":
        return True
    known = {criterion.name: criterion.scale or b.scale for criterion in b.criteria}
    return a.scale == b.scale and all(
        (c.scale or a.scale) == known[c.name] for c in a.criteria if c.name in known
    )


def _baselines(
    runs: Sequence[Loaded], systems: Sequence[Names]
) -> tuple[list[str | None], list[str]]:
    """Each run's own name of the first run's baseline, and what to say where it had another."""
    first = runs[0].recipe.baseline
    found: list[str | None] = [first]
    said: list[str] = []
    for number, (loaded, names) in enumerate(zip(runs[1:], systems[1:], strict=True), 2):
        own = next((own for own, name in names.items() if name == first), None)
        was = loaded.recipe.baseline
        if first is not None and own is not None and was not in (None, own):
            said.append(f"run {number} held its systems against {was}; here it is {own}")
        found.append(own or was)
    return found, said


def _side(
    loaded: Loaded, systems: Names, rubrics: Names, baseline: str | None, items: frozenset[str]
) -> Side:
    frame = loaded.table.frame
    return Side(
        table=replace(loaded.table, frame=frame[frame["item_id"].isin(items)]),
        baseline=baseline,
        families={
            judge.judge: kin({judge.judge, judge.model}, judge.families).families
            for judge in loaded.recipe.judges
        },
        systems=systems,
        rubrics=rubrics,
        merge=loaded.recipe.merge,
        stop_early=loaded.recipe.stop_early,
        escalate=loaded.recipe.escalate,
    )


def _facts(loaded: Loaded, systems: Names, rubrics: Names, items: frozenset[str]) -> RunFacts:
    return RunFacts(
        run=loaded.run,
        items={i: facts for i, facts in loaded.items.items() if i in items},
        judges=loaded.recipe.judges,
        rubrics=loaded.recipe.rubrics,
        swap=loaded.recipe.swap if loaded.recipe.mode == "pairwise" else "",
        repeats=loaded.recipe.repeats,
        repeat_share=loaded.recipe.repeat_share,
        merge=loaded.recipe.merge if loaded.recipe.mode == "pairwise" else "",
        stop_early=loaded.recipe.stop_early,
        escalate=_escalation(loaded.recipe),
        anchors=_anchors(loaded.recipe),
        labels=_labels(loaded.recipe),
        readings=_read(loaded.readings),
        names=systems,
        rubric_names=rubrics,
    )


def _escalation(recipe: Recipe) -> str:
    one = recipe.escalate
    return "" if one is None else f"below {one.threshold:.4g} from {' to '.join(one.tiers)}"


def _anchors(recipe: Recipe) -> str:
    """Their name and the beginning of their hash, by which other anchors of that name are known."""
    known = recipe.anchors
    return "" if known is None else f"{known.name} {_short(known.fingerprint)}"


def _labels(recipe: Recipe) -> str:
    used = recipe.labels
    return (
        "" if used is None else f"{used.source.set or used.source.file} {_short(used.labels_hash)}"
    )


def _short(fingerprint: str) -> str:
    return fingerprint.removeprefix("sha256:")[:8]


def _read(readings: Sequence[Reading]) -> dict[str, Readings]:
    """Judge -> how its answers were read."""
    ok: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.status == Status.OK:
            ok.setdefault(reading.trial.judge, []).append(reading)
    return {
        judge: Readings(
            methods=frozenset(r.method for r in own if r.method),
            parser_versions=frozenset(r.parser_version for r in own),
            models=frozenset(r.model for r in own if r.model),
        )
        for judge, own in ok.items()
    }
