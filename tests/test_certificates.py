"""A certificate holds for what it was made from and for nothing else: each rule by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from factories import judge, pairwise

from judge.certificates import (
    PARTS,
    Asked,
    Certificate,
    Found,
    from_payload,
    parts,
    standing,
    to_payload,
)
from judge.types import Capabilities, Estimate

MADE = "2026-10-01T12:00:00+00:00"
JUDGE = judge("j1", base_url="http://localhost/v1", parameters={"temperature": 0})
RUBRIC = pairwise()
OWN: dict[str, Any] = parts(JUDGE, RUBRIC, swap="both", repeats=1, repeat_share=1.0)
SAID = Certificate(
    judge="j1",
    rubric=RUBRIC.id,
    parts=OWN,
    label_set="support@2",
    label_set_fingerprint="sha256:aa",
    found=Found({"percent": Estimate("percent", 0.845, n=419)}, 419, 3, True, 0.2),
    run_id="r1",
    made_at=MADE,
)
ASKED = Asked("j1", RUBRIC.id, "2026-11-01T12:00:00+00:00", OWN)


def asked(**changes: Any) -> Asked:
    given = {"judge": JUDGE, "rubric": RUBRIC, "swap": "both", "repeats": 1, **changes}
    own = parts(
        given["judge"],
        given["rubric"],
        swap=given["swap"],
        repeats=given["repeats"],
        repeat_share=1.0,
    )
    return replace(ASKED, rubric=given["rubric"].id, parts=own)


def test_a_certificate_of_the_same_settings_is_valid() -> None:
    found = standing(ASKED, [SAID])
    assert (found.state, found.why, found.certificate) == ("valid", (), SAID)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"judge": replace(JUDGE, model="j2")}, "model changed (j1 then, j2 now)"),
        ({"judge": replace(JUDGE, provider="openai")}, "provider"),
        ({"judge": replace(JUDGE, base_url="http://localhost/v2")}, "address"),
        ({"judge": replace(JUDGE, parameters={"temperature": 1})}, "parameters"),
        ({"judge": replace(JUDGE, capabilities=Capabilities(structured="tool"))}, "capabilities"),
        ({"judge": replace(JUDGE, reading="logprobs")}, "reading"),
        ({"judge": replace(JUDGE, endpoint={"body": "{}"})}, "endpoint"),
        ({"rubric": pairwise(user="{{ response_b }} {{ response_a }}")}, "rubric"),
        ({"rubric": pairwise(version=2)}, "rubric"),
        ({"swap": "random"}, "orders changed (both then, random now)"),
        ({"repeats": 3}, "repeats changed (1 then, 3 now)"),
    ],
)
def test_a_change_of_one_part_makes_it_stale_and_is_named(change: Any, named: str) -> None:
    found = standing(asked(**change), [SAID])
    assert found.state == "stale"
    assert len(found.why) == 1
    assert named in found.why[0]


def test_what_changes_no_answer_leaves_it_valid() -> None:
    other = replace(
        JUDGE,
        usd_per_mtok_in=1.0,
        api_key_env="KEY",
        max_concurrency=3,
        endpoint={"auth": "X-Key"},
        families=frozenset({"f"}),
    )
    assert standing(asked(judge=other), [SAID]).state == "valid"


def test_a_secret_is_neither_kept_nor_said() -> None:
    secret = replace(JUDGE, endpoint={"auth": "hush"}, parameters={"token": "hush"})
    own = parts(replace(secret, parameters={}), RUBRIC, swap="both", repeats=1, repeat_share=1.0)
    assert "hush" not in str(own)
    assert "hush" not in " ".join(standing(asked(judge=secret), [SAID]).why)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-12-30T11:00:00+00:00", "valid"),
        ("2026-12-30T13:00:00+00:00", "stale"),
        ("2026-07-03T11:00:00+00:00", "stale"),
        ("2026-09-01T12:00:00+00:00", "valid"),
    ],
)
def test_it_holds_for_so_many_days_before_and_after_it_was_made(at: str, state: str) -> None:
    """1 October and 90 days are 30 December."""
    found = standing(replace(ASKED, at=at), [SAID])
    assert found.state == state
    assert all("90 days" in why for why in found.why)
    assert SAID.valid_until.date().isoformat() == "2026-12-30"


def test_newer_or_other_labels_make_it_stale() -> None:
    found = standing(ASKED, [SAID], {"support@2": "its labels support@2 changed"})
    assert (found.state, found.why) == ("stale", ("its labels support@2 changed",))


def test_without_one_the_reason_is_said() -> None:
    found = standing(ASKED, [])
    assert found.state == "none"
    assert "none was made" in found.why[0]
    other = standing(
        ASKED, [replace(SAID, rubric="safety@1", parts={**OWN, "rubric_fingerprint": "x"})]
    )
    assert (other.state, other.why) == (
        "none",
        ("its certificates are for another rubric: safety@1",),
    )


def test_one_that_holds_goes_before_a_newer_one_that_does_not() -> None:
    newer = replace(SAID, made_at="2026-10-20T12:00:00+00:00", parts={**OWN, "model": "j9"})
    assert standing(ASKED, [SAID, newer]).certificate == SAID
    again = replace(SAID, made_at="2026-10-20T12:00:00+00:00")
    assert standing(ASKED, [SAID, again]).certificate == again


def test_the_same_settings_under_another_name_are_the_same_judge() -> None:
    assert standing(replace(ASKED, judge="renamed"), [SAID]).state == "valid"
    assert standing(replace(asked(repeats=2), judge="renamed"), [SAID]).state == "none"


def test_it_is_read_as_it_was_written_and_every_part_has_a_name() -> None:
    assert from_payload(to_payload(SAID)) == SAID
    assert set(OWN) == set(PARTS)
