"""Pulls, and is killed at the nth statement that SQLite runs; says how many there were when it comes to the end."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from hantsmap.pull import Service, package, pull

url, file, fatal = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
seen = 0
opened = package._opened


def count(statement: str) -> None:
    """Count a statement, and die at the fatal one."""
    global seen
    seen += 1
    if seen == fatal:
        os.kill(os.getpid(), signal.SIGKILL)


def tracing(path: Path) -> Any:
    """An opened file that counts its statements, and writes through to the disk early."""
    connection: sqlite3.Connection = opened(path)
    connection.execute("PRAGMA cache_size = 5")
    connection.set_trace_callback(count)
    return connection


package._opened = tracing
pull(Service(url), "trees", file)
print(seen)
