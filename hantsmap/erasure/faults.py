"""What can go wrong with an erasure."""

from __future__ import annotations

from hantsmap.errors import HantsMapError, StoreError


class RecordNotFoundError(HantsMapError):
    """The layer has no record with this id, in no edition or rendition that is kept, and none was erased."""

    exit_code = 4


class ProofError(StoreError):
    """The record was removed, and a search still found it: `places` are the files."""

    def __init__(self, sentence: str, places: tuple[str, ...]) -> None:
        self.places = places
        super().__init__(sentence)
