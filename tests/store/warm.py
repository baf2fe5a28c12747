"""A publisher that has everything loaded: it forks one publication for each line it reads, and writes its process id.

Run as a program by the tests that kill publishers: loading the libraries takes longer than publishing.
"""

from __future__ import annotations

import os
import sys

import geopandas  # noqa: F401 - loaded here, before the first fork

import hantsmap.curate
import hantsmap.editions
import hantsmap.rendition.render
import hantsmap.sources.reading  # noqa: F401
from hantsmap.cli import main

print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        main([*sys.argv[1:], "publish"])
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
