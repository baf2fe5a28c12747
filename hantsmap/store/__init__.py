"""The store: a folder of immutable editions and renditions, and the promotions that say which are current."""

from hantsmap.store.folder import Store, now
from hantsmap.store.promotion import Promotion
from hantsmap.store.site import Site

__all__ = ["Promotion", "Site", "Store", "now"]
