"""Which form of an answer is wanted: `f` decides, else the Accept header, else the first that is offered."""

from __future__ import annotations

from hantsmap.errors import QueryError
from server.request import Request

JSON, HTML, CSV, NDJSON, GEOJSON = "json", "html", "csv", "ndjson", "geojson"


def chosen_form(request: Request, offered: tuple[str, ...]) -> str:
    """One of the offered forms. Raises QueryError when `f` names another."""
    wanted = request.first("f")
    if wanted is not None:
        if wanted not in offered:
            request.parameters  # noqa: B018 - an `f` that stands twice is told of as such
            raise QueryError(f"f `{wanted}` is not offered here. Choose one of {', '.join(offered)}.", "f")
        return wanted
    return HTML if HTML in offered and wants_html(request) else offered[0]


def wants_html(request: Request) -> bool:
    """Whether the client prefers a page, as browsers do and QGIS, GDAL and curl do not."""
    wanted = request.first("f")
    if wanted is not None:
        return wanted == HTML
    if "html" not in (request.headers.get("accept") or ""):
        return False
    page = request.accepts["text/html"]
    return page > 0 and page > max(request.accepts["application/json"], request.accepts["application/geo+json"])
