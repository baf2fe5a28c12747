"""The entrance: who comes in, how often, and what is written down of it. Every request passes here first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from hantsmap.errors import HantsMapError
from hantsmap.terms import Reception
from server import barrier, limits
from server.answer import Answer
from server.doorkeeper import Doorkeeper, Named, Reading, Stranger, brings_any
from server.errors import problem
from server.request import LONG_QUERY, Request
from server.settings import Settings
from server.shelf import Served
from server.visit import Visit

if TYPE_CHECKING:
    # What few servers need, and fewer requests, is loaded when it is needed: a database, and cryptography.
    from hantsmap.accounts import Accounts
    from server import oidc
    from server.issuer import Issuer

log = logging.getLogger("hantsmap")
# What costs a server next to nothing costs a visitor next to nothing.
STATIC_WEIGHT = 0.1
GUESS_WEIGHT = 10.0
# A map is some sixty tiles, and each is a slice of a file: a class of thirty loads its maps at once.
TILE_WEIGHT = 0.1
# A file may have to be made, and is as large as many pages.
FILE_WEIGHT = 10.0
REALM = 'Basic realm="HantsMap", charset="UTF-8"'


class SignedIn(NamedTuple):
    """Somebody with a session: the audience is the one that the registry gives now."""

    audience: str
    subject: str
    org: str


class Charge(NamedTuple):
    """What a request costs: its weight, and the run of pages that it may begin, or go on with."""

    weight: float
    begins: str | None
    continues: str | None


@dataclass
class Entrance:
    """What letting people in needs: the settings, what is served, and the accounts, opened when first asked."""

    settings: Settings
    served: Served

    def __post_init__(self) -> None:
        self.limits = limits.Limits(limits.Rate(self.settings.key_rate, self.settings.key_rate),
                                    limits.Rate(self.settings.address_rate, self.settings.address_rate / 2),
                                    runs=limits.Runs(self.settings.runs))
        self.reception = Reception()
        self.verifier = self._verifier(self.settings.issuer) if self.settings.issuer else None
        self.doorkeeper = Doorkeeper(self.settings.audience, lambda: self.accounts, self._verified, self._session)
        self._lock = threading.Lock()
        self._accounts: Accounts | None = None

    @property
    def accounts(self) -> Accounts:
        """Keys, sessions and the journal. Their database is opened later, when it is first asked: it may be slow."""
        if self._accounts is None:
            from hantsmap.accounts import Accounts, default_url

            with self._lock:
                if self._accounts is None:
                    self._accounts = Accounts(self.settings.accounts or default_url(self.settings.store), serving=True)
        return self._accounts

    def _verifier(self, issuer: Issuer) -> oidc.Verifier:
        from server import oidc

        return oidc.Verifier(issuer, lambda: self.served.site.sign_in, self._widest)

    def _widest(self, names: list[str]) -> str | None:
        from server import oidc

        return oidc.widest(self.served.site.audiences, names)

    def _verified(self, token: str) -> Named | None:
        return None if self.verifier is None else self.verifier.verify(token)

    def _session(self, brought: Mapping[str, str], base: str) -> Named | None:
        if self.verifier is None:
            return None
        from server import cookies

        found = cookies.current(brought, self.accounts, base)
        # The registry is asked again on each request, as it is for tokens: a value taken out of the map opens nothing.
        audience = self.verifier.audience_of(found.claims) if found is not None and found.claims else None
        return None if found is None or audience is None else SignedIn(audience, found.subject, found.org)

    def close(self) -> None:
        """Write down what has not been written yet."""
        if self._accounts is not None:
            self._accounts.close()

    def prepare(self) -> None:
        """Make the documents of those who bring no credential, and load what the accounts need."""
        _ = self.accounts
        self.served.documents(self.served.catalogue(self.settings.audience)).prepare()

    def visit(self, request: Request) -> Visit:
        """A visit of somebody who is nobody yet."""
        return Visit(request, self.settings, self.served)

    def enter(self, visit: Visit) -> Answer | None:
        """Say who the visitor is and on what terms it reads, and charge the visit, or give the answer that turns it
        away."""
        if brings_any(visit.request.headers):
            if self.served.site_fault is not None and not self.served.site_known:
                # Audiences, contracts and the sign-in mapping are not known: a contract may have ended.
                return self._charged(visit) or problem(visit, 503, "Keys and sign-in cannot be checked just now. Try "
                                                       "again in a minute.")
            visit.takes_long()
        try:
            visit.viewer = self.doorkeeper.viewer(visit.request, visit.base)
            if visit.viewer.who is not None:
                whole = self.served.catalogue(visit.viewer.audience)
                visit.terms = self.reception.terms(whole, self.served.site, visit.viewer.org, lambda: self.accounts)
        except Stranger:
            return self._charged(visit) or _refused(visit)
        except HantsMapError as fault:
            log.error("%s", fault)  # noqa: TRY400 - the sentence says it all
            return problem(visit, 503, "Who may come in cannot be looked up just now. Try again in a minute.")
        return self._admitted(visit) or barrier.turned_away(visit)

    def _charged(self, visit: Visit) -> Answer | None:
        """A credential that does not hold costs its address as much as many requests: guessing is slow."""
        verdict = self.limits.admit(self.address(visit.request), "address", GUESS_WEIGHT)
        return None if verdict.allowed else _too_many(visit, verdict.retry_after)

    def address(self, request: Request) -> str:
        """Where a request comes from, as far as that can be believed; of IPv6 the first half."""
        return self._address(request.peer, request.headers.get("x-forwarded-for"))

    def _address(self, peer: str, forwarded: str | None) -> str:
        proxies = self.settings.trusted_proxies
        return limits.address_of(peer, forwarded if proxies else None, proxies)

    def _admitted(self, visit: Visit) -> Answer | None:
        """429 for who asks too much; never in the middle of paging, where QGIS would keep half a layer silently."""
        request, who = visit.request, visit.viewer.who
        cost = charge(request)
        verdict = self.limits.admit(who or self.address(request), "key" if who else "address", cost.weight,
                                    cost.continues, begins=cost.begins)
        visit.left = verdict.remaining
        return None if verdict.allowed else _too_many(visit, verdict.retry_after)

    def admits(self, cost: Charge, peer: str, forwarded: str | None) -> bool:
        """Whether somebody unknown may have for this charge what was found out before; if so, it is charged."""
        return self.limits.admit(self._address(peer, forwarded), "address", cost.weight, cost.continues,
                                 begins=cost.begins).allowed

    def write_down(self, visit: Visit, status: int, size: int) -> None:
        """A line in the journal for who is known; for the anonymous, one more in the count of the day."""
        read, viewer = visit.readings(status), visit.viewer
        if viewer.who is None:
            self.count(read, size)
            return
        for each in read:
            from hantsmap.accounts import Read

            entry = each.entry
            self.accounts.record(Read(viewer.who, viewer.audience, entry.layer, entry.edition, entry.rules,
                                      each.rows, size, datetime.now(UTC), each.kind))

    def count(self, read: tuple[Reading, ...], size: int) -> None:
        """One more in the counts of the day, of which nobody can tell who it was. It waits for no database."""
        for each in read:
            self.accounts.count_anonymous(each.entry.layer, each.rows, size)


def charge(request: Request) -> Charge:
    """What a request costs."""
    # Long ones are not remembered: thousands of them would take gigabytes.
    if len(request.query) + len(request.form) > LONG_QUERY:
        return _charge.__wrapped__(request.path, request.pairs)
    return _charge(request.path, request.pairs)


@lru_cache(4_096)
def _charge(path: str, pairs: tuple[tuple[str, str], ...]) -> Charge:
    weight = _weight(path)
    if not path.rstrip("/").endswith(("/items", "/search")):
        return Charge(weight, None, None)
    page = limits.selection(path, pairs)
    first = next((value for name, value in pairs if name == "offset"), "0") == "0"
    return Charge(weight, page, None) if first else Charge(weight, None, page)


def _weight(path: str) -> float:
    """How many requests one for this path counts as."""
    if path.startswith("/static/"):
        return STATIC_WEIGHT
    if "/tiles/" in path:
        return TILE_WEIGHT
    return FILE_WEIGHT if path.startswith("/collections/") and "/downloads/" in path else 1.0


def _too_many(visit: Visit, seconds: int) -> Answer:
    answer = problem(visit, 429, f"Too many requests. Try again in {seconds} s, or ask for larger pages.")
    answer.set("retry-after", str(seconds))
    return answer


def _refused(visit: Visit) -> Answer:
    """401 with no hint: nobody learns whether a key is unknown, expired or revoked."""
    answer = problem(visit, 401, "The credential that came with this request does not hold.")
    answer.headers += [("www-authenticate", REALM), ("www-authenticate", "Bearer")]
    return answer
