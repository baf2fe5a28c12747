"""XML of others: refused with a document type, which can pull in other files or grow without bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from hantsmap.sources.case import Case
from hantsmap.sources.places import CHUNK

_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST = 16
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def is_markup(start: bytes) -> bool:
    """Whether a file that starts with these bytes may be XML, in any encoding that XML readers detect."""
    for mark in _BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    return start.lstrip(b"\0 \t\r\n")[:1] == b"<"


def without_doctype(case: Case, stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in chunks. Raises SourceError at a DOCTYPE or ENTITY anywhere, also where it straddles two chunks.

    The search is for ASCII, so UTF-16, in which ASCII looks different, is refused as well.
    """
    tail = b""
    while chunk := stream.read(CHUNK):
        if b"\0" in chunk:
            raise case.fault("holds XML in UTF-16, which is refused. Save it as UTF-8.")
        if _FORBIDDEN.search(tail + chunk):
            raise case.fault("holds a DOCTYPE or ENTITY, which can pull in other files, and is refused.")
        tail = chunk[-_LONGEST:]
        yield chunk
