"""Addresses that are answered without Flask, and what answers them: the way that most requests take."""

from __future__ import annotations

from collections.abc import Callable

from server import downloads, items, search, tiles
from server.answer import Answer
from server.items import Place, entry
from server.visit import Visit

Way = Callable[[Visit], Answer]


def way(path: str) -> Way | None:
    """What answers a (decoded) path; None for the others, which are Flask's."""
    steps = path.split("/", 4)
    if len(steps) > 3 and (steps[1] == "tiles" or steps[3] == "tiles"):
        tile = tiles.place(path)
        return None if tile is None else lambda visit: tiles.answer(visit, tile)
    if len(steps) < 4 or steps[0] or steps[1] != "collections" or not steps[2]:
        return None
    layer, kind, name = steps[2], steps[3], steps[4] if len(steps) == 5 else ""
    if kind == "items":
        return lambda visit: items.answer(visit, Place(layer, name or None))
    if kind == "downloads" and name and "/" not in name:
        return lambda visit: downloads.file(visit, entry(visit.catalogue, layer), name)
    return None


def posted(path: str, body: bytes) -> Way | None:
    """What answers a POST to a (decoded) path; None for the others, which are Flask's."""
    layer = search.layer_of(path)
    return None if layer is None else lambda visit: search.answer(visit, layer, body)
