"""What a judge made of every unit of a row beside what people said of some of them.

Labels that rubrics were tried on (split dev) take no part, and neither do their units: the judge was
made to look good on these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from judge.analysis.people import Labelled
from judge.stats.correction import Sample
from judge.stats.intervals import Floats

Mask = NDArray[np.bool_]
Said = pd.DataFrame  # item_id, human, inclusion_prob, is_dev, set_aside; a row a labelled unit


def of_pair(found: Labelled, system: str, baseline: str) -> Said:
    """What people said of the pairs of two systems, as the share that `system` is worth: 1, 0.5 or 0."""
    units = found.units
    first = (units["system_a"] == system) & (units["system_b"] == baseline)
    other = (units["system_a"] == baseline) & (units["system_b"] == system)
    human = np.where(first, found.human, 1 - found.human)
    return _said(found, human, (first | other).to_numpy(dtype=bool))


def of_answers(found: Labelled, system: str) -> Said:
    """What people said of the answers of a system."""
    return _said(found, found.human, (found.units["system"] == system).to_numpy(dtype=bool))


def _said(found: Labelled, human: Floats, is_own: Mask) -> Said:
    units = found.units
    is_dev = (units["split"] == "dev").to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "item_id": units["item_id"].astype(str),
            "human": human,
            "inclusion_prob": units["inclusion_prob"].to_numpy(dtype=float),
            "is_dev": is_dev,
            "set_aside": float(is_dev.mean()) if len(is_dev) else 0.0,
        }
    )[is_own]


def _less_dev(probs: Floats, d: float) -> Floats:
    """How probable a label is among units that are not set aside for development.

    A share d of the labelled units is set aside, whatever they are: pi (1 - d) / (1 - pi d).
    """
    return np.asarray(probs * (1 - d) / np.maximum(1 - probs * d, 1e-12))


def difference(own: Said, other: Said) -> Said:
    """What people said of one system's answer less the other's, on items that have both.

    Items were drawn, else answers, each by itself: whichever makes the share of the fewer labelled items
    that have both the likelier. That is 1 of drawn items, less what people left out, and else pi.
    """
    both = own.merge(other, on="item_id", suffixes=("", "_other"))
    one, two = both["inclusion_prob"], both["inclusion_prob_other"]
    is_by_item = len(both) >= (1 + two.mean()) / 2 * min(len(own), len(other))
    return pd.DataFrame(
        {
            "item_id": both["item_id"],
            "human": both["human"] - both["human_other"],
            "inclusion_prob": one if is_by_item else one * two,
            "is_dev": both["is_dev"] | both["is_dev_other"],
            "set_aside": both["set_aside"],
        }
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample with what was left out of it. n_dev: units set aside for development."""

    sample: Sample
    n_dev: int
    n_missing: int


def sample(values: pd.DataFrame, said: Said) -> Drawn:
    """The units that were asked about, with the judge's values and people's.

    values: item_id, cluster, value (NaN where there is none) and is_missing.
    """
    asked = values[values["value"].notna() | values["is_missing"]]
    keys = asked["item_id"].astype(str)
    by_item: dict[str, pd.Series[Any]] = {
        name: said.set_index("item_id")[name] for name in ("human", "inclusion_prob", "is_dev")
    }
    is_dev = keys.map(by_item["is_dev"]).eq(True).to_numpy(dtype=bool)
    kept = ~is_dev
    probs = keys.map(by_item["inclusion_prob"]).to_numpy(dtype=float)[kept]
    d = float(said["set_aside"].max()) if len(said) else 0.0
    judged = asked["value"].to_numpy(dtype=float)[kept]
    found = Sample(
        judged=judged,
        human=keys.map(by_item["human"]).to_numpy(dtype=float)[kept],
        clusters=asked["cluster"].astype(str).to_numpy()[kept],
        probs=_less_dev(probs, d),
        set_aside=min(d, 1 - 1e-12),  # of 1 there is no label left to stand for others
    )
    return Drawn(found, int(is_dev.sum()), int(np.isnan(judged).sum()))
