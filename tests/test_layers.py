"""Imports point one way, and statistics know nothing of the world.

The layers and the modules that may touch the world are data here. Imports inside functions count, and
so do the strings of the registry; imports that only type checkers see do not.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from judge import registry

ROOT = Path(__file__).parents[1]

# The longest matching prefix decides.
LAYERS = {
    "judge": 6,  # loads public names on first use, like a face
    "judge.types": 0,
    "judge.errors": 0,
    "judge.names": 1,
    "judge.table": 1,
    "judge.table_cells": 1,
    "judge.toml_files": 1,
    "judge.editor_schema": 1,
    "judge.validation": 1,
    "judge.registry": 1,
    "judge.archives": 1,
    "judge.csv_rows": 1,
    "judge.json_values": 1,
    "judge.regular_files": 1,
    "judge.templates": 1,
    "judge.records": 1,
    "judge.pairing": 1,
    "judge.rubric_files": 1,
    "judge.rubric_rules": 1,
    "judge.lock_lines": 1,
    "judge.labels": 1,
    "judge.labels.rules": 1,
    "judge.labels.sets": 1,
    "judge.labels.check": 2,
    "judge.labels.splits": 1,
    "judge.labels.key": 2,
    "judge.labels.plan": 2,
    "judge.formats": 1,
    "judge.render": 1,
    "judge.parse": 1,
    "judge.logprobs": 1,
    "judge.wording_forms": 1,
    "judge.text_answers": 1,
    "judge.wordings": 1,
    "judge.perturbations": 1,
    "judge.perturbation_markdown": 1,
    "judge.perturbation_texts": 1,
    "judge.rubric_lint": 1,
    "judge.simulated": 1,
    "judge.simulated_attacks": 1,
    "judge.simulated_rules": 1,
    "judge.simulated_texts": 1,
    "judge.simulated_tokens": 1,
    "judge.simulated_wires": 1,
    "judge.providers": 1,
    "judge.store": 1,
    "judge.style_features": 1,
    "judge.stats": 1,
    "judge.agreement": 1,
    "judge.families": 1,
    "judge.controls": 2,
    "judge.plan": 2,
    "judge.pair_designs": 2,
    "judge.aggregate": 2,
    "judge.analysis": 2,
    "judge.highlights": 2,
    "judge.diff": 2,
    "judge.spotcheck": 2,
    "judge.doctor": 2,
    "judge.audit_certificates": 2,
    "judge.certificates": 2,
    "judge.items_check": 2,
    "judge.items_lock": 2,
    "judge.near_duplicates": 2,
    "judge.calibration": 3,
    "judge.audit": 3,
    "judge.engine": 3,
    "judge.report": 4,
    "judge.workflow": 5,
    "judge.console": 6,
    "judge.api": 6,
    "judge.__main__": 6,
    "judge.cli": 6,
    "judge.cli_agree": 6,
    "judge.cli_audit": 6,
    "judge.cli_audit_judge": 6,
    "judge.cli_audit_rubric": 6,
    "judge.cli_carry": 6,
    "judge.cli_files": 6,
    "judge.cli_labels": 6,
    "judge.cli_options": 6,
    "judge.cli_rubrics": 6,
    "judge.cli_runs": 6,
    "judge.demo": 6,
    "judge.simulate": 6,
    "judge.simulated_http": 6,
}

WITH_IO = (
    "judge.archives",
    "judge.csv_rows",
    "judge.records",
    "judge.regular_files",
    "judge.lock_lines",
    "judge.labels.sets",
    "judge.rubric_files",
    "judge.toml_files",
    "judge.providers",
    "judge.store",
    "judge.engine",
    "judge.workflow",
    "judge.console",
    "judge.api",
    "judge.__main__",
    "judge.cli",
    "judge.cli_agree",
    "judge.cli_audit",
    "judge.cli_audit_judge",
    "judge.cli_audit_rubric",
    "judge.cli_carry",
    "judge.cli_files",
    "judge.cli_labels",
    "judge.cli_options",
    "judge.cli_rubrics",
    "judge.cli_runs",
    "judge.demo",
    "judge.simulate",
    "judge.simulated_http",
    "judge",
)

# Pure modules beside ones with IO in the same folder.
PURE = (
    "judge.types",
    "judge.errors",
    "judge.providers.address",
    "judge.providers.endpoint",
    "judge.providers.faults",
)

WORLD = frozenset(
    {"asyncio", "socket", "sqlite3", "pathlib", "os", "random", "time", "logging", "subprocess"}
)

# registry.load() is called here and in the layers from 5 up.
MAY_LOAD = ("judge.records",)

Sources = Mapping[str, str]


def sources() -> Sources:
    """Module name -> source of the whole package."""
    found = {}
    for path in sorted((ROOT / "judge").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path.read_text("utf-8")
    return found


def matching(module: str, prefixes: Iterator[str] | tuple[str, ...] | Mapping[str, int]) -> str:
    """The longest prefix of a module's name, "" where none fits."""
    fits = [p for p in prefixes if module == p or (p != "judge" and module.startswith(f"{p}."))]
    return max(fits, key=len, default="")


