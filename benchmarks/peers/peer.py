"""What the bench knows of each peer: how to start it, and how to ask it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from benchmarks.habits import Habits
from benchmarks.load import Request
from benchmarks.questions import Question


@dataclass(frozen=True, slots=True)
class Cannot:
    """Why a peer cannot be asked a question."""

    reason: str


class Peer(Protocol):
    """A server that is measured.

    `programs` are Debian's that it needs (names of `benchmarks.programs`); `habits` the form of its answers, None where
    they are ours byte for byte; `notes` what a reader of the figures has to know.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def programs(self) -> tuple[str, ...]: ...
    @property
    def habits(self) -> Habits | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def running(self) -> AbstractContextManager[int]:
        """Run it with one worker; gives its port."""
        ...

    def ask(self, question: Question) -> Request | Cannot:
        """The question in its words."""
        ...

    def version(self) -> str:
        """Its version, for the report."""
        ...


GZIP: Mapping[str, str] = {"Accept-Encoding": "gzip"}
