"""Acceptances of agreements, and what is confirmed at the end of a contract: written once, never changed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hantsmap.accounts.database import Database
from hantsmap.accounts.errors import AccountsError
from hantsmap.accounts.receipts import METHOD, Kind, Receipt, Seal
from hantsmap.accounts.schema import RECEIPTS, SEALS, TEXTS
from hantsmap.agreements import Agreement

# Named as what each answers; they are found by an index.
ACCEPTED = (select(RECEIPTS.c.agreement, RECEIPTS.c.version, RECEIPTS.c.text_sha256)
            .where(RECEIPTS.c.org == bindparam("org"), RECEIPTS.c.audience == bindparam("audience"),
                   RECEIPTS.c.kind == literal("accepted")))
# Once accepted is accepted: nothing takes it back, so what was seen need not be asked again.
MOST_REMEMBERED = 10_000
ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
MOST_NAME = 200
WAYS = {"returned": "returned to the council", "destroyed": "destroyed"}


@dataclass(frozen=True, slots=True)
class Party:
    """Who accepts: an organisation, for a contract (its audience), by the hand of a key or of somebody signed in.

    `contract` is the title of the audience, `ends` its last day, `address` where the request came from.
    """

    org: str
    audience: str
    contract: str
    ends: date | None
    who: str
    address: str | None = None


class Acceptances:
    """The register of receipts."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._known: set[tuple[str, str, str, str, str]] = set()
        self._generation = 0

    def lacking(self, org: str, audience: str, asked: Mapping[str, Agreement | None]) -> frozenset[str]:
        """Which of the agreements asked for an organisation has yet to accept, for one contract, as they are now.

        What is asked for and not known (None) is lacking: nobody can have accepted it. One look-up by index at most,
        and none when everything is known to be accepted.
        """
        wanted = {name: (org, audience, name, agreement.version, agreement.digest)
                  for name, agreement in asked.items() if agreement is not None}
        if self._generation != self._database.generation:
            # Another file was put in the place of the accounts: what the old one said counts no more.
            self._known, self._generation = set(), self._database.generation
        if org.strip() and not self._known.issuperset(wanted.values()):
            self._remember(org, audience)
        return frozenset(name for name in asked if name not in wanted or wanted[name] not in self._known)

    def _remember(self, org: str, audience: str) -> None:
        rows = self._database.read(ACCEPTED, {"org": org, "audience": audience})
        if len(self._known) > MOST_REMEMBERED:
            self._known = set()
        self._known.update((org, audience, *row) for row in rows)

    def accept(self, party: Party, name: str, agreement: Agreement) -> tuple[Receipt, bool]:
        """The receipt of an acceptance, and whether it is new: once accepted, it is the same receipt again."""
        return self._give("accepted", party, name, agreement, "", None)

    def confirm(self, party: Party, name: str, agreement: Agreement, *, way: str, on: date, by: str
                ) -> tuple[Receipt, bool]:
        """The receipt that the data of a contract was returned or destroyed on a day, as `by` confirms."""
        signed = " ".join(by.split())
        if way not in WAYS or not 0 < len(signed) <= MOST_NAME or not signed.isprintable():
            raise AccountsError(f"Say what became of the data ({' or '.join(WAYS)}) and who confirms it, in up to "
                                f"{MOST_NAME} letters.")
        statement = (f"On {on:%-d %B %Y} all data supplied for this contract, every copy of it and everything made "
                     f"from it that contains it, was {WAYS[way]}.")
        return self._give("returned", party, name, agreement, statement, signed)

    def _give(self, kind: Kind, party: Party, name: str, agreement: Agreement, statement: str, by: str | None
              ) -> tuple[Receipt, bool]:
        if not party.org.strip():
            raise AccountsError("Nobody can accept without an organisation: ask for a key that names one.")
        text = agreement.text or ""
        new = Receipt(_new_id(), kind, party.org, party.audience, party.contract, name, agreement.title,
                      agreement.version, agreement.digest, agreement.purpose, party.ends, statement,
                      self._now().replace(microsecond=0), party.who, by, party.address)
        once = {"org": new.org, "audience": new.audience, "kind": kind, "agreement": name, "version": new.version,
                "text_sha256": new.text_sha256, "statement": statement}
        with self._database.writing() as connection:
            _put(connection, TEXTS, {"sha256": new.text_sha256, "text": text})
            _put(connection, RECEIPTS, asdict(new))
            same = and_(*(RECEIPTS.c[column] == value for column, value in once.items()))
            given = _receipt(connection.execute(select(RECEIPTS).where(same)).one())
        return given, given.id == new.id

    def find(self, receipt_id: str, org: str, audience: str) -> Receipt | None:
        """A receipt by its id, only for the organisation and the contract (audience) that it was given to."""
        found = self._read(RECEIPTS.c.id == receipt_id, RECEIPTS.c.org == org, RECEIPTS.c.audience == audience)
        return found[0] if found else None

    def of(self, org: str, audience: str) -> tuple[Receipt, ...]:
        """Receipts of an organisation for one contract, oldest first."""
        return self._read(RECEIPTS.c.org == org, RECEIPTS.c.audience == audience)

    def all(self) -> tuple[Receipt, ...]:
        """Every receipt ever given, oldest first."""
        return self._read()

    def text(self, digest: str) -> str | None:
        """A text that was once accepted, by its SHA-256."""
        return next((row.text for row in self._database.read(select(TEXTS).where(TEXTS.c.sha256 == digest))), None)

    def sealed(self, receipt: Receipt) -> dict[str, Any]:
        """A receipt as a document to keep."""
        return self._seal().sealed(receipt)

    def verify(self, document: Mapping[str, Any]) -> Receipt:
        """The receipt that a document is. Raises AccountsError when it is none of these accounts, or was changed."""
        seal = document.get("seal")
        named = seal.get("key") if isinstance(seal, dict) and seal.get("method") == METHOD else None
        rows = self._database.read(select(SEALS).where(SEALS.c.id == named)) if isinstance(named, str) else ()
        if not rows:
            raise AccountsError("This is no receipt that was sealed with a key of these accounts.")
        if not Seal(rows[0].id, bytes.fromhex(rows[0].secret)).holds(document):
            raise AccountsError("The seal does not hold: this receipt was changed after it was given.")
        found = next(iter(self._read(RECEIPTS.c.id == str(document.get("id")))), None)
        if found is None:
            raise AccountsError("The seal holds, but these accounts do not have this receipt: were they restored from "
                                "an older copy?")
        return found

    def _seal(self) -> Seal:
        oldest = select(SEALS).order_by(SEALS.c.made_at, SEALS.c.id).limit(1)
        rows = self._database.read(oldest)
        if not rows:
            with self._database.writing() as connection:
                if connection.execute(oldest).first() is None:
                    connection.execute(insert(SEALS).values(id=secrets.token_hex(4), secret=secrets.token_hex(32),
                                                            made_at=self._now()))
            rows = self._database.read(oldest)
        return Seal(rows[0].id, bytes.fromhex(rows[0].secret))

    def _read(self, *which: Any) -> tuple[Receipt, ...]:
        statement = select(RECEIPTS).where(*which).order_by(RECEIPTS.c.given_at, RECEIPTS.c.kind, RECEIPTS.c.id)
        return tuple(_receipt(row) for row in self._database.read(statement))


def forget_persons(connection: Connection, start: datetime) -> int:
    """Take out of receipts from before a moment who gave them and from where. That they were given stays."""
    person = or_(RECEIPTS.c.given_by.like("session:%"), RECEIPTS.c.given_by.like("token:%"))
    named = or_(RECEIPTS.c.address.is_not(None), RECEIPTS.c.confirmed_by.is_not(None), person)
    changed = connection.execute(update(RECEIPTS).where(RECEIPTS.c.given_at < start, named).values(
        given_by=case((person, None), else_=RECEIPTS.c.given_by), confirmed_by=None, address=None))
    return int(changed.rowcount)


def _put(connection: Connection, table: Any, row: dict[str, Any]) -> None:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(table).values(row).on_conflict_do_nothing())


def _receipt(row: Any) -> Receipt:
    return Receipt(**row._mapping)


def _new_id() -> str:
    return "hr_" + "".join(secrets.choice(ID_LETTERS) for _ in range(20))
