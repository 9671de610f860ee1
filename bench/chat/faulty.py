"""How long a shopper waits for an answer while the model is down, mute, slow, busy, cut off or late: chats with a running
server, in which every other message is one that rules leave to the model, and each ends in an order.

    faulty.py PORT KEYS.json NAME CHATS
"""

import http.client
import json
import sys
import time

port, keys, name, chats = int(sys.argv[1]), json.load(open(sys.argv[2]))["keys"], sys.argv[3], int(sys.argv[4])
server = http.client.HTTPConnection("127.0.0.1", port)
FREE = "would your lamps survive a trip through the mountains in a backpack, do you reckon?"


def call(method, path, key, body=None):
    start = time.perf_counter()
    server.request(
        method, "/api/v1" + path, None if body is None else json.dumps(body),
        {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    answer = server.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None, time.perf_counter() - start


while call("GET", "/tenant", keys["merchant"])[0] != 200:
    time.sleep(0.1)
call("POST", "/products", keys["merchant"],
     {"sku": "lamp", "title": "Desk lamp", "list_price": {"amount": 4500, "currency": "USD"}})
assert call("PUT", "/agent", keys["merchant"], {"messages_per_minute": 600})[0] == 200
times, orders, wrong = [], 0, 0
for number in range(chats):
    _, chat, _ = call("POST", "/conversations", keys["agent"], {"shopper": f"{name}-{number}"})
    path = f"/conversations/{chat['id']}"
    for text in [FREE, "I am looking for a lamp", FREE, "I'll take it", "yes"]:
        status, answer, took = call("POST", path + "/messages", keys["agent"], {"text": text})
        assert status == 200, answer
        wrong += sum(amount["amount"] != 4500 for amount in answer["message"]["amounts"]) if "message" in answer else sum(
            amount["amount"] != 4500 for amount in answer["amounts"])
        if text == FREE:
            times.append(took)
    _, state, _ = call("GET", path, keys["agent"])
    _, made, _ = call("GET", f"/checkouts/{state['checkout']}", keys["agent"])
    status, _, _ = call(
        "POST", f"/checkouts/{made['id']}/complete", keys["agent"], {"totals_hash": made["totals_hash"]})
    orders += status == 200
times.sort()
pick = lambda share: times[min(len(times) - 1, int(len(times) * share))]
print(f"{name:8} {len(times):4} answers   p50 {pick(.5):6.3f} s   p95 {pick(.95):6.3f} s   longest {times[-1]:6.3f} s   "
      f"{orders}/{chats} orders   {wrong} wrong amounts")
