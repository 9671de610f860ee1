"""F7, F8 and F24: Redis dies, hangs, forgets, moves, lies."""
from __future__ import annotations

import asyncio
import random
from collections import Counter

from cluster import Cluster, Plan, Redis
from processes import until
from report import Result
from scenario import Bench, now, row, scenario
from shop import open_shop


@row("F7", "Redis killed, hung, flushed")
async def redis_lost(bench: Bench, result: Result) -> None:
    span = bench.seconds(60, least=12)
    third = span / 3
    result.done = (f"under 200 requests/s to two replicas Redis hangs for {third:.0f} s, is killed for {third:.0f} s, comes "
                   f"back empty, and is flushed each second for {third:.0f} s; then the same for a limit of 600 a minute")
    async with scenario(bench, result, Plan(redis=True, environment={"RATE_LIMIT_PER_MINUTE": "600000"})) as here:
        redis = here.cluster.redis
        assert redis
        started = now()
        await here.warm()
        began = now()
        before = here.window(started + 1, began)
        redis.freeze()
        await here.load.for_seconds(third)
        killed = now()
        redis.thaw()
        await redis.kill()
        await here.load.for_seconds(third)
        back = now()
        await redis.start()
        for _ in range(round(third)):
            await redis.cli("FLUSHALL")
            await here.load.for_seconds(1)
        ended = now()
        window = here.window(began, ended)
        failed = [attempt for attempt in window.attempts if attempt.status >= 500 or attempt.status == 0]
        result.at_most("requests that failed", 0.1, 100 * len(failed) / len(window.attempts), "%", 3)
        kinds = ("assign-known", "assign-new", "track", "quote")
        normal, slowed = before.slow(0.99, *kinds), window.slow(0.99, *kinds)
        result.at_most("p99 added", 20, (slowed or 0) - (normal or 0), " ms", 1)
        parts = {"before": before, "hung": here.window(began, killed), "killed": here.window(killed, back),
                 "flushed": here.window(back, ended)}
        result.notes.append("p99 in ms: " + ", ".join(
            f"{name} {part.slow(0.99, *kinds) or 0:.0f} (known {part.slow(0.99, 'assign-known') or 0:.0f}, "
            f"new {part.slow(0.99, 'assign-new') or 0:.0f})" for name, part in parts.items()))
        result.notes.append(f"failures: {window.faults(*kinds, 'admin')}")
        await here.finish(ended)
    await _check_limits(bench, result)


async def _check_limits(bench: Bench, result: Result) -> None:
    """What two replicas admit of one key, asked much more than it may: counted together, and without Redis."""
    limit, seconds = 600, 6
    plan = Plan(redis=True, environment={"RATE_LIMIT_PER_MINUTE": str(limit), "REPLICAS": "2"})
    async with Cluster(plan, bench.binary) as cluster:
        assert cluster.redis
        await asyncio.sleep(1.5)
        allowed = limit + limit * seconds / 60
        admitted, statuses, spent = await press(cluster, cluster.keys["analyst"], seconds)
        allowed = limit + limit * spent / 60 + 1
        result.at_most(f"I10 admitted of a limit of {limit} in {spent:.1f} s", allowed, admitted, digits=0)
        await cluster.redis.kill()
        admitted, more, spent = await press(cluster, cluster.keys["agent"], seconds)
        allowed = 1.1 * (limit + limit * spent / 60)
        result.at_most(f"I10 admitted without Redis in {spent:.1f} s", allowed, admitted, digits=0)
        result.none("answers under pressure other than 200 and 429", sum(
            count for status, count in (statuses + more).items() if status not in (200, 404, 429)))


async def press(cluster: Cluster, key: str, seconds: float) -> tuple[int, Counter[int], float]:
    """64 clients on all replicas at once, as fast as they go."""
    statuses: Counter[int] = Counter()
    begun = now()

    async def one(number: int) -> None:
        client = cluster.replicas[number % len(cluster.replicas)].client
        while now() < begun + seconds:
            reply = await client.get("/api/v1/quotes/quo_none", key) if key == cluster.keys["agent"] else \
                await client.get("/api/v1/products?limit=1", key)
            statuses[reply.status] += 1

    await asyncio.gather(*(one(number) for number in range(64)))
    return statuses[200] + statuses[404], statuses, now() - begun


