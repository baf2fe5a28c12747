"""From the parameters of a request to a Query: one parser for each parameter, every fault a sentence."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hantsmap import crs
from hantsmap.crs import Crs
from hantsmap.errors import QueryError
from hantsmap.filters import Columns, parse
from hantsmap.layer import Field, FieldType
from hantsmap.query.ids import read_ids
from hantsmap.query.period import Period, read_period
from hantsmap.rendition import Rendition

DEFAULT_LIMIT, MOST_LIMIT = 1_000, 10_000
# Fields of `sortby`. Arrow holds a copy of each column that it sorts by.
MOST_SORTED = 8
ITEM_PARAMETERS = ("f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs",
                   "properties", "sortby", "skipGeometry", "ids", "version", "after")
SELECTING = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "ids")
BEYOND = 10**15
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
TRUTH = {"true": True, "1": True, "false": False, "0": False}
UNSORTABLE = (FieldType.STRINGS, FieldType.INTEGERS, FieldType.OBJECT)


class Nowhere:
    """Matches no feature."""

    def matches(self, columns: Columns) -> NDArray[np.bool_]:
        """False for each feature: bool (n,)."""
        return np.zeros(columns.count, dtype=bool)


class Condition(Protocol):
    """What a question puts to every feature."""

    def matches(self, columns: Columns) -> NDArray[np.bool_]:
        """Which features match: bool (n,)."""
        ...


NOWHERE = Nowhere()


@dataclass(frozen=True, slots=True)
class Query:
    """A question that one rendition can answer.

    `selection` is the written form of all that chooses and orders features: two questions with the same one choose the
    same features in the same order. A page begins behind the position `after`, or else at `offset`. `sortby` has
    (field, descending) pairs, most important first.
    """

    crs: Crs = crs.CRS84
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: int | None = None
    period: Period | None = None
    filters: tuple[Condition, ...] = ()
    sortby: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None
    skip_geometry: bool = False
    selection: str = ""


def ask(rendition: Rendition, given: Mapping[str, str], known: tuple[str, ...] = ITEM_PARAMETERS) -> Query:
    """Read the parameters of a request against a rendition. Raises QueryError for the first that cannot be meant."""
    check_known(given, (*known, *(name for name, field in rendition.fields.items() if comparable(field))))
    system = crs.named(given["crs"], "crs") if "crs" in given else crs.CRS84
    return Query(
        crs=system,
        limit=_limit(given["limit"]) if "limit" in given else DEFAULT_LIMIT,
        offset=_whole("offset", given["offset"], least=0) if "offset" in given else 0,
        after=_after(given),
        period=read_period(given["datetime"], rendition) if "datetime" in given else None,
        filters=(*_filter(rendition, given), *_equalities(rendition, given), *_bbox(rendition, given),
                 *((read_ids(rendition, given["ids"]),) if "ids" in given else ())),
        sortby=_sortby(rendition, given["sortby"]) if "sortby" in given else (),
        properties=_properties(rendition, given["properties"]) if "properties" in given else None,
        skip_geometry=_truth("skipGeometry", given["skipGeometry"]) if "skipGeometry" in given else False,
        selection=_written({name: text for name, text in sorted(given.items())
                            if name in SELECTING or name in rendition.fields}),
    )


def _written(chosen: dict[str, str]) -> str:
    # As JSON no value can be mistaken for two parameters: what is found for one question is never given for another.
    return json.dumps(chosen) if chosen else ""


def check_known(given: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Refuse a parameter that this resource does not have: one that is ignored gives an answer nobody asked for.

    Raises QueryError for that, and for text with half of a surrogate pair, which is not text that UTF-8 can hold.
    """
    for name, text in given.items():
        if not (is_text(name) and is_text(text)):
            shown = name.encode("utf-8", "replace").decode()
            raise QueryError(f"{shown} is not valid Unicode text: it has half of a surrogate pair.", shown)
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else f" It has: {', '.join(known)}." if known else ""
            raise QueryError(f"`{name}` is not a parameter of this resource.{hint}", name)


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: without a lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole(name: str, text: str, least: int) -> int:
    if not (text.isascii() and text.isdigit()) or (least and not text.strip("0")):
        raise QueryError(f"{name} `{text}` is not a whole number from {least} up.", name)
    # Python reads no number of 5,000 digits; beyond any layer, one number is as good as another.
    return int(text) if len(text) <= 15 else BEYOND


def _after(given: Mapping[str, str]) -> int | None:
    if "after" in given and "sortby" in given:
        raise QueryError("after is a place in the order of the layer: it does not go with sortby.", "after")
    return _whole("after", given["after"], least=0) if "after" in given else None


def _limit(text: str) -> int:
    # OGC 17-069 requirement 21: more than the most is answered with the most.
    return min(_whole("limit", text, least=1), MOST_LIMIT)


def _number(text: str) -> float:
    """A number as it is written in a filter; NaN for all else that Python would take for one (`1_000`, `inf`, `٣`)."""
    return float(text) if NUMBER.fullmatch(text.strip()) else math.nan


def _truth(name: str, text: str) -> bool:
    try:
        return TRUTH[text.lower()]
    except KeyError:
        raise QueryError(f"{name} is true or false, not `{text}`.", name) from None


