"""The log of programs that run for long: time, level and process on each line, and a repeated fault once a minute.

Lines go to stderr, as text or, with HANTSMAP_LOG=json, as one JSON object each.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

import orjson

SETTING, FORMS = "HANTSMAP_LOG", ("text", "json")
# The same message is written once in so many seconds, and of one place in the program so many different ones.
WINDOW_S, MOST_OF_ONE_PLACE = 60.0, 30
MOST_REMEMBERED = 1_000
# Two messages that differ in numbers only are the same.
NUMBER = re.compile(r"\d+")
Key = tuple[str, int, str]


class TextLines(logging.Formatter):
    """`2026-01-31T02:00:00.123Z ERROR [4711] message`, and a traceback on the lines that follow."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s [%(process)d] %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - of logging
        """The time in UTC, with milliseconds (RFC 3339)."""
        return _time(record)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, process, logger, message, and exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        said = {"time": _time(record), "level": record.levelname, "process": record.process, "logger": record.name,
                "message": record.getMessage()}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(said).decode()


@dataclass(slots=True)
class _Window:
    """When a message was last written, how often it was left out since, and the last record of it."""

    start: float
    left_out: int = 0
    last: logging.LogRecord | None = field(default=None, repr=False)


class RepeatLimit(logging.Handler):
    """Writes warnings and errors to another handler: the same message once a minute.

    Messages are the same when they come from the same line of the program and differ in numbers only. How often one was
    left out is written with the next message after its minute, or at the end of the program.
    """

    def __init__(self, target: logging.Handler, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._target, self._clock = target, clock
        self._messages: OrderedDict[Key, _Window] = OrderedDict()
        self._places: dict[tuple[str, int], _Window] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        now = self._clock()
        self._write_counts(now)
        if record.levelno < logging.WARNING:
            self._target.handle(record)
            return
        place = (record.pathname, record.lineno)
        key = (*place, NUMBER.sub("#", record.getMessage()))
        known = self._messages.get(key)
        if known is not None:
            known.left_out, known.last = known.left_out + 1, record
            return
        of_place = self._places.setdefault(place, _Window(now))
        of_place.left_out, of_place.last = of_place.left_out + 1, record
        if of_place.left_out > MOST_OF_ONE_PLACE:
            return
        self._messages[key] = _Window(now)
        self._target.handle(record)
        if len(self._messages) > MOST_REMEMBERED:
            self._write_count(*self._messages.popitem(last=False))

    def flush(self) -> None:
        """Flush the other handler."""
        self._target.flush()

    def close(self) -> None:
        """Write what was left out, and close the other handler."""
        self._write_counts(float("inf"))
        self._target.close()
        super().close()

    def _write_counts(self, now: float) -> None:
        """Write how often each message was left out whose minute is over. The oldest come first."""
        while self._messages:
            key, window = next(iter(self._messages.items()))
            if now - window.start < WINDOW_S:
                break
            del self._messages[key]
            self._write_count(key, window)
        for place in [place for place, window in self._places.items() if now - window.start >= WINDOW_S]:
            over = self._places.pop(place)
            if over.left_out > MOST_OF_ONE_PLACE:
                self._write(over.last, f"{over.left_out - MOST_OF_ONE_PLACE:,} other messages of this kind, such as")

    def _write_count(self, key: Key, window: _Window) -> None:
        if window.left_out:
            self._write(window.last, f"Repeated {window.left_out:,} times within a minute")

    def _write(self, last: logging.LogRecord | None, before: str) -> None:
        if last is not None:
            self._target.handle(logging.makeLogRecord({
                **last.__dict__, "msg": f"{before}: {last.getMessage()}", "args": None, "exc_info": None,
                "exc_text": None}))


def configure(environment: Mapping[str, str] = os.environ, stream: IO[str] | None = None) -> None:
    """Send the log of this process to stderr, from warnings on. Raises ValueError for another HANTSMAP_LOG."""
    form = environment.get(SETTING) or FORMS[0]
    if form not in FORMS:
        raise ValueError(f"{SETTING} is `{form}`. Set it to {' or '.join(FORMS)}.")
    lines = logging.StreamHandler(stream or sys.stderr)
    lines.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[RepeatLimit(lines)], force=True)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
