"""Whom a request goes to: the address and key of a judge's API, and what of them a message may show."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from judge.errors import InputError
from judge.types import JudgeModel


@dataclass(frozen=True, slots=True)
class Address:
    """Whom a request goes to, as far as clients and error messages need it.

    url: the base URL. is_home: true at the API's own host. secret: the key, None where there is none.
    """

    model: str
    url: str
    is_home: bool
    key_variable: str
    secret: str | None = field(repr=False)

    @property
    def shown(self) -> str:
        """The URL for messages, without login and query, which can hold keys."""
        parts = urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{place}{parts.path}".rstrip("/")


def address(judge: JudgeModel, *, api_key: str | None, home: str, key_variable: str) -> Address:
    """The judge's address. home: the API's own base URL.

    Raises InputError where a key is needed and absent, or where key or URL cannot be sent.
    """
    url = judge.base_url or home
    variable = judge.api_key_env or key_variable
    is_home = _is_at(url, home, judge)
    key = (api_key or "").strip()
    if not key and is_home:
        raise InputError(
            f"judge {judge.judge}: {urlsplit(home).hostname} needs a key; set the environment variable "
            f"{variable}"
        )
    if not all("!" <= character <= "~" for character in key):
        raise InputError(
            f"judge {judge.judge}: the key in {variable} holds blanks, line breaks or characters that no "
            "key has; copy it again"
        )
    return Address(judge.model, url, is_home, variable, key or None)


def _is_at(url: str, home: str, judge: JudgeModel) -> bool:
    """True at the API's own host, its regional ones included."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        sound = False
    if not sound:
        raise InputError(
            f"judge {judge.judge}: base_url is no address; write it as http://host:port/v1"
        )
    own = urlsplit(home).hostname or ""
    host = urlsplit(url).hostname or ""
    return host == own or host.endswith(f".{own}")
