"""Dates and times as CQL2 writes them (OGC 21-065, annex B; RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hantsmap.filters.limits import refusal, shown

DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))?", re.ASCII
)


def instant(text: str) -> date | datetime:
    """`2025-06-01` as a date, `2025-06-01T09:30:00Z` as a UTC datetime. Without a zone a time is UTC.

    Raises QueryError for anything else, the 31st of February included.
    """
    try:
        # GDAL 3.6 writes a day as `2025-06-01T`.
        day = DATE.fullmatch(text.removesuffix("T"))
        if day:
            return date(*(int(part) for part in day.groups()))
        time = TIME.fullmatch(text)
        if time:
            return _datetime(time)
    except (ValueError, OverflowError):
        pass
    raise refusal(f"`{shown(text)}` is not a date or time. Write 2025-06-01 or 2025-06-01T09:30:00Z.")


def _datetime(time: re.Match[str]) -> datetime:
    *parts, fraction, sign, hours, minutes = time.groups()
    microseconds = int((fraction or "0").ljust(6, "0")[:6])
    zone = UTC
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(offset if sign == "+" else -offset)
    year, month, day, hour, minute, second = (int(part) for part in parts)
    return datetime(year, month, day, hour, minute, second, microseconds, zone).astimezone(UTC)


def midnight(day: date) -> datetime:
    """The UTC midnight at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def instant_of(tree: dict[str, Any]) -> date | datetime:
    """The instant of `{"date": ...}` or `{"timestamp": ...}`. Raises QueryError where it holds the other or neither."""
    name = "date" if "date" in tree else "timestamp"
    text = tree[name]
    if not isinstance(text, str):
        raise refusal(f"{name.upper()} takes a text in quotation marks, such as {name.upper()}('2025-06-01').")
    found = instant(text)
    if isinstance(found, datetime) is (name == "timestamp"):
        return found
    if name == "timestamp":
        return midnight(found)
    raise refusal(f"`{shown(text)}` is a time and not a date. Use TIMESTAMP, or a date such as 2025-06-01.")
