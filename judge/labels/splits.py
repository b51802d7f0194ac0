"""Which split an item of a label set belongs to: decided by a hash, so that nobody can choose.

A rubric is tried on `dev`, corrections are fitted on `calib`, and what is reported stands on `test`. An
item's split hangs on the set's name and its cluster alone: items that are added later move none, and
items of one cluster, such as one prompt with several pairs, are never apart.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from judge.errors import InputError

SPLITS = ("dev", "calib", "test")
SHARES = (0.2, 0.4, 0.4)


def split_of(set_name: str, cluster: str, shares: Sequence[float] = SHARES) -> str:
    """The split of the items of a cluster (an item's own id where it has no other).

    shares: of dev, calib and test, summing to 1; one that is 0 gets none.
    """
    number = _number(set_name, cluster)
    if number < shares[0]:
        return SPLITS[0]
    return SPLITS[1] if number < shares[0] + shares[1] else SPLITS[2]


def _number(set_name: str, cluster: str) -> float:
    """A number in [0, 1) that hangs on nothing but its arguments."""
    key, message = (text.encode("utf-8", "surrogatepass") for text in (set_name, cluster))
    return (
        int.from_bytes(hmac.digest(b"split\x1f" + key, message, hashlib.sha256)[:6], "big") / 2**48
    )


def parse_shares(text: str) -> tuple[float, float, float]:
    """Shares of dev, calib and test from a text such as 20/40/40. Raises InputError."""
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        parts = []
    if (
        len(parts) != 3
        or not all(0 <= part <= 100 for part in parts)
        or abs(sum(parts) - 100) > 1e-9
    ):
        raise InputError(
            f"--splits {text}: give the percents of dev, calib and test, summing to 100, as in 20/40/40"
        )
    dev, calib, test = (part / 100 for part in parts)
    return dev, calib, test
