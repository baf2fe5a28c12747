"""One pygeoapi API object per audience, holding only that audience's layers: a hidden layer is in no document of it."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from pygeoapi.api import API, APIRequest, describe_collections, get_collection_schema, landing_page
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from hantsmap import crs
from hantsmap.catalogue import Catalogue
from hantsmap.query.asking import DEFAULT_LIMIT, MOST_LIMIT
from hantsmap.rendition import Description
from hantsmap.store import Site
from server.links import BASE


class Atlas:
    """pygeoapi's documents for one audience, as plain JSON, before `server.documents` makes them ours."""

    def __init__(self, catalogue: Catalogue, site: Site) -> None:
        self.catalogue = catalogue
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        # pygeoapi configures the root logger of its host, and takes a dict that it may change.
        self._api = API(_config(catalogue, site), {})
        root.handlers, root.level = handlers, level
        self._request = APIRequest.from_flask(
            Request(EnvironBuilder(path="/", query_string="f=json").get_environ()), self._api.locales)

    def landing_page(self) -> dict[str, Any]:
        """Title and description."""
        return _plain(landing_page(self._api, self._request))

    def collections(self) -> dict[str, Any]:
        """All collections of this audience."""
        return _plain(describe_collections(self._api, self._request))

    def schema(self, layer: str) -> dict[str, Any]:
        """Properties of a collection as JSON Schema."""
        return _plain(get_collection_schema(self._api, self._request, layer))

    def queryables(self, layer: str) -> dict[str, Any]:
        """Properties that a filter may name."""
        # It brings parsers of filters with it that take long to load, and that nothing here uses.
        from pygeoapi.api.itemtypes import get_collection_queryables

        return _plain(get_collection_queryables(self._api, self._request, layer))


def _plain(answer: tuple[Any, Any, Any]) -> dict[str, Any]:
    _, status, body = answer
    if int(status) != 200:
        raise RuntimeError(f"pygeoapi answered {int(status)}: {body}")
    plain: dict[str, Any] = orjson.loads(body)
    return plain


def _config(catalogue: Catalogue, site: Site) -> dict[str, Any]:
    return {
        "server": {
            "url": BASE, "mimetype": "application/json; charset=UTF-8", "encoding": "utf-8", "languages": ["en-GB"],
            "limits": {"default_items": DEFAULT_LIMIT, "max_items": MOST_LIMIT}, "pretty_print": False,
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": site.title, "description": site.description, "keywords": [],
                               "keywords_type": "theme", "terms_of_service": "", "url": BASE},
            "license": {"name": "", "url": BASE},
            "provider": {"name": site.publisher, "url": BASE},
            "contact": {"name": site.publisher, "email": site.contact},
        },
        "resources": {layer: _resource(entry.rendition.description) for layer, entry in catalogue.entries.items()},
    }


def _resource(description: Description) -> dict[str, Any]:
    # A table has no place of its own: the extent of the world says nothing, and OGC 17-069 allows it.
    bbox = list(description.extent_crs84 or (-180.0, -90.0, 180.0, 90.0))
    return {
        "type": "collection", "title": description.title, "description": description.description,
        "keywords": list(description.keywords), "links": [],
        "extents": {"spatial": {"bbox": bbox, "crs": crs.CRS84.uri}},
        "providers": [{
            "type": "feature", "name": "server.provider.RenditionProvider", "data": description,
            "id_field": description.key[0] if len(description.key) == 1 else None,
            "time_field": description.temporal.start if description.temporal and not description.temporal.end else None,
            "crs": [system.uri for system in crs.SERVED], "storage_crs": crs.EPSG27700.uri,
        }],
    }
