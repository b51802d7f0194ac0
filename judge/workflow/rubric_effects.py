"""What a change of a rubric did to verdicts, from the runs that asked both. Nothing is asked.

Fingerprints decide which runs asked which text, never names: a run under an edited text is left out,
and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.analysis import rubric_sensitivity
from judge.analysis.audit_asked import AskedWording, AuditAsked
from judge.analysis.rubric_audit import JudgeSensitivity
from judge.analysis.rubric_versions import NEW, OLD, Said, joined, why_not
from judge.diff.match import ItemFacts, facts_of
from judge.report.rubric_effects import Effect, Effects
from judge.store import Store, open_existing
from judge.table import VerdictTable, to_rows
from judge.types import JudgeModel, Rubric, Run, Wording, digest
from judge.wording_forms import FINER_SCALE
from judge.workflow.recipe import Recipe, from_config


@dataclass(frozen=True, slots=True)
class Side:
    """A rubric in one of its wordings."""

    rubric: Rubric
    wording: Wording

    @property
    def name(self) -> str:
        return ", ".join(filter(None, (self.rubric.id, self.wording.name)))


def is_there(store_at: str) -> bool:
    """Whether there is a store to look into; one on a server is taken to be there."""
    return "://" in store_at or Path(store_at).exists()


def measured(old: Side, new: Side, store_at: str, *, seed: int = 0) -> Effects:
    """What moved between two rubrics, or two wordings of one, judge by judge.

    Raises InputError where there is no such store.
    """
    names = old.name, new.name
    if why := why_not(old.rubric, new.rubric):
        return Effects(names, why=why)
    with open_existing(store_at) as store:
        runs = [run for run in store.runs() if run.config.get("mode") == old.rubric.mode]
        asked = [(run, recipe) for run in runs if (recipe := _recipe(run, old, new))]
        unused = tuple(line for run, recipe in asked for line in _edited(run, recipe, (old, new)))
        before, after = (list(_said(store, asked, side, old, new)) for side in (old, new))
        found = joined(old.rubric, new.rubric, before, after)
        stored_in = store.name
    rescaled = old.rubric.mode == "single" and old.rubric.scale != new.rubric.scale
    has = tuple(len({said.run_id for said in side}) for side in (before, after))
    if found.table is None:
        return Effects(names, store=stored_in, has=(has[0], has[1]), unused=unused)
    return Effects(
        names,
        store=stored_in,
        has=(has[0], has[1]),
        runs=tuple(run.run_id for run, _ in asked if run.run_id in found.runs),
        unused=unused,
        judges=tuple(_effects(found.table, seed, rescaled=rescaled)),
        rescaled=rescaled,
        simulated=bool(found.table.frame["simulated"].any()),
    )


# -- the runs ------------------------------------------------------------------------------------


def _recipe(run: Run, old: Side, new: Side) -> Recipe | None:
    """The recipe of a run under one of these names, None of another, and where answers were perturbed."""
    named = {(r.get("name"), r.get("version")) for r in run.config.get("rubrics", ())}
    if not named & {(side.rubric.name, side.rubric.version) for side in (old, new)}:
        return None
    recipe = from_config(run.config)
    return None if recipe.audit is not None and recipe.audit.kind == "judge" else recipe


def _edited(run: Run, recipe: Recipe, sides: Sequence[Side]) -> Iterator[str]:
    """Whether the run asked another text under one of these names, in a line."""
    ids = {side.rubric.id for side in sides}
    texts = {side.rubric.fingerprint for side in sides}
    for rubric in recipe.rubrics:
        if rubric.id in ids and rubric.fingerprint not in texts:
            yield (
                f"run {run.run_id} is not used: it asked another text of {rubric.id} "
                f"({rubric.fingerprint[:15]}...)"
            )


def _asked(recipe: Recipe, side: Side) -> bool:
    """Whether the recipe holds this very wording of this very rubric."""
    for rubric in recipe.rubrics:
        if rubric.id == side.rubric.id and rubric.fingerprint == side.rubric.fingerprint:
            own = {"": rubric.wording(), **{w.name: w for w in rubric.variants}}
            held = own.get(side.wording.name)
            return held is not None and held.fingerprint == side.wording.fingerprint
    return False


def _said(
    store: Store, runs: Sequence[tuple[Run, Recipe]], side: Side, old: Side, new: Side
) -> Iterator[Said]:
    """Every verdict under this side's wording, the newest run first."""
    with_reference = old.rubric.needs_reference and new.rubric.needs_reference
    for run, recipe in runs:
        if not _asked(recipe, side):
            continue
        items = {i.item_id: facts_of(i) for i in recipe.own(store.items(run.run_id))}
        judges = {j.judge: (j.judge, _settings(j)) for j in recipe.judges}
        for row in to_rows(store.verdicts(run.run_id)):
            if (row["rubric"], row.get("variant", "")) == (side.rubric.id, side.wording.name):
                shown = _shown(items[row["item_id"]], row, with_reference=with_reference)
                yield Said(run.run_id, judges[row["judge"]], shown, row)


def _settings(judge: JudgeModel) -> str:
    """The hash of what could change an answer; an address, which may be another port each day, is not."""
    own = (judge.provider, judge.model, dict(judge.parameters), judge.reading, dict(judge.endpoint))
    return digest([*own, judge.capabilities.structured])


def _shown(item: ItemFacts, row: Mapping[str, object], *, with_reference: bool) -> tuple[str, ...]:
    """The hashes of the texts in the order shown."""
    task = (item.prompt, item.reference if with_reference else "")
    if "system" in row:
        return (*task, item.responses[str(row["system"])])
    pair = (item.responses[str(row["system_a"])], item.responses[str(row["system_b"])])
    return (*task, *(pair if row["order"] == "AB" else pair[::-1]))


# -- what moved ----------------------------------------------------------------------------------


def _effects(table: VerdictTable, seed: int, *, rescaled: bool = False) -> Iterator[Effect]:
    """Each judge's row. Where only the newer side was asked twice, its repeats are the yardstick."""
    own = _measure(table, OLD, seed, rescaled=rescaled)
    is_known = all(found.ceiling.identical.value is not None for found in own.values())
    other = own if is_known else _measure(table, NEW, seed, rescaled=rescaled)
    for judge, found in own.items():
        is_older = found.ceiling.identical.value is not None
        noise = (found if is_older else other[judge]).ceiling.identical
        excess = (found if is_older else other[judge]).wordings[0]
        yield Effect(
            judge=judge,
            n_items=table.frame[table.frame["judge"] == judge]["item_id"].nunique(),
            row=found.wordings[0],
            again=noise,
            excess_flips=excess.excess_flips,
            p_value=excess.p_value,
            repeated=None if noise.value is None else 0 if is_older else 1,
        )


def _measure(
    table: VerdictTable, base: str, seed: int, *, rescaled: bool
) -> dict[str, JudgeSensitivity]:
    """Judge -> what the other wording did, held against this one."""
    other = NEW if base == OLD else OLD
    forms = (FINER_SCALE,) if rescaled else ()
    asked = AuditAsked(
        kind="rubric",
        fingerprint="",
        n_available=table.frame["item_id"].nunique(),
        base=base,
        wordings=(
            AskedWording(base, "equivalent"),
            AskedWording(other, "intervention", forms=forms),
        ),
    )
    found = rubric_sensitivity.measure(table, asked, seed=seed)
    return {one.judge: one for one in found.sensitivities}
