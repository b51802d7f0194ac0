"""Models as JSON that people can look at in a terminal."""

from __future__ import annotations

import json
import re

from pydantic import BaseModel

_UNUSUAL = re.compile("[^ -~\n]")


def text(model: BaseModel) -> str:
    """The model as indented JSON, characters that could steer a terminal written as escapes."""
    plain = model.model_dump(mode="python", by_alias=True)
    shown = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{harmless(shown)}\n"


def harmless(shown: str) -> str:
    """The same JSON, characters that could steer a terminal written as escapes."""
    return _UNUSUAL.sub(lambda m: m[0] if m[0].isprintable() else json.dumps(m[0])[1:-1], shown)
