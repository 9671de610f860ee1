"""Minutes of random faults under load, drawn from a seed; then everything must hold."""
from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from checks import (
    check_charges, check_idempotency, check_ledger, check_manners, check_one_assignment, check_states, check_stop,
    check_traffic)
from cluster import Cluster, Plan
from load import MIX_WITH_ORDERS, Load
from processes import until
from report import Result, quantile
from rows_redis import press, spoil
from scenario import Bench, now
from shop import Shop, open_shop
from window import Window, note_late_failures, recovery

#: A fault begins every so many seconds and lasts between these two.
EVERY = 20.0
SHORTEST, LONGEST = 5.0, 15.0


@dataclass
class World:
    cluster: Cluster
    load: Load
    draw: random.Random
    #: Seconds that the fault lasts.
    span: float = 0.0


Fault = Callable[[World], Awaitable[None]]


async def primary_killed(world: World) -> None:
    """F1"""
    primary = world.cluster.primary
    assert primary
    await primary.kill()
    await asyncio.sleep(world.span)
    await primary.start()


async def failed_over(world: World) -> None:
    """F2: promoted at once; the lost server comes back as the standby at the end."""
    cluster = world.cluster
    assert cluster.primary
    await cluster.primary.kill()
    await cluster.fail_over()
    await asyncio.sleep(world.span)
    await cluster.restore_standby()


async def primary_hung(world: World) -> None:
    """F17, without a network of its own: it takes packets and answers none."""
    primary = world.cluster.primary
    assert primary
    primary.freeze()
    await asyncio.sleep(world.span)
    primary.thaw()


async def standby_hung(world: World) -> None:
    """Commits wait for it."""
    standby = world.cluster.standby
    assert standby
    standby.freeze()
    await asyncio.sleep(world.span)
    standby.thaw()


async def connections_ended(world: World) -> None:
    """F5: the database throws everybody out, again and again."""
    end = now() + world.span
    while now() < end:
        assert world.cluster.primary
        await world.cluster.primary.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'cournot'")
        await asyncio.sleep(1)


async def redis_killed(world: World) -> None:
    """F7"""
    redis = world.cluster.redis
    assert redis
    await redis.kill()
    await asyncio.sleep(world.span)
    await redis.start()


async def redis_hung(world: World) -> None:
    """F7"""
    redis = world.cluster.redis
    assert redis
    redis.freeze()
    await asyncio.sleep(world.span)
    redis.thaw()


async def redis_forgets(world: World) -> None:
    """F7, F24: flushed and spoilt."""
    redis = world.cluster.redis
    assert redis
    end = now() + world.span
    while now() < end:
        await spoil(redis, world.draw)
        await asyncio.sleep(0.5)
        await redis.cli("FLUSHALL")
        await asyncio.sleep(0.5)


async def replica_killed(world: World) -> None:
    """F14"""
    replica = world.draw.choice(world.cluster.replicas)
    await replica.kill()
    await asyncio.sleep(world.span)
    await replica.start()


async def replica_ended(world: World) -> None:
    """F15"""
    replica = world.draw.choice(world.cluster.replicas)
    replica.server.send(signal.SIGTERM)
    await replica.server.ended(40)
    replica.client.close()
    await asyncio.sleep(max(0.0, world.span - 2))
    await replica.start()


async def events_repeated(world: World) -> None:
    """F21: what was acknowledged is sent again, in another order and in other batches."""
    end = now() + world.span
    shop, ledger = world.load.shop, world.load.ledger
    while now() < end:
        events = list(ledger.events.values())
        batch = world.draw.sample(events, min(len(events), 100))
        client = world.draw.choice(world.cluster.replicas).client
        reply = await client.post("/api/v1/events", shop.agent, batch)
        if reply.status == 200 and reply.json()["duplicates"] != len(batch):
            ledger.refused.append(f"events acknowledged were taken anew: {reply.body[:200]!r}")
        await asyncio.sleep(0.2)


FAULTS: list[Fault] = [
    primary_killed, failed_over, primary_hung, standby_hung, connections_ended, redis_killed, redis_hung, redis_forgets,
    replica_killed, replica_ended, events_repeated]


