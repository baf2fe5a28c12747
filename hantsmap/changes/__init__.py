"""What changed between two states of a layer, as one audience saw them: computed from its own two renditions."""

from hantsmap.changes.difference import ChangeSet, Kind, difference
from hantsmap.changes.feed import Feed, feed, read_since
from hantsmap.changes.keeping import change_set, prepare
from hantsmap.changes.version import Version, read_version, version

__all__ = ["ChangeSet", "Feed", "Kind", "Version", "change_set", "difference", "feed", "prepare", "read_since",
           "read_version", "version"]
