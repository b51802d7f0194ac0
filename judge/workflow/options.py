"""What a user can ask of a command, in one record that every face fills in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from judge.analysis.agree_asked import AgreeAsked
from judge.analysis.people import Split
from judge.analysis.ranking import TIES, Ties
from judge.certificates import MAX_AGE_DAYS
from judge.errors import InputError
from judge.stats.merge import AVERAGE
from judge.stats.merge import check as check_merge
from judge.types import JudgeModel, Rubric
from judge.workflow.config import Config

STORE = ".judge/store.db"
RUNS = Path(".judge/runs")
RUBRICS = Path("rubrics")


def store_flag(name: str) -> str:
    """What a command needs to find that store: nothing where it is the usual one."""
    return "" if name == STORE else f" --store {name}"


NO_JUDGE = (
    "no judge is configured: name one with `--judge provider/model`, for instance\n"
    "    --judge openai/MODEL            with OPENAI_API_KEY set\n"
    "    --judge anthropic/MODEL         with ANTHROPIC_API_KEY set\n"
    "    --judge openai/MODEL@http://127.0.0.1:8000/v1    a server of your own\n"
    "or write them into judge.toml (`judge init`). `judge demo` needs none."
)


@dataclass(frozen=True, slots=True)
class Options:
    """The common flags. columns: our field -> the column of the files that holds it.

    format: of the files that are read; beside: role -> a file that the format reads with them.
    slices: the columns by whose values comparisons are told apart. margin: a difference from 0.5 that
    counts as none, without which nothing is called equivalent or unbiased. merge: how the orders of a
    pair become one value. design: which pairs a ranking judges, as pair_designs has it; ties: how it takes
    them. labels: people's, a file's or a set's, and labels_format how a file of them is written; scale:
    the whole scale of single answers, as in 1..5; split, epsilon, risk, delta, replicates, cascade: as
    AgreeAsked has them, its own where None. escalate: a confidence below which the next judge is asked, or
    the report that found one. padded: verdicts on the same single answers made longer, else an audit of the
    judges by its id; anchors: items with known answers, by which drift is found; certificate_days: how long a
    certificate is quoted; length_penalty: points for each doubling of the length beyond an item's median.
    style: whether layout is told apart from length. families: pattern of the names of judges and systems ->
    who trained them.
    """

    judges: tuple[JudgeModel, ...] = ()
    rubrics: tuple[str, ...] = ()
    baseline: str | None = None
    swap: str = "both"
    repeats: int = 1
    repeat_share: float = 1.0
    seed: int = 0
    limit: int | None = None
    concurrency: int = 64
    max_cost_usd: float | None = None
    max_missing: float = 0.05
    fresh: bool = False
    fail_if: tuple[str, ...] = ()
    design: str | None = None
    ties: Ties = "half"
    columns: Mapping[str, str] = field(default_factory=dict)
    format: str = "native"
    beside: Mapping[str, Path] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    stop_early: bool = False
    escalate: str | None = None
    cascade: tuple[str, ...] = ()
    margin: float | None = None
    merge: str = AVERAGE
    labels: Path | None = None
    labels_format: str | None = None
    split: Split | None = None
    scale: str | None = None
    epsilon: float | None = None
    risk: float | None = None
    delta: float | None = None
    replicates: int | None = None
    padded: Path | None = None
    anchors: Path | None = None
    certificate_days: int = MAX_AGE_DAYS
    length_penalty: float | None = None
    style: bool = False
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)
    store: str = STORE
    out: Path | None = None

    @property
    def agree(self) -> AgreeAsked:
        """What is asked of judges and labels. Raises InputError for a number that cannot be."""
        return agreed(self, AgreeAsked())

    def folder(self, run_id: str) -> Path:
        """Where a run's report goes."""
        return self.out or RUNS / run_id


def merged(config: Config, judges: tuple[JudgeModel, ...], **given: Any) -> Options:
    """What was given over what the file says over the defaults; None and () give nothing.

    Raises InputError for a number that cannot be meant.
    """
    said = {name: value for name, value in asdict(config.run).items() if _is_said(value)}
    for name in ("out", "labels"):
        if name in said:
            said[name] = Path(said[name])
    chosen = {**said, **{name: value for name, value in given.items() if _is_said(value)}}
    _check_numbers(chosen)
    check_merge(chosen.get("merge", AVERAGE))
    options = Options(judges=judges, **{"families": config.families, **chosen})
    agreed(options, AgreeAsked())
    return options


_BOUNDS = ("split", "epsilon", "risk", "delta", "replicates")
OF_PEOPLE = ("labels", "labels_format", *_BOUNDS)


def only_given(options: Options, given: Mapping[str, Any]) -> Options:
    """The options with those about people as the caller gave them, whatever judge.toml says.

    A run keeps the labels that it was reported with; a file's default is for runs that are new.
    """
    own = {name: getattr(options, name) for name in OF_PEOPLE if given.get(name) is not None}
    return replace(options, **{**dict.fromkeys(OF_PEOPLE), **own})


def agreed(options: Options, before: AgreeAsked) -> AgreeAsked:
    """What was asked of judges and labels before, with what these options say over it."""
    given: dict[str, Any] = {name: getattr(options, name) for name in _BOUNDS}
    said = {name: value for name, value in given.items() if value is not None}
    if options.cascade:
        said["cascade"] = options.cascade
    return replace(before, **said)


def _is_said(value: object) -> bool:
    return value is not None and value != ()


def _check_numbers(chosen: Mapping[str, Any]) -> None:
    cost, missing = chosen.get("max_cost_usd"), chosen.get("max_missing")
    penalty = chosen.get("length_penalty")
    if penalty is not None and not 0 <= penalty < math.inf:
        raise InputError(f"--length-penalty {penalty}: must be a number of points, 0 or more")
    margin = chosen.get("margin")
    if margin is not None and not 0 < margin < 0.5:
        raise InputError(
            f"--margin {margin}: must be a difference of rates above 0 and below 0.5, as in 0.05"
        )
    if cost is not None and not 0 <= cost < math.inf:
        raise InputError(f"--max-cost {cost}: must be a number of dollars, 0 or more")
    if chosen.get("ties", TIES[0]) not in TIES:
        raise InputError(f"--ties {chosen['ties']}: use {' or '.join(TIES)}")
    if missing is not None and not 0 <= missing <= 1:
        raise InputError(f"--max-missing {missing}: must be a share from 0 to 1")


def check_judges(options: Options) -> None:
    """Raises InputError, with the line to type, where no judge is configured."""
    if not options.judges:
        raise InputError(NO_JUDGE)


def check_rubrics(rubrics: tuple[Rubric, ...]) -> None:
    """Raises InputError where a rubric is named twice."""
    ids = [rubric.id for rubric in rubrics]
    twice = next((i for i in ids if ids.count(i) > 1), None)
    if twice:
        raise InputError(f"--rubric {twice} is given twice; use --repeats to ask again")
