"""What `judge agree` needs besides what `judge analyze` does: the whole scale, and labels that fit."""

from __future__ import annotations

from collections.abc import Mapping

from judge.analysis.people_scales import MOST_POINTS
from judge.errors import InputError, cut
from judge.labels.sets import LabelSet
from judge.report.schema import Report
from judge.stats.values import spread_failures
from judge.table import VerdictTable
from judge.types import HumanLabel, Mode, Scale
from judge.workflow.options import Options

AGREE = "agree"

Unit = tuple[str, frozenset[str], str]  # item, systems, criterion


def scales_of(options: Options, mode: Mode, known: LabelSet | None) -> Mapping[str, Scale]:
    """Criterion -> its scale: that of --scale for each that has labels, else as the set says.

    Raises InputError for a scale of pairs, which have one.
    """
    if known is None:
        return {}
    if options.scale is None:
        return known.scales
    if mode == "pairwise":
        raise InputError("--scale: is about single answers, and these verdicts are on pairs")
    scale = scale_named(options.scale)
    return {label.criterion: scale for label in known.labels}


def scale_named(text: str) -> Scale:
    """The scale of "1..5" or of "bad,ok,good", lowest first; words stand for 1, 2, 3.

    Raises InputError where it is written otherwise.
    """
    low, dots, high = text.partition("..")
    if dots:
        return _numbers(text, low, high)
    labels = tuple(label.strip() for label in text.split(","))
    if len(labels) < 2 or not all(labels) or len(set(labels)) < len(labels):
        raise _bad(text)
    try:
        values = tuple(float(label) for label in labels)
    except ValueError:
        values = tuple(float(place) for place in range(1, len(labels) + 1))
    if list(values) != sorted(set(values)):
        raise InputError(f"--scale {text}: give its numbers lowest first")
    return Scale(level="ordinal", labels=labels, values=values)


def _numbers(text: str, low: str, high: str) -> Scale:
    try:
        ends = int(low), int(high)
    except ValueError:
        raise _bad(text) from None
    if not 0 < ends[1] - ends[0] < MOST_POINTS:
        raise InputError(f"--scale {text}: give 2 to {MOST_POINTS} points, the lowest first")
    points = range(ends[0], ends[1] + 1)
    return Scale("ordinal", tuple(map(str, points)), tuple(map(float, points)))


def _bad(text: str) -> InputError:
    return InputError(
        f'--scale {text}: write its points lowest first, as in "1..5" or "bad,ok,good"'
    )


def check_met(report: Report, table: VerdictTable, options: Options, known: LabelSet) -> None:
    """Raises InputError where no label is of anything that was judged, with what both sides have.

    `agree` needs one of the split that it reports on; `analyze` has other uses for labels.
    """
    if report.agreement is not None:
        return
    labels = [label for label in known.labels if (label.system is None) == _is_pairs(table)]
    where = f"{options.labels}: "
    if not labels:
        raise InputError(f"{where}{_other_mode(table)}")
    if not {_unit(label) for label in labels} & _judged(table):
        raise InputError(where + _unmet(table, labels))
    if report.run.command == AGREE:
        raise InputError(where + _of_no_split(options))


def _of_no_split(options: Options) -> str:
    if options.split is None:
        return (
            "all labels of what was judged are of split dev, on which rubrics are tried; --split dev reports "
            "on them"
        )
    return (
        f"no label of what was judged is of --split {options.split}; use --split all, or a split that "
        "`judge labels check` names"
    )


def _judged(table: VerdictTable) -> set[Unit]:
    frame = table.frame if _is_pairs(table) else spread_failures(table.frame)
    names = ["system_a", "system_b"] if _is_pairs(table) else ["system"]
    criteria = [""] * len(frame) if _is_pairs(table) else frame["criterion"].astype(str)
    columns = [frame[name].astype(str) for name in ("item_id", *names)]
    rows = zip(*columns, criteria, strict=True)
    return {(item, frozenset(systems), criterion) for item, *systems, criterion in rows}


def _unit(label: HumanLabel) -> Unit:
    return label.item_id, frozenset(_systems(label)), label.criterion


def _is_pairs(table: VerdictTable) -> bool:
    return table.mode == "pairwise"


def _other_mode(table: VerdictTable) -> str:
    if _is_pairs(table):
        return (
            "its labels are of single answers, and these verdicts are on pairs; a label of a pair has "
            "system_a, system_b and label (a, b or tie)"
        )
    return (
        "its labels are of pairs, and these verdicts are on single answers; a label of an answer has "
        "system and score or label"
    )


def _is_met(table: VerdictTable, label: HumanLabel) -> bool:
    return label.item_id in table.frame["item_id"].cat.categories


def _unmet(table: VerdictTable, labels: list[HumanLabel]) -> str:
    items = table.frame["item_id"].cat.categories
    if not any(_is_met(table, label) for label in labels):
        return (
            f"no label is of an item that was judged: verdicts have items such as {cut(items[0])}, labels "
            f"such as {cut(labels[0].item_id)}; both must have the same item_id"
        )
    said = sorted({" / ".join(sorted(_systems(label))) for label in labels})[:3]
    names = ("system_a", "system_b") if _is_pairs(table) else ("system",)
    rows = table.frame[list(names)].astype(str).drop_duplicates().head(3)
    judged = [" / ".join(sorted(row)) for row in rows.itertuples(index=False)]
    if set(said) & set(judged):
        return (
            "no label is on a criterion that was judged; labels and verdicts must name criteria alike, "
            "empty for the whole"
        )
    return (
        f"no label is of what was judged: verdicts are of {', '.join(map(cut, judged))}, labels of "
        f"{', '.join(map(cut, said))}; both must name systems alike"
    )


def _systems(label: HumanLabel) -> tuple[str, ...]:
    if label.system is not None:
        return (label.system,)
    return (label.system_a or "", label.system_b or "")
