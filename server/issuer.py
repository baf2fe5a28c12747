"""Whose tokens count: the council's OpenID provider as the operator has set it up. It knows no cryptography."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Signatures that only the issuer can make. With HS*, whoever can check one can make one; `none` is none (RFC 8725 3.1).
ASYMMETRIC = frozenset(f"{kind}{bits}" for kind in ("RS", "ES", "PS") for bits in (256, 384, 512))


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens count here. Without `audience`, bearer tokens do not; `clients` may get them besides `client_id`."""

    url: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    audience: str | None = None
    scope: str | None = None
    clients: tuple[str, ...] = ()
    sign_in_scope: str = "openid"
    algorithms: tuple[str, ...] = ("RS256", "ES256", "PS256")

    def __post_init__(self) -> None:
        """Raises ValueError for settings that no token should be checked by."""
        if origin(self.url) is None or "?" in self.url:
            raise ValueError(f"HANTSMAP_OIDC_ISSUER `{self.url}` is not an https address (http only on loopback).")
        if not self.client_id:
            raise ValueError("HANTSMAP_OIDC_CLIENT_ID is missing: an issuer without it says nothing.")
        if not self.algorithms or not ASYMMETRIC.issuperset(self.algorithms):
            raise ValueError(f"Tokens are signed with one of {', '.join(sorted(ASYMMETRIC))}, and nothing else.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Issuer | None:
        """Read HANTSMAP_OIDC_*; None without an issuer. Raises ValueError for settings that cannot be meant."""
        said = {name: environment.get(f"HANTSMAP_OIDC_{name}", "").strip()
                for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "AUDIENCE", "SCOPE", "CLIENTS", "SIGN_IN_SCOPE")}
        if not said["ISSUER"]:
            return None
        asked = dict.fromkeys(["openid", *said["SIGN_IN_SCOPE"].split()])
        return cls(said["ISSUER"], said["CLIENT_ID"], said["CLIENT_SECRET"] or None, said["AUDIENCE"] or None,
                   said["SCOPE"] or None, tuple(said["CLIENTS"].split()), " ".join(asked))


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address that may be asked: https, or http to this very machine; else None."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return None
    host = parts.hostname or ""
    trusted = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return (parts.scheme, host, port) if trusted and host and parts.username is None and not parts.fragment else None


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself, told by its name alone and not by asking the network."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
