"""Who is asking: every request has exactly one audience."""

from __future__ import annotations

from hantsmap.access import PUBLIC
from server.settings import Settings


def audience(settings: Settings) -> str:
    """The audience of a request. Nothing that a client sends can widen it."""
    return settings.audience


def is_open(name: str) -> bool:
    """Whether answers to this audience may be kept by caches that others share."""
    return name == PUBLIC
