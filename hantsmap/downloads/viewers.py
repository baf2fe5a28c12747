"""For whom a file is kept: what one viewer has had made answers no other viewer sooner, and is not told of."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

# A file that the operator has made ahead is for all who may see the rendition; whole layers are for all the anonymous.
PREPARED, ANONYMOUS = "", "public"
# Where no secret can be kept, each process has its own: files are made more often, and nothing is told.
_OF_THIS_PROCESS = os.urandom(32)


def of_organisation(audience: str, name: str) -> str:
    """The viewer that all keys of an organisation share: 16 hexadecimal digits."""
    return sha256(f"{audience}\0{name}".encode()).hexdigest()[:16]


def of_address(folder: Path, address: str, day: date) -> str:
    """The viewer at an address, for one day: 16 hexadecimal digits that lead nobody back to the address.

    They are made with a secret in the folder of downloads, which is replaced each day and shared by all processes.
    """
    return hmac.new(_secret(folder, day), address.encode(), sha256).hexdigest()[:16]


def _secret(folder: Path, day: date) -> bytes:
    path = folder / f".secret-{day:%Y-%m-%d}"
    try:
        if not path.exists():
            _create(folder, path)
        return path.read_bytes() or _OF_THIS_PROCESS
    except OSError:
        return _OF_THIS_PROCESS


def _create(folder: Path, path: Path) -> None:
    """Write a secret, whole or not at all: of several processes the first one decides. Those of other days go."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, made = mkstemp(prefix=".new-secret-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()
    for other in folder.glob(".secret-*"):
        if other != path:
            other.unlink(missing_ok=True)
