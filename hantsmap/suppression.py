"""Erased records: a list of keyed digests of their ids, so that no publication brings one back.

    suppression/key              random bytes that the digests are made with; only the publisher's user may read it
    suppression/<layer>.json     digest, time and reason of each record that was erased from a layer

An id is often a small number. A plain digest of it could be found by trying all numbers; without the key nobody can.
The promotions of a layer say how many of its records were erased: a list that is missing, or has fewer, is damage.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from hantsmap.curate import Curated
from hantsmap.errors import DamagedError, StoreError, UnreadableError
from hantsmap.findings import Finding, Kind, without_examples
from hantsmap.layer import Source
from hantsmap.store import Store, files, modes, now

FOLDER, KEY = "suppression", "key"
KEY_BYTES, KEY_MODE = 32, 0o600
# A shorter id stands in other sentences by chance.
LEAST_LETTERS = 5
# What the key is checked by: with another key no record would be recognised, and all would come back.
CHECK = b"suppression key"


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One erased record: the HMAC-SHA256 of its layer and id (hexadecimal), when it was erased (UTC), and why."""

    digest: str
    at: datetime
    reason: str


class SuppressionList:
    """The erased records of one layer of a store. Changing it needs the store to be held for publishing."""

    def __init__(self, store: Store, layer: str) -> None:
        self._store, self._layer = store, layer
        self._folder = store.root / FOLDER

    @property
    def path(self) -> Path:
        """The file of the list, whether it is there or not."""
        return self._folder / f"{self._layer}.json"

    def entries(self) -> tuple[Suppressed, ...]:
        """Every erased record, oldest first. Raises DamagedError when the list is missing or cannot be read."""
        record = self._record()
        return tuple(Suppressed(each["digest"], datetime.fromisoformat(each["at"]), each["reason"])
                     for each in record["entries"]) if record else ()

    def check(self) -> None:
        """Raise DamagedError when the list is missing or not what was written, or its key is missing or another one."""
        self.covers([""])

    def count(self) -> int:
        """How many records were erased: as the list says, or the promotions where the list is lost."""
        with suppress(DamagedError):
            return len(self.entries())
        return _recorded(self._store, self._layer)

    def covers(self, ids: Iterable[str]) -> list[bool]:
        """For each id of a record whether it was erased. Raises DamagedError when that cannot be known: the list is
        missing or damaged, or the key is missing or another one."""
        record = self._record()
        if record is None:
            return [False for _ in ids]
        key = self._key(record)
        digests = {each["digest"] for each in record["entries"]}
        return [self._digest(key, each) in digests for each in ids]

    def add(self, record_id: str, reason: str) -> None:
        """Put a record on the list, once. Raises DamagedError as `covers` does, or StoreError."""
        if self.covers([record_id])[0]:
            return
        record = self._record() or {"layer": self._layer, "key_check": "", "entries": []}
        with files.saying_why("writing the list of erased records"), self._store.making() as making:
            key = self._key(record) if record["entries"] else self._first_key(making)
            entry = {"digest": self._digest(key, record_id), "at": now().isoformat(), "reason": reason}
            files.write_record(making / "list.json", {
                **record, "key_check": _check_of(key), "entries": [*record["entries"], entry]})
            files.flush(making / "list.json")
            (making / "list.json").replace(self.path)
            files.flush(self._folder)

    def _record(self) -> dict[str, Any] | None:
        recorded, record = _recorded(self._store, self._layer), self._read() if self.path.exists() else None
        if recorded > len(record["entries"] if record else ()):
            what = "is missing" if record is None else f"has only {len(record['entries']):,} entries"
            records = "1 record was" if recorded == 1 else f"{recorded:,} records were"
            raise DamagedError(f"{self.path}, the list of erased records, {what}, but {records} erased from "
                               f"{self._layer}. {self._layer} cannot be published without the whole list. Restore the "
                               f"folder {self._folder} from a backup that was made after the last erasure.")
        return record

    def _read(self) -> dict[str, Any]:
        try:
            return files.read_record(self.path)
        except DamagedError as fault:
            raise DamagedError(f"{self.path}, the list of erased records, cannot be read. {self._layer} cannot be "
                               "published without it. Restore the file from a backup.") from fault

    def _key(self, record: dict[str, Any]) -> bytes:
        path = self._folder / KEY
        # The server's user need not read it, whatever a restored backup says.
        modes.set_mode(path, KEY_MODE)
        try:
            key = bytes.fromhex(path.read_text().strip())
        except (OSError, ValueError):
            key = b""
        if not hmac.compare_digest(_check_of(key), record["key_check"]):
            raise DamagedError(f"{path} is missing, cannot be read or is not the key of the list of erased records "
                               f"of {self._layer}. Restore it from a backup.")
        return key

    def _first_key(self, making: Path) -> bytes:
        """The key of the store, made with the first list. One that lists need is never replaced."""
        path = self._folder / KEY
        modes.make_folder(self._folder)
        if path.exists():
            try:
                return bytes.fromhex(path.read_text().strip())
            except ValueError:
                raise StoreError(f"{path} is not a key. Restore it from a backup.") from None
        for other in lists(self._store):
            # A second key would make the lists of other layers useless, also once they are restored.
            other.check()
        key = secrets.token_bytes(KEY_BYTES)
        handle = os.open(making / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE)
        with os.fdopen(handle, "w") as file:
            file.write(key.hex())
        files.flush(making / KEY)
        (making / KEY).replace(path)
        files.flush(self._folder)
        return key

    def _digest(self, key: bytes, record_id: str) -> str:
        return hmac.digest(key, f"{self._layer}\0{record_id}".encode(), "sha256").hex()


