"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are written without their HTML page, which takes longest and has tests of its own."""
    from judge.workflow.reporting import Result

    monkeypatch.setattr(Result, "html", lambda _: "")
