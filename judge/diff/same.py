"""What is the same in several runs and what is not, and so what a difference can be put down to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from judge.diff.match import ItemFacts, Names
from judge.types import JudgeModel, Rubric, Run, canonical

Kind = Literal["items", "systems", "responses", "rubric", "judges", "reading", "asking", "other"]

# What can move a number. A system that a run lacks moves no other's; versions show in the questions as
# sent and in the reading, or not at all.
CAUSES: tuple[Kind, ...] = ("items", "responses", "rubric", "judges", "reading", "asking")


@dataclass(frozen=True, slots=True)
class Readings:
    """How a judge's answers were read, and which models its API said that it used."""

    methods: frozenset[str] = frozenset()
    parser_versions: frozenset[int] = frozenset()
    models: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as far as it can be held against another. items: those that are compared.

    names: its systems' names in the first run; rubric_names the same of its rubrics. swap, merge: "" where
    single answers have no order. escalate, anchors, labels: what each of them was, "" where there was none.
    """

    run: Run
    items: Mapping[str, ItemFacts]
    judges: tuple[JudgeModel, ...]
    rubrics: tuple[Rubric, ...]
    swap: str
    repeats: int
    repeat_share: float
    merge: str
    stop_early: bool
    escalate: str
    anchors: str
    labels: str
    readings: Mapping[str, Readings]
    names: Names
    rubric_names: Names


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that runs share, or in which they differ. said: what it is, or how it differs."""

    kind: Kind
    name: str
    same: bool
    said: str


def aspects(runs: Sequence[RunFacts]) -> list[Aspect]:
    """Everything that was compared, in the order in which it goes into a run."""
    return [
        *_items(runs),
        *_responses(runs),
        *_rubrics(runs),
        *_judges(runs),
        *_asking(runs),
        *_versions(runs),
    ]


def causes(found: Sequence[Aspect]) -> list[Aspect]:
    """What differs and could have moved a number."""
    return [aspect for aspect in found if not aspect.same and aspect.kind in CAUSES]


# -- items and responses -------------------------------------------------------------------------


def _items(runs: Sequence[RunFacts]) -> Iterator[Aspect]:
    first = runs[0].items
    yield Aspect("items", "items", True, f"{len(first):,}, with the same prompts")
    yield _counted("items", "references", _moved(runs, "reference"), len(first), "items")
    # Clusters decide the width of an interval and no value.
    yield _counted("other", "clusters", _moved(runs, "cluster"), len(first), "items")
    hashes = [run.run.items_hash for run in runs]
    if len(set(hashes)) == 1:
        yield Aspect("items", "hash of all texts", True, hashes[0])


def _moved(runs: Sequence[RunFacts], field: str) -> int:
    """How many items have not the same in every run."""
    return sum(
        len({getattr(run.items[item_id], field) for run in runs}) > 1 for item_id in runs[0].items
    )


def _counted(kind: Kind, name: str, n: int, total: int, things: str) -> Aspect:
    said = f"{n:,} of {total:,} {things} differ" if n else "alike"
    return Aspect(kind, name, not n, said)


def _responses(runs: Sequence[RunFacts]) -> Iterator[Aspect]:
    """A system at a time: the texts, whatever the system is called."""
    for system in dict.fromkeys(name for run in runs for name in run.names.values()):
        own = [_own_name(run.names, system) for run in runs]
        called = " / ".join(dict.fromkeys(name or "none" for name in own))
        if None in own:
            where = ", ".join(str(n) for n, name in enumerate(own, 1) if name)
            yield Aspect("systems", f"system {system}", False, f"only in run {where}")
            continue
        texts = [
            [item.responses.get(str(name)) for item in _ordered(run, runs[0])]
            for run, name in zip(runs, own, strict=True)
        ]
        n = sum(len(set(of_item)) > 1 for of_item in zip(*texts, strict=True))
        yield _counted("responses", f"responses of {called}", n, len(texts[0]), "texts")


def _own_name(names: Names, system: str) -> str | None:
    return next((own for own, name in names.items() if name == system), None)


def _ordered(run: RunFacts, first: RunFacts) -> list[ItemFacts]:
    return [run.items[item_id] for item_id in first.items]


# -- rubrics and judges --------------------------------------------------------------------------


def _rubrics(runs: Sequence[RunFacts]) -> Iterator[Aspect]:
    known = [{run.rubric_names.get(r.id, r.id): r for r in run.rubrics} for run in runs]
    for name in dict.fromkeys(name for of_run in known for name in of_run):
        yield _in_every("rubric", f"rubric {name}", [of_run.get(name) for of_run in known], _rubric)


