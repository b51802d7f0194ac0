"""The first screen of `judge agree`: whether the judges concur with people, and what was found beside."""

from __future__ import annotations

from judge.report import agreement_words, trust, words
from judge.report.blocks import Block, Bullets, Heading, Paragraph, Section, Tiles
from judge.report.schema import E, JudgeAgreement, Report

TITLE = "Do the judges agree with people?"
AGREE = "agree"
NAME_CELLS = 16


def leads(report: Report) -> bool:
    """Whether agreement is what the report is about."""
    return report.run.command == AGREE and report.agreement is not None


def blocks(report: Report) -> list[Block]:
    """The title, what was found in sentences and figures, and what stands against trusting it."""
    if not leads(report):
        return []
    told = agreement_words.sentences(report)
    return [
        Heading(_title(report), level=1),
        *([Paragraph(told[0], "lead")] if told else []),
        *([Bullets(tuple(told[1:]))] if len(told) > 2 else [Paragraph(t) for t in told[1:]]),
        *_tiles(report),
        *_simulated(report),
        *_alarm(report),
    ]


def _title(report: Report) -> str:
    heads = agreement_words.heads(report)
    if len({row.judge for row in heads}) == 1 and heads:
        return f"Does {_the(heads[0])} agree with people?"
    return TITLE


def _the(row: JudgeAgreement) -> str:
    return "the panel" if row.judge == "panel" else words.name(row.judge)


def _tiles(report: Report) -> list[Block]:
    heads = agreement_words.heads(report)
    if len(heads) != 1 or heads[0].percent.value is None or report.agreement is None:
        return []
    row, warned = heads[0], "warning" if len(report.warnings) == 1 else "warnings"
    pairs = (
        ("agrees with people", words.percent(row.percent.value)),
        (words.level(row.percent.confidence), words.interval(row.percent)),
        *_known("a person, with the others", row.human_ceiling),
        *_known("kappa", row.cohen_kappa),
        ("labelled units", words.count(row.n_items)),
        *(
            [("without a verdict", words.count(row.percent.n_missing))]
            if row.percent.n_missing
            else []
        ),
        ("people" if row.n_raters > 1 else "person", words.count(row.n_raters)),
        (warned, words.count(len(report.warnings))),
    )
    alarms = (
        *(["agrees with people"] if trust.is_alarming(report) else []),
        *([warned] if report.warnings else []),
    )
    return [Tiles(pairs, alarms)]


def _known(name: str, e: E) -> list[tuple[str, str]]:
    return [] if e.value is None else [(name, words.number(e.value, e.unit))]


def _simulated(report: Report) -> list[Block]:
    """That the judges are simulated, or the labels invented: the other sentences are above."""
    said = trust.of_simulated(report)
    return [Paragraph(said, "note")] if said else []


def _alarm(report: Report) -> list[Block]:
    if not report.warnings:
        return []
    many = words.counted(len(report.warnings), "warning")
    return [Paragraph(f"{many} below should be read first.", "warning", target="Warnings")]


SECTION = Section("agreement_lead", blocks)
