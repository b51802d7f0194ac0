"""What a change of a rubric did to verdicts, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from judge.analysis.rubric_audit import WordingRow
from judge.report import words
from judge.report.audit_words import change_told
from judge.report.build import estimate
from judge.report.doctor import hanging
from judge.types import Estimate

POINT = "- "
NAMED = 3  # runs that are named before the rest is counted


@dataclass(frozen=True, slots=True)
class Effect:
    """What one judge said under both. row: the newer wording against the older.

    again: how often one of both, asked again, said the same; excess_flips, p_value: what the other flips
    above that; repeated: which side was asked again, 0 the older and 1 the newer, None where neither was.
    """

    judge: str
    n_items: int
    row: WordingRow
    again: Estimate
    excess_flips: Estimate
    p_value: float | None
    repeated: int | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What was measured of a change. names: both sides; why: why nothing can be, "" where it could.

    has: how many runs asked each side; runs: those that are used; unused: why others are not.
    rescaled: the newer scores were mapped to the older scale.
    """

    names: tuple[str, str]
    store: str = ""
    why: str = ""
    has: tuple[int, int] = (0, 0)
    runs: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    judges: tuple[Effect, ...] = ()
    rescaled: bool = False
    simulated: bool = False


def text(found: Effects, command: str, *, width: int = 80) -> str:
    """What moved, judge by judge, and which runs say so. command: what would measure it."""
    lines = ["Measured effect"]
    for told in _told(found, command):
        head = POINT if told.startswith(POINT) else ""
        lines += [f"  {line}" for line in hanging(told.removeprefix(POINT), width - 2, head)]
    return "\n".join(lines)


def _told(found: Effects, command: str) -> Iterator[str]:
    if found.why:
        yield f"Not to be measured: {found.why}."
    elif not found.judges:
        yield f"{_none(found)}; `{command}` measures it"
    for effect in found.judges:
        yield from _of_judge(effect, found)
    if found.rescaled:
        yield "the scales differ: the newer scores are mapped to the older scale, end to end"
    if found.simulated:
        yield "the judges are simulated: that something moved shows that the software works, no more"
    if found.runs:
        yield f"from {_runs(found.runs)} in {words.clean(found.store)}"
    yield from map(words.clean, found.unused[:NAMED])
    if more := found.unused[NAMED:]:
        yield f"and {words.counted(len(more), 'more run')} that asked another text"


def _none(found: Effects) -> str:
    """Why there is no effect to tell."""
    lacking = [name for name, n in zip(found.names, found.has, strict=True) if not n]
    if not found.store or len(lacking) == 2:
        return "no run has both"
    if lacking:
        return f"no run has both: none asked {words.clean(lacking[0])}"
    return "no run has both on the same texts, by the same judges with the same settings"


def _runs(runs: tuple[str, ...]) -> str:
    named = words.listed(runs, most=NAMED)
    return f"{'run' if len(runs) == 1 else 'runs'} {named}"


def _of_judge(effect: Effect, found: Effects) -> Iterator[str]:
    row, judge = effect.row, words.name(effect.judge)
    same = estimate(row.identical)
    if same.value is None and row.mean_absolute.value is None:
        yield f"{judge} has no verdict under both that could be compared: {words.clean(same.note)}."
        return
    if same.value is None:
        yield (
            f"{judge} gave scores on {words.counted(row.mean_absolute.n, 'presentation')}, "
            f"{words.counted(effect.n_items, 'item')}: {words.clean(same.note)}."
        )
        yield from _numbers(row)
        return
    missing = (
        f", {words.count(same.n_missing)} without a verdict left out" if same.n_missing else ""
    )
    yield (
        f"{judge} decided the same under both on {words.percent(same.value)} of "
        f"{words.counted(same.n, 'presentation')} {words.bracket(same)}, "
        f"{words.counted(effect.n_items, 'item')}{missing}."
    )
    yield _net(effect, found.names)
    yield from _numbers(row)


def _net(effect: Effect, names: tuple[str, str]) -> str:
    """The flips above those of asking again, where anything was asked again."""
    if effect.repeated is None:
        return "- net of the judge's own noise: not known, as nothing was asked twice"
    which = words.clean(names[effect.repeated])
    excess = estimate(effect.excess_flips)
    return (
        f"- asked {which} again it decided the same on {words.percent(effect.again.value)}; flips net of "
        f"that: {change_told(excess)}, p {words.p_value(effect.p_value)}"
    )


def _numbers(row: WordingRow) -> Iterator[str]:
    kappa, shift = estimate(row.kappa), estimate(row.shift)
    if kappa.value is not None:
        yield f"- Cohen's kappa {words.estimate(kappa)}"
    if shift.value is not None:
        what = f"the win rate of {words.name(row.favoured)}" if row.favoured else "the mean score"
        yield f"- {what} moved by {change_told(shift)}, p {words.p_value(row.shift_p_value)}"
    rank = estimate(row.rank_correlation)
    if rank.value is not None:
        yield f"- Spearman's correlation of the scores {words.estimate(rank)}"
