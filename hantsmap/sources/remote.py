"""Data behind a URL: fetched once, kept, and fetched again only when the server says that it changed.

The body is stored under its own hash and `about.json` points to it, so that a crash leaves the old copy or the new one.
A copy that cannot be confirmed with the server is never used: a stale map that looks fresh is worse than a fault.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import requests

from hantsmap.errors import SourceError
from hantsmap.layer import Source
from hantsmap.sources.addresses import PrivateAddressError, PublicAdapter
from hantsmap.sources.case import fault
from hantsmap.sources.places import KNOWN, sha256_of

_SECRET = ("key", "token", "password", "secret", "sig", "signature", "apikey", "api_key", "access_token")
_TYPES = {
    "application/geo+json": ".geojson",
    "application/vnd.geo+json": ".geojson",
    "application/json": ".geojson",
    "application/geopackage+sqlite3": ".gpkg",
    "application/gml+xml": ".gml",
    "text/xml": ".gml",
    "application/flatgeobuf": ".fgb",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "text/csv": ".csv",
}


def _limit() -> int:
    """Largest body in bytes; the environment's HANTSMAP_DOWNLOAD_LIMIT_MB (millions of bytes) overrides 2 GB."""
    said = os.environ.get("HANTSMAP_DOWNLOAD_LIMIT_MB", "")
    return int(float(said) * 1_000_000) if said.replace(".", "", 1).isdigit() else 2_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, and how much to take, in bytes (None: the setting of the environment)."""

    connect_s: float = 10
    read_s: float = 60
    total_s: float = 1800
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A copy in the cache: the file's name in its folder, its hash, and what the server said about it."""

    file: str
    sha256: str
    bytes: int
    fetched_at: str
    etag: str | None
    modified: str | None
    folder: Path

    @property
    def path(self) -> Path:
        """Where the copy is."""
        return self.folder / self.file


def shown(url: str) -> str:
    """A URL fit to be printed: no user or password, and no value of a parameter that looks like a key."""
    parts = urlsplit(url)
    query = [(name, "..." if name.lower() in _SECRET else value) for name, value in parse_qsl(parts.query, True)]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="./:,"), ""))


