"""The log has time and level on each line, as text or JSON, and says a repeated fault once a minute."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import orjson
import pytest

from hantsmap import logs

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (WARNING|ERROR) \[\d+\] (.*)")
log = logging.getLogger("hantsmap.tests")


class Clock:
    """A clock that the test puts forward."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root of all loggers, as it was before when the test is over."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def written(root: logging.Logger) -> io.StringIO:
    """What is written to the log, as text."""
    stream = io.StringIO()
    logs.configure({}, stream)
    return stream


def test_each_line_has_time_level_and_process(written: io.StringIO) -> None:
    """A line begins with the time in UTC and the level; what is less than a warning is not written."""
    log.info("Nothing to see.")
    log.warning("Something %s.", "happened")
    log.error("It failed.")

    assert [match.groups() for line in written.getvalue().splitlines() if (match := LINE.fullmatch(line))] == [
        ("WARNING", "Something happened."), ("ERROR", "It failed.")]
    assert len(written.getvalue().splitlines()) == 2


def test_json_lines_have_the_traceback_as_a_member(root: logging.Logger) -> None:
    """With HANTSMAP_LOG=json each line is one JSON object, whatever the message and the traceback hold."""
    stream = io.StringIO()
    logs.configure({"HANTSMAP_LOG": "json"}, stream)
    try:
        int("a\nb")
    except ValueError:
        log.exception('A "fault"\nin two lines')

    [line] = stream.getvalue().splitlines()
    said = orjson.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("ERROR", "hantsmap.tests", 'A "fault"\nin two lines')
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said["time"])
    assert said["exception"].startswith("Traceback") and "ValueError: invalid literal" in said["exception"]


def test_another_form_is_refused(root: logging.Logger) -> None:
    """A form that is not known is a sentence with those that are."""
    with pytest.raises(ValueError, match=r"HANTSMAP_LOG is `xml`\. Set it to text or json\."):
        logs.configure({"HANTSMAP_LOG": "xml"})


def limited() -> tuple[logging.Logger, Clock, list[str]]:
    """A logger of its own with a limit, its clock, and what it has written."""
    said: list[str] = []

    class Written(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.levelname} {record.getMessage()}")

    clock = Clock()
    logger = logging.Logger("alone")
    logger.addHandler(logs.RepeatLimit(Written(), clock))
    return logger, clock, said


def test_an_outage_is_a_few_lines() -> None:
    """7,268 equal faults in three minutes, as in one outage of a database, are three lines and how often it was
    repeated; another fault between them is written at once."""
    logger, clock, said = limited()
    for number in range(7_268):
        clock.now = 1_000 + number * 180 / 7_268
        logger.error("The accounts at db:5432 cannot be used: timeout after %d ms.", number)
        if number == 4_000:
            logger.warning("The disk is full.")
    logger.handlers[0].close()

    assert len(said) == 7
    assert sum(line == "WARNING The disk is full." for line in said) == 1
    repeated = [int(found[1].replace(",", "")) for line in said
                if (found := re.match(r"ERROR Repeated ([\d,]+) times within a minute: The accounts", line))]
    assert sum(repeated) + 3 == 7_268


def test_many_different_messages_of_one_place_are_limited_too() -> None:
    """A fault that names each address it met is written thirty times a minute, then counted."""
    logger, clock, said = limited()
    for letter in (chr(97 + one) + chr(97 + two) for one in range(20) for two in range(20)):
        logger.error("GET /%s failed.", letter)
    assert len(said) == 30

    clock.now += 61
    logger.error("Another fault.")
    assert said[30:] == ["ERROR 370 other messages of this kind, such as: GET /tt failed.", "ERROR Another fault."]


def test_a_fault_that_comes_back_after_a_minute_is_written_again() -> None:
    """Once in each minute, the message itself is written."""
    logger, clock, said = limited()
    for _ in range(3):
        logger.error("It failed.")
        clock.now += 60
    assert said == ["ERROR It failed."] * 3
