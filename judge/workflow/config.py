"""Reads judge.toml, and turns what a caller names into judges.

The file is a record that people share and commit: it names the variables that hold keys, and a key
written into it is refused without being repeated.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from judge import registry
from judge.errors import InputError
from judge.plan import Swap
from judge.toml_files import read_toml
from judge.types import CAPABILITY_OF, PANEL, Capabilities, JudgeModel, canonical
from judge.validation import validated

DEFAULT_FILE = "judge.toml"

KEY_VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}

# The Messages API takes none of temperature, top_p, top_k and seed, and answers without logprobs.
_API_CAPABILITIES = {"anthropic": Capabilities(temperature=False, seed=False)}

# Set for every request by the program itself.
_RESERVED = frozenset(
    {"model", "messages", "system", "stream", "n", "response_format", "tools", "tool_choice"}
)

_SECRET_KEYS = re.compile(
    r"(x?apikey|authorization|proxyauthorization|secret|secretkey|password|bearer|accesstoken)"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What [run] says; None or () where it says nothing, so that flags and defaults can."""

    rubrics: tuple[str, ...] = ()
    seed: int | None = None
    swap: str | None = None
    repeats: int | None = None
    store: str | None = None
    out: str | None = None
    max_cost_usd: float | None = None
    concurrency: int | None = None
    max_missing: float | None = None


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


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError("is no name of a variable; write the variable's name, not the key")
    return name


def _families(value: Any) -> Any:
    return value.split("+") if isinstance(value, str) else value


_Texts = Annotated[
    list[Annotated[str, Field(min_length=1)]], Field(min_length=1), BeforeValidator(_one_or_more)
]
_Families = Annotated[
    list[Annotated[str, Field(pattern=r"^[^+\s]([^+]*[^+\s])?$")]],
    Field(min_length=1),
    BeforeValidator(_families),
]
_Positive = Annotated[float, Field(gt=0)]
_Price = Annotated[float, Field(ge=0)]
_Count = Annotated[int, Field(ge=1)]
_Name = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Capabilities(_Strict):
    structured: Literal["json_schema", "tool", "none"] | None = None
    temperature: bool | None = None
    seed: bool | None = None
    logprobs: bool | None = None


class _Judge(_Strict):
    id: _Name | None = None
    provider: _Name
    model: _Name
    base_url: str | None = None
    api_key_env: Annotated[str, AfterValidator(_variable)] | None = None
    families: _Families | None = None
    parameters: dict[str, Any] = {}
    capabilities: _Capabilities = _Capabilities()
    max_concurrency: _Count | None = None
    requests_per_minute: _Positive | None = None
    tokens_per_minute: _Positive | None = None
    usd_per_mtok_in: _Price | None = None
    usd_per_mtok_out: _Price | None = None
    simulated: bool = False


class _Run(_Strict):
    rubric: _Texts | None = None
    seed: int | None = None
    swap: str | None = None
    repeats: _Count | None = None
    store: Annotated[str, Field(min_length=1)] | None = None
    out: Annotated[str, Field(min_length=1)] | None = None
    max_cost_usd: _Price | None = None
    concurrency: _Count | None = None
    max_missing: Annotated[float, Field(ge=0, le=1)] | None = None


class _Gate(_Strict):
    fail_if: _Texts | None = None


class _File(_Strict):
    judges: list[_Judge] = []
    run: _Run = _Run()
    gate: _Gate = _Gate()
    families: dict[str, _Families] = {}


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
    read = validated(_Judge, {"provider": provider, "model": model, "base_url": base_url}, where)
    try:
        return _judge(read, config.families)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def check_judges(judges: Sequence[JudgeModel]) -> None:
    """Raise InputError where two judges have one name, one would vote twice, or an address is none."""
    ids: set[str] = set()
    settings: dict[object, str] = {}
    for judge in judges:
        for problem in _url_problems(judge.base_url) if judge.base_url else ():
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
            judge.capabilities,
        )
        if key in settings:
            raise InputError(
                f"judges {settings[key]} and {judge.judge} are the same model with the same settings; "
                "a second vote needs settings of its own, or use --repeats"
            )
        settings[key] = judge.judge


