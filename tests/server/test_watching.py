"""The thread that takes up new editions."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from pathlib import Path

from hantsmap.store import Store
from server.shelf import Served


def watching() -> set[threading.Thread]:
    """The threads that watch stores now."""
    return {thread for thread in threading.enumerate() if thread.name == "hantsmap-watch"}


def test_a_store_is_watched_for_as_long_as_it_is_served(tmp_path: Path) -> None:
    """One thread watches it; when nobody serves it any more the thread ends, and holds nothing of it."""
    before = watching()
    served = Served(Store(tmp_path / "store"), tmp_path / "downloads")
    served.watch()
    (thread,) = watching() - before
    held = weakref.ref(served)
    del served
    until = time.monotonic() + 30
    while thread.is_alive() and time.monotonic() < until:
        gc.collect()
        time.sleep(0.05)
    assert not thread.is_alive() and held() is None
