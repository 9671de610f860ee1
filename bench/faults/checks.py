"""What must hold after any fault: the ledger of the clients beside what the servers say and what the database keeps."""
from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from typing import Any

from client import Client
from cluster import Cluster
from load import Ledger, Load
from report import Result
from shop import Shop, expect

BATCH = 1000


async def check_ledger(result: Result, cluster: Cluster, load: Load) -> None:
    """Prices (I2), durability (I13), counting (I5), money (I4) and quotes (I8), for everything acknowledged."""
    ledger, shop = load.ledger, load.shop
    client = cluster.replicas[0].client
    result.none("I2 shoppers told two prices", ledger.contradictions)
    result.none("I2 prices that no variant has", ledger.foreign)
    for replica in cluster.replicas:
        result.none(f"I2 another price when asked again at {replica.name}", await _asked_again(replica.client, load))
    result.none("I13 acknowledged events lost", await _lost_events(client, shop, ledger))
    result.none("I13, I8 acknowledged quotes lost or changed", await _lost_quotes(client, shop, ledger))
    result.none("I13 acknowledged products lost", await _lost_products(client, shop, ledger))
    result.none("requests of the mix refused", ledger.refused)
    result.none("I14 a session did not see its own write", ledger.stale)
    await _check_counts(result, cluster, client, load)
    if cluster.primary:
        await _check_database(result, cluster, ledger)


async def _asked_again(client: Client, load: Load) -> list[str]:
    """Each known shopper is quoted the same price by this replica."""
    keys = list(load.ledger.prices)
    wrong = []
    for start in range(0, len(keys), BATCH):
        part = keys[start:start + BATCH]
        body = {"quotes": [load.shop.question(*key) for key in part]}
        answers = expect(await client.post("/api/v1/quotes/batch", load.shop.agent, body, timeout=30), 200).json()
        for key, answer in zip(part, answers["data"], strict=True):
            told = load.ledger.prices[key].price
            if answer.get("quote", {}).get("price", {}).get("amount") != told:
                wrong.append(f"{key} was told {told}, hears {json.dumps(answer)[:300]}")
    return wrong


async def _lost_events(client: Client, shop: Shop, ledger: Ledger) -> list[str]:
    """Sent once more, each is known already."""
    events = list(ledger.events.values())
    lost = []
    for start in range(0, len(events), BATCH):
        part = events[start:start + BATCH]
        counts = expect(await client.post("/api/v1/events", shop.agent, part, timeout=30), 200).json()
        if counts["duplicates"] != len(part):
            lost.append(f"{len(part) - counts['duplicates']} of those from {part[0]['id']} on: {counts}")
    return lost


