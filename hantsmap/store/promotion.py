"""A promotion: the record that makes an edition, and its renditions, the current ones of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from hantsmap.access import Value


class Change(Value):
    """From the day `on` an audience sees this rendition instead, or none: the day after its grant ends.

    `visibility` names what it was made under; with `narrows`, that does not contain what held the day before.
    """

    on: date
    rendition: str | None
    agreement: str | None = None
    visibility: str | None = None
    narrows: bool = True


class HistoryStart(Value):
    """Where the history of an audience starts: at a promotion, or at a change of it on a day. Older states are closed.

    Each promotion repeats it, so that a record in between that cannot be read opens nothing.
    """

    promotion: int
    on: date | None = None

    @property
    def place(self) -> tuple[int, date]:
        """Its place in the order of all promotions and changes of a layer."""
        return self.promotion, self.on or date.min


class Promotion(Value):
    """What is current for a layer from this moment on.

    `renditions` leads from every audience that may see the layer to the rendition it sees; an audience that is not
    named there sees no layer at all. `agreements` leads from an audience to what has to be accepted before it reads: it
    stands here so that no rendition is ever taken up without it. `later` says what changes when grants end.
    `visibility` leads from an audience to the name of what its rendition was made under (hantsmap.store.visibilities),
    and `history` to where its history starts; an audience not named there has no history before this promotion.
    `source_inputs` and `grant_inputs` are digests of what the edition and the renditions were made from: when both
    still hold there is nothing to publish.

    `erasures` is how many records of the layer were erased up to here, and `key` what the ids are made of, as "field
    (type)". Each promotion repeats them: promotions are never pruned, so the list of erased records is missed when it
    is gone.
    """

    layer: str
    sequence: int
    action: Literal["published", "restored", "withdrawn", "erased"]
    made_at: datetime
    edition: str | None
    renditions: Mapping[str, str]
    agreements: Mapping[str, str] = Field(default_factory=dict)
    later: Mapping[str, tuple[Change, ...]] = Field(default_factory=dict)
    visibility: Mapping[str, str] = Field(default_factory=dict)
    history: Mapping[str, HistoryStart] = Field(default_factory=dict)
    source_inputs: str
    grant_inputs: str
    erasures: int = 0
    key: tuple[str, ...] = ()

    def seen(self, on: date) -> dict[str, str]:
        """Which rendition each audience sees on a day; an audience that sees none is not named."""
        seen: dict[str, str | None] = dict(self.renditions)
        for audience, changes in self.later.items():
            for change in changes:
                if change.on <= on:
                    seen[audience] = change.rendition
        return {audience: rendition for audience, rendition in seen.items() if rendition is not None}

    def asked(self, on: date) -> dict[str, str]:
        """Which agreement each audience has to accept on a day before it reads; one that has none is not named."""
        asked: dict[str, str | None] = dict(self.agreements)
        for audience, changes in self.later.items():
            for change in changes:
                if change.on <= on:
                    asked[audience] = change.agreement
        return {audience: agreement for audience, agreement in asked.items() if agreement is not None}

    def visible(self, audience: str, on: date) -> str | None:
        """The name of what an audience may see on a day; None where that is not recorded, or nothing is seen."""
        changes = [change for change in self.later.get(audience, ()) if change.on <= on]
        return changes[-1].visibility if changes else self.visibility.get(audience)

    def history_start(self, audience: str, on: date) -> HistoryStart:
        """Where the history of an audience starts, as on a day."""
        narrowed = [change.on for change in self.later.get(audience, ()) if change.on <= on and change.narrows]
        if narrowed:
            return HistoryStart(promotion=self.sequence, on=narrowed[-1])
        return self.history.get(audience, HistoryStart(promotion=self.sequence))

    def days(self) -> set[date]:
        """The days on which what somebody sees changes."""
        return {change.on for changes in self.later.values() for change in changes}

    def named(self) -> set[str]:
        """All renditions that somebody sees, or will."""
        later = {change.rendition for changes in self.later.values() for change in changes if change.rendition}
        return set(self.renditions.values()) | later
