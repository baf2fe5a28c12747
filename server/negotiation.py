"""Which form of a resource the client wants: `f` decides, else the Accept header, else the first form offered."""

from __future__ import annotations

from collections.abc import Mapping

from hantsmap.errors import QueryError
from server.request import Request

JSON, HTML, CSV, NDJSON, GEOJSON = "json", "html", "csv", "ndjson", "geojson"
# The media types of each form, in `f` and in Accept. Forms of one resource only (mvt, tilejson) are chosen by `f`.
MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    JSON: ("application/json", "application/geo+json", "application/schema+json", "application/vnd.oai.openapi+json"),
    HTML: ("text/html", "application/xhtml+xml"),
    CSV: ("text/csv",),
    NDJSON: ("application/x-ndjson", "application/ndjson"),
    GEOJSON: ("application/geo+json",),
    "mvt": ("application/vnd.mapbox-vector-tile",),
}
NO_OTHER_NAMES: Mapping[str, str] = {}


def chosen_form(request: Request, offered: tuple[str, ...], other_names: Mapping[str, str] = NO_OTHER_NAMES) -> str:
    """One of the offered forms.

    `f` takes the name of a form or one of its media types; `other_names` are further names that a resource takes.
    Raises QueryError when `f` names a form that is not offered.
    """
    wanted = request.first("f")
    if wanted is None:
        return _accepted(request, offered)
    form = _named(wanted, offered) or other_names.get(wanted)
    if form is None:
        request.parameters  # noqa: B018 - reports an `f` that is given twice
        raise QueryError(f"f `{wanted}` is not offered here. Choose one of {', '.join(offered)}.", "f")
    return form


def _named(wanted: str, offered: tuple[str, ...]) -> str | None:
    if wanted in offered:
        return wanted
    # In a query, the plus of `application/geo+json` stands for a space.
    media_type = wanted.partition(";")[0].strip().lower().replace(" ", "+")
    return next((form for form in offered if media_type in MEDIA_TYPES.get(form, ())), None)


def _accepted(request: Request, offered: tuple[str, ...]) -> str:
    """The form that the client gives the highest weight; of several, the first that is offered."""
    header = request.headers.get("accept")
    if not header or header == "*/*" or len(offered) == 1:
        return offered[0]
    accepts = request.accepts
    weights = [max((accepts[each] for each in MEDIA_TYPES.get(form, ())), default=0) for form in offered]
    return offered[weights.index(max(weights))]


def wants_html(request: Request) -> bool:
    """Whether the client prefers a page, as browsers do and QGIS, GDAL and curl do not."""
    wanted = request.first("f")
    if wanted is not None:
        return _named(wanted, (HTML,)) == HTML
    return "html" in (request.headers.get("accept") or "") and _accepted(request, (JSON, HTML)) == HTML
