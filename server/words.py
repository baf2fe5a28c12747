"""How values are written for people: numbers, dates, codes with their words, and what may become a link.

Every value is hostile until escaped, and only http(s) addresses link.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup, escape

Json = Mapping[str, Any]

# What HTML may not contain, and what would otherwise let a value break a page: control and unpaired characters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
ADDRESS = re.compile(r"https?://[^\s<>\"'`\\\x00-\x1f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
NOTHING = Markup('<span aria-hidden="true">–</span><span class="hidden">no value</span>')
GEOMETRIES = {
    "point": "Points", "multipoint": "Points", "linestring": "Lines", "multilinestring": "Lines", "polygon": "Areas",
    "multipolygon": "Areas", "point-or-multipoint": "Points", "linestring-or-multilinestring": "Lines",
    "polygon-or-multipolygon": "Areas", "any": "Any geometry", "none": "None: this layer is a table",
}


def printable(value: Any) -> Any:
    """Text with what cannot be printed replaced by a visible mark."""
    return type(value)(UNPRINTABLE.sub("\ufffd", value)) if isinstance(value, str) else value


def commas(number: float) -> str:
    """`2413` as `2,413`; at most six significant decimals."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6f}".rstrip("0").rstrip(".")


def long_date(text: str) -> str:
    """An ISO date as `21 November 2026`; a time of day follows in British time. Text that is neither is kept."""
    try:
        if len(text) <= 10:
            plain = date.fromisoformat(text)
            return f"{plain.day} {plain:%B %Y}"
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(_zone())
    except (ValueError, OverflowError):
        return text
    clock = f"{moment.hour % 12 or 12}:{moment:%M}".removesuffix(":00")
    return f"{moment.day} {moment:%B %Y}, {clock}{'am' if moment.hour < 12 else 'pm'}"


def day(text: str) -> str:
    """The British day of an ISO date or time, `21 November 2026`."""
    return long_date(text).partition(",")[0]


@cache
def _zone() -> tzinfo:
    try:
        return ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:  # a bare Windows or container has no time zones
        return UTC


def address(value: Any) -> str | None:
    """The value if it is a plain http(s) address, the only thing that ever becomes a link to elsewhere."""
    return value if isinstance(value, str) and len(value) < 2_000 and ADDRESS.fullmatch(value) else None


def reach(contact: str | None) -> str | None:
    """Where a link to the people in charge leads: a web address or an e-mail address, and nothing else."""
    if address(contact) or not contact:
        return contact
    return f"mailto:{contact}" if re.fullmatch(r"[\w.+-]+@[\w.-]+", contact, re.ASCII) else None


def quoted(text: str) -> str:
    """Text as one argument of a POSIX shell, in double quotes."""
    return '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"'


def html_url(href: str) -> str:
    """The same address, asking for the HTML page. Anything but http(s) or a path is replaced by a harmless `#`."""
    parts = urlsplit(href)
    if not re.match(r"https?://|/(?!/)|\?", href):
        return "#"
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "f"]
    return urlunsplit(parts._replace(query=urlencode([*asked, ("f", "html")])))


def words_for(value: Any, field: Json, properties: Json) -> str | None:
    """What a code means: its `_text` twin, or the code list's word. None where it says nothing more."""
    word = properties.get(f"{field['name']}_text") if field.get("twin") else None
    word = (field.get("codes") or {}).get(str(value)) if word is None else word
    return None if word is None or str(word) == str(value) else str(word)


def shown(value: Any, field: Json, properties: Json | None = None) -> Markup:
    """One value as HTML. Numbers get commas only where they have a unit: a street number is a name, not a quantity."""
    if value is None or value == "" or value == []:
        return NOTHING
    word = words_for(value, field, properties or {})
    if word is not None:
        return Markup('<bdi>{}</bdi> <span class="code">{}</span>').format(printable(word), printable(str(value)))
    if isinstance(value, bool):
        return escape("Yes" if value else "No")
    if isinstance(value, (int, float)):
        return escape(commas(value) if field.get("unit") else value)
    if isinstance(value, list):
        return Markup(", ").join(shown(each, field) for each in value)
    if isinstance(value, Mapping):
        return Markup("<code>{}</code>").format(printable(json.dumps(value, ensure_ascii=False)))
    if address(value):
        return Markup('<a href="{0}" rel="nofollow noopener">{0}</a>').format(value)
    if field.get("type") in ("date", "datetime", "date-time"):
        return Markup('<time datetime="{}">{}</time>').format(printable(str(value)), printable(long_date(str(value))))
    return Markup("<bdi>{}</bdi>").format(printable(str(value)))


def geometry_word(kind: str) -> str:
    """`MultiLineString` as `Lines`."""
    return GEOMETRIES.get(kind.lower(), kind)


def crs_name(uri: str) -> str:
    """A reference system as people call it."""
    names = {"27700": "British National Grid (EPSG:27700)", "CRS84": "longitude and latitude (CRS84)",
             "4326": "latitude and longitude (EPSG:4326)", "3857": "web Mercator (EPSG:3857)"}
    return names.get(re.split(r"[/:]", uri)[-1], uri)
