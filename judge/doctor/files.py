"""The diagnosis of a file: of verdicts, of labels, of responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from judge.analysis.adjusted import MIN_PAIRS
from judge.doctor import (
    FEW_CLUSTERS,
    FEW_LABELS,
    Diagnosis,
    Finding,
    LabelFacts,
    Limit,
    available,
    biases,
    counted,
    limited_by,
    needs,
    not_identified,
    of,
    people,
    results,
)
from judge.doctor.evidence import Families, evidence, n_clusters, system_names
from judge.families import kin
from judge.pairing import ResponseSet
from judge.table import VerdictTable
from judge.types import HumanLabel, Item, Status

# -- verdicts ------------------------------------------------------------------------------------


def of_verdicts(
    table: VerdictTable,
    labels: Sequence[HumanLabel] = (),
    *,
    families: Families | None = None,
    in_file: bool = False,
) -> Diagnosis:
    """What a verdict table supports. families: name of a judge or system -> families.

    in_file: True where the labels stand in the file of verdicts.
    """
    e = evidence(table, labels, families)
    both = people.overlap(e)
    return Diagnosis(
        kind="verdicts",
        mode=table.mode,
        facts=_verdict_facts(table, n_clusters(e.asked)),
        findings=(*results.findings(e), *biases.findings(e), *people.findings(e, both)),
        labels=people.label_facts(e, both, in_file=in_file),
        needs=tuple(needs.needs(e)),
        warnings=(*table.warnings, *_other_labels(len(labels), len(e.labels), table.mode)),
    )


def _verdict_facts(table: VerdictTable, clusters: int) -> Mapping[str, int]:
    frame = table.frame
    counts = {str(s): int((frame["status"] == s).sum()) for s in Status}
    return {
        "rows": len(frame),
        "items": int(frame["item_id"].nunique()),
        "clusters": clusters,
        "systems": len(system_names(table)) if table.comparable else 0,
        "judges": int(frame["judge"].nunique()),
        "rubrics": int(frame["rubric"].nunique()),
        **{status: n for status, n in counts.items() if n or status == Status.OK},
    }


def _other_labels(given: int, fitting: int, mode: str) -> Iterator[str]:
    if fitting < given:
        thing = "pairs" if mode == "pairwise" else "single answers"
        yield f"{given - fitting:,} of {given:,} labels are not of {thing}, as the verdicts are"


# -- labels --------------------------------------------------------------------------------------


def of_labels(labels: Sequence[HumanLabel], *, in_file: bool = True) -> Diagnosis:
    """What labels by people support without a judge beside them."""
    raters = {label.rater for label in labels}
    by_unit: dict[object, set[str]] = {}
    for label in labels:
        by_unit.setdefault(_unit(label), set()).add(label.rater)
    shared = sum(len(names) >= 2 for names in by_unit.values())
    items = len({label.item_id for label in labels})
    is_single = any(label.system is not None for label in labels)
    return Diagnosis(
        kind="labels",
        mode="single" if is_single else "pairwise",
        facts={"labels": len(labels), "items": items, "raters": len(raters)},
        findings=(
            not_identified(
                "agreement",
                "agreement with people",
                "the file holds people's labels and no verdicts",
                "judge the same items, then judge agree VERDICTS LABELS",
            ),
            _between_raters(len(raters), shared, len(by_unit)),
            _correcting(labels),
            _shown(labels, is_single=is_single),
        ),
        labels=LabelFacts(
            len(labels), len(raters), items, len(by_unit), 0, 0, shared, in_file=in_file
        ),
    )


def _unit(label: HumanLabel) -> object:
    return (
        label.item_id,
        label.criterion,
        label.system,
        frozenset((label.system_a, label.system_b)),
    )


def _between_raters(raters: int, shared: int, units: int) -> Finding:
    name, title = "human_ceiling", "agreement between raters"
    said = of(shared, units, "labelled answers or pairs have two raters or more")
    if not shared:
        return not_identified(name, title, said, "let a second rater label some of them", "rater")
    few = Limit(f"fewer than {FEW_LABELS}", "label more") if shared < FEW_LABELS else None
    return limited_by(name, title, f"{counted(raters, 'rater')}; {said}", few)


def _correcting(labels: Sequence[HumanLabel]) -> Finding:
    name, title = "correction", "correction of rates by people"
    known = sum(label.inclusion_prob is not None for label in labels)
    said = f"inclusion_prob is recorded on {of(known, len(labels), 'labels')}"
    verdicts = Limit("there are no verdicts to correct", "judge the same items and more")
    if known == len(labels):
        return limited_by(name, title, said, verdicts)
    bare = Limit(
        "right only if what is labelled was drawn at random",
        "log `inclusion_prob`: the chance each had to be labelled",
        ("inclusion_prob",),
    )
    return limited_by(name, title, said, verdicts, bare)


def _shown(labels: Sequence[HumanLabel], *, is_single: bool) -> Finding:
    name, title = "rater_position", "effect of position on people"
    if is_single:
        return not_identified(name, title, "single answers have no order")
    known = sum(label.order_shown is not None for label in labels)
    said = f"order_shown is recorded on {of(known, len(labels), 'labels')}"
    if known:
        return available(name, title, said)
    return not_identified(name, title, said, "log `order_shown` (AB or BA)", "order_shown")


# -- responses -----------------------------------------------------------------------------------


def of_responses(
    responses: ResponseSet,
    labels: Sequence[HumanLabel] = (),
    *,
    families: Families | None = None,
) -> Diagnosis:
    """What can be asked of judges about these responses."""
    items, systems = responses.items, responses.systems
    shared = _shared(items)
    clusters = len({item.cluster for item in items})
    return Diagnosis(
        kind="responses",
        facts={
            "items": len(items),
            "clusters": clusters,
            "systems": len(systems),
            "responses": sum(len(item.responses) for item in items),
        },
        findings=(
            _comparable(items, systems, shared),
            available("score", "scores of single answers", _each(items)),
            _rankable(systems, shared),
            _referenced(items),
            _categories(items),
            _lengths(shared),
            _known_families(systems, families or {}),
            _logprobs(items, systems),
            _labelled(items, labels),
        ),
        needs=tuple(needs.for_items(clusters, len(items))),
        warnings=responses.warnings,
    )


def _labelled(items: Sequence[Item], labels: Sequence[HumanLabel]) -> Finding:
    name, title = "agreement", "agreement with people"
    if not labels:
        return not_identified(name, title, people.NO_LABELS, people.GIVE_LABELS, "rater", "label")
    known = {item.item_id for item in items} & {label.item_id for label in labels}
    said = f"{of(len(known), len(items), 'items')} are labelled"
    if not known:
        return not_identified(name, title, said, "labels and items must share item_id", "item_id")
    return limited_by(name, title, said, Limit("there are no verdicts yet", "judge them"))


def _shared(items: Sequence[Item]) -> dict[tuple[str, str], list[str]]:
    """Pair of systems -> the cluster of each item that has a response of both."""
    found: dict[tuple[str, str], list[str]] = {}
    for item in items:
        for pair in combinations(sorted(response.system for response in item.responses), 2):
            found.setdefault(pair, []).append(item.cluster)
    return found


def _each(items: Sequence[Item]) -> str:
    per_system: dict[str, int] = {}
    for item in items:
        for response in item.responses:
            per_system[response.system] = per_system.get(response.system, 0) + 1
    least, most = min(per_system.values(), default=0), max(per_system.values(), default=0)
    span = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"{span} responses of each of {counted(len(per_system), 'system')}"


def _comparable(
    items: Sequence[Item], systems: Sequence[str], shared: Mapping[tuple[str, str], list[str]]
) -> Finding:
    name, title = "compare", "comparison of two systems"
    if len(systems) < 2:
        why = "the file holds one system"
        return not_identified(name, title, why, "name a second file of the same items", "system")
    if not shared:
        why = "no item has responses of two systems"
        return not_identified(name, title, why, "let the rows share item_id or prompt", "item_id")
    most = max(map(len, shared.values()))
    clusters = max(len(set(own)) for own in shared.values())
    few = None
    if clusters < FEW_CLUSTERS:
        behind = f"{counted(clusters, 'independent item')} at most behind a comparison"
        few = Limit(f"{behind}: intervals are wide, or there is none", "add items")
    said = f"up to {of(most, len(items), 'items')} have responses of both systems of a pair"
    return limited_by(name, title, said, few)


def _rankable(systems: Sequence[str], shared: Mapping[tuple[str, str], list[str]]) -> Finding:
    name, title = "rank", "ranking of systems"
    if len(systems) < 3:
        why = f"{counted(len(systems), 'system')}: a ranking takes three or more"
        return not_identified(name, title, why, "name more files of the same items")
    both_ways = [*shared, *((b, a) for a, b in shared)]
    parts = results.components(systems, both_ways)
    if len(parts) > 1:
        why = f"the systems fall into {len(parts)} groups without an item in common"
        return not_identified(name, title, why, "let every system answer the same items")
    return available(name, title, f"{len(systems)} systems, connected by shared items")


def _referenced(items: Sequence[Item]) -> Finding:
    name, title = "reference", "rubrics and metrics that need a reference"
    known = sum(bool(item.reference) for item in items)
    said = f"reference is recorded on {of(known, len(items), 'items')}"
    if not known:
        return not_identified(name, title, said, "add `reference`: a good answer", "reference")
    bare = Limit("the others cannot be used with them", "add the rest", ("reference",))
    return limited_by(name, title, said, bare if known < len(items) else None)


def _categories(items: Sequence[Item]) -> Finding:
    name, title = "category_slices", "slices by category"
    known = sum(item.category is not None for item in items)
    said = f"category is recorded on {of(known, len(items), 'items')}"
    if not known:
        return not_identified(name, title, said, "add `category`", "category")
    kinds = len({item.category for item in items if item.category is not None})
    if kinds < 2:
        return not_identified(name, title, f"{said}, and it is the same on all")
    bare = (
        Limit("the others are a slice of their own", "", ("category",))
        if known < len(items)
        else None
    )
    return limited_by(name, title, f"{kinds} categories; {said}", bare)


def _lengths(shared: Mapping[tuple[str, str], list[str]]) -> Finding:
    fewest = min(map(len, shared.values()), default=0)
    few = Limit(
        f"{counted(fewest, 'pair')} of some systems are under the {MIN_PAIRS} that control takes"
    )
    said = "the texts are there"
    return limited_by(
        "length", "length effect and control", said, few if fewest < MIN_PAIRS else None
    )


def _known_families(systems: Sequence[str], families: Families) -> Finding:
    name, title = "self_preference", "self-preference"
    known = sum(bool(kin([system], families.get(system)).families) for system in systems)
    said = f"a family is known of {of(known, len(systems), 'systems')}"
    if not known:
        remedy = "declare [families] in judge.toml: pattern of names = families"
        return not_identified(name, title, said, remedy)
    others = Limit("it also takes judges of two families", "name a judge of another family")
    return limited_by(name, title, said, others)


def _logprobs(items: Sequence[Item], systems: Sequence[str]) -> Finding:
    name, title = "perplexity", "perplexity"
    known = sum(_has_logprobs(item, system) for item in items for system in systems)
    total = sum(len(item.responses) for item in items)
    said = f"logprobs are recorded on {of(known, total, 'responses')}"
    if not known:
        return not_identified(
            name, title, said, "add `logprobs` of the response's tokens", "logprobs"
        )
    return limited_by(
        name, title, said, Limit("the others are left out") if known < total else None
    )


def _has_logprobs(item: Item, system: str) -> bool:
    own = item.metadata.get(system)
    return isinstance(own, Mapping) and bool(own.get("logprobs"))
