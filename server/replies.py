"""Answers as they go out: validators, compression, and the headers that every answer carries."""

from __future__ import annotations

from hashlib import blake2b

from isal import igzip, isal_zlib

from hantsmap import __version__
from server.answer import Answer, Slices, Unsent, joined
from server.spool import GZIP_LEVEL
from server.visit import Visit

# Smaller than this, a gzip header costs what it saves.
WORTH_COMPRESSING = 800
# What zlib calls a gzip file.
GZIP = 31
VARY = ("vary", "Accept, Accept-Encoding, Authorization, X-API-Key, Cookie")
SAFE_HEADERS = (
    VARY,
    ("content-security-policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
                                "base-uri 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "geolocation=(), camera=(), microphone=()"),
)
# What everybody may have, pages of others may read too. What staff may have, they may not: a page from anywhere that is
# open in a browser of the council's network would read it out.
OPEN = ("access-control-allow-origin", "*")
SHARED_HEADERS = (
    *SAFE_HEADERS,
    ("cross-origin-resource-policy", "cross-origin"),
    OPEN,
    ("access-control-expose-headers", "Content-Crs, ETag, Link, HantsMap-Digest, HantsMap-Features, HantsMap-Sequence, "
                                      "OGC-NumberReturned"),
)
PRIVATE_HEADERS = (*SAFE_HEADERS, ("cross-origin-resource-policy", "same-origin"))
# QGIS caches by address alone: what is kept would be shown to the next person at that desk.
TILE_CACHING = "cache-control", "public, max-age=300, must-revalidate"
PASSED_CACHING = "cache-control", "no-store"
SHARED_CACHING, PRIVATE_CACHING = ("cache-control", "public, no-cache"), ("cache-control", "private, no-store")


def etag(visit: Visit, *parts: str) -> str:
    """A validator made of all that an answer depends on: weak, because compression changes the bytes."""
    everywhere = (__version__, visit.served.told)
    return f'W/"{blake2b(chr(0).join((*everywhere, *parts)).encode(), digest_size=12).hexdigest()}"'


def not_modified(visit: Visit, tag: str) -> Answer | None:
    """The 304 answer when the client has this already."""
    given = visit.request.headers.get("if-none-match")
    if not given:
        return None
    known = {part.strip().removeprefix("W/") for part in given.split(",")}
    if "*" not in known and tag.removeprefix("W/") not in known:
        return None
    # What the client has came with all the other headers: RFC 9110, 15.4.5 asks not to tell them again.
    answer = Answer(304, [("etag", tag)])
    answer.headers += (SHARED_CACHING, VARY, OPEN) if visit.shared else (PRIVATE_CACHING, VARY)
    return answer


def reply(visit: Visit, body: bytes | Slices, content_type: str, tag: str) -> Answer:
    """A whole answer with its validator, compressed when the client asks for it."""
    headers = [("content-type", content_type)]
    if (isinstance(body, Slices) or len(body) >= WORTH_COMPRESSING) and visit.request.takes("gzip"):
        # No time in it: the same answer is the same bytes.
        body = igzip.compress(joined(body), compresslevel=GZIP_LEVEL, mtime=0)
        headers.append(("content-encoding", "gzip"))
    return finished(visit, Answer(200, headers, body), tag)


def unsent(visit: Visit, content_type: str, tag: str) -> Answer:
    """The response to HEAD of what takes long to make: without the headers that only its body would tell."""
    return finished(visit, Answer(200, [("content-type", content_type)], Unsent()), tag)


def packed(visit: Visit, compressed: bytes, content_type: str, tag: str) -> Answer:
    """A whole answer that is kept as gzip: sent as it is, or unpacked for a client that does not take that."""
    headers = [("content-type", content_type)]
    if visit.request.takes("gzip"):
        return finished(visit, Answer(200, [*headers, ("content-encoding", "gzip")], compressed), tag)
    return finished(visit, Answer(200, headers, unpacked(compressed)), tag)


def unpacked(compressed: bytes) -> bytes:
    """What was compressed with gzip."""
    return isal_zlib.decompress(compressed, GZIP)


def finished(visit: Visit, answer: Answer, tag: str) -> Answer:
    """Add validator, caching rule and the headers that every answer carries."""
    shared = visit.shared
    answer.headers.append(("etag", tag))
    answer.headers.append(SHARED_CACHING if shared else PRIVATE_CACHING)
    answer.headers += SHARED_HEADERS if shared else PRIVATE_HEADERS
    return answer


def harden(visit: Visit, answer: Answer) -> Answer:
    """Headers that keep a page from loading, and from being used by, anything that is not ours."""
    answer.add(SHARED_HEADERS if visit.shared else PRIVATE_HEADERS)
    return answer


def uncached(visit: Visit, body: bytes, content_type: str, status: int = 200) -> Answer:
    """An answer that is true only now."""
    return harden(visit, Answer(status, [("content-type", content_type), ("cache-control", "no-store")], body))