def is_for_types(node: ast.If) -> bool:
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports(tree: ast.AST, known: frozenset[str]) -> Iterator[str]:
    """Every module that a tree imports when it runs, those inside functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and is_for_types(node):
            for other in node.orelse:
                yield from imports(other, known)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield from (
                f"{base}.{a.name}" if f"{base}.{a.name}" in known else base for a in node.names
            )
        else:
            yield from imports(node, known)


def graph(of: Sources) -> dict[str, frozenset[str]]:
    known = frozenset(of)
    return {name: _imported(text, known) for name, text in of.items()}


@functools.cache
def _imported(text: str, known: frozenset[str]) -> frozenset[str]:
    return frozenset(imports(ast.parse(text), known))


@functools.cache
def _calls_load(text: str) -> bool:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return any(ast.unparse(node.func) in ("registry.load", "load") for node in calls)


def violations(of: Sources) -> list[str]:
    """Everything that a module imports and may not."""
    edges = graph(of)
    return [*_upward(edges), *_worldly(edges), *_cycles(edges), *_loads(of)]


def _upward(edges: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for module, targets in edges.items():
        for target in sorted(t for t in targets if t.split(".")[0] == "judge"):
            here, there = (LAYERS[matching(m, LAYERS)] for m in (module, target))
            # `from judge import x` names the package itself only where x is a public name.
            if there > here:
                yield f"{module} (layer {here}) imports {target} (layer {there})"


def _worldly(edges: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for module, targets in edges.items():
        if matching(module, WITH_IO) and not matching(module, PURE):
            continue
        for target in sorted(targets):
            if target.split(".")[0] in WORLD:
                yield f"{module} has no IO and imports {target}"


def _cycles(edges: Mapping[str, frozenset[str]]) -> Iterator[str]:
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> Iterator[str]:
        if module in path:
            yield " -> ".join([*path[path.index(module) :], module])
        elif module not in done:
            for target in sorted(edges.get(module, ())):
                yield from walk(target, (*path, module))
            done.add(module)

    for module in sorted(edges):
        yield from walk(module, ())


def _loads(of: Sources) -> Iterator[str]:
    for module, text in of.items():
        may = LAYERS[matching(module, LAYERS)] >= 5 or matching(module, MAY_LOAD)
        if not may and _calls_load(text):
            yield f"{module} calls registry.load"


def test_every_module_has_a_layer() -> None:
    assert [m for m in sources() if not matching(m, LAYERS)] == []


def test_imports_point_down_and_pure_modules_are_pure() -> None:
    assert violations(sources()) == []


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        (
            "judge.types",
            "import judge.errors as e\nfrom judge import plan",
            "judge.types (layer 0)",
        ),
        ("judge.plan", "def f():\n    from judge.engine import live", "judge.plan (layer 2)"),
        ("judge.stats.intervals", "import random", "no IO and imports random"),
        ("judge.aggregate", "def f():\n    import os.path", "no IO and imports os.path"),
        ("judge.parse", "from judge import simulate", "judge.parse (layer 1)"),
        ("judge.controls.position", "registry.load('controls', 'x')", "calls registry.load"),
    ],
)
def test_a_planted_violation_is_found(module: str, line: str, said: str) -> None:
    planted = dict(sources())
    planted[module] += f"\n{line}\n"
    assert any(said in violation for violation in violations(planted))


def test_a_planted_cycle_is_found() -> None:
    planted = dict(sources())
    planted["judge.parse"] += "\nfrom judge import render\n"
    planted["judge.render"] += "\ndef f():\n    from judge.parse import read\n"
    assert any("judge.parse -> judge.render" in v for v in violations(planted))


# Where the parts of a kind live, so that a string of the registry cannot lead upwards.
HOMES = {
    "providers": "judge.providers",
    "formats": "judge.formats",
    "controls": "judge.controls",
    "coefficients": "judge.agreement",
    "sections": "judge.report.sections",
}


def test_the_registry_names_what_exists_and_only_in_the_home_of_its_kind() -> None:
    known = sources()
    for kind, parts in registry.KINDS.items():
        for place in parts.values():
            module, _, attribute = place.partition(":")
            assert module in known, f"{kind}: {place}"
            assert module.startswith(f"{HOMES[kind]}."), f"{kind}: {place}"
            assert attribute in known[module]


def test_a_part_of_the_registry_loads() -> None:
    for kind, parts in registry.KINDS.items():
        for name in parts:
            assert registry.load(kind, name) is not None
