"""Keeps a local GeoPackage in step with a service: everything once, then only what changed.

It needs nothing of a store, and runs wherever Python and GDAL's wheel do, Windows too.
"""

from hantsmap.pull.pulling import Outcome, pull
from hantsmap.pull.service import Service

__all__ = ["Outcome", "Service", "pull"]
