"""Which form of an answer is wanted: `f` decides, else the Accept header, else JSON."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MIMEAccept

from hantsmap.errors import QueryError

JSON, HTML, CSV = "json", "html", "csv"


def chosen_form(offered: tuple[str, ...]) -> str:
    """One of the offered forms. Raises QueryError when `f` names another."""
    wanted = request.args.get("f")
    if wanted is not None:
        if wanted not in offered:
            raise QueryError(f"f `{wanted}` is not offered here. Choose one of {', '.join(offered)}.", "f")
        return wanted
    return HTML if HTML in offered and wants_html() else JSON


def wants_html() -> bool:
    """Whether the client prefers a page, as browsers do and QGIS, GDAL and curl do not."""
    if request.args.get("f") is not None:
        return request.args["f"] == HTML
    accept: MIMEAccept = request.accept_mimetypes
    page = accept["text/html"]
    return page > 0 and page > max(accept["application/json"], accept["application/geo+json"])
