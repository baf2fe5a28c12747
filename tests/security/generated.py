"""Requests, generated from the routes of the application and from what is, and what is not, in a county."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
from callers import BROWSER, Asked
from flask import Flask
from werkzeug.routing import Rule

from hantsmap import crs
from hantsmap.tiles import MATRIX_SETS

CRS = tuple(system.uri for system in crs.SERVED)
FORMS = ("", "", "f=json", "f=html", "f=csv", "f=xml", "f=")
ACCEPTS = (BROWSER, "application/json", "text/csv", "*/*;q=0.1", "application/geo+json, text/html;q=0.5", "image/png")
STATICS = ("hantsmap.css", "favicon.svg", "nothing.css", "../settings.py", "..%2f..%2fsettings.py")
STYLES = ("maplibre", "openlayers", "nothing")
NO_TILES = ("BritishNationalGrid/0/0/0", "WebMercatorQuad/20/1/1", "WebMercatorQuad/-1/a/0", "Flat/1/1/1")
NEVER = "never_there"
ITEMS = "/collections/<layer>/items"


@dataclass(frozen=True)
class Known:
    """What a prober knows of a layer: everything that is in it, and which part of that is its audience's."""

    fields: tuple[str, ...]
    hidden_fields: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    hidden_ids: tuple[str, ...] = ()
    boxes: tuple[tuple[float, ...], ...] = ()
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ("2024-01-01", "2020-02-29")


@dataclass(frozen=True)
class Generator:
    """Draws requests, the same ones for the same seed. `known` are layers that are there for somebody."""

    app: Flask
    known: dict[str, Known]
    seed: str

    def every_route(self) -> list[Asked]:
        """Each GET rule with each layer, once, in a form that is drawn."""
        draw = random.Random(f"{self.seed} routes")
        asked = []
        for rule in sorted(map(_written, get_rules(self.app))):
            for layer in (*self.known, NEVER) if "<layer>" in rule else ("",):
                form = draw.choice(FORMS)
                headers = (("Accept", draw.choice(ACCEPTS)),) if draw.random() < 0.25 else ()
                asked.append(Asked(self._filled(rule, layer, draw) + (f"?{form}" if form else ""), "GET", headers))
        return asked

    def sample(self, count: int) -> list[Asked]:
        """Requests with parameters, most of them for features, which is where data is."""
        draw = random.Random(f"{self.seed} sample")
        rules = [_written(rule) for rule in get_rules(self.app)]
        asked = []
        for _ in range(count):
            rule = ITEMS if draw.random() < 0.8 else draw.choice(rules)
            layer = draw.choice((*self.known, NEVER) if draw.random() < 0.1 else tuple(self.known))
            given = dict(self._parameter(layer, draw) for _ in range(draw.choice((1, 1, 1, 2, 2, 3))))
            if draw.random() < 0.5:
                given.setdefault("limit", str(draw.choice((1, 3, 10, 50))))
            method = "HEAD" if draw.random() < 0.08 else "POST" if draw.random() < 0.02 else "GET"
            headers = (("Accept", draw.choice(ACCEPTS)),) if draw.random() < 0.1 else ()
            headers += (("Accept-Encoding", "gzip"),) if draw.random() < 0.1 else ()
            if rule == ITEMS and draw.random() < 0.15:
                asked.append(Asked(f"/collections/{layer}/search", "POST", headers, tuple(given.items())))
                continue
            asked.append(Asked(f"{self._filled(rule, layer, draw)}?{urlencode(given)}", method, headers))
        return asked

    def _filled(self, rule: str, layer: str, draw: random.Random) -> str:
        known = self.known.get(layer, Known(("x",)))
        ids = [pool for pool in (known.ids, known.hidden_ids, (NEVER, "0", "..")) if pool]
        chosen = draw.choice(draw.choice(ids))
        return (rule.replace("<layer>", layer).replace("<feature_id>", quote(str(chosen), safe=""))
                .replace("<name>", draw.choice(STATICS)).replace("<style>", draw.choice(STYLES))
                .replace("<matrix>/<zoom>/<row>/<column>", _tile(known, draw) if "<zoom>" in rule else "")
                .replace("<matrix>", draw.choice(tuple(MATRIX_SETS))))

    def _parameter(self, layer: str, draw: random.Random) -> tuple[str, str]:
        known = self.known.get(layer, Known(("x",)))
        makers: tuple[Callable[[Known, random.Random], tuple[str, str]], ...] = (
            _limit, _offset, _bbox, _bbox, _crs, _datetime, _filter, _filter, _filter, _spatial, _sortby, _properties,
            _equality, _skip, _form, _unknown, _ids)
        return draw.choice(makers)(known, draw)


def _tile(known: Known, draw: random.Random) -> str:
    """A tile about a true place, most of the time: matrix set, zoom, row and column."""
    if draw.random() < 0.1:
        return draw.choice(NO_TILES)
    matrix = draw.choice(tuple(MATRIX_SETS.values()))
    west, south, east, north = draw.choice(known.boxes or ((-1.9, 50.6, -0.6, 51.4),))
    lon, lat = np.array([draw.uniform(west, east)]), np.array([draw.uniform(south, north)])
    x, y = crs.mercator(lon, lat) if matrix.system is crs.EPSG3857 else crs.to_grid(lon, lat)
    zoom = draw.randint(0, matrix.last)
    side = matrix.side(zoom)
    row, column = (matrix.corner[1] - y[0]) // side, (x[0] - matrix.corner[0]) // side
    return f"{matrix.id}/{zoom}/{row:.0f}/{column:.0f}"


