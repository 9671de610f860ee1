"""Private servers for benchmarks: PostgreSQL that syncs, Redis, and contestants, in a scratch folder; and wrk.

What is measured runs on core 0; databases and load on core 1. Everything started here is stopped by its process id when
the `Bench` is left, however that happens.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")
ROOT = Path(__file__).resolve().parents[2]
SERVER_CORE, OTHER_CORE = "0", "1"


class Bench:
    def __init__(self, limit_seconds):
        for tool in ("wrk", "redis-server", "taskset"):
            if not shutil.which(tool):
                sys.exit(f"{tool} is missing")
        if not (BINARIES / "initdb").exists():
            sys.exit("PostgreSQL is missing: apt-get install postgresql-15")
        self.limit_seconds = limit_seconds
        self.processes = []

    def __enter__(self):
        def stop(number, _frame):
            raise SystemExit("out of time" if number == signal.SIGALRM else 128 + number)

        for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        signal.alarm(self.limit_seconds)
        self.scratch = Path(tempfile.mkdtemp())
        self.scratch.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(self.scratch, "postgres")
        return self

    def __exit__(self, *_):
        signal.alarm(0)
        for process in reversed(self.processes):
            self.stop(process, patience=10)
        shutil.rmtree(self.scratch, ignore_errors=True)

    # Processes

    def start(self, command, core, log, environment=None):
        process = subprocess.Popen(
            ["taskset", "-c", core, *map(str, command)], env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=open(self.scratch / f"{log}.log", "ab"), stderr=subprocess.STDOUT,
            cwd=self.scratch)
        self.processes.append(process)
        return process

    def stop(self, process, number=signal.SIGINT, patience=10):
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def start_postgres(self, *settings):
        owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        data = self.scratch / "data"
        subprocess.run(
            [*owner, BINARIES / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8",
             "--locale=C"], check=True, stdout=subprocess.DEVNULL, cwd=self.scratch)
        options = ["listen_addresses=", "shared_buffers=512MB", "max_wal_size=8GB", *settings]
        self.postgres = self.start(
            [*owner, BINARIES / "postgres", "-D", data, "-k", self.scratch,
             *[part for option in options for part in ("-c", option)]], OTHER_CORE, "postgres")
        until(lambda: self.sql("SELECT 1") == "1")

    def start_redis(self):
        self.redis_socket = self.scratch / "redis.sock"
        self.redis = self.start(
            ["redis-server", "--port", "0", "--unixsocket", self.redis_socket, "--save", "", "--appendonly", "no"],
            OTHER_CORE, "redis")
        until(lambda: self.redis_command("PING") == "PONG")

    def sql(self, statement, database="postgres"):
        """What a statement answers; empty where it cannot be asked."""
        return subprocess.run(
            [BINARIES / "psql", "-X", "-qAt", "-h", self.scratch, "-U", "postgres", "-d", database, "-c", statement],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()

    def create_database(self, name):
        self.sql(f"CREATE ROLE {name} LOGIN")
        self.sql(f"CREATE DATABASE {name} OWNER {name}")

    def redis_command(self, *words):
        return subprocess.run(
            ["redis-cli", "-s", self.redis_socket, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True).stdout.strip()

    # Load

    def load(self, port, script, connections, seconds, server):
        """One run of wrk; rates, latencies in ms, and the processor time of the server, PostgreSQL and Redis."""
        path = self.scratch / "load.lua"
        path.write_text(script + LUA_DONE)
        database = [self.postgres.pid, *children(self.postgres.pid)] if hasattr(self, "postgres") else []
        cache = [self.redis.pid] if hasattr(self, "redis") else []
        measured = {"cpu": [server.pid], "database_cpu": database, "cache_cpu": cache}
        before = {name: processor_time(processes) for name, processes in measured.items()}
        text = subprocess.run(
            ["taskset", "-c", OTHER_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "10s", "-s",
             path, f"http://127.0.0.1:{port}"], check=True, stdout=subprocess.PIPE, text=True).stdout
        used = {name: processor_time(processes) - before[name] for name, processes in measured.items()}
        found = json.loads(re.search(r"^(\{.*\})$", text, re.M).group(1))
        if found["refused"] or found["broken"] or not found["requests"]:
            raise SystemExit(f"{found['refused']} replies were not 200, {found['broken']} connections broke")
        count = found["requests"]
        return {
            "count": count, "rate": count / (found["duration"] / 1e6), "p50": found["p50"] / 1000,
            "p99": found["p99"] / 1000, **{name: time / 1000 / count for name, time in used.items()}}


LUA_DONE = """
done = function(summary, latency)
  local errors = summary.errors
  print(string.format('{"requests": %d, "duration": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""


def post_script(body, key, count=None, start=0, path="/api/v1/quotes"):
    """A wrk script that posts: `body` and `key` are Lua that make strings of `n`, which counts from 0 and, where `count`
    says so, begins again from there; those requests are made once, so that making them is no part of the load."""
    return f"""
local asked, kept = {start}, {{}}
local head = "POST {path} HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Type: application/json\\r\\nAuthorization: Bearer "
local function make(n)
  local body = {body}
  return head .. {key} .. "\\r\\nContent-Length: " .. #body .. "\\r\\n\\r\\n" .. body
end
local count = {count or "nil"}
init = function()
  for n = 0, (count or 0) - 1 do kept[n] = make(n) end
end
request = function()
  local n = asked
  asked = asked + 1
  if count then return kept[n % count] end
  return make(n)
end
"""


def shoppers_script(key, prefix, count=None, product="sku-1", start=0):
    """Asks for one shopper after the other, over and over where `count` says how many there are, from `start`."""
    body = f"""'{{"shopper":"{prefix}-' .. string.format("%08d", n) .. '","product":"{product}"}}'"""
    return post_script(body, f'"{key}"', count, start)


class Client:
    """One connection that speaks JSON."""

    def __init__(self, port, key, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.key = key

    def call(self, method, path, body=None, expect=(200, 201)):
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.connection.getresponse()
        text = response.read()
        if response.status not in expect:
            raise SystemExit(f"{method} {path}: {response.status} {text[:300].decode()}")
        return json.loads(text) if text else None

    def price(self, shopper, product="sku-1"):
        return self.call("POST", "/api/v1/quotes", {"shopper": shopper, "product": product})["price"]["amount"]


def build_cournot():
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "cournot"], cwd=ROOT, check=True, stdout=sys.stderr)
    return ROOT / ".build/release/cournot"


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/ready")
        return connection.getresponse().status in (200, 404)
    except OSError:
        return False


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("a server did not start")
        time.sleep(0.05)


def children(pid):
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def processor_time(pids):
    """Nanoseconds that processes have run, all threads together."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except OSError:
                pass
    return total


def resident_bytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) * 1024
