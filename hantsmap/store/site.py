"""What a store says of itself as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from hantsmap.access import Audience, Value
from hantsmap.agreements import Agreement
from hantsmap.layer import SignIn


class Outline(Value):
    """An area for a sketch: its title, and few corners as WKT in EPSG:27700 metres."""

    title: str
    wkt: str


class Site(Value):
    """What a store says of itself as a whole: the head of the registry it was published from.

    `audiences` and `sign_in` are for the server, which reads no registry; no viewer is told of them. Of `agreements`,
    and of the areas of the audiences (`areas` leads to `outlines`), a viewer is told those of its own audience.
    """

    title: str = "HantsMap"
    description: str = ""
    publisher: str = ""
    contact: str = ""
    synthetic: bool = False
    audiences: Mapping[str, Audience] = Field(default_factory=dict)
    sign_in: SignIn | None = None
    agreements: Mapping[str, Agreement] = Field(default_factory=dict)
    areas: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    outlines: Mapping[str, Outline] = Field(default_factory=dict)

    @property
    def told(self) -> str:
        """What viewers are told of it, as one text."""
        return self.model_dump_json(include={"title", "description", "publisher", "contact", "synthetic"})
