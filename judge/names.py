"""What a name may hold, wherever it was read: ids, systems, judges, rubrics, clusters, categories."""

from __future__ import annotations

import re

from judge.errors import cut

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def check_name(name: str) -> None:
    """Raises ValueError for a name with half a character in it.

    JSON can spell a lone surrogate, UTF-8 cannot: such a name could neither be grouped by nor written
    to a file that others read. Texts are not names and may hold one.
    """
    found = _LONE_SURROGATE.search(name)
    if found:
        raise ValueError(
            f"{cut(ascii(name))} holds half a character (U+{ord(found[0]):04X}); write the name without it"
        )
