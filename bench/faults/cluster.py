"""Everything that Cournot runs on, private: PostgreSQL with a standby, Redis, replicas, haproxy, a network of its own.

All of it listens on free ports of the loopback and lives in one scratch folder; all of it ends with the cluster.
"""
from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from client import Client
from processes import Child, free_port, need, run, until
from proxy import FaultProxy

POSTGRES_BINARIES = Path("/usr/lib/postgresql/15/bin")


class Postgres:
    """One PostgreSQL server."""

    def __init__(self, folder: Path, name: str, options: dict[str, str] | None = None, address: str = "127.0.0.1"):
        self.name = name
        self.folder = folder
        self.data = folder / name
        self.address = address
        self.port = free_port()
        self.options = options or {}
        self.child: Child | None = None

    async def make(self) -> None:
        """A new, empty server."""
        need("initdb", "postgresql-15") if not (POSTGRES_BINARIES / "initdb").exists() else None
        self._own(self.folder)
        await run(
            [str(POSTGRES_BINARIES / "initdb"), "-D", str(self.data), "-U", "postgres", "-A", "trust", "--no-sync",
             "-E", "UTF8", "--locale=C"], user="postgres", directory=Path("/"))
        with open(self.data / "pg_hba.conf", "a") as rules:
            rules.write("host all all 0.0.0.0/0 trust\nhost replication all 0.0.0.0/0 trust\n")

    @staticmethod
    def _own(path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, "postgres", "postgres")

    async def start(self, seconds: float = 60) -> float:
        """Starts it and says how long it took until it let us in."""
        listen = "127.0.0.1" if self.address == "127.0.0.1" else f"127.0.0.1,{self.address}"
        settings = {
            "listen_addresses": listen, "port": str(self.port), "max_connections": "100",
            "shared_buffers": "64MB", "max_wal_size": "1GB", "log_min_messages": "warning", "wal_level": "replica",
            "hot_standby": "on", "max_wal_senders": "8", "wal_receiver_status_interval": "1s",
            "wal_retrieve_retry_interval": "500ms", "wal_sender_timeout": "5s", "wal_receiver_timeout": "5s",
            "unix_socket_directories": str(self.folder), **self.options,
        }
        arguments = [item for name, value in settings.items() for item in ("-c", f"{name}={value}")]
        self.child = Child(
            [str(POSTGRES_BINARIES / "postgres"), "-D", str(self.data), *arguments],
            self._log(), user="postgres", directory=Path("/"), last_wish="INT")
        return await until(self.answers, seconds, f"PostgreSQL {self.name} should take connections")

    def _log(self) -> Path:
        return self.folder.parent / f"{self.folder.name}-{self.name}.log"

    async def answers(self) -> bool:
        try:
            return await self.sql("SELECT 1", database="postgres") == "1"
        except RuntimeError:
            return False

    async def sql(self, text: str, database: str = "cournot") -> str:
        """Asks as the superuser: rows a line, columns divided by `|`."""
        return (await run(
            [str(POSTGRES_BINARIES / "psql"), "-X", "-q", "-At", "-h", "127.0.0.1", "-p", str(self.port),
             "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", text],
            environment={"PGCONNECT_TIMEOUT": "5"})).strip()

    async def kill(self) -> None:
        """As when the power fails."""
        assert self.child
        await self.child.kill()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def stop(self) -> None:
        if self.child and self.child.is_running:
            self.child.send_all(signal.SIGCONT)
            await self.child.stop(signal.SIGINT)

    def freeze(self) -> None:
        assert self.child
        self.child.send_all(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.child
        self.child.send_all(signal.SIGCONT)

    async def become_standby(self, primary: "Postgres") -> None:
        """Throws away what it holds and begins to follow another."""
        shutil.rmtree(self.data, ignore_errors=True)
        await run(
            [str(POSTGRES_BINARIES / "pg_basebackup"), "-D", str(self.data), "-R", "-c", "fast", "--no-sync", "-X",
             "stream", "-d", f"host=127.0.0.1 port={primary.port} user=postgres application_name={self.name}"],
            user="postgres", directory=Path("/"))
        # The primary's own settings came along: who must have heard of a commit is decided anew.
        await run(["sed", "-i", "/synchronous_standby_names/d", str(self.data / "postgresql.auto.conf")])

    async def require(self, standby: "Postgres | None") -> None:
        """Commits wait for this standby, or for none; returns once it follows."""
        names = standby.name if standby else ""
        await self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'", database="postgres")
        await self.sql("SELECT pg_reload_conf()", database="postgres")
        if standby is None:
            return

        async def follows() -> bool:
            return await self.sql("SELECT sync_state FROM pg_stat_replication", database="postgres") == "sync"

        await until(follows, 30, f"{standby.name} should follow {self.name}")

    async def promote(self) -> None:
        """Makes a standby the primary, with nobody to wait for."""
        await self.sql("SELECT pg_promote(true, 30)", database="postgres")


class Redis:
    """One Redis; nothing of it is kept."""

    def __init__(self, folder: Path, address: str = "127.0.0.1", options: list[str] | None = None):
        self.folder = folder
        self.options = options or []
        self.port = free_port()
        self.bound = ["127.0.0.1"] if address == "127.0.0.1" else ["127.0.0.1", address]
        self.child: Child | None = None

    async def start(self) -> None:
        self.child = Child(
            [need("redis-server", "redis-server"), "--port", str(self.port), "--bind", *self.bound,
             "--protected-mode", "no", "--save", "", "--appendonly", "no", "--dir", str(self.folder), *self.options],
            self.folder / "redis.log")

        async def answers() -> bool:
            return (await self.cli("PING", check=False)).strip() == "PONG"

        await until(answers, 20, "Redis should answer")

    async def cli(self, *words: str, check: bool = True) -> str:
        return await run([need("redis-cli", "redis-tools"), "-p", str(self.port), *words], check=check)

    async def kill(self) -> None:
        assert self.child
        await self.child.kill()

    def freeze(self) -> None:
        assert self.child
        self.child.send(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.child
        self.child.send(signal.SIGCONT)


class RedisCluster:
    """Six nodes: three masters, each with a replica."""

    def __init__(self, folder: Path, node_timeout: int):
        self.nodes: list[Redis] = []
        for number in range(6):
            part = folder / f"redis{number}"
            part.mkdir()
            self.nodes.append(Redis(part, options=[
                "--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--repl-diskless-sync-delay", "0",
                "--cluster-node-timeout", str(node_timeout), "--cluster-require-full-coverage", "no"]))

    @property
    def url(self) -> str:
        return "redis-cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    async def start(self) -> None:
        for node in self.nodes:
            await node.start()
        hosts = [f"127.0.0.1:{node.port}" for node in self.nodes]
        await run([need("redis-cli", "redis-tools"), "--cluster", "create", *hosts, "--cluster-replicas", "1",
                   "--cluster-yes"])

        async def is_whole() -> bool:
            for node in self.nodes:
                role = await node.cli("INFO", "replication")
                if "cluster_state:ok" not in await node.cli("CLUSTER", "INFO") or not (
                        "connected_slaves:1" in role or "master_link_status:up" in role):
                    return False
            return True

        await until(is_whole, 60, "the nodes should be a cluster")

    async def masters(self) -> list[Redis]:
        return [node for node in self.nodes
                if node.child and node.child.is_running and "role:master" in await node.cli("INFO", "replication")]

    async def fullest(self) -> Redis:
        """The master that has most keys: where the tenant's are."""
        sizes = [(int(await node.cli("DBSIZE")), node) for node in await self.masters()]
        return max(sizes, key=lambda one: one[0])[1]


class Replica:
    """One `cournot serve`."""

    def __init__(
        self, binary: Path, folder: Path, name: str, environment: dict[str, str], address: str = "127.0.0.1",
        namespace: str | None = None,
    ):
        self.binary = binary
        self.folder = folder
        self.name = name
        self.address = address
        self.namespace = namespace
        self.port = free_port()
        self.environment = {
            "HOST": "0.0.0.0" if namespace else "127.0.0.1", "PORT": str(self.port), "LOG_LEVEL": "warning",
            **environment}
        self.client = Client(self.port, address)
        self.child: Child | None = None
        self.starts = 0

    async def start(self, seconds: float = 30) -> float:
        """Starts it and says how long it took until it was ready."""
        self.starts += 1
        self.child = Child(
            [str(self.binary), "serve"], self.folder / f"{self.name}.log",
            environment=self.environment, directory=self.folder, namespace=self.namespace)
        return await self.until_ready(seconds)

    async def until_ready(self, seconds: float = 30) -> float:
        async def is_ready() -> bool:
            if self.child and not self.child.is_running:
                raise RuntimeError(f"{self.name} ended: {self.log()[-500:]}")
            return (await self.client.get("/ready", timeout=1)).status == 200

        return await until(is_ready, seconds, f"{self.name} should be ready", every=0.005)

    def log(self) -> str:
        path = self.folder / f"{self.name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def server(self) -> Child:
        """Its process; it has been started."""
        assert self.child
        return self.child

    async def kill(self) -> None:
        await self.server.kill()
        self.client.close()

    async def stop(self) -> int:
        code = await self.server.stop()
        self.client.close()
        return code


class Balancer:
    """haproxy before the replicas: it asks `/ready`, and what fails before an answer began is tried on another."""

    def __init__(self, folder: Path, replicas: list[Replica]):
        self.port = free_port()
        self.folder = folder
        servers = "\n".join(
            f"    server {replica.name} {replica.address}:{replica.port} check" for replica in replicas)
        # A replica that drains is sent nothing more. One whose database is gone still answers whom it knows.
        (folder / "haproxy.cfg").write_text(f"""\
global
    maxconn 4000
defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 15s
    timeout check 1s
    option http-buffer-request
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response junk-response
frontend prices
    bind 127.0.0.1:{self.port}
    default_backend replicas
backend replicas
    balance roundrobin
    option httpchk GET /ready
    http-check expect ! rstring draining
    default-server inter 250ms fastinter 100ms fall 2 rise 1
{servers}
""")
        self.child: Child | None = None

    async def start(self) -> None:
        self.child = Child(
            [need("haproxy", "haproxy"), "-f", str(self.folder / "haproxy.cfg"), "-db"], self.folder / "haproxy.log")
        client = Client(self.port)

        async def answers() -> bool:
            return (await client.get("/health", timeout=1)).status == 200

        await until(answers, 20, "haproxy should answer")
        client.close()


class Network:
    """A network namespace joined to this machine by one cable; rules in it touch nothing else."""

    def __init__(self) -> None:
        number = os.getpid() % 200
        self.name = f"cournot-faults-{os.getpid()}"
        self.cable = (f"cf{os.getpid() % 100000}a", f"cf{os.getpid() % 100000}b")
        self.outside = f"10.231.{number}.1"
        self.inside = f"10.231.{number}.2"

    async def make(self) -> None:
        near, far = self.cable
        await run(["ip", "netns", "add", self.name])
        await run(["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name])
        await run(["ip", "addr", "add", f"{self.outside}/24", "dev", near])
        await run(["ip", "link", "set", near, "up"])
        for words in (["addr", "add", f"{self.inside}/24", "dev", far], ["link", "set", far, "up"],
                      ["link", "set", "lo", "up"]):
            await run(["ip", "-n", self.name, *words])

    async def rule(self, action: str, *words: str) -> None:
        """One iptables rule inside; `action` is -A or -D."""
        need("iptables", "iptables")
        await run(["ip", "netns", "exec", self.name, "iptables", action, *words])

    async def remove(self) -> None:
        await run(["ip", "netns", "del", self.name], check=False)
        await run(["ip", "link", "del", self.cable[0]], check=False)


@dataclass
class Plan:
    """What a cluster has."""

    replicas: int = 2
    #: `postgres` or `sqlite`
    engine: str = "postgres"
    #: None, `sync` or `async`
    standby: str | None = None
    redis: bool = False
    #: How long a node of a Redis Cluster may be silent, in ms; None for one server.
    redis_cluster: int | None = None
    balancer: bool = False
    #: Replicas reach PostgreSQL through a proxy that can misbehave.
    proxied: bool = False
    #: Replicas live in a network of their own.
    namespace: bool = False
    #: Connections that each replica keeps.
    connections: int = 8
    environment: dict[str, str] = field(default_factory=dict)
    postgres_options: dict[str, str] = field(default_factory=dict)
    #: Where PostgreSQL's or SQLite's files are to be; a folder of the scratch folder unless given.
    storage: Path | None = None
    binaries: list[Path] = field(default_factory=list)


class Cluster:
    """`async with Cluster(plan, binary) as cluster:` starts it all, and ends it all."""

    def __init__(self, plan: Plan, binary: Path):
        self.plan = plan
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix="cournot-faults-"))
        self.folder.chmod(0o755)
        self.primary: Postgres | None = None
        self.standby: Postgres | None = None
        self.redis: Redis | None = None
        self.redis_cluster: RedisCluster | None = None
        self.balancer: Balancer | None = None
        self.proxy: FaultProxy | None = None
        self.network: Network | None = None
        self.replicas: list[Replica] = []
        self.keys: dict[str, str] = {}
        self.tenant = ""
        self.database_url = ""

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in reversed(list(Child.living)):
            child.send_all(signal.SIGCONT)
            child.send_all(signal.SIGKILL)
            try:
                await child.ended(10)
            except TimeoutError:
                pass
        if self.proxy:
            await self.proxy.stop()
        if self.network:
            await self.network.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _start(self) -> None:
        plan = self.plan
        if plan.namespace:
            self.network = Network()
            await self.network.make()
        if plan.engine == "postgres":
            await self._start_postgres()
        else:
            self.database_url = f"sqlite:{plan.storage or self.folder}/cournot.db"
        environment = {"DATABASE_URL": self.database_url, **plan.environment}
        if plan.redis:
            address = self.network.outside if self.network else "127.0.0.1"
            self.redis = Redis(self.folder, address)
            await self.redis.start()
            environment["REDIS_URL"] = f"redis://{address}:{self.redis.port}"
        if plan.redis_cluster:
            self.redis_cluster = RedisCluster(self.folder, plan.redis_cluster)
            await self.redis_cluster.start()
            environment["REDIS_URL"] = self.redis_cluster.url
        for number in range(plan.replicas):
            binary = plan.binaries[number] if number < len(plan.binaries) else self.binary
            name = f"replica{number + 1}"
            if (plan.redis or plan.redis_cluster) and plan.engine == "postgres":
                environment = {**environment, "SPOOL_PATH": str(self.folder / f"{name}.spool")}
            self.replicas.append(Replica(
                binary, self.folder, name, environment,
                self.network.inside if self.network else "127.0.0.1",
                self.network.name if self.network else None))
        await run([str(self.binary), "migrate"], environment={"DATABASE_URL": self._administrators_url})
        await self._make_tenant()
        for replica in self.replicas:
            await replica.start()
        if plan.balancer:
            self.balancer = Balancer(self.folder, self.replicas)
            await self.balancer.start()

    async def _start_postgres(self) -> None:
        plan = self.plan
        storage = plan.storage or self.folder / "postgres"
        storage.mkdir(exist_ok=True)
        address = self.network.outside if self.network else "127.0.0.1"
        self.primary = Postgres(storage, "alpha", plan.postgres_options, address)
        await self.primary.make()
        await self.primary.start()
        await self.primary.sql("CREATE ROLE cournot LOGIN", database="postgres")
        await self.primary.sql("CREATE DATABASE cournot OWNER cournot", database="postgres")
        if plan.standby:
            self.standby = Postgres(storage, "beta", plan.postgres_options, address)
            await self.standby.become_standby(self.primary)
            await self.standby.start()
            if plan.standby == "sync":
                await self.primary.require(self.standby)
        options = f"connections={plan.connections}"
        places = [(address, self.primary.port)]
        if plan.proxied:
            self.proxy = FaultProxy(self.primary.port)
            places = [("127.0.0.1", await self.proxy.start())]
        if self.standby:
            places.append((address, self.standby.port))
            options += "&target_session_attrs=read-write"
        hosts = ",".join(f"{host}:{port}" for host, port in places)
        self.database_url = f"postgres://cournot@{hosts}/cournot?{options}"

    @property
    def _administrators_url(self) -> str:
        """The database without the bench's obstacles in between."""
        if self.primary is None:
            return self.database_url
        return f"postgres://cournot@127.0.0.1:{self.primary.port}/cournot?connections=1"

    async def _make_tenant(self) -> None:
        output = await run(
            [str(self.binary), "tenant", "create", "--name", "Faults", "--json"],
            environment={"DATABASE_URL": self._administrators_url})
        made: dict[str, Any] = json.loads(output)
        self.keys = made["keys"]
        self.tenant = made["tenant"]["id"]

    def clients(self) -> list[Client]:
        """Whom load is sent to: the balancer where there is one, else every replica in turn."""
        if self.balancer:
            return [Client(self.balancer.port)]
        return [replica.client for replica in self.replicas]

    async def fail_over(self) -> None:
        """The standby becomes the primary; the old one must be dead."""
        assert self.primary and self.standby
        await self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    async def restore_standby(self) -> None:
        """The server that was lost comes back as the standby, and commits wait for it again."""
        assert self.primary and self.standby
        await self.standby.become_standby(self.primary)
        await self.standby.start()
        if self.plan.standby == "sync":
            await self.primary.require(self.standby)

