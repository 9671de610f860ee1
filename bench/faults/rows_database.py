"""F1 to F6 and F17: the database dies, moves, slows down, is full, is gone."""
from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path

from cluster import Plan
from processes import run, until
from report import Result
from scenario import Bench, Scenario, now, row, scenario
from window import Window


def _check_outage(result: Result, window: Window, detection: float = 2, is_silent: bool = False) -> None:
    """What shoppers and merchants meet while the database is gone.

    Where it falls silent, whoever needs it waits until that is certain: so long may be waited, and for a 503 too.
    """
    result.at_least("assignments of known shoppers served", 99.9, window.served("assign-known"), "%")
    result.at_least("assignments of new shoppers served", 99.9, window.served("assign-new"), "%")
    result.at_most("p99 of known shoppers' assignments", 100, window.slow(0.99, "assign-known"), " ms", 0)
    after = Window(window.load, window.start + (detection if is_silent else 0), window.end)
    result.at_most("p99 of new shoppers' assignments", 100, after.slow(0.99, "assign-new"), " ms", 0)
    served = [attempt for attempt in window.of("assign-known", "assign-new") if attempt.is_served]
    # Until it is noticed that the database is gone nobody can say so.
    unmarked = [attempt.at - window.start for attempt in served if not attempt.is_degraded]
    result.at_most("seconds until every answer is marked X-Degraded", detection, max(unmarked, default=0))
    new = [attempt for attempt in window.of("assign-new")]
    tardy = [attempt for attempt in new if attempt.seconds > 0.1]
    result.notes.append(
        f"new shoppers: p50 {window.slow(0.5, 'assign-new') or 0:.0f} ms, p90 {window.slow(0.9, 'assign-new') or 0:.0f} ms; "
        f"{len(tardy)} of {len(new)} took more than 100 ms, asked "
        f"{min((a.at for a in tardy), default=window.start) - window.start:.1f} to "
        f"{max((a.at for a in tardy), default=window.start) - window.start:.1f} s into the outage")
    slowest = max((attempt.seconds for attempt in window.of("admin", "checkout") if not attempt.is_served), default=None)
    if slowest is not None:
        result.at_most("longest wait for a 503 of admin and checkout", 7 if is_silent else 2, slowest, " s")
    result.notes.append(f"failures in the outage: {window.faults('assign-known', 'assign-new')} of assign; "
                        f"{window.faults('track', 'checkout')} of events; {window.faults('admin')} of admin; "
                        f"{window.faults('quote')} of quotes read")


@row("F1", "PostgreSQL kill -9, started again")
async def primary_killed(bench: Bench, result: Result) -> None:
    outage = bench.seconds(30)
    result.done = f"kill -9 of PostgreSQL under 200 requests/s to two replicas, started again {outage:.0f} s later"
    async with scenario(bench, result, Plan(redis=True)) as here:
        assert here.cluster.primary
        await here.warm()
        began = now()
        await here.cluster.primary.kill()
        await here.load.for_seconds(outage)
        _check_outage(result, here.window(began, now()))
        await here.cluster.primary.start()
        await here.finish(now())


async def _fail_over(here: Scenario) -> tuple[float, float]:
    """Kills the primary and promotes the standby; when it began and when the standby took writes."""
    assert here.cluster.primary
    began = now()
    await here.cluster.primary.kill()
    await here.cluster.fail_over()
    return began, now()


def _check_failover(result: Result, here: Scenario, began: float, promoted: float, until_: float) -> None:
    window = here.window(began, until_)
    failed = [attempt.at + attempt.seconds for attempt in window.of("assign-new", "track", "checkout", "admin")
              if not attempt.is_served]
    result.at_most("seconds of write errors", 30, max(failed, default=began) - began)
    written = [attempt.at + attempt.seconds for attempt in window.of("track", "checkout", "admin")
               if attempt.is_served and attempt.at + attempt.seconds > promoted]
    result.at_most("seconds from the promotion to the first write", 5, min(written, default=1e9) - promoted)
    result.at_least("assignments of known shoppers served", 99.9, window.served("assign-known"), "%")
    result.notes.append(f"promoted {promoted - began:.2f} s after the kill; failures: {window.faults('assign-known')} of "
                        f"known shoppers, {window.faults('assign-new', 'track', 'checkout', 'admin')} of writes")


@row("F2", "failover to a synchronous standby")
async def sync_failover(bench: Bench, result: Result) -> None:
    result.done = "kill -9 of the primary under 200 requests/s, the synchronous standby promoted"
    async with scenario(bench, result, Plan(standby="sync", redis=True)) as here:
        await here.warm()
        began, promoted = await _fail_over(here)
        await here.load.for_seconds(bench.seconds(20, least=8))
        _check_failover(result, here, began, promoted, now())
        await here.finish(promoted)


