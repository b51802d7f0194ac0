"""A diagnosis for people: what is available, what is limited, what is not identified, and what to log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from judge.doctor import STANDINGS, Diagnosis, Finding, LabelFacts, Need
from judge.report.terminal import wrap
from judge.report.words import clean, counted, name

HEADS = {
    "available": "Available",
    "limited": "Limited",
    "not_identified": "Not identified from this file",
}
WHOSE = "What is not identified says something about this file, not about the judge."


def text(diagnosis: Diagnosis, *, width: int = 80) -> str:
    """The diagnosis as plain text, no line longer than the width."""
    parts = [_head(diagnosis, width)]
    for standing in STANDINGS:
        found = [f for f in diagnosis.findings if f.standing == standing]
        if found:
            parts.append([HEADS[standing], *_findings(found, width)])
    if any(f.standing == "not_identified" for f in diagnosis.findings):
        parts.append(wrap(WHOSE, width))
    parts.append(_labels(diagnosis, width))
    parts.append([line for warning in diagnosis.warnings for line in hanging(warning, width)])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def to_json(diagnosis: Diagnosis) -> str:
    """The diagnosis as indented JSON, characters that could steer a terminal written as escapes."""
    return plain_json(diagnosis.payload())


def plain_json(value: object) -> str:
    """A value as indented JSON that is safe to show."""
    shown = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in shown) + "\n"


def hanging(sentence: str, width: int, head: str = "- ") -> list[str]:
    """A bullet whose later lines are indented."""
    first, *rest = wrap(f"{head}{sentence}", width - 2) or [""]
    return [first, *(f"  {line}" for line in rest)]


# -- the parts -----------------------------------------------------------------------------------


def _head(diagnosis: Diagnosis, width: int) -> list[str]:
    of = {"pairwise": " on pairs", "single": " on single answers", "": ""}[diagnosis.mode]
    also = f"; also {' and '.join(diagnosis.also)}" if diagnosis.also else ""
    what = f"{name(diagnosis.file)}: {diagnosis.kind}{of} (format {diagnosis.format}{also})"
    facts = ", ".join(_fact(key, number) for key, number in diagnosis.facts.items())
    return [*wrap(what, width), *wrap(facts, width)]


def _fact(key: str, number: int) -> str:
    return counted(number, key.removesuffix("s")) if key.endswith("s") else f"{number:,} {key}"


def _findings(found: Sequence[Finding], width: int) -> Iterator[str]:
    """A bullet for each reason; statistics that stand or fall for the same one share it."""
    together: dict[tuple[str, str], list[str]] = {}
    for finding in found:
        together.setdefault((finding.reason, finding.remedy), []).append(finding.title)
    for (reason, remedy), titles in together.items():
        yield from hanging(f"{'; '.join(titles)}: {clean(reason)}", width)
        if remedy:
            yield from (f"  {line}" for line in hanging(clean(remedy), width - 2, "> "))


# -- labels by people ----------------------------------------------------------------------------


def _labels(diagnosis: Diagnosis, width: int) -> list[str]:
    sentences = [*_there(diagnosis.labels), *_wanted(diagnosis.needs)]
    lines = [line for sentence in sentences for line in hanging(sentence, width)]
    return ["Labels by people", *lines] if lines else []


def _there(labels: LabelFacts | None) -> Iterator[str]:
    if labels is None:
        return
    where = "in the file itself" if labels.in_file else "beside it"
    yield (
        f"there are {counted(labels.labels, 'label')} by {counted(labels.raters, 'rater')} on "
        f"{counted(labels.items, 'item')}, {where}"
    )
    if labels.judged_items or not labels.in_file:
        yield (
            f"{labels.judged_items:,} of {counted(labels.items, 'labelled item')} have verdicts in "
            "this file"
        )


def _wanted(needs: Sequence[Need]) -> Iterator[str]:
    for purpose in dict.fromkeys(need.purpose for need in needs):
        own = [need for need in needs if need.purpose == purpose]
        widths = "; ".join(_need(need) for need in own)
        guesses = ", ".join(f"{key.replace('_', ' ')} {v:g}" for key, v in own[0].assumed.items())
        what = "percent agreement" if purpose == "agreement" else "a corrected win rate"
        yield f"{what}: {widths}. Guessed: {guesses}; {own[0].formula}"


def _need(need: Need) -> str:
    points = f"+-{100 * need.half_width:g} points"
    if need.items is None:
        return f"no number for {points} (all items give +-{100 * need.best_half_width:.1f})"
    more = _more(need, need.items, need.best_half_width)
    said = f"{counted(need.items, 'labelled item')} for {points}{more}"
    if need.items_clustered == need.items:
        return said
    same = need.items_clustered
    least = f"all give +-{100 * need.best_clustered:.1f}"
    clustered = least if same is None else f"{same:,}{_more(need, same, need.best_clustered)}"
    return f"{said} [{clustered} if items of one cluster say the same]"


def _more(need: Need, items: int, best: float) -> str:
    if items <= need.file_items:
        return ""
    return f", more than this file's {need.file_items:,} (which give +-{100 * best:.1f})"
