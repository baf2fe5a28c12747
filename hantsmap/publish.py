"""Publishing a layer: read, curate, keep the edition, render it for every grant, promote. Or nothing at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from hantsmap import masthead, sources
from hantsmap.change_limits import check_withdrawals, id_parts, with_losses, with_other_key
from hantsmap.errors import BlockedError, HantsMapError, StoreError, UnreadableError
from hantsmap.findings import blocking
from hantsmap.promoting import promote, rows_if_whole, usable_edition
from hantsmap.publication import grant_inputs_of, in_order, source_inputs_of
from hantsmap.referring import narrow_all
from hantsmap.rendition.rendered import Rendered
from hantsmap.store import Site, Store
from hantsmap.suppression import SuppressionList, forget_source, without_erased
from hantsmap.workshop import Outcome, State, Workshop

log = logging.getLogger("hantsmap")


def publish(
    workshop: Workshop,
    names: Iterable[str] = (),
    *,
    accept: Iterable[str] = (),
    withdraw: bool = False,
    progress: Callable[[str, str], None] = lambda layer, doing: None,
    done: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Publish the named layers, or all, and withdraw what left the registry. One layer's fault stops no other.

    A layer follows those that it refers to, and is published with them: what it may name depends on their rows.
    Layers in `accept` may lose more than their `max_change`; `withdraw` allows any number of layers to be withdrawn.
    `progress` is told the layer and what is being done to it, `done` each outcome as it comes. A layer's own faults are
    its Outcome. Raises BusyError or StoreError when the store cannot be published to, and BlockedError, with nothing
    published, where too many layers would be withdrawn.
    """
    workshop = replace(workshop, accepted=frozenset(accept))
    registry, store = workshop.registry, workshop.store
    chosen = list(dict.fromkeys(names))
    outcomes = []
    if not chosen:
        check_withdrawals(store, registry.layers, withdraw=withdraw)
    # An older version's store is written again as a whole, or not at all.
    with store.publishing(upgrade=not chosen):
        sources.remove_unfinished(workshop.cache)
        if not store.layers():
            # Contracts and agreements are known before the first layer is.
            store.keep_site(masthead.site(registry, workshop.gazetteer, Site()))
        for name in in_order(registry, store, chosen):
            outcomes.append(_one(name, partial(_publish_layer, workshop, name, partial(progress, name))))
            if outcomes[-1].exit_code and registry.layers[name].referenced:
                outcomes[-1] = _narrowed(store, outcomes[-1])
            forget_source(store, name, registry.layers[name].source, workshop.cache)
            done(outcomes[-1])
        outcomes += _keep_site(workshop)
        if not chosen:
            outcomes += [_one(name, partial(_withdraw, store, name)) for name in store.layers()
                         if name not in registry.layers and not _withdrawn(store, name)]
    return outcomes


def _narrowed(store: Store, outcome: Outcome) -> Outcome:
    """A layer that could not be published names no row that is hidden by now, or is served to nobody."""
    words = {"narrowed": " Values that name rows which are hidden now were left out.",
            "closed": " It is served to nobody until it is published: what it may name cannot be read."}
    try:
        became = narrow_all(store, [outcome.layer], "published").get(outcome.layer)
    except StoreError as fault:
        told = f"{outcome.sentence} Values that name rows which are hidden now may still be served: {fault}"
        return replace(outcome, sentence=told, exit_code=max(outcome.exit_code, fault.exit_code))
    return replace(outcome, sentence=outcome.sentence + words[became]) if became in words else outcome


def _keep_site(workshop: Workshop) -> list[Outcome]:
    """Keep what the store says of itself. Its fault is an outcome, so that those of the layers are not lost."""
    store = workshop.store
    try:
        store.keep_site(masthead.site(workshop.registry, workshop.gazetteer, store.site_or_empty()))
    except HantsMapError as fault:
        return [Outcome("site.json", "failed", sentence=str(fault), exit_code=fault.exit_code)]
    return []


def _one(name: str, make: Callable[[], Outcome]) -> Outcome:
    """What became of a layer; its faults are the outcome."""
    try:
        return make()
    except HantsMapError as fault:
        state: State = "blocked" if isinstance(fault, BlockedError) else "failed"
        findings = fault.findings if isinstance(fault, BlockedError) else ()
        return Outcome(name, state, findings=findings, sentence=_with_notes(str(fault), fault),
                       exit_code=fault.exit_code)
    except Exception as fault:
        # A fault of ours in one layer must not keep the other layers from being published.
        log.exception("%s: an unforeseen fault", name)
        sentence = _with_notes(f"An unforeseen fault, {type(fault).__name__}: {fault}. The last edition stays.", fault)
        return Outcome(name, "failed", sentence=sentence, exit_code=HantsMapError.exit_code)


def _with_notes(sentence: str, fault: Exception) -> str:
    return " ".join([sentence, *getattr(fault, "__notes__", ())])


def _publish_layer(workshop: Workshop, name: str, progress: Callable[[str], None]) -> Outcome:
    """Publish a layer. If that fails, today's grants are applied to its current edition, and the fault gets a note that
    says what is served."""
    try:
        return _publish_newest(workshop, name, progress)
    except Exception as fault:
        from hantsmap.applying_grants import apply_grants

        try:
            progress("applying the grants")
            note = apply_grants(workshop, name)
        except Exception as second:
            log.exception("%s: today's grants could not be applied", name)
            note = f"Today's grants could not be applied: {second} What was served before is served still."
        if note:
            fault.add_note(note)
        raise


