"""The array faces on real labels: PandaLM's three annotators and LLMBar's gold, as others found them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judge.agreement.alt_test import alt_test
from judge.agreement.ceiling import human_ceiling
from judge.agreement.gwet import gwet_of
from judge.agreement.krippendorff_units import (
    krippendorff_alpha_of,
    krippendorff_alpha_of_raters,
)
from judge.agreement.ratings import Ratings
from judge.agreement.tables import cohen_kappa_of, percent_of

DATA = Path(__file__).parents[2].parent / "shared" / "data"
PANDALM = DATA / "pandalm" / "testset_with_judges.jsonl"
LLMBAR = DATA / "llmbar"

needs_pandalm = pytest.mark.skipif(
    not PANDALM.is_file(), reason=f"PandaLM is not part of the repository and not at {PANDALM}"
)
needs_llmbar = pytest.mark.skipif(
    not LLMBAR.is_dir(), reason=f"LLMBar is not part of the repository and not at {LLMBAR}"
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def code(label: Any) -> int:
    """0, 1 and 2 (a tie), -1 for what cannot be read."""
    return {"0": 2, "Tie": 2, "1": 0, "2": 1}.get(str(label), -1)


def rated(judge: list[int], people: np.ndarray[Any, Any], q: int) -> Ratings:
    shares = np.array([np.eye(q)[c] if c >= 0 else np.full(q, np.nan) for c in judge])
    blank = np.full(people.shape, np.nan)
    return Ratings(shares, np.full(len(judge), np.nan), people, blank, np.arange(len(judge)))


def pandalm(judge: str) -> Ratings:
    rows = lines(PANDALM)
    people = np.array([[code(row[f"annotator{k}"]) for k in (1, 2, 3)] for row in rows])
    return rated([code(row[judge]) for row in rows], people, 3)


@needs_pandalm
def test_pandalms_annotators_agree_as_its_authors_and_evalica_found() -> None:
    """Kappas .85, .88 and .86 (the source); alpha .8642 (evalica)."""
    r = pandalm("gpt_result")
    kappas = []
    for a, b in ((0, 1), (0, 2), (1, 2)):
        pair = rated(r.ratings[:, a].tolist(), r.ratings[:, [b]], 3)
        kappas.append(cohen_kappa_of(pair, seed=1, replicates=200).value)
    assert sorted(round(k, 2) for k in kappas if k is not None) == [0.85, 0.86, 0.88]
    found = krippendorff_alpha_of_raters(r, seed=1)
    assert found.value == pytest.approx(0.8642, abs=5e-5)
    assert (found.n, found.n_missing) == (999, 0)


@needs_pandalm
def test_gpt_35_against_pandalms_majority() -> None:
    """974 readable verdicts; agreement .716, alpha .4919 with the majority (others' figures)."""
    r = pandalm("gpt_result")
    votes = r.votes
    majority = np.where(votes.max(axis=1) > 1.5, votes.argmax(axis=1), -1)
    of_majority = rated(
        [int(s.argmax()) if np.isfinite(s).all() else -1 for s in r.shares], majority[:, None], 3
    )
    assert percent_of(of_majority).n == 974
    assert percent_of(of_majority).value == pytest.approx(0.716, abs=5e-4)
    found = krippendorff_alpha_of(of_majority, seed=1)
    assert found.value == pytest.approx(0.4919, abs=5e-5)
    assert found.n_missing == 25


@needs_pandalm
def test_neither_judge_of_pandalm_reaches_the_ceiling_or_passes_the_alt_test() -> None:
    for judge in ("gpt_result", "pandalm_result"):
        r = pandalm(judge)
        ceiling = human_ceiling(r)
        assert ceiling.human.value is not None
        assert ceiling.human.value > 0.9
        assert ceiling.difference.ci_high is not None
        assert ceiling.difference.ci_high < -0.15
        found = alt_test(r)
        assert (found.passed, found.n_refused) == (False, 0)


@needs_llmbar
def test_gpt_4_against_llmbars_gold_in_the_first_order() -> None:
    """Vanilla prompt: accuracy .8282, kappa .6565, AC1 .6563 (a rival's figures)."""
    gold = {f"{row['subset']}/{row['idx']}": row["label"] for row in lines(LLMBAR / "items.jsonl")}
    rows = [row for row in lines(LLMBAR / "verdicts.jsonl") if row["judge"] == "GPT-4"]
    rows = [row for row in rows if row["strategy"] == "Vanilla"]
    people = np.array([[code(gold[f"{row['subset']}/{row['idx']}"])] for row in rows])
    r = rated([code(row["winner_order_ab"]) for row in rows], people, 2)
    assert percent_of(r).value == pytest.approx(0.8282, abs=5e-5)
    assert cohen_kappa_of(r, seed=1).value == pytest.approx(0.6565, abs=5e-5)
    assert gwet_of(r, seed=1).value == pytest.approx(0.6563, abs=5e-5)
    with_a_tie_that_nobody_gave = rated([code(row["winner_order_ab"]) for row in rows], people, 3)
    assert gwet_of(with_a_tie_that_nobody_gave, seed=1).value == pytest.approx(0.6563, abs=5e-5)
