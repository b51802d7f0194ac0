"""What do verdicts that were paid for elsewhere say, and does their judge lean to what it sees first?

    python examples/audit_recorded_verdicts.py

A verdict table is any JSONL, JSON, CSV or Parquet file with item_id, system_a, system_b, judge, label
and, if it was recorded, order. This program writes a small one and reads it.
"""

import json
import tempfile
from pathlib import Path

from judge import analyze

# A judge that names the first response too often: (label in order AB, label in order BA).
PAIRS = [("a", "a"), ("a", "b"), ("b", "b"), ("a", "b"), ("a", "a"), ("tie", "b"), ("a", "b")] * 6


def rows() -> list[dict[str, str]]:
    return [
        {
            "item_id": f"item-{n}",
            "system_a": "new",
            "system_b": "old",
            "judge": "my-judge",
            "order": order,
            "label": label,
        }
        for n, labels in enumerate(PAIRS)
        for order, label in zip(("AB", "BA"), labels, strict=True)
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "verdicts.jsonl"
        table.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
        result = analyze(table)
    print(result.text())
    position = result.report.judges[0].position
    print(f"shown first, it wins {position.first_shown_rate.value:.0%}; p = {position.p_value:.4f}")


if __name__ == "__main__":
    main()
