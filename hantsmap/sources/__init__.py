"""Reads a layer's raw data from wherever the registry says it is, as it came: nothing here judges or publishes it.

`read` gives the rows with what was met on the way; `fingerprint` says cheaply whether they may have changed. Importing
this package loads neither pandas nor GDAL: the readers are loaded by the first `read`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hantsmap.findings import Finding, RowNote
from hantsmap.layer import Layer

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, slots=True)
class Raw:
    """A source as it was read.

    `frame` has the geometry in the column `geometry` (x before y whatever the authority's axis order; None allowed), a
    CRS, and the publisher's values under our names. `provenance` is plain JSON: place, driver, sha256, bytes,
    rows_read, and modified, fetched_at and etag where they are known; it never holds a password. `numbers` are the
    rows' numbers in the source, counted from 1, and `notes` what was found about a row, by its position in the frame.
    """

    frame: gpd.GeoDataFrame
    findings: list[Finding]
    provenance: dict[str, Any]
    numbers: Sequence[int] = ()
    notes: Mapping[int, RowNote] = field(default_factory=dict)


def read(layer_id: str, layer: Layer, *, data: Path, cache: Path, extent: tuple[float, float, float, float]) -> Raw:
    """Rows of a layer's source. `extent` (EPSG:27700: west, south, east, north) is used where the source says `clip`.

    `data` holds the files that the registry names; `cache` is ours to write to. Raises SourceError, and DatumError
    where the source has to be clipped or converted and the National Grid cannot be transformed exactly.
    """
    from hantsmap.sources.reading import read as read_now

    return read_now(layer_id, layer, data=data, cache=cache, extent=extent)


def fingerprint(layer: Layer, *, data: Path, cache: Path) -> str:
    """A text that stays the same while the bytes of the source, and of the table joined to it, stay the same.

    It covers the data and not the registry's words about it. Files are hashed again only when their size or time
    changed; a URL is asked for with the validators of the cached copy; PostGIS computes a hash itself. Raises
    SourceError when the source cannot be reached.
    """
    from hantsmap.sources.fingerprints import of_source

    return of_source(layer, data=data, cache=cache)


def remove_unfinished(cache: Path) -> None:
    """Remove what publishers that were killed left in the cache: partial downloads, and copies of the last days.

    Only for a publisher that holds the store, because another one may be writing such files.
    """
    from hantsmap.sources.unfinished import remove

    remove(cache)


__all__ = ["Raw", "fingerprint", "read", "remove_unfinished"]
