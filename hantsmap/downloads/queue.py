"""The queue of files that are to be made: a small file for each, in a folder that all processes share.

    .queue/<time>-<client>-<tries>-<key>.json      waits
    .makers/served-<client>                        when a file of that client was begun last
    .queue/failed-<key>.json                       could not be made, and why
    .makers/<n>                                    locked by a maker while it lives
    .makers/<n>-<client>-<tries>-<key>.json        what that maker is making
    .making/<n>/                                   unfinished work, swept by the next maker in this place

Clients take turns: the next file is the oldest of the client that was served longest ago. While other clients wait,
one maker at least makes nothing for a client that another maker is busy with. A client is a number below 65,536, so
that the queue tells clients apart and not who they are.

A maker that is killed leaves its lock and nothing that counts: whoever takes its place begins its work again. A job
goes from one state to the next by a rename, which works on a full disk too.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hantsmap.downloads.wanted import Download, recorded
from hantsmap.store import locks, modes

# At most this many makers at once on one machine, so that readers keep the rest of it.
MAKERS = 2
MOST_WAITING = 64
# Cuts may be as many as anybody can think of: they leave room for whole layers, which are few.
MOST_CUTS = 48
TRIES = 2
# Names with two digits for the client were written by an older version.
NAME = re.compile(r"(\d+)-([0-9a-f]{2}|[0-9a-f]{4})-(\d+)-([0-9a-f]+)\.json", re.ASCII)
FAILED_S = 60.0
# A client that was not served for so long is as good as one that never was.
SERVED_S = 600.0
NO_ROOM = "there was no room to write down why"


class Job(NamedTuple):
    """What the name of a job's file tells: since when it waits (0 for what is made again), of whom, how often tried."""

    path: Path
    since: int
    client: str
    tries: int
    key: str

    @classmethod
    def of(cls, path: Path) -> Job | None:
        """The job of a file; None for a name that is none."""
        found = NAME.fullmatch(path.name)
        return cls(path, int(found[1]), found[2], int(found[3]), found[4]) if found else None


