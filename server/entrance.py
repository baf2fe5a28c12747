"""The entrance: who comes in, how often, and what is written down of it. Every request passes here first."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

from hantsmap.errors import HantsMapError
from server import limits, replies
from server.doorkeeper import Doorkeeper, Named, Reading, Stranger, Viewer
from server.errors import problem
from server.settings import Settings
from server.shelf import Served

if TYPE_CHECKING:
    # What few servers need, and fewer requests, is loaded when it is needed: a database, and cryptography.
    from hantsmap.accounts import Accounts
    from server import oidc, signin

log = logging.getLogger("hantsmap")
# What costs a server next to nothing costs a visitor next to nothing.
STATIC_WEIGHT = 0.1
GUESS_WEIGHT = 10.0
REALM = 'Basic realm="HantsMap", charset="UTF-8"'


@dataclass
class Entrance:
    """What letting people in needs: the settings, what is served, and the accounts, opened when first asked."""

    settings: Settings
    served: Served

    def __post_init__(self) -> None:
        self.limits = limits.Limits(limits.Rate(self.settings.key_rate, self.settings.key_rate),
                                    limits.Rate(self.settings.address_rate, self.settings.address_rate / 2),
                                    runs=limits.Runs(self.settings.runs))
        self.verifier = self._verifier() if os.environ.get("HANTSMAP_OIDC_ISSUER") else None
        self.doorkeeper = Doorkeeper(self.settings.audience, lambda: self.accounts, self._verified, self._session)

    @cached_property
    def accounts(self) -> Accounts:
        """Keys, sessions and the journal. Raises AccountsError when they cannot be opened: then nobody is let in."""
        from hantsmap.accounts import Accounts, default_url

        return Accounts(self.settings.accounts or default_url(self.settings.store))

    @cached_property
    def counts(self) -> bool:
        """Whether anonymous reads are counted: a server that may not write there serves all the same."""
        try:
            return self.accounts is not None
        except HantsMapError as fault:
            log.warning("Anonymous reads are not counted. %s", fault)
            return False

    def _verifier(self) -> oidc.Verifier | None:
        from server import oidc

        issuer = oidc.Issuer.from_environment()
        return None if issuer is None else oidc.Verifier(
            issuer, lambda: self.served.site.sign_in, self._widest)

    def _widest(self, names: list[str]) -> str | None:
        from server import oidc

        return oidc.widest(self.served.site.audiences, names)

    def _verified(self, token: str) -> Named | None:
        return None if self.verifier is None else self.verifier.verify(token)

    def _session(self, brought: Mapping[str, str]) -> Named | None:
        if self.verifier is None:
            return None
        from server import cookies

        return cookies.current(brought, self.accounts, replies.base_url())

    def desk(self) -> signin.Desk | None:
        """What browser sign-in needs; None where the operator has not set it up."""
        if self.verifier is None:
            return None
        from server import cookies, signin

        seal = cookies.Seal.from_environment()
        return None if seal is None else signin.Desk(self.verifier, self.accounts, seal)


def install(app: Flask, entrance: Entrance) -> None:
    """Put the entrance before every route of the application."""
    app.extensions["hantsmap-entrance"] = entrance
    desk = entrance.desk()
    if desk is not None:
        from server import signin

        signin.install(app, desk)

    @app.before_request
    def enter() -> Response | None:
        if request.method == "OPTIONS":
            return None
        try:
            g.viewer = entrance.doorkeeper.viewer(request.headers, request.cookies)
        except Stranger:
            return _charged(entrance) or _refused()
        except HantsMapError as fault:
            log.error("%s", fault)  # noqa: TRY400 - the sentence says it all
            return problem(503, "Who may come in cannot be looked up just now. Try again in a minute.")
        return _admitted(entrance, g.viewer)

    @app.after_request
    def write_down(response: Response) -> Response:
        if "read" in g and response.status_code == 200:
            _write_down(entrance, g.viewer, g.read, response.content_length or 0)
        return response


def _charged(entrance: Entrance) -> Response | None:
    """A credential that does not hold costs its address as much as many requests: guessing is slow."""
    verdict = entrance.limits.admit(_address(entrance), "address", GUESS_WEIGHT)
    return None if verdict.allowed else _too_many(verdict.retry_after)


def _address(entrance: Entrance) -> str:
    return limits.address_of(request.remote_addr, request.headers.get("X-Forwarded-For"),
                             entrance.settings.trusted_proxies)


def _too_many(seconds: int) -> Response:
    response = problem(429, f"Too many requests. Try again in {seconds} s, or ask for larger pages.")
    response.headers["Retry-After"] = str(seconds)
    return response


def _refused() -> Response:
    """401 with no hint: nobody learns whether a key is unknown, expired or revoked."""
    response = problem(401, "The credential that came with this request does not hold.")
    response.headers["WWW-Authenticate"] = REALM
    response.headers.add("WWW-Authenticate", "Bearer")
    return response


def _admitted(entrance: Entrance, viewer: Viewer) -> Response | None:
    """429 for who asks too much; never in the middle of paging, where QGIS would keep half a layer without a word."""
    weight = STATIC_WEIGHT if request.path.startswith("/static/") else 1.0
    begins = continues = None
    # A page of items may be one of a run.
    if request.path.rstrip("/").endswith("/items"):
        page = limits.selection(request.path, request.args.items(multi=True))
        begins, continues = (None, page) if request.args.get("offset", "0") != "0" else (page, None)
    verdict = entrance.limits.admit(viewer.who or _address(entrance), "key" if viewer.who else "address", weight,
                                    continues, begins=begins)
    return None if verdict.allowed else _too_many(verdict.retry_after)


def _write_down(entrance: Entrance, viewer: Viewer, read: Reading, size: int) -> None:
    """A line in the journal for who is known; for the anonymous, one more in the count of the day."""
    entry = read.entry
    if viewer.who is not None:
        from hantsmap.accounts import Read

        entrance.accounts.record(Read(viewer.who, viewer.audience, entry.layer, entry.edition, entry.rules,
                                      read.rows, size, datetime.now(UTC), read.kind))
    elif entrance.counts:
        entrance.accounts.count_anonymous(entry.layer, read.rows, size)

