"""Families: what the built-in table knows, what it must not guess, and who goes before it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.families import TABLE, is_same, kin, kinship, matched

X, Y = frozenset({"x"}), frozenset({"y"})


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("GPT-4", "openai"),
        ("ChatGPT-0301", "openai"),
        ("openai/o3-mini", "openai"),
        ("text_davinci_001", "openai"),
        ("claude-instant-1.2", "anthropic"),
        ("claude2", "anthropic"),
        ("gemini-1.5-pro", "google"),
        ("GeminiPro", "google"),
        ("codegemma-7b", "google"),
        ("amazon.nova-pro-v1", "amazon"),
        ("Llama-3.1-SuperNova-Lite", "meta"),
        ("llama.cpp/Llama-2-7B", "meta"),
        ("distil-llama-gpt4", "meta+openai"),
        ("PaLM2", "google"),
        ("gemma-7b-it", "google"),
        ("LLaMA2", "meta"),
        ("ollama/mistral", "mistral"),
        ("Qwen-14B-Chat", "alibaba"),
        ("grok-2", "xai"),
        ("command-r-plus", "cohere"),
        ("phi-2-sft", "microsoft"),
        ("falcon-7b-instruct", "tii"),
        ("vicuna-7b-v1.5", "meta+openai"),
        ("alpaca-7b_concise", "meta+openai"),
        ("zephyr-7b-beta", "mistral+openai"),
        ("DeepSeek-R1-Distill-Qwen-32B", "alibaba+deepseek"),
    ],
)
def test_a_model_has_the_families_of_its_base_and_of_its_teacher(name: str, families: str) -> None:
    assert "+".join(sorted(matched([name], TABLE))) == families


@pytest.mark.parametrize(
    "name",
    [
        *("base", "tuned", "j1", "A", "sim-fair", "minotaur-13b", "NullModel", "output_1"),
        *("tinyllama-1b", "open_llama_7b", "gpt4all-13b", "cerebras-gpt-13b", "dolphin-2.1"),
        *("not-gpt", "my-claudette", "noclaude", "gemmatron", "pygemini", "falconer", "llamafile"),
        *("cerebras-GPT-2.7B", "llama-cpp", "llama_cpp", "llama_index", "supernova-lite"),
        *("groq", "supernova", "weighted_alpaca_eval", "WizardLM-2-8x22B", "napalm2"),
    ],
)
def test_a_name_that_only_looks_like_a_family_stays_unknown(name: str) -> None:
    assert kin([name], None).origin == "unknown"
    assert not kin([name], None).families


def test_what_is_declared_goes_before_the_table() -> None:
    assert kin(["gpt-4"], X).families == X
    assert kin(["gpt-4"], X).origin == "declared"
    assert kin(["gpt-4"], None).origin == "table"


def test_every_pattern_of_the_table_is_a_pattern_and_has_a_family() -> None:
    for pattern, families in TABLE.items():
        re.compile(pattern)
        assert families


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("GPT-4", "gpt4", True),
        ("openai/gpt-4", "gpt_4", True),
        ("llama-2-7b", "Llama 2 7B", True),
        ("llama-2-7b", "llama-27b", False),
        ("gpt-4", "gpt-4o", False),
        ("--", "__", False),
    ],
)
def test_case_and_punctuation_do_not_tell_names_apart(one: str, other: str, same: bool) -> None:
    assert is_same([one], [other]) is same


@given(st.text(), st.text())
def test_being_the_same_goes_both_ways(one: str, other: str) -> None:
    assert is_same([one], [other]) == is_same([other], [one])


def test_own_kin_other_and_unknown_are_told_apart() -> None:
    known = kinship({"strict": ["gpt-4"], "j2": []}, ["GPT-4", "gpt-3.5", "claude-2", "base"], {})
    relations = [known.relation("strict", s) for s in ("GPT-4", "gpt-3.5", "claude-2", "base")]
    assert relations == ["own", "kin", "other", "unknown"]
    assert known.relation("j2", "claude-2") == "unknown"
    assert known.undeclared() == ("base", "j2")


def test_a_system_that_is_a_judge_is_of_its_families() -> None:
    known = kinship({"in-house": []}, ["In House"], {"in-house": Y})
    assert known.systems["In House"].families == Y
    assert known.relation("in-house", "In House") == "own"
