"""Counts of layout: what Markdown makes of it, and nothing inside fenced code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.style_features import FEATURES, columns, counts, without_code


@pytest.mark.parametrize(
    ("text", "headers", "items", "bold"),
    [
        ("", 0, 0, 0),
        ("# one\n## two\n###### six\n####### seven is none\n#none", 3, 0, 0),
        ("- a\n* b\n+ c\n1. d\n2) e\n  - nested", 0, 6, 0),
        ("-none\n1.none\n* * *x", 0, 1, 0),
        ("**bold** and __bold__ and **two words**", 0, 0, 3),
        ("snake__case__name, 2 ** 3 ** 4, ****", 0, 0, 0),
        ("```\n# no\n- no\n**no**\n```\n# yes", 1, 0, 0),
        ("~~~py\n# no\n```\n# no\n~~~\n- yes", 0, 1, 0),
        ("````\n```\n# no\n````\n**yes**", 0, 0, 1),
        ("```\n# a fence that is not closed reaches to the end\n- no", 0, 0, 0),
        ("text\r\n# header\r\n- item\r\n", 1, 1, 0),
    ],
)
def test_counts_are_those_of_markdown(text: str, headers: int, items: int, bold: int) -> None:
    assert counts(text) == {"headers": headers, "list_items": items, "bold": bold}


@given(st.text(alphabet="#*_- \n`~1.ab", max_size=80))
def test_what_is_in_a_fence_never_counts(text: str) -> None:
    inside = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("`"))
    assert counts(f"```\n{inside}\n```\n") == dict.fromkeys(FEATURES, 0)


@given(st.text(alphabet="#*_- \n1.ab", max_size=80))
def test_text_without_a_fence_is_left_as_it_is(text: str) -> None:
    assert without_code(text) == "\n".join(text.splitlines())


def test_columns_name_both_answers() -> None:
    assert columns() == (
        "headers_a",
        "headers_b",
        "list_items_a",
        "list_items_b",
        "bold_a",
        "bold_b",
    )
