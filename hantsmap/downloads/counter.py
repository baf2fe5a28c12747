"""The counter: hands out files that are there, and has the others made, without making anything itself."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

from hantsmap.downloads.kept import File, Kept
from hantsmap.downloads.queue import MAKERS, Queue
from hantsmap.downloads.wanted import Download
from hantsmap.errors import NotMadeError, StoreError

log = logging.getLogger("hantsmap")
PATIENCE_S = 20.0
LOOK_EVERY_S, START_EVERY_S = 0.05, 1.0
# Of each process, at most so many requests wait for a file, each with a thread; others are told at once to come again.
SEATS = 2
LEAST_WAIT_S, MOST_WAIT_S, EACH_S = 2, 60, 2


class Counter:
    """Where files are asked for. `patience` is how many seconds a request waits for one that is being made."""

    def __init__(self, store: Path, kept: Kept, patience: float = PATIENCE_S, seats: int = SEATS) -> None:
        self.store, self.kept, self.patience = store, kept, patience
        self.queue = Queue(kept.folder)
        self._seats = threading.BoundedSemaphore(seats)
        self._lock = threading.Lock()
        self._makers: list[subprocess.Popen[bytes]] = []

    def fetch(self, download: Download, client: str = "") -> File:
        """The file, made first if it is not there, when it is the turn of this client.

        Raises NotMadeError, which says when to ask again: after `patience` seconds, or at once when another request of
        this process waits already; when too many wait; and when it could not be made a moment ago.
        """
        found = self.kept.find(download)
        if found is not None:
            return found
        before = self.ask(download, client)
        if self._seats.acquire(blocking=False):
            try:
                found = self._wait(download)
            finally:
                self._seats.release()
        if found is None:
            raise _not_yet(download, before)
        return found

    def ask(self, download: Download, client: str = "") -> int:
        """Have a file made; how many are made before it. Raises NotMadeError when it cannot be."""
        why = self.queue.failed(download)
        if why is not None:
            raise NotMadeError(f"{download.file_name} could not be made: the fault is logged.", MOST_WAIT_S)
        try:
            before = self.queue.put(download, client)
            self._start()
        except (OSError, StoreError) as fault:
            log.error("%s cannot be made: %s", download.file_name, fault)  # noqa: TRY400 - the sentence says it all
            why = f" ({fault.strerror})" if isinstance(fault, OSError) else ""
            raise NotMadeError(f"{download.file_name} cannot be made on this server just now.{why}",
                               MOST_WAIT_S) from fault
        if before is None:
            raise NotMadeError(f"Too many files are being made. Ask for {download.file_name} again in {MOST_WAIT_S} s.",
                               MOST_WAIT_S)
        return before

    def _wait(self, download: Download) -> File | None:
        until = time.monotonic() + self.patience
        started = time.monotonic()
        while time.monotonic() < until:
            found = self.kept.find(download)
            if found is not None or self.queue.failed(download) is not None:
                return found
            if time.monotonic() - started > START_EVERY_S:
                started = time.monotonic()
                try:
                    self._start()
                except (OSError, StoreError) as fault:
                    log.error("%s cannot be made: %s", download.file_name, fault)  # noqa: TRY400
                    return None
            time.sleep(LOOK_EVERY_S)
        return None

    def _start(self) -> None:
        """See to it that somebody makes what waits."""
        with self._lock:
            self._makers = [maker for maker in self._makers if maker.poll() is None]
            # One that has just been started has not taken its place yet.
            if len(self._makers) < MAKERS and not self.queue.empty() and self.queue.free():
                # Its standard input is closed when this process ends, however it ends: then the maker ends too.
                self._makers.append(subprocess.Popen(
                    [sys.executable, "-m", "hantsmap.downloads", str(self.store.resolve()),
                     str(self.kept.folder.resolve()), "--until-stdin-closes"],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True))


def _not_yet(download: Download, before: int) -> NotMadeError:
    seconds = min(MOST_WAIT_S, max(LEAST_WAIT_S, EACH_S * before // MAKERS))
    return NotMadeError(f"{download.file_name} is being made. Ask again in {seconds} s.", seconds)
