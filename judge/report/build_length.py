"""What an analysis says of length, as the JSON has it."""

from __future__ import annotations

from collections.abc import Callable

from judge.analysis.padding import PaddedBy
from judge.analysis.score_lengths import LengthSlope
from judge.controls.verbosity import GivenGold, Verbosity
from judge.report import schema_length
from judge.report.schema_base import E
from judge.report.schema_length import Length, LengthGivenGold, LengthNoSkill, LengthPadding
from judge.types import Estimate

Writes = Callable[[Estimate], E]


def length(found: Verbosity, write: Writes, padding: LengthPadding | None = None) -> Length:
    """A judge's length entry. write: an estimate as the JSON has it."""
    gold = found.given_gold
    return Length(
        coefficient=write(found.coefficient),
        scale=found.scale,
        p_value=found.p_value,
        longer_wins=write(found.longer_wins),
        extrapolated=found.extrapolated,
        no_skill=[
            LengthNoSkill(judge=n.judge, longer_wins=n.longer_wins, coefficient=n.coefficient)
            for n in found.no_skill
        ],
        given_gold=None if gold is None else _given_gold(gold, write),
        style={name: write(e) for name, e in found.style.items()},
        padding=padding,
    )


def padding(found: PaddedBy | None, judge: str, rubric: str, write: Writes) -> LengthPadding | None:
    """What an audit said of filler with a judge; None where none was named, or none is of it."""
    own = None if found is None else found.of(judge, rubric)
    if found is None or own is None:
        return None
    return LengthPadding(slope=write(own.slope), run_id=found.run_id, made_at=found.made_at)


def _given_gold(gold: GivenGold, write: Writes) -> LengthGivenGold:
    return LengthGivenGold(
        coefficient=write(gold.coefficient),
        p_value=gold.p_value,
        gold=write(gold.gold),
        error_longer=write(gold.error_longer),
        error_shorter=write(gold.error_shorter),
        gap=write(gold.gap),
        longer_right=gold.longer_right,
        n_undecided=gold.n_undecided,
    )


def slope(found: LengthSlope, write: Writes) -> schema_length.LengthSlope:
    """How scores go with length, by judge and criterion."""
    return schema_length.LengthSlope(
        judge=found.judge,
        rubric=found.rubric,
        criterion=found.criterion,
        association=write(found.association),
        bias=write(found.bias),
        source=found.source,
    )
