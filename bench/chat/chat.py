"""Chats with a running server: one after another over one connection, and says how long each answer took; then many at
once, and says how many answers came and what processor time each cost."""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

server_pid, port, chats = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[4])
keys = json.load(open(sys.argv[3]))["keys"]
MANY, AT_ONCE, SECONDS = 1000, 64, 10
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


for _ in range(600):
    try:
        if call("GET", "/tenant", keys["merchant"])[0] == 200:
            break
    except OSError:
        server.close()
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

# Many at once: each chat has its turn, so that none is answered twice at the same time.
paths = []
for number in range(MANY):
    status, chat, _ = call("POST", "/conversations", keys["agent"], {"shopper": f"m{number}"})
    assert status == 201, chat
    paths.append(chat["id"])
script = """
local said = {"I am looking for a lamp", "the first one", "how much is it?", "tell me more about it"}
local chats = {%s}
local asked = 0
request = function()
  local chat = chats[asked %% #chats + 1]
  local text = said[math.floor(asked / #chats) %% #said + 1]
  asked = asked + 1
  return wrk.format("POST", "/api/v1/conversations/" .. chat .. "/messages",
    {["Authorization"] = "Bearer %s", ["Content-Type"] = "application/json"}, '{"text":"' .. text .. '"}')
end
done = function(summary, latency)
  print(string.format("ANSWERS %%d %%d %%d %%d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(95)))
  print("REFUSED", summary.errors.status)
end
""" % (",".join(f'"{path}"' for path in paths), keys["agent"])


def processor():
    fields = open(f"/proc/{server_pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
    file.write(script)
    file.flush()
    before = processor()
    text = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{AT_ONCE}", f"-d{SECONDS}", "-s", file.name,
         f"http://127.0.0.1:{port}"], check=True, stdout=subprocess.PIPE, text=True).stdout
    used = processor() - before
count, duration, p50, p95 = map(int, re.search(r"ANSWERS (\d+) (\d+) (\d+) (\d+)", text).groups())
refused = int(re.search(r"REFUSED\s+(\d+)", text).group(1))
print(f"{AT_ONCE} at once, {MANY} chats      {count / duration * 1e6:,.0f} messages/s   p50 {p50 / 1000:.2f} ms   "
      f"p95 {p95 / 1000:.2f} ms   {used / count * 1e6:,.0f} µs of the server each   {refused} refused")
