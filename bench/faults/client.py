"""A small HTTP/1.1 client on asyncio streams: connections are kept, nothing is retried, every failure is told."""
from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Reply:
    """An answer, or why there is none: then `status` is 0 and `fault` says what happened."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str = ""

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_orderly(self) -> bool:
        """Whether an error of the server says what it should: problem JSON with the request's id."""
        if self.status < 500:
            return True
        document = self.json()
        is_problem = self.headers.get("content-type", "").startswith("application/problem+json")
        return is_problem and isinstance(document, dict) and bool(document.get("request_id"))


class Client:
    """Talks to one address."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 10.0):
        self.host = host
        self.port = port
        self.timeout = timeout
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def request(
        self, method: str, path: str, key: str | None = None, body: Any = None,
        headers: dict[str, str] | None = None, timeout: float | None = None,
    ) -> Reply:
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        if key:
            lines.append(f"Authorization: Bearer {key}")
        if body is not None:
            kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        begun = time.monotonic()
        try:
            async with asyncio.timeout(timeout or self.timeout):
                status, found, content = await self._exchange(head + data)
            return Reply(status, time.monotonic() - begun, found, content)
        except TimeoutError:
            fault = "no answer in time"
        except (OSError, EOFError, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"
        return Reply(0, time.monotonic() - begun, fault=fault)

    async def get(self, path: str, key: str | None = None, **more: Any) -> Reply:
        return await self.request("GET", path, key, **more)

    async def post(self, path: str, key: str | None = None, body: Any = None, **more: Any) -> Reply:
        return await self.request("POST", path, key, body, **more)

    async def _exchange(self, message: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await self._connection()
        try:
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            status, headers = _parse(head)
            content = await _body(reader, headers)
        except BaseException:
            writer.transport.abort()
            raise
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return status, headers, content

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self.host, self.port)

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


def _parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return int(first.split(" ", 2)[1]), headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(parts)
    return await reader.readexactly(int(headers.get("content-length", "0")))
