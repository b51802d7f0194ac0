"""What benchmarks of judges share: pairs with a label known beforehand, and prompts used twice.

Their two answers are the first and the second of a pair, not systems, so that nothing is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from judge.errors import InputError, short
from judge.formats import Row, bad
from judge.formats.published import Cells, coded
from judge.pairing import prompt_id
from judge.types import HumanLabel

# The rater of a label that came with the benchmark.
GOLD = "gold"


def clustered(rows: Iterable[Row], prompts: Mapping[str, str]) -> list[Row]:
    """Rows of ours, with one cluster for the items that share a prompt. prompts: item -> prompt."""
    number = Counter(prompts.values())
    shared = {item: prompt_id((text,)) for item, text in prompts.items() if number[text] > 1}
    return [(n, {**row, "cluster": shared.get(row["item_id"], "")}) for n, row in rows]


def gold_labels(
    said: Iterable[tuple[Cells, str, str]], systems: Mapping[str, str], source: str
) -> tuple[HumanLabel, ...]:
    """One label an item, from rows that may repeat it. said: a row, its item, its label.

    Raises InputError where two rows of an item disagree.
    """
    found: dict[str, tuple[str, int]] = {}
    for row, item, label in said:
        known, earlier = found.setdefault(item, (label, row.row))
        if known != label:
            problem = f"item {item!r} has another label in row {earlier}; make them agree"
            raise bad(row.source, row.row, "label", problem)
    if not found:
        raise InputError(f"{source}: holds no rows; write at least one")
    a, b = systems["system_a"], systems["system_b"]
    return tuple(
        HumanLabel(item, GOLD, system_a=a, system_b=b, label=label)
        for item, (label, _) in found.items()
    )


def winner(value: object, first: str, second: str) -> str:
    """`a` or `b` for a value that names the first or the second answer. Raises ValueError."""
    known = {first: "a", second: "b"}
    if coded(value) not in known:
        raise ValueError(f"{short(value)} is not one of {first}, {second}")
    return known[coded(value)]
