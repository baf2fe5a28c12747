"""Agreements: what an organisation accepts before it reads a layer whose grant asks for it.

The page and the command call an agreement a licence to accept, as contractors do; in the code a licence is only the
data licence of a layer.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from hantsmap.access import Value

# A page of a contract has some 3,000 characters; a file that is larger than this is none that somebody reads.
MOST_TEXT = 200_000


def _written(version: Any) -> Any:
    """YAML reads 2 as a number and 2026-10-01 as a date: a version is what is written."""
    return str(version) if isinstance(version, (int, float, date)) and not isinstance(version, bool) else version


class Agreement(Value):
    """Terms that an organisation accepts, once for each contract and each version, before it reads.

    The text stands in `text`, or in a `file` beside the registry. When the version or the text changes, it is asked for
    again: nobody is held to a text that he was not shown.
    """

    title: str = Field(min_length=1, max_length=120)
    version: Annotated[str, BeforeValidator(_written)] = Field(min_length=1, max_length=40)
    purpose: str = Field(min_length=12)
    text: str | None = Field(default=None, min_length=1, max_length=MOST_TEXT)
    file: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.text is None) == (self.file is None):
            raise ValueError("say what is to be accepted with exactly one of `text` and `file`")
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, as 64 hexadecimal digits. A text that has not been read has none: ValueError."""
        if self.text is None:
            raise ValueError(f"the text of {self.title} has not been read")
        return sha256(self.text.encode()).hexdigest()

    def read(self, folder: Path) -> Agreement:
        """The agreement with its text at hand. Raises ValueError, with a sentence, when its file cannot be read."""
        if self.file is None:
            return self
        try:
            text = (folder / self.file).read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"`{self.file}` cannot be read ({type(fault).__name__}): put the text there, as UTF-8, "
                             "beside the registry.") from None
        if not 0 < len(text) <= MOST_TEXT:
            raise ValueError(f"`{self.file}` has {len(text):,} characters: write a text of 1 to {MOST_TEXT:,}.")
        return self.model_copy(update={"text": text, "file": None})