@row("F3", "failover to an asynchronous standby")
async def async_failover(bench: Bench, result: Result) -> None:
    result.done = ("kill -9 of the primary under 200 requests/s, the asynchronous standby promoted; clients send the "
                   "events of the last seconds again")
    async with scenario(bench, result, Plan(standby="async", redis=True)) as here:
        await here.warm()
        began, promoted = await _fail_over(here)
        await here.load.for_seconds(bench.seconds(20, least=8))
        _check_failover(result, here, began, promoted, now())
        ledger, client = here.load.ledger, here.cluster.replicas[0].client
        recent = [event for name, event in ledger.events.items()
                  if began - 5 <= ledger.acknowledged_at[name] <= began + 1]
        again = await client.post("/api/v1/events", here.shop.agent, recent, timeout=30)
        counts = again.json() or {}
        lost = [ledger.acknowledged_at[name] for name in ledger.events if ledger.acknowledged_at[name] <= began]
        result.notes.append(f"of {len(recent)} events acknowledged in the last 5 s {counts.get('accepted')} were lost with "
                            f"the primary, of {len(lost)} in all, and were counted when sent again")
        result.at_most("events lost with the primary, as seconds of load", 1, (counts.get("accepted") or 0) / 50)
        result.none("events rejected when sent again", counts.get("rejected") or [])
        await here.finish(promoted)