def _rubric(found: Sequence[Rubric]) -> str:
    if len({rubric.fingerprint for rubric in found}) == 1:
        return ""
    ids = list(dict.fromkeys(rubric.id for rubric in found))
    return f"{', then '.join(ids)}" if len(ids) > 1 else "another text under the same version"


def _judges(runs: Sequence[RunFacts]) -> Iterator[Aspect]:
    known = [{judge.judge: judge for judge in run.judges} for run in runs]
    for name in dict.fromkeys(name for of_run in known for name in of_run):
        found = [of_run.get(name) for of_run in known]
        yield _in_every("judges", f"judge {name}", found, _judge)
        if all(name in run.readings for run in runs):  # a judge that was never asked read nothing
            yield from _readings(name, [run.readings[name] for run in runs])


def _in_every(kind: Kind, name: str, found: Sequence[Any], differs: Any) -> Aspect:
    """One aspect of what should be in every run; None where a run lacks it."""
    if None in found:
        where = ", ".join(str(n) for n, one in enumerate(found, 1) if one is not None)
        return Aspect(kind, name, False, f"only in run {where}")
    said = differs(found)
    return Aspect(kind, name, not said, said or "the same")


# Setting -> how it is read from a judge. Prices and limits of pace do not change an answer.
_SETTINGS: Mapping[str, Any] = {
    "provider": lambda j: j.provider,
    "model": lambda j: j.model,
    "address": lambda j: j.base_url or "the provider's own",
    "families": lambda j: " + ".join(sorted(j.families)) or "none",
    "capabilities": lambda j: str(j.capabilities),
    "parameters": lambda j: canonical(dict(j.parameters)),
    "endpoint": lambda j: canonical(dict(j.endpoint)),
    "reading": lambda j: j.reading,
}


def _judge(found: Sequence[JudgeModel]) -> str:
    return _differences({name: [of(judge) for judge in found] for name, of in _SETTINGS.items()})


def _readings(judge: str, found: Sequence[Readings]) -> Iterator[Aspect]:
    """How its answers were read, and the models that its API named."""
    models = [_joined(r.models) for r in found]
    said = _differences({"model as reported": models})
    yield Aspect("judges", f"model that {judge} reported", not said, said or models[0] or "none")
    how = {
        "method": [_joined(r.methods) for r in found],
        "parser version": [_joined(r.parser_versions) for r in found],
    }
    said = _differences(how)
    yield Aspect("reading", f"reading of {judge}", not said, said or "the same")


def _joined(names: frozenset[Any]) -> str:
    return " + ".join(sorted(map(str, names)))


def _differences(settings: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(
        f"{name} {', then '.join(value or 'none' for value in _without_echo(values))}"
        for name, values in settings.items()
        if len(set(values)) > 1
    )


def _without_echo(values: Sequence[str]) -> list[str]:
    """The values in their order, one that repeats the value before it left out."""
    return [v for n, v in enumerate(values) if not n or v != values[n - 1]]


# -- how it was asked ----------------------------------------------------------------------------


def _asking(runs: Sequence[RunFacts]) -> Iterator[Aspect]:
    if any(run.swap for run in runs):
        yield _setting("asking", "orders", [run.swap for run in runs])
        yield _setting("reading", "merge of orders", [run.merge for run in runs])
    yield _setting("asking", "repeats", [_repeats(run) for run in runs])
    yield _setting("asking", "stopping early", ["yes" if r.stop_early else "no" for r in runs])
    yield _setting("asking", "escalation", [r.escalate or "none" for r in runs])
    # Anchors and labels move no verdict.
    yield _setting("other", "anchors", [r.anchors or "none" for r in runs])
    yield _setting("other", "labels", [r.labels or "none" for r in runs])
    # Where every pair is asked in both orders the seed decides nothing that a judge sees.
    kind: Kind = "other" if {run.swap for run in runs} <= {"both", ""} else "asking"
    yield _setting(kind, "seed", [str(run.run.seed) for run in runs])


def _repeats(run: RunFacts) -> str:
    return f"{run.repeats}" + (
        f" on {run.repeat_share:.0%} of items" if run.repeat_share < 1 else ""
    )


def _versions(runs: Sequence[RunFacts]) -> Iterator[Aspect]:
    names = dict.fromkeys(name for run in runs for name in run.run.packages)
    found = {name: [run.run.packages.get(name, "none") for run in runs] for name in names}
    said = _differences(found)
    yield Aspect("other", "versions", not said, said or "the same")


def _setting(kind: Kind, name: str, values: Sequence[str]) -> Aspect:
    said = _differences({name: values}).removeprefix(f"{name} ")
    return Aspect(kind, name, not said, said or values[0])
