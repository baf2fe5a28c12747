"""What a search for a record looks for: its id, its distinctive values and coordinates, and digests made of them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from hantsmap.erasure.rewriting import positions_of
from hantsmap.rendition import Rendition
from hantsmap.rendition.writing import MAPPED, id_digest
from hantsmap.store import Store

# Shorter texts and numbers stand in many places by chance.
LEAST_LETTERS, LEAST_DIGITS = 5, 6
# Of a long line a few vertices are enough: a copy of it has them all.
MOST_VERTICES = 12
PAIR = re.compile(rb"\[(-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?)")
# Dates, fractions and truth values are not distinctive. Coordinates are looked for as bytes.
SEARCHED = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary,
            pa.types.is_integer)
WORD = re.compile(rb"[0-9A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Needle:
    """Bytes to look for. `what` says what they are, without the value; a `word` does not count within a longer one."""

    what: str
    bytes: bytes
    word: bool = False

    def found_in(self, stream: Any) -> bool:
        """Whether a buffer (bytes or a memory map) holds it."""
        at = stream.find(self.bytes)
        while at >= 0:
            end = at + len(self.bytes)
            if not self.word or not (WORD.match(stream[at - 1: at] if at else b"") or WORD.match(stream[end: end + 1])):
                return True
            at = stream.find(self.bytes, at + 1)
        return False


@dataclass(slots=True)
class Facts:
    """What the editions and renditions that hold a record say of it.

    `vertices` are (x, y) in EPSG:27700 metres, `pairs` the coordinates as they are written in feature texts, `digests`
    the SHA-256 of those texts.
    """

    record_id: str
    texts: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    vertices: set[tuple[float, float]] = field(default_factory=set)
    pairs: set[bytes] = field(default_factory=set)
    digests: set[bytes] = field(default_factory=set)

    def add_edition(self, store: Store, layer: str, edition: str) -> None:
        """Take in the row of an edition, and its geometries."""
        table = pq.read_table(store.edition(layer, edition) / "curated.parquet")
        for row in table.take(pa.array(positions_of(table["id"], self.record_id))).to_pylist():
            for name, value in row.items():
                if name in ("geometry", "open_geometry"):
                    self._add_shape(None if value is None else shapely.from_wkb(value))
                else:
                    self._add_value(value)

    def add_rendition(self, rendition: Rendition) -> None:
        """Take in the feature of a rendition: values, geometry, texts and their digest."""
        at = positions_of(rendition.ids, self.record_id)
        for name in rendition.fields:
            for value in rendition.column(name).take(pa.array(at)).to_pylist():
                self._add_value(value)
        if rendition.geometry_type != "none":
            for shape in rendition.geometries(at):
                self._add_shape(shape)
        self.digests.update(rendition.digests[position].tobytes() for position in at.tolist())
        for system in MAPPED.values():
            for text in rendition.features(system.uri, at):
                self.pairs.update(_first(PAIR.findall(bytes(text))))

    def _add_value(self, value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                self._add_value(each)
        elif isinstance(value, str) and len(value.strip()) >= LEAST_LETTERS:
            self.texts.add(value)
        elif isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) >= LEAST_DIGITS:
            self.numbers.add(str(value))

    def _add_shape(self, shape: Any) -> None:
        if shape is not None:
            self.vertices.update((float(x), float(y)) for x, y in _first(shapely.get_coordinates(shape).tolist()))


@dataclass(slots=True)
class Remaining:
    """What may still stand in the store: the values of the records that stay, and the words of their layer.

    Of the coordinates in `facts`, `vertices` and `pairs` are those that records that stay have too.
    """

    facts: Facts
    texts: bytes = b""
    vertices: set[tuple[float, float]] = field(default_factory=set)
    pairs: set[bytes] = field(default_factory=set)

    def add_edition(self, store: Store, layer: str, edition: str) -> None:
        """Take in the rows of an edition that does not hold the record."""
        table = pq.read_table(store.edition(layer, edition) / "curated.parquet")
        words = [values_of(table[name]) for name in table.column_names if name not in ("geometry", "open_geometry")]
        self.texts = b"\0".join([self.texts, *words])
        for name in {"geometry", "open_geometry"} & set(table.column_names):
            self._add_shapes(shapely.from_wkb(table[name].to_numpy(zero_copy_only=False)))

    def add_rendition(self, rendition: Rendition) -> None:
        """Take in the description of a rendition that does not hold the record, and the coordinates of its rows.

        Records in one square of a grid have the same corners. The rows are read, not the files: what lies in a file
        and belongs to no row of it is still found.
        """
        described = rendition.description.model_dump_json().encode()
        self.texts = b"\0".join([self.texts, described])
        self._add_pairs(described)
        rows = np.arange(rendition.count)
        for system in MAPPED.values():
            self._add_pairs(b"\0".join(bytes(text) for text in rendition.features(system.uri, rows)))
        if rendition.geometry_type != "none":
            self._add_shapes(rendition.geometries(rows))

    def _add_pairs(self, text: bytes) -> None:
        self.pairs |= {each for each in self.facts.pairs - self.pairs if Needle("", each, word=True).found_in(text)}

    def _add_shapes(self, shapes: Any) -> None:
        """Take in vertices, and corners of bounds: those of several squares may be no vertex."""
        wanted = np.array(sorted(self.facts.vertices - self.vertices)).reshape(-1, 2)
        there = np.concatenate([shapely.get_coordinates(shapes), shapely.bounds(shapes).reshape(-1, 2)])
        # An x and a y together are one number, so that pairs are compared.
        found = wanted[np.isin(wanted @ [1, 1j], there @ [1, 1j])]
        self.vertices.update((x, y) for x, y in found.tolist())


def needles_of(remaining: Remaining) -> tuple[Needle, ...]:
    """What to search for: all that is known of the record, less what stands in others too."""
    facts = remaining.facts
    found = [Needle("the digest of its id", id_digest(facts.record_id).to_bytes(8, "little"))]
    found += [Needle("the digest of its text", each) for each in sorted(facts.digests)]
    long_id = len(facts.record_id) >= (LEAST_DIGITS if facts.record_id.isdigit() else LEAST_LETTERS)
    words = [("its id", facts.record_id)] * long_id
    words += [("a value", each) for each in sorted(facts.texts)]
    words += [("a number", each) for each in sorted(facts.numbers)]
    for what, text in words:
        # In JSON some letters are written otherwise.
        written = sorted({text.encode(), orjson.dumps(text)[1:-1]})
        needles = [Needle(what, each, word=True) for each in written]
        if not any(each.found_in(remaining.texts) for each in needles):
            found += needles
    for vertex in sorted(facts.vertices):
        if vertex not in remaining.vertices:
            found.append(Needle("a coordinate", _packed(vertex)))
    found += [Needle("a coordinate", each, word=True) for each in sorted(facts.pairs - remaining.pairs)]
    return tuple(found)


def values_of(column: Any) -> bytes:
    """The texts, numbers or bytes of a column, one after the other, each followed by a null byte."""
    return b"".join(part + b"\0" for part in _parts(column))


def _parts(column: Any) -> Iterator[bytes]:
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else (column,):
        # A dictionary may hold values that no row has any more.
        values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        while pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
            values = values.flatten()
        if not any(is_kind(values.type) for is_kind in SEARCHED):
            continue
        for value in values.to_pylist():
            if value is not None:
                yield value if isinstance(value, bytes) else str(value).encode()


def _first(found: Iterable[Any]) -> list[Any]:
    """A few of many, spread over all of them."""
    listed = [tuple(each) if isinstance(each, list) else each for each in found]
    if not listed:
        return []
    return [listed[place] for place in np.unique(np.linspace(0, len(listed) - 1, MOST_VERTICES).astype(int)).tolist()]


def _packed(vertex: Any) -> bytes:
    """A vertex as it stands in WKB, Shapefile and arrays: two float64, little-endian."""
    return struct.pack("<dd", vertex[0], vertex[1])
