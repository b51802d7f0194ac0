"""Where parts join: name = "module:attribute", loaded when asked for.

Nothing is imported before load(), so a part costs nothing until it is used. Other packages add parts
through entry points of the group `judge.<kind>`, for instance `judge.providers`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from judge.errors import InputError

PROVIDERS = {
    "anthropic": "judge.providers.anthropic:connect",
    "openai": "judge.providers.openai:connect",
    "scripted": "judge.providers.scripted:connect",
    "simulated": "judge.providers.simulated:connect",
}

FORMATS = {
    "native": "judge.formats.native:FORMAT",
}

CONTROLS = {
    "position": "judge.controls.position:CONTROL",
}

COEFFICIENTS = {
    "percent": "judge.agreement.percent:COEFFICIENT",
    "cohen_kappa": "judge.agreement.cohen_kappa:COEFFICIENT",
    "krippendorff_alpha": "judge.agreement.krippendorff_alpha:COEFFICIENT",
}

# In the order in which a report shows them.
SECTIONS = {
    "conclusion": "judge.report.sections.conclusion:SECTION",
    "comparisons": "judge.report.sections.comparisons:SECTION",
    "scores": "judge.report.sections.scores:SECTION",
    "position": "judge.report.sections.position:SECTION",
    "verdicts": "judge.report.sections.verdicts:SECTION",
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
    raise InputError(f"no {kind[:-1]} named {name!r}; known: {', '.join(names(kind))}")
