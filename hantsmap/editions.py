"""Editions: one immutable curated copy of a layer, with its provenance and findings, named by its content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from hantsmap.curate import Curated
from hantsmap.curate.shapes import Shapes
from hantsmap.curate.values import ARROW
from hantsmap.errors import DamagedError
from hantsmap.findings import Finding, Kind
from hantsmap.layer import Field, Layer
from hantsmap.store import Store, files, now


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition as read back: its id, its rows, and the curated layer."""

    id: str
    rows: int
    curated: Curated


def keep_edition(store: Store, name: str, layer: Layer, curated: Curated, provenance: Mapping[str, Any]) -> Edition:
    """Keep a curated layer in the store. The same content is the same edition, and is kept once."""
    table, metadata = curated.table, {}
    if curated.shapes is not None:
        geometry = pa.array(shapely.to_wkb(curated.shapes, flavor="iso"), pa.binary())
        table = table.append_column("geometry", geometry)
        metadata["geo"] = json.dumps(_geoparquet(layer))
    if curated.open_shapes is not None:
        table = table.append_column("open_geometry", pa.array(shapely.to_wkb(curated.open_shapes), pa.binary()))
    edition = keep_table(store, name, table.replace_schema_metadata(metadata), {
        "layer": name, "rows": len(table), "made_at": now(),
        "fields": {field: spec.model_dump(mode="json") for field, spec in curated.fields.items()},
        "geometry": layer.geometry, "provenance": dict(provenance),
        "findings": [finding.as_dict() for finding in curated.findings]})
    return Edition(edition, len(curated.table), curated)


def keep_table(store: Store, name: str, table: pa.Table, record: Mapping[str, Any]) -> str:
    """Keep a table, with its geometry as WKB, as an edition with this record; its id, which is made anew."""
    with files.saying_why(f"keeping {name}", files.keeps(name)), store.making() as making:
        pq.write_table(table.combine_chunks(), making / "curated.parquet", compression="zstd")
        facts = files.digests(making, but="edition.json")
        # Where the rows came from, in which order and when is told in the record and is not part of the name.
        told = sorted(json.dumps(finding, sort_keys=True) for finding in record["findings"])
        content = json.dumps([facts, record["fields"], told, record["geometry"]], sort_keys=True)
        edition = sha256(content.encode()).hexdigest()[:24]
        files.write_record(making / "edition.json", {**record, "id": edition, "files": facts})
        files.settle(making, store.edition(name, edition), "edition.json")
    return edition


def _geoparquet(layer: Layer) -> dict[str, Any]:
    """GeoParquet 1.1 metadata: any reader of that format opens an edition."""
    import pyproj

    crs = pyproj.CRS.from_epsg(27700).to_json_dict()
    return {"version": "1.1.0", "primary_column": "geometry",
            "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": crs}}}


def record_of(store: Store, name: str, edition: str) -> dict[str, Any]:
    """The record of an edition: rows, made-at, provenance, findings. Raises DamagedError when it is not readable."""
    return files.read_record(store.edition(name, edition) / "edition.json")


def findings_of(record: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings kept with an edition."""
    return tuple(Finding(**{**kept, "kind": Kind(kept["kind"])}) for kept in record["findings"])


def edition_of(store: Store, name: str, edition: str) -> Edition | None:
    """Read an edition back, its digests checked; None when it is damaged or gone."""
    folder = store.edition(name, edition)
    try:
        record = files.whole(folder, "edition.json")
    except DamagedError:
        return None
    table = pq.read_table(folder / "curated.parquet")
    found: dict[str, Shapes | None] = {"geometry": None, "open_geometry": None}
    for column in found.keys() & set(table.column_names):
        found[column] = np.asarray(shapely.from_wkb(table[column].to_numpy()))
        table = table.drop_columns([column])
    fields = {field: Field.model_validate(spec) for field, spec in record["fields"].items()}
    # Parquet calls the values of a list by another name than Arrow does.
    table = table.cast(pa.schema([("id", table.schema.field("id").type),
                                  *((name, ARROW[field.type]) for name, field in fields.items())]))
    curated = Curated(fields, table, found["geometry"], findings_of(record), found["open_geometry"])
    return Edition(edition, record["rows"], curated)
