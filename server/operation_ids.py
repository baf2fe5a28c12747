"""Names of operations in the OpenAPI document (`operationId`): one for each, unique in the document.

OGC 20-057 (requirements class "OpenAPI Specification 3.0") recognises operations on tiles by the end of their name,
such as `.collection.vector.getTile`. Names of operations on a collection begin with its id.
"""

from __future__ import annotations

from typing import Any

# By path, for paths that are no collection's.
DATASET = {
    "/": "getLandingPage",
    "/conformance": "getConformance",
    "/openapi": "getOpenApi",
    "/collections": "getCollections",
    "/map/layers.json": "getMapLayers",
    "/map/names.json": "getMapNames",
    "/health": "getHealth",
    "/me": "getMe",
    "/with-key": "useKey",
    "/licence": "getLicences",
    "/licence/{agreementId}": "acceptLicence",
    "/licence/{agreementId}/return": "confirmReturn",
    "/licence/receipts/{receiptId}": "getReceipt",
    "/tileMatrixSets": "getTileMatrixSetsList",
    "/tileMatrixSets/{tileMatrixSetId}": "getTileMatrixSet",
    "/tiles": "all.dataset.vector.getTileSetsList",
    "/tiles/{tileMatrixSetId}": "all.dataset.vector.getTileSet",
    "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": "all.dataset.vector.getTile",
}
# By what follows `/collections/{id}` in the path of a collection.
COLLECTION = {
    "": "getCollection",
    "/schema": "getSchema",
    "/queryables": "getQueryables",
    "/items": "getFeatures",
    "/items/{featureId}": "getFeature",
    "/search": "searchFeatures",
    "/series": "getSeries",
    "/changes": "getChanges",
    "/downloads": "getDownloads",
    "/downloads/{file}": "getDownload",
    "/tiles": "collection.vector.getTileSetsList",
    "/tiles/{tileMatrixSetId}": "collection.vector.getTileSet",
    "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": "collection.vector.getTile",
    "/styles": "getStyles",
    "/styles/{styleId}": "getStyle",
}


def put_names(paths: dict[str, Any]) -> None:
    """Give each operation its name. Raises KeyError for a path that has no name here; each path has one operation."""
    for path, item in paths.items():
        (operation,) = item.values()
        operation["operationId"] = _name(path)


def _name(path: str) -> str:
    if not path.startswith("/collections/"):
        return DATASET[path]
    _, _, layer, *rest = path.split("/")
    return f"{layer}.{COLLECTION[''.join(f'/{step}' for step in rest)]}"
