"""What a check of rubrics found, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from judge.report.schema_base import Model
from judge.report.terminal import wrap
from judge.report.words import clean, clean_lines, counted, listed
from judge.rubric_lint import Finding

INDENT = 4


class LintWarning(Model):
    """A rule that a rubric breaks. key: where in its file; also: other keys with the same fault."""

    rule: str
    key: str
    also: list[str]
    said: str
    remedy: str


class LintRubric(Model):
    """One rubric that can be used, and what was found in it."""

    rubric: str
    file: str
    fingerprint: str
    warnings: list[LintWarning]


class LintReport(Model):
    """A check of rubrics. errors: why a file, or a locked version, cannot be used."""

    schema_: Literal["judge.rubric_lint/1"] = Field("judge.rubric_lint/1", alias="schema")
    rubrics: list[LintRubric]
    errors: list[str]

    @property
    def n_warnings(self) -> int:
        return sum(len(rubric.warnings) for rubric in self.rubrics)


def checked(name: str, file: str, fingerprint: str, found: Sequence[Finding]) -> LintRubric:
    """What was found in one rubric, in the order of the rules."""
    return LintRubric(
        rubric=name,
        file=file,
        fingerprint=fingerprint,
        warnings=[
            LintWarning(rule=f.rule, key=f.key, also=[*f.also], said=f.said, remedy=f.remedy)
            for f in found
        ],
    )


def text(report: LintReport, *, width: int = 80) -> str:
    """Errors first, then each rubric with its warnings, then what it comes to."""
    parts = [
        "\n".join(clean_lines(error) for error in report.errors),
        *("\n".join(_rubric(one, width)) for one in report.rubrics if one.warnings),
        "\n".join(wrap(_sum(report), width)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rubric(one: LintRubric, width: int) -> Iterator[str]:
    yield f"{clean(one.rubric)}  {clean(one.file)}"
    for warning in one.warnings:
        also = f" (also {listed(warning.also, most=3)})" if warning.also else ""
        said = f"{warning.rule}, {clean(warning.key)}{also}: {clean(warning.said)}"
        yield from _hanging(said, width, INDENT // 2)
        yield from _hanging(f"-> {clean(warning.remedy)}", width, INDENT)


def _hanging(sentence: str, width: int, indent: int) -> Iterator[str]:
    for n, line in enumerate(wrap(sentence, width - indent - 2)):
        yield f"{' ' * (indent + (2 if n else 0))}{line}"


def _sum(report: LintReport) -> str:
    n = len(report.rubrics)
    if report.errors:
        return (
            f"{counted(len(report.errors), 'error')}; {counted(n, 'rubric')} can be used, with "
            f"{counted(report.n_warnings, 'warning')}."
        )
    can = f"{'It' if n == 1 else f'All {n}'} can be used"
    if not report.n_warnings:
        return f"{counted(n, 'rubric')}: every rubric is in order."
    return f"{counted(n, 'rubric')}, {counted(report.n_warnings, 'warning')}. {can}."
