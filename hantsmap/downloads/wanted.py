"""What somebody wants to download: a rendition, a format, a reference system, and which part of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from hantsmap import crs
from hantsmap.crs import Crs
from hantsmap.downloads.formats import FORMATS, Format, offered
from hantsmap.downloads.viewers import PREPARED
from hantsmap.errors import QueryError
from hantsmap.query import Query, ask
from hantsmap.rendition import Rendition

# Raised whenever what is written into files changes, so that they are made again.
MADE_BY = 2
PARAMETERS = ("crs", "bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
SHIFT = re.compile(r"(-?\d{1,7}),(-?\d{1,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that can be made. `question` are the parameters that choose features, sorted; empty for the whole layer.

    `published` is the time shown with the layer. `shift` is (easting, northing) in whole metres, taken from every
    coordinate of a drawing. `viewer` is for whom the file is kept (hantsmap.downloads.viewers): the bytes do not
    depend on it.
    """

    layer: str
    rendition: str
    published: datetime
    format: Format
    system: Crs
    question: tuple[tuple[str, str], ...] = ()
    shift: tuple[int, int] = (0, 0)
    viewer: str = PREPARED

    @property
    def whole(self) -> bool:
        """Whether it is all of the layer, as everybody gets it: such a file is kept as long as its rendition."""
        return not self.question and self.shift == (0, 0)

    @property
    def key(self) -> str:
        """A digest of all that the file is made from, its rendition apart, and of the viewer that it is kept for."""
        return sha256(orjson.dumps([MADE_BY, self.record()])).hexdigest()[:24]

    @property
    def content(self) -> str:
        """A digest of all that the file is made from: the same for all viewers."""
        return sha256(orjson.dumps([MADE_BY, {**self.record(), "viewer": ""}])).hexdigest()[:24]

    @property
    def stem(self) -> str:
        """What the file is called, without the end: layer, reference system, day, and whether it is a part."""
        parts = [self.layer, "27700" if self.system is crs.EPSG27700 else "crs84", f"{self.published:%Y-%m-%d}"]
        if self.question:
            parts.append(f"cut-{self.content[:6]}")
        if self.shift != (0, 0):
            parts.append(f"shifted-{self.shift[0]}-{self.shift[1]}")
        return "-".join(parts)

    @property
    def file_name(self) -> str:
        """The file's name, by which a person knows what it is."""
        return f"{self.stem}.{self.format.name}"

    def record(self) -> dict[str, Any]:
        """It as plain JSON, from which `recorded` makes it again."""
        return {"layer": self.layer, "rendition": self.rendition, "published": self.published.isoformat(),
                "format": self.format.name, "crs": self.system.uri, "question": dict(self.question),
                "shift": list(self.shift), "viewer": self.viewer}

    def query(self, rendition: Rendition) -> Query:
        """The question as one that the rendition can answer. Raises QueryError."""
        return ask(rendition, dict(self.question), PARAMETERS)


def recorded(record: Mapping[str, Any]) -> Download:
    """The download that `record()` told of."""
    east, north = record["shift"]
    return Download(record["layer"], record["rendition"], datetime.fromisoformat(record["published"]),
                    FORMATS[record["format"]], crs.named(record["crs"], "crs"),
                    tuple(sorted(record["question"].items())), (east, north), record.get("viewer", PREPARED))


def named(rendition: Rendition, name: str) -> Format | None:
    """The format of the download `<layer>.<end>`; None where this rendition has no such file."""
    layer = rendition.description.layer
    return next((each for each in offered(rendition.description) if name == f"{layer}.{each.name}"), None)


def want(rendition: Rendition, published: datetime, format_: Format, given: Mapping[str, str],
         viewer: Callable[[bool], str] = lambda whole: PREPARED) -> Download:
    """Read the parameters of a request for a file. Raises QueryError for the first that cannot be meant.

    `crs` is EPSG:27700 or CRS84; `bbox`, `datetime`, `filter` and the properties choose features as they do for items;
    `shift` is for a drawing. `viewer` says for whom a whole layer, or else a cut, is kept.
    """
    drawing = format_.name == "dxf.zip"
    asked = {name: text for name, text in given.items() if not (drawing and name == "shift")}
    ask(rendition, asked, (*PARAMETERS, "shift") if drawing else PARAMETERS)
    system = _system(rendition, format_, asked.pop("crs", None))
    question = {name: text for name, text in asked.items() if name != "filter" or text.strip()}
    # On its own it chooses nothing.
    if "bbox" not in question:
        question.pop("bbox-crs", None)
    download = Download(rendition.description.layer, rendition.id, published, format_, system,
                        tuple(sorted(question.items())),
                        _shift(given["shift"]) if drawing and "shift" in given else (0, 0))
    return replace(download, viewer=viewer(download.whole))


def _system(rendition: Rendition, format_: Format, uri: str | None) -> Crs:
    if uri is None or rendition.geometry_type == "none":
        return format_.systems[0] if rendition.geometry_type != "none" else crs.EPSG27700
    system = crs.named(uri, "crs")
    if system not in format_.systems:
        choice = " or ".join(each.uri for each in format_.systems)
        raise QueryError(f"crs `{uri}` is not offered for {format_.name} files. Choose {choice}.", "crs")
    return system


def _shift(text: str) -> tuple[int, int]:
    found = SHIFT.fullmatch(text.strip())
    if not found:
        raise QueryError(f"shift `{text}` is not an easting and a northing in whole metres, such as 450000,100000.",
                         "shift")
    return int(found[1]), int(found[2])
