"""Opens WebSockets to a running server, lets some talk, and says what they cost."""

import http.client
import json
import os
import pathlib
import subprocess
import sys
import time

server, port, count, talking, seconds = (int(sys.argv[i]) for i in (1, 2, 4, 5, 6))
keys = json.load(open(sys.argv[3]))["keys"]
connection = http.client.HTTPConnection("127.0.0.1", port)


def call(method, path, key, body=None, kind="application/json"):
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, "/api/v1" + path, text, {"Authorization": "Bearer " + key, "Content-Type": kind})
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None


def memory():
    for line in open(f"/proc/{server}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


def processor():
    fields = open(f"/proc/{server}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


for attempt in range(100):
    try:
        if call("GET", "/tenant", keys["merchant"])[0] == 200:
            break
    except OSError:
        connection.close()
    time.sleep(0.1)
names = ["Mug", "Lamp", "Kettle", "Chair", "Table", "Tea pot", "Spoon", "Fork", "Knife", "Plate"]
products = [
    {"sku": f"s{i}", "title": f"{names[i % 10]} {'ABCDEFGHIJ'[i // 10]}", "description": "Well made.",
     "list_price": {"amount": 1000 + i * 100, "currency": "USD"}}
    for i in range(100)
]
assert call("POST", "/products/import", keys["merchant"], "\n".join(map(json.dumps, products)), "application/x-ndjson")[0] == 200
assert call("PUT", "/agent", keys["merchant"], {"messages_per_minute": 600})[0] == 200
chats = []
for number in range(count):
    status, opened = call("POST", "/sessions", keys["agent"], {"shopper": f"p{number}"})
    assert status == 201, opened
    status, begun = call("POST", "/conversations", opened["session"], {})
    assert status == 201, begun
    path = f"/api/v1/conversations/{begun['id']}/stream?after={begun['message']['id']}"
    chats.append((path, opened["session"]))
time.sleep(2)
before = memory()
clients = []
for half in (chats[: count // 2], chats[count // 2:]):
    client = subprocess.Popen(
        [sys.executable, str(pathlib.Path(__file__).with_name("client.py"))], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)
    client.stdin.write(json.dumps({"port": port, "chats": half}) + "\n")
    client.stdin.flush()
    clients.append(client)


def told(client):
    line = client.stdout.readline()
    if not line:
        sys.exit("a client ended")
    return json.loads(line)


def step(**what):
    for client in clients:
        client.stdin.write(json.dumps(what) + "\n")
        client.stdin.flush()
    answers = [told(client) for client in clients]
    dropped = held - sum(answer["open"] for answer in answers)
    return [time for answer in answers for time in answer["times"]], dropped


held = sum(told(client)["open"] for client in clients)
time.sleep(3)
print(f"load of the machine at the start {os.getloadavg()[0]:.1f}")
print(f"{held:,} idle sockets: {(memory() - before) / held / 1024:.1f} KB each")
used = processor()
time.sleep(20)
print(f"their pings cost {(processor() - used) / 20 * 100:.1f}% of a core")
used = processor()
times, dropped = step(talking=talking // 2, seconds=seconds, pause=10)
print(
    f"{talking:,} of them talk, a message each 10 s: {len(times):,} messages, p50 {percentile(times, .5):.1f} ms, "
    f"p99 {percentile(times, .99):.1f} ms; {dropped} of all sockets were dropped in {seconds} s")
used = processor()
times, _ = step(talking=32, seconds=min(seconds / 2, 15), pause=0)
used = processor() - used
print(
    f"64 talk without a pause: {len(times):,} messages, {len(times) / used:,.0f} a second of the server's processor "
    f"({used / len(times) * 1e6:,.0f} µs each), p50 {percentile(times, .5):.1f} ms, p99 {percentile(times, .99):.1f} ms")
print(f"load of the machine at the end {os.getloadavg()[0]:.1f}; {memory() / 1048576:.0f} MB")
for client in clients:
    client.stdin.close()
    client.kill()
