"""The OpenAPI 3.0 document: what can be asked, complete in itself, without a reference to any other server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from hantsmap import __version__, crs, series
from hantsmap.catalogue import Catalogue, Entry
from hantsmap.downloads import Format, offered
from hantsmap.query.asking import DEFAULT_LIMIT, MOST_LIMIT, comparable
from hantsmap.store import Site
from server import links, openapi_licence, openapi_search, openapi_tiles, operation_ids
from server.schemas import JSON_TYPES
from server.tilesets import styles_of

FILE_URIS = [crs.EPSG27700.uri, crs.CRS84.uri]
CRS_URIS = [system.uri for system in crs.SERVED]
# What any resource may answer instead: a wrong question, credential or name, too many requests, a fault, a repair.
PROBLEMS = (400, 401, 404, 429, 500, 503)


def document(catalogue: Catalogue, site: Site, base: str) -> dict[str, Any]:
    """The document for one audience (OGC 17-069, 7.3): its collections, and no others."""
    paths: dict[str, Any] = {
        "/": _read("Landing page", "The way in", ["fDocument"], links.JSON),
        "/conformance": _read("Conformance", "Which standards are kept", ["fDocument"], links.JSON),
        "/openapi": _read("This document", "What can be asked", ["fDocument"], links.OPENAPI),
        "/collections": _read("Layers", "All layers", ["fDocument"], links.JSON),
        "/map/layers.json": _told("The layers, for the map", "What the map has to know of the layers"),
        "/map/names.json": _told("Names, for the search of the map", "Names of things, each with its place"),
        "/health": _health(),
    }
    paths |= openapi_licence.paths() | openapi_tiles.dataset_paths(_told)
    for layer, entry in catalogue.entries.items():
        paths |= _collection_paths(layer, entry) | openapi_tiles.layer_paths(layer, entry, styles_of(entry), _told)
    operation_ids.put_names(paths)
    return {
        "openapi": "3.0.3",
        "info": {"title": site.title, "description": site.description, "version": __version__,
                 "contact": {"name": site.publisher, **({"email": site.contact} if site.contact else {})}},
        "servers": [{"url": base}],
        "tags": [{"name": layer, "description": entry.rendition.description.title}
                 for layer, entry in catalogue.entries.items()],
        "paths": paths,
        "security": openapi_licence.OPTIONAL,
        "components": {"parameters": _parameters(), "schemas": _schemas() | openapi_licence.schemas(),
                       "responses": _responses(), "securitySchemes": openapi_licence.security_schemes()},
    }


def _collection_paths(layer: str, entry: Entry) -> dict[str, Any]:
    here, title = f"/collections/{quote(layer)}", entry.rendition.description.title
    items = ["fItems", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang",
             "filter-crs", "properties", "sortby", "skipGeometry", "ids", "version", "after"]
    paths = {
        here: _read(title, f"The layer {title}", ["fDocument"], links.JSON, layer),
        f"{here}/schema": _read(f"{title}: properties", "Properties as served", ["fDocument"], links.SCHEMA, layer),
        f"{here}/queryables": _read(f"{title}: what can be filtered", "Properties that a filter may name",
                                    ["fDocument"], links.SCHEMA, layer),
        f"{here}/items": _read(f"{title}: features", "A page of features", items, links.GEOJSON, layer,
                               "FeatureCollection"),
        f"{here}/items/{{featureId}}": _read(f"{title}: one feature", "One feature by its id",
                                             ["featureId", "fFeature", "crs"], links.GEOJSON, layer, "Feature"),
    }
    equalities = [_query(name, field.title, JSON_TYPES[field.type])
                  for name, field in entry.rendition.fields.items() if comparable(field)]
    paths[f"{here}/items"]["get"]["parameters"] += equalities
    paths[f"{here}/items"]["get"]["responses"]["410"] = {"$ref": "#/components/responses/Problem"}
    paths[f"{here}/search"] = openapi_search.path(title, layer, paths[f"{here}/items"]["get"]["parameters"],
                                                  _parameters())
    kinds = series.groups(entry.rendition)
    if kinds:
        group = _query("group", "Kind of area.", {"type": "string", "enum": list(kinds)}, example=kinds[0])
        paths[f"{here}/series"] = _told(f"{title}: series", "Values of the areas of one kind over time", layer, [
            {**group, "required": True}])
    formats = offered(entry.rendition.description)
    if formats:
        paths[f"{here}/changes"] = _changes(layer, entry)
        paths[f"{here}/downloads"] = _read(f"{title}: files", "The files of the layer, with their digests",
                                           ["fDocument"], links.JSON, layer, "Manifest")
        paths[f"{here}/downloads/{{file}}"] = _file(layer, title, formats, equalities)
    return paths


def _health() -> dict[str, Any]:
    content = {links.JSON: {"schema": {"$ref": "#/components/schemas/Health"}}}
    told: dict[str, Any] = {"200": "There is something to serve", "503": "There is nothing to serve"}
    answers = {status: {"description": words, "content": content} for status, words in told.items()}
    return {"get": {"summary": "Health", "description": "Whether the layers are well", "parameters": [], "responses": {
        **answers, **{str(status): {"$ref": "#/components/responses/Problem"} for status in (400, 401, 429, 500)}}}}


def _told(summary: str, description: str, tag: str | None = None,
          parameters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """A document that is there for programs alone."""
    told = _read(summary, description, [], links.JSON, tag)
    told["get"]["parameters"] = [_query("f", "The form of the answer.", {"type": "string", "enum": ["json"]}),
                                 *parameters]
    del told["get"]["responses"]["200"]["content"][links.HTML]
    return told


def _changes(layer: str, entry: Entry) -> dict[str, Any]:
    path = _read(f"{entry.rendition.description.title}: changes", "What changed since a state or a time",
                 ["since", "history", "crs", "fChanges"], links.NDJSON, layer)
    text = {"schema": {"type": "string"}}
    responses: dict[str, Any] = path["get"]["responses"]
    responses["200"]["content"] = {links.NDJSON: text, links.GEOJSON: {"schema": {"type": "object"}}}
    responses["410"] = {"$ref": "#/components/responses/Problem"}
    return path


def _file(layer: str, title: str, formats: tuple[Format, ...], equalities: list[dict[str, Any]]) -> dict[str, Any]:
    """The files of a layer: whole, or the cut that the parameters choose."""
    told = _read(f"{title}: a file", "The layer, or a part of it, as one file; made first if it is not there", [
        "crsFile", "bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "shift"], links.JSON, layer)
    operation = told["get"]
    names = [f"{layer}.{each.name}" for each in formats]
    operation["parameters"] = [
        {"name": "file", "in": "path", "required": True, "description": "The layer and the format.",
         "schema": {"type": "string", "enum": names}}, *operation["parameters"], *equalities]
    content = {each.media_type: {"schema": {"type": "object"} if each.media_type == links.GEOJSON else
                                 {"type": "string", "format": "binary"}} for each in formats}
    operation["responses"]["200"]["content"] = content
    operation["responses"] |= {"206": {"description": "The part that a range asks for", "content": content},
                               "416": {"description": "A range beyond the end"}}
    return told


def _read(summary: str, description: str, parameters: list[str], kind: str, tag: str | None = None,
          schema: str | None = None) -> dict[str, Any]:
    body = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    content: dict[str, Any] = {kind: {"schema": body}, links.HTML: {"schema": {"type": "string"}}}
    if schema == "FeatureCollection":
        content[links.CSV] = {"schema": {"type": "string"}}
    operation: dict[str, Any] = {
        "summary": summary, "description": description,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters],
        "responses": {"200": {"description": description, "content": content},
                      "304": {"description": "Nothing changed since the ETag that was sent"},
                      **{str(status): {"$ref": "#/components/responses/Problem"} for status in PROBLEMS}},
    }
    return {"get": {**operation, **({"tags": [tag]} if tag else {})}}


def _query(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    # No `style` or `explode` where a property is asked for by name: with them, QGIS rounds its numbers to six digits.
    # Eight parameters of the standards must have them (`_standard`), and QGIS leaves those alone.
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **more}


def _standard(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A parameter of OGC 17-069, 18-058r1 or 19-079r2, which ask for this style."""
    return _query(name, description, schema, style="form", explode=False, **more)


