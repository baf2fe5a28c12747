"""The proof of an erasure: a search of every file that could hold the record, compressed ones unpacked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from hantsmap.erasure.decoding import streams
from hantsmap.erasure.needles import Needle
from hantsmap.erasure.rewriting import positions_of
from hantsmap.store import Store

# Folders of a store that are sorted by layer.
BY_LAYER = ("editions", "renditions", "changes", "promotions", "visibility")
# What needs no search: a list of digests, the lock, and unfinished work, which the next publisher deletes.
NOT_SEARCHED = ("suppression", "lock", "making")


@dataclass(frozen=True, slots=True)
class Hit:
    """A file in which something of the record was found; `what` says what, without the value."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{self.path} ({self.what})"


@dataclass(frozen=True, slots=True)
class Search:
    """A search for one record. `needles` are bytes that no other record has."""

    store: Store
    downloads: Path
    layer: str
    record_id: str
    needles: tuple[Needle, ...]

    def files(self) -> Iterator[Path]:
        """Files of the store that could hold the record: those of its layer, and those of no layer."""
        for path in sorted(self.store.root.iterdir()):
            if path.name in NOT_SEARCHED or path == self.downloads:
                continue
            yield from _files(path / self.layer if path.name in BY_LAYER else path)
        yield from _files(self.downloads / self.layer)
        for name in (".making", ".queue", ".makers"):
            yield from _files(self.downloads / name)

    def hits(self, files: Iterable[Path]) -> list[Hit]:
        """The files, of these, that hold something of the record. One that is gone meanwhile holds nothing."""
        found = []
        for path in files:
            try:
                what = self._found(path)
            except FileNotFoundError:
                continue
            if what is not None:
                found.append(Hit(path, what))
        return found

    def _found(self, path: Path) -> str | None:
        if path.name == "changes.arrow":
            return self._change(path)
        if _has_id(path, self.record_id):
            return "its id"
        for stream in streams(path):
            for needle in self.needles:
                if needle.found_in(stream):
                    return needle.what
        return None

    def _change(self, path: Path) -> str | None:
        """Pullers are sent the delete of the record by its id: a change set may hold that, and nothing else of it."""
        table = pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
        written = {self.record_id, orjson.dumps(self.record_id).decode()}
        kept = [position for name, position in zip(table["id"].to_pylist(), table["position"].to_pylist(), strict=True)
                if name in written]
        return None if all(position < 0 for position in kept) else "a change that is not its deletion"

    def layers_with_the_same_values(self) -> list[str]:
        """Other layers whose current edition holds a value or a coordinate of the record: they are not changed."""
        wanted = [needle for needle in self.needles if needle.what in ("a value", "a number", "a coordinate", "its id")]
        found = []
        for layer in self.store.layers():
            current = self.store.current(layer) if layer != self.layer else None
            if current is None or current.edition is None:
                continue
            path = self.store.edition(layer, current.edition) / "curated.parquet"
            if path.is_file() and _any_found(path, wanted):
                found.append(layer)
        return found


def _any_found(path: Path, needles: list[Needle]) -> bool:
    return any(needle.found_in(stream) for stream in streams(path) for needle in needles)


def _files(place: Path) -> Iterator[Path]:
    if place.is_file() and not place.is_symlink():
        yield place
    elif place.is_dir():
        yield from sorted(path for path in place.rglob("*") if path.is_file() and not path.is_symlink())


def _has_id(path: Path, record_id: str) -> bool:
    """Whether the column `id` of a table, or the member `id` of a feature's text, is the id: for short ids too."""
    reader = READERS.get(path.suffix)
    if reader is not None:
        ids = reader(path)
        return ids is not None and len(positions_of(ids, record_id)) > 0
    if path.suffix in (".json", ".geojson") and path.name.startswith("features.") | (path.suffix == ".geojson"):
        written = [record_id.encode()] if record_id.lstrip("-").isdigit() else []
        written.append(orjson.dumps(record_id))
        whole = path.read_bytes()
        return any(b'"id":' + each + end in whole for each in written for end in (b",", b"}"))
    return False


def _parquet_ids(path: Path) -> Any:
    return pq.read_table(path, columns=["id"])["id"] if "id" in pq.read_schema(path).names else None


def _arrow_ids(path: Path) -> Any:
    table = pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
    return table["id"] if "id" in table.column_names else None


READERS: dict[str, Callable[[Path], Any]] = {".parquet": _parquet_ids, ".arrow": _arrow_ids}
