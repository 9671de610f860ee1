"""The load: a mix of operations at a steady rate, each with its own id, each repeated until it was accepted or refused.

What was acknowledged goes into the ledger; what each request met goes into the log of attempts.
"""
from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from client import Client, Reply
from shop import Shop

#: Shares of the mix. A checkout is a sale that the shop made itself and tells of: its money row is the conversion.
MIX = {"assign": 60, "track": 20, "quote": 10, "admin": 5, "checkout": 5}
#: The same with sales made by our own checkouts, each paid at the test provider.
MIX_WITH_ORDERS = {"assign": 59, "track": 20, "quote": 10, "admin": 5, "checkout": 4, "buy": 2}


@dataclass(slots=True)
class Attempt:
    """One request. `kind` splits assignments into those of shoppers already known and of new ones."""

    at: float
    kind: str
    status: int
    seconds: float
    is_first: bool
    is_degraded: bool = False
    is_orderly: bool = True
    has_request_id: bool = False
    reason: str = ""
    fault: str = ""

    @property
    def is_served(self) -> bool:
        return 200 <= self.status < 300


@dataclass(slots=True)
class Told:
    price: int
    quote: str
    expires_at: str


@dataclass
class Ledger:
    """What clients were told, and so may rely on."""

    #: (shopper, product) to what was told within an experiment or without one, but not as a fallback.
    prices: dict[tuple[str, str], Told] = field(default_factory=dict)
    #: Who heard two prices: nobody, ever.
    contradictions: list[str] = field(default_factory=list)
    #: Prices that no variant has.
    foreign: list[str] = field(default_factory=list)
    #: List prices told with reason `fallback`.
    fallbacks: set[tuple[str, str]] = field(default_factory=set)
    #: Event id to the event, acknowledged.
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: When it was acknowledged, by the monotonic clock.
    acknowledged_at: dict[str, float] = field(default_factory=dict)
    #: Order to (product, price × quantity, quantity).
    sales: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    #: Checkout to the order made of it, acknowledged as paid; each has a conversion of its own among the events.
    orders: dict[str, str] = field(default_factory=dict)
    #: SKU to list price.
    products: dict[str, int] = field(default_factory=dict)
    #: Answers of 4xx, which nothing in the mix should get.
    refused: list[str] = field(default_factory=list)
    #: Reads that did not show what the same session had written.
    stale: list[str] = field(default_factory=list)

    def told(self, shopper: str, quote: dict[str, Any], allowed: set[int]) -> None:
        key = (shopper, quote["product"])
        price = quote["price"]["amount"]
        if price not in allowed:
            self.foreign.append(f"{key}: {price}")
        if quote["experiment"]["reason"] == "fallback":
            self.fallbacks.add(key)
            return
        before = self.prices.get(key)
        if before is None:
            self.prices[key] = Told(price, quote["id"], quote["expires_at"])
        elif before.price != price:
            self.contradictions.append(f"{key} heard {before.price} and then {price} ({quote['experiment']})")


def now_text() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_for_later(reply: Reply) -> bool:
    """Refusals that say: ask again."""
    return reply.status == 429 or (reply.status == 409 and b'"idempotency_in_progress"' in reply.body)


