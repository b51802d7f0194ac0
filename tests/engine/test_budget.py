"""What a call did cost, and the most that one can, where APIs count little or nothing."""

from __future__ import annotations

import pytest
from factories import completion, item, judge, plan

from judge.engine.budget import cost_usd, most_usd
from judge.types import JudgeModel

PRICED = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=10.0)
FREE_IN = judge(usd_per_mtok_in=0.0, usd_per_mtok_out=10.0)
FREE_OUT = judge(usd_per_mtok_in=1.0, usd_per_mtok_out=0.0)


@pytest.mark.parametrize(
    ("who", "tokens_in", "tokens_out", "cost"),
    [
        # (1000 * 1 + 100 * 10) / 1e6
        (PRICED, 1000, 100, 0.002),
        (PRICED, 0, 0, None),
        (PRICED, 1000, 0, None),
        (PRICED, 0, 100, None),
        (FREE_IN, 0, 100, 0.001),
        (FREE_IN, 1000, 0, None),
        (FREE_OUT, 1000, 0, 0.001),
        (FREE_OUT, 0, 100, None),
    ],
)
def test_tokens_with_a_price_that_nobody_counted_leave_the_cost_unknown(
    who: JudgeModel, tokens_in: int, tokens_out: int, cost: float | None
) -> None:
    answer = completion('{"label": "A"}', tokens_in=tokens_in, tokens_out=tokens_out)
    assert cost_usd(who, answer) == (None if cost is None else pytest.approx(cost))


@pytest.mark.parametrize(("text", "reason"), [("", "stop"), ("the policy says no", "refusal")])
def test_an_answer_without_a_word_of_the_model_has_no_tokens_out(text: str, reason: str) -> None:
    """Some APIs refuse before the model says anything, and explain it in words of their own."""
    answer = completion(text, finish_reason=reason, tokens_in=1000)
    assert cost_usd(PRICED, answer) == pytest.approx(0.001)


def house(**body: object) -> JudgeModel:
    return judge(
        provider="http",
        usd_per_mtok_in=1.0,
        usd_per_mtok_out=1.0,
        endpoint={"body": {"p": "{user}", **body}, "answer": "text"},
    )


def most(who: JudgeModel) -> float:
    _, prompt = next(plan([item()], [who]).trials(who))
    return most_usd(who, prompt)


def test_the_most_of_a_call_counts_what_an_endpoints_body_adds_of_its_own() -> None:
    """10,000 characters more are 10,000 tokens more at the most, or 0.01 dollars."""
    assert most(house(examples="x" * 10_000)) - most(house(examples="")) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "settings",
    [{"max_tokens": 12_048}, {"options": {"num_predict": 12_048}}, {"max_new_tokens": 12_048}],
)
def test_the_most_of_a_call_counts_the_longest_answer_that_a_body_allows(
    settings: dict[str, object],
) -> None:
    """12,048 tokens out instead of the 2,048 that are taken for granted."""
    assert most(house(**settings)) - most(house()) == pytest.approx(0.01, abs=1e-4)
