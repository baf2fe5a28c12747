"""Features on the wire: a page of items and one item, as GeoJSON, CSV and HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
import orjson

from hantsmap import crs
from hantsmap.catalogue import Catalogue, Entry
from hantsmap.changes import Version
from hantsmap.errors import VersionGoneError
from hantsmap.query import Page as Found
from hantsmap.query import Query, ask, csv_rows, feature_text, texts
from hantsmap.query.asking import check_known
from server import links, replies, views
from server.answer import Answer, Slices
from server.doorkeeper import Reading
from server.errors import NotFound
from server.modified import dated, last_modified
from server.negotiation import CSV, GEOJSON, HTML, JSON, chosen_form
from server.versions import neighbours, older_version
from server.visit import Visit

ONE_PARAMETERS = ("f", "crs")
FORMS, ONE_FORMS = (JSON, HTML, CSV), (JSON, HTML)
MEDIA_TYPES = {JSON: links.GEOJSON, HTML: views.CONTENT_TYPE, CSV: "text/csv; charset=utf-8"}
# GeoJSON is the JSON of features: `f=geojson` is what many clients send.
OTHER_NAMES = {GEOJSON: JSON}
# Excel reads a CSV file as UTF-8 only when it begins with this.
BYTE_ORDER_MARK = "\ufeff"
# A person reads a page; a program reads a thousand features.
HTML_LIMIT = "100"
# More bytes than this take long to compress, or to put together: others wait meanwhile.
MOST_AT_ONCE = 1 << 20


class Place(NamedTuple):
    """Where features are: a layer, and the id of one feature or None for a page of them."""

    layer: str
    feature_id: str | None


def answer(visit: Visit, asked: Place) -> Answer:
    """What is at a place, for this viewer."""
    found = entry(visit.catalogue, asked.layer)
    request = visit.request
    form = chosen_form(request, FORMS if asked.feature_id is None else ONE_FORMS, OTHER_NAMES)
    older = older_version(visit, found) if asked.feature_id is None else None
    question: Page | One = Page.of(visit, found, form, older) if older else visit.served.understood(
        (found.rendition.id, found.sequence, visit.base, form, asked.feature_id, request.query),
        lambda: _understood(visit, found, form, asked.feature_id))
    # A page for people shows more than the layer: its date says nothing of that.
    modified = last_modified([found]) if form != HTML else None
    unchanged = replies.not_modified(visit, question.tag, modified)
    made = question.answer(visit, found) if unchanged is None else unchanged
    made.headers.append(question.content_crs)
    return dated(made, modified)


def _understood(visit: Visit, entry: Entry, form: str, feature_id: str | None) -> Page | One:
    """The request, read for the first time. Reading a filter may take long: its geometries are cut and transformed."""
    if visit.request.first("filter") is not None:
        visit.takes_long()
    return Page.of(visit, entry, form) if feature_id is None else One.of(visit, entry, form, feature_id)


def entry(catalogue: Catalogue, layer: str) -> Entry:
    """The viewer's entry for a layer. A hidden layer and one that never existed are the same: not there.

    Raises NotFound, and UnavailableError where the viewer may see the layer and it cannot be served now.
    """
    found = catalogue.entry(layer)
    if found is None:
        raise NotFound(f"There is no collection `{layer}` here. The collections are listed at /collections.")
    return found


@dataclass(slots=True)
class Page:
    """A request for a page of items (OGC 17-069, 7.15), understood: whoever asks it, the answer is the same."""

    form: str
    linked: dict[str, str]
    query: Query
    tag: str
    content_crs: tuple[str, str]
    sequence: int
    older: Version | None = None
    searched: bool = False
    opening: bytes = b""

    @classmethod
    def of(cls, visit: Visit, entry: Entry, form: str, older: Version | None = None, *, searched: bool = False) -> Page:
        """Read the parameters, of an older version if one is given.

        Links of a page that is `searched` lead to `/search`, and carry what its address has.

        Raises QueryError for the first parameter that cannot be meant.
        """
        asked = visit.request.parameters
        query = ask((older or entry).rendition, {"limit": HTML_LIMIT, **asked} if form == HTML else asked)
        # An older version leaves out what is withheld now: its answer depends on both. Links name the sequence.
        versions = (older.rendition.id, str(older.sequence)) if older else ()
        tag = replies.etag(visit, entry.rendition.id, str(entry.sequence), visit.base, form, *versions,
                           *(f"{name}={asked[name]}" for name in sorted(asked)))
        linked = visit.request.address_parameters if searched else asked
        return cls(form, linked, query, tag, content_crs(query.crs), (older or entry).sequence, older, searched)

    def answer(self, visit: Visit, entry: Entry) -> Answer:
        """Find the features, and send them in the form that was asked for."""
        if self.form != JSON or not entry.reader.at_hand(self.query, MOST_AT_ONCE):
            if visit.request.method == "HEAD":
                return self._named(entry, replies.unsent(visit, MEDIA_TYPES[self.form], self.tag))
            visit.takes_long()
        found = self._found(entry)
        visit.read = Reading(entry, len(found.positions), "items")
        shown = replace(entry, reader=self.older.reader) if self.older else entry
        if self.form == CSV:
            text = BYTE_ORDER_MARK + "".join(csv_rows(shown.rendition, self.query, found.positions))
            return self._named(entry, replies.reply(visit, text.encode(), MEDIA_TYPES[CSV], self.tag))
        if self.form == HTML:
            drawn = views.items(visit, shown, self.query, found, self._links(visit.base, entry, found))
            return replies.reply(visit, drawn, views.CONTENT_TYPE, self.tag)
        self.opening = self.opening or self._opening(visit.base, entry, found)
        written = self.older.texts(self.query, np.asarray(found.positions, np.intp)) if self.older \
            else texts(entry.rendition, self.query, found.positions)
        body = Slices.of(self.opening, *written, b"]}")
        return replies.reply(visit, body, links.GEOJSON, self.tag)

    def _named(self, entry: Entry, answer: Answer) -> Answer:
        """The response, with the name of the file where it is CSV."""
        if self.form == CSV:
            answer.set("content-disposition", f'inline; filename="{entry.layer}.csv"')
        return answer

    def _found(self, entry: Entry) -> Found:
        """The features of the page. Raises VersionGoneError for a page that cannot be shown any more."""
        if self.older is None:
            return entry.reader.page(self.query)
        found = self.older.page(self.query)
        if self.form != JSON and not self.older.as_it_was(np.asarray(found.positions, np.intp)):
            raise VersionGoneError(entry.layer, self.sequence, entry.sequence)
        return found

    def _opening(self, base: str, entry: Entry, found: Found) -> bytes:
        """What stands before the features in a FeatureCollection."""
        head = orjson.dumps({
            "type": "FeatureCollection", "numberMatched": found.matched, "numberReturned": len(found.positions),
            "attribution": entry.rendition.description.attribution, "links": self._links(base, entry, found)})
        return head[:-1] + b"," + crs_member(self.query.crs) + b'"features":['

    def _links(self, base: str, entry: Entry, found: Found) -> list[dict[str, Any]]:
        here = f"{base}/collections/{quote(entry.layer)}"
        pages = links.search_links if self.searched else links.item_links
        return pages(here, self.linked, neighbours(self.sequence, self.query, found, self.older))


@dataclass(frozen=True, slots=True)
class One:
    """A request for one item (OGC 17-069, 7.16), understood."""

    form: str
    system: crs.Crs
    position: int
    tag: str
    content_crs: tuple[str, str]
    ending: bytes

    @classmethod
    def of(cls, visit: Visit, entry: Entry, form: str, feature_id: str) -> One:
        """Read the parameters and find the feature. Raises QueryError, and NotFound."""
        asked = visit.request.parameters
        check_known(asked, ONE_PARAMETERS)
        system = crs.named(asked["crs"], "crs") if "crs" in asked else crs.CRS84
        position = entry.rendition.position(feature_id)
        if position is None:
            raise NotFound(f"There is no feature `{feature_id}` in {entry.layer}.")
        tag = replies.etag(visit, entry.rendition.id, visit.base, form, system.uri, feature_id)
        here = f"{visit.base}/collections/{quote(entry.layer)}"
        address = f"{here}/items/{quote(feature_id, safe='')}"
        if "crs" in asked:
            address += f"?crs={quote(asked['crs'], safe=',:/')}"
        told = orjson.dumps([*links.itself(address, links.GEOJSON),
                             links.link(here, "collection", links.JSON, entry.rendition.description.title)])
        ending = b"," + crs_member(system) + b'"links":' + told + b"}"
        return cls(form, system, position, tag, content_crs(system), ending)

    def answer(self, visit: Visit, entry: Entry) -> Answer:
        """Send the feature in the form that was asked for."""
        if self.form != JSON or not entry.rendition.has_texts(self.system.uri):
            visit.takes_long()
        visit.read = Reading(entry, 1, "item")
        # The text of a feature ends with the bracket of its object: what is told beside it goes before that.
        text = feature_text(entry.rendition, self.position, self.system)[:-1] + self.ending
        if self.form == HTML:
            drawn = views.item(visit, entry, self.position, orjson.loads(text))
            return replies.reply(visit, drawn, views.CONTENT_TYPE, self.tag)
        return replies.reply(visit, text, links.GEOJSON, self.tag)


@lru_cache
def content_crs(system: crs.Crs) -> tuple[str, str]:
    """The header that says which reference system the coordinates are in (OGC 18-058r1, requirement 16)."""
    return "content-crs", f"<{system.uri}>"


@lru_cache
def crs_member(system: crs.Crs) -> bytes:
    """The `crs` member, with a comma after it; nothing for longitude and latitude.

    Dropped from GeoJSON in 2016; geopandas labels projected coordinates as longitudes without it.
    """
    if system in (crs.CRS84, crs.EPSG4326):
        return b""
    return b'"crs":' + orjson.dumps({"type": "name", "properties": {"name": system.urn}}) + b","
