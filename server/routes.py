"""What kind of resource a path leads to: rates, threads and records go by this, and not by words within a path."""

from __future__ import annotations

from typing import Literal

RouteKind = Literal["health", "static", "tile", "download", "items", "search", "item", "changes", "document"]


def route_kind(path: str) -> RouteKind:
    """The kind of a (decoded) path, whether anything is there or not. An id of a feature may hold slashes."""
    match path.removesuffix("/").split("/"):
        case ["", "health"]:
            return "health"
        case ["", "static", _, *_]:
            return "static"
        case ["", "tiles", _, _, _, _] | ["", "collections", _, "tiles", _, _, _, _]:
            return "tile"
        case ["", "collections", _, "downloads", _]:
            return "download"
        case ["", "collections", _, "items"]:
            return "items"
        case ["", "collections", _, "search"]:
            return "search"
        case ["", "collections", _, "items", _, *_]:
            return "item"
        case ["", "collections", _, "changes"]:
            return "changes"
        case _:
            return "document"
