"""What is written is there whole, or not at all and with nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.workflow.whole_files import replaced


def test_a_text_that_cannot_be_written_leaves_the_earlier_one_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "report.json"
    replaced(path, "before")
    with pytest.raises(UnicodeEncodeError):
        replaced(path, "half a character: \ud83d")
    assert path.read_text("utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.json", tmp_path / "link.json"
    kept.write_text("before", "utf-8")
    link.symlink_to(kept)
    assert replaced(link, "after\r\n") == link
    assert link.is_symlink()
    assert kept.read_bytes() == b"after\r\n"
