"""The store: immutable editions and renditions in a folder, and the promotions that say which are current."""

from hantsmap.store.description import Description, Site
from hantsmap.store.folder import Store, now
from hantsmap.store.promotion import Promotion
from hantsmap.store.rendition import Rendition
from hantsmap.store.writing import FORMAT

__all__ = ["FORMAT", "Description", "Promotion", "Rendition", "Site", "Store", "now"]