def families_of(names: Collection[str], families: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The families of all patterns that are found in one of the names, in whatever case."""
    matched = [
        found
        for pattern, found in families.items()
        if any(re.search(pattern, name, re.IGNORECASE) for name in names)
    ]
    return frozenset().union(*matched)


def _judge(read: _Judge, families: Mapping[str, frozenset[str]]) -> JudgeModel:
    """The judge of an entry. Raises InputError that says what to change, not where."""
    name = read.id or read.model
    problem = next(_problems(read, name), None)
    if problem:
        raise InputError(problem)
    return JudgeModel(
        judge=name,
        provider=read.provider,
        model=read.model,
        base_url=read.base_url.rstrip("/") if read.base_url else None,
        families=frozenset(read.families or families_of((name, read.model), families)),
        capabilities=_capabilities(read),
        parameters=read.parameters,
        usd_per_mtok_in=read.usd_per_mtok_in,
        usd_per_mtok_out=read.usd_per_mtok_out,
        api_key_env=read.api_key_env or KEY_VARIABLES.get(read.provider),
        max_concurrency=read.max_concurrency,
        requests_per_minute=read.requests_per_minute,
        tokens_per_minute=read.tokens_per_minute,
        # What a simulated judge said must never pass for a real one's, so `false` does not undo it.
        simulated=read.simulated or read.provider == "simulated" or read.model.startswith("sim-"),
    )


def _capabilities(read: _Judge) -> Capabilities:
    """What the entry says, else what the provider's API is known for."""
    known = _API_CAPABILITIES.get(read.provider, Capabilities())
    return dataclasses.replace(known, **read.capabilities.model_dump(exclude_none=True))


def _problems(read: _Judge, name: str) -> Iterator[str]:
    if name.casefold() == PANEL:
        yield f"{PANEL!r} is reserved for the panel's own row; give the judge another id"
    providers = registry.names("providers")
    if read.provider not in providers:
        close = get_close_matches(read.provider, providers, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        yield f"there is no provider {read.provider!r}; {hint}known: {', '.join(providers)}"
    if read.base_url is not None:
        yield from _url_problems(read.base_url)
    yield from _parameter_problems(read)
    if (read.usd_per_mtok_in is None) != (read.usd_per_mtok_out is None):
        yield "usd_per_mtok_in and usd_per_mtok_out go together; write both, 0 where it is free"


def _url_problems(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        yield "base_url is no address; write it as http://host:port/v1"
        return
    if not is_sound:
        yield "base_url is no address; write it as http://host:port/v1"
    if parts.username is not None or parts.password is not None:
        yield (
            "base_url holds a login; put the key into an environment variable and name it in "
            "api_key_env"
        )
    if parts.query or parts.fragment:
        yield "base_url has a query; write the address alone, as http://host:port/v1"


def _parameter_problems(read: _Judge) -> Iterator[str]:
    capabilities = _capabilities(read)
    for name, value in read.parameters.items():
        if name in _RESERVED:
            yield f"parameters.{name} is set by judge itself; remove it"
        needed = CAPABILITY_OF.get(name)
        if needed and not getattr(capabilities, needed):
            yield (
                f"parameters.{name} cannot be sent: capabilities.{needed} is false; remove the "
                f"parameter, or write capabilities.{needed} = true where the model accepts it"
            )
        try:
            canonical(value)
        except (TypeError, ValueError):
            yield f"parameters.{name} cannot be sent as JSON; write texts, numbers, lists or tables"


def _split_url(rest: str) -> tuple[str, str | None]:
    """Model and base_url; a model's name may hold @ and /, so the last @http counts."""
    match = re.fullmatch(r"(.*)@(https?://.*)", rest, re.DOTALL)
    return (match[1], match[2]) if match else (rest, None)


def _without_login(spec: str) -> str:
    return re.sub(r"//[^/]*@", "//", spec)