def _publish_newest(workshop: Workshop, name: str, progress: Callable[[str], None]) -> Outcome:
    registry, store = workshop.registry, workshop.store
    layer = registry.layers[name]
    progress("looking for changes")
    # Before the source is fetched: without the list of erased records nothing of it may be kept.
    erased = [each.digest for each in SuppressionList(store, name).entries()]
    source_inputs = source_inputs_of(
        registry, name, sources.fingerprint(layer, data=workshop.data, cache=workshop.cache),
        workshop.gazetteer.open_fingerprint(layer),
        # After an erasure the source is read again: the finding says that the record is still there.
        *erased)
    grant_inputs = grant_inputs_of(workshop, name)
    current = store.current(name)
    if current and current.edition and (current.source_inputs, current.grant_inputs) == (source_inputs, grant_inputs):
        kept = rows_if_whole(store, current)
        if kept is not None:
            return Outcome(name, "unchanged", rows=kept)
    from hantsmap.editions import edition_of
    from hantsmap.rendition.render import render

    edition = None
    if current and current.edition and current.source_inputs == source_inputs:
        edition = edition_of(store, name, current.edition)
    if edition is None:
        edition = _new_edition(workshop, name, progress)
    progress("rendering")
    rendered = render(registry, store, name, edition, workshop.gazetteer.area, workshop.visible)
    promote(store, current, name, "published", edition.id, rendered, source_inputs, grant_inputs, id_parts(layer))
    return Outcome(name, "published", rows=edition.rows, findings=edition.curated.findings)


def _new_edition(workshop: Workshop, name: str, progress: Callable[[str], None]) -> Any:
    from hantsmap.curate import curate
    from hantsmap.editions import keep_edition

    registry = workshop.registry
    layer = registry.layers[name]
    progress("reading")
    raw = sources.read(name, layer, data=workshop.data, cache=workshop.cache, extent=registry.extent)
    progress("curating")
    curated = curate(name, layer, raw.frame, registry.extent, registry.code_lists, tuple(raw.findings),
                     numbers=raw.numbers, notes=raw.notes)
    if layer.open_geometry and curated.shapes is not None:
        ids = [str(feature_id) for feature_id in curated.table["id"].to_pylist()]
        curated = replace(curated, open_shapes=workshop.gazetteer.open_lines(name, layer, ids))
    curated = without_erased(workshop.store, name, curated)
    accepted = name in workshop.accepted
    curated = with_losses(workshop.store, name, layer, curated, accepted=accepted)
    curated = with_other_key(workshop.store, name, layer, curated, accepted=accepted)
    stops = blocking(curated.findings)
    if stops:
        raise BlockedError(" ".join(str(finding) for finding in stops[:3]), curated.findings)
    progress("keeping the edition")
    return keep_edition(workshop.store, name, layer, curated, raw.provenance)


def _withdrawn(store: Store, name: str) -> bool:
    """Whether a layer is withdrawn. Where its newest promotion cannot be read, it is not known to be."""
    try:
        current = store.current(name)
    except UnreadableError:
        return False
    return current is not None and current.action == "withdrawn"


def _withdraw(store: Store, name: str) -> Outcome:
    """A layer that left the registry is served to nobody; its editions stay."""
    promote(store, None, name, "withdrawn", None, Rendered({}), "", "")
    sentence = "it is no longer in the registry"
    if SuppressionList(store, name).count():
        sentence += (". Records were erased from it. If its source is published under another name, they come back: "
                     "erase them there too")
    return Outcome(name, "withdrawn", sentence=sentence)


def restore(workshop: Workshop, name: str, edition: str) -> Outcome:
    """Make an older edition the current one, under today's grants. It holds until the source changes.

    `edition` is its id or the beginning of it. Layers that refer to this one are published too; their faults are told
    in the outcome. Raises StoreError when there is no such edition, or more than one.
    """
    from hantsmap.rendition.render import render

    registry, store = workshop.registry, workshop.store
    with store.publishing():
        known = sorted({promotion.edition for promotion in store.newest_first(name)
                        if promotion.edition and store.edition(name, promotion.edition).is_dir()})
        found = [known_id for known_id in known if known_id.startswith(edition)]
        if len(found) != 1:
            raise StoreError(f"{name} has {len(found)} editions that begin with `{edition}`. "
                             f"It has: {', '.join(known) or 'none'}.")
        made = usable_edition(registry, store, name, found[0])
        current = store.current(name)
        rendered = render(registry, store, name, made, workshop.gazetteer.area, workshop.visible)
        promote(store, current, name, "restored", made.id, rendered, current.source_inputs if current else "",
                 grant_inputs_of(workshop, name))
        others = [_one(other, partial(_publish_layer, workshop, other, lambda layer: None))
                  for other in in_order(registry, store, [name]) if other != name]
        others = [_narrowed(store, other) if other.exit_code else other for other in others]
    failed = [other for other in others if other.exit_code]
    return Outcome(name, "restored", rows=made.rows,
                   sentence=" ".join(f"{other.layer} refers to it, and: {other.sentence}" for other in failed),
                   exit_code=max((other.exit_code for other in failed), default=0))
