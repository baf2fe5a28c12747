"""What a store says of itself as a whole."""

from __future__ import annotations

from hantsmap.access import Value


class Site(Value):
    """What a store says of itself as a whole: the head of the registry it was published from."""

    title: str = "HantsMap"
    description: str = ""
    publisher: str = ""
    contact: str = ""
    synthetic: bool = False
