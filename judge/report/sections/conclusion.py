"""What came out and whether to believe it: all that many readers will read."""

from __future__ import annotations

from judge.report import certificate_words, rank_words, slice_words, trust, words
from judge.report.blocks import Block, Bullets, Heading, Paragraph, Section, Tiles
from judge.report.schema import Comparison, Report
from judge.report.sections import agreement_lead
from judge.report.words import decided, deciding, deciding_scores

NAME_CELLS = 16
FEW = 3  # systems that a title names one by one
CHECKED = "checked against people"
RUN_ON = 3  # sentences that one paragraph takes


def blocks(report: Report) -> list[Block]:
    """The title, the findings in words and figures, and what stands against trusting them.

    In a report that leads with agreement the findings alone, further down.
    """
    if agreement_lead.leads(report):
        return _beside_agreement(report)
    return [
        Heading(_title(report), level=1),
        *_findings(report),
        *_hidden(report),
        *_tiles(report),
        *_trust(report),
        *_checked(report),
        *_alarm(report),
    ]


def _beside_agreement(report: Report) -> list[Block]:
    if not report.comparisons and not report.scores:
        return []
    return [Heading("What came out"), *_findings(report), *_hidden(report), *_checked(report)]


def _title(report: Report) -> str:
    rows = report.comparisons or []
    pairs = {(row.system, row.baseline) for row in rows}
    if len(pairs) == 1:
        return f"{words.name(rows[0].system)} against {words.name(rows[0].baseline)}"
    if pairs and len({baseline for _, baseline in pairs}) == 1:
        return f"{_systems(rows)} against {words.name(rows[0].baseline)}"
    return rank_words.title(report) or ("Scores" if report.scores else "Judge report")


def _systems(rows: list[Comparison]) -> str:
    systems = list(dict.fromkeys(row.system for row in rows))
    return words.listed(systems) if len(systems) <= FEW else f"{len(systems)} systems"


def _findings(report: Report) -> list[Block]:
    told = rank_words.findings(report) or [*words.findings(report), *rank_words.beside(report)]
    if len(told) == 1:
        return [Paragraph(told[0], tone="lead")]
    return [Bullets(tuple(told), tone="lead")]


def _hidden(report: Report) -> list[Block]:
    """Where the whole hides a difference between slices."""
    told = slice_words.differences(report)
    if len(told) > 1:
        return [Bullets(tuple(told), "warning")]
    return [Paragraph(told[0], "warning")] if told else []


def _checked(report: Report) -> list[Block]:
    """One quiet line on the slices in which nothing was found."""
    told = slice_words.quiet(report)
    return [Paragraph(told, "note")] if told else []


def _tiles(report: Report) -> list[Block]:
    """The figures of the one finding there is; of several, each sentence has its own."""
    rows, scores = deciding(report.comparisons or []), deciding_scores(report.scores or [])
    if len(rows) == 1:
        e, what = decided(rows[0]), f"{words.name(rows[0].system, NAME_CELLS)} wins, ties half"
    elif not rows and len(scores) == 1:
        e, what = scores[0].raw, "mean score"
    else:
        return []
    warned = "warning" if len(report.warnings) == 1 else "warnings"
    pairs = (
        (what, words.number(e.value, e.unit)),
        (words.level(e.confidence), words.interval(e)),
        ("items", words.count(e.n)),
        *([("items left out", words.count(e.n_missing))] if e.n_missing else []),
        ("judges", words.count(len({judge.judge for judge in report.judges}))),
        (CHECKED, trust.checked(report)),
        (warned, words.count(len(report.warnings))),
    )
    alarms = (
        *([CHECKED] if trust.is_alarming(report) else []),
        *([warned] if report.warnings else []),
    )
    return [Tiles(pairs, alarms)]


def _trust(report: Report) -> list[Block]:
    """Whether people checked the judges, and what certificates say; what is stale stands out."""
    certificates = report.certificates or []
    certified = certificate_words.sentences(certificates)
    audited = certificate_words.audited(report.audits or [])
    if certificate_words.is_stale(certificates):
        told = [*trust.sentences(report), *audited]
        return [_note(told), Paragraph(" ".join(certified), "warning")]
    return [_note([*trust.sentences(report), *certified, *audited])]


def _note(told: list[str]) -> Block:
    """A few sentences run on, more stand one under another."""
    if len(told) > RUN_ON:
        return Bullets(tuple(told), "note")
    return Paragraph(" ".join(told), "note")


def _alarm(report: Report) -> list[Block]:
    if not report.warnings:
        return []
    many = words.counted(len(report.warnings), "warning")
    return [Paragraph(f"{many} below should be read first.", "warning", target="Warnings")]


SECTION = Section("conclusion", blocks)
