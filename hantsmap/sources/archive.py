"""Zip archives: unpacked into a temporary folder, after a look at what they hold and how large it would become."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from hantsmap.sources.case import Case, listed
from hantsmap.sources.places import TABLES, VECTOR

MAX_RATIO = 100
MAX_BYTES = 20 * 10**9
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


@contextmanager
def unpacked(case: Case, path: Path) -> Iterator[Path]:
    """The data inside a zip, as a path that lives as long as the context. Raises SourceError.

    Where the archive holds several, `source.layer` chooses one by its name without the suffix.
    """
    case.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=case.cache, prefix="unpacked-") as folder:
        root = Path(folder)
        try:
            with zipfile.ZipFile(path) as archive:
                check(case, archive)
                _extract(archive, root)
        except _BROKEN as error:
            raise case.fault("is not a whole zip archive. Fetch or pack it again.") from error
        yield _chosen(case, root)


def check(case: Case, archive: zipfile.ZipFile, *, most: int = MAX_BYTES) -> None:
    """Raises SourceError for an archive that is encrypted, reaches outside itself, or would unpack to too much.

    `most` is the largest size of all that is in it, unpacked, in bytes.
    """
    members = archive.infolist()
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name.split("/")[0]:
            raise case.fault(f"holds `{member.filename}`, a path outside the archive, and is refused. Pack it again.")
        if member.flag_bits & 0x1:
            raise case.fault(f"is encrypted (`{member.filename}`). Supply it without a password.")
    large, small = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if large > most or large > MAX_RATIO * max(small, 1):
        raise case.fault(
            f"would unpack to {large:,} bytes from {small:,}, beyond {MAX_RATIO} times or {most // 10**9} GB, and "
            "is refused as unsafe. Supply the data unpacked."
        )


def _extract(archive: zipfile.ZipFile, root: Path) -> None:
    for member in archive.infolist():
        target = root.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
        if member.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        # zipfile reads no more than the size that was declared and checked, whatever the compressed bytes hold.
        with archive.open(member) as packed, target.open("wb") as stream:
            shutil.copyfileobj(packed, stream)


def _chosen(case: Case, root: Path) -> Path:
    """The one piece of data inside; files of a geodatabase folder and macOS's shadow files are not counted."""
    inside = [
        item
        for item in sorted(root.rglob("*"))
        if item.suffix.lower() in {**VECTOR, **TABLES}
        and "__MACOSX" not in item.parts
        and not any(parent.suffix.lower() == ".gdb" for parent in item.relative_to(root).parents)
        and item.is_dir() == (item.suffix.lower() == ".gdb")
    ]
    if len(inside) > 1:
        named = [item for item in inside if case.source.layer in (item.stem, item.name)]
        inside = named if len(named) == 1 else inside
    names = [item.relative_to(root).as_posix() for item in inside]
    if not inside:
        raise case.fault(f"holds nothing that is read. Put one of {', '.join({**VECTOR, **TABLES})} into it.")
    if len(inside) > 1:
        raise case.fault(f"holds {listed(names)}. Say which with `layer`.")
    return inside[0]
