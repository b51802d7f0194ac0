"""What a report needs of a run's store: what was paid for each judge."""

from __future__ import annotations

from typing import Protocol


class Account(Protocol):
    """What a run's store knows of a judge's calls."""

    @property
    def reused(self) -> int: ...
    @property
    def cost_usd(self) -> float | None: ...
    @property
    def calls(self) -> int: ...
    @property
    def attempts(self) -> int: ...
    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...
