"""Correction with few labels on real labels: LLMBar beside what other tools gave, and PandaLM resampled.

    python benchmarks/correction.py LLMBAR_FOLDER PANDALM_FILE

LLMBar: the share of items where output 1 is better, each judge's value under the prompt Vanilla being that
of the order AB, which the other tools had, or the mean of both orders, which a report has. Its items are no
systems, so the callables are used that a report uses for systems. They are a finite population here, of
which labels are drawn without replacement: intervals are about items like these, so they hold the answer of
just these more often than they say, the more so the more labels there are.
PandaLM: what people would say of all pairs that a judge read, their mean value being known from all labels.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from judge.stats.correction import Corrected, Sample, labels_only, ppi
from judge.stats.intervals import Floats
from judge.stats.post_stratified import post_stratified

SEED = 20261121
DRAWS, PANDALM_DRAWS, PANDALM_LABELS = 200, 2000, 60
JUDGES = ("GPT-4", "ChatGPT", "Falcon")
METHODS = ("PPI++", "EIF", "labels alone")


@dataclass(frozen=True, slots=True)
class Population:
    """Items whose labels are all known. human, judged: shape (m,), NaN where the judge gave none."""

    human: Floats
    judged: Floats
    clusters: Any

    @property
    def truth(self) -> float:
        return float(self.human.mean())

    def sample(self, places: Iterable[int]) -> Sample:
        """As if only these places had a label, drawn uniformly."""
        labelled = np.isin(np.arange(len(self.human)), [*places])
        probs = np.full(len(labelled), labelled.mean())
        return Sample(self.judged, np.where(labelled, self.human, np.nan), self.clusters, probs)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def llmbar(folder: Path, judge: str, orders: tuple[str, ...]) -> Population:
    """The items in the file's order, as the other tools had them; orders: ab, ba, to take the mean of."""
    value = {"1": 1.0, "2": 0.0}
    verdicts = {
        (row["subset"], row["idx"]): [value.get(str(row[f"winner_order_{o}"])) for o in orders]
        for row in lines(folder / "verdicts.jsonl")
        if row["judge"] == judge and row["strategy"] == "Vanilla"
    }
    human, judged = [], []
    for item in lines(folder / "items.jsonl"):
        said = verdicts[item["subset"], item["idx"]]
        human.append(value[str(item["label"])])
        judged.append(
            np.nan if None in said else float(np.mean([v for v in said if v is not None]))
        )
    return Population(np.array(human), np.array(judged), np.arange(len(human)))


def ways(sample: Sample) -> Mapping[str, Corrected]:
    return dict(
        zip(METHODS, (ppi(sample), post_stratified(sample), labels_only(sample)), strict=True)
    )


@dataclass(frozen=True, slots=True)
class Cover:
    """How often an interval held the answer of all labels, its mean width, and in how many draws it was."""

    share: float
    width: float
    draws: int


def coverage(people: Population, draws: Iterable[Iterable[int]]) -> dict[str, Cover]:
    """Of each way over label draws."""
    ends: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for places in draws:
        for name, found in ways(people.sample(places)).items():
            e = found.estimate
            if e.ci_low is not None and e.ci_high is not None:
                ends[name].append((e.ci_low, e.ci_high))
    return {name: _cover(np.array(own), people.truth) for name, own in ends.items() if own}


def _cover(ends: Floats, truth: float) -> Cover:
    low, high = ends.T
    return Cover(
        float(((low <= truth) & (truth <= high)).mean()), float((high - low).mean()), len(ends)
    )


def label_draws(m: int, n: int, many: int) -> list[list[int]]:
    """Draws of n of m places, the first by the seed that the other tools had."""
    return [random.Random(seed).sample(range(m), n) for seed in range(many)]


# -- PandaLM -------------------------------------------------------------------------------------

SAID = {"1": 1.0, "2": 0.0, "0": 0.5, "tie": 0.5}


def pandalm(path: Path, judge: str) -> Population:
    """Every pair: the mean of three annotators, and the judge's verdict where it can be read.

    The value is the share that the first-named model wins. Pairs of one prompt are a cluster.
    """
    rows = json.loads(path.read_text("utf-8")) if path.suffix == ".json" else lines(path)
    raters = [name for name in rows[0] if name.startswith("annotator")]
    human = [np.mean([SAID[str(row[name])] for name in raters]) for row in rows]
    judged = [SAID.get(str(row[f"{judge}_result"]).strip().lower(), np.nan) for row in rows]
    prompts = [(row["instruction"], row.get("input") or "") for row in rows]
    codes = np.unique([json.dumps(prompt) for prompt in prompts], return_inverse=True)[1]
    return Population(np.array(human), np.array(judged), codes)


# -- the tables ----------------------------------------------------------------------------------


def llmbar_tables(folder: Path, orders: tuple[str, ...]) -> None:
    told = " and ".join(order.upper() for order in orders)
    print(f"LLMBar, 100 of 419 labels, random.Random(0).sample(range(419), 100); order {told}")
    for judge in JUDGES:
        people = llmbar(folder, judge, orders)
        found = ways(people.sample(label_draws(len(people.human), 100, 1)[0]))
        raw = np.nanmean(people.judged)
        print(f"  {judge}: raw {raw:.4f}, all labels {people.truth:.4f}")
        for name, one in found.items():
            e = one.estimate
            print(
                f"    {name}: {e.value:.4f} [{e.ci_low:.4f}, {e.ci_high:.4f}] worth {one.worth:.0f}"
            )
    print(f"coverage of the answer of all 419, {DRAWS} draws / mean width")
    for n in (30, 100):
        for judge in ("GPT-4", "Falcon"):
            people = llmbar(folder, judge, orders)
            _print(f"{judge}, {n}", coverage(people, label_draws(len(people.human), n, DRAWS)))


def pandalm_tables(path: Path) -> None:
    print(f"PandaLM, {PANDALM_DRAWS:,} draws of {PANDALM_LABELS} labels, all pairs pooled")
    for judge in ("gpt", "pandalm"):
        people = pandalm(path, judge)
        generator = np.random.default_rng(SEED)
        m = len(people.human)
        draws = (generator.permutation(m)[:PANDALM_LABELS] for _ in range(PANDALM_DRAWS))
        raw = float(np.nanmean(people.judged))
        print(f"  {judge}: raw {raw:.4f}, people {people.truth:.4f}, {m} pairs")
        _print(f"{judge}, {PANDALM_LABELS}", coverage(people, draws))


def _print(head: str, found: Mapping[str, Cover]) -> None:
    for name, one in found.items():
        print(f"  {head}, {name}: {one.share:.4f} / {one.width:.3f} ({one.draws} draws)")


if __name__ == "__main__":
    llmbar_tables(Path(sys.argv[1]), ("ab",))
    llmbar_tables(Path(sys.argv[1]), ("ab", "ba"))
    pandalm_tables(Path(sys.argv[2]))
