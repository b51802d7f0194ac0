"""What a rubric tells a judge in words, wording by wording: the text that the rules look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from judge import wording_forms
from judge.errors import InputError
from judge.templates import RENDER_ERRORS, sandbox
from judge.types import Rubric, Wording

_ENVIRONMENT = sandbox()
_FORMAT = "\x1e"  # stands for the form of the answer while a template is rendered
_SHOWN = "\x1f"  # stands for a judged text


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a rule does not hold: the key in the rubric's file, and what stands there."""

    key: str
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """One wording without judged text and without the form of the answer.

    key: what its keys in the file begin with, "" for the rubric's own wording. system, user: as rendered;
    lines: both, for rules about lines; text: the same in one line. has_format: it states the form of the
    answer.
    """

    key: str
    wording: Wording
    system: str
    user: str
    lines: str
    text: str
    has_format: bool

    def at(self, phrase: str) -> str:
        """The key of the template that holds a phrase of the text."""
        part = "system" if flat(phrase) in flat(self.system) else "user"
        return f"{self.key}{part}"

    @property
    def whole(self) -> str:
        """The key to name where something is nowhere in the wording."""
        return f"{self.key}{'system' if self.system.strip() else 'user'}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A rubric with what its wordings tell: its own and those that claim to mean the same."""

    rubric: Rubric
    own: Told
    equivalents: tuple[Told, ...]

    @property
    def wordings(self) -> tuple[Told, ...]:
        return (self.own, *self.equivalents)


def seen(rubric: Rubric) -> Seen:
    """What the rules look at. Raises InputError where a template cannot be rendered."""
    return Seen(rubric, _told(rubric, rubric.wording(), ""), tuple(_equivalents(rubric)))


def _equivalents(rubric: Rubric) -> Iterator[Told]:
    for n, variant in enumerate(rubric.variants):
        if variant.kind == "equivalent":
            yield _told(rubric, variant, f"variants[{n}].")


def _told(rubric: Rubric, wording: Wording, key: str) -> Told:
    system, user = (_rendered(rubric, wording, t) for t in (wording.system, wording.user))
    has_format = _FORMAT in system + user
    system, user = _plain(system), _plain(user)
    lines = f"{system}\n{user}"
    return Told(key, wording, system, user, lines, flat(lines), has_format)


def _rendered(rubric: Rubric, wording: Wording, template: str) -> str:
    judged = ("question", "response", "response_a", "response_b", "boundary")
    values = {
        **dict.fromkeys(judged, _SHOWN),
        "reference": _SHOWN if rubric.needs_reference else "",
        "criteria": wording_forms.criteria(rubric.criteria, wording.forms),
        "scale": wording_forms.listed(rubric.scale.labels, wording.forms),
        "answer_format": _FORMAT,
    }
    try:
        return _ENVIRONMENT.from_string(template).render(values)
    except RENDER_ERRORS as error:
        raise InputError(f"rubric {rubric.id}: its template cannot be rendered: {error}") from error


def _plain(text: str) -> str:
    """The text without what stands for other texts, and without bold type."""
    return re.sub(rf"[{_FORMAT}{_SHOWN}]|\*\*", "", text)


def flat(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())


def quoted(phrase: str, most: int = 60) -> str:
    """A phrase of the text for a message."""
    one = flat(phrase)
    return f'"{one if len(one) <= most else one[: most - 3] + "..."}"'


def holds(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the text as whole words."""
    return re.search(rf"(?<!\w){re.escape(flat(phrase))}(?!\w)", flat(text)) is not None


def either(*patterns: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """One pattern for any of these, each of them whole words."""
    return re.compile("|".join(rf"\b(?:{pattern})" for pattern in patterns), flags)


def first(pattern: re.Pattern[str], text: str) -> str:
    """What the pattern finds first in the text, "" where it finds nothing."""
    return match[0] if (match := pattern.search(text)) else ""
