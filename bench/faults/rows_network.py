"""F18: clients that are slow on purpose."""
from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

from cluster import Plan, Replica
from processes import need, run
from report import Result
from scenario import Bench, now, row, scenario

WRK = """\
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer {key}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{{"shopper":"steady","product":"beans"}}'
"""


@row("F18", "slow heads, bodies and readers")
async def slow_clients(bench: Bench, result: Result) -> None:
    span = bench.seconds(20, least=8)
    result.done = (f"slowhttptest with 1,000 connections for {span:.0f} s in each of three ways, wrk's 16 connections beside "
                   "it; then a few slow ones of our own timed")
    async with scenario(bench, result, Plan(replicas=1, engine="sqlite"), rate=20) as here:
        replica = here.cluster.replicas[0]
        script = here.cluster.folder / "quote.lua"
        script.write_text(WRK.format(key=here.shop.agent))
        await here.warm(3)
        base = await _p99(replica, script, span)
        for name, words in {
            "heads": ["-H", "-i", "2"],
            "bodies": ["-B", "-i", "2", "-s", "65536"],
            "readers": ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"],
        }.items():
            path = "/openapi.json" if name == "readers" else "/api/v1/quotes"
            # It spins on a whole core, whatever it does: what is left is enough for it, and others' time is the server's.
            attack = asyncio.create_task(run(
                ["nice", "-n", "19", need("slowhttptest", "slowhttptest"), "-c", "1000", *words, "-r", "500",
                 "-l", str(round(span) + 4), "-p", "3", "-u", f"http://127.0.0.1:{replica.port}{path}"], check=False))
            await asyncio.sleep(3)
            beside = await _p99(replica, script, span)
            await attack
            result.at_most(f"p99 of others beside slow {name}, ratio to {base:.2f} ms", 2, beside / base)
        for name, limit, taken in await _times_of_closing(replica, here.shop.agent):
            result.at_most(f"seconds until a slow {name} is closed", limit, taken)
        await here.finish(now(), calm=2)


async def _p99(replica: Replica, script: Path, seconds: float) -> float:
    """Milliseconds, of known shoppers."""
    text = await run([need("wrk", "wrk"), "-t1", "-c16", f"-d{round(seconds)}s", "--latency", "-s", str(script),
                      f"http://127.0.0.1:{replica.port}/api/v1/quotes"])
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    assert found, text
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


async def _times_of_closing(replica: Replica, key: str) -> list[tuple[str, float, float | None]]:
    """How long the server bears with each kind: a byte a second, or nothing read."""
    # Whoever has no key is refused before the body: this one has.
    head = (f"POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n").encode()
    asks = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 60
    kinds = [("head", 12.0, b"GET /health HTTP/1.1\r\nHost: x\r\nX: ", True), ("body", 17.0, head, True),
             ("reader", 40.0, asks, False)]
    taken = await asyncio.gather(*(_closing(replica, first, trickles) for _, _, first, trickles in kinds))
    return [(name, limit, seconds) for (name, limit, _, _), seconds in zip(kinds, taken)]


async def _closing(replica: Replica, first: bytes, trickles: bool) -> float | None:
    """Seconds until the server let go of the connection, seen in the kernel's own list: a slow reader sees nothing."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (replica.address, replica.port))
    begun = now()
    try:
        await loop.sock_sendall(raw, first)
        while now() < begun + 60:
            await asyncio.sleep(0.5)
            if not _is_held(replica.port, raw.getsockname()[1]):
                return now() - begun
            if trickles:
                await loop.sock_sendall(raw, b"a")
    except OSError:
        return now() - begun
    finally:
        raw.close()
    return None


def _is_held(port: int, other: int) -> bool:
    """Whether a process holds the server's end of a connection; the kernel may go on with it long after."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        ends = (int(words[1].split(":")[1], 16), int(words[2].split(":")[1], 16))
        if ends == (port, other):
            return words[9] != "0"
    return False
