"""Answers as they go out: validators, compression, and the headers that every answer carries."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from isal import igzip, isal_zlib

from hantsmap import __version__
from server.answer import SMALL, Answer, Slices, Unsent, joined
from server.modified import unchanged_since
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
# What everybody may have, pages of others may read too; and with a key, who has the key. Never `Allow-Credentials`: a
# browser then gives no page an answer to which it added a cookie, or a password that it remembers. Where the server's
# own network already opens something (another audience than `public`), pages of others may read nothing.
OPEN = ("access-control-allow-origin", "*")
EXPOSED = ("access-control-expose-headers",
           "Accept-Ranges, Content-Crs, Content-Disposition, Content-Range, ETag, Link, Retry-After, WWW-Authenticate, "
           "HantsMap-Digest, HantsMap-Features, HantsMap-Sequence, OGC-NumberReturned")
ALLOWED_HEADERS = ("access-control-allow-headers", "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, "
                                                   "If-None-Match, If-Range, Range, X-API-Key")
SHARED_HEADERS = (
    *SAFE_HEADERS,
    ("cross-origin-resource-policy", "cross-origin"),
    OPEN, EXPOSED,
)
PRIVATE_HEADERS = (*SAFE_HEADERS, ("cross-origin-resource-policy", "same-origin"))
# With a key in a header. The answer stays that client's own.
KEYED_HEADERS = (*PRIVATE_HEADERS, OPEN, EXPOSED)
# QGIS caches by address alone: what is kept would be shown to the next person at that desk.
TILE_CACHING = "cache-control", "public, max-age=300, must-revalidate"
PASSED_CACHING = "cache-control", "no-store"
SHARED_CACHING, PRIVATE_CACHING = ("cache-control", "public, no-cache"), ("cache-control", "private, no-store")


def etag(visit: Visit, *parts: str) -> str:
    """A validator made of all that an answer depends on: weak, because compression changes the bytes."""
    everywhere = (__version__, visit.served.told)
    return f'W/"{blake2b(chr(0).join((*everywhere, *parts)).encode(), digest_size=12).hexdigest()}"'


def not_modified(visit: Visit, tag: str, modified: datetime | None = None) -> Answer | None:
    """The 304 answer when the client has this already: by its validator or, without one, by when it was `modified`.

    A date tells no two audiences apart, so that it counts for nobody in particular only.
    """
    given = visit.request.headers.get("if-none-match")
    known = {part.strip().removeprefix("W/") for part in (given or "").split(",")}
    by_date = visit.shared and unchanged_since(visit.request, modified)
    if not by_date and (not given or ("*" not in known and tag.removeprefix("W/") not in known)):
        return None
    # What the client has came with all the other headers: RFC 9110, 15.4.5 asks not to tell them again.
    answer = Answer(304, [("etag", tag)])
    answer.headers += (SHARED_CACHING, VARY) if visit.shared else (PRIVATE_CACHING, VARY)
    answer.headers += (OPEN, EXPOSED) if visit.readable_elsewhere else ()
    return answer


def reply(visit: Visit, body: bytes | Slices, content_type: str, tag: str) -> Answer:
    """A whole answer with its validator, compressed when the client asks for it."""
    headers = [("content-type", content_type)]
    if (isinstance(body, Slices) or len(body) >= WORTH_COMPRESSING) and visit.request.takes("gzip"):
        # No time in it: the same answer is the same bytes.
        body = igzip.compress(joined(body), compresslevel=GZIP_LEVEL, mtime=0)
        headers.append(("content-encoding", "gzip"))
    # What was made for one request waits for its reader in a file, not in memory. What is at hand is shared.
    made = (body,) if isinstance(body, bytes) else body.parts
    if not visit.hurried and sum(len(part) for part in made if isinstance(part, bytes)) > SMALL:
        return finished(visit, Answer(200, headers, visit.served.spool.hold(made)), tag)
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
    answer.headers += _headers(visit)
    return answer


def harden(visit: Visit, answer: Answer) -> Answer:
    """Headers that keep a page from loading, and from being used by, anything that is not ours."""
    answer.add(_headers(visit))
    return answer


def _headers(visit: Visit) -> tuple[tuple[str, str], ...]:
    if visit.shared:
        return SHARED_HEADERS
    return KEYED_HEADERS if visit.readable_elsewhere else PRIVATE_HEADERS


def uncached(visit: Visit, body: bytes, content_type: str, status: int = 200) -> Answer:
    """An answer that is true only now."""
    return harden(visit, Answer(status, [("content-type", content_type), ("cache-control", "no-store")], body))
