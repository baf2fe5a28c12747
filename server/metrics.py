"""Metrics for Prometheus: what all workers of a server have done, and how they see the store. No layer is named.

Workers count in files of a temporary folder (the multiprocess mode of prometheus_client); the process that starts them
adds the files up, on a port of its own.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from server.routes import RouteKind

log = logging.getLogger("hantsmap")
PORT, HOST, FOLDER = "HANTSMAP_METRICS_PORT", "HANTSMAP_METRICS_HOST", "PROMETHEUS_MULTIPROC_DIR"
LOOPBACK = "127.0.0.1"
EVERY_S, LEAST_FREE = 2.0, 4 << 20
# Kinds of requests; those that the response cache answers are not read, so their kind is not known.
CACHED, OTHER = "cached", "other"
KINDS = (*get_args(RouteKind), CACHED)
STATUSES = ("200", "204", "206", "304", "400", "401", "403", "404", "405", "410", "416", "429", "500", "503", OTHER)
BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Gauged(Protocol):
    """What a worker knows of its state, to be shown as gauges."""

    def gauges(self) -> Mapping[str, float]:
        """The values, by the names of GAUGES."""


# Name, how the workers' values are put together, and what it is.
GAUGES: tuple[tuple[str, Literal["livemin", "livemax", "livesum"], str], ...] = (
    ("store_readable", "livemin", "1 while every worker can read the store, else 0."),
    ("layers_served", "livemin", "Layers that are served to at least one audience."),
    ("layers_unavailable", "livemax", "Layers whose newest publication cannot be read, or which are damaged."),
    ("newest_publication_timestamp_seconds", "livemin", "When the newest publication known to all workers was made."),
    ("temporary_bytes", "livesum", "Bytes of temporary files of large responses."),
    ("downloads_waiting", "livemax", "Downloads that wait to be made."),
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where metrics are served."""

    host: str
    port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Address | None:
        """HANTSMAP_METRICS_PORT and _HOST; None without a port. Raises ValueError for a port that is none."""
        said = environment.get(PORT, "")
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and 0 < int(said) < 65_536):
            raise ValueError(f"{PORT} is `{said}`. Set it to a port, such as 9464.")
        return cls(environment.get(HOST) or LOOPBACK, int(said))


class WorkerMetrics:
    """The counters of one worker. Made before its first request, with every label that it will ever have."""

    def __init__(self) -> None:
        _check_room()
        # Loaded here: it looks at the environment when it is loaded.
        from prometheus_client import Counter, Gauge, Histogram

        self.requests = Counter("hantsmap_http_requests", "HTTP requests.", ["kind", "status"])
        self.seconds = Histogram("hantsmap_http_request_duration_seconds", "Time until the response is ready to send.",
                                 ["kind"], buckets=BUCKETS)
        self.bytes = Counter("hantsmap_http_response_bytes", "Bytes of response bodies.", ["kind"])
        self.messages = Counter("hantsmap_log_messages", "Warnings and errors, also those left out of the log.",
                                ["level"])
        self._gauges = {name: Gauge(f"hantsmap_{name}", told, multiprocess_mode=mode) for name, mode, told in GAUGES}
        for level in ("warning", "error"):
            self.messages.labels(level)
        self._requests = {(kind, status): self.requests.labels(kind, status) for kind in KINDS for status in STATUSES}
        self._seconds = {kind: self.seconds.labels(kind) for kind in KINDS}
        self._bytes = {kind: self.bytes.labels(kind) for kind in KINDS}
        _take_room()

    def count(self, kind: str, status: int, seconds: float, size: int) -> None:
        """Count a request: its kind, its status, how long it took and the bytes of its body."""
        said = str(status)
        self._requests[kind, said if said in STATUSES else OTHER].inc()
        self._seconds[kind].observe(seconds)
        self._bytes[kind].inc(size)

    def watch(self, gauged: Gauged) -> None:
        """Keep the gauges up to date, in a thread that ends with the process, and count what is logged."""
        for handler in logging.getLogger().handlers:
            handler.addFilter(self._counted)

        def go_on() -> None:
            pause = threading.Event()
            while True:
                with suppress(Exception):
                    for name, value in gauged.gauges().items():
                        self._gauges[name].set(value)
                pause.wait(EVERY_S)

        threading.Thread(target=go_on, name="hantsmap-metrics", daemon=True).start()

    def _counted(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            self.messages.labels("error" if record.levelno >= logging.ERROR else "warning").inc()
        return True


def worker_metrics(environment: Mapping[str, str] = os.environ) -> WorkerMetrics | None:
    """The counters of this worker; None where the server was not told to have metrics, or they cannot be kept."""
    if not environment.get(FOLDER):
        return None
    try:
        return WorkerMetrics()
    except OSError as fault:
        log.error("This worker counts nothing for metrics: %s.", fault.strerror or fault)  # noqa: TRY400 - said whole
        return None


@contextmanager
def served(address: Address) -> Iterator[None]:
    """Serve the metrics of all workers that are started within. Raises OSError when the port cannot be used."""
    folder = tempfile.mkdtemp(prefix="hantsmap-metrics-")
    os.environ[FOLDER] = folder
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    try:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        server, _ = start_http_server(address.port, address.host, registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
    finally:
        del os.environ[FOLDER]
        shutil.rmtree(folder, ignore_errors=True)


class Ended:
    """Counts workers that ended, and takes their gauges out."""

    def __init__(self) -> None:
        from prometheus_client import Counter

        self._count = Counter("hantsmap_worker_deaths", "Workers that ended or were stopped, and were replaced.")
        self._count.inc(0)

    def __call__(self, pid: int) -> None:
        """A worker has ended."""
        from prometheus_client.multiprocess import mark_process_dead

        self._count.inc()
        mark_process_dead(pid)


def _check_room() -> None:
    """Raise OSError on a full disk: writing to a mapped file that has no space there would end the process."""
    folder = os.environ[FOLDER]
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise OSError(errno.ENOSPC, f"the disk of {folder} is full")


def _take_room() -> None:
    """Take the disk space of this process's files now, so that it is there later. Raises OSError when there is none."""
    for path in Path(os.environ[FOLDER]).glob(f"*_{os.getpid()}.db"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
