"""What each audience saw of a layer, state by state: numbered by what it could see, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import pairwise

from hantsmap.errors import DamagedError
from hantsmap.store.promotion import Promotion


@dataclass(frozen=True, slots=True)
class Step:
    """From `since` on an audience saw `rendition`, or no layer at all (None). Its states count from 1.

    A state that is not `readable` was last seen before the audience's history starts: nothing may open its rendition.
    """

    sequence: int
    rendition: str | None
    since: datetime
    readable: bool = True


# Before the first promotion there was nothing to see.
Timeline = tuple[Step, ...]


@dataclass(slots=True)
class _Seen:
    """The states of one audience, and the place in the order of promotions at which each was last seen."""

    steps: list[Step] = field(default_factory=list)
    last: list[tuple[int, date]] = field(default_factory=list)

    def note(self, rendition: str | None, since: datetime, place: tuple[int, date]) -> None:
        if rendition != (self.steps[-1].rendition if self.steps else None):
            self.steps.append(Step(len(self.steps) + 1, rendition, since))
            self.last.append(place)
        elif self.last:
            self.last[-1] = place

    def note_gap(self, since: datetime, place: tuple[int, date]) -> None:
        """A promotion is missing or damaged: a state that cannot be opened stands for what was seen then."""
        self.steps.append(Step(len(self.steps) + 1, None, since, readable=False))
        self.last.append(place)

    def timeline(self, start: tuple[int, date]) -> Timeline:
        return tuple(step if last >= start else Step(step.sequence, step.rendition, step.since, readable=False)
                     for step, last in zip(self.steps, self.last, strict=True))


def timelines(promotions: Iterable[Promotion], on: date) -> dict[str, Timeline]:
    """The states of a layer, for each audience that ever saw it: oldest first, up to the day `on`.

    `promotions` are all that can be read of one layer, oldest first. A promotion that changes nothing for an audience
    gives it no new state: its sequence tells nothing of what is hidden from it. A grant that ends changes what is seen
    at the beginning of a day (UTC), without a promotion. What was last seen before the history of an audience starts
    is not readable.

    A gap in the numbers of the promotions gives every audience a state that is not readable: without it a later state
    would get the number of the one that is lost, and a client that has that one would never be told what changed.
    """
    seen: dict[str, _Seen] = {}
    ordered = list(promotions)
    for promotion, following in [*pairwise(ordered), *((last, None) for last in ordered[-1:])]:
        first, end = promotion.made_at.date(), on if following is None else following.made_at.date()
        _note(seen, promotion.seen(first), promotion.made_at, (promotion.sequence, date.min))
        days = {change.on for changes in promotion.later.values() for change in changes if first < change.on <= end}
        for day in sorted(days):
            _note(seen, promotion.seen(day), datetime.combine(day, time(), UTC), (promotion.sequence, day))
        if following is not None and following.sequence > promotion.sequence + 1:
            for states in seen.values():
                states.note_gap(promotion.made_at, (promotion.sequence + 1, date.min))
    return {audience: states.timeline(ordered[-1].history_start(audience, on).place)
            for audience, states in seen.items()}


def _note(seen: dict[str, _Seen], now: Mapping[str, str], since: datetime, place: tuple[int, date]) -> None:
    for audience in seen.keys() | now.keys():
        seen.setdefault(audience, _Seen()).note(now.get(audience), since, place)


def history_start(timeline: Timeline) -> int:
    """The oldest state whose rendition may still be opened, by its number. The current state always may."""
    return next((step.sequence for step in timeline if step.readable), len(timeline))


def at(timeline: Timeline, sequence: int) -> str | None:
    """The rendition seen in a state, or None for no layer. State 0 is that before the first.

    Raises DamagedError for a state from before the history of its audience starts.
    """
    if sequence and not timeline[sequence - 1].readable:
        raise DamagedError(f"State {sequence} was made under wider rules, or its record is lost: it is not opened.")
    return timeline[sequence - 1].rendition if sequence else None


def sequence_before(timeline: Timeline, moment: datetime) -> int:
    """The newest state that began in a second before that of a moment; 0 for the time before the first.

    Times of promotions are whole seconds: what changed within the same second is told again rather than lost.
    """
    second = moment.replace(microsecond=0)
    return next((step.sequence - 1 for step in timeline if step.since >= second), len(timeline))
