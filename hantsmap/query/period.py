"""The `datetime` parameter: an instant or an interval, and which features it meets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap.errors import QueryError
from hantsmap.layer import FieldType
from hantsmap.rendition import Rendition

OPEN = ("", "..")
# As RFC 3339 has it, with the seconds and the zone left out at will; GDAL writes a day as `2025-06-01T`.
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d(T|T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`, both included, in UTC; None where it is open."""

    start: datetime | None
    end: datetime | None

    def meets(self, rendition: Rendition) -> NDArray[np.bool_]:
        """Which features hold at some time in the period. One without a date holds always (OGC 17-069, 7.15.4)."""
        temporal = rendition.description.temporal
        if temporal is None:
            return np.ones(rendition.count, dtype=bool)
        started = rendition.column(temporal.start)
        ended = rendition.column(temporal.end or temporal.start)
        mask = np.ones(rendition.count, dtype=bool)
        if self.end is not None:
            mask &= _or_unknown(pc.less_equal(started, _like(started, self.end)))
        if self.start is not None:
            mask &= _or_unknown(pc.greater_equal(ended, _like(ended, self.start)))
        return mask


def _like(column: Any, moment: datetime) -> pa.Scalar:
    return pa.scalar(moment.date(), pa.date32()) if pa.types.is_date(column.type) else pa.scalar(moment, column.type)


def _or_unknown(mask: Any) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, True).to_numpy(zero_copy_only=False) if isinstance(mask, pa.Array)
                      else pc.fill_null(mask, True).to_numpy())


def read_period(text: str, rendition: Rendition) -> Period:
    """Read `datetime`: `2026-11-21`, `2026-11-21T09:00:00Z`, `2025-01-01/..`. A day is the whole of it.

    Raises QueryError for anything else, for an interval that ends before it begins, and where features have several
    dates of which none is the time that they hold: QGIS 3.22 sends any date column so, and trusts the answer.
    """
    dates = [name for name, field in rendition.fields.items() if field.type in (FieldType.DATE, FieldType.DATETIME)]
    if dates and rendition.description.temporal is None:
        raise QueryError(f"This collection has the dates {', '.join(dates)}, and none of them is the time of a "
                         f"feature. Name one in a filter: {dates[0]} >= DATE('2026-01-01').", "datetime")
    parts = text.strip().split("/")
    if len(parts) > 2 or all(part in OPEN for part in parts):
        raise _refused(text)
    start = None if parts[0] in OPEN else _moment(parts[0], text)[0]
    end = None if parts[-1] in OPEN else _moment(parts[-1], text)[1]
    if start is not None and end is not None and start > end:
        raise QueryError(f"datetime `{text}` ends before it begins.", "datetime")
    return Period(start, end)


def _moment(part: str, text: str) -> tuple[datetime, datetime]:
    """First and last moment that a written time stands for."""
    try:
        if not WRITTEN.fullmatch(part):
            raise _refused(text)
        if len(part) <= len("2025-06-01T"):
            first = datetime.fromisoformat(part[:10]).replace(tzinfo=UTC)
            return first, datetime.combine(first, time.max, UTC)
        moment = datetime.fromisoformat(part.upper())
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _refused(text) from None
    return moment, moment


def _refused(text: str) -> QueryError:
    return QueryError(f"datetime `{text}` is not a date, a time or an interval. Write 2026-11-21, "
                      "2026-11-21T09:00:00Z, 2025-01-01/2025-12-31 or 2025-01-01/..", "datetime")
