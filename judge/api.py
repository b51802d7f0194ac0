"""The Python face: the same work as the command line, as plain functions and as coroutines.

    from judge import compare
    result = compare("base.jsonl", "tuned.jsonl", judges=["openai/MODEL"])
    print(result.text())

Paths are those of files of responses; judges are records or the words of `--judge`. Every other
argument is a field of Options and goes over what ./judge.toml says. Where an event loop runs already,
await compare_async or score_async.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judge.types import JudgeModel
from judge.workflow import analyze as _analyze
from judge.workflow import compare as _compare
from judge.workflow import judging
from judge.workflow import score as _score
from judge.workflow.config import check_judges, load_config, parse_judge
from judge.workflow.options import Options, merged
from judge.workflow.reporting import Result
from judge.workflow.running import World

Named = str | JudgeModel
PathLike = str | Path


async def compare_async(
    base: PathLike,
    new: PathLike | Sequence[PathLike],
    *,
    judges: Sequence[Named] = (),
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on whether NEW, or each of several, is better than BASE.

    Raises InputError for what must change.
    """
    chosen = _options(judges, _gated(options))
    what = _compare.prepared(Path(base), _paths(new), chosen)
    return await judging.judged(what, chosen, world or World(environ=os.environ))


def compare(base: PathLike, new: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as compare_async, waited for."""
    return asyncio.run(compare_async(base, new, **arguments))


async def score_async(
    responses: PathLike | Sequence[PathLike],
    *,
    judges: Sequence[Named] = (),
    world: World | None = None,
    **options: Any,
) -> Result:
    """The report on single answers against a rubric."""
    chosen = _options(judges, options)
    what = _score.prepared(_paths(responses), chosen)
    return await judging.judged(what, chosen, world or World(environ=os.environ))


def score(responses: PathLike | Sequence[PathLike], **arguments: Any) -> Result:
    """The same as score_async, waited for."""
    return asyncio.run(score_async(responses, **arguments))


def analyze(
    verdicts: PathLike,
    *,
    families: Mapping[str, frozenset[str]] | None = None,
    **options: Any,
) -> Result:
    """The report of verdicts that were recorded elsewhere."""
    return _analyze.analyzed(Path(verdicts), _options((), _gated(options)), families=families)


def _paths(given: PathLike | Sequence[PathLike]) -> list[Path]:
    several = [given] if isinstance(given, str | Path) else given
    return [Path(path) for path in several]


def _gated(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with the gates of ./judge.toml, for what can come to a conclusion."""
    return {"fail_if": load_config(None).fail_if, **options}


def _options(judges: Sequence[Named], options: Mapping[str, Any]) -> Options:
    """The arguments over ./judge.toml over the defaults, as on the command line."""
    config = load_config(None)
    named = tuple(j if isinstance(j, JudgeModel) else parse_judge(j, config) for j in judges)
    check_judges(named)
    return merged(config, named or config.judges, **options)