def client_number(client: str) -> str:
    """Four hexadecimal digits for a client: what its files are known by in the queue."""
    return blake2b(client.encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()


class Queue:
    """What is to be made in one folder of downloads."""

    def __init__(self, folder: Path) -> None:
        self.waiting, self.makers, self.making = folder / ".queue", folder / ".makers", folder / ".making"

    def put(self, download: Download, client: str = "", *, bounded: bool = True) -> int | None:
        """Ask for a file, once; how many are made before it. None where a `bounded` queue has no place for this client.

        In a full queue a client with less than its share takes the place of the newest job of the one with most. Raises
        OSError.
        """
        modes.make_folder(self.waiting, modes.SHARED_FOLDER)
        before, number = self._waiting(), client_number(client)
        for place, job in enumerate(before):
            if job.key == download.key:
                return place
        if any(job.key == download.key for job in self._begun()):
            return 0
        most = MOST_WAITING if download.whole else MOST_CUTS
        if bounded and len(before) >= most and not _gives_way(before, number):
            return None
        name = f"{time.time_ns():020d}-{number}-0-{download.key}.json"
        self._write(name, {"download": download.record()})
        # A maker may have taken it already.
        return next((place for place, job in enumerate(self._waiting()) if job.path.name == name), 0)

    def failed(self, download: Download) -> str | None:
        """Why a file could not be made a moment ago, or None."""
        path = self.waiting / f"failed-{download.key}.json"
        try:
            if time.time() - path.stat().st_mtime < FAILED_S:
                return str(orjson.loads(path.read_bytes()).get("why", NO_ROOM))
            path.unlink()
        except (OSError, orjson.JSONDecodeError):
            pass
        return None

    def fail(self, download: Download, why: str) -> None:
        """Remember for a minute that a file cannot be made. On a full disk its job is the note, without the reason."""
        note = self.waiting / f"failed-{download.key}.json"
        try:
            self._write(note.name, {"why": why})
        except OSError:
            for job in self._begun():
                if job.key == download.key:
                    os.utime(job.path)
                    job.path.replace(note)

    @property
    def length(self) -> int:
        """How many files wait to be made."""
        return len(self._waiting())

    def empty(self) -> bool:
        """Whether nothing waits, and nothing was left by a maker that died."""
        return not self._waiting() and not self._begun()

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
        for job in self._begun(number):
            if job.tries >= TRIES:
                with suppress(OSError, orjson.JSONDecodeError, KeyError):
                    self.fail(_download(job.path), "whoever made it was ended before it was finished")
                job.path.unlink(missing_ok=True)
            else:
                # In front of all others: it has waited longest.
                with suppress(FileNotFoundError):
                    job.path.replace(self.waiting / f"{0:020d}-{job.client}-{job.tries}-{job.key}.json")
        for path in self.makers.glob("served-*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > SERVED_S:
                    path.unlink()

    def take(self, number: int) -> Download | None:
        """What is next, to be made in this place; None where nothing waits.

        A client for which MAKERS - 1 files are being made comes after all others.
        """
        begun = Counter(job.client for job in self._begun())
        for job in sorted(self._waiting(), key=lambda job: begun[job.client] >= MAKERS - 1):
            mine = self.makers / f"{number}-{job.client}-{job.tries + 1}-{job.key}.json"
            try:
                job.path.rename(mine)
            except FileNotFoundError:
                continue
            with suppress(OSError):
                (self.makers / f"served-{job.client}").touch()
            try:
                return _download(mine)
            except (OSError, orjson.JSONDecodeError, KeyError):
                # Written by another version, or not to its end.
                mine.unlink(missing_ok=True)
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
        for job in self._begun(number):
            job.path.unlink(missing_ok=True)

    def _waiting(self) -> list[Job]:
        """What waits, in the order in which it will be made."""
        found = [job for path in self.waiting.glob("[0-9]*.json") if (job := Job.of(path)) is not None]
        return _in_turn(found, {job.client: self._served(job.client) for job in found})

    def _served(self, client: str) -> float:
        """When a client was served last; 0 for long ago."""
        with suppress(OSError):
            then = (self.makers / f"served-{client}").stat().st_mtime
            return then if time.time() - then < SERVED_S else 0.0
        return 0.0

    def _begun(self, number: int | None = None) -> list[Job]:
        """What makers are at: in one place, or in all."""
        found = self.makers.glob("[0-9]*.json" if number is None else f"{number}-*.json")
        return [job for path in found if (job := Job.of(path)) is not None]

    def _write(self, name: str, record: dict[str, Any]) -> None:
        made = self.waiting / f".{name}.{os.getpid()}.{time.monotonic_ns()}"
        try:
            made.write_bytes(orjson.dumps(record))
            modes.set_mode(made, modes.SHARED_FILE)
            made.replace(self.waiting / name)
        except OSError:
            made.unlink(missing_ok=True)
            raise


def _in_turn(jobs: list[Job], served: dict[str, float]) -> list[Job]:
    """Jobs in the order in which they are made: what is made again first, then one of each client in turn, beginning
    with the one that was served longest ago, and of each its oldest."""
    rounds: Counter[str] = Counter()
    ranked = []
    for job in sorted(jobs, key=lambda job: (job.since, job.key)):
        ranked.append((job.since > 0, rounds[job.client], served[job.client], job.since, job))
        rounds[job.client] += 1
    return [job for *_, job in sorted(ranked, key=lambda each: each[:4])]


def _gives_way(waiting: list[Job], client: str) -> bool:
    """Whether a full queue has a place for one job more of a client: the newest job of another one made way for it."""
    counts = Counter(job.client for job in waiting)
    most, greediest = max((number, name) for name, number in counts.items())
    if counts[client] + 1 >= most:
        return False
    newest = max((job for job in waiting if job.client == greediest), key=lambda job: job.since)
    newest.path.unlink(missing_ok=True)
    return True


def _download(path: Path) -> Download:
    return recorded(orjson.loads(path.read_bytes())["download"])
