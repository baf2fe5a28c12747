"""What the bench starts, it stops, with all that was started by it; and it says what is missing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from benchmarks import programs
from benchmarks.errors import BenchError
from benchmarks.processes import alone, answers, children, free_port, running

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def alive(process: int) -> bool:
    """Whether a process runs: one that has ended and was not asked after does not."""
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def waited(log: Path) -> int:
    for _ in range(500):
        if log.exists() and log.read_text().strip():
            return int(log.read_text())
        time.sleep(0.02)
    raise AssertionError("the child never started")


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    """A program is stopped with what it started, even when the bench is broken off."""
    with pytest.raises(KeyboardInterrupt), running([sys.executable, "-c", PARENT], tmp_path / "log") as process:
        child = waited(tmp_path / "log")
        assert children(process.pid) == [child]
        raise KeyboardInterrupt

    assert process.poll() is not None
    for _ in range(500):
        if not alive(child):
            return
        time.sleep(0.02)
    raise AssertionError("the child still runs")


def test_a_server_that_ends_is_told_of_with_its_last_words(tmp_path: Path) -> None:
    """Who never answers is not waited for when it has ended; its log is in the sentence."""
    log = tmp_path / "log"
    with running([sys.executable, "-c", "raise SystemExit('no such store')"], log) as process:
        process.wait(30)
        with pytest.raises(BenchError, match="no such store"):
            answers(free_port(), "/", process, log)


def test_two_benches_do_not_measure_each_other(tmp_path: Path) -> None:
    """While one bench runs another is refused; when it has ended the next may begin."""
    file = tmp_path / "lock"
    with alone(file), pytest.raises(BenchError, match="Another bench runs here"), alone(file):
        pass
    with alone(file):
        pass


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names every Debian package that is missing, as apt wants them."""
    nowhere = {"wrk": ("wrk", "/nowhere/wrk-xyz"), "nginx": ("nginx-light", "/nowhere/nginx-xyz"),
               "sh": ("dash", "/bin/sh")}
    monkeypatch.setattr(programs, "PACKAGES", nowhere)

    with pytest.raises(BenchError, match=r"apt install --no-install-recommends nginx-light wrk$"):
        programs.need(nowhere)
    programs.need(["sh"])
