"""A pull that is killed at any moment leaves the state that was there before, and the next one ends where it should."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from orchard import Orchard, tree
from service_stand import Stand
from test_pulling import edit, expected, held, index, plain, rows

from hantsmap.pull import pull

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]


def pulled(stand: Stand, file: Path, fatal: int) -> subprocess.CompletedProcess[str]:
    """A process that pulls, and is killed at a statement."""
    return subprocess.run([sys.executable, str(HERE / "killed.py"), stand.url, str(file), str(fatal)],
                          capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)})


@pytest.mark.parametrize("first", [True, False], ids=["whole", "changes"])
def test_killed_at_any_statement(stand: Stand, orchard: Orchard, file: Path, tmp_path: Path, first: bool) -> None:
    """`kill -9` while the first snapshot, or changes, are written: the file is whole, has the older state or none, and
    another run ends in the very state that an undisturbed one ends in."""
    before = tmp_path / "before.gpkg"
    if not first:
        pull(stand.service, "trees", before)
        edit(orchard)
    whole = pulled(stand, shutil.copy(before, file) if not first else file, 0)
    assert whole.returncode == 0, whole.stderr
    draw = random.Random(f"killed {first}")
    total = int(whole.stdout)
    for fatal in sorted({1, 2, total, *(draw.randrange(1, total + 1) for _ in range(6))}):
        copy = tmp_path / f"copy-{fatal}.gpkg"
        if not first:
            shutil.copy(before, copy)
        assert pulled(stand, copy, fatal).returncode == -9
        with sqlite3.connect(copy) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert opened.execute("SELECT sequence, count(*) FROM hantsmap_pull").fetchone() == (0 if first else 1, 1)
        assert len(rows(copy)) == (0 if first else 12)
        pull(stand.service, "trees", copy)
        assert plain(rows(copy)) == expected(orchard) == plain(rows(file))
        assert held(copy) == held(file)
        kept, shapes = index(copy)
        assert kept.keys() == shapes.keys()


def test_killed_at_random_moments(stand: Stand, orchard: Orchard, file: Path) -> None:
    """`kill -9` after some milliseconds, again and again while the layer changes: what is there is always a state that
    the service had, and in the end it is the newest."""
    draw = random.Random("moments")
    for turn in range(6):
        orchard.rows |= {turn + 1: tree(turn + 1, name=f"Turn {turn}"), 20 + turn: tree(12, code=f"t{20 + turn}")}
        orchard.publish()
        running = subprocess.Popen([sys.executable, "-m", "hantsmap", "pull", stand.url, "--layer", "trees", "--into",
                                    str(file)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            running.wait(draw.uniform(0.3, 2.2))
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        if file.exists() and held(file)[0]:
            sequence, digest = held(file)
            assert orchard.seen["staff", "trees", sequence][1] == digest
            assert len(rows(file)) == len(orchard.seen["staff", "trees", sequence][0])
    pull(stand.service, "trees", file)

    assert plain(rows(file)) == expected(orchard) and held(file)[0] == 7
