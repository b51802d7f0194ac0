"""Audits' verdict tables, built column by column: what the store would hold after a run.

A judge audit: one pair an item, both orders twice, then every perturbation of the target's answer once in
the drawn order, padding in both. A rubric audit: the same pair in the drawn order, the base wording
twice, others once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.audit.judges import (
    DOUBLINGS,
    NOISE,
    NULL_LOSS,
    Floats,
    Judge,
    Random,
    items,
    verdicts,
)
from judge.analysis.audit_asked import AskedWording, AuditAsked, derived
from judge.perturbations import NULL_NAMES
from judge.table import VerdictTable, columns
from judge.types import Mode, Status, WordingKind

A, B, JUDGE, RUBRIC = "a", "b", "j", "r"
INJECTED = "injection-instruction"
# The usual battery: null answers, each item one of them, and every other perturbation.
PERTURBATIONS = (
    INJECTED,
    "injection-delimiter",
    "injection-verdict",
    "injection-hidden",
    "injection-reference",
    "padding-x1.5",
    "padding-x3",
    "markdown-added",
    "markdown-removed",
    "authority",
    "bandwagon",
    "sentiment",
    "distraction",
    "identity",
)
TURNED = "paraphrase-1"  # the wording that a judge with a fault of wording turns verdicts under
EQUIVALENTS = (
    TURNED,
    "paraphrase-2",
    "paraphrase-3",
    "criteria-reversed",
    "options-reversed",
    "labels-mirrored",
    "text-output",
)
TYPES = ("one", "two", "three", "four")  # categories of items, for the answers that are known
EQUIVALENT: WordingKind = "equivalent"

Texts = NDArray[np.str_]
Flags = NDArray[np.bool_]


@dataclass
class Rows:
    """The columns of a table, a part at a time."""

    parts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, known: Flags | None = None, **cells: Any) -> None:
        """known: whether the answer could be read; cells: columns, or one value for all rows."""
        n = len(cells["item_id"])
        whole = {name: np.broadcast_to(np.asarray(cell), n) for name, cell in cells.items()}
        self.parts.append({**whole, "known": np.ones(n, dtype=bool) if known is None else known})

    def table(self, mode: Mode) -> VerdictTable:
        """A table with every column that one has."""
        told = {name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]}
        known = told.pop("known")
        told["status"] = np.where(known, Status.OK.value, Status.UNPARSED.value)
        told["label"] = np.where(known, told["label"], "")
        if mode == "single":
            told["score"] = np.where(known, told["score"], np.nan)
        n = len(known)
        told["judge"], told["rubric"] = np.full(n, JUDGE), np.full(n, RUBRIC)
        told["cluster"], told["simulated"] = told["item_id"], np.ones(n, dtype=bool)
        systems = _systems(told, mode)
        made = {name: _column(told, name, n, systems) for name in columns(mode)}
        return VerdictTable(mode, pd.DataFrame(made))


_NUMBERS = ("p_a", "score", "scale_mass", "len", "len_a", "len_b", "len_prompt")
_FIXED = {"order": ["", "AB", "BA"], "status": [str(status) for status in Status]}


def _systems(told: dict[str, Any], mode: Mode) -> list[str]:
    names = ("system",) if mode == "single" else ("system_a", "system_b")
    return sorted(set().union(*(pd.unique(told[name].astype(object)) for name in names)))


def _column(told: dict[str, Any], name: str, n: int, systems: list[str]) -> Any:
    if name in _NUMBERS:
        return told[name].astype(float) if name in told else np.full(n, np.nan)
    if name in ("repeat", "simulated"):
        return told[name]
    if name == "explanation":
        return pd.Series("", index=range(n), dtype=object)
    values = told[name].astype(object) if name in told else np.full(n, "", dtype=object)
    categories = systems if name.startswith("system") else _FIXED.get(name)
    if name == "label" and "system_a" in told:
        categories = ["", "a", "b", "tie"]
    if categories is None:
        categories = sorted(pd.unique(values))
    return pd.Categorical(values, categories=pd.Index(categories, dtype=object))


def _names(n: int) -> Texts:
    return np.array([f"i{i:04d}" for i in range(n)])


def _labels(a_wins: Floats) -> Texts:
    return np.where(a_wins == 1, "a", "b")


def _orders(is_a_first: Flags) -> Texts:
    return np.where(is_a_first, "AB", "BA")


# -- a judge audit -------------------------------------------------------------------------------


def battery(
    judge: Judge, n: int, random: Random, *, is_known: bool = False
) -> tuple[VerdictTable, AuditAsked]:
    """The verdicts of a judge audit and what it asked. is_known: targets by the known answer."""
    of, names, rows = items(judge, n, random), _names(n), Rows()
    drawn, nothing = random.random(n) < 0.5, np.zeros(n)
    lengths = np.exp(random.normal(6.5, 0.3, (2, n))).round()
    shared: dict[str, Any] = {"item_id": names, "category": np.resize(TYPES, n), "variant": ""}

    def read() -> Flags:
        return np.asarray(random.random(n) >= judge.missing)

    first, is_first_read = nothing, read()
    for repeat in (1, 2):
        for is_drawn in (True, False):
            shown = drawn if is_drawn else ~drawn
            wins = verdicts(of, shown, random, nothing)
            known = is_first_read if is_drawn and repeat == 1 else read()
            first = wins if is_drawn and repeat == 1 else first
            rows.add(
                known,
                **shared,
                system_a=A,
                system_b=B,
                repeat=repeat,
                order=_orders(shown),
                label=_labels(wins),
                len_a=lengths[0],
                len_b=lengths[1],
            )
    a_lost = ~of.is_a_better if is_known else first == 0
    asked = np.ones(n, dtype=bool) if is_known else is_first_read
    side = np.where(a_lost, 1.0, -1.0)  # of the target's log-odds in a's
    keys = np.array(NULL_NAMES)[random.permutation(np.arange(n) % len(NULL_NAMES))]
    for name in ("null", *PERTURBATIONS):
        by_item = keys if name == "null" else np.full(n, name)
        effect = -NULL_LOSS if name == "null" else judge.padding * DOUBLINGS.get(name, 0.0)
        longer = np.where(name == "null", 0.02, 2.0 ** DOUBLINGS.get(name, 0.15))
        names_of = {p: (derived(A, p), derived(B, p)) for p in dict.fromkeys(by_item.tolist())}
        made = np.array([names_of[p] for p in by_item.tolist()]).T
        for shown in (drawn, ~drawn) if name in DOUBLINGS else (drawn,):
            wins = verdicts(of, shown, random, side * effect)
            if name == INJECTED:
                wins = np.where(random.random(n) < judge.injection, a_lost, wins)
            rows.add(
                read()[asked],
                item_id=names[asked],
                category=shared["category"][asked],
                variant="",
                system_a=np.where(a_lost, made[0], A)[asked],
                system_b=np.where(a_lost, B, made[1])[asked],
                repeat=1,
                order=_orders(shown)[asked],
                label=_labels(wins)[asked],
                len_a=np.where(a_lost, lengths[0] * longer, lengths[0]).round()[asked],
                len_b=np.where(a_lost, lengths[1], lengths[1] * longer).round()[asked],
            )
    better = dict(zip(names.tolist(), np.where(of.is_a_better, "a", "b").tolist(), strict=True))
    worse = {item: B if label == "a" else A for item, label in better.items()}
    return rows.table("pairwise"), AuditAsked(
        "judge",
        "simulated",
        n,
        perturbations=(*NULL_NAMES, *PERTURBATIONS),
        targets=worse if is_known else {},
        target_source="gold" if is_known else "the judge's own verdict",
        answers=better if is_known else {},
    )


# -- a rubric audit ------------------------------------------------------------------------------


def _asked(n: int, names: Sequence[str]) -> AuditAsked:
    wordings = tuple(AskedWording(name, EQUIVALENT) for name in ("", *names))
    return AuditAsked("rubric", "simulated", n, wordings=wordings)


def wordings(judge: Judge, n: int, random: Random) -> tuple[VerdictTable, AuditAsked]:
    """The verdicts of a rubric audit of pairs and what it asked."""
    of, rows = items(judge, n, random), Rows()
    drawn, nothing = random.random(n) < 0.5, np.zeros(n)
    for name, repeat in (("", 1), ("", 2), *((name, 1) for name in EQUIVALENTS)):
        wins = verdicts(of, drawn, random, nothing)
        if name == TURNED:
            wins = np.where(random.random(n) < judge.wording, 1 - wins, wins)
        rows.add(
            random.random(n) >= judge.missing,
            item_id=_names(n),
            variant=name,
            system_a=A,
            system_b=B,
            repeat=repeat,
            order=_orders(drawn),
            label=_labels(wins),
        )
    return rows.table("pairwise"), _asked(n, EQUIVALENTS)


# -- a rubric audit of scores --------------------------------------------------------------------

CRITERIA = ("", "correct", "complete", "clear")  # "" is the whole
SYSTEMS = {"one": 3.7, "two": 3.1, "three": 2.5}  # name -> mean of what its answers deserve
# The chance that a score is one up or down: two of the same answer then differ with the chance NOISE,
# which is 1 - (1 - m)^2 - m^2 / 2.
_MOVES = (2 - float(np.sqrt(4 - 6 * NOISE))) / 3


def scores(judge: Judge, n: int, random: Random) -> tuple[VerdictTable, AuditAsked]:
    """The verdicts of a rubric audit of single answers, scored 1 to 5 on three criteria and the whole."""
    rows, quality = Rows(), random.normal(0, 0.8, n)
    deserved = {
        (system, criterion): np.clip((mean + quality + random.normal(0, 0.4, n)).round(), 2, 4)
        for system, mean in SYSTEMS.items()
        for criterion in CRITERIA
    }
    for name, repeat in (("", 1), ("", 2), *((name, 1) for name in EQUIVALENTS)):
        for (system, criterion), true in deserved.items():
            said = true + (random.random(n) < _MOVES) * random.choice([-1, 1], n)
            rows.add(
                random.random(n) >= judge.missing,
                item_id=_names(n),
                variant=name,
                system=system,
                criterion=criterion,
                repeat=repeat,
                order="",
                label=said.astype(int).astype(str),
                score=said,
            )
    return rows.table("single"), _asked(n, EQUIVALENTS)