def _parameters() -> dict[str, Any]:
    system = {"type": "string", "format": "uri", "enum": CRS_URIS, "default": crs.CRS84.uri}
    text = {"type": "string"}
    return _places() | {
        "fDocument": _query("f", "The form of the answer.", {"type": "string", "enum": ["json", "html"]}),
        "fItems": _query("f", "The form of the answer, or its media type.",
                         {"type": "string", "enum": ["json", "geojson", "html", "csv"]}),
        "fFeature": _query("f", "The form of the answer, or its media type.",
                           {"type": "string", "enum": ["json", "geojson", "html"]}),
        "fChanges": _query("f", "The form of the answer.", {"type": "string", "enum": ["ndjson", "geojson"]}),
        "since": _query("since", "A sequence, 0 for the beginning, or a time with its zone.", text, example="0")
        | {"required": True},
        "history": _query("history", "Each feature once, or every state on the way.",
                          {"type": "string", "enum": ["net", "all"], "default": "net"}),
        "featureId": {"name": "featureId", "in": "path", "required": True, "description": "The feature's id.",
                      "schema": text},
        "limit": _standard("limit", "How many features at most; more than the maximum gives the maximum.",
                        {"type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": DEFAULT_LIMIT}),
        "bbox": _standard("bbox", "Only features whose geometry meets this box: four numbers in the axis order of "
                       "bbox-crs, or six with heights.",
                       {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
                       ),
        "bbox-crs": _standard("bbox-crs", "Reference system of bbox.", system),
        "crs": _standard("crs", "Reference system of the answer.", system),
        "datetime": _standard("datetime", "Only features that hold at this time or in this interval.", text,
                           example="2026-01-01/.."),
        "filter": _standard("filter", "Only features for which this CQL2 expression is true.", text),
        # `cql-text` is the name in the draft that QGIS and GDAL look for; it is read as cql2-text.
        "filter-lang": _standard("filter-lang", "Language of filter.",
                              {"type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"],
                               "default": "cql2-text"}),
        "filter-crs": _standard("filter-crs", "Reference system of coordinates in filter.", system),
        "properties": _query("properties", "Only these properties, separated by commas.", text),
        "sortby": _query("sortby", "Sort by these properties, separated by commas; a minus before one turns it round.",
                         text),
        "ids": _query("ids", "Only the features with these ids, separated by commas; an id that has a comma stands in "
                      "quotation marks.", text),
        "crsFile": _query("crs", "Reference system of the file.", {**text, "format": "uri", "enum": FILE_URIS}),
        "shift": _query("shift", "Of a drawing: easting and northing, in whole metres, to take from each coordinate.",
                        text, example="450000,100000"),
        "skipGeometry": _query("skipGeometry", "Leave geometry out.", {"type": "boolean", "default": False}),
    }


