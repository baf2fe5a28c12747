"""A running server takes up what is published, in every worker, and fails nobody meanwhile."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from workbench import ROOT, Workbench, tree

PROMISE_SECONDS = 2.0
PROMOTIONS = 10


@dataclass
class Visitors:
    """Threads that ask for a page again and again, each time over a new connection."""

    address: str
    seen: list[tuple[float, float]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Ask for one page; remember when, and the height of its trees."""
        began = time.monotonic()
        try:
            with urllib.request.urlopen(f"{self.address}/collections/trees/items?limit=50", timeout=10) as reply:
                heights = {item["properties"]["height"] for item in json.load(reply)["features"]}
            if len(heights) == 1:
                self.seen.append((began, heights.pop()))
            else:
                self.faults.append(f"a page with {heights}")
        except (OSError, ValueError) as fault:
            self.faults.append(repr(fault))

    def run(self) -> None:
        """Until told to stop."""
        while not self.stop.is_set():
            self.ask()
            time.sleep(0.005)


@pytest.fixture
def server(published: Workbench) -> Iterator[str]:
    """A server of two workers on a free port."""
    published.trees([tree(number, height=0) for number in range(1, 31)])
    published.publish()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "--port", str(port), "--workers", "2"], cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "HANTSMAP_STORE": str(published.store.root), "PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 40
        while True:
            try:
                urllib.request.urlopen(f"{address}/conformance", timeout=2).close()
                break
            except (OSError, urllib.error.URLError):
                assert process.poll() is None and time.monotonic() < until, "the server does not start"
                time.sleep(0.1)
        time.sleep(1)  # the second worker may be a little later than the first
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def test_taken_up_within_two_seconds(published: Workbench, server: str) -> None:
    """Ten promotions while visitors ask: no request fails, and two seconds after each nobody sees what was before."""
    visitors = Visitors(server)
    threads = [threading.Thread(target=visitors.run) for _ in range(2)]
    for thread in threads:
        thread.start()
    promoted: list[float] = []
    for height in range(1, PROMOTIONS + 1):
        published.trees([tree(number, height=height) for number in range(1, 31)])
        assert published.publish("trees")["trees"].state == "published"
        promoted.append(time.monotonic())
        until = promoted[-1] + PROMISE_SECONDS + 0.3
        while time.monotonic() < until and not settled(visitors, promoted[-1], height):
            time.sleep(0.02)
    time.sleep(PROMISE_SECONDS)
    visitors.stop.set()
    for thread in threads:
        thread.join(15)
    assert visitors.faults == []
    assert len(visitors.seen) > 500
    for height, moment in enumerate(promoted, 1):
        late = [asked - moment for asked, seen in visitors.seen if seen < height and asked > moment + PROMISE_SECONDS]
        assert late == [], f"promotion {height} was not everywhere after {PROMISE_SECONDS} s"
    assert {seen for _, seen in visitors.seen} >= {0.0, float(PROMOTIONS)}


def settled(visitors: Visitors, moment: float, height: float) -> bool:
    """Whether the last 40 answers all have the new height: with two workers, chance says both."""
    last = visitors.seen[-40:]
    return len(last) == 40 and all(asked > moment and seen == height for asked, seen in last)
