"""The entrance: who comes in, how often, and what is written down of it. Every request passes here first."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from hantsmap.errors import HantsMapError
from hantsmap.terms import Reception
from server import barrier, limits
from server.answer import Answer
from server.charging import Charge, Guesses, charge
from server.doorkeeper import Doorkeeper, Named, Reading, Stranger, brings_any
from server.errors import problem
from server.limits import Kind
from server.processor_time import ProcessorTime
from server.request import Request
from server.settings import Settings
from server.shelf import Served
from server.visit import Visit

if TYPE_CHECKING:
    # What few servers need, and fewer requests, is loaded when it is needed: a database, and cryptography.
    from hantsmap.accounts import Accounts
    from server import oidc
    from server.issuer import Issuer

log = logging.getLogger("hantsmap")
# A credential that does not hold costs its address so many requests.
GUESS_WEIGHT = 10.0
# A second of processor time is worth so many requests.
SECOND_WEIGHT = 60.0
REALM = 'Basic realm="HantsMap", charset="UTF-8"'


class SignedIn(NamedTuple):
    """Somebody with a session: the audience is the one that the registry gives now."""

    audience: str
    subject: str
    org: str


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
        key, address = self.settings.key_rate, self.settings.address_rate
        self.processor_time = ProcessorTime({
            "key": limits.Rate(key / SECOND_WEIGHT, max(1.0, key / SECOND_WEIGHT)),
            "address": limits.Rate(address / SECOND_WEIGHT, max(1.0, address / SECOND_WEIGHT / 2))})
        self.guesses = Guesses(limits.Rate(address / GUESS_WEIGHT, max(1.0, address / GUESS_WEIGHT / 2)))
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
            wait = self.guesses.wait(self.address(visit.request), visit.request.headers)
            if wait:
                return _too_many(visit, wait)
        try:
            visit.viewer = self.doorkeeper.viewer(visit.request, visit.base)
            if visit.viewer.who is not None:
                whole = self.served.catalogue(visit.viewer.audience)
                visit.terms = self.reception.terms(whole, self.served.site, visit.viewer.org, lambda: self.accounts)
                self.guesses.held(visit.request.headers)
        except Stranger:
            return self._charged(visit) or _refused(visit)
        except HantsMapError as fault:
            log.error("%s", fault)  # noqa: TRY400 - the sentence says it all
            return problem(visit, 503, "Who may come in cannot be looked up just now. Try again in a minute.")
        return self._admitted(visit) or barrier.turned_away(visit)

    def _charged(self, visit: Visit) -> Answer | None:
        """A credential that does not hold costs its address as much as many requests: guessing is slow."""
        address = self.address(visit.request)
        self.guesses.failed(address)
        verdict = self.limits.admit(address, "address", GUESS_WEIGHT)
        return None if verdict.allowed else _too_many(visit, verdict.retry_after)

    def address(self, request: Request) -> str:
        """Where a request comes from, as far as that can be believed; of IPv6 the first half."""
        return self._address(request.peer, request.headers.get("x-forwarded-for"))

    def _address(self, peer: str, forwarded: str | None) -> str:
        proxies = self.settings.trusted_proxies
        return limits.address_of(peer, forwarded if proxies else None, proxies)

    def _admitted(self, visit: Visit) -> Answer | None:
        """429 for who asks too much; never in the middle of paging, where QGIS would keep half a layer silently."""
        cost, (client, kind) = charge(visit.request), self.client(visit)
        visit.client = f"{kind} {client}"
        if cost.weight == 0:
            return None
        verdict = self.limits.admit(client, kind, cost.weight, cost.continues, begins=cost.begins)
        visit.left, visit.goes_on, visit.delay = verdict.remaining, verdict.goes_on, verdict.delay
        return None if verdict.allowed else _too_many(visit, verdict.retry_after)

    def client(self, visit: Visit) -> tuple[str, Kind]:
        """Who is charged for a visit: the key or person where it is known, else the address."""
        who = visit.viewer.who
        return (who, "key") if who else (self.address(visit.request), "address")

    def too_costly(self, visit: Visit) -> Answer | None:
        """429 for a costly question of somebody whose questions took too much time; a later page is held back."""
        wait = self.processor_time.wait(*self.client(visit))
        if visit.goes_on:
            visit.delay = max(visit.delay, min(limits.MOST_DELAY_S, wait))
            return None
        return None if wait <= 0 else _answered_429(visit, math.ceil(wait), (
            "Your questions have taken more processor time than one client may use. Try again in {} s, ask simpler "
            "questions, or download the layer."))

    def admits(self, cost: Charge, peer: str, forwarded: str | None) -> bool:
        """Whether somebody unknown may have for this charge what was found out before; if so, it is charged."""
        return cost.weight == 0 or self.limits.admit(self._address(peer, forwarded), "address", cost.weight,
                                                     cost.continues, begins=cost.begins, at_once=True).allowed

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


def _too_many(visit: Visit, seconds: int) -> Answer:
    return _answered_429(visit, seconds, "Too many requests. Try again in {} s, or ask for larger pages.")


def _answered_429(visit: Visit, seconds: int, sentence: str) -> Answer:
    answer = problem(visit, 429, sentence.format(seconds))
    answer.set("retry-after", str(seconds))
    return answer


def _refused(visit: Visit) -> Answer:
    """401 with no hint: nobody learns whether a key is unknown, expired or revoked."""
    answer = problem(visit, 401, "The credential that came with this request does not hold.")
    answer.headers += [("www-authenticate", REALM), ("www-authenticate", "Bearer")]
    return answer
