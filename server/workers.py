"""The process that starts the workers: it replaces one that ended, and writes to the log that it did."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from socket import socket

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

log = logging.getLogger("hantsmap")


class Workers(Multiprocess):
    """The workers of one server. `ended` is told the process id of each that was replaced."""

    def __init__(self, config: Config, sockets: list[socket], ended: Callable[[int], None] = lambda pid: None) -> None:
        super().__init__(config, sockets)
        self._ended = ended

    def keep_subprocess_alive(self) -> None:
        """Replace workers that ended or do not answer, and log why."""
        before = [(process, process.process.is_alive()) for process in self.processes]
        super().keep_subprocess_alive()
        for (old, alive), new in zip(before, self.processes, strict=False):
            if new is not old:
                why = "did not answer and was stopped" if alive else f"ended ({_how(old.exitcode)})"
                log.error("Worker %s %s. Worker %s replaces it.", old.pid, why, new.pid)
                self._ended(old.pid or 0)


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        try:
            return f"signal {signal.Signals(-exitcode).name}"
        except ValueError:
            return f"signal {-exitcode}"
    return f"exit code {exitcode}"
