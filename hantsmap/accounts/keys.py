"""Keys: which organisation may read as which audience, for what, and until when."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from hantsmap.accounts import tokens
from hantsmap.accounts.database import Database
from hantsmap.accounts.errors import AccountsError
from hantsmap.accounts.schema import KEYS

log = logging.getLogger("hantsmap.accounts")
NOBODY = "0" * 64
FIND = select(KEYS).where(KEYS.c.id == bindparam("key_id"))


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. It works up to and including the day `expires`, in UTC.

    UTC, so that no server and no machine of an operator disagrees about the day; in a British summer a key ends at one
    o'clock in the morning. `works_until` is set when the key was replaced by another and goes on for a while.
    """

    id: str
    audience: str
    org: str
    purpose: str
    expires: date
    issued_at: datetime
    issued_by: str
    replaces: str | None = None
    replaced_by: str | None = None
    works_until: datetime | None = None
    revoked_at: datetime | None = None
    reason: str | None = None

    @property
    def who(self) -> str:
        """How reads with this key are recorded."""
        return f"key:{self.id}"

    def state(self, now: datetime) -> Literal["working", "retiring", "retired", "expired", "revoked"]:
        """What the key is at a moment; only a working or a retiring key opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        if now.astimezone(UTC).date() > self.expires:
            return "expired"
        if self.works_until is None:
            return "working"
        return "retiring" if now < self.works_until else "retired"


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key, with the secret that is known only here and now."""

    key: Key
    secret: str = field(repr=False)


class Keys:
    """The register of keys."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def find(self, secret: str) -> Key | None:
        """The working key of a secret. Nobody learns why there is none, except the operator, from the log."""
        key_id = tokens.key_id_of(secret)
        if key_id is None:
            # Not a word of it is logged: it may be somebody's password.
            log.warning("A credential was refused: it is not a key, or has a typing error.")
            return None
        row = next(iter(self._database.read(FIND, {"key_id": key_id})), None)
        stored = row.digest if row else NOBODY
        if not hmac.compare_digest(tokens.digest(secret), stored) or row is None:
            log.warning("Key %s was refused: %s.", key_id, "the secret is wrong" if row else "there is none")
            return None
        key = _key(row)
        state = key.state(self._now())
        if state in ("working", "retiring"):
            return key
        log.warning("Key %s was refused: it is %s.", key_id, state)
        return None

    def all(self) -> tuple[Key, ...]:
        """Every key ever issued, oldest first."""
        return tuple(_key(row) for row in self._database.read(select(KEYS).order_by(KEYS.c.issued_at)))

    def of(self, org: str, audience: str) -> tuple[Key, ...]:
        """Every key that an organisation was ever issued for one audience, oldest first."""
        theirs = select(KEYS).where(KEYS.c.org == org, KEYS.c.audience == audience)
        return tuple(_key(row) for row in self._database.read(theirs.order_by(KEYS.c.issued_at, KEYS.c.id)))

    def issue(self, audience: str, org: str, purpose: str, expires: date, by: str) -> Issued:
        """A new key. Raises AccountsError when it is not said for whom and for what, or when it would never work."""
        for what, said in (("audience", audience), ("organisation", org), ("purpose", purpose)):
            if not said.strip():
                raise AccountsError(f"Say the {what} of the key: without it nobody knows later whether to revoke it.")
        with self._database.writing() as connection:
            return self._add(connection, audience=audience, org=org.strip(), purpose=purpose.strip(), expires=expires,
                             issued_by=by)

    def rotate(self, key_id: str, overlap: int, by: str) -> Issued:
        """A new key with the same grant and end. The old one works on for `overlap` days; with none, it ends now."""
        with self._database.writing() as connection:
            old, now = self._working(connection, key_id), self._now()
            new = self._add(connection, audience=old.audience, org=old.org, purpose=old.purpose, expires=old.expires,
                            issued_by=by, replaces=old.id)
            # With no overlap it is revoked, not due: a clock that is behind must not keep it alive.
            ends: dict[str, Any] = {"works_until": now + timedelta(days=overlap)} if overlap > 0 else \
                {"revoked_at": now, "reason": f"replaced by {new.key.id}"}
            connection.execute(update(KEYS).where(KEYS.c.id == old.id).values(replaced_by=new.key.id, **ends))
            return new

    def revoke(self, key_id: str, reason: str) -> Key:
        """The key, which opens nothing from now on. One that was revoked before keeps its time and reason."""
        with self._database.writing() as connection:
            key = _one(connection, key_id)
            if key.revoked_at is None:
                connection.execute(update(KEYS).where(KEYS.c.id == key_id)
                                   .values(revoked_at=self._now(), reason=reason.strip() or None))
            return _one(connection, key_id)

    def _working(self, connection: Connection, key_id: str) -> Key:
        key = _one(connection, key_id)
        if key.replaced_by:
            raise AccountsError(f"Key {key_id} was already replaced, by {key.replaced_by}. Rotate that one.")
        state = key.state(self._now())
        if state != "working":
            raise AccountsError(f"Key {key_id} is {state}: there is nothing to rotate. Issue a new one.")
        return key

    def _add(self, connection: Connection, **grant: Any) -> Issued:
        while True:
            key_id, secret = tokens.new_key()
            if connection.execute(FIND, {"key_id": key_id}).first() is None:
                break
        key = Key(id=key_id, issued_at=self._now(), **grant)
        if key.state(key.issued_at) != "working":
            raise AccountsError(f"A key until {key.expires} would never work: that day is over.")
        connection.execute(insert(KEYS).values(
            id=key.id, digest=tokens.digest(secret), audience=key.audience, org=key.org, purpose=key.purpose,
            expires=key.expires, issued_at=key.issued_at, issued_by=key.issued_by, replaces=key.replaces))
        return Issued(key, secret)


def _one(connection: Connection, key_id: str) -> Key:
    row = connection.execute(FIND.with_for_update(), {"key_id": key_id}).first()
    if row is None:
        raise AccountsError(f"There is no key `{key_id}`. `hantsmap keys list` shows them all.")
    return _key(row)


def _key(row: Any) -> Key:
    return Key(**{name: value for name, value in row._mapping.items() if name != "digest"})
