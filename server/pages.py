"""The HTML face of the API: a document of OGC API Features in, a page anyone can read out.

Pure: no web framework, no request. Templates hold the words; this module holds what they ask: how a value is shown,
where a link goes, which columns a table has. Every value is hostile until escaped, and only http(s) addresses link.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hantsmap.reasons import REASONS
from server.links import STYLES_REL, TILES_REL
from server.words import (
    GEOMETRIES,
    Json,
    address,
    commas,
    crs_name,
    day,
    geometry_word,
    html_url,
    long_date,
    printable,
    quoted,
    reach,
    shown,
)

HERE = Path(__file__).parent
LIMITS = (10, 50, 100, 500, 1_000)
# What a page may leave out of its context.
OPTIONAL: Json = {
    "title": "HantsMap", "notice": None, "alternates": (), "sketch": None, "contact": None, "layer": None,
    "collections": (), "reviewed": None, "organisation": "the council", "known": False,
}
TYPES = {
    "string": "Text", "integer": "Whole number", "number": "Number", "boolean": "Yes or no", "date": "Date",
    "datetime": "Date and time", "date-time": "Date and time", "strings": "List of texts", "array": "List",
    "integers": "List of whole numbers", "object": "Structured value", "uri": "Web address",
}


def render(name: str, **context: Any) -> str:
    """The page `name` ("items" for items.html) with this context. A name that a template misses is an error."""
    return _environment().get_template(f"{name.removesuffix('.html')}.html").render({**OPTIONAL, **context})


@cache
def _environment() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=printable,
    )
    pages.filters.update(commas=commas, long_date=long_date, day=day, shown=shown, html_url=html_url, quoted=quoted)
    pages.globals.update(
        REASONS=REASONS, LIMITS=LIMITS, address=address, told=told, reach=reach, item_href=item_href,
        item_title=item_title, columns=columns, paging=paging, properties=properties, examples=examples,
        operations=operations, crs_name=crs_name, geometry_word=geometry_word, stamp=_stamp("hantsmap.css"),
        lessons_stamp=_stamp("lessons.css"), first_layer=first_layer, TILES_AND_STYLES=(TILES_REL, STYLES_REL),
    )
    return pages


def _stamp(name: str) -> str:
    """Changes when the style sheet does, so that browsers may keep it for as long as they like."""
    return f"{zlib.crc32((HERE / 'static' / name).read_bytes()):08x}"


def told(sketch: str) -> Markup:
    """The sentence in which a sketch says what it shows, for those who read it and those who do not see it alike."""
    found = re.search(r"<desc[^>]*>([^<]*)</desc>", sketch)
    return Markup(found[1]) if found else Markup("")  # noqa: S704 (escaped where it was written)


def item_href(base: str, layer_id: str, feature_id: Any) -> str:
    """Where the page of one feature is."""
    return f"{base}/collections/{quote(layer_id, safe='')}/items/{quote(str(feature_id), safe='', errors='replace')}"


def item_title(feature: Json, layer: Json) -> str:
    """What a reader calls the feature: its display field, or its id."""
    named = (feature.get("properties") or {}).get(layer["display"]) if layer["display"] else None
    return str(feature["id"] if named in (None, "") else named)


def columns(features: Iterable[Json], layer: Json) -> list[Json]:
    """Fields that these features have, in the layer's order. A `_text` twin is told within its code's column."""
    present = dict.fromkeys(name for feature in features for name in feature.get("properties") or {})
    names = [name for name in layer["fields"] if name in present]
    names += [name for name in present if name not in layer["fields"]]
    fields = ({**layer["fields"].get(name, {}), "name": name, "twin": f"{name}_text" in present} for name in names)
    return [
        {"unit": None, "description": "", **field, "title": field.get("title") or field["name"]}
        for field in fields
        if not (field["name"].endswith("_text") and field["name"].removesuffix("_text") in present)
    ]


# What is not kept when a filter is set: another filter begins with its first page.
NOT_KEPT = ("f", "limit", "offset", "filter", "version", "after")


def paging(document: Json) -> Json:
    """Which features of how many a page shows, its neighbours, and what was asked (read from its self link)."""
    links = {link["rel"]: str(link["href"]) for link in document.get("links", ())}
    asked = dict(parse_qsl(urlsplit(links.get("self", "")).query))
    offset = int(asked["offset"]) if re.fullmatch(r"[0-9]{1,12}", asked.get("offset", "")) else 0
    count = len(document["features"])
    return {
        "first": offset + 1, "last": offset + count, "matched": document.get("numberMatched"), "asked": asked,
        "prev": links.get("prev"), "next": links.get("next"),
        "kept": {name: value for name, value in asked.items() if name not in NOT_KEPT},
    }


def properties(schema: Json, layer: Json | None) -> list[Json]:
    """Rows of the table of properties: the schema says which there are, the layer what they mean."""
    known = layer["fields"] if layer else {}
    return [_property(name, told, known.get(name, {})) for name, told in schema.get("properties", {}).items()]


def _property(name: str, told: Json, known: Json) -> Json:
    shape = str(told.get("format", "")).removeprefix("geometry-")
    listed = {str(each.get("const")): each.get("title", each.get("const")) for each in told.get("oneOf", ())}
    listed = listed or {str(each): str(each) for each in told.get("enum", ())}
    kind = known.get("type") or told.get("format") or told.get("type", "")
    geometry = shape if shape in GEOMETRIES else "any" if "geojson.org" in str(told.get("$ref")) else None
    return {
        "name": name, "title": told.get("title") or known.get("title") or ("Geometry" if geometry else name),
        "type": GEOMETRIES[geometry] if geometry else TYPES.get(kind) or TYPES.get(told.get("type", ""), "Any value"),
        "unit": known.get("unit") or told.get("x-ogc-unit"), "codes": known.get("codes") or listed,
        "description": told.get("description") or known.get("description") or "",
    }


def examples(layer: Json) -> list[str]:
    """Up to two CQL2 filters that work on this layer: one by a code, one by a name, a quantity or a date."""
    coded: list[str] = []
    other: list[str] = []
    for name, field in layer["fields"].items():
        kind = field["type"]
        if field.get("codes") and kind in ("string", "integer"):
            code = next(iter(field["codes"]))
            literal = str(code) if kind == "integer" else "'" + str(code).replace("'", "''") + "'"
            coded.append(f"{name} = {literal}")
        elif name == layer["display"] and kind == "string":
            other.insert(0, f"{name} LIKE 'A%'")
        elif kind == "number":
            other.append(f"{name} > 100")
        elif kind == "date":
            other.append(f"{name} >= DATE('2020-01-01')")
    return [printable(each) for each in (*coded[:1], *other[:1])]


def operations(document: Json) -> list[Json]:
    """Every GET and POST of an OpenAPI document, with its parameters looked up, and what the body of a post says."""
    return [
        {
            "method": method.upper(), "path": path, "summary": asked.get("summary") or path,
            "description": asked.get("description") or "",
            "parameters": [
                _resolved(each, document) for each in (*item.get("parameters", ()), *asked.get("parameters", ()))
            ],
            "body": [
                (kind, list(each["schema"]["properties"]))
                for kind, each in asked.get("requestBody", {}).get("content", {}).items()
            ],
            "answers": [
                (code, _resolved(each, document).get("description", "")) for code, each in asked["responses"].items()
            ],
        }
        for path, item in document["paths"].items()
        for method in ("get", "post")
        if (asked := item.get(method))
    ]


def _resolved(part: Json, document: Json) -> Json:
    """A part of an OpenAPI document that is elsewhere in it. One in another document keeps only its name."""
    reference = part.get("$ref")
    if reference is None:
        return part
    found: Any = document if reference.startswith("#/") else {}
    for step in reference.partition("#/")[2].split("/"):
        found = found.get(step, {}) if isinstance(found, Mapping) else {}
    return found or {"name": reference.rpartition("/")[2], "in": "", "description": ""}


def first_layer(document: Json, collections: Sequence[Json]) -> str:
    """A layer to use in examples: one that the API lists."""
    paths = (re.fullmatch(r"/collections/([\w.-]+)/items", path) for path in document["paths"])
    return next((found[1] for found in paths if found), collections[0]["id"] if collections else "LAYER")
