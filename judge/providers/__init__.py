"""The one narrow door to a judge's API, so that the engine knows no API and no test needs a network.

A module of this package is one API: `connect(judge, *, api_key, timeout_s=120.0, http_client=None)`
returns its Provider. A provider classifies errors and decides nothing: no retries, no pacing.
"""

from __future__ import annotations

from typing import Protocol

from judge.types import Completion, JudgeModel, Prompt


class Provider(Protocol):
    """Something that can be asked for a completion. One object a judge."""

    async def complete(self, judge: JudgeModel, prompt: Prompt) -> Completion:
        """The answer to a prompt. Raises ProviderError subclasses only."""
        ...

    async def aclose(self) -> None:
        """Nothing; connections are closed."""
        ...
