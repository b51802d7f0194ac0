"""The sandbox in which the templates of rubrics are rendered.

A rubric may come from anywhere: its templates reach no Python, know our variables only, and say the
same whenever they are rendered.
"""

from __future__ import annotations

from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

# What a template of an unknown author can raise while it is rendered.
RENDER_ERRORS: tuple[type[Exception], ...] = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    RecursionError,
    MemoryError,
)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Multiplies numbers only: 'x' * 10 ** 12 would fill the memory before anybody noticed."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "*" and all(isinstance(side, int | float) for side in (left, right)):
            return left * right
        raise SecurityError("templates multiply numbers only, and have no **")


def sandbox() -> ImmutableSandboxedEnvironment:
    """An environment that knows nothing but the variables that a template is given."""
    made = _Sandbox(undefined=StrictUndefined, autoescape=False)
    made.globals.clear()
    del made.filters["random"]
    return made