def fetch(layer: str, source: Source, cache: Path, limits: Limits = Limits()) -> Fetched:
    """The copy of `source.url` that the server has now. Raises SourceError, which says what copy is kept unused."""
    url = source.url or ""
    parts, place = urlsplit(url), shown(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise fault(layer, place, "is not an http or https address. Correct `url` in the registry.")
    if parts.username or parts.password:
        raise fault(layer, place, "holds a user or a password, which do not belong in the registry. Leave them out.")
    folder = _folder(source, cache)
    kept = _kept(folder)
    with _in_words(layer, place, kept), requests.Session() as session:
        session.max_redirects = 5
        if not source.allow_private:
            session.mount("http://", PublicAdapter())
            session.mount("https://", PublicAdapter())
        session.auth = lambda request: request  # Without this, requests would send what a ~/.netrc holds.
        waits = (limits.connect_s, limits.read_s)
        with session.get(url, headers=_question(kept), stream=True, timeout=waits) as answer:
            if answer.status_code == 304 and kept:
                return _pinned(layer, place, source, kept)
            if answer.status_code != 200:
                raise fault(layer, place, f"the server answered {answer.status_code} {answer.reason}.{_unused(kept)}")
            suffix = _suffix(layer, place, parts.path, answer.headers)
            folder.mkdir(parents=True, exist_ok=True)
            return _store(layer, place, source, answer, folder, suffix, kept, limits)


def forget(source: Source, cache: Path) -> None:
    """Remove the copy of a source from the cache, and the one before it."""
    shutil.rmtree(_folder(source, cache), ignore_errors=True)


def _folder(source: Source, cache: Path) -> Path:
    return cache / "remote" / hashlib.sha256((source.url or "").encode()).hexdigest()[:24]


def _question(kept: Fetched | None) -> dict[str, str]:
    # `identity`: the bytes that are hashed are then the bytes of the file, not of some compression of it.
    headers = {"User-Agent": "HantsMap", "Accept-Encoding": "identity"}
    if kept and kept.etag:
        headers["If-None-Match"] = kept.etag
    if kept and kept.modified:
        headers["If-Modified-Since"] = kept.modified
    return headers


@contextmanager
def _in_words(layer: str, place: str, kept: Fetched | None) -> Iterator[None]:
    try:
        yield
    except PrivateAddressError as error:
        raise fault(
            layer, place, f"leads to {error}, an address inside a private network, and is refused. If it should, add "
            "`allow_private: true` to the source."
        ) from error
    except requests.exceptions.InvalidSchema as error:
        raise fault(layer, place, "redirects to something that is not http or https, and is refused.") from error
    except requests.exceptions.TooManyRedirects as error:
        raise fault(layer, place, "redirects more than 5 times. Ask the publisher for the address itself.") from error
    except requests.exceptions.Timeout as error:
        raise fault(layer, place, f"the server did not answer in time. Try later.{_unused(kept)}") from error
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
        raise fault(layer, place, f"the answer broke off before its end. Try again.{_unused(kept)}") from error
    except requests.exceptions.RequestException as error:
        raise fault(layer, place, f"the server cannot be reached. Try later.{_unused(kept)}") from error


def _unused(kept: Fetched | None) -> str:
    return f" The copy fetched on {kept.fetched_at} is kept and was not used." if kept else " No copy is kept."


def _store(
    layer: str, place: str, source: Source, answer: requests.Response, folder: Path, suffix: str, kept: Fetched | None,
    limits: Limits,
) -> Fetched:  # fmt: skip
    """Streams the body to a temporary file, checks it, and only then makes it the copy."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix="fetching-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            sha256, size = _stream(layer, place, answer, stream, limits)
        if source.sha256 and sha256 != source.sha256:
            raise _mismatch(layer, place, source.sha256, sha256, kept)
        said = answer.headers
        now = datetime.now(UTC).isoformat(timespec="seconds")
        fetched = Fetched(f"{sha256}{suffix}", sha256, size, now, said.get("ETag"), said.get("Last-Modified"), folder)
        Path(temporary).replace(fetched.path)
        _remember(fetched)
    finally:
        Path(temporary).unlink(missing_ok=True)
    # The copy before this one stays until the next change: somebody may be reading it.
    for old in folder.iterdir():
        if old.suffix != ".part" and old.name not in (fetched.file, kept.file if kept else "", "about.json"):
            old.unlink(missing_ok=True)
    return fetched


def _stream(layer: str, place: str, answer: requests.Response, stream: Any, limits: Limits) -> tuple[str, int]:
    digest, size, started = hashlib.sha256(), 0, time.monotonic()
    most = limits.size if limits.size is not None else _limit()
    for chunk in answer.iter_content(1 << 16):
        size += len(chunk)
        if size > most:
            raise fault(
                layer, place, f"is larger than {most:,} bytes. Raise HANTSMAP_DOWNLOAD_LIMIT_MB if it should be."
            )
        if time.monotonic() - started > limits.total_s:
            raise fault(layer, place, f"took longer than {limits.total_s:g} seconds. Try later.")
        digest.update(chunk)
        stream.write(chunk)
    return digest.hexdigest(), size


def _pinned(layer: str, place: str, source: Source, kept: Fetched) -> Fetched:
    if source.sha256 and kept.sha256 != source.sha256:
        raise _mismatch(layer, place, source.sha256, kept.sha256, None)
    return kept


def _mismatch(layer: str, place: str, wanted: str, got: str, kept: Fetched | None) -> SourceError:
    told = f"its sha256 is {got} and the registry says {wanted}. Look at what changed, then correct `sha256`."
    return fault(layer, place, told + (_unused(kept) if kept else ""))


def _kept(folder: Path) -> Fetched | None:
    """The copy in the cache, if it is whole."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        kept = Fetched(**about, folder=folder)
        whole = kept.path.stat().st_size == kept.bytes and sha256_of(kept.path) == kept.sha256
    except (OSError, ValueError, TypeError):
        return None
    return kept if whole else None


def _remember(fetched: Fetched) -> None:
    about = {name: value for name, value in asdict(fetched).items() if name != "folder"}
    handle, temporary = tempfile.mkstemp(dir=fetched.folder, prefix="about-", suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(about, stream, indent=1)
    Path(temporary).replace(fetched.folder / "about.json")


def _suffix(layer: str, place: str, path: str, headers: Mapping[str, str]) -> str:
    """The format, by the address's own suffix, else by the name the server gives the file, else by its media type."""
    disposition = headers.get("Content-Disposition", "").replace('"', "").replace("'", "")
    name = disposition.rpartition("filename")[2].lstrip("*=").split(";")[0].strip()
    for candidate in (unquote(path), unquote(name)):
        suffix = PurePosixPath(candidate).suffix.lower()
        if suffix in KNOWN and suffix != ".gdb":
            return suffix
    media = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media in _TYPES:
        return _TYPES[media]
    raise fault(
        layer, place, f"does not say what format it is (`{media or 'no type'}`). It should end in {', '.join(KNOWN)}."
    )
