"""The conformance classes that are kept here, and nothing else."""

from __future__ import annotations

from hantsmap.filters import CONFORMANCE as CQL2

_PART = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}"

CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(_PART.format(1, name) for name in ("core", "geojson", "html", "oas30")),
    _PART.format(2, "crs"),
    *(_PART.format(3, name) for name in ("queryables", "filter", "features-filter")),
    *(_PART.format(5, name) for name in ("schemas", "core-roles-features", "returnables-and-receivables",
                                    "queryables")),
    *(f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}" for name in (
        "core", "tileset", "tilesets-list", "geodata-tilesets", "dataset-tilesets", "collections-selection", "mvt",
        "oas30")),
    *(f"http://www.opengis.net/spec/tms/2.0/conf/{name}" for name in (
        "tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata")),
    *CQL2,
)