@row("F4", "PostgreSQL half a second away")
async def slow_database(bench: Bench, result: Result) -> None:
    span = bench.seconds(30)
    result.done = f"every byte between the replicas and PostgreSQL delayed by 250 ms each way for {span:.0f} s"
    plan = Plan(proxied=True, redis=True)
    async with scenario(bench, result, plan) as here:
        assert here.cluster.proxy and here.cluster.primary
        await here.warm()
        began = now()
        here.cluster.proxy.trouble.delay = 0.25
        most = 0
        while now() < began + span:
            await asyncio.sleep(1)
            most = max(most, int(await here.cluster.primary.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cournot'")))
        window = here.window(began, now())
        here.cluster.proxy.trouble.delay = 0
        ended = now()
        result.at_most("p99 of known shoppers' assignments", 100, window.slow(0.99, "assign-known"), " ms", 0)
        result.at_least("assignments of known shoppers served", 99.9, window.served("assign-known"), "%")
        result.at_most("p95 of admin", 2000, window.slow(0.95, "admin"), " ms", 0)
        # One more than the pool listens for news.
        result.at_most("connections open", plan.replicas * (plan.connections + 1), most, digits=0)
        await here.finish(ended)
        longest = Window(here.load, began, ended).longest
        result.at_most("longest request", 5, longest, " s")
        for kind in ("assign-known", "assign-new", "track", "quote", "admin", "checkout"):
            result.notes.append(
                f"{kind}: {len(window.of(kind))} requests, median {window.slow(0.5, kind) or 0:.0f} ms, p99 "
                f"{window.slow(0.99, kind) or 0:.0f} ms, failures: {window.faults(kind)}")


@row("F5", "PostgreSQL has no connection to spare")
async def connections_exhausted(bench: Bench, result: Result) -> None:
    span = bench.seconds(20, least=6)
    result.done = (f"max_connections=20; everybody's connections ended and the places taken by idle sessions for "
                   f"{span:.0f} s, with 200 clients asking")
    plan = Plan(redis=True, connections=6, postgres_options={"max_connections": "20", "superuser_reserved_connections": "3",
                                                 "max_wal_senders": "0", "wal_level": "minimal"})
    async with scenario(bench, result, plan) as here:
        primary = here.cluster.primary
        assert primary
        await here.warm()
        mine = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cournot' AND application_name = 'cournot'"
        base = int(await primary.sql(mine))
        began = now()
        hogs: list[asyncio.StreamWriter] = []
        for _ in range(40):
            await primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cournot' "
                              "AND application_name = 'cournot'")
            for _ in range(20):
                if (writer := await _idle_session(primary.port)) is None:
                    break
                hogs.append(writer)
            if int(await primary.sql(mine)) == 0:
                break
        left = int(await primary.sql(mine))
        crowd = [asyncio.create_task(_ask_until(here, began + span, number)) for number in range(200)]
        await asyncio.gather(*crowd)
        window = here.window(began, now())
        for writer in hogs:
            writer.close()
        ended = now()

        async def is_back() -> bool:
            return int(await primary.sql(mine)) == base

        try:
            back = await until(is_back, 30, "connections should be as before", every=0.2)
        except TimeoutError:
            back = None
        statuses = {attempt.status for attempt in window.attempts if not attempt.is_served}
        result.add("connections left to the replicas", "0", str(left), left == 0)
        result.add("answers that were not served", "503 alone", str(sorted(statuses)), statuses <= {503})
        result.at_most("seconds until as many connections as before are open", 10, back)
        # All requests of the 200, and none for longer than a client would wait.
        result.at_most("longest request", 7, window.longest, " s")
        result.notes.append(f"{len(hogs)} idle sessions held the places; the database said 53300 "
                            f"{here.cluster.replicas[0].log().count('53300')} times in the first replica's log; failures: "
                            f"{window.faults('assign-known', 'assign-new', 'track', 'quote', 'admin', 'checkout')}")
        await here.finish(ended)


async def _idle_session(port: int) -> asyncio.StreamWriter | None:
    """A session of the application's role that does nothing; nil when there is no place for it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    words = b"user\0cournot\0database\0cournot\0application_name\0hog\0\0"
    writer.write((len(words) + 8).to_bytes(4, "big") + (196608).to_bytes(4, "big") + words)
    try:
        # Who gets past authentication may still be told that there is no place.
        while (kind := await reader.readexactly(1)) not in b"EZ":
            await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)
    except (EOFError, OSError):
        kind = b"E"
    if kind == b"E":
        writer.close()
        return None
    return writer


async def _ask_until(here: Scenario, end: float, number: int) -> None:
    """One of many clients: asks for a new shopper's price again and again."""
    client = here.cluster.replicas[number % len(here.cluster.replicas)].client
    for turn in range(1_000_000):
        if now() >= end:
            return
        reply = await client.post(
            "/api/v1/quotes", here.shop.agent, here.shop.question(f"crowd-{number}-{turn}", "beans"))
        if reply.status >= 500 and not reply.is_orderly:
            here.result.none("5xx to the crowd without problem JSON", [reply.body[:100]])
        await asyncio.sleep(0.2)


@row("F6", "PostgreSQL's disk is full")
async def database_disk_full(bench: Bench, result: Result) -> None:
    span = bench.seconds(20, least=8)
    result.done = f"PostgreSQL on an ext4 image of 300 MB that a file fills for {span:.0f} s, then the file is removed"
    folder = Path(tempfile.mkdtemp(prefix="cournot-disk-"))
    folder.chmod(0o755)
    image, place = folder / "image", folder / "mounted"
    place.mkdir()
    await run(["dd", "if=/dev/zero", f"of={image}", "bs=1M", "count=300", "status=none"])
    await run(["mkfs.ext4", "-q", "-m", "0", str(image)])
    await run(["mount", "-o", "loop", str(image), str(place)])
    try:
        storage = place / "postgres"
        storage.mkdir()
        plan = Plan(redis=True, storage=storage, postgres_options={"max_wal_size": "64MB", "min_wal_size": "32MB"})
        async with scenario(bench, result, plan) as here:
            primary = here.cluster.primary
            assert primary and primary.child
            await here.warm()
            began = now()
            await run(["dd", "if=/dev/zero", f"of={place}/filler", "bs=64k", "status=none"], check=False)
            await here.load.for_seconds(span)
            window = here.window(began + 1, now())
            (place / "filler").unlink()
            ended = now()
            if not primary.child.is_running:
                result.notes.append("PostgreSQL itself ended for want of room and was started again")
                await primary.start()
                ended = now()
            statuses = {attempt.status for attempt in window.attempts if not attempt.is_served}
            result.add("answers that were not served", "507 and 503 alone", str(sorted(statuses)),
                       bool(statuses) and statuses <= {503, 507})
            result.at_least("assignments of known shoppers served", 99.9, window.served("assign-known"), "%")
            result.notes.append(f"failures: {window.faults('assign-new', 'track', 'admin', 'checkout')} of writes; "
                                f"{window.faults('quote')} of quotes read")
            await here.finish(ended)
    finally:
        await run(["umount", "-l", str(place)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@row("F17", "partition between replicas and PostgreSQL")
async def partitioned(bench: Bench, result: Result) -> None:
    span = bench.seconds(60, least=12)
    result.done = f"packets between the replicas and PostgreSQL dropped without a word for {span:.0f} s"
    async with scenario(bench, result, Plan(namespace=True, redis=True)) as here:
        network, primary = here.cluster.network, here.cluster.primary
        assert network and primary
        await here.warm()
        began = now()
        rules = [["INPUT", "-p", "tcp", "--sport", str(primary.port), "-j", "DROP"],
                 ["OUTPUT", "-p", "tcp", "--dport", str(primary.port), "-j", "DROP"]]
        for words in rules:
            await network.rule("-A", *words)
        await here.load.for_seconds(span)
        result.at_most("longest request", 7, here.window(began, now()).longest, " s")
        _check_outage(result, here.window(began, now()), detection=5, is_silent=True)
        for words in rules:
            await network.rule("-D", *words)
        await here.finish(now())
