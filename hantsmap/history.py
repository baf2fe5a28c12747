"""Where the history of each audience starts: with the last promotion that does not contain what was seen before it."""

from __future__ import annotations

from hantsmap.rendition.rendered import Rendered
from hantsmap.store import HistoryStart, Promotion, Store, read_visibility, today


def histories(store: Store, layer: str, rendered: Rendered, sequence: int) -> dict[str, HistoryStart]:
    """For each audience that will see the layer, where its history starts once promotion `sequence` is made.

    It goes on where the newest promotion shows the layer to it and what it may see from now on provably contains what
    it may see today. In every other case, also when a record cannot be read, it starts with this promotion.
    """
    # An older promotion does not say what has been seen since: where the newest one cannot be read, there is none.
    newest = store.current(layer)
    return {audience: _start(store, newest, rendered, audience, sequence) for audience in rendered.renditions}


def _start(
    store: Store, newest: Promotion | None, rendered: Rendered, audience: str, sequence: int
) -> HistoryStart:
    anew, day = HistoryStart(promotion=sequence), today()
    if newest is None or audience not in newest.seen(day):
        return anew
    before = read_visibility(store, layer=newest.layer, digest=newest.visible(audience, day))
    after = rendered.visibility.get(audience)
    if before is None or after is None or not after.contains(before):
        return anew
    return newest.history_start(audience, day)
