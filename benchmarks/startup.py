"""How long `judge --help` and `import judge` take, as multiples of a bare interpreter's start.

python benchmarks/startup.py
"""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 7


def best_s(*arguments: str) -> float:
    """The shortest of several starts, in seconds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        taken.append(time.perf_counter() - begun)
    return min(taken)


def main() -> None:
    bare = best_s("-c", "pass")
    print(f"python -c pass  {1000 * bare:6.1f} ms")
    for name, arguments in {
        "judge --help": ("-c", "from judge.cli import main; main()", "--help"),
        "import judge": ("-c", "import judge"),
    }.items():
        taken = best_s(*arguments)
        print(f"{name:14}  {1000 * taken:6.1f} ms  {taken / bare:5.1f} x")


if __name__ == "__main__":
    main()