def _bbox(rendition: Rendition, given: Mapping[str, str]) -> tuple[Condition, ...]:
    """A bbox is the filter S_INTERSECTS(geometry, BBOX(...)): by the geometry, not by its box (OGC 17-069, 7.15.3).

    Four or six numbers in the axis order of `bbox-crs`; heights are read and not used; a west edge beyond the east
    edge, in degrees, is a box across the antimeridian.
    """
    system = crs.named(given["bbox-crs"], "bbox-crs") if "bbox-crs" in given else crs.CRS84
    if "bbox" not in given:
        return ()
    text = given["bbox"]
    numbers = [_number(part) for part in text.split(",")]
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise QueryError(f"bbox `{text}` is not four numbers (or six, with heights) separated by commas.", "bbox")
    if len(numbers) == 6 and numbers[2] > numbers[5]:
        raise QueryError(f"bbox `{text}` has its lower height above its upper one.", "bbox")
    if rendition.geometry_type == "none":
        # A feature without a geometry is nowhere: a box never meets it.
        return (NOWHERE,)
    tree = {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": numbers}]}
    try:
        return (parse(json.dumps(tree), "cql2-json", system, rendition),)
    except QueryError as fault:
        raise QueryError(f"bbox `{text}` cannot be used. {fault}", "bbox") from None


def _filter(rendition: Rendition, given: Mapping[str, str]) -> tuple[Condition, ...]:
    # The form on the page of items sends an empty filter when nothing was written in it.
    if not given.get("filter", "").strip():
        for name in ("filter-lang", "filter-crs"):
            if name in given:
                raise QueryError(f"{name} says how to read a filter, and there is none.", name)
        return ()
    lang = given.get("filter-lang", "cql2-text")
    if lang not in ("cql2-text", "cql2-json", "cql-text"):
        raise QueryError(f"filter-lang `{lang}` is not known here. Choose cql2-text or cql2-json.", "filter-lang")
    system = crs.named(given["filter-crs"], "filter-crs") if "filter-crs" in given else crs.CRS84
    return (parse(given["filter"], lang, system, rendition),)


def comparable(field: Field) -> bool:
    """Whether a property can be asked for by name: `?status=BOAT` (OGC 17-069 recommendation 15)."""
    return field.type not in UNSORTABLE


def _equalities(rendition: Rendition, given: Mapping[str, str]) -> tuple[Condition, ...]:
    filters = []
    for name in given:
        if name in rendition.fields:
            literal = _literal(name, rendition.fields[name].type, given[name])
            tree = {"op": "=", "args": [{"property": name}, literal]}
            try:
                filters.append(parse(json.dumps(tree), "cql2-json", crs.CRS84, rendition))
            except QueryError as fault:
                raise QueryError(str(fault), name) from None
    return tuple(filters)


def _literal(name: str, kind: FieldType, text: str) -> Any:
    if kind is FieldType.BOOLEAN:
        return _truth(name, text)
    if kind in (FieldType.INTEGER, FieldType.NUMBER):
        number = _number(text)
        if not math.isfinite(number):
            raise QueryError(f"{name} `{text}` is not a number.", name)
        return int(text) if text.lstrip("-").isdigit() else number
    return {"date": text} if kind is FieldType.DATE else {"timestamp": text} if kind is FieldType.DATETIME else text


def _field(rendition: Rendition, parameter: str, name: str) -> str:
    if name not in rendition.fields:
        raise QueryError(f"`{name}` is not a property of this collection. It has: {', '.join(rendition.fields)}.",
                         parameter)
    return name


def _once(parameter: str, names: list[str]) -> list[str]:
    """The names. Raises QueryError when one stands twice: each would cost memory and mean nothing."""
    if len(set(names)) < len(names):
        name = next(name for number, name in enumerate(names) if name in names[:number])
        raise QueryError(f"{parameter} names `{name}` more than once. Name each property once.", parameter)
    return names


def _properties(rendition: Rendition, text: str) -> tuple[str, ...]:
    wanted = {_field(rendition, "properties", name)
              for name in _once("properties", [part.strip() for part in text.split(",") if part.strip()])}
    return tuple(name for name in rendition.fields if name in wanted)


def _sortby(rendition: Rendition, text: str) -> tuple[tuple[str, bool], ...]:
    keys = []
    if not text.strip():
        raise QueryError("sortby is empty. Name one property or more: sortby=name,-date.", "sortby")
    parts = text.split(",", MOST_SORTED)
    if len(parts) > MOST_SORTED:
        raise QueryError(f"sortby has more than {MOST_SORTED} properties. Name at most {MOST_SORTED}.", "sortby")
    # In a URL a plus is a space: "+name" arrives as " name".
    for part, bare in zip(parts, _once("sortby", [part.strip().lstrip("+-").strip() for part in parts]), strict=True):
        name = _field(rendition, "sortby", bare)
        if rendition.fields[name].type in UNSORTABLE:
            raise QueryError(f"`{name}` holds lists, which have no order to sort by.", "sortby")
        keys.append((name, part.strip().startswith("-")))
    return tuple(keys)
