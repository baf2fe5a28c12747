"""Files on the wire, whole or a part of them: a transfer that broke off goes on where it was (RFC 9110, 14)."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from server import replies
from server.answer import Answer, FilePart
from server.visit import Visit

ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def file(visit: Visit, path: Path, content_type: str, tag: str, modified: datetime | None = None) -> Answer:
    """A file that does not change while it has this (strong) validator: 200, 206, 304 or 416.

    One range is honoured; several, or what is no range, get the whole file, as RFC 9110, 14.2 allows.
    """
    unchanged = replies.not_modified(visit, tag, modified)
    if unchanged is not None:
        return unchanged
    size = path.stat().st_size
    headers = [("content-type", content_type), ("accept-ranges", "bytes")]
    asked = _range(visit, tag, size)
    if asked is None:
        return replies.finished(visit, Answer(200, headers, FilePart(path, 0, size)), tag)
    start, end = asked
    if start >= end:
        return replies.finished(visit, Answer(416, [("content-range", f"bytes */{size}")]), tag)
    headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
    return replies.finished(visit, Answer(206, headers, FilePart(path, start, end)), tag)


def _range(visit: Visit, tag: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; nothing between them where the file has no such part."""
    asked, condition = visit.request.headers.get("range"), visit.request.headers.get("if-range")
    found = ONE_RANGE.fullmatch(asked or "")
    # Dates are not kept: only the very file that the client has a part of is gone on with (RFC 9110, 13.1.5).
    if found is None or condition not in (None, tag) or visit.request.method != "GET":
        return None
    first, last = found[1], found[2]
    if first:
        if last and int(last) < int(first):
            return None
        # Who has all of it asks for what comes after its end (`curl --continue-at -`): there is no such part.
        return int(first), min(int(last) + 1, size) if last else size
    return (max(0, size - int(last)), size) if last else None
