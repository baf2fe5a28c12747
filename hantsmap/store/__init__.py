"""The store: a folder of immutable editions and renditions, and the promotions that say which are current."""

from hantsmap.store.folder import Store, now, today
from hantsmap.store.promotion import Change, Promotion
from hantsmap.store.record_log import RecordLog, Records
from hantsmap.store.site import Outline, Site
from hantsmap.store.timeline import Step, Timeline, timelines

__all__ = ["Change", "Outline", "Promotion", "RecordLog", "Records", "Site", "Step", "Store", "Timeline", "now",
           "timelines", "today"]
