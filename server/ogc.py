"""The routes of OGC API Features: the whole address space on one screen. Each view finds, asks and answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response
from werkzeug.routing import BaseConverter

from hantsmap.catalogue import Catalogue, Entry
from hantsmap.query.asking import check_known
from server import items, links, replies, views
from server.atlas import BASE
from server.errors import NotFound
from server.negotiation import HTML, JSON, chosen_form

blueprint = Blueprint("ogc", __name__)
get = blueprint.get


class FeatureId(BaseConverter):
    """An id in an address: anything, slashes too, as codes of rights of way have them."""

    regex = ".+"
    part_isolating = False


def entry(layer: str, catalogue: Catalogue | None = None) -> Entry:
    """The viewer's entry for a layer. A hidden layer and one that never existed are the same: not there."""
    found = (catalogue or replies.catalogue()).entries.get(layer)
    if found is None:
        raise NotFound(f"There is no collection `{layer}` here. The collections are listed at /collections.")
    return found


def document(name: str, kind: str, make: Callable[[], dict[str, Any]], *, version: str,
             extra: Callable[[], dict[str, Any]] = dict, entry: Entry | None = None) -> Response:
    """A document as JSON or as the page `name`. `version` changes whenever the document does."""
    check_known(items.given(), ("f",))
    form, base = chosen_form((JSON, HTML)), replies.base_url()
    tag = replies.etag(name, form, base, version)
    unchanged = replies.not_modified(tag)
    if unchanged is not None:
        return unchanged
    body = orjson.dumps(make()).replace(BASE.encode(), base.encode())
    if form == HTML:
        return replies.reply(views.document(name, orjson.loads(body), entry, **extra()), views.CONTENT_TYPE, tag)
    return replies.reply(body, kind, tag)


@get("/")
def landing() -> Response:
    documents = replies.documents()
    return document("landing", links.JSON, lambda: documents.landing, version=documents.version,
                    extra=lambda: {"collections": documents.collections["collections"]})


@get("/conformance")
def conformance() -> Response:
    documents = replies.documents()
    return document("conformance", links.JSON, lambda: documents.conformance, version=documents.version)


@get("/openapi")
def openapi() -> Response:
    documents = replies.documents()
    return document("api", links.OPENAPI, lambda: documents.openapi, version=documents.version,
                    extra=lambda: {"collections": documents.collections["collections"]})


@get("/collections")
def collections() -> Response:
    documents = replies.documents()
    return document("collections", links.JSON, lambda: documents.collections, version=documents.version)


@get("/collections/<layer>")
def collection(layer: str) -> Response:
    documents = replies.documents()
    found = entry(layer, documents.catalogue)
    return document("collection", links.JSON, lambda: documents.collection(layer), version=documents.version + layer,
                    extra=lambda: {"sketch": views.overview(found)}, entry=found)


@get("/collections/<layer>/schema")
def schema(layer: str) -> Response:
    documents = replies.documents()
    found = entry(layer, documents.catalogue)
    return document("schema", links.SCHEMA, lambda: documents.schema(layer), version=found.rendition.id, entry=found)


@get("/collections/<layer>/queryables")
def queryables(layer: str) -> Response:
    documents = replies.documents()
    found = entry(layer, documents.catalogue)
    return document("queryables", links.SCHEMA, lambda: documents.queryables(layer), version=found.rendition.id,
                    entry=found)


@get("/collections/<layer>/items")
def page_of_items(layer: str) -> Response:
    return items.page(entry(layer))


@get("/collections/<layer>/items/<id:feature_id>")
def one_item(layer: str, feature_id: str) -> Response:
    return items.one(entry(layer), feature_id)
