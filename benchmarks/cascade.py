"""What judges may decide alone on LLMBar, and what a cascade saves: 60 half splits, the other half held out.

    python benchmarks/cascade.py FOLDER

FOLDER holds LLMBar's verdicts.jsonl: 419 pairs with a gold label, judged in both orders with several
prompts. On one half of the pairs a threshold is sought; on the other it is told how much is judged, how
often that is right, and how many calls a cascade from the cheap to the dear judge does not need. `over` is
the share of all splits that found a threshold and whose held-out half is wrong more often than alpha; as
that half is a sample itself, `over all` says the same of all 419 pairs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from judge.analysis import confidence
from judge.analysis.people_scales import PAIRS
from judge.stats.intervals import Floats
from judge.stats.selective import decided_by, threshold
from judge.table import from_rows

SEED, SPLITS, DELTA = 20261121, 60, 0.1
CHEAP, DEAR = "PaLM2", "GPT-4"
ONE = ("Vanilla",)
SEVERAL = ("Vanilla", "Vanilla_NoRules", "CoT", "Metrics_Reference")
LABELS = {"1": "a", "2": "b"}


@dataclass(frozen=True, slots=True)
class Said:
    """Confidences and wrong verdicts, shape (pairs, tiers); n_calls: those of a pair and tier."""

    confidence: Floats
    wrong: Floats
    n_calls: int


@dataclass(frozen=True, slots=True)
class Row:
    """Over the splits: how many found a threshold, and of these the means. saved: of all tiers' calls.

    over, over_all: of all splits, those with a threshold above which too much is wrong.
    """

    who: str
    prompts: int
    alpha: float
    found: float
    coverage: float
    agreement: float
    over: float
    over_all: float
    saved: float


def read(folder: Path, judges: Sequence[str], prompts: Sequence[str]) -> Said:
    """Both orders and all these prompts are presentations of a pair: prompts stand as repeats."""
    lines = (folder / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [p for p in map(json.loads, lines) if p["judge"] in judges and p["strategy"] in prompts]
    gold = {_item(pair): LABELS[str(pair["label"])] for pair in pairs}
    table = from_rows("pairwise", [row for pair in pairs for row in _rows(pair, prompts)])
    found = confidence.of_rows("pairwise", table.frame, PAIRS).assign(
        item=lambda f: f["item_id"].astype(str), judge=lambda f: f["judge"].astype(str)
    )
    right = np.array([PAIRS.labels.index(gold[item]) for item in found["item"]])
    found["wrong"] = (found["said"].to_numpy() != right).astype(float)
    wide = found.pivot(index="item", columns="judge", values=["confidence", "wrong"]).sort_index()
    return Said(
        wide["confidence"][list(judges)].to_numpy(dtype=float),
        wide["wrong"][list(judges)].to_numpy(dtype=float),
        2 * len(prompts),
    )


def _item(pair: dict[str, Any]) -> str:
    return f"{pair['subset']}/{pair['idx']}"


def _rows(pair: dict[str, Any], prompts: Sequence[str]) -> Iterator[dict[str, Any]]:
    for order in ("AB", "BA"):
        label = LABELS.get(str(pair[f"winner_order_{order.lower()}"]), "")
        yield {
            "item_id": _item(pair),
            "system_a": "output 1",
            "system_b": "output 2",
            "judge": pair["judge"],
            "order": order,
            "repeat": prompts.index(pair["strategy"]) + 1,
            "label": label,
        }


def tried(who: str, said: Said, alpha: float, splits: int = SPLITS, seed: int = SEED) -> Row:
    """The search on one half of the pairs and its worth on the other, over random halves."""
    random = np.random.default_rng([seed, round(1000 * alpha)])
    told = []
    for _ in range(splits):
        order = random.permutation(len(said.confidence))
        fit, test = np.array_split(order, 2)
        found = threshold(said.confidence[fit], said.wrong[fit], alpha=alpha, delta=DELTA).value
        if found is not None:
            told.append((*_worth(said, test, found, alpha), *_worth(said, order, found, alpha)))
    share = len(told) / splits
    of = np.array(told).mean(axis=0) if told else np.array([np.nan, np.nan, 0, np.nan] * 2)
    over, over_all = share * of[2], share * of[6]
    return Row(who, said.n_calls // 2, alpha, share, of[0], of[1], over, over_all, of[3])


def _worth(
    said: Said, units: np.ndarray[Any, Any], at: float, alpha: float
) -> tuple[float, float, float, float]:
    """Of these pairs: the share judged, the share right of those, whether that is too few, calls saved."""
    tier = decided_by(said.confidence[units], at)
    judged = np.flatnonzero(tier >= 0)
    wrong = float(said.wrong[units][judged, tier[judged]].mean())
    n_tiers = said.confidence.shape[1]
    reached = np.where(tier < 0, n_tiers - 1, tier) + 1
    saved = 1 - float(reached.sum()) / (n_tiers * len(units))
    return len(judged) / len(units), 1 - wrong, float(wrong > alpha), saved


def rows(folder: Path, splits: int = SPLITS) -> Iterator[Row]:
    """Both judges alone, then the cascade; with one prompt, then with several."""
    for prompts in (ONE, SEVERAL):
        for who, judges in (
            (CHEAP, (CHEAP,)),
            (DEAR, (DEAR,)),
            (f"{CHEAP}, {DEAR}", (CHEAP, DEAR)),
        ):
            said = read(folder, judges, prompts)
            for alpha in (0.2, 0.1):
                yield tried(who, said, alpha, splits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    said = parser.parse_args()
    print(
        "| judge | prompts | alpha | threshold found | judged | right | over | over all | saved |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows(said.folder):
        shares = (row.found, row.coverage, row.agreement, row.over, row.over_all, row.saved)
        told = " | ".join("–" if np.isnan(share) else f"{share:.3f}" for share in shares)
        print(f"| {row.who} | {row.prompts} | {row.alpha} | {told} |")


if __name__ == "__main__":
    main()