def get_rules(app: Flask) -> Iterator[Rule]:
    """Every rule that GET is offered at."""
    return (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))


def _written(rule: Rule) -> str:
    text = rule.rule
    for converter in ("id:", "path:", "string:", "int:"):
        text = text.replace(f"<{converter}", "<")
    return text


def _any(known: Known, draw: random.Random) -> str:
    """The name of a field: seen, hidden, or of nothing at all."""
    pools: list[Sequence[str]] = [pool for pool in (known.fields, known.fields, known.hidden_fields) if pool]
    return draw.choice(draw.choice(pools or [("x",)])) if draw.random() < 0.95 else "no_such_field"


def _value(known: Known, name: str, draw: random.Random) -> Any:
    return draw.choice(known.values.get(name) or ("x", 1, True, "2024-01-01"))


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    if hasattr(value, "isoformat"):
        text = value.isoformat().replace("+00:00", "Z")
        return f"TIMESTAMP('{text}')" if "T" in text else f"DATE('{text}')"
    text = str(value).replace("'", "''")
    return f"'{text}'"


def _limit(known: Known, draw: random.Random) -> tuple[str, str]:
    return "limit", str(draw.choice((1, 2, 7, 100, 10_001, 0, -1, "x", "")))


def _offset(known: Known, draw: random.Random) -> tuple[str, str]:
    return "offset", str(draw.choice((0, 1, 5, 37, 10**6, 10**12, -1, "x")))


def _box(known: Known, draw: random.Random) -> tuple[float, float, float, float]:
    """A box in degrees: somewhere in an extent, or about a true place, of any size."""
    west, south, east, north = draw.choice(known.boxes or ((-1.9, 50.6, -0.6, 51.4),))
    share = draw.choice((1.0, 0.5, 0.1, 0.01, 1e-5))
    x, y = draw.uniform(west, east), draw.uniform(south, north)
    across, up = max(east - west, 1e-6) * share, max(north - south, 1e-6) * share
    return round(x - across, 7), round(y - up, 7), round(x + across, 7), round(y + up, 7)


def _bbox(known: Known, draw: random.Random) -> tuple[str, str]:
    box = draw.choice(known.boxes) if known.boxes and draw.random() < 0.3 else _box(known, draw)
    return "bbox", ",".join(map(repr, box))


def _crs(known: Known, draw: random.Random) -> tuple[str, str]:
    return draw.choice(("crs", "crs", "crs", "bbox-crs", "filter-crs")), draw.choice(
        (*CRS, "EPSG:27700", "epsg:27700", "urn:ogc:def:crs:EPSG::27700", "EPSG:1"))


def _datetime(known: Known, draw: random.Random) -> tuple[str, str]:
    day = draw.choice(known.dates)
    return "datetime", draw.choice((day, f"{day}/..", f"../{day}", "2000-01-01/2030-01-01", "yesterday",
                                    f"{day}T10:00:00Z"))


def _filter(known: Known, draw: random.Random) -> tuple[str, str]:
    name, other = _any(known, draw), _any(known, draw)
    value, second = _literal(_value(known, name, draw)), _literal(_value(known, name, draw))
    return "filter", draw.choice((
        f"{name} = {value}", f"{name} <> {value}", f"{name} < {value}", f"{name} >= {value}", f"{name} IS NULL",
        f"NOT {name} IS NULL", f"{name} IN ({value}, {second})", f"{name} BETWEEN {value} AND {second}",
        f"{name} LIKE '{draw.choice(('%', 'a%', '_%e', '%1%'))}'", f"{name} = {other}",
        f"{name} = {value} OR {other} IS NULL", f"CASEI({name}) = CASEI({value})", f"{name} = ", f"{name}({other})",
    ))


def _spatial(known: Known, draw: random.Random) -> tuple[str, str]:
    west, south, east, north = _box(known, draw)
    ring = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    operator = draw.choice(("S_INTERSECTS", "S_WITHIN", "S_CONTAINS", "S_DISJOINT", "S_TOUCHES", "S_EQUALS"))
    return "filter", f"{operator}(geometry, {draw.choice((ring, f'BBOX({west},{south},{east},{north})'))})"


def _sortby(known: Known, draw: random.Random) -> tuple[str, str]:
    return "sortby", ",".join(draw.choice(("", "-", "+")) + _any(known, draw) for _ in range(draw.choice((1, 1, 2))))


def _properties(known: Known, draw: random.Random) -> tuple[str, str]:
    return "properties", ",".join(_any(known, draw) for _ in range(draw.choice((1, 2, 4))))


def _equality(known: Known, draw: random.Random) -> tuple[str, str]:
    name = _any(known, draw)
    return name, str(_value(known, name, draw))


def _skip(known: Known, draw: random.Random) -> tuple[str, str]:
    return "skipGeometry", draw.choice(("true", "false", "perhaps"))


def _form(known: Known, draw: random.Random) -> tuple[str, str]:
    return "f", draw.choice(("json", "html", "csv", "csv", "xml", "geojson", "text/csv"))


def _ids(known: Known, draw: random.Random) -> tuple[str, str]:
    """A few ids: seen, hidden, and of nothing."""
    pool = [str(each) for each in (*known.ids[:50], *known.hidden_ids[:50], NEVER)]
    return "ids", ",".join(draw.choice(pool) for _ in range(draw.choice((1, 2, 5))))


def _unknown(known: Known, draw: random.Random) -> tuple[str, str]:
    return draw.choice(("q", "token", "api_key", "limt", "resultType", "v", "state", "secret")), "1"
