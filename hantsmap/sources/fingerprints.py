"""Has a source changed? Answered from sizes and times, from a server's validators, or by the database."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from hantsmap.layer import Layer
from hantsmap.sources import places
from hantsmap.sources.case import Case, in_words

# A file changed this recently may change again without a new time (FAT keeps two seconds), so it is hashed each time.
SETTLED_NS = 2_500_000_000


class Hashes:
    """The hashes of files by path, size and time, kept in `fingerprints.json` in the cache."""

    def __init__(self, cache: Path) -> None:
        self._file = cache / "fingerprints.json"
        self._known: dict[str, tuple[int, int, str]] = {}
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            self._known = {path: (int(size), int(when), str(sha)) for path, (size, when, sha) in kept.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            pass  # No cache, or a damaged one: everything is hashed again, and the cache is written anew.

    def of(self, path: Path) -> str:
        """sha256 of a file or of a folder, read only where a size or a time changed."""
        files = places.parts(path)
        root = path if path.is_dir() else path.parent
        return places.combined([(file.relative_to(root).as_posix(), self._one(file)) for file in files])

    def _one(self, file: Path) -> str:
        name, now = str(file.resolve()), places.stamp(file)
        kept = self._known.get(name)
        if kept and kept[:2] == (now.size, now.mtime_ns):
            return kept[2]
        started = time.time_ns()
        value = places.sha256_of(file)
        if started - now.mtime_ns > SETTLED_NS and places.stamp(file) == now:
            self._known[name] = (now.size, now.mtime_ns, value)
        else:
            self._known.pop(name, None)
        return value

    def save(self) -> None:
        """Writes the cache whole or not at all. A cache that cannot be written costs time and is no error."""
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix="fingerprints-", suffix=".part")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump(self._known, stream, indent=0, sort_keys=True)
                Path(name).replace(self._file)
            finally:
                Path(name).unlink(missing_ok=True)


def of_source(layer: Layer, *, data: Path, cache: Path) -> str:
    """See `hantsmap.sources.fingerprint`. Faults name the layer by its title, for its id is not known here."""
    source, hashes, found = layer.source, Hashes(cache), []
    if source.postgis:
        from hantsmap.sources import database

        found.append(f"postgis:{database.fingerprint(Case(layer.title, layer, database.shown(source), cache))}")
    elif source.url:
        from hantsmap.sources import remote

        found.append(f"url:{remote.fetch(layer.title, source, cache).sha256}")
    for file in (source.file, source.join.file if source.join else None):
        if file:
            with in_words(Case(layer.title, layer, file, cache)):
                found.append(f"file:{hashes.of(places.found(layer.title, file, data))}")
    hashes.save()
    return " ".join(found)
