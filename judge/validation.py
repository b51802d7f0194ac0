"""Holds what people write in files to a pydantic model, and names the key at fault and its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from judge.errors import InputError

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], data: Mapping[str, Any], source: str) -> M:
    """The data as that model. Raises InputError that names source and keys, never a key's value."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [_key_problem(model, e["loc"], e["type"], e["msg"]) for e in found]
    # Outside the handler: the chained error would print the values.
    raise InputError("\n".join(f"{source}: {problem}" for problem in problems))


def _key_problem(
    model: type[BaseModel], place: tuple[int | str, ...], kind: str, message: str
) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    key = f"key `{key.removeprefix('.')}`"
    if kind == "missing":
        return f"{key} is missing; add it"
    if kind != "extra_forbidden":
        return f"{key}: {message.removeprefix('Value error, ')}"
    known = list(_model_at(model, place[:-1]).model_fields)
    close = get_close_matches(str(place[-1]), known, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(known)}"
    return f"{key} is unknown; {hint}"


def _model_at(model: type[BaseModel], place: tuple[int | str, ...]) -> type[BaseModel]:
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models(model.model_fields[part].annotation), model)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
