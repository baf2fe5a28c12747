"""Applies today's grants to the current edition of a layer of which no new edition could be published.

A source that blocks or cannot be read keeps its layer from being updated. It must not keep a grant that became narrower
from taking effect, nor a layer of an older version of the store from being served.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from hantsmap.access import Grant
from hantsmap.editions import record_of
from hantsmap.errors import DamagedError, HantsMapError, UnreadableError
from hantsmap.promoting import promote, rows_if_whole, usable_edition
from hantsmap.publication import grant_inputs_of
from hantsmap.rendition.render import Shown, by_day, render
from hantsmap.rendition.rendered import Rendered
from hantsmap.store import Promotion, read_visibility, today
from hantsmap.visibility import Visibility, visibility
from hantsmap.workshop import Workshop

log = logging.getLogger("hantsmap")
# Of a field, what decides how its values are read, and not which of them are shown.
HOW_IT_IS_READ = {"type", "format", "missing"}


def apply_grants(workshop: Workshop, name: str) -> str:
    """Render the current edition of a layer under today's grants, if they changed or its renditions cannot be read.

    Where that is impossible, the layer is closed to each audience whose grant may have become narrower. Returns a
    sentence that says what is served now; empty where nothing had to be done. Raises HantsMapError when nothing could
    be done: what was served is served still.
    """
    store = workshop.store
    try:
        current = store.current(name)
    except UnreadableError:
        return ""  # Servers do not serve a layer whose newest promotion cannot be read.
    if current is None or current.edition is None:
        return ""
    try:
        grant_inputs = grant_inputs_of(workshop, name)
    except Exception as fault:
        return _close(workshop, current, fault)
    if grant_inputs == current.grant_inputs and rows_if_whole(store, current) is not None:
        return ""
    try:
        edition = usable_edition(workshop.registry, store, name, current.edition)
        rendered = render(workshop.registry, store, name, edition, workshop.gazetteer.area, workshop.visible)
    except Exception as fault:
        log.exception("%s: today's grants cannot be applied to the current edition", name)
        return "" if grant_inputs == current.grant_inputs else _close(workshop, current, fault)
    promote(store, current, name, "published", current.edition, rendered, current.source_inputs, grant_inputs)
    return f"Until then the edition of {_made_at(workshop, current)} is served, under today's grants."


def _made_at(workshop: Workshop, current: Promotion) -> str:
    try:
        return str(record_of(workshop.store, current.layer, current.edition or "")["made_at"])[:10]
    except DamagedError:
        return str(current.made_at.date())


def _close(workshop: Workshop, current: Promotion, fault: Exception) -> str:
    """Keep the renditions of those audiences whose grants allow all that these show, and take them from all others."""
    store, name = workshop.store, current.layer
    kept = _Allowed(workshop, current)
    rendered = by_day(workshop.registry, name, kept.seen_on, current.days())
    before, after = current.seen(today()).keys(), rendered.renditions.keys()
    if _differs(rendered, current):
        # Nothing has these inputs: the next publication tries again.
        promote(store, current, name, "published", current.edition, rendered, "",
                f"closed {store.next_sequence(name)}")
    closed = sorted(audience for audience in workshop.registry.audiences if audience not in after
                    and (audience in before or workshop.registry.grant(name, audience, today()) is not None))
    said = f"Today's grants cannot be applied to the current edition: {fault}"
    if closed:
        said += (f" As grants may have become narrower, the layer is not served to {', '.join(closed)} until it can be "
                 "published.")
    return said + (f" It is served as before to {', '.join(sorted(after))}." if after else "")


def _differs(rendered: Rendered, current: Promotion) -> bool:
    return (rendered.renditions, rendered.agreements, rendered.later) != (
        dict(current.renditions), dict(current.agreements), dict(current.later))


@dataclass(frozen=True, slots=True)
class _Allowed:
    """Which of the current renditions today's grants allow as they are."""

    workshop: Workshop
    current: Promotion

    def seen_on(self, day: date) -> dict[str, Shown]:
        """Those that each audience may go on seeing on a day, with what they were made under."""
        registry, seen = self.workshop.registry, {}
        for audience, rendition in self.current.seen(day).items():
            if audience not in registry.audiences:
                continue
            grant = registry.grant(self.current.layer, audience, day)
            before = read_visibility(self.workshop.store, self.current.layer, self.current.visible(audience, day))
            if grant is not None and before is not None and self._contains(grant, before):
                seen[audience] = Shown(rendition, grant.agreement, before)
        return seen

    def _contains(self, grant: Grant, before: Visibility) -> bool:
        """Whether a grant shows all that was shown before. An area that cannot be read counts as unchanged; rows of
        other layers that a field names do not: which of them may be named is not recorded."""
        registry = self.workshop.registry
        layer = registry.layers[self.current.layer]
        area, known = self._area(grant)
        after = visibility(layer, grant, area, registry.agreements.get(grant.agreement or ""))
        if grant.area is not None and not known:
            after = after.model_copy(update={"area": {**after.area, "sha256": before.area.get("sha256")}})
        if any(said.get("references") for said in before.fields.values()):
            return False
        return _as_shown(after).contains(_as_shown(before))

    def _area(self, grant: Grant) -> tuple[Any, bool]:
        if grant.area is None:
            return None, True
        try:
            return self.workshop.gazetteer.area(grant.area.name), True
        except HantsMapError:
            return shapely.Point(), False


def _as_shown(each: Visibility) -> Visibility:
    return each.model_copy(update={"fields": {
        name: {setting: value for setting, value in said.items() if setting not in HOW_IT_IS_READ}
        for name, said in each.fields.items()}})
