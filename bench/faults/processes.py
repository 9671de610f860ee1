"""Processes that the bench starts, and ends again by their id whatever way it ends itself."""
from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path


class Missing(Exception):
    """Something that has to be installed, or may not be done here."""


def need(program: str, package: str) -> str:
    """Where a program is."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise Missing(f"{program} is missing: apt-get install {package}")
    return path


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as listener:
        listener.bind((host, 0))
        return listener.getsockname()[1]


async def until(
    condition: Callable[[], Awaitable[bool]], seconds: float, what: str, every: float = 0.02
) -> float:
    """Waits until a condition holds and says how long that took."""
    begun = time.monotonic()
    while not await condition():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        await asyncio.sleep(every)
    return time.monotonic() - begun


class Child:
    """One long-running process; the kernel ends it too when the bench dies."""

    living: list["Child"] = []

    def __init__(
        self, command: list[str], log: Path, environment: dict[str, str] | None = None,
        directory: Path | None = None, user: str | None = None, namespace: str | None = None,
        last_wish: str = "KILL",
    ):
        wrapped = [need("setpriv", "util-linux"), "--pdeathsig", last_wish]
        if user and os.geteuid() == 0:
            wrapped += ["--reuid", user, "--regid", user, "--clear-groups"]
        if namespace:
            wrapped = [need("nsenter", "util-linux"), f"--net=/var/run/netns/{namespace}"] + wrapped
        self.command = command
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                wrapped + command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **(environment or {})}, cwd=directory, start_new_session=True)
        Child.living.append(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)

    def children(self) -> list[int]:
        try:
            return [int(word) for word in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []

    def send_all(self, number: signal.Signals) -> None:
        """To it and to those that it started."""
        for pid in self.children():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        self.send(number)

    async def ended(self, seconds: float = 30) -> int:
        async def is_over() -> bool:
            return not self.is_running

        await until(is_over, seconds, f"{self.command[0]} should have ended")
        if self in Child.living:
            Child.living.remove(self)
        return self.process.returncode

    async def kill(self) -> None:
        """`kill -9`, as when the power fails: the process and its children."""
        children = self.children()
        self.send(signal.SIGKILL)
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        await self.ended()
        for pid in children:
            async def is_gone() -> bool:
                return not _runs(pid)

            await until(is_gone, 10, f"process {pid} should be gone")

    async def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 40) -> int:
        """Ends it in order; by force when that takes too long."""
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            return await self.ended(seconds)
        except TimeoutError:
            await self.kill()
            return -9

    def resident(self) -> int:
        """Bytes in memory; 0 when it is gone."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0

    def descriptors(self) -> int:
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _runs(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@atexit.register
def _end_all() -> None:
    for child in list(Child.living):
        if child.is_running:
            for pid in child.children() + [child.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            child.process.wait()


async def run(
    command: list[str], environment: dict[str, str] | None = None, user: str | None = None, check: bool = True,
    input: bytes | None = None, directory: Path | None = None,
) -> str:
    """Runs a command to its end, without holding up the load, and gives back what it printed."""
    if user and os.geteuid() == 0:
        command = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] + command
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, **(environment or {})}, cwd=directory)
    output, errors = await process.communicate(input)
    if check and process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {errors.decode()[-500:]}")
    return output.decode()
