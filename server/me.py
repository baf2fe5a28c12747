"""/me: what the service knows of who asks. Of the unknown, that it is nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint

from hantsmap.errors import QueryError
from hantsmap.query.asking import check_known
from server import links, replies, views
from server.answer import Answer
from server.bridge import getter, visit
from server.entrance import REALM
from server.errors import problem
from server.licence import shown, standing
from server.negotiation import HTML, JSON, chosen_form
from server.standing import Standing

if TYPE_CHECKING:
    from hantsmap.accounts import Pull, UsedKey

blueprint = Blueprint("me", __name__)
get = getter(blueprint)
# Every process has written its reads down by then: what one worker shows, all do.
SHOWN_AFTER = timedelta(minutes=1)
MOST_PULLS = 20


@get("/with-key")
def with_key() -> Answer:
    """Where a browser asks for a key: what is open to everybody never makes it ask. Then on to a page of one's own."""
    asking = visit()
    given = asking.request.parameters
    check_known(given, ("f", "next"))
    chosen_form(asking.request, (JSON, HTML))
    place = given.get("next", "/me")
    # It loads cryptography, which few servers need, and no server while it starts.
    from server import cookies

    if not cookies.is_place(place):
        raise QueryError("The address to go to afterwards is not a path on this service.", "next")
    if asking.viewer.who is None:
        answer = problem(asking, 401, "Give the key of your organisation as the password, with any user name.")
        answer.headers.append(("www-authenticate", REALM))
        return answer
    return replies.harden(asking, Answer(303, [("location", asking.base + place), ("cache-control", "no-store")]))


@get("/me")
def me() -> Answer:
    who, here = standing(), links.itself(f"{visit().base}/me", links.JSON)
    if who is None:
        return shown("me", {"title": "Your own page", "known": False, "links": here})
    before = datetime.now(UTC).replace(second=0, microsecond=0) - SHOWN_AFTER
    receipts = who.receipts()
    document = {
        "title": "Your own page", "known": True, "kind": visit().viewer.kind, "organisation": who.org or None,
        "contract": who.contract(), "keys": _keys(who, before), "licences": who.licences(receipts, texts=False),
        "receipts": [who.brief(each) for each in receipts],
        "limits": {"requestsPerMinute": visit().settings.key_rate, "left": _roughly(visit().left)},
        "pulls": _pulls(who, before), "links": here}
    return shown("me", document, sketch=views.outlines(visit(), who.areas, f"Area of {who.title}"))


def _keys(who: Standing, before: datetime) -> list[dict[str, Any]]:
    held = who.accounts.keys_of(who.org, who.audience, before) if who.org else ()
    return [_key(who, each) for each in held]


def _key(who: Standing, used: UsedKey) -> dict[str, Any]:
    key = used.key
    return {"id": key.id, "purpose": key.purpose, "state": key.state(datetime.now(UTC)),
            "issued": f"{key.issued_at:%Y-%m-%d}", "expires": key.expires.isoformat(),
            "lastUsed": used.last and f"{used.last:%Y-%m-%dT%H:%M:%SZ}", "this": key.who == who.visit.viewer.who}


def _pulls(who: Standing, before: datetime) -> list[dict[str, Any]]:
    found = who.accounts.pulls_of(who.org, who.audience, before, MOST_PULLS) if who.org else ()
    return [_pull(who, each) for each in found]


def _pull(who: Standing, pull: Pull) -> dict[str, Any]:
    # Keys are the organisation's; people are told of themselves only.
    by = pull.who if pull.who.startswith("key:") else "you" if pull.who == who.visit.viewer.who else "a colleague"
    return {"layer": pull.layer, "kind": pull.kind, "by": by, "began": f"{pull.began:%Y-%m-%dT%H:%M:%SZ}",
            "ended": f"{pull.ended:%Y-%m-%dT%H:%M:%SZ}", "reads": pull.reads, "rows": pull.rows, "bytes": pull.bytes}


def _roughly(left: int) -> int:
    """Two figures: it is another number by the time that it is read."""
    return round(left, 2 - len(str(left))) if left > 99 else left
