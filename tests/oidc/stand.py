"""What a sign-in is tried on: the application over real HTTP, with stand-ins for the clock and the accounts."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from surfer import Surfer
from werkzeug.serving import make_server

from hantsmap.access import Audience
from hantsmap.claims import Claims
from hantsmap.layer import SignIn
from server import signin
from server.cookies import Errand
from server.oidc import widest

AUDIENCES = {
    "public": Audience(title="Everybody"),
    "contractor": Audience(title="Contractors", within="public"),
    "staff": Audience(title="Staff", within="public"),
    "highways": Audience(title="Highways", within="staff"),
}
RULE = SignIn(claim="roles", organisation_claim="org", map={
    "GIS-Officers": "highways", "All-Staff": "staff", "Contractor-Acme": "contractor"})
ERRAND = "hantsmap-signing-in"
SECRET = "a secret of the tests, longer than 32 bytes"
HTTPS = "https://maps.example"


def tree(names: list[str]) -> str | None:
    """The registry's word on several audiences."""
    return widest(AUDIENCES, names)


@dataclass
class Clock:
    """A clock that the tests put forward."""

    ahead: float = 0
    start: Callable[[], float] = lambda: datetime.now(UTC).timestamp()

    def __call__(self) -> float:
        return self.start() + self.ahead


@dataclass(frozen=True)
class KeptSession:
    """A session of the stand-in."""

    audience: str
    subject: str
    org: str
    expires: datetime
    claims: Claims | None = None


@dataclass
class KeptAccounts:
    """A stand-in for hantsmap.accounts that forgets with the process."""

    sessions: dict[str, KeptSession] = field(default_factory=dict)

    def open_session(self, audience: str, subject: str, org: str, expires: datetime, claims: Claims | None = None
                     ) -> str:
        token = f"session-{len(self.sessions)}-{os.urandom(12).hex()}"
        self.sessions[token] = KeptSession(audience, subject, org, expires, claims)
        return token

    def session(self, token: str) -> KeptSession | None:
        return self.sessions.get(token)

    def close_session(self, token: str) -> None:
        self.sessions.pop(token, None)


@dataclass
class Service:
    """The application over real HTTP, with its desk for signing in."""

    app: Flask
    base: str
    desk: signin.Desk
    accounts: KeptAccounts
    clock: Clock

    def place(self) -> Callable[[str], bool]:
        """Tells when a browser is about to come back from the provider."""
        return lambda address: address.startswith(f"{self.base}/sign-in/callback")


class Street:
    """One address on loopback, so that a provider can know it, whichever application answers there."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def _answer(self, environ: Any, start: Any) -> Any:
        assert self.app is not None
        return self.app(environ, start)


def nearly(service: Service, surfer: Surfer, who: str = "olive", place: str = "/") -> str:
    """The address at which the provider sends somebody back who has signed in there; it is not gone to yet."""
    stopped = surfer.sign_in(f"{service.base}/sign-in?next={place}", who, service.place())
    return str(stopped.headers["Location"])


def errand(service: Service, surfer: Surfer) -> Errand:
    """What is sealed in the browser."""
    found = service.desk.seal.open(surfer.cookies()[ERRAND])
    assert found is not None
    return found
