"""What every row shares: a cluster, a shop, the load, and what must hold whatever the fault."""
from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from checks import check_ledger, check_manners
from cluster import Cluster, Plan
from load import Load
from report import Result
from shop import Shop, open_shop
from window import Window, check_recovery


@dataclass
class Bench:
    """What the command line asked for."""

    binary: Path
    #: The program of another version, for F23.
    other: Path | None = None
    seed: int = 1
    #: How much of the matrix's durations is waited for.
    scale: float = 1.0

    def seconds(self, asked: float, least: float = 3) -> float:
        return max(least, asked * self.scale)

    def count(self, asked: int, least: int) -> int:
        return max(least, round(asked * self.scale))


Row = Callable[[Bench, Result], Awaitable[None]]
#: By name: title and function, in the matrix's order once all are in.
ROWS: dict[str, tuple[str, Row]] = {}


def row(name: str, title: str) -> Callable[[Row], Row]:
    def register(function: Row) -> Row:
        ROWS[name] = (title, function)
        return function

    return register


@dataclass
class Scenario:
    bench: Bench
    result: Result
    cluster: Cluster
    shop: Shop
    load: Load
    memory: list[int] = field(default_factory=list)
    restarts_allowed: bool = False

    async def warm(self, seconds: float = 10) -> None:
        """Load without a fault; then memory is what the rest is compared with."""
        self.load.start()
        await self.load.for_seconds(self.bench.seconds(seconds))
        self.memory = [replica.server.resident() for replica in self.cluster.replicas]

    def window(self, start: float, end: float) -> Window:
        return Window(self.load, start, end)

    async def finish(self, ended: float, calm: float = 12) -> None:
        """The load goes on for a while after the fault, ends, and is checked against everything kept."""
        await self.load.for_seconds(self.bench.seconds(calm, least=6))
        drained = await self.load.stop()
        result = self.result
        check_recovery(result, self.load, ended)
        result.at_most("I20 seconds until all work under way was done", 60, drained)
        self.check_alive()
        check_manners(result, self.load)
        await check_ledger(result, self.cluster, self.load)
        counted = len(self.load.attempts)
        result.notes.append(
            f"{counted:,} requests; {len(self.load.ledger.prices):,} prices told, {len(self.load.ledger.events):,} events "
            f"and {len(self.load.ledger.products):,} products acknowledged")

    def check_alive(self) -> None:
        """I19: processes go on, and memory stays."""
        for replica, before in zip(self.cluster.replicas, self.memory):
            alive = replica.server.is_running and (self.restarts_allowed or replica.starts == 1)
            self.result.add(f"{replica.name} alive", "yes", "yes" if alive else "no", alive)
            if before and alive and not self.restarts_allowed:
                # Resident at start is small: a few MB of buffers are no leak.
                limit = max(1.5 * before, before + 16e6)
                self.result.at_most(
                    f"{replica.name} memory after and before, ratio", limit / before,
                    replica.server.resident() / before)


@asynccontextmanager
async def scenario(
    bench: Bench, result: Result, plan: Plan, rate: float = 200, mix: dict[str, int] | None = None,
) -> AsyncIterator[Scenario]:
    async with Cluster(plan, bench.binary) as cluster:
        shop = await open_shop(cluster)
        load = Load(shop, cluster.clients(), rate, bench.seed, mix)
        try:
            yield Scenario(bench, result, cluster, shop, load)
        finally:
            if load._runner and not load._runner.done():
                load._runner.cancel()


def now() -> float:
    return time.monotonic()