def _check_of(key: bytes) -> str:
    return hmac.digest(key, CHECK, "sha256").hex() if key else ""


def _recorded(store: Store, layer: str) -> int:
    """How many erased records the promotions tell of: the newest that can be read repeats what others told."""
    return next((promotion.erasures for promotion in store.newest_first(layer)), 0)


def without_erased(store: Store, layer: str, curated: Curated) -> Curated:
    """A curated layer without the records that were erased, and without the findings about them.

    One finding says how many there were, and none of their ids. Raises DamagedError as `covers` does.
    """
    suppressed = SuppressionList(store, layer)
    ids = [str(each) for each in curated.table["id"].to_pylist()]
    named = sorted({finding.row for finding in curated.findings if finding.row is not None} - set(ids))
    erased = {name for name, covered in zip([*ids, *named], suppressed.covers([*ids, *named]), strict=True) if covered}
    if not erased:
        return curated
    kept = np.flatnonzero([each not in erased for each in ids])
    # A finding about the whole layer may quote a value of an erased record as its example.
    findings = [replace(finding, sentence=without_examples(finding.sentence)) if finding.row is None else finding
                for finding in curated.findings if finding.row not in erased
                and not any(len(name) >= LEAST_LETTERS and name in finding.sentence for name in erased)]
    count = len(ids) - len(kept)
    if count:
        told = "1 record that was erased is still" if count == 1 else f"{count:,} records that were erased are still"
        findings.append(Finding(layer, "erased-record", Kind.DROPPED,
                                f"{told} in the source and left out. Delete what was erased at the source too."))
    shapes, lines = (None if each is None else each[kept] for each in (curated.shapes, curated.open_shapes))
    return replace(curated, table=curated.table.take(pa.array(kept)), shapes=shapes, open_shapes=lines,
                   findings=tuple(findings))


def forget_source(store: Store, layer: str, source: Source, cache: Path) -> None:
    """Remove the fetched copy of a layer's source where records were erased from the layer: it may still hold them."""
    if source.url and SuppressionList(store, layer).path.exists():
        from hantsmap.sources import remote

        remote.forget(source, cache)


def lists(store: Store) -> Iterator[SuppressionList]:
    """The list of each layer that has one, or that should have one: records were erased from it."""
    names = {path.stem for path in (store.root / FOLDER).glob("*.json")}
    for layer in store.layers():
        # Promotions that cannot be listed are a fault of their own.
        with suppress(UnreadableError):
            if _recorded(store, layer):
                names.add(layer)
    for name in sorted(names):
        yield SuppressionList(store, name)


def version(store: Store) -> files.Stamp:
    """Changes when a record is erased: servers then drop what they hold of older answers."""
    try:
        return files.stamp(store.root / FOLDER)
    except DamagedError:
        return ()
