"""The store: a folder of editions, renditions and promotions, that knows the current one of each layer.

    format                                 what this folder is
    horizon.json                           what ended before this moment may have been pruned
    site.json                              title, description, publisher, contact
    editions/<layer>/<id>/                 curated.parquet  edition.json
    renditions/<layer>/<id>/               feature texts, columns, rendition.json
    changes/<layer>/<id>-<id>/             what differs between two renditions
    promotions/<layer>/00000012.json       the highest number is the current one
    making/                                unfinished work, swept by the next publisher
    lock                                   held by the one publisher

A promotion is one hard link of a finished file: there is no moment at which a reader sees half of one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError

from hantsmap.errors import BusyError, DamagedError, StoreError
from hantsmap.store import files
from hantsmap.store.promotion import Promotion
from hantsmap.store.site import Site

FORMAT = "hantsmap store 1\n"


class Store:
    """A store at a folder. Reading needs no lock; publishing holds one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def layers(self) -> list[str]:
        """Names of all layers that were ever promoted."""
        promotions = self.root / "promotions"
        folders = sorted(promotions.iterdir()) if promotions.is_dir() else []
        return [path.name for path in folders if self.promotion_files(path.name)]

    def promotion_files(self, layer: str) -> list[Path]:
        """Files of a layer's promotions, newest first, readable or not."""
        folder = self.root / "promotions" / layer
        found = folder.glob("*.json") if folder.is_dir() else ()
        return sorted((path for path in found if path.stem.isdigit()), reverse=True)

    def newest_first(self, layer: str) -> Iterator[Promotion]:
        """Promotions of a layer, read one by one. One that cannot be read is passed over: the one before it holds."""
        for path in self.promotion_files(layer):
            promotion = self.promotion(path)
            if promotion is not None:
                yield promotion

    @staticmethod
    def promotion(path: Path) -> Promotion | None:
        """The promotion in a file; None when it cannot be read."""
        with suppress(DamagedError, ValidationError):
            return Promotion.model_validate(files.read_record(path))
        return None

    def history(self, layer: str) -> list[Promotion]:
        """Promotions of a layer, newest first."""
        return list(self.newest_first(layer))

    def current(self, layer: str) -> Promotion | None:
        """The promotion that holds now, or None where the layer was never published."""
        return next(self.newest_first(layer), None)

    def edition(self, layer: str, edition: str) -> Path:
        """Folder of an edition."""
        return self.root / "editions" / layer / edition

    def rendition(self, layer: str, rendition: str) -> Path:
        """Folder of a rendition."""
        return self.root / "renditions" / layer / rendition

    def changes(self, layer: str, older: str, newer: str) -> Path:
        """Folder of the change set from one rendition to another."""
        return self.root / "changes" / layer / f"{older}-{newer}"

    def state(self) -> tuple[Path, ...]:
        """Changes whenever anything is promoted: two promotions may share a time, but never a number."""
        return tuple(self.promotion_files(layer)[0] for layer in self.layers())

    def site(self) -> Site:
        """What the store says of itself as a whole."""
        try:
            return Site.model_validate(files.read_record(self.root / "site.json"))
        except (DamagedError, ValidationError):
            return Site()

    def keep_site(self, site: Site) -> None:
        """Put what the store says of itself in place, if it changed."""
        if site != self.site():
            with files.saying_why("keeping the title of the store"), self.making() as making:
                files.write_record(making / "site.json", site.model_dump(mode="json"))
                files.flush(making / "site.json")
                (making / "site.json").replace(self.root / "site.json")

    def horizon(self) -> datetime | None:
        """States that ended before this moment are kept no more; None while nothing has been pruned."""
        try:
            return datetime.fromisoformat(files.read_record(self.root / "horizon.json")["kept_from"])
        except (DamagedError, KeyError, ValueError):
            return None

    def keep_horizon(self, moment: datetime) -> None:
        """Say that states which ended before a moment are kept no more."""
        with files.saying_why("saying what is kept"), self.making() as making:
            files.write_record(making / "horizon.json", {"kept_from": moment.isoformat()})
            files.flush(making / "horizon.json")
            (making / "horizon.json").replace(self.root / "horizon.json")

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Hold the store for one publisher. Raises BusyError when another holds it, StoreError when it is no store."""
        with files.saying_why(f"opening the store {self.root}"):
            self.root.mkdir(parents=True, exist_ok=True)
            if not self.exists() and any(path.name not in ("lock", "making") for path in self.root.iterdir()):
                raise StoreError(f"{self.root} is not empty and is no store. Point --store at another folder.")
            lock = (self.root / "lock").open("a")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(f"Somebody else is publishing to {self.root}. Try again when that has ended.") from None
            with files.saying_why(f"preparing the store {self.root}"):
                shutil.rmtree(self.root / "making", ignore_errors=True)
                (self.root / "making").mkdir(exist_ok=True)
                self._mark()
            yield

    def exists(self) -> bool:
        """Whether the folder is a store. Raises StoreError when it is one of another version."""
        mark = self.root / "format"
        if mark.is_file() and mark.read_text() != FORMAT:
            raise StoreError(f"{self.root} is a store of another version ({mark.read_text().strip()}).")
        return mark.is_file()

    def _mark(self) -> None:
        if not self.exists():
            made = self.root / "making" / "format"
            made.write_text(FORMAT)
            files.flush(made)
            made.replace(self.root / "format")

    @contextmanager
    def making(self) -> Iterator[Path]:
        """A fresh folder for unfinished work, gone afterwards if it was not settled."""
        folder = Path(tempfile.mkdtemp(dir=self.root / "making"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def promote(self, promotion: Promotion) -> None:
        """Make it the current one, whole or not at all. Raises BusyError when that number is taken."""
        folder = self.root / "promotions" / promotion.layer
        name = f"{promotion.sequence:08d}.json"
        with files.saying_why(f"promoting {promotion.layer}"), self.making() as making:
            folder.mkdir(parents=True, exist_ok=True)
            written = making / name
            files.write_record(written, promotion.model_dump(mode="json"))
            files.flush(written)
            try:
                os.link(written, folder / name)
            except FileExistsError:
                raise BusyError(f"{promotion.layer} was promoted by somebody else meanwhile. Publish again.") from None
            files.flush(folder)
            files.flush(folder.parent)

    def next_sequence(self, layer: str) -> int:
        """Number of the next promotion of a layer: numbers are never used twice, not even after damage."""
        taken = self.promotion_files(layer)
        return int(taken[0].stem) + 1 if taken else 1


def now() -> datetime:
    """The time of a record: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The day by which grants end: in UTC, as all times of a store are."""
    return datetime.now(UTC).date()
