"""Dates and times as people and programs write them: one reader per format. A reader returns None for other texts.

No reader guesses: each takes one way of writing, and refuses dates that do not exist. Which readers a column is given,
and in which order the day and the month stand, is decided for the whole column in `date_columns`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

FIRST_TWO_DIGIT_YEAR_OF_1900 = 69  # As POSIX has it: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068.
EXCEL_EPOCH = datetime(1899, 12, 30)
# Excel believes in 29 February 1900: day numbers up to 60 are a day off, and no register of a county is that old.
FIRST_EXCEL_DAY = 61
# A county's records do not reach beyond these years: what does is a slip of the pen, or a default.
FIRST_YEAR, LAST_YEAR = 1600, 2100
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
               "november", "december")

_TIME = r"(?:(?:T|,?\s+)(?P<time>\d{1,2}:\d{2}.*))?"
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|BST|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE | re.ASCII)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.IGNORECASE | re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
SLASHED = re.compile(r"(\d{1,2})(?:([/.])(\d{1,2})\2(\d{4}|\d{2})|-(\d{1,2})-(\d{4}))" + _TIME,
                     re.IGNORECASE | re.ASCII)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAY_MONTH = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?[\s/.-]*(?:of\s+)?([a-z]{3,9})\.?[\s/,.-]*(\d{4}|\d{2})" + _TIME,
    re.IGNORECASE | re.ASCII)
_MONTH_DAY = re.compile(_WEEKDAY + r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})" + _TIME,
                        re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?)?",
                      re.IGNORECASE | re.ASCII)
_EXCEL = re.compile(r"\d{2,5}(\.\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """What a value says: a date, a time without a zone (naive) or an instant (aware), and how it was written.

    `part` is "year" or "month" where the value says no more than that and the first day was taken; `two_digits` is
    True where the century was not written.
    """

    said: date | datetime
    format: str
    part: str = ""
    two_digits: bool = False


Reader = Callable[[str], Written | None]


def _refusing(read: Reader) -> Reader:
    """The reader, with None for dates and times that do not exist, such as 31 February."""
    def refused(text: str) -> Written | None:
        try:
            return read(text)
        except (ValueError, OverflowError):
            return None

    return refused


def _with_clock(day: date, written: str | None) -> date | datetime:
    """The day, or the time on it. Raises ValueError for a time that does not exist."""
    if not written:
        return day
    match = _CLOCK.fullmatch(written.strip())
    if not match:
        raise ValueError(written)
    hour, half = int(match[1]), (match[5] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(written)
        hour = hour % 12 + (12 if half == "p" else 0)
    micros = int((match[4] or "0").ljust(6, "0")[:6])
    moment = datetime(day.year, day.month, day.day, hour, int(match[2]), int(match[3] or 0), micros)
    return moment.replace(tzinfo=_zone(match[6])) if match[6] else moment


def _zone(written: str) -> timezone:
    name = written.upper()
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if name == "BST":
        return timezone(timedelta(hours=1))
    digits = name[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if name[0] == "+" else -offset)


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) > 2 else year + (1900 if year >= FIRST_TWO_DIGIT_YEAR_OF_1900 else 2000)


@_refusing
def iso(text: str) -> Written | None:
    """2026-06-21, 2026/6/21, 2026-06-21T09:30:00+01:00; a year or a month alone is its first day, marked so."""
    if match := _ISO.fullmatch(text):
        return Written(_with_clock(date(int(match[1]), int(match[3]), int(match[4])), match["time"]), "iso")
    if match := _PARTIAL.fullmatch(text):
        part = "month" if match[2] else "year"
        return Written(date(int(match[1]), int(match[2] or 1), 1), "iso", part)
    return None


def slashed(text: str) -> tuple[int, int, str, str | None] | None:
    """First number, second number, year and time of 21/06/2026, 21.6.26 or 21-06-2026 09:30; None for other texts."""
    match = SLASHED.fullmatch(text)
    return (int(match[1]), int(match[3] or match[5]), match[4] or match[6], match["time"]) if match else None


@_refusing
def day_first(text: str) -> Written | None:
    """21/06/2026, 21.6.26, 21-06-2026 09:30: day, month, year."""
    if parts := slashed(text):
        day = date(_year(parts[2]), parts[1], parts[0])
        return Written(_with_clock(day, parts[3]), "day_first", two_digits=len(parts[2]) == 2)
    return None


@_refusing
def month_first(text: str) -> Written | None:
    """06/21/2026: month, day, year."""
    if parts := slashed(text):
        day = date(_year(parts[2]), parts[0], parts[1])
        return Written(_with_clock(day, parts[3]), "month_first", two_digits=len(parts[2]) == 2)
    return None


@_refusing
def month_name(text: str) -> Written | None:
    """21 Jun 2026, 21-Jun-26, Sunday 21st June 2026, June 21, 2026."""
    if match := _DAY_MONTH.fullmatch(text):
        day, name, year = match[1], match[2], match[3]
    elif match := _MONTH_DAY.fullmatch(text):
        day, name, year = match[2], match[1], match[3]
    else:
        return None
    month = _month(name.lower())
    said = _with_clock(date(_year(year), month, int(day)), match["time"]) if month else None
    return Written(said, "month_name", two_digits=len(year) == 2) if said else None


def _month(name: str) -> int | None:
    short = "sep" if name == "sept" else name
    names = MONTHS if len(short) == 3 else FULL_MONTHS
    return names.index(short) + 1 if short in names else None


@_refusing
def compact(text: str) -> Written | None:
    """20260621, 20260621140000, 20260621T140000Z."""
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        return None  # Digits that are milliseconds may look like a day of the year 9783.
    if not match[4]:
        return Written(day, "compact")
    clock = f"{match[4]}:{match[5]}:{match[6] or '00'}" + (f".{match[7]}" if match[7] else "") + (match[8] or "")
    return Written(_with_clock(day, clock), "compact")


@_refusing
def excel(text: str) -> Written | None:
    """46194 or 46194.5: days since the end of 1899, as Excel counts them, to the second."""
    if not _EXCEL.fullmatch(text) or float(text) < FIRST_EXCEL_DAY:
        return None
    moment = EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86_400))
    return Written(moment if "." in text and float(text) % 1 else moment.date(), "excel")


@_refusing
def epoch_ms(text: str) -> Written | None:
    """1782082800000: milliseconds since 1970 in UTC, as Esri writes dates."""
    return _since_1970(text, 1000, "epoch_ms")


@_refusing
def epoch_s(text: str) -> Written | None:
    """1782082800: seconds since 1970 in UTC."""
    return _since_1970(text, 1, "epoch_s")


def _since_1970(text: str, ticks: int, format_: str) -> Written | None:
    if not _WHOLE.fullmatch(text):
        return None
    seconds, rest = divmod(int(text), ticks)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // ticks)
    return Written(moment, format_)


def pattern(written: str) -> Reader:
    """A reader for a pattern of `strptime`, such as `%d %b %Y`."""
    clock = re.search(r"%[HIMScXTR]", written) is not None

    def read(text: str) -> Written | None:
        moment = datetime.strptime(text, written)
        return Written(moment if clock else moment.date(), written, two_digits="%y" in written)

    return _refusing(read)


READERS: Mapping[str, Reader] = {
    "iso": iso, "day_first": day_first, "month_first": month_first, "month_name": month_name, "compact": compact,
    "excel": excel, "epoch_s": epoch_s, "epoch_ms": epoch_ms,
}
