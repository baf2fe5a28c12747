"""A PostgreSQL server with PostGIS for the tests: made in a temporary folder, on a free loopback port, and taken away.

`running()` is a context manager that gives a Server. It skips the test where the binaries are missing, saying which,
and fails it instead where the environment says CI.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "correct-horse-battery"
USER = "hantsmap_test"
START_S = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and the URL of an empty database that has PostGIS."""

    port: int
    url: str
    pid: int

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes are stopped, as by a disk or a machine that hangs: it connects and says nothing."""
        stopped = [self.pid, *_children(self.pid)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(stopped):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    """The processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def _missing(what: str) -> None:
    message = f"{what} is missing: install postgresql and postgresql-postgis-3"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _binaries() -> Path:
    """The folder of the newest PostgreSQL of this machine."""
    on_path = shutil.which("initdb")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = [Path(on_path)] if on_path else versions[-1:]
    if not found:
        _missing("initdb")
    if not (found[0].parent / "postgres").exists():
        _missing("postgres")
    return found[0].parent


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: under root it runs as `postgres`, else as `nobody`."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    _missing("a user other than root")
    return {}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running() -> Iterator[Server]:
    """Starts a server and stops it, by its process id."""
    binaries, whom = _binaries(), _as_whom()
    folder = Path(tempfile.mkdtemp(prefix="hantsmap-postgres-"))
    process = None
    try:
        if whom:
            os.chown(folder, whom["user"], whom["group"])
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync",
             "--auth=scram-sha-256", f"--pwfile={secret}"],
            check=True, capture_output=True, cwd=folder, **whom,
        )  # fmt: skip
        port = _free_port()
        with (folder.parent / f"{folder.name}.log").open("wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
                stdout=log, stderr=log, cwd=folder, **whom,
            )  # fmt: skip
        url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
        _wait(process, url)
        yield Server(port, url, process.pid)
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    import psycopg

    until = time.monotonic() + START_S
    while True:
        if process.poll() is not None:
            pytest.fail(f"PostgreSQL ended at once, with code {process.returncode}")
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                try:
                    connection.execute("create extension if not exists postgis")
                except psycopg.Error as error:
                    if "not available" not in str(error):
                        raise
                    _missing("the PostGIS extension of PostgreSQL")
                return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
