"""Publishers that are killed, that meet, or that run out of disk: the store stays whole, and the last edition stays."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from workbench import ROOT, Workbench, tree

from hantsmap.catalogue import Shelf
from hantsmap.publish import publish
from hantsmap.store import files
from hantsmap.verify import verify

ROUNDS, MOST_SECONDS, SEED = 30, 25, 2026
ROWS = 3000


def whole(bench: Workbench) -> None:
    """The store opens, and every current promotion is, byte for byte, what was written."""
    shelf = Shelf(bench.store)
    shelf.refresh()
    assert not shelf.damaged
    for layer in bench.store.layers():
        current = bench.store.current(layer)
        files.whole(bench.store.edition(layer, current.edition), "edition.json")
        for rendition in set(current.renditions.values()):
            files.whole(bench.store.rendition(layer, rendition), "rendition.json")


@pytest.fixture
def warm(bench: Workbench) -> Iterator[subprocess.Popen[str]]:
    """A publisher that waits for a line to start."""
    with subprocess.Popen([sys.executable, str(Path(__file__).with_name("warm.py")), *bench.options], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
        process.wait(timeout=30)


def start(warm: subprocess.Popen[str]) -> int:
    """Start one publication; its process id."""
    warm.stdin.write("go\n")
    warm.stdin.flush()
    return int(answer(warm))


def answer(warm: subprocess.Popen[str]) -> str:
    """The next line of the publisher that is a number; lines of its outcome tables are passed over."""
    while True:
        line = warm.stdout.readline().strip()
        if line.lstrip("-").isdigit():
            return line


def test_killed_at_any_moment(bench: Workbench, warm: subprocess.Popen[str]) -> None:
    """Killed 30 times while it publishes: each time the store opens, is whole, and serves old or new, no third.

    After that, one publication more completes, and what was left half made is gone.
    """
    chance, killed = random.Random(SEED), 0
    began = time.monotonic()
    bench.trees([tree(number, height=0) for number in range(ROWS)])
    start(warm)
    assert answer(warm) == "0"
    took = time.monotonic() - began
    for round_ in range(1, ROUNDS + 1):
        bench.trees([tree(number, height=round_) for number in range(ROWS)])
        child = start(warm)
        time.sleep(chance.uniform(0, took))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        killed += answer(warm) == str(-signal.SIGKILL)
        whole(bench)
        shelf = Shelf(bench.store)
        shelf.refresh()
        heights = set(shelf.catalogue("public").entries["trees"].rendition.column("height").to_pylist())
        assert len(heights) == 1 and heights <= {float(past) for past in range(round_ + 1)}
        if time.monotonic() - began > MOST_SECONDS:
            break
    assert killed >= round_ // 3, "most publications were over before they were killed"
    bench.trees([tree(number, height=99) for number in range(ROWS)])
    assert bench.publish()["trees"].state == "published"
    assert verify(bench.store)[1] == [] and bench.files("making") == []


def test_killed_before_anything_was_published(bench: Workbench, warm: subprocess.Popen[str]) -> None:
    """Killed on the first publication of all, at 12 moments: the next one knows the folder and completes."""
    for moment in range(12):
        child = start(warm)
        time.sleep(moment * 0.004)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        answer(warm)
        whole(bench)
    assert {outcome.exit_code for outcome in bench.publish().values()} == {0}
    assert verify(bench.store)[1] == []


def test_two_publishers(published: Workbench) -> None:
    """While one publisher holds the store another ends at once with exit code 6 and a sentence, and changes nothing."""
    published.trees([tree(1)])
    with published.store.publishing():
        done = published.command("publish")
    assert done.returncode == 6 and done.stdout == ""
    assert done.stderr == (f"Somebody else is publishing to {published.store.root}. "
                           "Try again when that has ended.\n")
    assert len(published.store.history("trees")) == 1
    assert published.command("publish").returncode == 0
    whole(published)


def test_publishers_in_a_crowd(published: Workbench) -> None:
    """Four publishers at the same instant, as threads: each publishes or is told to wait; the store is whole."""
    from hantsmap.errors import BusyError

    published.trees([tree(number) for number in range(500)])
    told: list[str] = []
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait()
        try:
            told.append({outcome.layer: outcome.state for outcome in publish(published.workshop)}["trees"])
        except BusyError:
            told.append("busy")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 4 and told.count("published") == 1 and set(told) <= {"published", "unchanged", "busy"}
    assert len(published.store.history("trees")) == 2
    assert verify(published.store)[1] == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB, for who may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)],
                                      capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_disk_full(small_disk: Path, tmp_path: Path) -> None:
    """On a full disk: exit code 6, a sentence that says so, the last edition stays, and nothing is left over."""
    bench = Workbench(tmp_path / "bench", small_disk / "store")
    assert bench.command("publish").returncode == 0
    before = bench.edition("trees")
    bench.trees([tree(number) for number in range(ROWS)])
    for ballast in (2_700_000, 900_000):
        (small_disk / "ballast").write_bytes(b"x" * min(ballast, free(small_disk)))
        done = bench.command("publish")
        assert done.returncode == 6, ballast
        assert "trees: The disk was full " in done.stdout
        assert "trees was not published: its last edition stays." in done.stdout
        assert bench.edition("trees") == before and bench.files("making") == []
        whole(bench)
        (small_disk / "ballast").unlink()
    (small_disk / "ballast").write_bytes(b"x" * free(small_disk))
    assert bench.command("publish").returncode == 6, "not a byte is left"
    (small_disk / "ballast").unlink()
    bench.trees([tree(number) for number in range(60)])
    assert bench.command("publish").returncode == 0
    assert verify(bench.store)[1] == []


def free(folder: Path) -> int:
    """Bytes that are free on the disk of a folder."""
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


def test_file_too_large(published: Workbench) -> None:
    """Where the system lets files grow to 64 kB only: exit code 6, a sentence, the last edition, nothing left over."""
    before = published.edition("trees")
    published.trees([tree(number) for number in range(ROWS)])
    limit = 64 * 1024
    done = published.command("publish", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 6
    assert "File too large" in done.stdout and "trees was not published: its last edition stays." in done.stdout
    assert published.edition("trees") == before and published.files("making") == []
    whole(published)


@pytest.mark.parametrize("at", range(12))
def test_disk_full_at_each_flush(published: Workbench, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the n-th moment that something is made to last: the layer fails, or it is published whole."""
    published.trees([tree(number) for number in range(40)])
    flushed = []

    def flush(path: Path) -> None:
        flushed.append(path)
        if len(flushed) == at + 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "flush", flush)
    outcome = published.publish("trees")["trees"]
    monkeypatch.undo()
    assert outcome.exit_code == 6 and outcome.sentence.startswith("The disk was full ")
    assert published.files("making") == []
    whole(published)
    assert published.publish("trees")["trees"].rows == 40
    assert verify(published.store)[1] == []
