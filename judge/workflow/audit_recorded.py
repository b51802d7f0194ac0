"""`judge audit rubric --from`: the same report from verdicts that are there, of runs and of files.

Nothing is asked. What is put together must be about the same items and the same texts: verdicts under two
texts of one name are never pooled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain, combinations
from pathlib import Path

import pandas as pd

from judge.analysis import rubric_wordings
from judge.analysis.audit_asked import AskedWording, AuditAsked
from judge.errors import InputError, cut
from judge.records import read_verdicts
from judge.regular_files import sha256
from judge.report import build
from judge.report.schema import RunModel, Source
from judge.store import open_existing
from judge.table import KEYS, VerdictTable, canonical, from_rows, to_rows
from judge.types import JudgeModel, Run, WordingKind, digest
from judge.wordings import ALL
from judge.workflow import audit_gates, reporting
from judge.workflow.agree import check_store
from judge.workflow.audit_rubric import COMMAND
from judge.workflow.options import Options
from judge.workflow.padded import ENDINGS
from judge.workflow.recipe import Recipe, from_config
from judge.workflow.reporting import Result
from judge.workflow.runs import found
from judge.workflow.verdicts import verdicts_of


@dataclass(frozen=True, slots=True)
class Part:
    """Recorded verdicts of one place. run, recipe: None for a file, whose texts nobody knows."""

    name: str
    table: VerdictTable
    run: Run | None = None
    recipe: Recipe | None = None


@dataclass(frozen=True, slots=True)
class Kinds:
    """How wordings are to be taken, whatever is usual: by name, or all of them."""

    equivalents: Sequence[str] = ()
    interventions: Sequence[str] = ()


def reported(
    names: Sequence[str],
    options: Options,
    *,
    base: str | None = None,
    kinds: Kinds = Kinds(),
) -> Result:
    """The report on these verdicts; written to options.out where that is given.

    names: files, else runs of the store. base: the wording that the others are held against. Raises
    InputError where the verdicts cannot be put together.
    """
    reporting.check_folder(options.out)
    audit_gates.check(options.fail_if, "rubric")
    _check_named_once(names)
    parts = [_part(name, options) for name in names]
    whole = _whole_run(parts, base, kinds)
    result = _of_run(whole, options) if whole else _of_parts(parts, options, base, kinds)
    return reporting.write(result, options.out) if options.out else result


# -- what is there -------------------------------------------------------------------------------


def _check_named_once(names: Sequence[str]) -> None:
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise InputError(f"--from {twice}: is given twice; keep one")


def _part(name: str, options: Options) -> Part:
    path = Path(name)
    if path.exists() or path.suffix.lower() in ENDINGS:
        table = read_verdicts(
            path, format=options.format, beside=options.beside, columns=options.columns
        )
        return Part(name, table)
    check_store(name, options.store)
    with open_existing(options.store) as store:
        run = found(store, name)
        recipe = from_config(run.config)
        if recipe.audit is not None and recipe.audit.kind != "rubric":
            raise InputError(
                f"--from {name}: is a run of `judge {run.command}`, whose answers were perturbed; "
                f"see it with `judge report {run.run_id}`"
            )
        return Part(name, verdicts_of(store, run, recipe), run, recipe)


def _whole_run(parts: Sequence[Part], base: str | None, kinds: Kinds) -> Run | None:
    """The run that is reported on as it is: one audit, with nothing taken otherwise."""
    if len(parts) > 1 or base is not None or kinds != Kinds():
        return None
    recipe = parts[0].recipe
    return parts[0].run if recipe is not None and recipe.audit is not None else None


def _of_run(run: Run, options: Options) -> Result:
    with open_existing(options.store) as store:
        recipe = replace(
            from_config(run.config), fail_if=options.fail_if, max_missing=options.max_missing
        )
        return reporting.of_run(store, run.run_id, recipe=recipe)


# -- what goes together --------------------------------------------------------------------------


def _check_together(parts: Sequence[Part]) -> None:
    """Raises InputError where verdicts of two places cannot be held against each other."""
    for one, other in combinations(parts, 2):
        _check_modes(one, other)
        _check_rubrics(one, other)
        _check_judges(one, other)
        _check_items(one, other)
        _check_twice(one, other)


def _check_modes(one: Part, other: Part) -> None:
    if one.table.mode != other.table.mode:
        raise InputError(
            f"--from {one.name} holds {one.table.mode} verdicts and {other.name} {other.table.mode} ones: "
            "report on each alone"
        )


def _check_rubrics(one: Part, other: Part) -> None:
    """One id is one text, and so is one wording of it."""
    hashes, others = (
        {r.id: r.fingerprint for r in (part.recipe.rubrics if part.recipe else ())}
        for part in (one, other)
    )
    for name in hashes.keys() & others.keys():
        if hashes[name] != others[name]:
            raise _two_texts(f"rubric {name}", one, hashes[name], other, others[name])
    for key, text in _texts(one).items():
        if _texts(other).get(key, text) != text:
            what = f"wording {cut(key[1]) or '(its own)'} of rubric {key[0]}"
            raise _two_texts(what, one, text, other, _texts(other)[key])


def _two_texts(what: str, one: Part, text: str, other: Part, another: str) -> InputError:
    return InputError(
        f"{what} is {text} in {one.name} and {another} in {other.name}: verdicts under two texts are never "
        "pooled; report on each alone, or give the changed rubric a new version and ask again"
    )


def _texts(part: Part) -> dict[tuple[str, str], str]:
    """(rubric id, wording) -> the hash of its text, where it is known."""
    if part.recipe is None:
        return {}
    names = [w.name for w in _own(part.recipe)]
    return {(r.id, n): r.wording(n).fingerprint for r in part.recipe.rubrics for n in names}


def _own(recipe: Recipe) -> tuple[AskedWording, ...]:
    """The wordings that a run asked; a run that was no audit asked each rubric as it is."""
    if recipe.audit is not None and recipe.audit.wordings:
        return recipe.audit.wordings
    return (AskedWording("", "equivalent"),)


def _check_judges(one: Part, other: Part) -> None:
    """One name is one judge with one set of settings."""
    judges, others = (
        {j.judge: j for j in (part.recipe.judges if part.recipe else ())} for part in (one, other)
    )
    for name in judges.keys() & others.keys():
        if _settings(judges[name]) != _settings(others[name]):
            raise InputError(
                f"judge {cut(name)} is another model, or has other settings, in {other.name} than in "
                f"{one.name}: report on each alone"
            )


def _settings(judge: JudgeModel) -> list[object]:
    return [judge.provider, judge.model, judge.parameters, judge.reading, judge.endpoint]


def _check_items(one: Part, other: Part) -> None:
    """The same items: by their texts where runs hold them, else by their names."""
    if one.run is not None and other.run is not None:
        if one.run.items_hash != other.run.items_hash:
            raise InputError(
                f"--from {one.name} judged other items ({one.run.items_hash}) than {other.name} "
                f"({other.run.items_hash}): report on each alone, or ask again on the same files with the "
                "same --items and --seed"
            )
        return
    items, others = (set(p.table.frame["item_id"].astype(str)) for p in (one, other))
    if items != others:
        odd = min(items ^ others)
        raise InputError(
            f"--from {one.name} holds {len(items)} items and {other.name} {len(others)}, not the same ones "
            f"(only one of both has {cut(odd)}): report on each alone, or leave out what is not in both"
        )


def _check_twice(one: Part, other: Part) -> None:
    keys, others = (_keys(part.table) for part in (one, other))
    both = keys[keys.isin(others)]
    if len(both):
        names = ", ".join(KEYS[one.table.mode])
        raise InputError(
            f"--from {one.name} and {other.name} hold {len(both)} verdicts on the same trials (same {names}; "
            f"first: {', '.join(cut(str(part)) for part in both[0] if str(part))}): leave one out. A later "
            "audit of the same items holds all that an earlier one asked, without buying it again"
        )


def _keys(table: VerdictTable) -> pd.MultiIndex:
    turned = canonical(table) if table.mode == "pairwise" else table
    return pd.MultiIndex.from_frame(turned.frame[[*KEYS[table.mode]]].astype(str))


def _joined(parts: Sequence[Part]) -> VerdictTable:
    """All verdicts as one table."""
    if len(parts) == 1:
        return parts[0].table
    first = parts[0].table
    return from_rows(
        first.mode,
        chain.from_iterable(to_rows(part.table) for part in parts),
        source=" and ".join(part.name for part in parts),
        comparable=all(part.table.comparable for part in parts),
        warnings=tuple(dict.fromkeys(w for part in parts for w in part.table.warnings)),
    )


# -- the report ----------------------------------------------------------------------------------


def _of_parts(parts: Sequence[Part], options: Options, base: str | None, kinds: Kinds) -> Result:
    _check_together(parts)
    asked, table = _asked(parts, base, kinds)
    return reporting.of_recorded_audit(
        table,
        _provenance(parts, len(table.frame), options),
        asked,
        max_missing=options.max_missing,
        fail_if=options.fail_if,
        warnings=list(_warnings(parts)),
        seed=options.seed,
    )


def _asked(
    parts: Sequence[Part], base: str | None, kinds: Kinds
) -> tuple[AuditAsked, VerdictTable]:
    """What the verdicts are of, and the table in which `variant` names the wordings."""
    wordings, table = rubric_wordings.from_table(_joined(parts), base or "")
    known = {w.name: w for part in parts if part.recipe for w in _own(part.recipe)}
    asked = tuple(_as_known(w, known) for w in wordings)
    asked = _taken(asked, kinds.equivalents, "equivalent", "--variant")
    asked = _taken(asked, kinds.interventions, "intervention", "--intervention")
    held_against = asked[0].name
    return (
        AuditAsked(
            kind="rubric",
            fingerprint=digest([*(_hash(part) for part in parts), _key(asked), held_against]),
            n_available=max([table.frame["item_id"].nunique(), *_available(parts)]),
            base=held_against,
            wordings=asked,
        ),
        table,
    )


def _as_known(wording: AskedWording, known: Mapping[str, AskedWording]) -> AskedWording:
    return known.get(wording.name, wording)


def _key(wordings: Iterable[AskedWording]) -> list[list[str]]:
    return [[w.name, w.kind, w.fingerprint] for w in wordings]


def _taken(
    wordings: tuple[AskedWording, ...], names: Sequence[str], kind: WordingKind, flag: str
) -> tuple[AskedWording, ...]:
    """The wordings, those of these names as of this kind; the base comes first and is of no other.

    Raises InputError for a name that none of them has.
    """
    base, *others = wordings
    for name in names:
        if name not in {ALL, *(w.name for w in others)}:
            known = ", ".join(cut(w.name) or "(the rubric's own)" for w in others) or "(none)"
            raise InputError(
                f"{flag} {name}: these verdicts have no such wording beside the base; they have {known}"
            )
    taken = (replace(w, kind=kind) if w.name in names or ALL in names else w for w in others)
    return (base, *taken)


def _hash(part: Part) -> str:
    if part.recipe is not None and part.recipe.audit is not None:
        return part.recipe.audit.fingerprint
    return part.run.items_hash if part.run is not None else sha256(Path(part.name))


def _available(parts: Sequence[Part]) -> list[int]:
    return [p.recipe.audit.n_available for p in parts if p.recipe and p.recipe.audit]


def _provenance(parts: Sequence[Part], rows: int, options: Options) -> RunModel:
    """What the report says of where its verdicts come from."""
    runs = [part for part in parts if part.run is not None]
    recipes = [part.recipe for part in parts if part.recipe is not None]
    files = [part for part in parts if part.run is None]
    rubrics = {r.id: r for recipe in recipes for r in recipe.rubrics}
    judges = {j.judge: j for recipe in recipes for j in recipe.judges}
    return RunModel(
        command=COMMAND,
        versions={"judge": version("judge")},
        run_id=runs[0].run.run_id if len(parts) == 1 and runs and runs[0].run else None,
        items_hash=runs[0].run.items_hash if runs and runs[0].run else None,
        rubrics=[build.run_rubric(rubric) for rubric in rubrics.values()],
        judges=[build.run_judge(judge, None) for judge in judges.values()],
        source=_source(files[0], options) if len(files) == 1 else None,
    )


def _source(part: Part, options: Options) -> Source:
    path = Path(part.name)
    rows = len(part.table.frame)
    return Source(file=path.name, sha256=sha256(path), rows=rows, format=options.format)


def _warnings(parts: Sequence[Part]) -> Iterator[str]:
    if len(parts) > 1:
        yield f"put together from {', '.join(cut(part.name) for part in parts)}"
    if len(parts) > 1 and any(part.recipe is None for part in parts):
        yield (
            "a file of verdicts does not say which texts its wordings had: that one name is one text there "
            "and elsewhere is taken on trust"
        )
