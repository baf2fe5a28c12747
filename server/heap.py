"""Memory that was freed goes back to the operating system: allocators would keep it for as long as a process lives."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def give_back() -> None:
    """Return what Arrow and the C library hold and nobody uses. Takes milliseconds, and lets other threads run."""
    pa.default_memory_pool().release_unused()
    if _trim is not None:
        _trim(0)
