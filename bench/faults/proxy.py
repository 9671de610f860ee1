"""A TCP proxy that misbehaves on request: it delays, throttles, swallows, resets and cuts."""
from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from dataclasses import dataclass


@dataclass
class Trouble:
    """What the proxy does to bytes. The standard is nothing."""

    #: One way, in seconds.
    delay: float = 0.0
    jitter: float = 0.0
    #: Bytes a second in each direction; 0 is as fast as it goes.
    rate: int = 0
    #: Takes everything and passes nothing on.
    is_blackhole: bool = False
    #: New connections are refused with a reset.
    refuses: bool = False
    #: Connections are cut after so many bytes of an answer; 0 is never.
    cut_after: int = 0


class FaultProxy:
    """Listens on a free port of the loopback and passes on to one address."""

    def __init__(self, port: int, host: str = "127.0.0.1", seed: int = 1):
        self.target = (host, port)
        self.trouble = Trouble()
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        """Begins to listen; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self.port

    def reset_all(self) -> None:
        """Every connection there is ends with a reset."""
        for writer in list(self._writers):
            _reset(writer)

    async def stop(self) -> None:
        self.reset_all()
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.trouble.refuses:
            _reset(writer)
            return
        try:
            onward_reader, onward_writer = await asyncio.open_connection(*self.target)
        except OSError:
            _reset(writer)
            return
        both = (writer, onward_writer)
        self._writers.update(both)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, onward_writer, is_answer=False))
                group.create_task(self._pass(onward_reader, writer, is_answer=True))
        except* (OSError, EOFError):
            pass
        finally:
            for one in both:
                self._writers.discard(one)
                one.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_answer: bool) -> None:
        """Each piece leaves at its time: a delay is not a bound on how much is under way."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=1024)
        passed = 0

        async def take() -> None:
            while data := await reader.read(65_536):
                trouble = self.trouble
                pause = max(0.0, trouble.delay + self._random.uniform(-1, 1) * trouble.jitter)
                await queue.put((time.monotonic() + pause, data))
            await queue.put((0.0, b""))

        async def give() -> None:
            nonlocal passed
            while True:
                due, data = await queue.get()
                if not data:
                    # One side is done: the other is told at once, as both of our protocols end together.
                    raise EOFError
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                while self.trouble.is_blackhole:
                    await asyncio.sleep(0.02)
                cut = self.trouble.cut_after
                if is_answer and cut and passed + len(data) > cut:
                    writer.write(data[: max(0, cut - passed)])
                    await writer.drain()
                    raise EOFError
                if rate := self.trouble.rate:
                    await asyncio.sleep(len(data) / rate)
                writer.write(data)
                await writer.drain()
                passed += len(data)

        async with asyncio.TaskGroup() as group:
            group.create_task(take())
            group.create_task(give())


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
