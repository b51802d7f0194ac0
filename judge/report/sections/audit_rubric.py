"""The page of a rubric's audit: what was tried, what moved, by how much, how sure, and what to change."""

from __future__ import annotations

from judge.report import audit_words, words
from judge.report.audit_words import said, topic, who
from judge.report.blocks import Block, Disclosure, Heading, Paragraph, Section
from judge.report.schema import Report
from judge.report.schema_audit_rubric import JudgeSensitivity, RubricAudit
from judge.report.sections import audit_rubric_numbers as numbers
from judge.report.sections import audit_rubric_told as told
from judge.report.sections import audit_variances

FEW = 3  # judges whose wordings a terminal shows one by one


def blocks(report: Report) -> list[Block]:
    """The whole page. Nothing in a report that is no audit of a rubric."""
    audit = report.rubric_audit
    if audit is None:
        return []
    return [
        Heading(_title(audit), level=1),
        *_lead(audit),
        *audit_words.warnings(report, audit.warnings),
        Heading("What was tried"),
        *_tried(audit),
        Heading("On which items"),
        audit_words.items(report, audit.audit, _how(report, audit)),
        *_ceilings(audit),
        *_side_by_side(audit),
        *topic(
            audit.sensitivities, "What moved", _moved, Paragraph(numbers.meaning(audit), "note")
        ),
        *topic(
            audit.sensitivities,
            "How sure",
            lambda one, name: said(told.sureness(one, name)),
        ),
        *topic(
            audit.sensitivities,
            "Interventions",
            _interventions,
            Paragraph(numbers.OTHER_MEASURE, "note"),
        ),
        *topic(audit.sensitivities, "Order of the systems", _ranking),
        *topic(audit.sensitivities, "Criteria", _criteria),
        *_variance(audit),
        Heading("What it cost"),
        *audit_words.costs(report, audit.audit),
        Heading("What to change"),
        *said(_changes(audit)),
    ]


def brief(report: Report) -> list[Block]:
    """The verdict, what moved and what to change; the rest in a line each."""
    audit = report.rubric_audit
    if audit is None:
        return []
    sure = [line for one in audit.sensitivities for line in _in_lines(audit, one)]
    return [
        *_lead(audit),
        *audit_words.warnings(report, audit.warnings),
        *_moved_briefly(audit),
        *_titled("How sure", [*sure, *audit_variances.briefly(audit.variances)]),
        Heading("Tried"),
        Paragraph(
            f"{_counted(audit)}, on {audit_words.n_items(audit.audit)}. {audit_words.cost(report)}",
            "note",
        ),
        Heading("What to change"),
        *said(_changes(audit)),
    ]


def _titled(title: str, texts: list[str]) -> list[Block]:
    return [Heading(title), *said(texts)] if texts else []


def _title(audit: RubricAudit) -> str:
    rubrics = list(dict.fromkeys(one.rubric for one in audit.sensitivities if one.rubric))
    if not rubrics:
        return "Audit of a rubric"
    return (
        f"Audit of {'the rubric' if len(rubrics) == 1 else 'the rubrics'} {words.listed(rubrics)}"
    )


def _lead(audit: RubricAudit) -> list[Block]:
    if not audit.sensitivities:
        return [Paragraph("Nothing can be said: this audit has no verdicts.", "lead")]
    together = told.only_interventions(audit.sensitivities)
    if together:
        return [Paragraph(together, "lead")]
    ordered = sorted(audit.sensitivities, key=lambda one: not told.moved(one))
    found = [told.lead(one, who(one, audit.sensitivities)) for one in ordered]
    return said(audit_words.several(found, "more judge"), "lead")


def _changes(audit: RubricAudit) -> list[str]:
    return told.changes(audit, audit_variances.designs(audit.variances)) or [
        "Nothing was shown that asks for a change."
    ]


# -- the parts -----------------------------------------------------------------------------------


def _tried(audit: RubricAudit) -> list[Block]:
    found = [
        *numbers.tried(numbers.asked(audit, told.EQUIVALENT), "Equivalent: must change no verdict"),
        *numbers.tried(
            numbers.asked(audit, told.INTERVENTION), "Interventions: ask for something else"
        ),
    ]
    return found or [Paragraph("No other wording was asked.", "note")]


