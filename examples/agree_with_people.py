"""Do these judges agree with people? A comparison, labels of a random part of it, one report.

    python examples/agree_with_people.py

Judges and labels are made up here, so no key and no person is needed: the program plays three people who
label half of the items. With real ones, run `judge compare`, draw with `judge labels draw RUN`, let people
label, and make the report again: `judge report RUN --labels labels.jsonl`.
"""

import json
import random
from pathlib import Path

from judge import compare, report_run

DATA = Path(__file__).parent / "data"
PEOPLE = ("ann", "ben", "cat")


def played(item_ids: list[str], *, seed: int) -> list[dict[str, object]]:
    """Labels of a random half of the items: people like the tuned answer more often, and err at times."""
    rng = random.Random(seed)
    rows: list[dict[str, object]] = []
    for item_id in rng.sample(item_ids, len(item_ids) // 2):
        liked = rng.choices(["a", "b", "tie"], [6, 3, 1])[0]
        for rater in PEOPLE:
            label = liked if rng.random() < 0.9 else rng.choice(["a", "b", "tie"])
            pair = {"item_id": item_id, "system_a": "tuned", "system_b": "base"}
            # How probable this item was to be labelled: without it labels correct nothing.
            rows.append({**pair, "rater": rater, "label": label, "inclusion_prob": 0.5})
    return rows


def main() -> None:
    judged = compare(
        DATA / "base.jsonl",
        DATA / "tuned.jsonl",
        judges=["simulated/sim-fair", "simulated/sim-long"],
        rubrics=("correctness",),
        seed=1,
    )
    base = (DATA / "base.jsonl").read_text("utf-8").splitlines()
    labels = played([json.loads(line)["item_id"] for line in base], seed=1)
    file = Path("labels.jsonl")
    file.write_text("".join(json.dumps(row) + "\n" for row in labels), "utf-8")

    result = report_run(str(judged.run_id), labels=file)
    print(result.text())
    people = result.report.agreement
    panel = next(row for row in people.judges if row.judge == "panel")
    print(f"panel and people: {panel.percent.value:.3f} of n = {panel.n_items} pairs")


if __name__ == "__main__":
    main()
