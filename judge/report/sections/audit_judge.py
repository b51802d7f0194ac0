"""The page of a judge's audit: what was tried, what moved, by how much, how sure, and what to change."""

from __future__ import annotations

from judge.report import audit_words, words
from judge.report.audit_words import said, topic, who
from judge.report.blocks import Block, Disclosure, Heading, Paragraph, Section
from judge.report.schema import Report
from judge.report.schema_audit_judge import JudgeAudit, JudgeBattery
from judge.report.sections import audit_judge_numbers as numbers
from judge.report.sections import audit_judge_told as told

FEW = 2  # judges whose effects a terminal shows one by one
OWN_VERDICT = (
    "The answer that is perturbed had lost, by the judge's own first verdict: that verdict may be wrong, but "
    "nothing that was done makes the answer better."
)
KNOWN = "The answer that is perturbed is the one that is known to be worse, by {}."
DESIGN = (
    "each item's pair in both orders, twice; then once for each perturbation, in one order that is drawn "
    "by the seed"
)
NOTHING = Paragraph("Nothing was measured.", "note")
PADDED_TWICE = "; padding in both orders, the second for the worth of filler alone"
NO_SKILL = (
    "The same battery with judges that have no skill: the figures of a judge mean something only where they "
    "differ from these."
)


def blocks(report: Report) -> list[Block]:
    """The whole page. Nothing in a report that is no audit of a judge."""
    audit = report.judge_audit
    if audit is None:
        return []
    return [
        Heading(_title(audit), level=1),
        *_lead(audit),
        *audit_words.warnings(report, audit.warnings),
        Heading("What was tried"),
        numbers.tried(audit),
        Heading("On which items"),
        audit_words.items(report, audit.audit, _how(report, audit)),
        *topic(audit.batteries, "What moved", _moved, Paragraph(numbers.MEANING, "note")),
        *topic(
            audit.batteries,
            "How sure",
            lambda one, name: said(told.sureness(one, name)),
        ),
        *topic(audit.batteries, "Beside judges without skill", _floors),
        *topic(audit.batteries, "Where the right answer is known", _known),
        *topic(audit.batteries, "Order of the answers", _position),
        *topic(audit.batteries, "Length by filler", _padding),
        *topic(audit.batteries, "A constant answer", _constant),
        Heading("What it cost"),
        *audit_words.costs(report, audit.audit),
        Heading("What to change"),
        *said(told.changes(audit)),
    ]


def brief(report: Report) -> list[Block]:
    """The verdict, what moved and what to change; the rest in a line each."""
    audit = report.judge_audit
    if audit is None:
        return []
    tried = numbers.tried_briefly(audit)
    return [
        *_lead(audit),
        *audit_words.warnings(report, audit.warnings),
        *_moved_briefly(audit),
        Heading("Tried"),
        Paragraph(
            f"{words.name(tried, 400)} On {audit_words.n_items(audit.audit)}. "
            f"{audit_words.cost(report)}",
            "note",
        ),
        Heading("What to change"),
        *said(told.changes(audit)),
    ]


def _moved_briefly(audit: JudgeAudit) -> list[Block]:
    """Every effect on a few judges, and how sure it is; of many judges a line each."""
    if len(audit.batteries) > FEW:
        return [Heading("What moved"), numbers.judges(audit)]
    return [
        *topic(audit.batteries, "What moved", lambda one, _: _table(one)),
        Heading("How sure"),
        *said([line for one in audit.batteries for line in _in_lines(audit, one)]),
    ]


def _table(one: JudgeBattery) -> list[Block]:
    return [numbers.effects(one, numbers.briefly(one))] if one.effects else [NOTHING]


def _title(audit: JudgeAudit) -> str:
    judges = list(dict.fromkeys(one.judge for one in audit.batteries))
    if not judges:
        return "Audit of a judge"
    return f"Audit of {'the judge' if len(judges) == 1 else 'the judges'} {words.listed(judges)}"


def _lead(audit: JudgeAudit) -> list[Block]:
    if not audit.batteries:
        return [Paragraph("Nothing can be said: this audit has no verdicts.", "lead")]
    ordered = sorted(audit.batteries, key=lambda one: not told.moved(one))
    found = [told.lead(one, who(one, audit.batteries)) for one in ordered]
    return said(audit_words.several(found, "more judge"), "lead")


def _how(report: Report, audit: JudgeAudit) -> list[tuple[str, str]]:
    """Who decided which answer is perturbed, and how each item was asked; single answers have no order."""
    own = audit.audit
    source = KNOWN.format(own.target_source or "labels") if own.n_targets else OWN_VERDICT
    is_pair = any(rubric.mode == "pairwise" for rubric in report.run.rubrics)
    is_padded = any(one.group == told.PADDING for one in own.perturbations)
    asked = f"{DESIGN}{PADDED_TWICE if is_padded else ''}"
    return [("perturbed", source), *([("asked", asked)] if is_pair else [])]


# -- the parts -----------------------------------------------------------------------------------


def _moved(one: JudgeBattery, name: str) -> list[Block]:
    if not one.effects:
        return [NOTHING]
    return [
        *numbers.plot(one, name),
        numbers.effects(one),
        Disclosure("All numbers of these effects", tuple(numbers.behind(one))),
    ]


def _floors(one: JudgeBattery, name: str) -> list[Block]:
    tables = numbers.floors(one, name)
    if not tables:
        return []
    return [Paragraph(NO_SKILL), Disclosure("What they reach", tuple(tables))]


def _known(one: JudgeBattery, name: str) -> list[Block]:
    return [Paragraph(told.known(one.known, name)), numbers.known(one.known)] if one.known else []


def _position(one: JudgeBattery, name: str) -> list[Block]:
    return [] if one.position is None else [Paragraph(told.position(one.position, name))]


def _padding(one: JudgeBattery, name: str) -> list[Block]:
    if not any(effect.group == told.PADDING for effect in one.effects):
        return []
    return [Paragraph(told.padding(one.padding_slope, name))]


def _constant(one: JudgeBattery, name: str) -> list[Block]:
    if one.constant is None:
        return []
    return [Paragraph(told.constant(one.constant, name)), *numbers.constant(one.constant)]


def _in_lines(audit: JudgeAudit, one: JudgeBattery) -> list[str]:
    """The parts without their tables."""
    name = who(one, audit.batteries)
    found = told.sureness(one, name, brief=True)
    if one.position is not None:
        found.append(told.position(one.position, name))
    if _padding(one, name):
        found.append(told.padding(one.padding_slope, name))
    if one.known:
        found.append(told.known(one.known, name))
    if one.constant is not None:
        found.append(told.constant(one.constant, name))
    return found


SECTION = Section("audit_judge", blocks, brief=brief)
