"""The store: a folder of immutable editions and renditions, and the promotions that say which are current."""

from hantsmap.store.folder import Store, now, today
from hantsmap.store.promotion import Change, HistoryStart, Promotion
from hantsmap.store.record_log import RecordLog, Records
from hantsmap.store.site import Outline, Site
from hantsmap.store.timeline import Step, Timeline, timelines
from hantsmap.store.visibilities import keep_visibility, read_visibility

__all__ = ["Change", "HistoryStart", "Outline", "Promotion", "RecordLog", "Records", "Site", "Step", "Store",
           "Timeline", "keep_visibility", "now", "read_visibility", "timelines", "today"]
