"""The documents of one audience: pygeoapi's, made ours. Links lead to what is there, schemas name the real types."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hantsmap import crs
from hantsmap.catalogue import Catalogue, Entry
from hantsmap.downloads import offered
from hantsmap.layer import FieldType
from hantsmap.lessons import Lesson, Prepared, prepare
from hantsmap.rendition import Description
from hantsmap.store import Site
from server import links, openapi, tilesets
from server.conformance import CONFORMS_TO
from server.links import BASE
from server.schemas import json_schema

if TYPE_CHECKING:
    # pygeoapi takes half of the time of a start, and a request for features has no need of it.
    from server.atlas import Atlas

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
LISTS = (FieldType.STRINGS, FieldType.INTEGERS, FieldType.OBJECT)


class Documents:
    """Every document that one audience can ask for, with `BASE` for the address of the service.

    `waiting` is how many layers wait until an organisation has accepted their licence: they are in no document.
    """

    def __init__(self, catalogue: Catalogue, site: Site, waiting: int = 0) -> None:
        self.catalogue, self.site, self.waiting = catalogue, site, waiting
        # An edition that is restored is one that was there before: only its date is new.
        dates = (f"{entry.published:%Y%m%d%H%M%S}" for entry in catalogue.entries.values())
        self.version = "-".join((catalogue.version, *dates, *([f"and {waiting}"] if waiting else ())))
        self._kept: dict[str, bytes] = {}

        self._lessons: dict[str, Prepared] = {}
        self._preparing = threading.Lock()

    def prepare(self) -> None:
        """Make those that a client asks for first."""
        _ = self.landing, self.collections, self.openapi

    def kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A document as it is sent, made when it is first asked for."""
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = make()
        return found

    @cached_property
    def atlas(self) -> Atlas:
        """pygeoapi for this audience, made when the first document is asked for."""
        from server.atlas import Atlas

        return Atlas(self.catalogue, self.site)

    @cached_property
    def landing(self) -> dict[str, Any]:
        """Landing page (OGC 17-069, 7.2)."""
        plain = self.atlas.landing_page()
        return {"title": plain["title"], "description": plain["description"], "links": links.landing(BASE)
                + links.to_accept(BASE, self.waiting)}

    @cached_property
    def conformance(self) -> dict[str, Any]:
        """What is there, and nothing else."""
        return {"conformsTo": list(CONFORMS_TO), "links": links.itself(f"{BASE}/conformance", links.JSON)}

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """OpenAPI 3.0 document of what this audience can ask."""
        document = openapi.document(self.catalogue, self.site, BASE)
        for link in links.to_accept(BASE, self.waiting):
            document["externalDocs"] = {"url": link["href"], "description": link["title"]}
        return document

    @cached_property
    def collections(self) -> dict[str, Any]:
        """All collections (OGC 17-069, 7.13)."""
        plain = {collection["id"]: collection for collection in self.atlas.collections()["collections"]}
        found = [_collection(plain[layer], entry) for layer, entry in self.catalogue.entries.items()]
        here = links.itself(f"{BASE}/collections", links.JSON) + links.to_accept(BASE, self.waiting)
        return {"links": here, "numberMatched": len(found),
                "numberReturned": len(found), "collections": found}

    def collection(self, layer: str) -> dict[str, Any]:
        """One collection (OGC 17-069, 7.14)."""
        found: dict[str, Any] = next(each for each in self.collections["collections"] if each["id"] == layer)
        return found

    def lesson(self, lesson: Lesson) -> Prepared:
        """A lesson with the example that this audience's layers give; worked out once, though a whole class asks."""
        with self._preparing:
            known = self._lessons.get(lesson.slug)
            if known is None:
                known = self._lessons[lesson.slug] = prepare(self.catalogue, lesson)
            return known

    def schema(self, layer: str) -> dict[str, Any]:
        """Properties as served (OGC 23-058): QGIS takes its fields and geometry type from here."""
        document = self.atlas.schema(layer)
        description = self.catalogue.entries[layer].rendition.description
        document.update({"$schema": DRAFT, "$id": f"{BASE}/collections/{quote(layer)}/schema"})
        properties = {name: {**plain, "x-ogc-propertySeq": number} for number, (name, plain) in enumerate(
            ((name, plain) for name, plain in document["properties"].items() if name != "geometry"), start=1)}
        for role, name in _roles(description):
            properties[name]["x-ogc-role"] = role
        document["properties"] = _geometry_schema(description) | properties
        return document

    def queryables(self, layer: str) -> dict[str, Any]:
        """Properties that a filter may name (OGC 19-079r2, 6.2); a list that no operator takes is left out."""
        document = self.atlas.queryables(layer)
        description = self.catalogue.entries[layer].rendition.description
        document.update({"$schema": DRAFT, "$id": f"{BASE}/collections/{quote(layer)}/queryables",
                         "additionalProperties": False})
        document["properties"] = _geometry_queryable(description) | {
            name: json_schema(field, description.code_lists.get(field.codes or ""))
            for name, field in description.fields.items() if field.type not in LISTS}
        return document


def _collection(plain: dict[str, Any], entry: Entry) -> dict[str, Any]:
    description = entry.rendition.description
    document: dict[str, Any] = {name: plain[name] for name in ("id", "title", "description", "keywords", "extent",
                                                              "itemType", "crs", "storageCrs")}
    document["crs"] = [system.uri for system in crs.SERVED]
    if description.extent_crs84 is None:
        del document["extent"]
    if description.interval is not None:
        document.setdefault("extent", {})["temporal"] = {
            "interval": [[_instant(end) for end in description.interval]], "trs": GREGORIAN}
    document.update({
        "attribution": description.attribution, "license": description.licence.title, "updated":
        f"{entry.published:%Y-%m-%dT%H:%M:%SZ}", "numberOfFeatures": description.count, "steward": description.steward,
        "cadence": description.cadence, "source": description.source_name, "lineage": description.lineage,
        "captureScale": description.capture_scale, "notice": description.notice, "synthetic": description.synthetic,
        "heldBack": [held.model_dump() for held in description.held_back],
        "sequence": entry.sequence, "digest": entry.rendition.digest,
        "links": links.collection(BASE, description.layer, (description.licence.title, description.licence.url),
                                  entry.sequence if description.downloads else None,
                                  [(each.name, each.media_type, each.title) for each in offered(description)])
        + tilesets.links_of(entry),
    })
    return document


def _instant(written: str | None) -> str | None:
    return f"{written}T00:00:00Z" if written and "T" not in written else written


def _roles(description: Description) -> list[tuple[str, str]]:
    roles = [("id", description.key[0])] if len(description.key) == 1 else []
    temporal = description.temporal
    if temporal and temporal.end:
        roles += [("primary-interval-start", temporal.start), ("primary-interval-end", temporal.end)]
    elif temporal:
        roles.append(("primary-instant", temporal.start))
    return roles


def _geometry_schema(description: Description) -> dict[str, Any]:
    if description.geometry == "none":
        return {}
    return {"geometry": {"title": "Geometry", "format": f"geometry-{description.geometry.lower()}",
                         "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 0}}


def _geometry_queryable(description: Description) -> dict[str, Any]:
    if description.geometry == "none":
        return {}
    return {"geometry": {"title": "Geometry", "$ref": f"https://geojson.org/schema/{description.geometry}.json",
                         "format": f"geometry-{description.geometry.lower()}", "x-ogc-role": "primary-geometry"}}
