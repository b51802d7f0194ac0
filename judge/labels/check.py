"""What is wrong with a set of labels, before any judge is held against it.

A rater who always says the same, a label that is no point of the scale, an item on which a rubric was
tried and is then reported on: each makes the agreement with people another number than it seems.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from scipy import stats

from judge.agreement.cohen_kappa import cohen_kappa
from judge.labels.rules import off_scale
from judge.labels.splits import SPLITS
from judge.near_duplicates import THRESHOLD, near_duplicates
from judge.stats.intervals import holm
from judge.table import VerdictTable
from judge.types import HumanLabel, Item, Scale

SCHEMA = "judge.labels/1"
FIRST = 5  # cases that are named
FEW = 10  # labels of a rater below which nothing is said of how they label
ALPHA = 0.05  # of the test of a rater's lean to the answer shown first, Holm over raters

Grade = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault. count: of `unit`, of so many (out_of). first: some cases; note: what to do.

    name: stable, for programs; title: for people. An error makes numbers that stand on the labels wrong.
    """

    name: str
    grade: Grade
    title: str
    count: int
    out_of: int
    unit: str
    first: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelsReport:
    """The quality of a set of labels. splits: split -> items; findings: every check, found or not."""

    name: str
    origin: str
    locked: bool | None
    mode: str
    labels: int
    raters: int
    items: int
    units: int
    splits: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.count and one.grade == "error")

    @property
    def holds(self) -> bool:
        """False where something is wrong that has to be mended."""
        return not self.errors

    def payload(self) -> dict[str, Any]:
        """The report as JSON values, in the shape `judge.labels/1`; one that found nothing has count 0."""
        return {"schema": SCHEMA, "holds": self.holds, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of labels besides themselves. origin: human, synthetic, "" where not said.

    items: with prompts and clusters, empty where not known; all_items: whether they are those of the set,
    so that each should have a label. against: what its files say against each other, with the cases.
    rubric: NAME or NAME@N, what raters were asked.
    """

    name: str
    origin: str = ""
    locked: bool | None = None
    items: Sequence[Item] = ()
    all_items: bool = False
    against: Sequence[tuple[str, Sequence[str]]] = ()
    scale: Scale | None = None
    rubric: str | None = None
    criterion: str | None = None
    table: VerdictTable | None = None


Unit = tuple[str, ...]


@dataclass
class _Sorted:
    """Labels by unit, rater and item. said: what a rater said of a unit, turned alike."""

    labels: Sequence[HumanLabel]
    said: dict[Unit, dict[str, list[str]]] = field(default_factory=dict)
    by_rater: dict[str, list[HumanLabel]] = field(default_factory=dict)
    splits: dict[str, set[str]] = field(default_factory=dict)
    clusters: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.labels:
            unit, label = _turned(one)
            self.said.setdefault(unit, {}).setdefault(one.rater, []).append(label)
            self.by_rater.setdefault(one.rater, []).append(one)
            if one.split is not None:
                self.splits.setdefault(one.item_id, set()).add(one.split)

    @property
    def items(self) -> list[str]:
        return list(dict.fromkeys(one.item_id for one in self.labels))


def checked(labels: Sequence[HumanLabel], known: Known) -> LabelsReport:
    """The quality of these labels."""
    own = _Sorted(labels)
    own.clusters = _clusters(known)
    first_split = {item: min(found) for item, found in own.splits.items()}
    counts = Counter(first_split.get(item, "") for item in own.items)
    return LabelsReport(
        name=known.name,
        origin=known.origin,
        locked=known.locked,
        mode="pairwise" if labels[0].system is None else "single",
        labels=len(labels),
        raters=len(own.by_rater),
        items=len(own.items),
        units=len(own.said),
        splits={name: n for name, n in sorted(counts.items()) if name},
        findings=tuple(_findings(own, known)),
    )


def _findings(own: _Sorted, known: Known) -> Iterator[Finding]:
    yield from _of_files(known)
    yield _impossible(own, known.scale)
    yield from _of_splits(own, known)
    yield _copies(own, known)
    yield from _of_draw(own)
    yield from _of_raters(own)
    yield from _of_orders(own)
    yield _unlabelled(own, known)
    if known.table is not None:
        yield from _of_verdicts(own, known, known.table)


def _turned(one: HumanLabel) -> tuple[Unit, str]:
    """The unit of a label and what was said of it; a pair is written one way."""
    said = one.label if one.label is not None else f"{one.score:g}"
    if one.system is not None:
        return (one.criterion, one.item_id, one.system), said
    a, b = one.system_a or "", one.system_b or ""
    if a <= b:
        return (one.criterion, one.item_id, a, b), said
    return (one.criterion, one.item_id, b, a), {"a": "b", "b": "a"}.get(said, said)


def _clusters(known: Known) -> dict[str, str]:
    """Item -> its cluster, where items or verdicts say it."""
    found = {item.item_id: item.cluster for item in known.items}
    if known.table is not None:
        frame = known.table.frame[["item_id", "cluster"]].astype(object).drop_duplicates("item_id")
        found = {**dict(frame.itertuples(index=False, name=None)), **found}
    return found


# -- files and scale -----------------------------------------------------------------------------


def _of_files(known: Known) -> Iterator[Finding]:
    """What set.toml, items and labels say against each other."""
    found = [(what, list(which)) for what, which in known.against if which]
    cases = [f"{what.partition(':')[0]} ({', '.join(which[:2])})" for what, which in found]
    note = "set.toml, items.jsonl and labels.jsonl must say the same: " + "; ".join(
        what.partition(":")[2].strip() for what, _ in found
    )
    title = "contradictions between the files of the set"
    yield _finding("files", "error", title, cases, len(known.against), "check", note)


def _impossible(own: _Sorted, scale: Scale | None) -> Finding:
    found = [] if scale is None else off_scale(own.labels, scale)
    note = f"the scale is {', '.join(scale.labels)}; correct them" if scale else ""
    return _finding(
        "impossible_labels", "error", "labels off the scale", found, len(own.labels), "label", note
    )


# -- splits --------------------------------------------------------------------------------------


def _of_splits(own: _Sorted, known: Known) -> Iterator[Finding]:
    n = len(own.items)
    both = [f"{item} ({', '.join(sorted(s))})" for item, s in own.splits.items() if len(s) > 1]
    note = (
        "what is reported must not stand on items that something was fitted on; give each one split"
    )
    yield _finding("several_splits", "error", "items in several splits", both, n, "item", note)
    named = {split for found in own.splits.values() for split in found}
    odd = sorted(named - set(SPLITS))
    note = f"they are {', '.join(SPLITS)}; others are not looked for"
    yield _finding("unknown_splits", "error", "unknown splits", odd, len(named), "split", note)
    leaks = [*_shared_clusters(own)]
    note = "items of one cluster belong into one split: move them"
    total = len(set(own.clusters.values()))
    title = "clusters of items in several splits"
    yield _finding("leaks", "error", title, leaks, total, "cluster", note)
    yield _near_leaks(own, known.items)
    lacking = [item for item in own.items if item not in own.splits]
    note = "without a split nothing says which labels a rubric was tried on"
    yield _finding("no_split", "warning", "items without a split", lacking, n, "item", note)


def _shared_clusters(own: _Sorted) -> Iterator[str]:
    by_cluster: dict[str, dict[str, str]] = defaultdict(dict)
    for item, found in own.splits.items():
        if item in own.clusters:
            by_cluster[own.clusters[item]].setdefault(min(found), item)
    for splits in by_cluster.values():
        if len(splits) > 1:
            yield " = ".join(f"{item} ({split})" for split, item in sorted(splits.items()))


def _near_leaks(own: _Sorted, items: Sequence[Item]) -> Finding:
    """Nearly the same prompt in two splits; identical ones are one cluster or counted here too."""
    placed = [item for item in items if item.item_id in own.splits]
    pairs = near_duplicates(["\n\n".join(item.prompt) for item in placed])
    found = []
    for pair in pairs.pairs:
        a, b = placed[pair.first], placed[pair.second]
        one, other = min(own.splits[a.item_id]), min(own.splits[b.item_id])
        if one != other and a.cluster != b.cluster:
            found.append(f"{a.item_id} ({one}) ~ {b.item_id} ({other}), {pair.jaccard:.2f}")
    note = f"prompts with a Jaccard index of {THRESHOLD} or more; give them one `cluster`, or one split"
    if not pairs.complete:
        note += "; the search ended before all were compared"
    title = "nearly the same prompt in two splits"
    return _finding("near_leaks", "warning", title, found, len(placed), "item", note)


def _copies(own: _Sorted, known: Known) -> Finding:
    """Items that are another under a second name."""
    seen: dict[object, str] = {}
    found = []
    labelled = set(own.items)
    for item in known.items:
        texts = frozenset((r.system, r.turns) for r in item.responses)
        earlier = seen.setdefault((item.prompt, texts), item.item_id)
        if earlier != item.item_id and labelled & {earlier, item.item_id}:
            found.append(f"{item.item_id} = {earlier}")
    note = "the same item counts twice: leave one out"
    title = "items that are copies of another"
    return _finding("duplicates", "error", title, found, len(known.items), "item", note)


# -- how they were drawn -------------------------------------------------------------------------


def _of_draw(own: _Sorted) -> Iterator[Finding]:
    n = len(own.labels)
    lacking = [one.item_id for one in own.labels if one.inclusion_prob is None]
    note = (
        "it is not known whether chance or a hand picked them, so they correct no judge; draw with "
        "`judge labels draw`, or write 1 where everything was labelled"
    )
    title = "labels without inclusion_prob"
    yield _finding(
        "no_inclusion_prob",
        "warning",
        title,
        [*dict.fromkeys(lacking)],
        n,
        "label",
        note,
        len(lacking),
    )
    probs: dict[Unit, set[float]] = defaultdict(set)
    for one in own.labels:
        if one.inclusion_prob is not None:
            probs[_turned(one)[0]].add(one.inclusion_prob)
    several = [_named(unit) for unit, found in probs.items() if len(found) > 1]
    note = "one pair or answer is drawn with one probability; write that of the draw as a whole"
    title = "several inclusion_prob of one pair or answer"
    yield _finding("several_probs", "error", title, several, len(own.said), "unit", note)


def _named(unit: Unit) -> str:
    return f"{unit[1]} ({', '.join(unit[2:])})"


# -- raters --------------------------------------------------------------------------------------


def _of_raters(own: _Sorted) -> Iterator[Finding]:
    n = len(own.by_rater)
    said = {rater: [_turned(one)[1] for one in found] for rater, found in own.by_rater.items()}
    one_label = [
        f"{rater} ({given[0]}, {len(given)} times)"
        for rater, given in said.items()
        if len(given) >= FEW and len(set(given)) == 1
    ]
    note = "no coefficient can be computed with them, and they may not have read the answers"
    title = "raters who gave one label only"
    yield _finding("one_label", "warning", title, one_label, n, "rater", note)
    kappas = {rater: _best_kappa(own, rater) for rater in own.by_rater}
    below = [
        f"{rater} (kappa {k:.2f} at best)" for rater, k in kappas.items() if k is not None and k < 0
    ]
    note = "less than chance would give: they may have used the labels the other way round"
    title = "raters who agree with nobody"
    yield _finding("against_all", "warning", title, below, n, "rater", note)
    alone = sum(len(raters) == 1 for raters in own.said.values())
    note = "how far people agree among themselves is not known there: no ceiling for the judge"
    cases = [_named(unit) for unit, raters in own.said.items() if len(raters) == 1]
    title = "pairs or answers with one rater"
    yield _finding("one_rater", "warning", title, cases, len(own.said), "unit", note, alone)
    twice = [
        f"{_named(unit)} by {rater}"
        for unit, raters in own.said.items()
        for rater, given in raters.items()
        if len(set(given)) > 1
    ]
    note = "such a label is left out: nobody knows which of both is meant"
    title = "raters who contradict themselves"
    yield _finding("contradicting", "warning", title, twice, len(own.said), "unit", note)


def _best_kappa(own: _Sorted, rater: str) -> float | None:
    """Cohen's kappa with the rater that this one agrees with most; None with too few labels of both."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for raters in own.said.values():
        for other in raters.keys() - {rater} if rater in raters else ():
            pairs[other].append((raters[rater][0], raters[other][0]))
    kappas = [_kappa(both) for both in pairs.values() if len(both) >= FEW]
    return max((k for k in kappas if k is not None), default=None)


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    mine, theirs = ([*side] for side in zip(*pairs, strict=True))
    return cohen_kappa(mine, theirs, labels=sorted({*mine, *theirs})).value


def _of_orders(own: _Sorted) -> Iterator[Finding]:
    """How raters saw pairs: whether that is known, varies, and moved them."""
    pairs = [one for one in own.labels if one.system is None]
    lacking = [one.item_id for one in pairs if one.order_shown is None]
    note = "whether raters lean to the answer shown first cannot be seen; log which was shown first"
    title = "pairs without order_shown"
    yield _finding(
        "no_order",
        "warning",
        title,
        [*dict.fromkeys(lacking)],
        len(pairs),
        "label",
        note,
        len(lacking),
    )
    shown = {
        rater: [one for one in found if one.order_shown is not None]
        for rater, found in own.by_rater.items()
    }
    fixed = [
        f"{rater} ({found[0].order_shown})"
        for rater, found in shown.items()
        if len(found) >= FEW and len({one.order_shown for one in found}) == 1
    ]
    note = "a lean to that place cannot be told from a better system; draw the order for each row"
    title = "raters who saw one order only"
    yield _finding("one_order", "warning", title, fixed, len(shown), "rater", note)
    leaning = [*_leaning(shown)]
    note = f"two-sided sign test of labels that are no tie, Holm over raters, below {ALPHA:g}"
    title = "raters who lean to a place"
    yield _finding("leaning", "warning", title, leaning, len(shown), "rater", note)


def _leaning(shown: Mapping[str, Sequence[HumanLabel]]) -> Iterator[str]:
    counts: dict[str, tuple[int, int]] = {}
    for rater, found in shown.items():
        decided = [one for one in found if one.label in ("a", "b")]
        if len(decided) >= FEW and len({one.order_shown for one in decided}) == 2:
            first = sum((one.label == "a") == (one.order_shown == "AB") for one in decided)
            counts[rater] = (first, len(decided))
    adjusted = holm([float(stats.binomtest(first, n, 0.5).pvalue) for first, n in counts.values()])
    for (rater, (first, n)), p in zip(counts.items(), adjusted, strict=True):
        if p < ALPHA:
            yield f"{rater} (the first in {first} of {n})"


# -- items and verdicts --------------------------------------------------------------------------


def _unlabelled(own: _Sorted, known: Known) -> Finding:
    labelled = set(own.items)
    found = [i.item_id for i in known.items if i.item_id not in labelled] if known.all_items else []
    note = (
        "left out everywhere; where raters passed over hard items, numbers speak of the easy ones"
    )
    total = len(known.items)
    return _finding("unlabelled", "warning", "items without a label", found, total, "item", note)


def _of_verdicts(own: _Sorted, known: Known, table: VerdictTable) -> Iterator[Finding]:
    """Whether the verdicts are about what was labelled, and on the question that raters were asked."""
    frame = table.frame
    rubrics = Counter(str(name) for name in frame["rubric"])
    others = [
        f"{name or '(none)'} ({n:,} verdicts)"
        for name, n in rubrics.items()
        if known.rubric is not None and not _is_rubric(name, known.rubric)
    ]
    note = f"raters were asked {known.rubric}: another question may have another answer"
    title = "verdicts under another rubric than the labels"
    yield _finding("other_rubric", "warning", title, others, len(rubrics), "rubric", note)
    yield _other_criteria(own, table)
    is_pair = table.mode == "pairwise"
    names = ["item_id", "system_a", "system_b"] if is_pair else ["item_id", "system"]
    judged = {
        (key[0], *sorted(key[1:]))
        for key in frame[names].astype(object).itertuples(index=False, name=None)
    }
    lost = [_named(unit) for unit in own.said if (unit[1], *sorted(unit[2:])) not in judged]
    note = "they are left out: the judges were not asked about them"
    title = "labelled pairs or answers without a verdict"
    yield _finding("not_judged", "warning", title, lost, len(own.said), "unit", note)


def _is_rubric(name: str, wanted: str) -> bool:
    return name == wanted if "@" in wanted else name.partition("@")[0] == wanted


def _other_criteria(own: _Sorted, table: VerdictTable) -> Finding:
    """Criteria that were labelled and on which no verdict is."""
    there = {""} if table.mode == "pairwise" else {str(c) for c in table.frame["criterion"]}
    labelled = dict.fromkeys(one.criterion for one in own.labels)
    lost = [criterion or "(overall)" for criterion in labelled if criterion not in there]
    note = f"verdicts are on {', '.join(sorted(c or '(overall)' for c in there))}"
    title = "criteria with labels and without verdicts"
    return _finding("other_criterion", "error", title, lost, len(labelled), "criterion", note)


def _finding(
    name: str,
    grade: Grade,
    title: str,
    found: Sequence[str],
    out_of: int,
    unit: str,
    note: str,
    number: int | None = None,
) -> Finding:
    """number: how many, where that is not how many cases there are."""
    count = len(found) if number is None else number
    return Finding(
        name, grade, title, count, out_of, unit, tuple(found[:FIRST]), note if count else ""
    )
