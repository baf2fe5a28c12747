"""What one viewer may see: the current renditions of the store, audience by audience, kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hantsmap.errors import UnavailableError
from hantsmap.open_renditions import Opening, OpenRenditions
from hantsmap.query import Reader
from hantsmap.rendition import Rendition
from hantsmap.store import Promotion, RecordLog, Records, Store, Timeline, read_visibility, timelines, today

log = logging.getLogger("hantsmap")
# When to ask again for what cannot be read now: someone has to mend it, or a disk to recover.
UNAVAILABLE_S = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer as one audience sees it.

    `edition` and `rules` are for the audit log: what it was rendered from, and under which version of the rules.
    `agreement` is what the viewer's organisation has to accept before it reads.
    `timeline` has every state of the layer that this audience ever saw; the last one is what it sees now.
    """

    layer: str
    reader: Reader
    timeline: Timeline
    edition: str = ""
    rules: str = ""
    agreement: str | None = None

    @property
    def sequence(self) -> int:
        """Number of the state that this audience sees, counted from 1 by what it could see and by nothing else."""
        return self.timeline[-1].sequence

    @property
    def published(self) -> datetime:
        """When the audience first saw what it sees: a change that it cannot see does not change this date."""
        return self.timeline[-1].since

    @property
    def rendition(self) -> Rendition:
        """The rendition that every answer about this layer is made from."""
        return self.reader.rendition


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The layers that exist for one audience, by name. What is not in here does not exist for it.

    `unavailable` are layers that the audience may see and that cannot be served now; `outdated` are served from an
    older promotion, because the files of the newest one are damaged.
    """

    audience: str
    entries: Mapping[str, Entry]
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unavailable: frozenset[str] = frozenset()
    outdated: frozenset[str] = frozenset()

    @classmethod
    def of(cls, audience: str, entries: Mapping[str, Entry], unavailable: Collection[str] = (),
           outdated: Collection[str] = ()) -> Catalogue:
        """A catalogue of these entries; `asked` leads from each agreement to the layers that ask for it."""
        asked: dict[str, tuple[str, ...]] = {}
        for layer, entry in entries.items():
            if entry.agreement is not None:
                asked[entry.agreement] = (*asked.get(entry.agreement, ()), layer)
        return cls(audience, entries, asked, frozenset(unavailable), frozenset(outdated))

    def without(self, layers: Collection[str]) -> Catalogue:
        """This catalogue less some layers: for who reads by it they do not exist."""
        return Catalogue.of(
            self.audience, {layer: entry for layer, entry in self.entries.items() if layer not in layers},
            self.unavailable.difference(layers), self.outdated.difference(layers))

    def entry(self, layer: str) -> Entry | None:
        """The entry of a layer, or None where it does not exist. Raises UnavailableError when it does and cannot be
        served now."""
        if layer in self.unavailable:
            raise UnavailableError(f"`{layer}` cannot be read just now.", UNAVAILABLE_S)
        return self.entries.get(layer)

    @property
    def version(self) -> str:
        """Changes when, and only when, something that this audience can see changes."""
        return "-".join(f"{entry.rendition.id}.{entry.sequence}" for entry in self.entries.values())


@dataclass(slots=True)
class _Audience:
    """What is known of one audience's layers while its catalogue is made."""

    entries: dict[str, Entry] = field(default_factory=dict)
    unavailable: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Shelf:
    """All catalogues of a store.

    A layer whose newest promotion cannot be read is served to nobody: that promotion may have withdrawn it. Where only
    the files of one rendition are damaged, the last good promotion under the same rules stands in, for the audiences of
    that rendition and no others; an older one under other rules may show what has been held back since.
    """

    store: Store
    renditions: OpenRenditions = field(init=False)
    records: RecordLog = field(init=False)
    _state: object = None
    _told: dict[str, str] = field(default_factory=dict)
    _catalogues: dict[str, Catalogue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.renditions, self.records = OpenRenditions(self.store), RecordLog(self.store)

    @property
    def damaged(self) -> Mapping[tuple[str, str], str]:
        """Renditions that are not served, by layer and id, and why."""
        return self.renditions.damaged

    def refresh(self) -> bool:
        """Take up what was promoted or mended since; True if anything changed. Readers in use stay as they are."""
        self.renditions.look()
        day = today()
        state = (self.records.look(), tuple(self.damaged), day)
        if state == self._state:
            return False
        audiences: dict[str, _Audience] = {}
        with self.renditions.reopening() as reader:
            for layer, records in self.records.layers.items():
                self._add(audiences, layer, records, day, reader)
        self._catalogues = {name: Catalogue.of(name, each.entries, each.unavailable, each.outdated)
                            for name, each in audiences.items()}
        # What was set aside meanwhile belongs to this state.
        self._state = (state[0], tuple(self.damaged), day)
        return True

    def catalogue(self, audience: str) -> Catalogue:
        """What an audience may see; an audience that nobody granted anything sees an empty catalogue."""
        return self._catalogues.get(audience) or Catalogue(audience, {})

    def readers(self) -> Mapping[tuple[str, str], Reader]:
        """All open renditions, by layer and id."""
        return self.renditions.readers

    def set_aside(self, layer: str, rendition: str, fault: Exception) -> None:
        """Serve a rendition no more: the next refresh takes the last good promotion of its layer."""
        self.renditions.set_aside((layer, rendition), fault)

    def _add(self, audiences: dict[str, _Audience], layer: str, records: Records, day: date, reader: Opening) -> None:
        """Add a layer to the catalogue of each audience that may see it, or say there that it cannot be served."""
        if records.fault or not records.readable:
            for audience in records.shown_by_all(day):
                audiences.setdefault(audience, _Audience()).unavailable.add(layer)
            return
        newest = records.readable[0]
        asked, served = newest.asked(day), {}
        states: dict[int, dict[str, Timeline]] = {}
        for audience in newest.seen(day):
            theirs = audiences.setdefault(audience, _Audience())
            number, found = self._last_good(records, audience, day, reader)
            served[audience] = number if found is not None else None
            if found is None:
                theirs.unavailable.add(layer)
                continue
            if number not in states:
                states[number] = timelines(reversed(records.readable[number:]), day)
            promotion = records.readable[number]
            theirs.entries[layer] = Entry(layer, found, states[number][audience], promotion.edition or "",
                                          promotion.grant_inputs[:12], asked.get(audience))
            if number:
                theirs.outdated.add(layer)
        self._tell(layer, newest, {audience: None if number is None else records.readable[number].sequence
                                   for audience, number in served.items() if number != 0})

    def _tell(self, layer: str, newest: Promotion, behind: Mapping[str, int | None]) -> None:
        """Log, once, which audiences are not served from the newest promotion of a layer."""
        said = "; ".join(f"{audience} is served promotion {number}" if number else f"{audience} is not served"
                         for audience, number in behind.items())
        if self._told.get(layer, "") != said and said:
            log.error("%s: files of promotion %d are damaged: %s.", layer, newest.sequence, said)
        self._told[layer] = said

    def _last_good(self, records: Records, audience: str, day: date, reader: Opening) -> tuple[int, Reader | None]:
        """The newest promotion that can be served to an audience: its place, and the reader of its rendition.

        Only promotions under the rules of the newest one are asked, one after the other without a gap, and none from
        before an erasure. Where the audience sees some rows or values only, none but the newest: one may be hidden
        since.
        """
        newest = records.readable[0]
        for number, promotion in enumerate(records.readable):
            rendition = promotion.seen(day).get(audience)
            if rendition is None or (promotion.grant_inputs, promotion.sequence) != (
                    newest.grant_inputs, newest.sequence - number):
                break
            found = reader((promotion.layer, rendition))
            if found is not None:
                return number, found
            if promotion.action == "erased" or not self._sees_all_rows(newest, audience, day):
                break
        return 0, None

    def _sees_all_rows(self, promotion: Promotion, audience: str, day: date) -> bool:
        """Whether the rules hide no rows or values by what is in them; no where that is not recorded."""
        seen = read_visibility(self.store, promotion.layer, promotion.visible(audience, day))
        return seen is not None and not (
            seen.rows or seen.area or seen.counts or any(said.get("references") for said in seen.fields.values()))
