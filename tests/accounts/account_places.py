"""A clock, and an empty database of either kind with the processes that use it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import MetaData, Text, create_engine, select

from hantsmap.accounts import Accounts

ROOT = Path(__file__).parents[2]


@dataclass
class Clock:
    """A clock that stands still until it is told otherwise."""

    moment: datetime = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def go(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Place:
    """An empty database, and what can be seen in it by somebody who has stolen it."""

    url: str
    file: Path | None = None
    opened: list[Accounts] = field(default_factory=list)

    def accounts(self, **given: object) -> Accounts:
        """The accounts in it, closed at the end of the test."""
        self.opened.append(Accounts(self.url, **given))  # type: ignore[arg-type]
        return self.opened[-1]

    def run(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python in a process of its own; its first argument is the URL."""
        return subprocess.run([sys.executable, "-c", code, self.url, *arguments], cwd=ROOT, text=True,
                              capture_output=True, timeout=60, check=False)

    def start(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        """The same, not waited for."""
        return subprocess.Popen([sys.executable, "-c", code, self.url, *arguments], cwd=ROOT, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def sql(self, *statements: str) -> None:
        """What an operator does by hand."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def dump(self) -> str:
        """Every value of every table, and of SQLite every byte of every file too."""
        engine, tables = create_engine(self.url), MetaData()
        with engine.connect() as connection:
            tables.reflect(connection)
            rows = [repr(tuple(map(str, row))) for table in tables.sorted_tables
                    for row in connection.execute(select(*(column.cast(Text) for column in table.columns)))]
        engine.dispose()
        files = [] if self.file is None else [path.read_bytes().decode("latin-1")
                                              for path in self.file.parent.glob(f"{self.file.name}*")]
        return "\n".join(rows + files)
