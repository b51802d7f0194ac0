"""LLMBar: six judges against the gold label, and what others computed from the same verdicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from judge import records
from judge.aggregate import analyze
from judge.analysis.agree_asked import AgreeAsked
from judge.analysis.agreement_records import JudgeAgreement
from judge.table import VerdictTable
from judge.types import HumanLabel

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "llmbar"
QUICK = AgreeAsked(replicates=400)

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"LLMBar is not part of the repository and not at {DATA}"
)


@pytest.fixture(scope="module")
def vanilla() -> VerdictTable:
    table = records.read_verdicts(DATA / "verdicts.jsonl", format="llmbar")
    return replace(table, frame=table.frame[table.frame["rubric"] == "Vanilla"])


@pytest.fixture(scope="module")
def gold() -> tuple[HumanLabel, ...]:
    return records.read_labels(DATA / "items.jsonl", format="llmbar")


def rows(table: VerdictTable, gold: tuple[HumanLabel, ...]) -> dict[str, JudgeAgreement]:
    found = analyze(table, labels=gold, agree=QUICK).agreement
    assert found is not None
    return {one.judge: one for one in found.judges}


@pytest.fixture(scope="module")
def both(vanilla: VerdictTable, gold: tuple[HumanLabel, ...]) -> dict[str, JudgeAgreement]:
    return rows(vanilla, gold)


# Agreement with the gold label, mean of both orders; pairs with an unreadable order are left out.
BOTH_ORDERS = {
    "GPT-4": (0.8449, 419),
    "PaLM2": (0.7048, 415),
    "Falcon": (0.5644, 419),
    "ChatGPT-0301": (0.4809, 419),
    "LLaMA2": (0.4424, 417),
    "ChatGPT": (0.3998, 419),
}


@pytest.mark.parametrize("judge", BOTH_ORDERS)
def test_agreement_over_both_orders_is_that_of_other_tools(
    both: dict[str, JudgeAgreement], judge: str
) -> None:
    value, n = BOTH_ORDERS[judge]
    assert both[judge].percent.value == pytest.approx(value, abs=5e-5)
    assert (both[judge].n_items, both[judge].percent.n_missing) == (n, 419 - n)


def test_the_interval_of_gpt4_is_about_that_of_other_tools(
    both: dict[str, JudgeAgreement],
) -> None:
    """judgekit, by resampling: .8138 to .8783."""
    e = both["GPT-4"].percent
    assert e.ci_low == pytest.approx(0.8138, abs=0.005)
    assert e.ci_high == pytest.approx(0.8783, abs=0.005)


def test_in_the_first_order_alone_kappa_is_the_textbooks(
    vanilla: VerdictTable, gold: tuple[HumanLabel, ...]
) -> None:
    """truescore: GPT-4 accuracy .8282, kappa .6565 (.5831 to .7311); ChatGPT -.1837, Falcon .1203."""
    first = replace(vanilla, frame=vanilla.frame[vanilla.frame["order"] == "AB"])
    found = rows(first, gold)
    assert found["GPT-4"].percent.value == pytest.approx(0.8282, abs=5e-5)
    kappas = {"GPT-4": 0.6565, "ChatGPT": -0.1837, "Falcon": 0.1203}
    for judge, kappa in kappas.items():
        assert found[judge].cohen_kappa.value == pytest.approx(kappa, abs=5e-5)
    e = found["GPT-4"].cohen_kappa
    assert e.ci_low == pytest.approx(0.5831, abs=0.015)
    assert e.ci_high == pytest.approx(0.7311, abs=0.015)


def test_one_gold_label_is_no_second_person(both: dict[str, JudgeAgreement]) -> None:
    one = both["GPT-4"]
    assert (one.n_raters, one.human_ceiling.value, one.alt_test.passed) == (1, None, None)
