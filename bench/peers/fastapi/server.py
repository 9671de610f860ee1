"""The same assignment as a Python shop would write it: FastAPI, asyncpg and redis, one uvicorn worker on uvloop."""

import hashlib
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import redis.asyncio
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

STICKY_SECONDS = 300
INSERT = """INSERT INTO assignments (tenant, experiment, shopper, variant) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING variant"""
SELECT = "SELECT variant FROM assignments WHERE tenant = $1 AND experiment = $2 AND shopper = $3"


@dataclass(slots=True)
class Variant:
    name: str
    price: int
    weight: int


@dataclass(slots=True)
class Experiment:
    id: str
    currency: str
    variants: list[Variant]

    def choose(self, shopper: str) -> int:
        digest = hashlib.md5(f"{self.id}:{shopper}".encode()).digest()
        point = int.from_bytes(digest[:4], "big") % 100
        for index, variant in enumerate(self.variants):
            point -= variant.weight
            if point < 0:
                return index
        return 0


TENANTS = {"Bearer " + os.environ["API_KEY"]: "tenant-1"}
EXPERIMENTS = {
    ("tenant-1", "sku-1"): Experiment(
        "experiment-1", "USD", [Variant("control", 1999, 50), Variant("higher", 2499, 50)])
}


class QuoteRequest(BaseModel):
    shopper: str
    product: str


class Money(BaseModel):
    amount: int
    currency: str


class Placement(BaseModel):
    id: str
    variant: str


class Quote(BaseModel):
    shopper: str
    product: str
    price: Money
    experiment: Placement


@asynccontextmanager
async def lifespan(app: FastAPI):
    size = int(os.environ["POOL"])
    # The standard pool refuses what is beyond its size; this one lets it wait.
    app.state.cache = redis.asyncio.Redis.from_pool(redis.asyncio.BlockingConnectionPool.from_url(
        "unix://" + os.environ["REDIS_SOCKET"], max_connections=size, timeout=None, decode_responses=True))
    async with asyncpg.create_pool(
        host=os.environ["PGHOST"], user="fastapi", database="fastapi", min_size=size, max_size=size
    ) as app.state.pool:
        yield
    await app.state.cache.aclose()


app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)


async def tenant(request: Request) -> str:
    found = TENANTS.get(request.headers.get("authorization", ""))
    if found is None:
        raise HTTPException(401, "unauthorized")
    return found


async def assign(tenant: str, experiment: Experiment, shopper: str) -> int:
    """Durable before it is told: the insert is committed, or another request's was."""
    async with app.state.pool.acquire() as connection:
        variant = await connection.fetchval(INSERT, tenant, experiment.id, shopper, experiment.choose(shopper))
        if variant is None:
            variant = await connection.fetchval(SELECT, tenant, experiment.id, shopper)
        return variant


@app.post("/api/v1/quotes")
async def quote(body: QuoteRequest, tenant: str = Depends(tenant)) -> Quote:
    experiment = EXPERIMENTS.get((tenant, body.product))
    if experiment is None:
        raise HTTPException(404, "no such product")
    key = f"{tenant}:{experiment.id}:{body.shopper}"
    known = await app.state.cache.get(key)
    if known is None:
        index = await assign(tenant, experiment, body.shopper)
        await app.state.cache.set(key, index, ex=STICKY_SECONDS)
    else:
        index = int(known)
    variant = experiment.variants[index]
    return Quote(
        shopper=body.shopper, product=body.product, price=Money(amount=variant.price, currency=experiment.currency),
        experiment=Placement(id=experiment.id, variant=variant.name))
