"""F12 to F15 and F25: our own process is killed, ended, and runs out of what it lives on."""
from __future__ import annotations

import asyncio
import random
import signal
import shutil
import tempfile
from pathlib import Path
from typing import Any

from checks import check_ledger, check_manners
from client import Client
from cluster import Cluster, Plan, Replica
from load import Load, now_text
from processes import Child, Missing, need, run, until
from report import Result, quantile
from scenario import Bench, now, row, scenario
from shop import Shop, open_shop
from window import Window, recovery


@row("F12", "disk full under the embedded engine")
async def embedded_disk_full(bench: Bench, result: Result) -> None:
    result.done = "SQLite on a tmpfs of 8 MB that the load itself fills; then it is made larger"
    place = Path(tempfile.mkdtemp(prefix="cournot-disk-"))
    await run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)])
    try:
        async with scenario(bench, result, Plan(replicas=1, engine="sqlite", storage=place)) as here:
            load = here.load
            load.start()
            begun = now()

            async def is_full() -> bool:
                return any(attempt.status == 507 for attempt in load.attempts[-400:])

            # Blank rows fill it faster than shoppers do.
            filler = asyncio.create_task(_fill(here.cluster.replicas[0].client, here.shop))
            await until(is_full, 120, "the disk should be full", every=0.1)
            filler.cancel()
            began = now()
            await load.for_seconds(bench.seconds(15, least=5))
            window = here.window(began, now())
            await run(["mount", "-o", "remount,size=256m", str(place)])
            ended = now()
            statuses = {attempt.status for attempt in window.attempts if not attempt.is_served}
            result.add("answers that were not served", "507 alone", str(sorted(statuses)), statuses == {507})
            result.at_least("assignments of known shoppers served", 99.9, window.served("assign-known"), "%")
            result.notes.append(f"full {began - begun:.1f} s after the start; failures: "
                                f"{window.faults('assign-new', 'track', 'admin', 'checkout', 'quote')}")
            await here.finish(ended)
            await here.cluster.replicas[0].stop()
            verdict = await run(["python3", "-c", _INTEGRITY, str(place / "cournot.db")])
            result.add("integrity_check", "ok", verdict.strip(), verdict.strip() == "ok")
    finally:
        await run(["umount", "-l", str(place)], check=False)
        shutil.rmtree(place, ignore_errors=True)


_INTEGRITY = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])"


async def _fill(client: Client, shop: Shop) -> None:
    """Events of another kind, as large as they may be, until there is no room."""
    for number in range(100_000):
        events = [{"id": f"filler-{number}-{place}", "type": "filler", "shopper": "filler", "timestamp": now_text(),
                   "properties": {"text": "x" * 8000}} for place in range(20)]
        if (await client.post("/api/v1/events", shop.agent, events)).status != 200:
            # Smaller ones still fit: shoppers meet the full disk only when those do not.
            await asyncio.sleep(0.02)


class Tracer:
    """strace holding on to a process and failing some of its calls."""

    def __init__(self, folder: Path, pid: int, fault: str):
        self.log = folder / "strace.log"
        self.log.unlink(missing_ok=True)
        calls = fault.split(":")[0]
        self.child = Child(
            [need("strace", "strace"), "-f", "-p", str(pid), "-e", f"trace={calls}", "-e", "signal=none", "-e",
             f"inject={fault}", "-o", str(folder / "strace.trace")], self.log)

    async def attached(self) -> None:
        async def is_attached() -> bool:
            text = self.log.read_text()
            if "not permitted" in text:
                raise Missing("processes may not be traced here")
            return "attached" in text

        await until(is_attached, 10, "strace should attach")

    async def end(self) -> None:
        await self.child.stop(signal.SIGINT, 10)


