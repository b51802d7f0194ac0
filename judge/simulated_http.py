"""HTTP as the server of simulated judges speaks it: requests read from a connection, replies as bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

import h11


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a client. headers: by lower-case name."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request is answered with."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"


def json_reply(status: int, value: object, *headers: tuple[str, str]) -> Reply:
    """The reply that holds a value as JSON."""
    return Reply(status, json.dumps(value).encode(), headers)


async def received(connection: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, None where the client closed it."""
    head: h11.Request | None = None
    body: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            path = head.target.decode("latin-1").partition("?")[0]
            return Request(head.method.decode(), path, headers, b"".join(body))
        else:
            return None


def sent(connection: h11.Connection, reply: Reply) -> bytes:
    """The bytes of a reply."""
    headers = [
        ("content-type", reply.content_type),
        ("content-length", str(len(reply.body))),
        *reply.headers,
    ]
    parts = (
        connection.send(h11.Response(status_code=reply.status, headers=headers)),
        connection.send(h11.Data(data=reply.body)),
        connection.send(h11.EndOfMessage()),
    )
    return b"".join(part for part in parts if part)
