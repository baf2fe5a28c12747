"""The queue of files that are to be made: a small file for each, oldest first, in a folder that all processes share.

    .queue/<time>-<key>.json       waits
    .makers/<n>                    locked by a maker while it lives
    .makers/<n>.json               what that maker is making
    .queue/failed-<key>.json       could not be made, and why
    .making/<n>/                   unfinished work, swept by the next maker in this place

A maker that is killed leaves its lock and nothing that counts: whoever takes its place begins its work again.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from hantsmap.downloads.wanted import Download, recorded
from hantsmap.store import locks, modes

# At most this many makers at once on one machine, so that readers keep the rest of it.
MAKERS = 2
MOST_WAITING = 64
# Cuts may be as many as anybody can think of: they leave room for whole layers, which are few.
MOST_CUTS = 48
TRIES = 2
FAILED_S = 60.0


class Queue:
    """What is to be made in one folder of downloads."""

    def __init__(self, folder: Path) -> None:
        self.waiting, self.makers, self.making = folder / ".queue", folder / ".makers", folder / ".making"

    def put(self, download: Download, *, bounded: bool = True) -> int | None:
        """Ask for a file, once; how many are before it. None where a `bounded` queue is full. Raises OSError."""
        modes.make_folder(self.waiting, modes.SHARED_FOLDER)
        before = self._waiting()
        for number, path in enumerate(before):
            if path.name.endswith(f"-{download.key}.json"):
                return number
        if self._being_made(download):
            return 0
        if bounded and len(before) >= (MOST_WAITING if download.whole else MOST_CUTS):
            return None
        self._write(f"{time.time_ns():020d}-{download.key}.json", {"tries": 0, "download": download.record()})
        return len(before)

    def failed(self, download: Download) -> str | None:
        """Why a file could not be made a moment ago, or None."""
        path = self.waiting / f"failed-{download.key}.json"
        try:
            if time.time() - path.stat().st_mtime < FAILED_S:
                return str(orjson.loads(path.read_bytes())["why"])
            path.unlink()
        except (OSError, orjson.JSONDecodeError):
            pass
        return None

    def fail(self, download: Download, why: str) -> None:
        """Remember for a minute that a file cannot be made."""
        self._write(f"failed-{download.key}.json", {"why": why})

    def empty(self) -> bool:
        """Whether nothing waits, and nothing was left by a maker that died."""
        return not self._waiting() and not any(self.makers.glob("*.json"))

    def free(self) -> bool:
        """Whether there is room for one maker more."""
        with self.place() as number:
            return number is not None

    @contextmanager
    def place(self) -> Iterator[int | None]:
        """Hold one of the places of makers; None where all are taken."""
        modes.make_folder(self.makers, modes.SHARED_FOLDER)
        for number in range(MAKERS):
            with locks.open_lock(self.makers / str(number)) as lock:
                if locks.take(lock):
                    yield number
                    return
        yield None

    def sweep(self, number: int) -> None:
        """Clear what a dead maker left in this place: what it was making is made again, but not for ever."""
        shutil.rmtree(self.making / str(number), ignore_errors=True)
        left = self.makers / f"{number}.json"
        with suppress(OSError, orjson.JSONDecodeError, KeyError):
            job = orjson.loads(left.read_bytes())
            download = recorded(job["download"])
            if job["tries"] >= TRIES:
                self.fail(download, "whoever made it was ended before it was finished")
            else:
                # In front of all others: it has waited longest.
                self._write(f"{0:020d}-{download.key}.json", job)
        left.unlink(missing_ok=True)

    def take(self, number: int) -> Download | None:
        """The oldest that waits, to be made in this place; None where none does."""
        mine = self.makers / f"{number}.json"
        for path in self._waiting():
            try:
                path.rename(mine)
            except FileNotFoundError:
                continue
            job: dict[str, Any] = orjson.loads(mine.read_bytes())
            job["tries"] += 1
            mine.write_bytes(orjson.dumps(job))
            return recorded(job["download"])
        return None

    @contextmanager
    def workplace(self, number: int) -> Iterator[Path]:
        """An empty folder for what is being made; cleared afterwards."""
        folder = self.making / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        modes.make_folder(folder, modes.SHARED_FOLDER)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def done(self, number: int) -> None:
        """What was taken is made, or failed."""
        (self.makers / f"{number}.json").unlink(missing_ok=True)

    def _waiting(self) -> list[Path]:
        return sorted(self.waiting.glob("[0-9]*.json"))

    def _being_made(self, download: Download) -> bool:
        for path in self.makers.glob("*.json"):
            with suppress(OSError, orjson.JSONDecodeError, KeyError):
                if recorded(orjson.loads(path.read_bytes())["download"]).key == download.key:
                    return True
        return False

    def _write(self, name: str, record: dict[str, Any]) -> None:
        made = self.waiting / f".{name}.{os.getpid()}.{time.monotonic_ns()}"
        made.write_bytes(orjson.dumps(record))
        modes.set_mode(made, modes.SHARED_FILE)
        made.replace(self.waiting / name)
