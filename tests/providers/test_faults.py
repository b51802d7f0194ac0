"""What a server's refusal says: how long to wait, and what of its words may be quoted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.providers import faults

KEY = "sk-proj-Zq8Lw3Tt-v0Xk9RbN4hYc7Ju2Pd6Se1Fa5Gm"
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)

# -- Retry-After ---------------------------------------------------------------------------------


def wish(**headers: str) -> float | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return faults.retry_after_s(named, now=NOW.timestamp())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("3", 3.0),
        (" 3\t", 3.0),
        ("3\x1f", None),
        ("0.25", 0.25),
        (".5", 0.5),
        ("20.", 20.0),
        ("Sat, 21 Nov 2026 12:01:30 GMT", 90.0),
        ("Saturday, 21-Nov-26 12:01:30 GMT", 90.0),
        ("Sat Nov 21 12:01:30 2026", 90.0),
        ("Sat, 21 Nov 2026 13:01:30 +0100", 90.0),
        ("Sat, 21 Nov 2026 12:01:30 -0000", 90.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("86400", 86400.0),
        ("86401", 86400.0),
        ("9" * 400, 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("-1", None),
        ("-0.5", None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("0x10", None),
        ("1_000", None),
        ("٣", None),
        ("5s", None),
        ("Sat, 99 Nov 2026 12:00:00 GMT", None),
        ("Sat, 21 Nov 2026 12:00:00 +9999", None),
    ],
)
def test_retry_after_in_all_its_forms(value: str, seconds: float | None) -> None:
    assert wish(retry_after=value) == seconds


def test_milliseconds_come_before_seconds_where_they_are_a_number() -> None:
    assert wish(retry_after_ms="1500", retry_after="9") == 1.5
    assert wish(retry_after_ms="20.5") == 0.0205
    assert wish(retry_after_ms="-1", retry_after="9") == 9.0
    assert wish(retry_after_ms="soon") is None
    assert wish() is None


@given(st.text(st.characters(codec="latin-1")))
def test_no_header_breaks_the_reading_of_retry_after(value: str) -> None:
    for read in (wish(retry_after=value), wish(retry_after_ms=value)):
        assert read is None or 0 <= read <= faults.LONGEST_WISH_S


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["Sat,", "21", "Nov", "2026", "26", "GMT", "-0000", "+9999", "12:00:00"]
            ),
            st.integers(-(10**12), 10**12).map(str),
            st.sampled_from([":", "-", ",", "12:61", "0", "()", "(", "."]),
        )
    ).map(" ".join)
)
def test_no_near_date_breaks_the_reading_of_retry_after(value: str) -> None:
    read = wish(retry_after=value)
    assert read is None or 0 <= read <= faults.LONGEST_WISH_S


@given(st.integers(0, 86_400), st.integers(-12, 14))
def test_a_date_is_read_as_the_time_until_it(seconds: int, zone: int) -> None:
    then = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=zone)))
    assert wish(retry_after=format_datetime(then)) == seconds


@given(st.floats(0, 86_400).map(lambda s: round(s, 3)))
def test_fractions_of_seconds_are_kept(seconds: float) -> None:
    assert wish(retry_after=f"{seconds:.3f}") == seconds
    assert wish(retry_after_ms=f"{seconds * 1000:.0f}") == pytest.approx(seconds)


# -- what may be quoted --------------------------------------------------------------------------


@given(st.integers(0, len(KEY) - 8), st.integers(8, len(KEY)), st.text(), st.text())
def test_a_fragment_of_the_key_is_hidden_wherever_it_stands(
    start: int, size: int, before: str, after: str
) -> None:
    fragment = KEY[start : start + size]
    assert fragment not in faults.masked(f"{before}{fragment}{after}", KEY)


@given(st.text())
def test_a_text_without_the_key_is_quoted_as_it_is(text: str) -> None:
    plain = text.replace("*", "").replace(".", "").replace("…", "").replace("<", "")
    assert faults.masked(plain, None) == plain or "bearer" in plain.lower()


def test_the_rest_of_a_text_stays_readable() -> None:
    text = f"Hello, {KEY} is wrong; ask for another... now."
    assert faults.excerpt(text, KEY) == "Hello, *** is wrong; ask for another... now"
    assert faults.excerpt("And so on...", KEY) == "And so on..."
    assert faults.excerpt("a" * 1000, None) == "a" * 297 + "..."
