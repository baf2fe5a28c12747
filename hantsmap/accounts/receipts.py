"""Receipts: what an organisation accepted, or confirmed at the end of its contract, as a document that it keeps.

A receipt is sealed with HMAC-SHA256 (RFC 2104) under a random key of these accounts, over its JSON without the seal:
keys sorted, no spaces, UTF-8. Nobody else can make one, and one in which a letter was changed does not hold.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Literal

METHOD = "HMAC-SHA256"
Kind = Literal["accepted", "returned"]
# What a line of the printed receipt calls each part.
LINES = {
    "id": "Receipt", "org": "Organisation", "contract": "Contract", "ends": "Last day of the contract",
    "title": "Licence", "version": "Version", "text_sha256": "SHA-256 of its text", "purpose": "Purpose",
    "statement": "Confirmed", "confirmed_by": "Confirmed by", "given_at": "Recorded", "given_by": "Recorded for",
    "address": "Address of the request",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """That an organisation accepted a text for a contract or, `returned`, that it kept none of the data after its end.

    `contract` is the audience in words and `ends` its last day. `given_by` is whose key or session it was;
    `confirmed_by` is who signed. They and the `address` are None once they are forgotten.
    """

    id: str
    kind: Kind
    org: str
    audience: str
    contract: str
    agreement: str
    title: str
    version: str
    text_sha256: str
    purpose: str
    ends: date | None
    statement: str
    given_at: datetime
    given_by: str | None
    confirmed_by: str | None
    address: str | None

    @property
    def plain(self) -> dict[str, Any]:
        """The receipt as JSON, without a seal. Times are ISO 8601, in UTC."""
        return {**asdict(self), "ends": self.ends and self.ends.isoformat(),
                "given_at": f"{self.given_at:%Y-%m-%dT%H:%M:%SZ}"}

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What it says, line by line, for people."""
        plain = self.plain
        return [(words, str(plain[name])) for name, words in LINES.items() if plain[name] not in (None, "")]


@dataclass(frozen=True, slots=True)
class Seal:
    """The key that receipts are sealed with. Its secret never leaves the accounts."""

    id: str
    secret: bytes

    def sealed(self, receipt: Receipt) -> dict[str, Any]:
        """The receipt as a document to keep."""
        return {**receipt.plain, "seal": {"method": METHOD, "key": self.id, "value": self._value(receipt.plain)}}

    def holds(self, document: Mapping[str, Any]) -> bool:
        """Whether a document is what was sealed, in every letter."""
        plain = {name: value for name, value in document.items() if name != "seal"}
        seal = document.get("seal")
        said = seal.get("value") if isinstance(seal, dict) else None
        return isinstance(said, str) and hmac.compare_digest(said.encode(), self._value(plain).encode())

    def _value(self, plain: Mapping[str, Any]) -> str:
        written = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hmac.new(self.secret, written.encode("utf-8", "surrogatepass"), sha256).hexdigest()
