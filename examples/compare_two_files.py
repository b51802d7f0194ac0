"""Is the tuned model better than the base model? Two files, two judges, one answer.

    python examples/compare_two_files.py

The judges here are simulated, so no key is needed. With real ones, name them as on the command line:
judges=["openai/MODEL", "anthropic/MODEL"].
"""

from pathlib import Path

from judge import compare

DATA = Path(__file__).parent / "data"


def main() -> None:
    result = compare(
        DATA / "base.jsonl",
        DATA / "tuned.jsonl",
        judges=["simulated/sim-fair", "simulated/sim-long"],
        rubrics=("correctness",),
        seed=1,
    )
    print(result.text())
    panel = next(row for row in result.report.comparisons or () if row.judge == "panel")
    print(f"panel: {panel.conclusion}, {panel.raw.value:.3f}, n = {panel.raw.n}")


if __name__ == "__main__":
    main()