@row("F8", "a master of the Redis Cluster killed")
async def master_lost(bench: Bench, result: Result) -> None:
    span = bench.seconds(20, least=8)
    result.done = (f"under 200 requests/s to two replicas on a Redis Cluster of six nodes (node time-out 1 s) the master with "
                   f"the tenant's keys is killed; {span:.0f} s later the figures are taken")
    async with scenario(bench, result, Plan(redis_cluster=1000, environment={"RATE_LIMIT_PER_MINUTE": "600000"})) as here:
        redis = here.cluster.redis_cluster
        assert redis
        started = now()
        await here.warm()
        victim = await redis.fullest()
        heirs = [node for node in redis.nodes if node not in await redis.masters()]
        began = now()
        before = here.window(started + 1, began)
        await victim.kill()

        async def is_elected() -> bool:
            return any(["role:master" in await node.cli("INFO", "replication") for node in heirs])

        elected = await until(is_elected, 30, "a replica should take the place of the master")
        copied = await stored(heirs)

        async def is_used() -> bool:
            return await stored(heirs) > copied

        gap = elected + await until(is_used, 30, "the replicas should write to the new master")
        await here.load.for_seconds(max(0, span - (now() - began)))
        ended = now()
        window = here.window(began, ended)
        failed = [attempt for attempt in window.attempts if attempt.status >= 500 or attempt.status == 0]
        result.at_most("requests that failed", 0.1, 100 * len(failed) / len(window.attempts), "%", 3)
        kinds = ("assign-known", "assign-new", "track", "quote")
        result.at_most("p99 added", 20, (window.slow(0.99, *kinds) or 0) - (before.slow(0.99, *kinds) or 0), " ms", 1)
        result.at_most("s until what is told is in Redis again", 3, gap, " s", 1)
        result.notes.append(f"another master was elected after {elected:.1f} s")
        result.notes.append(f"failures: {window.faults(*kinds, 'admin')}")
        await here.finish(ended)


async def stored(nodes: list[Redis]) -> int:
    """Keys on those of them that are masters now, and were not."""
    return sum([int(await node.cli("DBSIZE")) for node in nodes if "role:master" in await node.cli("INFO", "replication")])


@row("F24", "what caches hold is spoilt")
async def caches_spoilt(bench: Bench, result: Result) -> None:
    span = bench.seconds(20, least=6)
    result.done = (f"for {span:.0f} s under load the values in Redis are overwritten with random bytes, cut short or given "
                   "another type; the replicas are killed meanwhile so that they have only Redis and the database")
    draw = random.Random(bench.seed)
    async with scenario(bench, result, Plan(redis=True)) as here:
        redis = here.cluster.redis
        assert redis
        await here.warm()
        here.restarts_allowed = True
        began, spoilt = now(), 0
        while now() < began + span:
            for replica in here.cluster.replicas:
                await replica.kill()
            spoilt += await spoil(redis, draw)
            for replica in here.cluster.replicas:
                await replica.start()
            spoilt += await spoil(redis, draw)
            await here.load.for_seconds(1.5)
        ended = now()
        window = here.window(began, ended)
        refused = [attempt for attempt in window.attempts if attempt.status >= 500]
        result.none("answers of 5xx", [f"{attempt.kind} {attempt.status}" for attempt in refused])
        result.at_least("values spoilt", 1, spoilt, digits=0)
        await here.finish(ended)


async def spoil(redis: Redis, draw: random.Random) -> int:
    """Overwrites, cuts short, retypes or alters values; says how many."""
    keys = [key for key in (await redis.cli("--scan")).splitlines() if key]
    draw.shuffle(keys)
    script = "for i, key in ipairs(KEYS) do local kind = redis.call('TYPE', key).ok " \
        "local value = kind == 'string' and redis.call('GET', key) or '' redis.call('DEL', key) " \
        "local turn = (i + tonumber(ARGV[2])) % 4 " \
        "if turn == 0 then redis.call('SET', key, ARGV[1]) elseif turn == 1 then redis.call('SET', key, string.sub(value, 1, -2)) " \
        "elseif turn == 2 then redis.call('RPUSH', key, ARGV[1]) else " \
        "redis.call('SET', key, string.sub(ARGV[1] .. value, 1, #value)) end end return #KEYS"
    done = 0
    for start in range(0, min(len(keys), 2000), 200):
        part = keys[start:start + 200]
        noise = "".join(chr(draw.randrange(33, 127)) for _ in range(draw.randrange(1, 60)))
        done += int((await redis.cli("EVAL", script, str(len(part)), *part, noise, str(draw.randrange(4)))).strip() or 0)
    return done
