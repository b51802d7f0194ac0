"""Reads judge.toml, and turns what a caller names into judges.

The file is a record that people share and commit: it names the variables that hold keys, and a key
written into it is refused without being repeated.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from judge.editor_schema import editor_schema
from judge.errors import InputError
from judge.families import matched
from judge.plan import Swap
from judge.stats.merge import check as check_merge
from judge.toml_files import read_toml
from judge.types import JudgeModel, canonical
from judge.validation import validated
from judge.workflow.config_judges import (
    Count,
    Families,
    JudgeTable,
    Price,
    Strict,
    capabilities_of,
    endpoint_of,
    problems,
    url_problems,
)
from judge.workflow.config_keys import DESCRIPTIONS

DEFAULT_FILE = "judge.toml"

KEY_VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}

_SECRET_KEYS = re.compile(
    r"(x?apikey|authorization|proxyauthorization|secret|secretkey|password|bearer|accesstoken)"
)


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What [run] says; None or () where it says nothing, so that flags and defaults can."""

    rubrics: tuple[str, ...] = ()
    seed: int | None = None
    swap: str | None = None
    repeats: int | None = None
    repeat_share: float | None = None
    store: str | None = None
    out: str | None = None
    max_cost_usd: float | None = None
    concurrency: int | None = None
    max_missing: float | None = None
    stop_early: bool | None = None
    margin: float | None = None
    merge: str | None = None
    style: bool | None = None
    labels: str | None = None
    certificate_days: int | None = None
    epsilon: float | None = None
    risk: float | None = None
    delta: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A judge.toml, checked. families: patterns in the file's order, each with its families."""

    judges: tuple[JudgeModel, ...] = ()
    run: RunSettings = RunSettings()
    fail_if: tuple[str, ...] = ()
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)


# -- the file ------------------------------------------------------------------------------------


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Texts = Annotated[
    list[Annotated[str, Field(min_length=1)]],
    Field(min_length=1),
    BeforeValidator(_one_or_more, json_schema_input_type=str | list[str]),
]


def _place(name: str) -> str:
    if "\0" in name:
        raise ValueError("holds a NUL, which no file's name has; write the name without it")
    return name


_Place = Annotated[str, Field(min_length=1), AfterValidator(_place)]


class _Run(Strict):
    rubric: _Texts | None = None
    seed: int | None = None
    swap: str | None = None
    repeats: Count | None = None
    repeat_share: Annotated[float, Field(gt=0, le=1)] | None = None
    store: _Place | None = None
    out: _Place | None = None
    max_cost_usd: Price | None = None
    concurrency: Count | None = None
    max_missing: Annotated[float, Field(ge=0, le=1)] | None = None
    margin: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    merge: str | None = None
    stop_early: bool | None = None
    style: bool | None = None
    labels: _Place | None = None
    certificate_days: Count | None = None
    epsilon: Annotated[float, Field(ge=0, lt=1)] | None = None
    risk: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    delta: Annotated[float, Field(gt=0, lt=0.5)] | None = None


class _Gate(Strict):
    fail_if: _Texts | None = None


class _File(Strict):
    judges: list[JudgeTable] = Field(default_factory=list)
    run: _Run = _Run()
    gate: _Gate = _Gate()
    families: dict[str, Families] = Field(default_factory=dict)


def json_schema() -> str:
    """The JSON schema (draft 2020-12) of judge.toml, as it is kept in docs/ for editors."""
    return editor_schema(
        _File, name="judge.config/1", title="judge.toml", descriptions=DESCRIPTIONS
    )


def load_config(path: Path | None, *, folder: Path = Path()) -> Config:
    """The config in that file; for None the folder's judge.toml, or an empty one without it.

    Raises InputError that names the file and the key.
    """
    if path is None:
        path = folder / DEFAULT_FILE
        if not path.exists():
            return Config()
    return parse_config(read_toml(path), str(path))


def parse_config(data: Mapping[str, Any], source: str) -> Config:
    """The config that a TOML document holds. Raises InputError that names source and key."""
    _refuse_secrets(data, source)
    read = validated(_File, data, source)
    families = {pattern: frozenset(names) for pattern, names in read.families.items()}
    for pattern in families:
        _check_pattern(pattern, source)
    judges = []
    for n, judge in enumerate(read.judges):
        try:
            judges.append(_judge(judge, families))
        except InputError as error:
            raise InputError(f"{source}: key `judges[{n}]`: {error}") from None
    _named(source, lambda: check_judges(judges))
    if read.run.swap is not None:
        swap = read.run.swap
        _named(f"{source}: key `run.swap`", lambda: Swap.parse(swap))
    if read.run.merge is not None:
        merge = read.run.merge
        _named(f"{source}: key `run.merge`", lambda: check_merge(merge))
    return Config(tuple(judges), _run(read.run), tuple(read.gate.fail_if or ()), families)


def _named(where: str, check: Callable[[], object]) -> None:
    try:
        check()
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _run(read: _Run) -> RunSettings:
    values = read.model_dump(exclude={"rubric"})
    return RunSettings(rubrics=tuple(read.rubric or ()), **values)


