"""When a resource changed (`Last-Modified`, RFC 9110, 8.8.2), for clients that know no ETag."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from hantsmap.catalogue import Entry
from server.answer import Answer
from server.request import Request


def last_modified(entries: Iterable[Entry]) -> datetime | None:
    """The second in which the newest of some layers came to be as the viewer sees it, in UTC.

    None without layers, and where a layer changed twice in one second: the date would not tell the two apart.
    """
    dates = []
    for entry in entries:
        published = entry.published.astimezone(UTC).replace(microsecond=0)
        before = [step.since.astimezone(UTC).replace(microsecond=0) for step in entry.timeline[-2:-1]]
        if published in before:
            return None
        dates.append(published)
    return max(dates, default=None)


def unchanged_since(request: Request, modified: datetime | None) -> bool:
    """Whether `If-Modified-Since` says that the client has this. `If-None-Match` outweighs it (RFC 9110, 13.1.3)."""
    given = request.headers.get("if-modified-since")
    if modified is None or not given or request.headers.get("if-none-match") is not None:
        return False
    try:
        since = parsedate_to_datetime(given)
    except ValueError:
        return False
    return modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def dated(answer: Answer, modified: datetime | None) -> Answer:
    """The answer with `Last-Modified`, where the date is known. A 304 has its ETag (RFC 9110, 15.4.5)."""
    if modified is not None and answer.status in (200, 204, 206):
        answer.headers.append(("last-modified", format_datetime(modified, usegmt=True)))
    return answer
