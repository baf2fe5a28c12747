"""Zip archives whose bytes depend on what is in them, and on nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEVEL = 4


class Archive:
    """A zip archive that is being written; every member has the same time."""

    def __init__(self, path: Path, moment: datetime) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED, compresslevel=LEVEL)
        # Zip knows even seconds only, and nothing before 1980.
        self._time = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute,
                      moment.second // 2 * 2)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        """Write a member piece by piece."""
        info = ZipInfo(name, self._time)
        info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0o644 << 16, 3
        # A name of its own only since Python 3.13; this one is understood by all.
        info._compresslevel = LEVEL  # type: ignore[attr-defined]
        with self._zip.open(info, "w", force_zip64=True) as file:
            yield file

    def text(self, name: str, text: str) -> None:
        """A member from a text."""
        with self.member(name) as file:
            file.write(text.encode())

    def file(self, path: Path, name: str | None = None) -> None:
        """A member from a file, a piece at a time."""
        with path.open("rb") as source, self.member(name or path.name) as file:
            shutil.copyfileobj(source, file, 1 << 20)
