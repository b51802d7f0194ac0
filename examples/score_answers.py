"""Score single answers on a rubric and hold one system against another, item by item.

python examples/score_answers.py
"""

from pathlib import Path

from judge import score

DATA = Path(__file__).parent / "data"


def main() -> None:
    result = score(
        [DATA / "tuned.jsonl", DATA / "base.jsonl"],
        judges=["simulated/sim-fair"],
        baseline="base",
        limit=40,
    )
    for row in result.report.scores or ():
        name = row.criterion or "overall"
        difference = row.difference_from_baseline
        told = "" if difference.value is None else f"  {difference.value:+.2f} against base"
        print(f"{row.system:6} {name:13} {row.raw.value:.2f} (n = {row.raw.n}){told}")


if __name__ == "__main__":
    main()