async def _lost_quotes(client: Client, shop: Shop, ledger: Ledger, most: int = 2000) -> list[str]:
    """Quotes can be read by their id, at the price told: of very many, as many as are worth their time."""
    lost = []
    items = list(ledger.prices.items())
    for key, told in items[::max(1, len(items) // most)]:
        reply = await client.get(f"/api/v1/quotes/{told.quote}", shop.agent)
        if reply.status != 200 or reply.json()["price"]["amount"] != told.price:
            lost.append(f"{told.quote} of {key}: {reply.status} {reply.body[:200]!r}")
    return lost


async def _lost_products(client: Client, shop: Shop, ledger: Ledger) -> list[str]:
    lost = []
    for sku, price in ledger.products.items():
        reply = await client.get(f"/api/v1/products/{sku}", shop.merchant)
        if reply.status != 200 or reply.json()["list_price"]["amount"] != price:
            lost.append(f"{sku}: {reply.status} {reply.body[:200]!r}")
    return lost


async def units(client: Client, shop: Shop, experiment: str) -> list[dict[str, Any]]:
    path = f"/api/v1/experiments/{experiment}/export?format=ndjson"
    reply = expect(await client.get(path, shop.merchant, timeout=60), 200)
    return [json.loads(line) for line in reply.body.splitlines()]


async def _check_counts(result: Result, cluster: Cluster, client: Client, load: Load) -> None:
    """Sales of each experiment's product are counted once and at the price told; the report counts the same units."""
    differences = []
    for product, experiment in load.shop.experiments.items():
        rows = await units(client, load.shop, experiment)
        sold = [sale for sale in load.ledger.sales.values() if sale[0] == product]
        seen = (sum(row["orders"] for row in rows), sum(row["gross"] for row in rows),
                sum(row["quantity"] for row in rows))
        due = (len(sold), sum(sale[1] for sale in sold), sum(sale[2] for sale in sold))
        if seen != due:
            differences.append(f"{product}: (orders, money, items) told {due}, counted {seen}")
        report = expect(
            await client.get(f"/api/v1/experiments/{experiment}/report", load.shop.merchant, timeout=30), 200).json()
        observed = report["data_quality"]["sample_ratio"]["observed"]
        counted = Counter(row["variant"] for row in rows if row["exposed_at"] and not row["excluded"])
        if sorted(observed) != sorted(counted[f"v{place}"] for place in range(len(observed))):
            differences.append(f"{product}: the report counts {observed} shoppers, the units are {dict(counted)}")
    result.none("I4, I5 differences between what was sold and what is counted", differences)


async def _check_database(result: Result, cluster: Cluster, ledger: Ledger) -> None:
    """The rows themselves: nothing twice, and the counts are the sums of the units."""
    assert cluster.primary
    ask = cluster.primary.sql
    result.none("I2 rows of shoppers with two prices", int(await ask("""
        SELECT count(*) FROM (SELECT 1 FROM offers WHERE variant >= 0
            GROUP BY tenant_id, subject, sku, experiment_id, currency HAVING count(DISTINCT price) > 1) found""")))
    stored, distinct, known = (int(word) for word in (await ask("""
        SELECT count(*), count(DISTINCT (tenant_id, id_hash)), (SELECT count(*) FROM event_ids) FROM events
        """)).split("|"))
    # An order brings its conversion with it, and where its price was an experiment's the checkout that it began as.
    begun = sum(ledger.sales[order][0] != Shop.plain for order in ledger.orders.values())
    acknowledged = len(ledger.events) + len(ledger.orders) + begun
    result.add("I5 events stored, distinct, ids, acknowledged", "all equal",
               f"{stored:,}, {distinct:,}, {known:,}, {acknowledged:,}",
               stored == distinct == known == acknowledged)
    result.none("I5 counts that are not the sums of the units", int(await ask("""
        WITH kept AS (SELECT experiment_id, variant, sum(orders) AS orders, sum(quantity) AS quantity FROM cells
                      GROUP BY 1, 2 HAVING sum(units) > 0 OR sum(orders) > 0),
             anew AS (SELECT experiment_id, variant, sum(orders) AS orders, sum(quantity) AS quantity FROM units
                      WHERE exposed_at IS NOT NULL AND NOT excluded GROUP BY 1, 2)
        SELECT count(*) FROM kept FULL JOIN anew USING (experiment_id, variant)
        WHERE kept.orders IS DISTINCT FROM anew.orders OR kept.quantity IS DISTINCT FROM anew.quantity""")))


async def check_charges(result: Result, cluster: Cluster, shop: Shop, ledger: Ledger) -> None:
    """I7: of each checkout that was paid there is one order and one payment, and of no other any."""
    assert cluster.primary
    client = cluster.replicas[-1].client
    wrong = []
    for checkout, order in ledger.orders.items():
        reply = await client.get(f"/api/v1/checkouts/{checkout}", shop.agent)
        seen = reply.json() if reply.status == 200 else {}
        if (seen.get("order") or {}).get("id") != order:
            wrong.append(f"{checkout} was paid as {order}, now: {reply.status} {reply.body[:200]!r}")
    result.none("I7 paid checkouts that do not have their order", wrong)
    orders, payments = (int(word) for word in (await cluster.primary.sql("""
        SELECT (SELECT count(*) FROM orders),
            (SELECT count(*) FROM test_payments WHERE document LIKE '%"charge"%' AND document NOT LIKE '%"decline"%')
        """)).split("|"))
    due = len(ledger.orders)
    result.add("I7 orders kept, charged, acknowledged", "all equal", f"{orders:,}, {payments:,}, {due:,}",
               orders == payments == due)


def check_manners(result: Result, load: Load) -> None:
    """Errors of the server are problem JSON with the request's id."""
    result.none("5xx without problem JSON and request id", [
        f"{attempt.kind} {attempt.status}" for attempt in load.attempts if not attempt.is_orderly])


async def check_one_assignment(result: Result, cluster: Cluster, shop: Shop, count: int = 500) -> None:
    """I1: shoppers nobody knows yet would be told the same by every replica."""
    different = 0
    product = "beans"
    for number in range(count):
        path = f"/api/v1/prices/{product}?shopper=unseen-{number}"
        answers = await asyncio.gather(*(replica.client.get(path, shop.agent) for replica in cluster.replicas))
        prices = {expect(answer, 200).json()["price"]["amount"] for answer in answers}
        different += len(prices) > 1
    result.none(f"I1 assignments that differ between replicas, of {count}", different)


def check_traffic(result: Result, load: Load, product: str = "beans") -> None:
    """I3: chi-square of the shoppers told each price against the weights, which are equal."""
    allowed = load.shop.allowed[product]
    counts = Counter(told.price for (_, sku), told in load.ledger.prices.items() if sku == product)
    total = sum(counts.values())
    if total < 100 or len(allowed) != 2:
        return
    statistic = sum((counts[price] - total / 2) ** 2 / (total / 2) for price in allowed)
    p_value = math.erfc(math.sqrt(statistic / 2))
    result.at_least("I3 p-value of the split", 0.0001, p_value, digits=4)


async def check_idempotency(result: Result, cluster: Cluster, shop: Shop) -> None:
    """I6: a key repeated anywhere gives the same answer; with another body it is refused; of many at once one is done."""
    wrong = []
    for number in range(20):
        headers = {"Idempotency-Key": f"i6-{number}"}
        body = {"sku": f"i6-{number}", "title": "I6", "list_price": {"amount": 100, "currency": "USD"}}
        clients = [cluster.replicas[turn % len(cluster.replicas)].client for turn in range(8)]
        replies = await asyncio.gather(*(
            client.post("/api/v1/products", shop.merchant, body, headers=headers) for client in clients))
        kinds = Counter(reply.status for reply in replies)
        bodies = {reply.body for reply in replies if reply.status == 201}
        fresh = sum(reply.status == 201 and "idempotent-replayed" not in reply.headers for reply in replies)
        if len(bodies) != 1 or fresh != 1 or set(kinds) - {201, 409}:
            wrong.append(f"{dict(kinds)}, {fresh} fresh, {len(bodies)} bodies")
        other = await clients[0].post("/api/v1/products", shop.merchant, {**body, "title": "Other"}, headers=headers)
        if other.status != 422:
            wrong.append(f"another body: {other.status}")
    result.none("I6 faults of idempotency among 20 keys used 8 times at once", wrong)


async def check_stop(result: Result, cluster: Cluster, shop: Shop, product: str) -> None:
    """I15: once an experiment has ended nobody new is assigned, anywhere."""
    path = f"/api/v1/experiments/{shop.experiments[product]}"
    expect(await cluster.replicas[0].client.post(f"{path}/pause", shop.merchant, {}), 200)
    expect(await cluster.replicas[0].client.post(f"{path}/resume", shop.merchant, {}), 200)
    expect(await cluster.replicas[1].client.post(f"{path}/complete", shop.merchant, {}), 200)
    ended, last = time.monotonic(), 0.0
    for number in range(100_000):
        at = time.monotonic()
        if at > ended + 8:
            break
        client = cluster.replicas[number % 2].client
        quote = expect(await client.post(
            "/api/v1/quotes", shop.agent, shop.question(f"late-{number}", product)), 200).json()
        if quote["experiment"]["variant"] is not None:
            last = at - ended
        await asyncio.sleep(0.01)
    result.at_most("I15 seconds after the end to the last assignment", 5, last)


#: What may be asked of each state, and where it leads.
LEGAL = {
    ("draft", "start"): "running", ("running", "pause"): "paused", ("paused", "resume"): "running",
    ("running", "complete"): "completed", ("paused", "complete"): "completed", ("completed", "archive"): "archived",
}
ACTIONS = ["start", "pause", "resume", "complete", "archive"]
PATHS: dict[str, list[str]] = {
    "draft": [], "running": ["start"], "paused": ["start", "pause"], "completed": ["start", "complete"],
    "archived": ["start", "complete", "archive"]}


async def check_states(result: Result, cluster: Cluster, shop: Shop) -> None:
    """I9: each action in each state, asked of a replica that did not bring the state about."""
    wrong = []
    last = cluster.replicas[-1].client
    first = cluster.replicas[0].client
    for number, (state, steps) in enumerate(PATHS.items()):
        for action in ACTIONS:
            sku = f"i9-{number}-{action}"
            price = {"amount": 500, "currency": "USD"}
            expect(await first.post(
                "/api/v1/products", shop.merchant, {"sku": sku, "title": sku, "list_price": price}), 201)
            made = expect(await first.post("/api/v1/experiments", shop.merchant, {
                "name": sku, "products": [sku], "currency": "USD",
                "variants": [{"name": "a", "price": price, "weight": 1},
                             {"name": "b", "price": {"amount": 600, "currency": "USD"}, "weight": 1}]}), 201).json()
            path = f"/api/v1/experiments/{made['id']}"
            for step in steps:
                expect(await first.post(f"{path}/{step}", shop.merchant, {}), 200)
            for _ in range(100):
                seen = await last.get(path, shop.merchant)
                if seen.status == 200 and seen.json()["status"] == state:
                    break
                await asyncio.sleep(0.05)
            reply = await last.post(f"{path}/{action}", shop.merchant, {})
            due = LEGAL.get((state, action))
            if (reply.status == 200) != (due is not None) or (due and reply.json()["status"] != due):
                wrong.append(f"{action} of {state}: {reply.status} {reply.body[:150]!r}")
    result.none("I9 wrong answers among 25 pairs of state and action", wrong)
