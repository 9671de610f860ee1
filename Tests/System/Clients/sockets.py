"""A conversation through the `websockets` package, as others would use it. Prints what is wrong."""

import asyncio
import json
import sys

import websockets

port, agent, conversation, greeting = sys.argv[1:5]
address = f"ws://127.0.0.1:{port}/api/v1/conversations/{conversation}/stream"
headers = {"Authorization": f"Bearer {agent}"}
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


async def hear(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), 20))


async def talk():
    async with websockets.connect(f"{address}?after={greeting}", additional_headers=headers) as socket:
        await socket.send(json.dumps({"type": "message", "id": "1", "text": "how much are the beans?"}))
        own, answer = await hear(socket), await hear(socket)
        check(own["message"]["role"] == "shopper" and "to" not in own, f"first came {own}")
        check(answer.get("to") == "1" and answer["message"]["amounts"], f"the answer is {answer}")
        check(await (await socket.ping()) is not None, "no pong")
        # In fragments, with a ping between.
        await socket.send(['{"type":"message","id":"2",', '"text":"thank', ' you"}'])
        check((await hear(socket))["message"]["text"] == "thank you", "fragments were not put together")
        last = await hear(socket)
        check(last.get("to") == "2", f"not answered under its name: {last}")
    check(socket.close_code == 1000, f"closed with {socket.close_code}")
    async with websockets.connect(f"{address}?after={answer['message']['id']}", additional_headers=headers) as socket:
        check((await hear(socket))["message"]["text"] == "thank you", "it did not go on after the message named")
        check((await hear(socket))["message"]["id"] == last["message"]["id"], "the answer is another one")
    # As browsers do, with the key among the subprotocols.
    async with websockets.connect(
            address, subprotocols=["cournot.chat.v1", f"cournot.bearer.{agent}"]) as socket:
        check(socket.subprotocol == "cournot.chat.v1", f"the subprotocol is {socket.subprotocol}")
        check((await hear(socket))["message"]["id"] == greeting, "the transcript does not begin with the greeting")
    for wrong, code in ((b"\x00", 1003), ("x" * 20_000, 1009)):
        async with websockets.connect(f"{address}?after={last['message']['id']}", additional_headers=headers) as socket:
            await socket.send(wrong)
            try:
                await hear(socket)
                check(False, "it was heard")
            except websockets.ConnectionClosed as closed:
                check(closed.rcvd and closed.rcvd.code == code, f"closed with {closed.rcvd} for {code}")
    try:
        async with websockets.connect(address):
            check(False, "anybody may listen")
    except websockets.InvalidStatus as refusal:
        check(refusal.response.status_code == 401, f"refused with {refusal.response.status_code}")
    # Told when the server ends: whoever prints this line asks for it.
    async with websockets.connect(f"{address}?after={last['message']['id']}", additional_headers=headers) as socket:
        print("\n".join(faults) or "well", flush=True)
        try:
            await asyncio.wait_for(socket.recv(), 60)
        except websockets.ConnectionClosed as closed:
            print(closed.rcvd.code if closed.rcvd else "cut", flush=True)


asyncio.run(talk())