class Load:
    """Runs until it is told to stop; then every operation under way is still brought to its end."""

    #: How long one request may take before the client gives it up.
    patience = 10.0

    def __init__(
        self, shop: Shop, clients: list[Client], rate: float = 200, seed: int = 1, mix: dict[str, int] | None = None,
        new_share: float = 0.3,
    ):
        self.shop = shop
        self.clients = clients
        self.rate = rate
        self.new_share = new_share
        self.ledger = Ledger()
        self.attempts: list[Attempt] = []
        self.pending: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._kinds, self._weights = zip(*(mix or MIX).items())
        self._turn = itertools.count()
        self._number = itertools.count(1)
        self._known: list[tuple[str, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None
        self._is_stopping = False
        #: Codes of rejected events that a row expects, and how many there were.
        self.tolerated: set[str] = set()
        self.set_aside = 0
        #: Seconds by which this process itself came late to what it had to do, ten times a second: a machine that is too
        #: busy for its clients shows here.
        self.lateness: list[float] = []

    # MARK: Life

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run())
        self._watch = asyncio.create_task(self._note_lateness())

    async def _note_lateness(self) -> None:
        while not self._is_stopping:
            due = time.monotonic() + 0.1
            await asyncio.sleep(0.1)
            self.lateness.append(time.monotonic() - due)

    async def _run(self) -> None:
        begun = time.monotonic()
        for count in itertools.count(1):
            if self._is_stopping:
                return
            self._begin(self._random.choices(self._kinds, self._weights)[0])
            await asyncio.sleep(max(0.0, begun + count / self.rate - time.monotonic()))

    def _begin(self, kind: str) -> None:
        task = asyncio.create_task(getattr(self, "_" + kind)())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, seconds: float = 60) -> float:
        """Begins nothing more; says how long what was under way took to its end."""
        self._is_stopping = True
        if self._runner:
            await self._runner
        begun = time.monotonic()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            open_ = ", ".join(f"{count} {kind}" for kind, count in self.pending.items() if count)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
                recent = Counter((attempt.kind, attempt.status) for attempt in self.attempts[-2000:])
                raise TimeoutError(f"not done {seconds:.0f} s after the load: {open_}; the last 2,000 answers: {dict(recent)}")
        return time.monotonic() - begun

    async def for_seconds(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        for task in [self._runner]:
            if task and task.done() and task.exception():
                raise task.exception()  # type: ignore[misc]

    # MARK: Operations

    async def _until_decided(
        self, kind: str, method: str, path: str, key: str, body: Any = None, headers: dict[str, str] | None = None,
        client: Client | None = None,
    ) -> Reply:
        """Repeats a request until 2xx or 4xx, waiting longer each time."""
        self.pending[kind] += 1
        wait = 0.1
        try:
            for number in itertools.count():
                chosen = client or self.clients[next(self._turn) % len(self.clients)]
                at = time.monotonic()
                reply = await chosen.request(method, path, key, body, headers, timeout=self.patience)
                self.attempts.append(Attempt(
                    at, kind, reply.status, reply.seconds, number == 0, "x-degraded" in reply.headers,
                    reply.is_orderly, "x-request-id" in reply.headers, fault=reply.fault))
                if 200 <= reply.status < 300 or (400 <= reply.status < 500 and not _is_for_later(reply)):
                    return reply
                hint = reply.headers.get("retry-after", "")
                await asyncio.sleep(self._random.uniform(0.7, 1.3) * max(wait, min(2.0, float(hint or 0))))
                wait = min(2.0, wait * 2)
            raise AssertionError("unreachable")
        finally:
            self.pending[kind] -= 1

    def _refuse(self, kind: str, reply: Reply) -> None:
        self.ledger.refused.append(f"{kind}: {reply.status} {reply.body[:200]!r}")

    async def _assign(self) -> None:
        shop = self.shop
        if self._known and self._random.random() >= self.new_share:
            kind, (shopper, product) = "assign-known", self._random.choice(self._known)
        else:
            kind, shopper = "assign-new", f"s{next(self._number)}"
            product = self._random.choice(shop.products)
        reply = await self._until_decided(kind, "POST", "/api/v1/quotes", shop.agent, shop.question(shopper, product))
        if reply.status != 200:
            return self._refuse(kind, reply)
        quote = reply.json()
        self.attempts[-1].reason = quote["experiment"]["reason"]
        is_new = (shopper, product) not in self.ledger.prices
        self.ledger.told(shopper, quote, shop.allowed[product])
        if is_new and (shopper, product) in self.ledger.prices:
            self._known.append((shopper, product))

    async def _send(self, kind: str, event: dict[str, Any]) -> bool:
        reply = await self._until_decided(kind, "POST", "/api/v1/events", self.shop.agent, [event])
        counts = reply.json() if reply.status == 200 else {}
        if {one["code"] for one in counts.get("rejected", [])} & self.tolerated:
            self.set_aside += 1
            return False
        if reply.status not in (200, 202) or counts.get("rejected"):
            self._refuse(kind, reply)
            return False
        self.ledger.events[event["id"]] = event
        self.ledger.acknowledged_at[event["id"]] = time.monotonic()
        return True

    async def _track(self) -> None:
        if not self._known:
            return
        shopper, product = self._random.choice(self._known)
        await self._send("track", {
            "id": f"view-{next(self._number)}", "type": "viewed", "shopper": shopper, "product": product,
            "timestamp": now_text(), "properties": {"page": self._random.randrange(100)}})

    async def _checkout(self) -> None:
        if not self._known:
            return
        shopper, product = self._random.choice(self._known)
        told = self.ledger.prices[shopper, product]
        quantity, order = self._random.randint(1, 3), f"order-{next(self._number)}"
        event = {
            "id": f"sale-{order}", "type": "conversion", "shopper": shopper, "quote": told.quote, "order": order,
            "quantity": quantity, "timestamp": now_text()}
        if await self._send("checkout", event):
            self.ledger.sales[order] = (product, told.price * quantity, quantity)

    async def _buy(self) -> None:
        """A checkout of one line, completed: whatever has to be repeated, it is paid once."""
        if not self._known:
            return
        shopper, product = self._random.choice(self._known)
        told = self.ledger.prices[shopper, product]
        number, quantity = next(self._number), self._random.randint(1, 3)
        made = await self._until_decided(
            "buy", "POST", "/api/v1/checkouts", self.shop.agent,
            {"lines": [{"quote": told.quote, "quantity": quantity}]}, {"Idempotency-Key": f"cart-{number}"})
        if made.status != 201:
            return self._refuse("buy", made)
        checkout = made.json()
        path, body = f"/api/v1/checkouts/{checkout['id']}/complete", {"totals_hash": checkout["totals_hash"]}
        while True:
            # As its page says: 202 asks to come again by the same request.
            paid = await self._until_decided("buy", "POST", path, self.shop.agent, body, {"Idempotency-Key": f"pay-{number}"})
            if paid.status != 202:
                break
            await asyncio.sleep(0.5)
        if paid.status != 200:
            return self._refuse("buy", paid)
        order = paid.json()["order"]
        self.ledger.orders[checkout["id"]] = order["id"]
        self.ledger.sales[order["id"]] = (product, told.price * quantity, quantity)

    async def _quote(self) -> None:
        if not self._known:
            return
        shopper, product = self._random.choice(self._known)
        told = self.ledger.prices[shopper, product]
        reply = await self._until_decided("quote", "GET", f"/api/v1/quotes/{told.quote}", self.shop.agent)
        if reply.status != 200:
            return self._refuse("quote", reply)
        if reply.json()["price"]["amount"] != told.price:
            self.ledger.contradictions.append(f"{told.quote}: {told.price} was told, {reply.body[:200]!r} is kept")

    async def _admin(self) -> None:
        """Most of the time something is read; else a product is made once (its key says so) or the weights of a running
        experiment are changed. What was made is read by the same session."""
        shop, number = self.shop, next(self._number)
        # One session stays with one replica, as behind a balancer that knows its cookie.
        client = self.clients[number % len(self.clients)]
        share = self._random.random()
        if share < 0.6:
            experiment = self._random.choice(list(shop.experiments.values()))
            path = self._random.choice([
                "/api/v1/products?limit=20", "/api/v1/experiments", f"/api/v1/experiments/{experiment}",
                f"/api/v1/experiments/{experiment}/report"])
            reply = await self._until_decided("read", "GET", path, shop.merchant, client=client)
            if reply.status != 200:
                self._refuse("read", reply)
            return
        if share < 0.8:
            sku, price = f"sku-{number}", self._random.randint(100, 9999)
            path, method = "/api/v1/products", "POST"
            body: dict[str, Any] = {
                "sku": sku, "title": sku, "list_price": {"amount": price, "currency": "USD"}}
            headers = {"Idempotency-Key": f"make-{sku}"}
        else:
            path, method = f"/api/v1/experiments/{shop.experiments[shop.edited]}", "PATCH"
            weights = [self._random.randint(1, 100) for _ in range(3)]
            body = {"variants": [{"name": f"v{place}", "weight": weight} for place, weight in enumerate(weights)]}
            headers = {}
        reply = await self._until_decided("admin", method, path, shop.merchant, body, headers, client)
        if reply.status not in (200, 201):
            return self._refuse("admin", reply)
        if method == "PATCH":
            return
        self.ledger.products[sku] = price
        shown = await client.get(f"/api/v1/products/{sku}", shop.merchant)
        if shown.status == 404 and len(self.clients) > 1:
            self.ledger.stale.append(f"{sku} was made and then not there")