def _how(report: Report, audit: RubricAudit) -> list[tuple[str, str]]:
    repeats = report.run.repeats
    base = told.label(audit.audit.base)
    if repeats is None:
        return [("held against", base)]
    asked = f"{base}, asked {words.counted(repeats, 'time')}; every other wording once"
    return [("held against", asked)]


def _counted(audit: RubricAudit) -> str:
    kinds = ((told.EQUIVALENT, "equivalent wording"), (told.INTERVENTION, "intervention"))
    counts = [(len(numbers.asked(audit, kind)), noun) for kind, noun in kinds]
    named = [words.counted(n, noun) for n, noun in counts if n]
    return f"{words.listed(named) if named else 'No other wording'} beside {told.label(audit.audit.base)}"


def _ceilings(audit: RubricAudit) -> list[Block]:
    """How far judges repeat themselves; one sentence where that is known of none of several."""
    title = "Asked again in the same words"
    own = audit.sensitivities
    if len(own) > 1 and all(one.ceiling.identical.value is None for one in own):
        whys = list(dict.fromkeys(one.ceiling.identical.note for one in own))
        why = f": {words.clean(whys[0])}" if len(whys) == 1 and whys[0] else ""
        said = f"How often these judges repeat themselves is not known{why}."
        return [Heading(title), Paragraph(said)]
    return topic(audit.sensitivities, title, _ceiling)


def _side_by_side(audit: RubricAudit) -> list[Block]:
    """Of several judges, before each by itself."""
    if len(audit.sensitivities) < 2:
        return []
    return [Heading("The judges side by side"), *numbers.judges(audit)]


def _ceiling(one: JudgeSensitivity, name: str) -> list[Block]:
    return said(told.ceiling(one.ceiling, name))


def _moved(one: JudgeSensitivity, name: str) -> list[Block]:
    if not told.of_kind(one, told.EQUIVALENT):
        return []
    return [
        *said(told.kept(one, name)),
        *numbers.plot(one, told.EQUIVALENT, name),
        *numbers.effects(one, told.EQUIVALENT),
        *_behind(one),
    ]


def _interventions(one: JudgeSensitivity, name: str) -> list[Block]:
    rows = numbers.effects(one, told.INTERVENTION)
    if not rows:
        return []
    return [
        *said([told.interventions(one, name), *told.together(one, told.INTERVENTION)]),
        *numbers.plot(one, told.INTERVENTION, name),
        *rows,
        *([] if told.of_kind(one, told.EQUIVALENT) else _behind(one)),
    ]


def _behind(one: JudgeSensitivity) -> list[Block]:
    return [Disclosure("All numbers of these wordings", tuple(numbers.behind(one)))]


def _ranking(one: JudgeSensitivity, name: str) -> list[Block]:
    return [] if one.ranking is None else said(told.ranking(one.ranking, name))


def _criteria(one: JudgeSensitivity, name: str) -> list[Block]:
    return said(told.fragile(one, name))


def _variance(audit: RubricAudit) -> list[Block]:
    found = audit_variances.blocks(audit.variances)
    return [Heading("Where the variance lies"), *found] if found else []


# -- on a terminal -------------------------------------------------------------------------------


def _moved_briefly(audit: RubricAudit) -> list[Block]:
    """The wordings of a few judges; of many a line each."""
    if len(audit.sensitivities) > FEW:
        return [Heading("What moved"), *numbers.judges(audit)]
    return topic(
        audit.sensitivities, "What moved", lambda one, _: _tables(one, numbers.briefly(audit))
    )


def _tables(one: JudgeSensitivity, caption: str) -> list[Block]:
    other = "Interventions: another measurement, not counted as moved"
    return [
        *numbers.effects(one, told.EQUIVALENT, caption),
        *numbers.effects(one, told.INTERVENTION, other),
    ]


def _in_lines(audit: RubricAudit, one: JudgeSensitivity) -> list[str]:
    """What is said of one judge beside its table; of many, the table of all says it."""
    name = who(one, audit.sensitivities)
    if len(audit.sensitivities) > FEW:
        return []
    ranked = [] if one.ranking is None else told.ranking(one.ranking, name)
    is_told = not any(told.tried(one, kind) for kind in (told.EQUIVALENT, told.INTERVENTION))
    return [
        *([] if is_told else told.ceiling(one.ceiling, name)[:1]),
        *told.kept(one, name, brief=True),
        *told.sureness(one, name, brief=True),
        *ranked,
        *told.fragile(one, name),
    ]


SECTION = Section("audit_rubric", blocks, brief=brief)
