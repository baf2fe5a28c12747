"""`python -m hantsmap.downloads STORE FOLDER`: make the files that wait, and end. The server starts it.

With `--until-stdin-closes` it ends when its standard input does: when the server process that started it has ended,
however that came about. What it was making is begun again by the next one.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from hantsmap import logs
from hantsmap.downloads.kept import Kept
from hantsmap.downloads.maker import work
from hantsmap.errors import StoreError
from hantsmap.store import Store

UNTIL_STDIN_CLOSES = "--until-stdin-closes"


def end_with_stdin() -> None:
    """End this process as soon as its standard input is closed."""

    def wait() -> None:
        while sys.stdin.buffer.read(1):
            pass
        os._exit(1)

    threading.Thread(target=wait, name="hantsmap-stdin", daemon=True).start()


if __name__ == "__main__":
    logs.configure()
    if UNTIL_STDIN_CLOSES in sys.argv:
        end_with_stdin()
    with suppress(OSError):
        # Who reads a page goes before who waits for a file.
        os.nice(5)
    try:
        work(Store(Path(sys.argv[1])), Kept(Path(sys.argv[2])))
    except StoreError as fault:
        sys.exit(str(fault))
