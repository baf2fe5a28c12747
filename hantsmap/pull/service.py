"""Asks a service for its schema and its changes, patiently: it waits when it is told to, and gives up after a while."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlsplit

import requests

from hantsmap import __version__
from hantsmap.errors import ServiceError, TermsError

ATTEMPTS = 6
# No answer is waited for longer than this in all, whatever Retry-After says: cron comes again.
MOST_WAIT_S = 900.0
TIMEOUT_S = (10, 120)
BUSY, FAILED = (429, 503), (500, 502, 504)
GRID = "http://www.opengis.net/def/crs/EPSG/0/27700"
CHUNK = 1 << 18
Read = TypeVar("Read")


class NoLongerKept(Exception):  # noqa: N818 - it is an answer, and no fault
    """The service cannot tell what changed since then: the layer is to be fetched whole."""


class TryAgain(Exception):  # noqa: N818 - likewise
    """An answer that broke off, or that asks to come again after some seconds."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        self.seconds = seconds
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class State:
    """What the service says of the state that an answer leads to: its number, its features, and their digest."""

    sequence: int
    features: int
    digest: str
    changes: int


class Service:
    """A service at an address, asked with a key or without. `sleep` is for tests."""

    def __init__(self, url: str, key: str | None = None, *, sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.username or parts.query:
            raise ServiceError(f"`{url}` is not the address of a service, such as https://maps.example.org.")
        if key is not None and not re.fullmatch(r"[\x21-\x7e]+", key):
            raise ServiceError("The key is not one: it has a space, or a character that no key has.")
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # A .netrc must not answer for the key, nor a redirect lead it elsewhere.
        self._session.trust_env = False
        self._session.proxies = requests.utils.get_environ_proxies(self.url)
        self._session.headers["User-Agent"] = f"hantsmap-pull/{__version__}"
        if key:
            self._session.headers["X-API-Key"] = key
        self._sleep = sleep

    def schema(self, layer: str) -> dict[str, Any]:
        """The schema of a layer (OGC 23-058)."""
        return self._ask(layer, "schema", {"f": "json"}, lambda response: _object(response.json()))

    def changes(self, layer: str, since: int, into: BinaryIO) -> State:
        """Write the changes of a layer since a state into an empty file, as lines, and say where they lead.

        Raises NoLongerKept when they can no longer be told.
        """

        def read(response: requests.Response) -> State:
            into.seek(0)
            into.truncate()
            for chunk in response.iter_content(CHUNK):
                into.write(chunk)
            into.seek(0)
            state = _state(response.headers)
            lines = sum(1 for _ in into)
            into.seek(0)
            if lines != state.changes:
                raise TryAgain(f"it told {lines} of {state.changes} changes")
            return state

        return self._ask(layer, "changes", {"since": str(since), "crs": GRID, "f": "ndjson"}, read)

    def _ask(self, layer: str, what: str, params: Mapping[str, str], read: Callable[[requests.Response], Read]) -> Read:
        waited, why = 0.0, ""
        for attempt in range(ATTEMPTS):
            try:
                address = f"{self.url}/collections/{quote(layer, safe='')}/{what}"
                with self._session.get(address, params=params, timeout=TIMEOUT_S, allow_redirects=False,
                                       stream=True) as response:
                    self._check(response, layer)
                    return read(response)
            except TryAgain as again:
                why, seconds = str(again), again.seconds
            except (requests.RequestException, ValueError) as fault:
                why, seconds = f"{type(fault).__name__}: {fault}", None
            wait = 2.0**attempt if seconds is None else seconds
            if attempt == ATTEMPTS - 1 or waited + wait > MOST_WAIT_S:
                break
            self._sleep(wait)
            waited += wait
        raise ServiceError(f"{self.url} did not answer for {layer} ({why}). What is held stays: run this again.")

    def _check(self, response: requests.Response, layer: str) -> None:
        """Go on with a 200. Raises the fault that another answer means."""
        status = response.status_code
        if status == requests.codes.ok:
            return
        if status in BUSY:
            raise TryAgain(f"it is busy, {status}", retry_after(response.headers.get("Retry-After")))
        if status in FAILED:
            raise TryAgain(f"it failed, {status}")
        if status in (400, 410):
            raise NoLongerKept(_sentence(response))
        if status == 403:
            raise TermsError(f"{layer}: {_sentence(response)}")
        if status == 401:
            raise ServiceError(f"{self.url} does not accept the key: {_sentence(response)}")
        if status == 404:
            raise ServiceError(f"{self.url} has no layer `{layer}` for this key, or tells no changes of it.")
        raise ServiceError(f"{self.url} answered for {layer} with {status}: {_sentence(response)}")


def retry_after(given: str | None, now: datetime | None = None) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 10.2.3: seconds or a date); None where it says nothing."""
    if given is None:
        return None
    if given.strip().isdigit():
        return float(given)
    with suppress(ValueError):
        return max(0.0, (parsedate_to_datetime(given) - (now or datetime.now(UTC))).total_seconds())
    return None


def _state(headers: Mapping[str, str]) -> State:
    try:
        return State(int(headers["HantsMap-Sequence"]), int(headers["HantsMap-Features"]), headers["HantsMap-Digest"],
                     int(headers["OGC-NumberReturned"]))
    except (KeyError, ValueError):
        raise ServiceError("The service does not say which state its answer leads to: is it a HantsMap?") from None


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise ServiceError("The schema that the service gave is no JSON object.")
    return document


def _sentence(response: requests.Response) -> str:
    """The sentence of an answer that refuses, and the addresses that it gives."""
    document: Any = None
    with suppress(ValueError, requests.RequestException):
        document = response.json()
    if not isinstance(document, dict):
        return response.reason or "no reason was given"
    words = str(document.get("detail") or document.get("description") or document.get("title") or response.reason)
    links = document.get("links")
    hrefs = [str(link["href"]) for link in links if isinstance(link, dict) and "href" in link] \
        if isinstance(links, list) else []
    # Where a licence is read and accepted.
    hrefs += [str(document["licence"])] if "licence" in document else []
    return " ".join([words, *(href for href in hrefs if href not in words)])
