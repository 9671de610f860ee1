"""Lists the tools of a server and calls each with the Model Context Protocol's own SDK, unmodified.

usage: mcp_tools.py BASE_URL AGENT_KEY MERCHANT_KEY SKU EXPERIMENT COUNT [legacy]
Works with the SDKs 1.x and 2.x; what a tool says is checked against its outputSchema by the SDK itself.
Prints one JSON object.
"""
import asyncio
import contextlib
import importlib.metadata
import json
import sys
import urllib.request

import mcp

base, agent, merchant, sku, experiment, count = *sys.argv[1:6], int(sys.argv[6])
is_legacy = "legacy" in sys.argv[7:]
release = importlib.metadata.version("mcp")


@contextlib.asynccontextmanager
async def connected(key):
    """A session, and the protocol version that it came to speak."""
    bearer = {"Authorization": "Bearer " + key}
    if release.startswith("1."):
        from mcp.client.streamable_http import streamablehttp_client

        async with streamablehttp_client(base + "/mcp", headers=bearer) as (reader, writer, _):
            async with mcp.ClientSession(reader, writer) as session:
                yield session, (await session.initialize()).protocolVersion
    else:
        import httpx2
        from mcp.client import Client
        from mcp.client.streamable_http import streamable_http_client

        async with httpx2.AsyncClient(headers=bearer) as http:
            transport = streamable_http_client(base + "/mcp", http_client=http)
            async with Client(transport, mode="legacy" if is_legacy else "auto") as client:
                yield client, client.session.protocol_version


def told(result):
    """What a tool said, in one spelling for both SDKs."""
    structured = result.structuredContent if release.startswith("1.") else result.structured_content
    is_error = result.isError if release.startswith("1.") else result.is_error
    return {"error": is_error, "structured": structured, "text": "".join(part.text for part in result.content)}


async def call(session, tool, arguments):
    try:
        return told(await session.call_tool(tool, arguments))
    except Exception as failure:
        code = getattr(getattr(failure, "error", None), "code", None)
        return {"refused": str(failure), "code": code, "kind": type(failure).__name__}


async def main():
    out = {"release": release}
    async with connected(agent) as (session, version):
        out["version"] = version
        listed = (await session.list_tools()).tools
        out["agent_tools"] = [tool.name for tool in listed]
        schemas = [tool.outputSchema if release.startswith("1.") else tool.output_schema for tool in listed]
        out["schemas"] = all(schema["type"] == "object" for schema in schemas)
        out["prices"] = [
            {"shopper": f"s-{n}", **await call(session, "get_price", {"shopper": f"s-{n}", "product": sku})}
            for n in range(count)
        ]
        out["signed"] = await call(session, "get_price", {"shopper": "s-0", "product": sku, "signed": True})
        out["search"] = await call(session, "search_products", {"query": "beans"})
        quote = out["signed"]["structured"]["quote"]
        out["checkout"] = await call(session, "create_checkout", {"lines": [{"quote": quote, "quantity": 2}]})
        checkout = out["checkout"]["structured"]["checkout"]
        out["checkout_read"] = await call(session, "get_checkout", {"checkout": checkout})
        # The buyer's act, which is no tool.
        payment = urllib.request.Request(
            f"{base}/api/v1/checkouts/{checkout}/complete", method="POST",
            data=json.dumps({"totals_hash": out["checkout"]["structured"]["totals_hash"]}).encode(),
            headers={"Authorization": "Bearer " + agent, "Content-Type": "application/json"})
        order = json.load(urllib.request.urlopen(payment))["order"]["id"]
        out["order"] = await call(session, "get_order", {"order": order})
        out["product"] = await call(session, "get_product", {"product": sku})
        out["own_price"] = await call(session, "get_price", {"shopper": "s-0", "product": sku, "price": 1})
        out["nothing"] = await call(session, "get_price", {"shopper": "s-0", "product": "no-such"})
        out["no_tool"] = await call(session, "set_price", {"product": sku, "price": 1})
        out["not_theirs"] = await call(session, "get_report", {"experiment": experiment})
    async with connected(merchant) as (session, _):
        out["merchant_tools"] = [tool.name for tool in (await session.list_tools()).tools]
        out["experiments"] = await call(session, "list_experiments", {})
        out["report"] = await call(session, "get_report", {"experiment": experiment})
        variants = [
            {"name": name, "price": {"amount": amount, "currency": "USD"}, "weight": 1}
            for name, amount in (("control", 1000), ("other", 1200))
        ]
        design = {"name": "By an assistant", "products": [sku], "currency": "USD", "variants": variants,
                  "layer": {"name": "assistant"}, "idempotency_key": "one"}
        out["draft"] = await call(session, "create_experiment", design)
        out["draft_again"] = await call(session, "create_experiment", design)
    try:
        async with connected("ck_nobody") as (session, _):
            await session.list_tools()
        out["stranger"] = "served"
    except BaseException as failure:
        out["stranger"] = "refused"
    print(json.dumps(out))


asyncio.run(main())
