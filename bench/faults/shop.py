"""What the load runs against: products, some of them under experiments, made through the server's own doors."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from client import Client, Reply
from cluster import Cluster

LIST_PRICE = 1900


@dataclass
class Shop:
    merchant: str
    agent: str
    #: Product to experiment; one product has none.
    experiments: dict[str, str] = field(default_factory=dict)
    products: list[str] = field(default_factory=list)
    #: Product to the prices that may be told for it.
    allowed: dict[str, set[int]] = field(default_factory=dict)

    #: The product whose experiment's weights are changed under load.
    edited = "tea"
    #: A product without an experiment.
    plain = "mug"

    def question(self, shopper: str, product: str) -> dict[str, object]:
        return {"shopper": shopper, "product": product}


class Refused(Exception):
    """The server said no where it must not."""


def expect(reply: Reply, *statuses: int) -> Reply:
    if reply.status not in statuses:
        raise Refused(f"{reply.status} {reply.fault} {reply.body[:300]!r}")
    return reply


async def open_shop(cluster: Cluster) -> Shop:
    """Makes it on the first replica; returns once every replica knows all of it."""
    shop = Shop(cluster.keys["merchant"], cluster.keys["agent"])
    client = cluster.replicas[0].client
    while (await client.get("/api/v1/tenant", shop.merchant)).status == 401:
        await asyncio.sleep(0.05)
    for product, prices in {"beans": [1900, 2400], "tea": [1900, 2100, 2300], "cocoa": [1900, 1700], "mug": []}.items():
        await make_product(client, shop, product)
        if prices:
            shop.experiments[product] = await make_experiment(client, shop, product, prices)
    await until_known(cluster, shop)
    return shop


async def make_product(client: Client, shop: Shop, product: str) -> None:
    price = {"amount": LIST_PRICE, "currency": "USD"}
    body = {"sku": product, "title": product.title(), "list_price": price}
    expect(await client.post("/api/v1/products", shop.merchant, body), 201)
    shop.products.append(product)
    shop.allowed[product] = {LIST_PRICE}


async def make_experiment(
    client: Client, shop: Shop, product: str, prices: list[int], is_started: bool = True
) -> str:
    variants = [
        {"name": f"v{number}", "price": {"amount": price, "currency": "USD"}, "weight": 10}
        for number, price in enumerate(prices)]
    body = {"name": f"Prices of {product}", "products": [product], "currency": "USD", "variants": variants}
    made = expect(await client.post("/api/v1/experiments", shop.merchant, body), 201).json()
    if is_started:
        expect(await client.post(f"/api/v1/experiments/{made['id']}/start", shop.merchant, {}), 200)
    shop.allowed[product] |= set(prices)
    return str(made["id"])


async def until_known(cluster: Cluster, shop: Shop) -> None:
    """Every replica knows all products, and answers for all experiments as running."""
    paths = [f"/api/v1/products/{product}" for product in shop.products]
    paths += [f"/api/v1/experiments/{identifier}" for identifier in shop.experiments.values()]
    for replica in cluster.replicas:
        for path in paths:
            for _ in range(200):
                reply = await replica.client.get(path, shop.merchant)
                if reply.status == 200 and reply.json().get("status", "running") == "running":
                    break
                await asyncio.sleep(0.05)
            else:
                raise Refused(f"{replica.name} does not hear of {path}: {reply.status} {reply.body[:200]!r}")
