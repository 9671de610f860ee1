"""Chats with a running server, one after another over one connection, and says how long each answer took."""

import http.client
import json
import statistics
import sys
import time

port, keys, chats = int(sys.argv[1]), json.load(open(sys.argv[2]))["keys"], int(sys.argv[3])
server = http.client.HTTPConnection("127.0.0.1", port)


def call(method, path, key, body=None, kind="application/json"):
    start = time.perf_counter()
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    server.request(method, "/api/v1" + path, text, {"Authorization": "Bearer " + key, "Content-Type": kind})
    answer = server.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None, (time.perf_counter() - start) * 1000


def line(name, times):
    times.sort()
    print(f"{name:22} p50 {statistics.median(times):6.2f} ms   p95 {times[int(len(times) * 0.95)]:6.2f} ms")


while call("GET", "/tenant", keys["merchant"])[0] != 200:
    time.sleep(0.1)
names = ["Mug", "Lamp", "Kettle", "Chair", "Table", "Tea pot", "Spoon", "Fork", "Knife", "Plate"]
products = [
    {"sku": f"s{i}", "title": f"{names[i % 10]} {'ABCDEFGHIJ'[i // 10]}", "description": "Well made.",
     "list_price": {"amount": 1000 + i * 100, "currency": "USD"}}
    for i in range(100)
]
status, _, took = call(
    "POST", "/products/import", keys["merchant"], "\n".join(map(json.dumps, products)), "application/x-ndjson")
assert status == 200
print(f"import of 100 products       {took:6.2f} ms")
assert call("PUT", "/agent", keys["merchant"], {"messages_per_minute": 600})[0] == 200
begun, said = [], []
for number in range(chats):
    status, chat, took = call("POST", "/conversations", keys["agent"], {"shopper": f"p{number}"})
    assert status == 201, chat
    begun.append(took)
    for text in ["I am looking for a lamp", "the first one", "I'll take it", "yes"]:
        status, answer, took = call("POST", f"/conversations/{chat['id']}/messages", keys["agent"], {"text": text})
        assert status == 200, answer
        said.append(took)
line("conversation created", begun)
line("message answered", said)
