"""The routes of OGC API Features: the whole address space on one screen. Each view finds, asks and answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from werkzeug.routing import BaseConverter

from hantsmap.catalogue import Entry
from server import changes, downloads, items, links, search, views
from server.answer import Answer
from server.bridge import getter, poster, visit
from server.items import Place, entry

blueprint = Blueprint("ogc", __name__)
get, post = getter(blueprint), poster(blueprint)


class FeatureId(BaseConverter):
    """An id in an address: anything, slashes too, as codes of rights of way have them."""

    regex = ".+"
    part_isolating = False


def document(name: str, kind: str, make: Callable[[], dict[str, Any]], *, version: str,
             extra: Callable[[], dict[str, Any]] = dict, entry: Entry | None = None) -> Answer:
    """A document as JSON or as the page `name`. `version` changes whenever the document does."""
    return views.answer(visit(), name, kind, make, version=version, extra=extra, entry=entry)


@get("/")
def landing() -> Answer:
    documents = visit().documents
    return document("landing", links.JSON, lambda: documents.landing, version=documents.version,
                    extra=lambda: {"collections": documents.collections["collections"]})


@get("/conformance")
def conformance() -> Answer:
    documents = visit().documents
    return document("conformance", links.JSON, lambda: documents.conformance, version=documents.version)


@get("/openapi")
def openapi() -> Answer:
    documents = visit().documents
    return document("api", links.OPENAPI, lambda: documents.openapi, version=documents.version,
                    extra=lambda: {"collections": documents.collections["collections"]})


@get("/collections")
def collections() -> Answer:
    documents = visit().documents
    return document("collections", links.JSON, lambda: documents.collections, version=documents.version)


@get("/collections/<layer>")
def collection(layer: str) -> Answer:
    documents = visit().documents
    found = entry(documents.catalogue, layer)
    return document("collection", links.JSON, lambda: documents.collection(layer), version=documents.version + layer,
                    extra=lambda: {"sketch": views.overview(visit(), found)}, entry=found)


@get("/collections/<layer>/schema")
def schema(layer: str) -> Answer:
    documents = visit().documents
    found = entry(documents.catalogue, layer)
    return document("schema", links.SCHEMA, lambda: documents.schema(layer), version=found.rendition.id, entry=found)


@get("/collections/<layer>/queryables")
def queryables(layer: str) -> Answer:
    documents = visit().documents
    found = entry(documents.catalogue, layer)
    return document("queryables", links.SCHEMA, lambda: documents.queryables(layer), version=found.rendition.id,
                    entry=found)


@get("/collections/<layer>/changes")
def changes_since(layer: str) -> Answer:
    return changes.answer(visit(), layer)


@get("/collections/<layer>/downloads")
def manifest(layer: str) -> Answer:
    found = entry(visit().catalogue, layer)
    listed = downloads.listed(visit(), found)
    return document("downloads", links.JSON, lambda: listed, version=downloads.version(listed), entry=found)


@get("/collections/<layer>/downloads/<name>")
def download(layer: str, name: str) -> Answer:
    return downloads.file(visit(), entry(visit().catalogue, layer), name)


@get("/collections/<layer>/items")
def page_of_items(layer: str) -> Answer:
    return items.answer(visit(), Place(layer, None))


@post("/collections/<layer>/search")
def searched(layer: str) -> Answer:
    return search.answer(visit(), layer, request.get_data())


@get("/collections/<layer>/items/<id:feature_id>")
def one_item(layer: str, feature_id: str) -> Answer:
    return items.answer(visit(), Place(layer, feature_id))
