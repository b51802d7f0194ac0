"""Keys stay out of what a report tells of requests."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.report.private import HIDDEN, address, hidden


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apiKey", "x-api-key", "Authorization", "authorisation", "password", "passwd"),
        *("client_secret", "access_token", "token", "key", "auth", "cookie", "extra_headers"),
        *("headers", "credentials", "prompt_cache_key", "bearer"),
    ],
)
def test_what_is_named_like_a_key_is_hidden_at_any_depth(name: str) -> None:
    assert hidden({name: "v"}) == {name: HIDDEN}
    assert hidden({"a": [{"b": {name: {"c": "v"}}}]}) == {"a": [{"b": {name: HIDDEN}}]}


@pytest.mark.parametrize(
    "value",
    [
        *(
            "sk-abcdefghijkl1234",
            "sk_live_abcdefgh1234",
            "hf_abcdefghijklmnopq",
            "AIzaSyA1234567890abc",
        ),
        *(
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi",
            "0123456789abcdef0123456789abcdef",
            "Bearer sk-abcdefghijkl1",
        ),
    ],
)
def test_what_looks_like_a_key_is_hidden_wherever_it_stands(value: str) -> None:
    assert hidden({"user": value, "stop": [value]}) == {"user": HIDDEN, "stop": [HIDDEN]}


def test_settings_are_told_as_they_are() -> None:
    settings: dict[str, Any] = {
        "model": "meta-llama/Llama-3.3-70B-Instruct-Turbo-0123456789abcdef0123456789abcdef",
        "max_tokens": 2048,
        "max_completion_tokens": 64,
        "temperature": 0.0,
        "top_logprobs": 5,
        "reasoning_effort": "low",
        "stop": ["\n\n", "END"],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "structured": "json_schema",
        "seed": None,
    }
    assert hidden(settings) == settings


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("http://me:secret@host:8000/v1", "http://host:8000/v1"),
        ("https://host/v1?api_key=abc#frag", "https://host/v1"),
        ("http://[::1", HIDDEN),
    ],
)
def test_an_address_is_told_without_login_and_query(url: str, shown: str) -> None:
    assert address(url) == shown


@given(
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEF0123456789"), min_size=32, max_size=80)
)
def test_a_long_word_of_letters_and_digits_never_passes(word: str) -> None:
    is_mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    assert (hidden({"user": word})["user"] == HIDDEN) == is_mixed
