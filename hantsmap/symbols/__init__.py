"""One symbology for every output: what a rendition's description says of symbols, as each program reads it.

A class is never told by its colour alone: dashes, widths, hatches, shapes and letters tell it too.
"""

from hantsmap.symbols.drawn import Drawn, Kind, classes, kind_of
from hantsmap.symbols.key import key
from hantsmap.symbols.maplibre import maplibre
from hantsmap.symbols.openlayers import openlayers
from hantsmap.symbols.qgis import qml

__all__ = ["Drawn", "Kind", "classes", "key", "kind_of", "maplibre", "openlayers", "qml"]
