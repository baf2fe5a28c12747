"""Debian's programs: which of them a bench needs, and their versions."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks.errors import BenchError

CGI = Path("/usr/lib/cgi-bin")
PACKAGES = {
    "wrk": ("wrk", "/usr/bin/wrk"),
    "nginx": ("nginx-light", "/usr/sbin/nginx"),
    "postgres": ("postgresql-15-postgis-3", "/usr/lib/postgresql/15/bin/postgres"),
    "qgis": ("qgis-server", f"{CGI}/qgis_mapserv.fcgi"),
    "mapserver": ("cgi-mapserver", f"{CGI}/mapserv"),
    "spawn-fcgi": ("spawn-fcgi", "/usr/bin/spawn-fcgi"),
    "ogr2ogr": ("gdal-bin", "/usr/bin/ogr2ogr"),
    "chromium": ("chromium", "/usr/bin/chromium"),
}
"""What the bench calls a program: its Debian package, and where that puts it."""


def need(names: Iterable[str]) -> None:
    """Raise BenchError, naming all Debian packages that are missing at once."""
    missing = sorted({PACKAGES[name][0] for name in names if not _there(name)})
    if missing:
        raise BenchError(f"The bench needs Debian packages that are missing: apt install --no-install-recommends "
                         f"{' '.join(missing)}")


def path(name: str) -> str:
    """Where a program is: on the path, or where Debian puts it."""
    debian = PACKAGES[name][1]
    return debian if Path(debian).exists() else shutil.which(Path(debian).name) or debian


def version(name: str) -> str:
    """The version of a program's Debian package, without Debian's own revision; `unknown` where dpkg is not there."""
    package = PACKAGES[name][0]
    try:
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True,
                               check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return re.split(r"[+-]", found.partition(":")[2] or found)[0]


def _there(name: str) -> bool:
    return Path(path(name)).exists()
