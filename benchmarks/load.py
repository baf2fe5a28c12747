"""The client: Debian's `wrk`, one thread, asking a list of addresses in turn over connections that stay open."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import programs
from benchmarks.errors import BenchError

THREADS, CONNECTIONS = 1, 16
SCRIPT = Path(__file__).with_name("cycle.lua")
TIMEOUT_S = 120
ERRORS = ("connect", "read", "write", "status", "timeout")


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire: a path with its query, and headers beside Host."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """What `wrk` counted: answers and bytes a second, and the median time to answer in milliseconds."""

    rate: float
    bytes_rate: float
    median_ms: float


class NothingError(BenchError):
    """Not one answer came back in time."""


def write_list(requests: Sequence[Request], file: Path) -> Path:
    """Write requests where the script of `wrk` reads them: one line each, headers after tabs."""
    lines = ["\t".join([request.path, *(f"{name}: {value}" for name, value in request.headers.items())])
             for request in requests]
    file.write_text("\n".join(lines) + "\n")
    return file


def run(port: int, requests: Path, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Ask for some seconds. Raises BenchError when an answer was not one, or there was none."""
    command = [programs.path("wrk"), "-t", str(THREADS), "-c", str(connections), "-d", f"{seconds:.0f}s",
               "--timeout", f"{TIMEOUT_S}s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}/", "--", str(requests)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or "{" not in done.stdout:
        raise BenchError(f"wrk failed: {done.stderr or done.stdout}")
    counted = json.loads(done.stdout[done.stdout.rindex("{"):])
    if not counted["requests"]:
        raise NothingError(f"Nothing was answered in {seconds:.0f} s ({requests.name}).")
    failed = ", ".join(f"{kind} {counted[kind]}" for kind in ERRORS if counted[kind])
    if failed:
        raise BenchError(f"Of {counted['requests']} answers some were errors: {failed} ({requests.name}).")
    took = counted["microseconds"] / 1e6
    return Load(counted["requests"] / took, counted["bytes"] / took, counted["median"] / 1e3)
