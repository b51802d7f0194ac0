"""What moves this judge that must not? And what an audit of it says in the next report.

The judge is simulated: it prefers the longer answer and needs no key. It is put through two groups of the
battery, each item's losing answer made longer by filler or made to claim authority. The audit is then
named in a comparison of the same two systems, which shows what length alone does beside the win rate.

    python audit_a_judge.py
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from judge import audit_judge, compare

DATA = Path(__file__).parent / "data"
BASE, TUNED = DATA / "base.jsonl", DATA / "tuned.jsonl"
JUDGE = "simulated/sim-long"


def main() -> None:
    with TemporaryDirectory() as folder:
        where = {"store": str(Path(folder) / "store.db"), "out": Path(folder) / "report"}
        audit = audit_judge(
            [BASE, TUNED],
            judges=[JUDGE],
            only=["padding", "claims"],
            limit=40,
            fail_if=["moved"],
            **where,
        )
        assert audit.report.judge_audit is not None
        (battery,) = audit.report.judge_audit.batteries
        print(
            f"{battery.judge} on {battery.n_items} items; asked again, {battery.noise.value:.0%} flip"
        )
        for effect in battery.effects:
            p = effect.shift_p_adjusted
            shown = "-" if p is None else f"p = {p:.3f}"
            print(
                f"  {effect.perturbation:14} {effect.shift.value:+.2f}  {shown}  {effect.finding}"
            )
        for reason in audit.reasons:
            print(reason)

        report = compare(BASE, TUNED, judges=[JUDGE], padded=audit.run_id, **where).report
        length = report.judges[0].length
        assert length.padding is not None
        print(f"length in the comparison: {length.coefficient.value:+.2f} (goes with length)")
        print(f"filler alone: {length.padding.slope.value:+.2f} log-odds a doubling (is length)")


if __name__ == "__main__":
    main()
