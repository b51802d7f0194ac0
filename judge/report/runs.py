"""A store's runs as a list in which one can find the run that is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from judge.analysis.audit_asked import CONSTANT, origin
from judge.report.words import clean, count, counted, listed, shorten, usd
from judge.types import Run

WIDTH = 80
NAMED = 3


def text(store: str, runs: Sequence[tuple[Run, int]]) -> str:
    """Two lines a run: how it went, and what was judged of how many items by whom.

    runs: each with its number of items.
    """
    if not runs:
        return f"no run in {clean(store)} yet\n"
    return "".join(f"{line}\n" for run, items in runs for line in _lines(run, items))


def _lines(run: Run, items: int) -> Iterator[str]:
    planned = sum(run.planned.values())
    cost = "" if run.cost_usd is None else f"  {usd(run.cost_usd)}"
    line = f"{run.run_id}  {run.command:8} {run.state:11} {count(planned):>7} trials{cost}"
    yield shorten(clean(line), WIDTH)
    yield shorten(f"    {_what(run.config, items)}", WIDTH)


def _what(config: Mapping[str, Any], items: int) -> str:
    """The systems, the number of items, the rubrics and the judges of a run, as its record has them."""
    rubrics = [f"{rubric['name']}@{rubric['version']}" for rubric in config.get("rubrics", ())]
    judges = [str(judge["judge"]) for judge in config.get("judges", ())]
    anchors = len((config.get("anchors") or {}).get("answers", ()))
    more = f" and {counted(anchors, 'anchor')}" if anchors else ""
    parts = [_systems(config), f"{counted(items - anchors, 'item')}{more}"]
    parts += [listed(names, NAMED) for names in (rubrics, judges) if names]
    return "; ".join(part for part in parts if part)


def _systems(config: Mapping[str, Any]) -> str:
    made = (config.get("audit") or {}).get("perturbations", ())
    pairs = [pair for pair in config.get("pairs", ()) if not _is_made(pair, made)]
    names = [pair[slot] for pair in pairs for slot in ("system_a", "system_b")]
    systems = list(dict.fromkeys(str(name) for name in names if name is not None))
    if len(pairs) == 1 and len(systems) == 2:
        return f"{listed(systems[:1])} against {listed(systems[1:])}"
    return listed(systems, NAMED) if systems else ""


def _is_made(pair: Mapping[str, Any], perturbations: Collection[str]) -> bool:
    """True of a pair with an answer that an audit made."""
    names = (pair["system_a"], pair["system_b"] or "")
    return CONSTANT in names or any(origin(name, perturbations)[1] for name in names)
