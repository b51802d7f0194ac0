"""Chats as prompts: messages of several roles become the turns of a user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from judge.formats.published import text_of


def user_turns(messages: Any, resolve: Callable[[str], str] = str) -> tuple[str, ...]:
    """One turn for each message of the user; what others said stands before it, or after the last.

    resolve: what becomes of each text before it is joined to others. Raises ValueError.
    """
    if not isinstance(messages, list) or not all(isinstance(m, Mapping) for m in messages):
        raise ValueError("is neither a text nor a list of messages")
    turns: list[str] = []
    others: list[str] = []
    for message in messages:
        text = resolve(text_of(message.get("content")))
        if message.get("role") == "user":
            turns.append("\n".join([*others, text]))
            others = []
        else:
            others.append(f"[{message.get('role')}] {text}")
    if not turns:
        raise ValueError("has no message of the user")
    return (*turns[:-1], "\n".join([turns[-1], *others]))
