"""Holds WebSockets open and talks over some of them; says how long answers took.

Reads from standard input: one line of JSON with what to do, then a line for each step; prints a line of JSON after each.
"""

import asyncio
import base64
import json
import os
import random
import sys
import time

plan = json.loads(sys.stdin.readline())
said = ["I am looking for a lamp", "the first one", "how much is it?", "hello", "do you have a kettle?"]


def frame(text):
    data = text.encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0xfe]) + len(data).to_bytes(2, "big")
    # A mask of zeros is one like any other.
    return b"\x81" + size + b"\0\0\0\0" + data


class Socket(asyncio.Protocol):
    def __init__(self, path, session):
        self.path, self.session = path, session
        self.opened = asyncio.get_running_loop().create_future()
        self.data, self.isOpen, self.answer = b"", False, None

    def connection_made(self, transport):
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             f"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36\r\n"
             f"Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\nCache-Control: no-cache\r\n"
             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
             f"Sec-WebSocket-Protocol: cournot.chat.v1, cournot.bearer.{self.session}\r\n\r\n").encode())

    def data_received(self, data):
        self.data += data
        if not self.isOpen:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self.data.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(RuntimeError(self.data[:300].decode()))
                return
            self.isOpen, self.data = True, self.data[end + 4:]
            self.opened.set_result(None)
        while len(self.data) >= 2:
            opcode, size, start = self.data[0] & 15, self.data[1], 2
            if size == 126:
                size, start = int.from_bytes(self.data[2:4], "big"), 4
            if len(self.data) < start + size:
                return
            payload, self.data = self.data[start:start + size], self.data[start + size:]
            if opcode == 9:
                self.transport.write(b"\x8a\x80\0\0\0\0")
            elif opcode == 1 and b'"to":' in payload[:40] and self.answer:
                self.answer.set_result(payload)

    def connection_lost(self, error):
        self.isOpen = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(RuntimeError("cut"))

    async def say(self, text):
        self.answer = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        self.transport.write(frame(json.dumps({"type": "message", "id": os.urandom(8).hex(), "text": text})))
        payload = await self.answer
        if b'"type":"error"' in payload[:20]:
            raise RuntimeError(payload.decode())
        return (time.perf_counter() - begun) * 1000


async def open_all(loop):
    sockets = []
    for start in range(0, len(plan["chats"]), 50):
        batch = [
            (await loop.create_connection(lambda c=chat: Socket(c[0], c[1]), "127.0.0.1", plan["port"]))[1]
            for chat in plan["chats"][start:start + 50]
        ]
        await asyncio.gather(*(socket.opened for socket in batch))
        sockets += batch
    return sockets


async def talk(socket, seconds, pause, times):
    end = time.perf_counter() + seconds
    await asyncio.sleep(random.random() * pause)
    while time.perf_counter() < end:
        times.append(await socket.say(random.choice(said)))
        await asyncio.sleep(pause)


async def main():
    loop = asyncio.get_running_loop()
    sockets = await open_all(loop)
    print(json.dumps({"open": len(sockets)}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        step = json.loads(line)
        times = []
        await asyncio.gather(
            *(talk(socket, step["seconds"], step["pause"], times) for socket in sockets[:step["talking"]]))
        print(json.dumps({"times": times, "open": sum(socket.isOpen for socket in sockets)}), flush=True)


asyncio.run(main())
