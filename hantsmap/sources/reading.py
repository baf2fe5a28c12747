"""One reading from end to end: find the bytes, read them, join, rename, choose rows, place them, and account for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hantsmap.findings import Finding, Kind
from hantsmap.layer import Join, Layer
from hantsmap.sources import Raw, archive, coordinates, database, places, reference, remote, selection, table, vector
from hantsmap.sources.case import Case, in_words
from hantsmap.sources.frames import Reading, located
from hantsmap.sources.join import joined, unmatched_geometry


def read(layer_id: str, layer: Layer, *, data: Path, cache: Path, extent: selection.Extent) -> Raw:
    """See `hantsmap.sources.read`."""
    cache.mkdir(parents=True, exist_ok=True)
    case, reading, provenance = _from_its_place(layer_id, layer, data, cache)
    frame, findings = reading.frame, list(reading.findings)
    unmatched, join = None, layer.source.join
    to = ""
    if join:
        rows, more, provenance["join"] = _joined_table(case, join, data)
        whole = joined(case, frame, rows, join)
        frame, unmatched, to = whole.frame, whole.unmatched, whole.to
        findings += [*more, *whole.findings]
    chosen, notes = _ours(case, frame)
    if layer.source.clip:
        chosen, clipped = _clipped(case, chosen, extent)
        findings += clipped
    if join and unmatched is not None:
        rest, _ = _ours(case, unmatched)
        rest = selection.inside(rest, extent) if layer.source.clip else rest
        findings += unmatched_geometry(case, rest, case.ours(to), join.file)
    numbers = [int(number) for number in chosen.index]
    kept = {position: notes[number] for position, number in enumerate(numbers) if number in notes}
    return Raw(chosen.reset_index(drop=True), findings, provenance, numbers, kept)


def _from_its_place(layer_id: str, layer: Layer, data: Path, cache: Path) -> tuple[Case, Reading, dict[str, Any]]:
    source = layer.source
    if source.postgis:
        case = Case(layer_id, layer, database.shown(source), cache)
        reading, provenance = database.read(case)
        return case, reading, provenance
    if source.url:
        case = Case(layer_id, layer, remote.shown(source.url), cache)
        with in_words(case):
            fetched = remote.fetch(layer_id, source, cache)
            reading = _read_file(case, fetched.path)
        about = {"fetched_at": fetched.fetched_at, "etag": fetched.etag, "modified": fetched.modified}
        return case, reading, _account(case, reading, fetched.sha256, fetched.bytes) | about
    file = source.file or ""
    case = Case(layer_id, layer, file, cache)
    with in_words(case):
        path = places.found(layer_id, file, data)
        reading, provenance = _hashed(case, path, lambda: _read_file(case, path))
    return case, reading, provenance


def _hashed(case: Case, path: Path, reader: Any) -> tuple[Reading, dict[str, Any]]:
    """Reads files and their hash, and makes sure that both are of the same bytes."""
    before = {part: places.stamp(part) for part in places.parts(path)}
    root = path if path.is_dir() else path.parent
    sha256 = places.combined([(part.relative_to(root).as_posix(), places.sha256_of(part)) for part in before])
    reading = reader()
    if error := places.unchanged(case.layer_id, case.place, before, path):
        raise error
    about = _account(case, reading, sha256, sum(stamp.size for stamp in before.values()))
    return reading, about | {"modified": places.modified(list(before))}


def _account(case: Case, reading: Reading, sha256: str, size: int) -> dict[str, Any]:
    return {
        "place": case.place,
        "driver": reading.driver,
        "sha256": sha256,
        "bytes": size,
        "rows_read": len(reading.frame),
    }


def _read_file(case: Case, path: Path) -> Reading:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with archive.unpacked(case, path) as inner:
            reading = _read_file(case.at(f"{case.place}/{inner.name}"), inner)
            return Reading(reading.frame, f"{reading.driver} in zip", reading.findings)
    if suffix in places.TABLES:
        return table.read(case, path, encoding=case.source.encoding, sheet=_sheet(case, path))
    return vector.read(case, path)


def _sheet(case: Case, path: Path) -> str | None:
    # In an archive `layer` may have been the name of the file; it is then not also the name of a sheet.
    return None if case.source.layer in (path.stem, path.name) else case.source.layer


def _joined_table(case: Case, join: Join, data: Path) -> tuple[pd.DataFrame, list[Finding], dict[str, Any]]:
    there = case.at(join.file)
    with in_words(there):
        path = places.found(case.layer_id, join.file, data)
        if path.suffix.lower() not in places.TABLES:
            raise there.fault("cannot be joined. A joined table is CSV or Excel.")
        reading, about = _hashed(there, path, lambda: table.read(there, path, encoding=join.encoding, sheet=join.sheet))
    return reading.frame, reading.findings, about


def _ours(case: Case, frame: pd.DataFrame) -> tuple[gpd.GeoDataFrame, coordinates.Notes]:
    """Our columns and our rows, with their geometry, and notes by the row's number in the source."""
    chosen = selection.wanted(case, selection.renamed(case, frame))
    if case.layer.geometry == "none":
        return located(chosen, np.full(len(chosen), None, dtype=object), reference.GRID), {}
    if isinstance(frame, gpd.GeoDataFrame):
        return located(chosen, chosen["geometry"].to_numpy(), frame.crs), {}
    return coordinates.placed(case, chosen)


def _clipped(case: Case, frame: gpd.GeoDataFrame, extent: selection.Extent) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    kept = selection.inside(frame, extent)
    gone = len(frame) - len(kept)
    if not gone:
        return kept, []
    sentence = f"{gone:,} of {len(frame):,} rows of {case.place} lie outside the registry's extent and are left out."
    return kept, [case.finding("outside-clip", Kind.DROPPED, sentence)]
