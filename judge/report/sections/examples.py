"""Items to read for oneself: those that show the difference best, and those that judges disagree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from judge.report import words
from judge.report.blocks import (
    Block,
    Columns,
    Disclosure,
    Heading,
    Paragraph,
    Quote,
    Section,
)
from judge.report.evidence import EXPLANATION_CHARACTERS, TEXT_CHARACTERS
from judge.report.schema import Example, ExampleResponse, ExampleVerdict, Excerpt, Report
from judge.report.words import deciding

TITLE = "Examples"
KINDS = {"best": "Items that show the difference best", "contested": "Most contested items"}
CHOSEN = {
    "best": "Every judge in every order says the same; those furthest to the side of the conclusion, "
    "ties drawn by lot from the seed.",
    "contested": "The judges and orders disagree most; ties drawn by lot from the seed.",
}
NO_BEST = {
    True: "No item has the same verdict from every judge in every order.",
    False: "No difference was concluded, so no item is picked to show one.",
}


def blocks(report: Report) -> list[Block]:
    """The items of both kinds, the first of each open; nothing where none was picked."""
    found = report.examples
    if not found:
        return []
    out: list[Block] = [Heading(TITLE), Paragraph(_intro(found))]
    for kind in KINDS:
        own = [example for example in found if example.kind == kind]
        out += [Heading(KINDS[kind], 3), Paragraph(_chosen(kind, own, report))]
        out += [unit(report, example, is_open=n == 0) for n, example in enumerate(own)]
    return out


def brief(report: Report) -> list[Block]:
    """The ids of both kinds in one line, and how to read one."""
    found = report.examples or []
    said = [
        f"{words.listed([e.item_id for e in found if e.kind == kind])} ({KINDS[kind].lower()})"
        for kind in KINDS
        if any(e.kind == kind for e in found)
    ]
    if not said:
        return []
    return [Heading(TITLE), Paragraph(f"To read: {'; '.join(said)}.{_how(report)}", "note")]


def _how(report: Report) -> str:
    run = report.run.run_id
    return f" `judge show {words.name(run)} ITEM` shows one whole." if run else ""


def _intro(found: list[Example]) -> str:
    if not any(example.responses for example in found):
        return "The verdicts were recorded without the texts; what the judges said of them is here."
    return (
        f"Picked by rule, not by hand. Texts are cut at {TEXT_CHARACTERS:,} characters and "
        f"explanations at {EXPLANATION_CHARACTERS:,}."
    )


def _chosen(kind: str, own: list[Example], report: Report) -> str:
    if own:
        return CHOSEN[kind]
    if kind == "contested":
        return "No item has verdicts that differ."
    is_concluded = any(
        r.conclusion in ("better", "worse") for r in deciding(report.comparisons or [])
    )
    return NO_BEST[is_concluded or bool(report.scores)]


# -- one item ------------------------------------------------------------------------------------


def unit(report: Report, example: Example, *, is_open: bool) -> Disclosure:
    """An item with its texts and verdicts behind a line that says what it is."""
    show = f"judge show {report.run.run_id} {example.item_id}" if report.run.run_id else ""
    return Disclosure(
        _summary(example), (*_texts(example, show), *_verdicts(example, show)), is_open
    )


def _summary(example: Example) -> str:
    """The item, its category, and how often each verdict was given."""
    counts = Counter(v.verdict or _status(v) for v in example.verdicts).most_common()
    said = [f"{words.name(verdict)} {n}×" for verdict, n in counts]
    parts = (words.name(example.item_id), words.name(example.category), ", ".join(said))
    return " · ".join(part for part in parts if part)


def _texts(example: Example, show: str) -> Iterator[Block]:
    for title, text in (("Prompt", example.prompt), ("Reference", example.reference)):
        if text is not None:
            yield Heading(title, 4)
            yield _quote(text, show)
    if example.responses:
        yield Columns(tuple(_response(response, show) for response in example.responses))


def _response(response: ExampleResponse, show: str) -> tuple[Block, ...]:
    title = f"{words.name(response.system)} ({words.counted(response.length, 'character')})"
    return (Heading(title, 4), _quote(response, show))


def _quote(text: Excerpt, show: str) -> Quote:
    """The text, and what is cut of it. show: the command that shows the whole."""
    cut = text.length - len(text.text)
    where = f": {show}" if show else ""
    more = f"{words.counted(cut, 'more character')}{where}" if cut else ""
    return Quote(text.text, more)


def _verdicts(example: Example, show: str) -> Iterator[Block]:
    """What each judge said, its orders side by side."""
    several = len({verdict.rubric for verdict in example.verdicts}) > 1
    for title, own in groupby(example.verdicts, lambda verdict: _asked(verdict, several)):
        yield Heading(title, 4)
        yield Columns(tuple(_verdict(example, verdict, show) for verdict in own))


def _asked(verdict: ExampleVerdict, with_rubric: bool) -> str:
    """The judge, with the rubric and wording that it was asked in where there are several."""
    said = (verdict.rubric if with_rubric else "", verdict.variant)
    asked = " ".join(words.name(part) for part in said if part)
    return f"{words.name(verdict.judge)} ({asked})" if asked else words.name(verdict.judge)


def _verdict(example: Example, verdict: ExampleVerdict, show: str) -> tuple[Block, ...]:
    repeat = f", repeat {verdict.repeat}" if verdict.repeat > 1 else ""
    line = Paragraph(f"{_shown(example, verdict)}{repeat}: {_said(verdict)}")
    text = verdict.explanation
    return (line, _quote(text, show)) if text.text else (line,)


def _shown(example: Example, verdict: ExampleVerdict) -> str:
    """What was judged: whose answer, or whose was shown first."""
    if verdict.system is not None:
        return words.name(verdict.system)
    if not verdict.order:
        return "order not recorded"
    first = example.systems[0 if verdict.order == "AB" else 1]
    return f"{words.name(first)} shown first"


def _said(verdict: ExampleVerdict) -> str:
    if verdict.verdict is not None:
        return words.name(verdict.verdict, 60)
    why = f" ({words.name(verdict.reason, 60)})" if verdict.reason else ""
    return f"{_status(verdict)}{why}"


def _status(verdict: ExampleVerdict) -> str:
    return verdict.status.replace("_", " ")


SECTION = Section("examples", blocks, brief=brief)
