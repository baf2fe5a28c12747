"""A rendition: what one grant leaves of one edition, as texts ready to send and columns ready to ask."""

from hantsmap.rendition.description import Description
from hantsmap.rendition.reading import Places, Positions, Rendition

__all__ = ["Description", "Places", "Positions", "Rendition"]