def _refuse_secrets(value: Any, source: str, place: str = "") -> None:
    """Raise where a key is named as secrets are, whatever it holds."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            here = f"{place}.{key}" if place else str(key)
            if _SECRET_KEYS.fullmatch(re.sub(r"[-_ ]", "", key).lower()) and place != "families":
                raise InputError(
                    f"{source}: key `{here}`: secrets do not belong into this file; put the key into "
                    "an environment variable and name it in api_key_env"
                )
            _refuse_secrets(held, source, here)
    elif isinstance(value, list):
        for n, held in enumerate(value):
            _refuse_secrets(held, source, f"{place}[{n}]")


def _check_pattern(pattern: str, source: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise InputError(
            f"{source}: key `families`: {pattern!r} is no regular expression: {error}"
        ) from error
    if re.search(pattern, ""):
        raise InputError(
            f"{source}: key `families`: {pattern!r} fits every name; write a part of the names that are meant"
        )


# -- judges --------------------------------------------------------------------------------------


def select_judges(specs: Sequence[str], config: Config) -> tuple[JudgeModel, ...]:
    """The judges that a caller named, or all of the config where none was named; checked together."""
    if not specs:
        return config.judges
    judges = _told_apart([parse_judge(spec, config) for spec in specs], config)
    check_judges(judges)
    return judges


def _told_apart(judges: Sequence[JudgeModel], config: Config) -> tuple[JudgeModel, ...]:
    """The judges, those that share a model's name called by provider and, if need be, address."""
    known = {judge.judge for judge in config.judges}
    named = list(judges)
    for longer in (_with_provider, _with_address):
        counts = Counter(judge.judge for judge in named)
        named = [
            dataclasses.replace(judge, judge=longer(judge))
            if counts[judge.judge] > 1 and judge.judge not in known
            else judge
            for judge in named
        ]
    return tuple(named)


def _with_provider(judge: JudgeModel) -> str:
    return f"{judge.provider}/{judge.model}"


def _with_address(judge: JudgeModel) -> str:
    return f"{judge.provider}/{judge.model}@{judge.base_url}"


def parse_judge(spec: str, config: Config) -> JudgeModel:
    """The judge of `provider/model[@base_url]`, or the config's judge of that id."""
    by_id = {judge.judge: judge for judge in config.judges}
    if spec in by_id:
        return by_id[spec]
    where = f"--judge {_without_login(spec)}"
    provider, _, rest = spec.partition("/")
    model, base_url = _split_url(rest)
    if not provider or not model:
        close = get_close_matches(spec, by_id, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise InputError(
            f"{where}: is neither provider/model[@base_url] nor a judge of the config; {hint}"
            f"config: {', '.join(by_id) or '(no judges)'}"
        )
    read = validated(
        JudgeTable, {"provider": provider, "model": model, "base_url": base_url}, where
    )
    try:
        return _judge(read, config.families)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def check_judges(judges: Sequence[JudgeModel]) -> None:
    """Raise InputError where two judges have one name, one would vote twice, or an address is none."""
    ids: set[str] = set()
    settings: dict[object, str] = {}
    for judge in judges:
        for problem in url_problems(judge.base_url) if judge.base_url else ():
            raise InputError(f"judge {judge.judge}: {problem}")
        if judge.judge in ids:
            raise InputError(
                f"two judges are named {judge.judge}; give one another id in {DEFAULT_FILE}, or ask "
                "one judge several times with --repeats"
            )
        ids.add(judge.judge)
        key = (
            judge.provider,
            judge.model,
            judge.base_url,
            canonical(dict(judge.parameters)),
            judge.capabilities.structured,
            judge.reading,
            canonical({name: v for name, v in judge.endpoint.items() if name != "auth"}),
        )
        if key in settings:
            raise InputError(
                f"judges {settings[key]} and {judge.judge} are the same model with the same settings; "
                "a second vote needs settings of its own, or use --repeats"
            )
        settings[key] = judge.judge


def families_of(names: Collection[str], families: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The families of all patterns that are found in one of the names, in whatever case."""
    return matched(names, families)


def _judge(read: JudgeTable, families: Mapping[str, frozenset[str]]) -> JudgeModel:
    """The judge of an entry. Raises InputError that says what to change, not where."""
    name = read.id or read.model
    problem = next(problems(read, name), None)
    if problem:
        raise InputError(problem)
    return JudgeModel(
        judge=name,
        provider=read.provider,
        model=read.model,
        base_url=read.base_url.rstrip("/") if read.base_url else None,
        families=frozenset(read.families or families_of((name, read.model), families)),
        capabilities=capabilities_of(read),
        parameters=read.parameters,
        usd_per_mtok_in=read.usd_per_mtok_in,
        usd_per_mtok_out=read.usd_per_mtok_out,
        api_key_env=read.api_key_env or KEY_VARIABLES.get(read.provider),
        max_concurrency=read.max_concurrency,
        requests_per_minute=read.requests_per_minute,
        tokens_per_minute=read.tokens_per_minute,
        # What a simulated judge said must never pass for a real one's, so `false` does not undo it.
        simulated=read.simulated or read.provider == "simulated" or read.model.startswith("sim-"),
        reading=read.reading,
        endpoint=endpoint_of(read.http),
    )


def _split_url(rest: str) -> tuple[str, str | None]:
    """Model and base_url; a model's name may hold @ and /, so the last @http counts."""
    match = re.fullmatch(r"(.*)@(https?://.*)", rest, re.DOTALL)
    return (match[1], match[2]) if match else (rest, None)


def _without_login(spec: str) -> str:
    return re.sub(r"//[^/]*@", "//", spec)


if __name__ == "__main__":
    print(json_schema(), end="")