def _places() -> dict[str, Any]:
    """Parameters that say where a page is."""
    return {
        "version": _query("version", "The version that the pages are of: a sequence of the layer, the current one by "
                          "default. Links to the next page carry it.", {"type": "integer", "minimum": 1}),
        "after": _query("after", "Of a version: the page begins behind this position. Links to the next page carry it.",
                        {"type": "integer", "minimum": 0}),
        "offset": _query("offset", "How many features to pass over.",
                         {"type": "integer", "minimum": 0, "default": 0}),
    }


def _schemas() -> dict[str, Any]:
    link = {"type": "object", "required": ["href", "rel"],
            "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")}}
    linked = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
    return {
        "Link": link,
        "Feature": {
            "type": "object", "required": ["type", "id", "geometry", "properties"],
            "properties": {"type": {"type": "string", "enum": ["Feature"]},
                           "id": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                           "geometry": {"type": "object", "nullable": True},
                           "properties": {"type": "object", "nullable": True}, "links": linked}},
        "FeatureCollection": {
            "type": "object", "required": ["type", "features", "links", "numberMatched", "numberReturned"],
            "properties": {"type": {"type": "string", "enum": ["FeatureCollection"]},
                           "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
                           "numberMatched": {"type": "integer", "minimum": 0},
                           "numberReturned": {"type": "integer", "minimum": 0}, "links": linked}},
        "Manifest": {
            "type": "object", "required": ["id", "files", "updated", "licence", "attribution"],
            "properties": {"files": {"type": "array", "items": {
                "type": "object", "required": ["name", "format", "href", "bytes", "sha256", "rows", "crs", "extent"],
                "properties": {"name": {"type": "string"}, "rows": {"type": "integer", "minimum": 0},
                               "bytes": {"type": "integer", "nullable": True},
                               "sha256": {"type": "string", "nullable": True}}}}}},
        "Health": {
            "type": "object", "required": ["status", "layers", "damaged", "reasons", "datum"],
            "properties": {"status": {"type": "string", "enum": ["ok", "degraded"]}, "datum": {"type": "string"},
                           "layers": {"type": "integer"}, "damaged": {"type": "integer"},
                           "reasons": {"type": "array", "items": {"type": "string"}}}},
        "Problem": {
            "type": "object", "required": ["title", "status", "detail", "description"],
            "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                           "detail": {"type": "string"}, "description": {"type": "string"},
                           "parameter": {"type": "string"}, "licence": {"type": "string", "format": "uri"},
                           "oldest": {"type": "integer", "minimum": 0}}},
    }


def _responses() -> dict[str, Any]:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"Problem": {"description": "A sentence that says what was wrong (RFC 9457)",
                        "content": {"application/problem+json": problem, links.HTML: {"schema": {"type": "string"}}}}}