@row("F13", "fsync fails")
async def sync_fails(bench: Bench, result: Result) -> None:
    places = sorted(random.Random(bench.seed).sample(range(1, 201), bench.count(40, least=6)))
    result.done = (f"EIO from the Nth fsync on for {len(places)} N of 1 to 200, one event a commit; each time the server "
                   "is started anew")
    async with Cluster(Plan(replicas=1, engine="sqlite", environment={"LOOPS": "1"}), bench.binary) as cluster:
        shop = await open_shop(cluster)
        replica = cluster.replicas[0]
        prices: dict[str, int] = {}
        events: dict[str, dict[str, Any]] = {}
        faults: list[str] = []
        unanswered: list[dict[str, Any]] = []
        for place in places:
            tracer = Tracer(cluster.folder, replica.server.pid, f"fsync,fdatasync:error=EIO:when={place}+")
            await tracer.attached()
            refused: dict[str, Any] | None = None
            for number in range(600):
                shopper = f"n{place}-{number}"
                event = {"id": shopper, "type": "viewed", "shopper": shopper, "product": "beans", "timestamp": now_text()}
                reply = await replica.client.post("/api/v1/events", shop.agent, [event])
                if reply.status != 200:
                    refused = event
                    if reply.status != 503 or not reply.is_orderly:
                        faults.append(f"N={place}: {reply.status} {reply.fault} {reply.body[:100]!r}")
                    break
                events[event["id"]] = event
                if number % 3 == 0:
                    quote = await replica.client.post("/api/v1/quotes", shop.agent, shop.question(shopper, "beans"))
                    if quote.status != 200:
                        break
                    prices[shopper] = quote.json()["price"]["amount"]
            else:
                faults.append(f"N={place}: 600 writes were taken")
            await tracer.end()
            # The disk is well again, but what it holds is not known: nothing more may be promised.
            for shopper in ("after", "later"):
                reply = await replica.client.post("/api/v1/quotes", shop.agent, shop.question(f"{shopper}{place}", "tea"))
                if reply.status != 503:
                    faults.append(f"N={place}: {reply.status} to a write after the failure")
            if (await replica.client.get("/ready")).status != 503:
                faults.append(f"N={place}: still ready")
            await replica.stop()
            await replica.start()
            if refused:
                unanswered.append(refused)
        result.none("answers other than 503 once a sync failed", faults)
        lost = []
        for start in range(0, len(batch := list(events.values())), 1000):
            part = batch[start:start + 1000]
            counts = (await replica.client.post("/api/v1/events", shop.agent, part)).json()
            if counts["duplicates"] != len(part):
                lost.append(f"{len(part) - counts['duplicates']}")
        result.none("I13 acknowledged events lost", lost)
        changed = []
        for shopper, price in prices.items():
            reply = await replica.client.post("/api/v1/quotes", shop.agent, shop.question(shopper, "beans"))
            quote = reply.json()
            if quote["price"]["amount"] != price or quote["experiment"]["reason"] != "sticky":
                changed.append(f"{shopper}: {price}, then {quote}")
        result.none("I2 acknowledged prices lost or changed", changed)
        again = (await replica.client.post("/api/v1/events", shop.agent, unanswered)).json()
        result.none("unacknowledged events not taken when sent again", again["rejected"])
        result.notes.append(f"{len(events):,} events and {len(prices):,} prices acknowledged before {len(places)} failures; of "
                            f"{len(unanswered)} events refused with 503, {again['duplicates']} were stored all the same "
                            "(a refusal says that this is possible)")


@row("F14", "kill -9 of our server, a hundred times")
async def killed_again_and_again(bench: Bench, result: Result) -> None:
    kills = bench.count(100, least=15)
    result.done = f"{kills} kills of the server under 200 requests/s, embedded engine"
    draw = random.Random(bench.seed)
    starts = []
    async with scenario(bench, result, Plan(replicas=1, engine="sqlite"), mix={
            "assign": 60, "track": 25, "admin": 5, "checkout": 10}) as here:
        here.restarts_allowed = True
        replica = here.cluster.replicas[0]
        here.load.start()
        for _ in range(kills):
            await here.load.for_seconds(draw.uniform(0.1, 0.6))
            await replica.kill()
            starts.append(await replica.start())
        ended = now()
        result.at_most("seconds from the start to ready, p99", 1, quantile(starts, 0.99), " s", 3)
        result.notes.append(f"median start to ready {1000 * (quantile(starts, 0.5) or 0):.0f} ms, longest "
                            f"{1000 * max(starts):.0f} ms")
        await here.finish(ended, calm=4)


