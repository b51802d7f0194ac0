"""What a draw, an import and a list of label sets came to, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from judge.labels.sets import LabelSet, SetVersion
from judge.report.words import clean, count, counted


class Counts(Protocol):
    """A rater's rows: labelled, left empty, and in no file."""

    @property
    def rater(self) -> str: ...
    @property
    def labelled(self) -> int: ...
    @property
    def empty(self) -> int: ...
    @property
    def absent(self) -> int: ...


def drawn(
    *,
    mode: str,
    n: int,
    total: int,
    of: int,
    seed: int,
    strata: Mapping[str, float],
    splits: Mapping[str, int],
) -> str:
    """A draw in a few lines: how many, with which probabilities, in which splits."""
    what = "pair" if mode == "pairwise" else "answer"
    more = f" ({count(total)} with those drawn before)" if total != n else ""
    split = ", ".join(f"{name} {count(number)}" for name, number in splits.items())
    lines = [f"{counted(n, what)} drawn of {count(of)}{more}, seed {seed}; splits: {split}"]
    if len(strata) > 1:
        lines += [f"  {clean(name)}: probability {p:.3g}" for name, p in strata.items()]
    else:
        lines += [f"each had a probability of {p:.3g}" for p in strata.values()]
    return "\n".join(lines)


def imported(
    *,
    labels: int,
    drawn: int,
    raters: Sequence[Counts],
    unlabelled: int = 0,
    is_too_few: bool = False,
) -> str:
    """An import in a few lines: what each rater labelled, left empty, and what is in no file.

    unlabelled: drawn rows that nobody labelled; is_too_few: so many that correction refuses the others.
    """
    lines = [f"{counted(labels, 'label')} read; {counted(drawn, 'row')} drawn for each rater"]
    for one in raters:
        rest = [(one.empty, "left empty"), (one.absent, "in no file")]
        missing = "".join(f", {count(number)} {how}" for number, how in rest if number)
        lines.append(f"  {clean(one.rater)}: {count(one.labelled)} labelled{missing}")
    if unlabelled:
        lines.append(_left(unlabelled, drawn, is_too_few=is_too_few))
    return "\n".join(lines)


def _left(unlabelled: int, drawn: int, *, is_too_few: bool) -> str:
    said = f"{count(unlabelled)} of the {count(drawn)} drawn have no label by anybody: "
    if is_too_few:
        return (
            f"{said}the probabilities of the draw do not hold for so few, and a correction by these "
            "labels will be refused until the others are labelled too"
        )
    return (
        f"{said}the others count as drawn at random only if it was chance that left these out; have them "
        "labelled too"
    )


def overview(found: Sequence[tuple[SetVersion, LabelSet | None]]) -> str:
    """Every set that was found, a line each with what it is for below."""
    if not found:
        return "no set of labels is found; they are calibration/<name>/v<N>/"
    return "\n".join(line for version, one in found for line in _lines(version, one))


def _lines(version: SetVersion, one: LabelSet | None) -> list[str]:
    held = "locked" if version.locked else "not locked"
    if one is None:
        return [
            f"{version.id}  ({held}) cannot be used: `judge labels check {version.id}` says why"
        ]
    whose = "invented labels" if one.source == "synthetic" else "labels by people"
    raters = counted(len(one.raters), "rater")
    facts = f"{one.mode}, {counted(len(one.labels), 'label')} by {raters}, {whose}, {held}"
    return [
        f"{version.id}  {facts}",
        *([f"    {clean(one.description)}"] if one.description else []),
    ]
