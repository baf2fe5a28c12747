"""`python -m hantsmap.downloads STORE FOLDER`: make the files that wait, and end. The server starts it."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from hantsmap.downloads.kept import Kept
from hantsmap.downloads.maker import work
from hantsmap.errors import StoreError
from hantsmap.store import Store

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    with suppress(OSError):
        # Who reads a page goes before who waits for a file.
        os.nice(5)
    try:
        work(Store(Path(sys.argv[1])), Kept(Path(sys.argv[2])))
    except StoreError as fault:
        sys.exit(str(fault))
