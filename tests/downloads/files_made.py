"""What the tests of downloads share: files made in this process, and what the rendition holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import shapely

from hantsmap.catalogue import Entry, Shelf
from hantsmap.downloads import FORMATS, File, Kept, want
from hantsmap.downloads.making import make
from hantsmap.rendition import Rendition
from hantsmap.store import Store

Make = Callable[..., File]


def seen(store: Path, layer: str, audience: str = "public") -> Entry:
    """A layer as an audience sees it."""
    shelf = Shelf(Store(store))
    shelf.refresh()
    return shelf.catalogue(audience).entries[layer]


def maker(store: Path, folder: Path) -> Make:
    """`make(layer, format, audience, **asked)`: a file, made once. Names of parameters have _ for -."""
    kept = Kept(folder)
    entries: dict[tuple[str, str], Entry] = {}

    def made(layer: str, format_: str, audience: str = "public", **asked: str) -> File:
        if (layer, audience) not in entries:
            entries[layer, audience] = seen(store, layer, audience)
        entry = entries[layer, audience]
        given = {name.replace("_", "-") if name in ("bbox_crs", "filter_crs", "filter_lang") else name: text
                 for name, text in asked.items()}
        download = want(entry.rendition, entry.published, FORMATS[format_], given)
        making = folder / ".making" / download.key
        making.mkdir(parents=True, exist_ok=True)
        return kept.find(download) or make(Store(store), kept, download, making)

    return made


def told(rendition: Rendition, system: str = "27700") -> list[dict[str, Any]]:
    """All features of a rendition as they lie written in it, in one of its two reference systems."""
    text = (rendition.folder / f"features.{system}.json").read_bytes().rstrip(b",")
    features: list[dict[str, Any]] = orjson.loads(b"[" + text + b"]")
    return features


def flat(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as formats without lists hold them: a list is its JSON text."""
    return {name: orjson.dumps(value).decode() if isinstance(value, list | dict) else value
            for name, value in properties.items()}


def as_dbf(value: Any) -> Any:
    """A value as a dBase table gives it back: an empty text is none."""
    return None if value == "" else value.encode()[:254].decode("utf-8", "ignore") if isinstance(value, str) else value


def lines_of(geometry: Any) -> list[Any]:
    """What of a geometry is one entity each: points, lines, and rings."""
    found = []
    for part in shapely.get_parts(shapely.geometry.shape(geometry)):
        if part.geom_type == "Polygon":
            found += [list(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)]
        else:
            found.append(list(part.coords))
    return found
