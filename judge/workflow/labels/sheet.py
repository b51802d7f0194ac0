"""The set.toml and the datasheet of a new set of labels: what is known filled in, the rest asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from judge.labels.key import Key
from judge.types import HumanLabel

TODO = "TO FILL IN"


@dataclass(frozen=True, slots=True)
class Document:
    """A set.toml: its text and what it says."""

    text: str
    values: dict[str, Any]


def set_toml(key: Key, name: str, version: int, raters: Sequence[str], created: str) -> Document:
    """The set.toml of a draw that people labelled."""
    values: dict[str, Any] = {
        "name": name,
        "version": version,
        "source": "human",
        "mode": key.mode,
        "criterion": key.criterion,
        "description": f"{TODO}: one or two sentences.",
        "licence": f"{TODO}: of items and labels.",
        "raters": list(raters),
        "created": created,
    }
    if key.rubric is not None:
        values["rubric"] = key.rubric
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    if key.scale is not None:
        scale = {k: v for k, v in key.scale.items() if v != []}
        values["scale"] = scale
        lines += ["", "[scale]", *(f"{name} = {_toml(value)}" for name, value in scale.items())]
    return Document("\n".join(lines) + "\n", values)


def _toml(value: object) -> str:
    """A text, a number or a list of them as TOML writes it, which is as JSON does."""
    return json.dumps(value, ensure_ascii=True)


def datasheet(key: Key, name: str, version: int, labels: Sequence[HumanLabel], created: str) -> str:
    """A datasheet with what the draw knows. Source of the questions: Gebru et al. 2021."""
    splits = Counter(label.split for label in labels)
    raters = len({label.rater for label in labels})
    items = len({label.item_id for label in labels})
    how = {
        "none": "uniformly at random, without replacement",
        "category": f"at random within each category ({key.allocation} allocation)",
        "judge-score": f"at random within strata of the judges' verdicts ({key.allocation} allocation)",
    }[key.stratify]
    what = "pairs of answers" if key.mode == "pairwise" else "answers"
    strata = "\n".join(
        f"- {one.name}: {one.n:,} of {one.size:,} drawn, probability {one.n / one.size:.4g}"
        for one in key.strata
    )
    return f"""# Datasheet: {name} v{version}

## Motivation

{TODO}: why the set was made, by whom, and which decision it serves.

## Composition

{len(labels):,} labels by {raters} raters of {what} on {items:,} items. Splits:
{", ".join(f"{split} {n:,}" for split, n in sorted(splits.items(), key=str))} labels.

{TODO}: where prompts and answers come from, and whether they hold personal data.

## Collection

{len(key.units):,} {what} were drawn {how}, from {key.population_size:,} {key.by}s, with seed {key.seed}.

{strata}

Raters saw no system names, answers and rows in a random order of their own.
Made {created or "on an unknown date"}.

{TODO}: who the raters were, what they were told, what they were paid, and what to do where they were unsure.

## Uses and limits

{TODO}: what it may be used for, for which languages and domains it says nothing, and its licence.
"""
