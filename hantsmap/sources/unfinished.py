"""What a publisher that was killed left in the cache."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

# `hantsmap exposure` reads areas without holding the store: what it unpacks is left alone for a day.
DAY_S = 86_400


def remove(cache: Path) -> None:
    """Remove partial downloads, and unpacked or copied sources that are a day old. What cannot be removed stays."""
    for pattern in ("remote/*/fetching-*.part", "remote/*/about-*.part"):
        for path in cache.glob(pattern):
            with suppress(OSError):
                path.unlink()
    old = time.time() - DAY_S
    for pattern in ("unpacked-*", "gml-*", "gpkg-*", "fingerprints-*.part"):
        for path in cache.glob(pattern):
            with suppress(OSError):
                if path.stat().st_mtime < old:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
