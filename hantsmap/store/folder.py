"""The store: a folder of editions, renditions and promotions, that knows the current one of each layer.

    format                                 what this folder is, and the number of its format
    horizon.json                           what ended before this moment may have been pruned
    site.json                              title, description, publisher, contact
    editions/<layer>/<id>/                 curated.parquet  edition.json
    renditions/<layer>/<id>/               feature texts, columns, rendition.json
    changes/<layer>/<id>-<id>/             what differs between two renditions
    promotions/<layer>/00000012.json       the highest number is the current one
    visibility/<layer>/<digest>.json       what audiences may see: promotions name these records
    downloads/                             files made by the server, unless they are kept elsewhere
    making/                                unfinished work of the publisher, deleted by the next one
    temporary/                             unfinished work of servers
    lock                                   held by the one publisher

A promotion is one hard link of a finished file: there is no moment at which a reader sees half of one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError

from hantsmap.errors import BusyError, DamagedError, UnreadableError
from hantsmap.store import files, holding, layout, modes
from hantsmap.store.promotion import Promotion
from hantsmap.store.site import Site


class Store:
    """A store at a folder. Reading needs no lock; publishing holds one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def layers(self) -> list[str]:
        """Names of all layers that were ever promoted, also of those whose folder cannot be read now.

        Raises UnreadableError when the store itself cannot be read.
        """
        promotions = self.root / "promotions"
        try:
            names = sorted(files.retried(lambda: files.names(promotions)))
        except FileNotFoundError:
            return []
        except OSError as fault:
            raise files.unreadable(promotions, fault) from fault
        return [name for name in names if self._promoted(name)]

    def _promoted(self, layer: str) -> bool:
        try:
            return bool(self.promotion_names(layer))
        except UnreadableError:
            return True

    def promotion_files(self, layer: str) -> list[Path]:
        """Files of a layer's promotions, newest first, readable or not. Raises UnreadableError when there may be some
        and they cannot be listed."""
        return [self.root / "promotions" / layer / name for name in self.promotion_names(layer)]

    def promotion_names(self, layer: str) -> list[str]:
        """Names of the files of a layer's promotions, newest first. Raises UnreadableError when there may be some and
        they cannot be listed."""
        folder = self.root / "promotions" / layer
        try:
            names = files.retried(lambda: files.names(folder))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as fault:
            raise files.unreadable(folder, fault) from fault
        return sorted((name for name in names if name.endswith(".json") and name[:-5].isdigit()), reverse=True)

    def newest_first(self, layer: str) -> Iterator[Promotion]:
        """Promotions of a layer that can be read, one by one. Which one holds now, `current` says."""
        for path in self.promotion_files(layer):
            promotion = self.promotion(path)
            if promotion is not None:
                yield promotion

    @staticmethod
    def read_promotion(path: Path) -> Promotion:
        """The promotion in a file. Raises DamagedError when it is not what was written, UnreadableError when it cannot
        be read now."""
        try:
            return Promotion.model_validate(files.read_record(path))
        except ValidationError:
            raise DamagedError(f"{path} is a promotion of another version. Publish the layer again.") from None

    def promotion(self, path: Path) -> Promotion | None:
        """The promotion in a file; None when it cannot be read."""
        with suppress(DamagedError):
            return self.read_promotion(path)
        return None

    def history(self, layer: str) -> list[Promotion]:
        """Promotions of a layer that can be read, newest first."""
        return list(self.newest_first(layer))

    def current(self, layer: str) -> Promotion | None:
        """The promotion that holds now: the newest one. None where the layer was never published.

        None too when the newest one cannot be read: an older one never stands for it, as its rules may be wider.
        Publishing the layer again is then always a change.
        """
        for path in self.promotion_files(layer):
            return self.promotion(path)
        return None

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

    def site(self) -> Site | None:
        """What the store says of itself as a whole; None before the first publication.

        Raises DamagedError when that is not what was written, UnreadableError when it cannot be read now.
        """
        path = self.root / "site.json"
        try:
            return Site.model_validate(files.read_record(path))
        except UnreadableError:
            raise
        except (DamagedError, ValidationError) as fault:
            if not path.exists() and not self.layers():
                return None
            raise DamagedError(f"{path} is missing or damaged: title, audiences and ends of contracts are not known. "
                               "Run `hantsmap publish`, or restore a backup.") from fault

    def site_or_empty(self) -> Site:
        """What the store says of itself; an empty Site where that is missing or damaged. For publishers only."""
        with suppress(DamagedError):
            return self.site() or Site()
        return Site()

    def keep_site(self, site: Site) -> None:
        """Put what the store says of itself in place, if it changed or cannot be read."""
        with suppress(DamagedError):
            if site == self.site():
                return
        with files.saying_why("writing site.json", "The title, audiences and contracts stay as they were."), \
                self.making() as making:
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
    def publishing(self, *, upgrade: bool = False) -> Iterator[None]:
        """Hold the store for one publisher. `upgrade` lets it write a store of an older version again.

        Raises BusyError when another holds it, OutdatedError when an older version wrote it, StoreError when it is no
        store, or cannot be opened.
        """
        with holding.held(self.root, upgrade=upgrade):
            yield

    def exists(self) -> bool:
        """Whether the folder is a store. Raises OutdatedError or StoreError when it is one of another version."""
        return layout.check_format(self.root)

    def check_readable(self) -> None:
        """Raise StoreError when the store cannot be read as a whole; a store that is not there yet is no fault."""
        if self.exists():
            self.layers()

    @contextmanager
    def making(self, *, shared: bool = False) -> Iterator[Path]:
        """A fresh folder for unfinished work, gone afterwards if it was not settled; `shared` for servers."""
        parent = self.root / ("temporary" if shared else "making")
        folder = Path(tempfile.mkdtemp(dir=parent))
        modes.set_mode(folder, modes.SHARED_FOLDER if shared else modes.FOLDER)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def promote(self, promotion: Promotion) -> None:
        """Make it the current one, whole or not at all. Raises BusyError when that number is taken."""
        folder = self.root / "promotions" / promotion.layer
        name = f"{promotion.sequence:08d}.json"
        with files.saying_why(f"promoting {promotion.layer}", files.keeps(promotion.layer)), self.making() as making:
            modes.make_folder(folder)
            written = making / name
            files.write_record(written, promotion.model_dump(mode="json"))
            files.flush(written)
            try:
                os.link(written, folder / name)
            except FileExistsError:
                raise BusyError(f"{promotion.layer} was promoted by somebody else meanwhile. Publish again.") from None
        with files.saying_why(f"flushing {folder} to disk", f"{promotion.layer} was published."):
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
