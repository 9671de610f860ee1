"""F16 and F20 to F23: clocks, malformed requests, events in disorder, edits under load, two versions at once."""
from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from checks import check_manners, check_stop, units
from client import Client
from cluster import Cluster, Plan
from load import Load
from processes import Missing
from report import Result
from scenario import Bench, now, row, scenario
from shop import Shop, expect, open_shop

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@row("F16", "clocks jump")
async def clocks_jump(bench: Bench, result: Result) -> None:
    turns = bench.count(30, least=6)
    pause = bench.seconds(10, least=3)
    offsets = ["+1200", "-1200", "-600", "+86400", "+0", "+600"]
    result.done = (f"the first replica's wall clock moved {turns} times, by minutes and a day, each for {pause:.0f} s; the "
                   "second's and the databases' stay")
    if not FAKETIME.exists():
        raise Missing("libfaketime is missing: apt-get install faketime")
    async with scenario(bench, result, Plan(redis=True)) as here:
        skewed = here.cluster.replicas[0]
        file = here.cluster.folder / "clock"
        file.write_text("+0\n")
        await skewed.stop()
        skewed.environment |= {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        await skewed.start()
        here.restarts_allowed = True
        # A clock a day off refuses what others stamp now, and should: such events are told apart below.
        here.load.tolerated = {"timestamp_out_of_range"}
        await here.warm(5)
        draw, ids = random.Random(bench.seed), []
        for turn in range(turns):
            file.write_text(draw.choice(offsets) + "\n")
            reply = await skewed.client.post(
                "/api/v1/quotes", here.shop.agent, here.shop.question(f"clock-{turn}", "beans"))
            ids.append(expect(reply, 200).json()["id"])
            await here.load.for_seconds(pause)
        file.write_text("+0\n")
        ended = now()
        result.none("quotes with the same id", len(ids) - len(set(ids)))
        audit = (await here.cluster.primary.sql(  # type: ignore[union-attr]
            "SELECT count(*), min(sequence), max(sequence) FROM audit GROUP BY tenant_id")).split("|")
        count, lowest, highest = (int(word) for word in audit)
        result.add("audit sequence", "no gap", f"{count} entries, {lowest} to {highest}", highest - lowest + 1 == count)
        metrics = (await skewed.client.get("/metrics")).body.decode()
        negative = re.findall(r"^cournot_http_request_duration_seconds_sum.* -", metrics, re.M)
        result.none("negative durations", negative)
        result.notes.append(f"{here.load.set_aside} events were refused by the clock that was off, as they have to be")
        await here.finish(ended)


@row("F20", "malformed requests")
async def malformed(bench: Bench, result: Result) -> None:
    async with scenario(bench, result, Plan(replicas=1, engine="sqlite"), rate=50) as here:
        await here.warm(3)
        began = now()
        replica = here.cluster.replicas[0]
        wrong = []
        for name, (text, allowed) in _vectors(here.shop).items():
            status = await _raw(replica.port, text)
            if status not in allowed:
                wrong.append(f"{name}: {status}, asked {sorted(allowed)}")
        draw, count = random.Random(bench.seed), bench.count(3000, least=500)
        crashes = []
        for number in range(count):
            text = bytearray(draw.choice(list(_vectors(here.shop).values()))[0][:4000])
            for _ in range(draw.randint(1, 8)):
                if text:
                    text[draw.randrange(len(text))] = draw.randrange(256)
            status = await _raw(replica.port, bytes(text), patience=0.05)
            if status >= 500 and status != 501 and status != 505:
                crashes.append(f"mutation {number}: {status}")
        result.done = f"{len(_vectors(here.shop))} malformed requests and {count:,} mutations of them beside the load"
        result.none("unexpected answers", wrong)
        result.none("5xx to mutated requests", crashes)
        window = here.window(began, now())
        failed = [attempt for attempt in window.attempts if not attempt.is_served]
        result.none("requests of the load that failed meanwhile", [f"{a.kind} {a.status} {a.fault}" for a in failed])
        await here.finish(now(), calm=2)


def _vectors(shop: Shop) -> dict[str, tuple[bytes, set[int]]]:
    """Bytes, and what may be answered; 0 is a connection closed without an answer."""
    head = f"Host: x\r\nAuthorization: Bearer {shop.agent}\r\n"
    json_head = head + "Content-Type: application/json\r\n"

    def post(body: bytes, more: str = "") -> bytes:
        return (f"POST /api/v1/quotes HTTP/1.1\r\n{json_head}{more}Content-Length: {len(body)}\r\n\r\n").encode() + body

    bad = {400, 0}
    return {
        "no method": (b" / HTTP/1.1\r\nHost: x\r\n\r\n", bad),
        "unknown method": (f"BREW /health HTTP/1.1\r\n{head}\r\n".encode(), {400, 404, 405, 501, 0}),
        "no version": (b"GET /health\r\nHost: x\r\n\r\n", bad),
        "version 3.0": (b"GET /health HTTP/3.0\r\nHost: x\r\n\r\n", bad | {505}),
        "no host": (b"GET /health HTTP/1.1\r\n\r\n", bad),
        "two hosts": (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", bad),
        "space before colon": (b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n", bad),
        "folded header": (b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", bad),
        "zero byte in header": (b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", bad),
        "bare CR": (b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", bad),
        "two lengths": (b"POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", bad),
        "negative length": (b"POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", bad),
        "length of 20 digits": (b"POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                                bad | {413}),
        "length and chunks": (b"POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: "
                              b"chunked\r\n\r\n0\r\n\r\n", bad),
        "unknown coding": (b"POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", bad | {501}),
        "chunk size no number": (f"POST /api/v1/quotes HTTP/1.1\r\n{json_head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"
                                 .encode(), bad),
        "huge chunk": (f"POST /api/v1/quotes HTTP/1.1\r\n{json_head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
                       .encode(), bad | {413}),
        "long URI": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {414}),
        "large head": (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 20_000 + b"\r\n\r\n", {431}),
        "2 MiB announced": (f"POST /api/v1/quotes HTTP/1.1\r\n{json_head}Content-Length: 2097152\r\n\r\n".encode(), {413}),
        "percent of nothing": (b"GET /api/v1/prices/%zz?shopper=a HTTP/1.1\r\n" + head.encode() + b"\r\n", {400}),
        "UTF-8 cut short in path": (b"GET /api/v1/prices/%c3?shopper=a HTTP/1.1\r\n" + head.encode() + b"\r\n", {400, 404}),
        "not JSON": (post(b"{"), {400}),
        "deep JSON": (post(b"[" * 5000 + b"]" * 5000), {400, 422}),
        "JSON with zero byte": (post(b'{"shopper":"a\0"}'), {400}),
        "lone surrogate": (post(b'{"shopper":"\\ud800","product":"beans"}'), {400, 422}),
        "key twice": (post(b'{"shopper":"a","shopper":"b","product":"beans"}'), {400, 422}),
        "number beyond 64 bits": (post(b'{"shopper":"a","product":"beans","quantity":1e400}'), {400, 422}),
        "misspelt key": (post(b'{"shoper":"a","product":"beans"}'), {422}),
        "array": (post(b"[]"), {422}),
        "gzip body": (post(b"\x1f\x8b\x08", "Content-Encoding: gzip\r\n"), {415}),
        "not UTF-8": (post(b'{"shopper":"\xff","product":"beans"}'), {400}),
        "no type": (f"POST /api/v1/quotes HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\n{{}}".encode(), {415, 422}),
        "two keys": (f"GET /api/v1/tenant HTTP/1.1\r\n{head}Authorization: Bearer x\r\n\r\n".encode(), {400, 401, 403}),
    }


async def _raw(port: int, text: bytes, patience: float = 2) -> int:
    """The status of the answer to these bytes; 0 when there is none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        async with asyncio.timeout(patience):
            writer.write(text)
            await writer.drain()
            line = await reader.readline()
        return int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else 0
    except (OSError, TimeoutError, ValueError, IndexError):
        return 0
    finally:
        writer.transport.abort()


@row("F21", "events repeated, late and out of order")
async def events_in_disorder(bench: Bench, result: Result) -> None:
    count = bench.count(100_000, least=20_000)
    copies, batch = 5, 500
    result.done = (f"{count:,} sales, each sent {copies} times in random order to two replicas, 30% with stamps of up to five "
                   "minutes ahead; 1% more outside the window of stamps")
    draw = random.Random(bench.seed)
    async with Cluster(Plan(redis=True), bench.binary) as cluster:
        shop = await open_shop(cluster)
        shoppers = 2000
        quotes: list[tuple[str, str, int]] = []
        for start in range(0, shoppers, 500):
            body = {"quotes": [shop.question(f"d{number}", "beans") for number in range(start, start + 500)]}
            answer = expect(await cluster.replicas[0].client.post("/api/v1/quotes/batch", shop.agent, body), 200).json()
            quotes += [(one["quote"]["shopper"], one["quote"]["id"], one["quote"]["price"]["amount"])
                       for one in answer["data"]]
        made, revenue, outside = [], 0, 0
        for number in range(count):
            shopper, quote, price = quotes[number % shoppers]
            quantity = draw.randint(1, 3)
            # A sale from before its shopper was told would not be counted: disorder is made of what lies ahead.
            ahead = timedelta(seconds=draw.uniform(0, 300)) if draw.random() < 0.3 else timedelta(0)
            stamp = datetime.now(timezone.utc) + ahead
            made.append({"id": f"e{number}", "type": "conversion", "shopper": shopper, "quote": quote,
                         "order": f"o{number}", "quantity": quantity,
                         "timestamp": stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")})
            revenue += price * quantity
        for number in range(count // 100):
            days = timedelta(days=-8) if number % 2 else timedelta(minutes=20)
            stamp = datetime.now(timezone.utc) + days
            made.append({"id": f"outside{number}", "type": "conversion", "shopper": quotes[0][0], "product": "beans",
                         "timestamp": stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")})
            outside += 1
        sent = [event for event in made for _ in range(copies)]
        draw.shuffle(sent)
        counts: Counter[str] = Counter()
        wrong: list[Any] = []
        batches = iter([sent[start:start + batch] for start in range(0, len(sent), batch)])

        async def send(number: int) -> None:
            for part in batches:
                reply = await cluster.replicas[number % 2].client.post(
                    "/api/v1/events", shop.agent, part, timeout=60)
                while reply.status in (0, 503):
                    await asyncio.sleep(0.2)
                    reply = await cluster.replicas[number % 2].client.post(
                        "/api/v1/events", shop.agent, part, timeout=60)
                answer = reply.json()
                counts["accepted"] += answer["accepted"]
                counts["duplicates"] += answer["duplicates"]
                counts["rejected"] += len(answer["rejected"])
                wrong.extend(one for one in answer["rejected"] if one["code"] != "timestamp_out_of_range")

        begun = now()
        await asyncio.gather(*(send(number) for number in range(6)))
        result.notes.append(f"{len(sent):,} events in {now() - begun:.0f} s; {dict(counts)}")
        result.none("events rejected that were in order", wrong)
        result.none("events rejected that were not outside the window, or taken though they were",
                    abs(counts["rejected"] - outside * copies))
        rows = await units(cluster.replicas[0].client, shop, shop.experiments["beans"])
        result.add("orders counted", f"{count:,}", f"{sum(row['orders'] for row in rows):,}",
                   sum(row["orders"] for row in rows) == count)
        result.add("revenue counted", f"{revenue:,}", f"{sum(row['gross'] for row in rows):,}",
                   sum(row["gross"] for row in rows) == revenue)
        result.add("accepted once each", f"{count:,}", f"{counts['accepted']:,}", counts["accepted"] == count)


@row("F22", "weights changed, paused and ended under load")
async def edited_under_load(bench: Bench, result: Result) -> None:
    span = bench.seconds(60, least=10)
    result.done = (f"50 changes of weights a second by 4 editors with If-Match for {span:.0f} s, 500 assignments a second "
                   "of 10,000 shoppers on two replicas; then paused, resumed and completed")
    async with Cluster(Plan(redis=True), bench.binary) as cluster:
        shop = await open_shop(cluster)
        load = Load(shop, cluster.clients(), rate=1, seed=bench.seed)
        path = f"/api/v1/experiments/{shop.experiments['tea']}"
        draw = random.Random(bench.seed)
        before = expect(await cluster.replicas[0].client.get(path, shop.merchant), 200).json()["version"]
        editing: Counter[str] = Counter()
        end = now() + span

        async def assign(shopper: str) -> None:
            reply = await load._until_decided(
                "assign-known", "POST", "/api/v1/quotes", shop.agent, shop.question(shopper, "tea"))
            load.ledger.told(shopper, expect(reply, 200).json(), shop.allowed["tea"])

        async def edit(number: int) -> None:
            client = cluster.replicas[number % 2].client
            while now() < end:
                begun = now()
                seen = await client.get(path, shop.merchant)
                body = {"variants": [{"name": f"v{place}", "weight": draw.randint(0, 50) + (place == 0)}
                                     for place in range(3)]}
                reply = await client.request(
                    "PATCH", path, shop.merchant, body, {"If-Match": seen.headers.get("etag", '"none"')})
                editing[{200: "won", 412: "lost", 409: "lost"}.get(reply.status, f"answered {reply.status}")] += 1
                await asyncio.sleep(max(0.0, begun + 4 / 50 - now()))

        tasks: set[asyncio.Task[None]] = set()
        editors = [asyncio.create_task(edit(number)) for number in range(4)]
        begun = now()
        for count in range(int(span * 500)):
            task = asyncio.create_task(assign(f"w{draw.randrange(10_000)}"))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            await asyncio.sleep(max(0.0, begun + (count + 1) / 500 - now()))
        spent = now() - begun
        await asyncio.gather(*editors, *tasks)
        after = expect(await cluster.replicas[0].client.get(path, shop.merchant), 200).json()["version"]
        result.none("shoppers told more than one price", load.ledger.contradictions)
        result.none("lost updates: versions beside edits that won", abs(after - before - editing["won"]))
        unexpected = {name: count for name, count in editing.items() if name not in ("won", "lost")}
        result.none("edits answered otherwise", [unexpected] if unexpected else [])
        result.notes.append(f"{len(load.attempts):,} assignments of {len(load.ledger.prices):,} shoppers in {spent:.0f} s, "
                            f"edits: {dict(editing)}; p99 of assignments "
                            f"{1000 * sorted(a.seconds for a in load.attempts)[int(0.99 * len(load.attempts))]:.0f} ms")
        await _check_new_weights(result, cluster, shop, path)
        await check_stop(result, cluster, shop, "tea")
        check_manners(result, load)
        await check_ledger_of_assignments(result, cluster, load)


async def check_ledger_of_assignments(result: Result, cluster: Cluster, load: Load) -> None:
    """Everybody's price is the same when asked again, whatever became of the experiment: quotes are kept."""
    assert cluster.primary
    rows = int(await cluster.primary.sql("""
        SELECT count(*) FROM (SELECT 1 FROM offers WHERE variant >= 0
            GROUP BY tenant_id, subject, sku, experiment_id, currency HAVING count(DISTINCT price) > 1) found"""))
    result.none("I2 rows of shoppers with two prices", rows)


async def _check_new_weights(result: Result, cluster: Cluster, shop: Shop, path: str) -> None:
    """All the weight on one variant: new shoppers get that one, on every replica."""
    body = {"variants": [{"name": "v0", "weight": 0}, {"name": "v1", "weight": 1}, {"name": "v2", "weight": 0}]}
    expect(await cluster.replicas[0].client.request("PATCH", path, shop.merchant, body), 200)
    await asyncio.sleep(1)
    other = 0
    for number in range(200):
        client = cluster.replicas[number % 2].client
        quote = expect(await client.post(
            "/api/v1/quotes", shop.agent, shop.question(f"fresh-{number}", "tea")), 200).json()
        other += quote["experiment"]["variant"] != "v1"
    result.none("new shoppers of 200 not by the new weights, a second after", other)


async def _told(client: Client, shop: Shop, names: list[str]) -> list[tuple[Any, Any]]:
    """Price and variant that each shopper hears."""
    body = {"quotes": [shop.question(name, "beans") for name in names]}
    reply = expect(await client.post("/api/v1/quotes/batch", shop.agent, body, timeout=30), 200)
    return [(one["quote"]["price"], one["quote"]["experiment"]["variant"]) for one in reply.json()["data"]]


@row("F23", "two versions at once")
async def two_versions(bench: Bench, result: Result) -> None:
    count = bench.count(100_000, least=10_000)
    other = bench.other or bench.binary
    result.done = (f"two replicas of an older program, of which one gives way to this one; {count:,} shoppers asked of both"
                   + ("" if bench.other else " (both of this version: name another with --other)"))
    async with Cluster(Plan(), other) as cluster:
        shop = await open_shop(cluster)
        known = [f"known-{number}" for number in range(500)]
        before = await _told(cluster.replicas[0].client, shop, known)
        rolled = cluster.replicas[0]
        await rolled.stop()
        rolled.binary = bench.binary
        await rolled.start()
        first, second = (replica.client for replica in cluster.replicas)
        for words, client in (("newer", first), ("older", second)):
            after = await _told(client, shop, known)
            result.none(f"of {len(known)} shoppers told before, told otherwise by the {words}",
                        sum(one != two for one, two in zip(before, after, strict=True)))
        different, done = 0, 0
        for start in range(0, count, 500):
            names = [f"version-{number}" for number in range(start, start + 500)]
            # One assigns, the other says what it hears; half of the time the other way round.
            one, two = (first, second) if start // 500 % 2 else (second, first)
            told, heard = await _told(one, shop, names), await _told(two, shop, names)
            different += sum(a != b for a, b in zip(told, heard, strict=True))
            done += len(names)
        result.none(f"of {done:,} shoppers, told otherwise by the other", different)
        peeked = 0
        for number in range(2000):
            path = f"/api/v1/prices/tea?shopper=peek-{number}"
            answers = await asyncio.gather(first.get(path, shop.agent), second.get(path, shop.agent))
            peeked += len({expect(answer, 200).json()["price"]["amount"] for answer in answers}) > 1
        result.none("of 2,000 shoppers nobody knows, assigned otherwise", peeked)
