"""What other numbers of wordings and judges would reach, from the components of a generalizability study."""

from __future__ import annotations

from dataclasses import dataclass

from judge.stats.generalizability import (
    ALL_THREE,
    ITEM,
    ITEM_JUDGE,
    ITEM_WORDING,
    JUDGE,
    REPEATS,
    WORDING,
    WORDING_JUDGE,
    Part,
)

TARGET = 0.9
MOST_WORDINGS, MOST_JUDGES = 10, 5


@dataclass(frozen=True, slots=True)
class Design:
    """What a design would reach: e_rho2 in ordering items, phi where the level counts as well."""

    wordings: int
    judges: int
    e_rho2: float | None
    phi: float | None

    @property
    def questions(self) -> int:
        """How many verdicts an item takes."""
        return self.wordings * self.judges


def design(parts: tuple[Part, ...], wordings: int, judges: int) -> Design:
    """What a mean over so many wordings and judges, one verdict each, would reach.

    Components below 0 count as 0. With the components of one judge, judges must be 1: nothing is known of
    how judges differ. None where nothing but 0 would be divided. Source: Cronbach et al. 1972; Brennan
    2001, section 4.1.
    """
    of = {part.name: part.value for part in parts}
    item = of[ITEM]
    relative = (
        of.get(ITEM_WORDING, 0.0) / wordings
        + of.get(ITEM_JUDGE, 0.0) / judges
        + (of.get(ALL_THREE, 0.0) + of.get(REPEATS, 0.0)) / (wordings * judges)
    )
    level = (
        of[WORDING] / wordings
        + of.get(JUDGE, 0.0) / judges
        + of.get(WORDING_JUDGE, 0.0) / (wordings * judges)
    )
    return Design(wordings, judges, _ratio(item, relative), _ratio(item, relative + level))


def _ratio(item: float, error: float) -> float | None:
    return item / (item + error) if item + error > 0 else None


def designs(
    parts: tuple[Part, ...], most_wordings: int = MOST_WORDINGS, most_judges: int = MOST_JUDGES
) -> tuple[Design, ...]:
    """Every design of the grid; with the components of one judge those of one judge."""
    has_judges = any(part.name == JUDGE for part in parts)
    return tuple(
        design(parts, wordings, judges)
        for judges in range(1, (most_judges if has_judges else 1) + 1)
        for wordings in range(1, most_wordings + 1)
    )


def needed(found: tuple[Design, ...], target: float = TARGET) -> tuple[Design, ...]:
    """The designs with the fewest questions an item whose E rho^2 reaches the target; () if none does."""
    enough = [d for d in found if d.e_rho2 is not None and d.e_rho2 >= target]
    least = min((d.questions for d in enough), default=0)
    return tuple(d for d in enough if d.questions == least)
