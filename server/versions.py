"""The `version` of a page of items: the state of the layer that a walk through its pages began with."""

from __future__ import annotations

from hantsmap.catalogue import Entry
from hantsmap.changes import Version, read_version, version
from hantsmap.query import Page, Query
from server.visit import Visit


def older_version(visit: Visit, entry: Entry) -> Version | None:
    """The older version that a request asks for; None for the current one, or where none is named.

    Raises QueryError for a version that is none of this layer's, VersionGoneError for one that is not read any more.
    """
    request = visit.request
    # A first page names none: then nothing is looked for.
    if not any(part in text for text in (request.query, request.form) for part in ("version", "%")):
        return None
    given = request.parameters.get("version")
    if given is None or (number := read_version(given, entry.sequence)) == entry.sequence:
        return None
    visit.takes_long()
    visit.older = True
    return version(visit.served.shelf.store, entry, number)


def neighbours(sequence: int, query: Query, found: Page, older: Version | None) -> list[tuple[str, dict[str, str]]]:
    """Relation and parameters of the pages after and before one of version `sequence`.

    Where features were chosen, `after` is the position of the last one: a page that begins there stays right when rows
    left in between. Without a choice the offset is that position.
    """
    place, pages = {"version": str(sequence)}, []
    if found.more and len(found.positions):
        last = int(found.positions[-1])
        behind = query.offset + query.limit if query.selection else last + 1
        after = {"after": str(last)} if query.selection and not query.sortby else {}
        pages.append(("next", {"offset": str(behind), **place, **after}))
    if query.offset > 0 and found.matched and (older is None or older.told.all or not query.selection):
        # From beyond the end, the way back leads to the last page.
        pages.append(("prev", {"offset": str(max(0, min(query.offset, found.matched) - query.limit)), **place}))
    return pages