@row("F15", "replicas ended and started in turn")
async def rolled(bench: Bench, result: Result) -> None:
    count = bench.count(10_000, least=3000)
    result.done = f"{count:,} requests through haproxy at 300/s while both replicas are ended by SIGTERM and started in turn"
    plan = Plan(balancer=True, redis=True, environment={"SHUTDOWN_DELAY_SECONDS": "1"})
    async with scenario(bench, result, plan, rate=300) as here:
        load = here.load
        here.restarts_allowed = True
        load.start()
        await load.for_seconds(2)
        turns, withdrawn, codes = 0, [], set()
        while len(load.attempts) < count:
            replica = here.cluster.replicas[turns % 2]
            replica.server.send(signal.SIGTERM)
            asked = now()

            async def says_no() -> bool:
                return (await replica.client.get("/ready", timeout=1)).status == 503

            withdrawn.append(await until(says_no, 1, "/ready should say no", every=0.005))
            codes.add(await replica.server.ended(35))
            replica.client.close()
            result.at_most("seconds to the end", 30, now() - asked) if turns == 0 else None
            await replica.start()
            await load.for_seconds(1)
            turns += 1
        await load.stop()
        failed = [f"{attempt.kind} {attempt.status} {attempt.fault}" for attempt in load.attempts if not attempt.is_served]
        result.none(f"failed of {len(load.attempts):,} requests in {turns} restarts", failed)
        result.at_most("seconds until /ready says no", 0.1, max(withdrawn), " s", 3)
        result.add("exit codes", "0", str(sorted(codes)), codes == {0})
        check_manners(result, load)
        await check_ledger(result, here.cluster, load)


@row("F25", "no descriptors left")
async def descriptors_exhausted(bench: Bench, result: Result) -> None:
    span = bench.seconds(10, least=5)
    result.done = f"a replica with at most 256 descriptors and 600 connections at its door for {span:.0f} s"
    async with scenario(bench, result, Plan(replicas=1, redis=True), rate=50) as here:
        replica: Replica = here.cluster.replicas[0]
        server = replica.server
        base = server.descriptors()
        await run([need("prlimit", "util-linux"), "--nofile=256:256", "--pid", str(server.pid)])
        await here.warm(3)
        began = now()
        crowd = await asyncio.gather(*(_connect(replica) for _ in range(600)))
        # Long enough for all of it to have been noticed.
        await asyncio.sleep(1)
        busy, at = server.processor_seconds(), now()
        most = server.descriptors()
        await here.load.for_seconds(span)
        used = 100 * (server.processor_seconds() - busy) / (now() - at)
        window = here.window(began, now())
        for writer in crowd:
            if writer:
                writer.transport.abort()
        ended = now()
        await here.load.for_seconds(6)
        result.at_least("descriptors open while exhausted", 240, most, digits=0)
        result.at_most("processor while exhausted", 50, used, "%", 1)
        result.at_most("seconds from the end to the last request that failed", 5, recovery(here.load, ended))
        result.notes.append(f"before {base} descriptors; failures of the load on its own connections meanwhile: "
                            f"{window.faults('assign-known', 'assign-new', 'track', 'quote', 'admin', 'checkout')}")
        await here.finish(ended, calm=3)
        here.load.clients[0].close()
        await asyncio.sleep(1)
        result.at_most("descriptors after, beyond those before", 16, server.descriptors() - base, digits=0)


async def _connect(replica: Replica) -> asyncio.StreamWriter | None:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(replica.address, replica.port), 3)
    except (OSError, TimeoutError):
        return None
    return writer
