"""Secrets that are handed out: how they are made, told from a typing error, and stored.

A key is `hm_<8 public characters>_<40 random characters>_<6 of a checksum>`, a session `hs_<40>_<6>`. Whoever finds one
in a repository or a mailbox can tell by the pattern what it is, and by the public characters which one to revoke.
"""

from __future__ import annotations

import re
import secrets
import string
from hashlib import sha256
from zlib import crc32

LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LETTERS = string.digits + string.ascii_lowercase
KEY_PATTERN = re.compile(r"hm_([0-9a-z]{8})_[0-9A-Za-z]{40}_[0-9A-Za-z]{6}", re.ASCII)
SESSION_PATTERN = re.compile(r"hs_[0-9A-Za-z]{40}_[0-9A-Za-z]{6}", re.ASCII)
CHECKSUM = 6


def new_key() -> tuple[str, str]:
    """A new key: its public id and its secret."""
    key_id = _random(ID_LETTERS, 8)
    return key_id, _checked(f"hm_{key_id}_{_random(LETTERS, 40)}")


def new_session() -> str:
    """A new session token."""
    return _checked(f"hs_{_random(LETTERS, 40)}")


def key_id_of(secret: str) -> str | None:
    """The public id in a key's secret; None when this is no secret of ours, or is one with a typing error."""
    found = KEY_PATTERN.fullmatch(secret)
    return found[1] if found and _sound(secret) else None


def is_session(token: str) -> bool:
    """Whether this has the form of a session token, without a typing error."""
    return SESSION_PATTERN.fullmatch(token) is not None and _sound(token)


def digest(secret: str) -> str:
    """What is stored of a secret.

    One round of SHA-256 is enough, and a slow hash would only slow every request: 40 random characters are 238 bits,
    which nobody can try out, unlike a password that a person thought of.
    """
    return sha256(secret.encode()).hexdigest()


def _random(letters: str, count: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(count))


def _checked(body: str) -> str:
    return f"{body}_{_checksum(body)}"


def _sound(secret: str) -> bool:
    return _checksum(secret[: -CHECKSUM - 1]) == secret[-CHECKSUM:]


def _checksum(body: str) -> str:
    """All 32 bits of the CRC: it finds every single wrong letter, and every two neighbours changed over."""
    rest, letters = crc32(body.encode()), ""
    for _ in range(CHECKSUM):
        rest, place = divmod(rest, len(LETTERS))
        letters = LETTERS[place] + letters
    return letters