async def chaos(bench: Bench, result: Result, minutes: float) -> None:
    rate = 300
    result.row = f"chaos {bench.seed}"
    result.title = f"random faults for {minutes:g} minutes, seed {bench.seed}"
    plan = Plan(standby="sync", redis=True, balancer=True, environment={"SHUTDOWN_DELAY_SECONDS": "1", "REPLICAS": "2"})
    async with Cluster(plan, bench.binary) as cluster:
        shop = await open_shop(cluster)
        load = Load(shop, cluster.clients(), rate, bench.seed, MIX_WITH_ORDERS)
        world = World(cluster, load, random.Random(bench.seed))
        # What happens when is drawn apart from what the faults draw themselves, so that a seed is the same run again.
        script = random.Random(f"faults {bench.seed}")
        load.start()
        begun, last = now(), now()
        await load.for_seconds(5)
        told: list[str] = []
        availability: list[str] = []
        try:
            while now() < begun + 60 * minutes:
                fault = script.choice(FAULTS)
                world.span = script.uniform(SHORTEST, LONGEST)
                at = now()
                print(f"{at - begun:.0f} s: {fault.__name__} for {world.span:.0f} s", file=sys.stderr, flush=True)
                await fault(world)
                last = now()
                told.append(f"{at - begun:.0f} s {fault.__name__} {world.span:.0f} s")
                await load.for_seconds(max(2.0, at + EVERY - now()))
                window = Window(load, at, now())
                known, new = window.served("assign-known"), window.served("assign-new")
                availability.append(f"{fault.__name__} {known or 0:.2f}% of known, {new or 0:.2f}% of new")
            await load.for_seconds(10)
            result.at_most("I20 seconds until all work under way was done", 60, await load.stop())
        except TimeoutError as error:
            result.none("I20 work that never came to an end", [error])
            result.notes += await _what_is_there(cluster)
        finally:
            if load._runner and not load._runner.done():
                load._runner.cancel()
        await asyncio.sleep(min(30.0, 6 * minutes))
        result.done = f"{rate} requests/s through haproxy to two replicas; " + ", ".join(told)
        window = Window(load, begun, now())
        result.at_least("assignments served at once", 99.9, window.served("assign-known", "assign-new"), "%", 3)
        result.at_most("seconds from the last fault's end to the last request that failed", 10, recovery(load, last))
        note_late_failures(result, load, last)
        result.notes.append("assignments served by fault: " + ", ".join(availability))
        others = ((kind, window.served(kind)) for kind in ("track", "quote", "read", "admin", "checkout", "buy"))
        result.notes.append("others served at once: " + ", ".join(f"{kind} {value or 0:.1f}%" for kind, value in others))
        slow = quantile((attempt.seconds for attempt in window.of("assign-known", "assign-new")), 0.99)
        result.notes.append(f"{len(load.attempts):,} requests, {len(load.ledger.prices):,} prices told, "
                            f"{len(load.ledger.fallbacks):,} list prices for want of certainty, "
                            f"{len(load.ledger.events):,} events, {len(load.ledger.orders):,} orders; p99 of assignments {1000 * (slow or 0):.0f} ms; "
                            f"failures of known shoppers: {window.faults('assign-known')}; of new ones: "
                            f"{window.faults('assign-new')}")
        late = quantile(load.lateness, 0.99)
        result.notes.append(f"the clients themselves came late by {1000 * (late or 0):.0f} ms (p99) and "
                            f"{1000 * max(load.lateness, default=0):.0f} ms (most); load of the machine "
                            f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
        result.notes.append("what the replicas say of failed assignments, ten lines a second at most: " + _reasons(cluster))
        for replica in cluster.replicas:
            result.at_most(f"I19 {replica.name} resident", 200, replica.server.resident() / 1e6, " MB", 0)
            result.at_most(f"I19 {replica.name} descriptors", 500, replica.server.descriptors(), digits=0)
        await _spools_empty(result, cluster)
        check_manners_of_replicas(result, load)
        await check_ledger(result, cluster, load)
        check_traffic(result, load)
        await check_one_assignment(result, cluster, shop)
        await check_idempotency(result, cluster, shop)
        await check_charges(result, cluster, shop, load.ledger)
        await check_states(result, cluster, shop)
        await check_stop(result, cluster, shop, "cocoa")
        await _check_limit(result, cluster)
    if not result.is_passed:
        result.notes.append(f"again: bench/faults/run chaos --seed {bench.seed} --minutes {minutes:g}")


def _reasons(cluster: Cluster) -> str:
    """Why assignments failed, in the servers' own words, the most frequent first."""
    counts: Counter[str] = Counter()
    for replica in cluster.replicas:
        for line in replica.log().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get("route", "").startswith("/api/v1/quotes") and entry.get("status", 0) >= 500:
                counts[f"{entry['status']} {entry.get('detail', '')[:120]}"] += 1
    return "; ".join(f"{count} × {reason}" for reason, count in counts.most_common(6)) or "nothing"


async def _check_limit(result: Result, cluster: Cluster, limit: int = 600, seconds: float = 4) -> None:
    """I10: what two replicas admit of one key in all, asked much more than it may."""
    redis = cluster.redis
    assert redis
    for replica in cluster.replicas:
        await replica.stop()
        replica.environment["RATE_LIMIT_PER_MINUTE"] = str(limit)
        await replica.start()

    async def are_connected() -> bool:
        # Asked by somebody, a replica connects; one of those connected is who asks here.
        for replica in cluster.replicas:
            await replica.client.get("/api/v1/tenant", cluster.keys["merchant"])
        return len((await redis.cli("CLIENT", "LIST")).splitlines()) > len(cluster.replicas)

    # Until both have a connection to Redis each has its own part of the limit.
    await until(are_connected, 20, "both replicas should be with Redis again", every=0.5)
    await asyncio.sleep(1)
    admitted, statuses, spent = await press(cluster, cluster.keys["analyst"], seconds)
    result.at_most(f"I10 admitted of a limit of {limit} in {spent:.1f} s", limit + limit * spent / 60 + 1, admitted, digits=0)
    result.none("I10 answers under pressure other than 200 and 429", sum(
        count for status, count in statuses.items() if status not in (200, 429)))


async def _what_is_there(cluster: Cluster) -> list[str]:
    """What somebody who wants to know why would ask first."""
    found = []
    if cluster.primary:
        for what, text in {
            "sessions": "SELECT state, wait_event_type, wait_event, left(query, 60), count(*) FROM pg_stat_activity "
                        "WHERE backend_type = 'client backend' GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 8",
            "standbys": "SELECT application_name, state, sync_state FROM pg_stat_replication",
            "waits for": "SHOW synchronous_standby_names",
        }.items():
            try:
                found.append(f"{what}: " + (await cluster.primary.sql(text)).replace("\n", "; "))
            except RuntimeError as error:
                found.append(f"{what}: {error}")
    for replica in cluster.replicas:
        ready = await replica.client.get("/ready", timeout=5)
        found.append(f"{replica.name}: ready says {ready.status} {ready.body[:200]!r}; its log ends: "
                     f"{replica.log()[-600:]!r}")
    return found


def check_manners_of_replicas(result: Result, load: Load) -> None:
    """As `check_manners`, but for what haproxy says itself when no replica answers."""
    for attempt in load.attempts:
        if attempt.status in (502, 503, 504) and not attempt.is_orderly and not attempt.has_request_id:
            attempt.is_orderly = True
    check_manners(result, load)


async def _spools_empty(result: Result, cluster: Cluster) -> None:
    """I20: what was told without the database has been handed over, and nothing was told otherwise by it."""
    waiting: dict[str, float] = {}
    conflicts = 0.0
    for replica in cluster.replicas:
        text = (await replica.client.get("/metrics")).body.decode()
        for line in text.splitlines():
            name, _, value = line.partition(" ")
            if name == "cournot_spool_waiting":
                waiting[replica.name] = float(value)
            if name == "cournot_spool_conflicts_total":
                conflicts += float(value)
    result.none("I20 prices that still wait in spools", int(sum(waiting.values())))
    result.none("I2 prices of spools that the database had told otherwise", int(conflicts))
