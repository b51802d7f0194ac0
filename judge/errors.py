"""The exceptions, in one tree.

JudgeError
├── InputError              the caller must change something: what, where, what to do
├── ProviderError           a judge's API did not give an answer
│   ├── RequestRejected     this one request is at fault; another may pass
│   ├── TransientError      the same request may pass later
│   │   └── RateLimited     a limit shared by every request of the account
│   └── JudgeUnavailable    no request to this judge can pass: key, model or payment
└── StoreError              what was stored cannot be read or written as it should be
"""

from __future__ import annotations


class JudgeError(Exception):
    """Anything that this package raises on purpose."""


class InputError(JudgeError):
    """The caller must change something; the message says what, where and what to do."""


class ProviderError(JudgeError):
    """A judge's API gave no answer.

    status: the HTTP status, None where there was no HTTP answer.
    """

    retryable = False

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RequestRejected(ProviderError):
    """The API refused this one request (400, 413, 422); waiting does not help."""


class TransientError(ProviderError):
    """The same request may pass later (5xx, time-out, dropped line, unreadable body).

    retry_after_s: how long the server asks to wait, None where it does not say. may_have_cost: the
    request went out and nobody knows whether it was answered, and billed.
    """

    retryable = True

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        may_have_cost: bool = False,
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after_s = retry_after_s
        self.may_have_cost = may_have_cost


class RateLimited(TransientError):
    """A limit of the account or the server is reached (429, 529)."""


class JudgeUnavailable(ProviderError):
    """No request to this judge can pass (401, 402, 403, 404, quota used up)."""


class StoreError(JudgeError):
    """What was stored cannot be read or written as it should be."""


def short(value: object) -> str:
    """A value as messages quote it: one line of at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def cut(text: str) -> str:
    """A name or a number as messages show it without quotes: at most 60 characters."""
    return text if len(text) <= 60 else f"{text[:57]}..."
