"""Promoting what was rendered, and whether what is current can be used again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hantsmap.errors import DamagedError, StoreError
from hantsmap.history import histories
from hantsmap.registry import Registry
from hantsmap.rendition.rendered import Rendered
from hantsmap.store import Promotion, Store, files, keep_visibility, now
from hantsmap.suppression import SuppressionList, without_erased

if TYPE_CHECKING:
    from hantsmap.editions import Edition


def promote(store: Store, current: Promotion | None, name: str, action: Literal["published", "restored", "withdrawn"],
            edition: str | None, rendered: Rendered, source_inputs: str, grant_inputs: str,
            key: tuple[str, ...] = ()) -> None:
    """Make what was rendered current: change sets and visibility records first, then the promotion that names them.

    `current` is the promotion that holds until then; `key` is what the ids are made of, as in `Promotion`: if it is not
    given, what they were made of before. Raises StoreError when it cannot be written.
    """
    from hantsmap.changes import prepare

    before = next(store.newest_first(name), None)
    sequence = store.next_sequence(name)
    history = histories(store, name, rendered, sequence)
    prepare(store, current, {audience: rendered.renditions[audience] for audience, start in history.items()
                             if start.promotion < sequence}, name)
    for kept in rendered.visibilities:
        keep_visibility(store, name, kept)
    store.promote(Promotion(layer=name, sequence=sequence, action=action, made_at=now(), edition=edition,
                            renditions=rendered.renditions, agreements=rendered.agreements, later=rendered.later,
                            visibility={audience: each.digest for audience, each in rendered.visibility.items()},
                            history=history, source_inputs=source_inputs, grant_inputs=grant_inputs,
                            erasures=SuppressionList(store, name).count(),
                            key=key or (before.key if before else ())))


def rows_if_whole(store: Store, promotion: Promotion) -> int | None:
    """Rows of a promotion whose files are all what was written; None when not, so that they are made again."""
    try:
        for rendition in promotion.named():
            files.whole(store.rendition(promotion.layer, rendition), "rendition.json")
        record = files.whole(store.edition(promotion.layer, promotion.edition or ""), "edition.json")
    except DamagedError:
        return None
    return int(record["rows"])


def usable_edition(registry: Registry, store: Store, name: str, edition: str) -> Edition:
    """An edition that today's grants can be applied to.

    Raises DamagedError when it is damaged; StoreError when its fields are not those of the registry, as the grants
    would say nothing about them, or when it holds a record that was erased since.
    """
    from hantsmap.editions import edition_of

    made = edition_of(store, name, edition)
    if made is None:
        raise DamagedError(f"Edition {edition} of {name} is damaged. Restore the store from a backup.")
    _check_shape(registry, name, made)
    if without_erased(store, name, made.curated) is not made.curated:
        raise StoreError(f"Edition {made.id} of {name} holds a record that was erased since. Erase it again.")
    return made


def _check_shape(registry: Registry, name: str, made: Edition) -> None:
    then = {field: spec.type for field, spec in made.curated.fields.items()}
    today = {field: spec.type for field, spec in registry.layers[name].served_fields(registry.code_lists).items()}
    if then != today or (made.curated.shapes is None) != (registry.layers[name].geometry == "none"):
        differing = sorted(field for field in then.keys() | today.keys() if then.get(field) != today.get(field))
        raise StoreError(f"Edition {made.id} of {name} was made under other fields "
                         f"({', '.join(differing) or 'geometry'}): today's grants cannot be applied to it. Publish the "
                         "layer from an older copy of its source.")
