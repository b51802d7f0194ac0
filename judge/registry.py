"""Where parts join: name = "module:attribute", loaded when asked for.

Nothing is imported before load(), so a part costs nothing until it is used. Other packages add parts
through entry points of the group `judge.<kind>`, for instance `judge.providers`.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from judge.errors import InputError, short

PROVIDERS = {
    "anthropic": "judge.providers.anthropic:connect",
    "http": "judge.providers.http:connect",
    "openai": "judge.providers.openai:connect",
    "scripted": "judge.providers.scripted:connect",
    "simulated": "judge.providers.simulated:connect",
}

FORMATS = {
    "native": "judge.formats.native:FORMAT",
    "alpaca_eval": "judge.formats.alpaca_eval:FORMAT",
    "mt_bench": "judge.formats.mt_bench:FORMAT",
    "arena_hard": "judge.formats.arena_hard:FORMAT",
    "lmarena": "judge.formats.lmarena:FORMAT",
    "llmbar": "judge.formats.llmbar:FORMAT",
    "judgebench": "judge.formats.judgebench:FORMAT",
    "pandalm": "judge.formats.pandalm:FORMAT",
    "prometheus": "judge.formats.prometheus:FORMAT",
    "promptfoo": "judge.formats.promptfoo:FORMAT",
    "inspect": "judge.formats.inspect_ai:FORMAT",
    "lm_eval": "judge.formats.lm_eval:FORMAT",
    "evalbiasbench": "judge.formats.evalbiasbench:FORMAT",
}

CONTROLS = {
    "position": "judge.controls.position:CONTROL",
    "verbosity": "judge.controls.verbosity:CONTROL",
    "self_preference": "judge.controls.self_preference:CONTROL",
}

COEFFICIENTS = {
    "percent": "judge.agreement.percent:COEFFICIENT",
    "cohen_kappa": "judge.agreement.cohen_kappa:COEFFICIENT",
    "krippendorff_alpha": "judge.agreement.krippendorff_alpha:COEFFICIENT",
    "gwet_ac1": "judge.agreement.gwet:COEFFICIENT",
    "pearson": "judge.agreement.correlations:PEARSON",
    "spearman": "judge.agreement.correlations:SPEARMAN",
    "kendall_tau": "judge.agreement.correlations:KENDALL_TAU",
    "acc_eq": "judge.agreement.correlations:ACC_EQ",
    "icc": "judge.agreement.icc:COEFFICIENT",
}

# In the order in which a report shows them.
SECTIONS = {
    "audit_rubric": "judge.report.sections.audit_rubric:SECTION",
    "audit_judge": "judge.report.sections.audit_judge:SECTION",
    "agreement_lead": "judge.report.sections.agreement_lead:SECTION",
    "conclusion": "judge.report.sections.conclusion:SECTION",
    "comparisons": "judge.report.sections.comparisons:SECTION",
    "correction": "judge.report.sections.correction:SECTION",
    "early_stop": "judge.report.sections.early_stop:SECTION",
    "escalation": "judge.report.sections.selective:ESCALATION",
    "ranking": "judge.report.sections.ranking:SECTION",
    "scores": "judge.report.sections.scores:SECTION",
    "position": "judge.report.sections.position:SECTION",
    "verbosity": "judge.report.sections.verbosity:SECTION",
    "self_preference": "judge.report.sections.self_preference:SECTION",
    "panel": "judge.report.sections.panel:SECTION",
    "repeats": "judge.report.sections.repeats:SECTION",
    "agreement": "judge.report.sections.agreement:SECTION",
    "selective": "judge.report.sections.selective:SECTION",
    "examples": "judge.report.sections.examples:SECTION",
    "drift": "judge.report.sections.drift:SECTION",
    "verdicts": "judge.report.sections.verdicts:SECTION",
    "missing": "judge.report.sections.missing:SECTION",
    "spotcheck": "judge.report.sections.spotcheck:SECTION",
    "spotcheck_to_mark": "judge.report.sections.spotcheck:TO_MARK",
    "provenance": "judge.report.sections.provenance:SECTION",
}

KINDS = {
    "providers": PROVIDERS,
    "formats": FORMATS,
    "controls": CONTROLS,
    "coefficients": COEFFICIENTS,
    "sections": SECTIONS,
}


def names(kind: str) -> tuple[str, ...]:
    """The names of a kind's parts, ours in their order, then those of other packages."""
    ours = KINDS[kind]
    return (*ours, *(e.name for e in entry_points(group=f"judge.{kind}") if e.name not in ours))


def load(kind: str, name: str) -> Any:
    """The part of that name. Raises InputError that lists the known names."""
    if name in KINDS[kind]:
        module, attribute = KINDS[kind][name].split(":")
        return getattr(import_module(module), attribute)
    for entry in entry_points(group=f"judge.{kind}", name=name):
        return entry.load()
    close = get_close_matches(name, names(kind), n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise InputError(f"no {kind[:-1]} named {short(name)}; {hint}known: {', '.join(names(kind))}")
