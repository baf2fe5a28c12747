"""The maker: takes what waits in the queue, oldest first, until nothing does. Runs in a process of its own."""

from __future__ import annotations

import logging

from hantsmap.downloads.kept import Kept
from hantsmap.downloads.queue import Queue
from hantsmap.errors import HantsMapError
from hantsmap.store import Store

log = logging.getLogger("hantsmap")


def work(store: Store, kept: Kept) -> int:
    """Make all that waits, unless enough others do; how many files were made."""
    queue, made = Queue(kept.folder), 0
    while not queue.empty():
        with queue.place() as number:
            if number is None:
                break
            queue.sweep(number)
            made += _until_empty(store, kept, queue, number)
        # Something may have come just before the place was given up: look once more.
    return made


def _until_empty(store: Store, kept: Kept, queue: Queue, number: int) -> int:
    made = 0
    while (download := queue.take(number)) is not None:
        try:
            if kept.find(download) is None:
                from hantsmap.downloads.making import make

                with queue.workplace(number) as folder:
                    make(store, kept, download, folder)
                made += 1
        except HantsMapError as fault:
            log.error("%s: %s", download.file_name, fault)  # noqa: TRY400 - the sentence says it all
            queue.fail(download, str(fault))
        except Exception as fault:
            log.exception("%s could not be made", download.file_name)
            queue.fail(download, f"{type(fault).__name__}: {fault}")
        finally:
            queue.done(number)
    return made
