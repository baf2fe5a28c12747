"""Programs that the bench starts: waited for, and stopped by their id whatever happens."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.errors import BenchError

START_S = 60.0
Part = str | Path


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(command: Sequence[Part], log: Path, environment: Mapping[str, str] | None = None, *,
            user: int | None = None, stop_with: int = signal.SIGTERM) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, in a process group of its own, and stop it and its children at the end, by their id.

    Its words go to `log`. `user` is the id of the user (and group) that it runs as, where it refuses to be root.
    """
    whom = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    with log.open("wb") as said:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [str(part) for part in command], stdout=said, stderr=said, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})}, start_new_session=True, cwd=log.parent, **whom)
    try:
        yield process
    finally:
        stop(process, stop_with)


def stop(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """Ask a process to end, and end its whole group if it has not after some seconds."""
    if process.poll() is None:
        process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def answers(port: int, path: str, process: subprocess.Popen[bytes], log: Path, wait_s: float = START_S) -> float:
    """Wait until a server answers a path with 200; seconds that it took. Raises BenchError, with the end of its log."""
    start = time.monotonic()
    while True:
        status = _status(port, path)
        if status == 200:
            return time.monotonic() - start
        if process.poll() is not None or time.monotonic() - start > wait_s:
            words = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise BenchError(f"{path} is not answered (status {status}). The end of {log}:\n{words}")
        time.sleep(0.02)


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return None
    finally:
        connection.close()


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold a file as long as this lasts: two benches at once would measure each other, and share folders.

    Raises BenchError when somebody else holds it. Who ends, however that is, holds it no more.
    """
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BenchError(f"Another bench runs here (it holds {file}). Wait for its end.") from None
        yield


def children(process: int) -> list[int]:
    """Ids of the processes that a process started, and that those started."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *children(child)]
    return found
