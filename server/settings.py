"""Settings of a server, from the environment: where the store is, whom it serves, and under which address."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hantsmap.access import PUBLIC
from server.issuer import Issuer

ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?(/[\w.\-/]*)?", re.ASCII)


TILES = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?/[\w.\-/{}~]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Background:
    """Map tiles of the operator's own, behind the layers: their address with {z}, {x} and {y}, and whom to thank.

    They are in the British National Grid: of another tile matrix set, nothing would be in its place.
    """

    url: str
    attribution: str
    matrix: str = "BritishNationalGrid"


@dataclass(frozen=True, slots=True)
class Settings:
    """`audience` is whom those count as who bring no credential. `public_url` is the address behind a proxy.

    `accounts` is the database of keys, sessions and reads (a file beside the store unless said otherwise); the rates
    are requests a minute; `trusted_proxies` is how many proxies of the operator's own stand before this server; `runs`
    is a file in which the workers of one server remember runs of pages. `background` is for the map: without it, a
    browser asks nobody else for anything. `lessons` is a file with other words for the lessons. `issuer` is the
    council's OpenID provider, where there is one; `secret` seals what browsers bring back from it: without, nobody
    signs in.
    """

    store: Path
    audience: str = PUBLIC
    public_url: str | None = None
    accounts: str | None = None
    key_rate: int = 600
    address_rate: int = 3_000
    trusted_proxies: int = 0
    runs: Path | None = None
    background: Background | None = None
    lessons: Path | None = None
    issuer: Issuer | None = None
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read HANTSMAP_STORE, _AUDIENCE, _PUBLIC_URL, _ACCOUNTS, _KEY_RATE, _ADDRESS_RATE, _TRUSTED_PROXIES,
        _RUNS, _BACKGROUND_URL, _BACKGROUND_ATTRIBUTION, _LESSONS, _OIDC_* and _SECRET.

        Raises ValueError, with a sentence, for what cannot be used.
        """
        url = environment.get("HANTSMAP_PUBLIC_URL", "").rstrip("/") or None
        if url and not ADDRESS.fullmatch(url):
            raise ValueError(f"HANTSMAP_PUBLIC_URL `{url}` is not an http or https address.")
        return cls(
            Path(environment.get("HANTSMAP_STORE", "var/store")), environment.get("HANTSMAP_AUDIENCE") or PUBLIC, url,
            environment.get("HANTSMAP_ACCOUNTS") or None, _whole(environment, "HANTSMAP_KEY_RATE", 600, 1),
            _whole(environment, "HANTSMAP_ADDRESS_RATE", 3_000, 1),
            _whole(environment, "HANTSMAP_TRUSTED_PROXIES", 0, 0),
            Path(environment["HANTSMAP_RUNS"]) if environment.get("HANTSMAP_RUNS") else None,
            _background(environment),
            Path(environment["HANTSMAP_LESSONS"]) if environment.get("HANTSMAP_LESSONS") else None,
            Issuer.from_environment(environment), environment.get("HANTSMAP_SECRET") or None)


def _background(environment: Mapping[str, str]) -> Background | None:
    url, thanks = environment.get("HANTSMAP_BACKGROUND_URL"), environment.get("HANTSMAP_BACKGROUND_ATTRIBUTION")
    if not url:
        return None
    if not TILES.fullmatch(url) or not all(part in url for part in ("{z}", "{x}", "{y}")):
        raise ValueError(f"HANTSMAP_BACKGROUND_URL `{url}` is no http or https address with {{z}}, {{x}} and {{y}}.")
    if not thanks:
        raise ValueError("HANTSMAP_BACKGROUND_ATTRIBUTION is missing: say whose the tiles of the background are.")
    return Background(url, thanks)


def _whole(environment: Mapping[str, str], name: str, default: int, least: int) -> int:
    said = environment.get(name, "")
    if said and not (said.isascii() and said.isdigit() and int(said) >= least):
        raise ValueError(f"{name} `{said}` is not a whole number from {least} up.")
    return int(said) if said else default
