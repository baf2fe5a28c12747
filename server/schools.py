"""The pages for schools: the list of lessons, each lesson, and its worksheet. They need no script to be read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Blueprint

from hantsmap.lessons import SLUGS, Lesson, Prepared, fragment, lessons
from hantsmap.query.asking import check_known
from server import replies, views
from server.answer import Answer
from server.bridge import response, visit
from server.worksheet import code, without_scheme

blueprint = Blueprint("schools", __name__)


def _index() -> Answer:
    found = _words()
    return _page("schools", lambda: {"lessons": [(number, found[slug]) for number, slug in enumerate(SLUGS, 1)]})


def _lesson(slug: str) -> Answer:
    return _page("lesson", lambda: _context(_prepared(slug)), slug)


def _worksheet(slug: str) -> Answer:
    return _page("worksheet", lambda: _context(_prepared(slug)), slug)


def _words() -> dict[str, Lesson]:
    return dict(lessons(visit().settings.lessons))


@cache
def _digest(file: Path | None) -> str:
    """Changes with the words of the lessons, which are read once."""
    return blake2b(repr(dict(lessons(file))).encode(), digest_size=8).hexdigest()


def _prepared(slug: str) -> Prepared:
    asking = visit()
    # An example is looked for in all paths and schools: others do not wait for it.
    asking.takes_long()
    return asking.documents.lesson(_words()[slug])


def _context(ready: Prepared) -> dict[str, Any]:
    base = visit().base
    example = ready.example
    opens = f"{base}/map#{fragment(example.opens)}" if example else None
    shows = f"{base}/map#{fragment(example.shows)}" if example and example.shows else None
    short = f"{base}/schools/{ready.number}"
    return {"lesson": ready.lesson, "number": ready.number, "example": example, "why_not": ready.why_not,
            "opens": opens, "shows": shows, "short": without_scheme(short), "last": len(SLUGS),
            "code": code(opens) if opens else None, "slugs": list(SLUGS)}


def _page(name: str, context: Callable[[], dict[str, Any]], slug: str = "") -> Answer:
    asking = visit()
    check_known(asking.request.parameters, ())
    tag = replies.etag(asking, name, slug, asking.base, _digest(asking.settings.lessons), asking.documents.version)
    unchanged = replies.not_modified(asking, tag)
    return unchanged or replies.reply(asking, views.document(asking, name, {}, **context()), views.CONTENT_TYPE, tag)


def _put() -> None:
    """Every address of its own, so that whatever walks over the rules of the application walks over each lesson."""
    blueprint.get("/schools", endpoint="index")(lambda: response(_index()))
    for number, slug in enumerate(SLUGS, 1):
        for name in (slug, str(number)):
            blueprint.get(f"/schools/{name}", endpoint=f"lesson-{name}")(
                lambda slug=slug: response(_lesson(slug)))
            blueprint.get(f"/schools/{name}/worksheet", endpoint=f"worksheet-{name}")(
                lambda slug=slug: response(_worksheet(slug)))


_put()
