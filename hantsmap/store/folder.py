"""The store: a folder of editions, renditions and promotions, that knows the current one of each layer.

    format                                 what this folder is
    site.json                              title, description, publisher, contact
    editions/<layer>/<id>/                 curated.parquet  edition.json
    renditions/<layer>/<id>/               feature texts, columns, rendition.json
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
from contextlib import contextmanager
from datetime import UTC, datetime
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
        return sorted(path.name for path in promotions.iterdir()) if promotions.is_dir() else []

    def history(self, layer: str) -> list[Promotion]:
        """Promotions of a layer, newest first. One that cannot be read is passed over: the one before it holds."""
        folder = self.root / "promotions" / layer
        found = []
        for path in sorted(folder.glob("*.json"), reverse=True) if folder.is_dir() else []:
            try:
                found.append(Promotion.model_validate(files.read_json(path)))
            except (DamagedError, ValidationError):
                continue
        return found

    def current(self, layer: str) -> Promotion | None:
        """The promotion that holds now, or None where the layer was never published."""
        return next(iter(self.history(layer)), None)

    def edition(self, layer: str, edition: str) -> Path:
        """Folder of an edition."""
        return self.root / "editions" / layer / edition

    def rendition(self, layer: str, rendition: str) -> Path:
        """Folder of a rendition."""
        return self.root / "renditions" / layer / rendition

    def state(self) -> tuple[tuple[str, int], ...]:
        """Changes whenever anything is promoted; costs one stat a layer."""
        return tuple((layer, (self.root / "promotions" / layer).stat().st_mtime_ns) for layer in self.layers())

    def site(self) -> Site:
        """What the store says of itself as a whole."""
        try:
            return Site.model_validate(files.read_json(self.root / "site.json"))
        except (DamagedError, ValidationError):
            return Site()

    def keep_site(self, site: Site) -> None:
        """Put what the store says of itself in place, if it changed."""
        if site != self.site():
            with files.saying_why("keeping the title of the store"), self.making() as making:
                (making / "site.json").write_text(site.model_dump_json(indent=1))
                files.flush(making / "site.json")
                (making / "site.json").replace(self.root / "site.json")

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Hold the store for one publisher. Raises BusyError when another one holds it, StoreError when it is no store."""
        with files.saying_why(f"opening the store {self.root}"):
            self.root.mkdir(parents=True, exist_ok=True)
            mark = self.root / "format"
            if not mark.exists() and any(path.name != "lock" for path in self.root.iterdir()):
                raise StoreError(f"{self.root} is not empty and is no store. Point --store at another folder.")
            if mark.exists() and mark.read_text() != FORMAT:
                raise StoreError(f"{self.root} is a store of another version ({mark.read_text().strip()}).")
            lock = (self.root / "lock").open("a")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(f"Somebody else is publishing to {self.root}. Try again when that has ended.") from None
            with files.saying_why(f"preparing the store {self.root}"):
                mark.write_text(FORMAT)
                shutil.rmtree(self.root / "making", ignore_errors=True)
                (self.root / "making").mkdir()
            yield

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
            written.write_text(promotion.model_dump_json(indent=1))
            files.flush(written)
            try:
                os.link(written, folder / name)
            except FileExistsError:
                raise BusyError(f"{promotion.layer} was promoted by somebody else meanwhile. Publish again.") from None
            files.flush(folder)
            files.flush(folder.parent)

    def next_sequence(self, layer: str) -> int:
        """Number of the next promotion of a layer: numbers are never used twice, not even after damage."""
        folder = self.root / "promotions" / layer
        taken = [int(path.stem) for path in folder.glob("*.json")] if folder.is_dir() else []
        return max(taken, default=0) + 1


def now() -> datetime:
    """The time of a record: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
