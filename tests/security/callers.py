"""Who calls: an audience with its real key, and what a server answers to it, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from hantsmap.accounts import Accounts

# These say when, and not what.
CLOCK = ("Date", "Retry-After")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: method, address (with its query), headers and, for a search, the form in its body."""

    address: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()

    def renamed(self, old: str, new: str) -> Asked:
        """The same request about another name."""
        return Asked(self.address.replace(old, new), self.method, self.headers, self.form)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, without the time of day."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """One header, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def heard(self) -> str:
        """All that is to be heard in it, headers too."""
        return "\n".join([*(f"{name}: {value}" for name, value in self.headers), self.body.decode("utf-8", "replace")])

    def renamed(self, old: str, new: str) -> Answer:
        """The same answer about another name."""
        return Answer(self.status, tuple((name, value.replace(old, new)) for name, value in self.headers),
                      self.body.replace(old.encode(), new.encode()))


@dataclass(frozen=True, slots=True, repr=False)
class Callers:
    """The keys of all audiences."""

    url: str
    accounts: Accounts
    secrets: Mapping[str, str]

    def headers(self, audience: str) -> dict[str, str]:
        """What somebody of an audience sends to be known; the public sends nothing."""
        return {} if audience == "public" else {"Authorization": f"Bearer {self.secrets[audience]}"}


def at(layer: str, **asked: Any) -> str:
    """Address of items; names are written with _ for -, reference systems as EPSG codes."""
    given = {name.replace("_", "-") if name.split("_")[0] in ("bbox", "filter") else name: value
             for name, value in asked.items()}
    metres = "http://www.opengis.net/def/crs/EPSG/0/27700"
    given = {name: metres if name.endswith("crs") and value == "27700" else value for name, value in given.items()}
    return f"/collections/{layer}/items" + (f"?{urlencode(given)}" if given else "")


def call(client: FlaskClient, asked: Asked, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to a request."""
    got: Any = client.open(asked.address, method=asked.method, headers={**dict(asked.headers), **(headers or {})},
                           data=dict(asked.form) or None)
    answer = Answer(got.status_code, tuple((name, value) for name, value in got.headers if name not in CLOCK), got.data)
    got.close()
    return answer
