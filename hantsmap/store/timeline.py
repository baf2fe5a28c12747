"""What each audience saw of a layer, state by state: numbered by what it could see, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise

from hantsmap.store.promotion import Promotion


@dataclass(frozen=True, slots=True)
class Step:
    """From `since` on an audience saw `rendition`, or no layer at all (None). Its states count from 1."""

    sequence: int
    rendition: str | None
    since: datetime


# Before the first promotion there was nothing to see.
Timeline = tuple[Step, ...]


def timelines(promotions: Iterable[Promotion], on: date) -> dict[str, Timeline]:
    """The states of a layer, for each audience that ever saw it: oldest first, up to the day `on`.

    `promotions` are all that can be read of one layer, oldest first. A promotion that changes nothing for an audience
    gives it no new state: its sequence tells nothing of what is hidden from it. A grant that ends changes what is seen
    at the beginning of a day (UTC), without a promotion.
    """
    steps: dict[str, list[Step]] = {}
    ordered = list(promotions)
    for promotion, following in [*pairwise(ordered), *((last, None) for last in ordered[-1:])]:
        first, end = promotion.made_at.date(), on if following is None else following.made_at.date()
        _note(steps, promotion.seen(first), promotion.made_at)
        days = {change.on for changes in promotion.later.values() for change in changes if first < change.on <= end}
        for day in sorted(days):
            _note(steps, promotion.seen(day), datetime.combine(day, time(), UTC))
    return {audience: tuple(known) for audience, known in steps.items()}


def _note(steps: dict[str, list[Step]], seen: Mapping[str, str], since: datetime) -> None:
    for audience in steps.keys() | seen.keys():
        known = steps.setdefault(audience, [])
        if seen.get(audience) != (known[-1].rendition if known else None):
            known.append(Step(len(known) + 1, seen.get(audience), since))


def at(timeline: Timeline, sequence: int) -> str | None:
    """The rendition seen in a state, or None for no layer. State 0 is that before the first."""
    return timeline[sequence - 1].rendition if sequence else None


def sequence_before(timeline: Timeline, moment: datetime) -> int:
    """The newest state that began in a second before that of a moment; 0 for the time before the first.

    Times of promotions are whole seconds: what changed within the same second is told again rather than lost.
    """
    second = moment.replace(microsecond=0)
    return next((step.sequence - 1 for step in timeline if step.since >= second), len(timeline))
