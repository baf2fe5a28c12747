"""What the map is told about the layers of one audience: the list of them, the names to search for, and series."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from hantsmap import names, on_map, series, symbols, tiles
from hantsmap.catalogue import Catalogue, Entry
from hantsmap.errors import QueryError
from hantsmap.query.asking import check_known
from hantsmap.rendition import Description
from server import replies
from server.answer import Answer
from server.doorkeeper import Reading
from server.errors import NotFound
from server.items import entry
from server.links import JSON
from server.negotiation import JSON as FORM
from server.negotiation import chosen_form
from server.visit import Visit

if TYPE_CHECKING:
    from hantsmap.store import Site
    from server.settings import Settings


def layers(visit: Visit) -> Answer:
    """`/map/layers.json`: all that the map has to know of the layers before it shows them."""
    documents = visit.documents
    return _document(visit, "map layers", documents.version, (),
                     lambda: layers_document(documents.catalogue, documents.site, visit.settings))


def all_names(visit: Visit) -> Answer:
    """`/map/names.json`: what can be searched for. It is read whole: what somebody types stays in their browser."""
    visit.has_read(Reading(each, each.rendition.count, "names") for each in visit.catalogue.entries.values()
                   if each.rendition.description.names)
    return _document(visit, "map names", visit.catalogue.version, (), lambda: names_document(visit.catalogue))


def layer_series(visit: Visit, layer: str) -> Answer:
    """`/collections/{layer}/series`: values of areas over time. Raises NotFound for a layer that has no series."""
    found = entry(visit.catalogue, layer)
    declared = found.rendition.description.series
    if declared is None:
        raise NotFound(f"{layer} has no series: its features are not areas with values for several years.")
    there = series.groups(found.rendition)
    group = visit.request.first("group")
    if group not in there:
        check_known(visit.request.parameters, ("f", "group"))
        said = f"group `{group}` is not a kind of area of {layer}." if group else "Say which kind of area with `group`."
        raise QueryError(f"{said} It has {', '.join(there)}.", "group")
    visit.read = Reading(found, found.rendition.count, "series")
    return _document(visit, f"series {group}", found.rendition.id, ("group",),
                     lambda: series_document(found, declared, group))


def _document(visit: Visit, name: str, version: str, known: tuple[str, ...], make: Callable[[], Any]) -> Answer:
    """A document for a program, made once for all who may see the same and kept compressed."""
    check_known(visit.request.parameters, ("f", *known))
    chosen_form(visit.request, (FORM,))
    tag = replies.etag(visit, name, version)
    unchanged = replies.not_modified(visit, tag)
    if unchanged is not None:
        return unchanged
    visit.takes_long()
    packed = visit.documents.kept(name + version, lambda: gzip.compress(orjson.dumps(make()), mtime=0))
    return replies.packed(visit, packed, JSON, tag)


def layers_document(catalogue: Catalogue, site: Site, settings: Settings) -> dict[str, Any]:
    """The layers in the order in which they are drawn, the lowest first.

    The extent is that of the lines and points of the base map: areas may reach far out to sea. Without any it is
    that of all layers.
    """
    entries = sorted(catalogue.entries.values(), key=lambda one: (one.rendition.description.map.order, one.layer))
    told = [one.rendition.description for one in entries]
    placed = [one for one in told if one.extent]
    land = [one for one in placed if one.map.base and "Polygon" not in one.geometry]
    boxes = [one.extent for one in land or placed if one.extent]
    extent = None if not boxes else [
        math.floor(min(box[0] for box in boxes)), math.floor(min(box[1] for box in boxes)),
        math.ceil(max(box[2] for box in boxes)), math.ceil(max(box[3] for box in boxes))]
    synthetic = any(one.synthetic for one in told)
    return {"title": site.title, "publisher": site.publisher, "extent": extent, "synthetic": synthetic,
            "notice": "Invented data: nothing on this map is a real place." if synthetic else None,
            "background": settings.background, "layers": [_layer(one) for one in entries]}


def _layer(found: Entry) -> dict[str, Any]:
    told = found.rendition.description
    return {
        "id": found.layer, "extent": told.extent, "title": told.title, "description": told.description,
        "group": told.map.group,
        "order": told.map.order, "base": told.map.base, "geometry": told.geometry, "count": told.count,
        "display": told.display, "key_field": told.class_field, "licence": told.licence.model_dump(),
        "attribution": told.attribution, "published": f"{found.published:%Y-%m-%dT%H:%M:%SZ}",
        "source": told.source_name, "cadence": told.cadence, "capture_scale": told.capture_scale,
        "notice": told.notice, "quality": _quality(told), "fields": _fields(told),
        "tiles": tiles.told(found.rendition), "style": symbols.openlayers(told) or None, "key": symbols.key(told),
        "series": _declared(told)}


def _quality(told: Description) -> str:
    """How good the data is, in a sentence or two for people."""
    scale = f"Drawn for use at 1:{told.capture_scale:,}. " if told.capture_scale else ""
    return f"{scale}Updated: {told.cadence[:1].lower()}{told.cadence[1:].rstrip('.')}. {told.lineage}"


def _fields(told: Description) -> dict[str, Any]:
    return {name: {"title": field.title, "type": field.type.value, "unit": field.unit,
                   "codes": dict(told.code_lists[field.codes].values) if field.codes else None}
            for name, field in told.fields.items()}


def _declared(told: Description) -> dict[str, str] | None:
    if told.series is None:
        return None
    return {"area": told.series.area, "period": told.series.period, "group": told.series.group}


def names_document(catalogue: Catalogue) -> dict[str, Any]:
    """The names of all layers, as rows of name, kind, easting, northing (EPSG:27700, metres), and what or where."""
    found = names.names(catalogue)
    there = {name.kind for name in found}
    return {"kinds": [kind for kind in on_map.KINDS if kind in there], "names": [tuple(name) for name in found]}


def series_document(found: Entry, declared: on_map.Series, group: str) -> dict[str, Any]:
    """One kind of area of a series; the values in the order of the areas, and in each of the periods."""
    rendition = found.rendition
    told = series.told(rendition, declared, group)
    fields = {name: {"title": rendition.fields[name].title, "unit": rendition.fields[name].unit}
              for name in told.values}
    return {"layer": found.layer, "title": rendition.description.title, "base_year": told.base, "area": declared.area,
            "period": declared.period, "periods": told.periods, "group": group, "groups": series.groups(rendition),
            "areas": told.areas, "fields": fields, "values": told.values}
