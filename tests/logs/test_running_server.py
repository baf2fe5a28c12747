"""A real server of two workers: what its log says, what its metrics count, and what ends with it."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import running_server
import shops

from hantsmap.downloads.counter import Counter
from hantsmap.downloads.kept import Kept

WAIT_S = 90


def until(found: Callable[[], bool]) -> None:
    """Wait for something: the machine may be busy."""
    end = time.monotonic() + WAIT_S
    while not found():
        assert time.monotonic() < end
        time.sleep(0.1)


def port() -> int:
    """A free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """A running server, its log, and its metrics."""

    def __init__(self, running: running_server.Running, log: Path, metrics: int) -> None:
        self.ask, self.log, self._metrics = running.ask, log, metrics

    def metrics(self) -> dict[str, float]:
        """Every sample, by its name and labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/metrics", timeout=10) as answer:
            self.text = answer.read().decode()
        return {name: float(value) for name, _, value in (
            line.rpartition(" ") for line in self.text.splitlines() if not line.startswith("#"))}

    def children(self) -> list[int]:
        """Process ids of the workers, by what they are named as in Linux."""
        workers = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if f"HANTSMAP_METRICS_PORT={self._metrics}\0".encode() in path.read_bytes():
                    workers.append(int(path.parent.name))
            except OSError:
                continue
        return [pid for pid in workers if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture
def server(tmp_path: Path, odd_shop: shops.Shop) -> Iterator[Server]:
    """Two workers over a small store, with metrics and a log in JSON."""
    metrics, log = port(), tmp_path / "log"
    with running_server.running(odd_shop.store, log, workers=2, HANTSMAP_METRICS_PORT=str(metrics),
                                HANTSMAP_LOG="json") as running:
        yield Server(running, log, metrics)


def test_metrics_count_the_requests_of_all_workers_and_name_no_layer(server: Server) -> None:
    """Forty requests, over new connections, are forty in the sum of all workers; a layer, hidden or public, is never
    named, and neither is an address; gauges say what is served."""
    for _ in range(40):
        assert server.ask("/collections/odd/items?limit=1").status == 200
    for address in ("/collections/hidden_layer/items", "/collections/nothing", "/nothing/at/all"):
        assert server.ask(address).status == 404
    until(lambda: server.metrics()["hantsmap_layers_served"] == 2)
    found = server.metrics()

    read = found['hantsmap_http_requests_total{kind="items",status="200"}']
    cached = found['hantsmap_http_requests_total{kind="cached",status="200"}']
    assert read + cached == 40 and read >= 1
    assert found['hantsmap_http_requests_total{kind="items",status="404"}'] == 1
    assert found['hantsmap_http_requests_total{kind="document",status="404"}'] == 2
    assert found['hantsmap_http_request_duration_seconds_count{kind="items"}'] == read + 1
    assert found['hantsmap_http_response_bytes_total{kind="items"}'] > 0
    assert (found["hantsmap_store_readable"], found["hantsmap_layers_unavailable"]) == (1, 0)
    assert abs(found["hantsmap_newest_publication_timestamp_seconds"] - time.time()) < 86_400
    assert not re.search(r"odd|hidden|nothing|collections", server.text)


def test_a_worker_that_dies_is_logged_counted_and_replaced(server: Server) -> None:
    """A worker that is killed is one line with the signal; the next one serves, and what was counted stays counted."""
    server.ask("/health")
    before = server.metrics()
    assert before["hantsmap_worker_deaths_total"] == 0
    [worker, *_] = server.children()

    os.kill(worker, signal.SIGKILL)
    until(lambda: server.metrics()["hantsmap_worker_deaths_total"] == 1)

    until(lambda: server.ask("/health").status == 200)
    assert server.metrics()['hantsmap_http_requests_total{kind="health",status="200"}'] > before[
        'hantsmap_http_requests_total{kind="health",status="200"}']
    assert re.search(rf'"level":"ERROR".*"message":"Worker {worker} ended \(signal SIGKILL\)', server.log.read_text())


def test_a_store_that_goes_and_comes_back_is_two_lines(tmp_path: Path, odd_shop: shops.Shop) -> None:
    """A store that is missing is logged once as an error, and its recovery once, with time and level."""
    store = tmp_path / "store"
    store.symlink_to(odd_shop.store)
    log = tmp_path / "log"
    with running_server.running(store, log) as server:
        store.rename(tmp_path / "away")
        until(lambda: "Nothing is served from the store" in log.read_text())
        (tmp_path / "away").rename(store)
        until(lambda: "The store can be read" in log.read_text())
        until(lambda: server.ask("/health").status == 200)
    lines = [line for line in log.read_text().splitlines() if "store" in line.lower() and "[" in line]
    assert [re.sub(r"^\S+Z (\w+) .*", r"\1", line) for line in lines] == ["ERROR", "WARNING"]


def test_a_maker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A maker of downloads that works for a process which was killed ends by itself."""
    counter = Counter(tmp_path, Kept(tmp_path / "downloads"))
    (tmp_path / "downloads" / ".queue").mkdir(parents=True)
    waits = tmp_path / "downloads" / ".queue" / f"{0:020d}-0000-0-0abc.json"
    os.mkfifo(waits)  # reading it never ends, as with a very large file
    counter._start()
    [maker] = counter._makers
    time.sleep(0.5)
    assert maker.poll() is None and maker.stdin is not None

    maker.stdin.close()  # what the system does when this process ends

    assert maker.wait(WAIT_S) == 1


@pytest.mark.parametrize(("setting", "said"), [
    ("HANTSMAP_LOG", "xml"), ("HANTSMAP_METRICS_PORT", "x"), ("HANTSMAP_METRICS_PORT", "0")])
def test_settings_that_cannot_be_used_are_said_at_the_start(
    setting: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server does not start with a form of the log, or a port of metrics, that is none: exit code 2."""
    from click.testing import CliRunner

    from server.__main__ import main

    monkeypatch.setenv(setting, said)
    done = CliRunner().invoke(main, [])

    assert done.exit_code == 2 and f"{setting} is `{said}`. Set it to" in done.output
