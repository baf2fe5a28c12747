"""On what terms somebody known reads: what is open to it now, and what its organisation has yet to accept.

Asked once for each request, before any route: what waits is taken out of the catalogue, so that no route can forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from hantsmap.access import last_day
from hantsmap.catalogue import Catalogue
from hantsmap.store import Site, today

if TYPE_CHECKING:
    # A database costs time to load, and most of those who read are nobody in particular.
    from hantsmap.accounts import Accounts

# Each audience, with each part of its agreements accepted: there are few.
MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Terms:
    """The `catalogue` is what may be read now. `waiting` leads from an agreement that the organisation has yet to
    accept to the layers that wait for it. `ended` is the last day of a contract that is over: then nothing is open.
    """

    catalogue: Catalogue
    waiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ended: date | None = None

    def waits(self, layer: str) -> bool:
        """Whether a layer is there, and waits for the acceptance of an agreement."""
        return any(layer in layers for layers in self.waiting.values())

    @property
    def count(self) -> int:
        """How many layers wait."""
        return sum(map(len, self.waiting.values()))


@dataclass(slots=True)
class Reception:
    """Says on what terms those read who are known. The same terms are the same object, as long as they hold."""

    _kept: dict[object, tuple[Catalogue, Terms]] = field(default_factory=dict)

    def terms(self, catalogue: Catalogue, site: Site, org: str | None, accounts: Callable[[], Accounts]) -> Terms:
        """The terms of somebody of an organisation, as one audience: that of the catalogue.

        `accounts` is asked only where something is to be accepted. Raises AccountsError when it cannot be asked.
        """
        over = last_day(site.audiences, catalogue.audience, before=today())
        lacking: frozenset[str] = frozenset()
        if over is None and catalogue.asked:
            wanted = {name: site.agreements.get(name) for name in catalogue.asked}
            lacking = accounts().lacking(org or "", catalogue.audience, wanted)
        key = catalogue.audience, over, lacking
        whole, terms = self._kept.get(key, (None, None))
        if terms is None or whole is not catalogue:
            terms = _terms(catalogue, over, lacking)
            if len(self._kept) >= MOST_KEPT:
                self._kept = {}
            self._kept[key] = catalogue, terms
        return terms


def _terms(catalogue: Catalogue, over: date | None, lacking: frozenset[str]) -> Terms:
    if over is not None:
        return Terms(Catalogue(catalogue.audience, {}), ended=over)
    if not lacking:
        return Terms(catalogue)
    waiting = {name: layers for name, layers in catalogue.asked.items() if name in lacking}
    return Terms(catalogue.without({layer for layers in waiting.values() for layer in layers}), waiting)
