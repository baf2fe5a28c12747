"""/licence: what an organisation is asked to accept, its acceptance, and what it confirms when its contract has ended.

Nothing here is for caches, and only a page of ours, or a program with a key in a header of its own, may post.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, current_app, request

from hantsmap.agreements import Agreement
from hantsmap.errors import QueryError
from hantsmap.query.asking import check_known
from server import links, replies, views
from server.answer import Answer
from server.bridge import getter, response, visit
from server.entrance import Entrance
from server.errors import NotFound, problem
from server.negotiation import HTML, JSON, chosen_form, wants_html
from server.standing import Standing
from server.visit import Visit

if TYPE_CHECKING:
    from hantsmap.accounts import Receipt

blueprint = Blueprint("licence", __name__)
get = getter(blueprint)
FORM, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
MOST_BODY = 16_384
EARLIEST = date(2000, 1, 1)
NOBODY = "Nobody is asked for anything here who brings no key and is not signed in."
COMING = "Layers wait for a licence whose text is not here yet. Look again in a minute."
NO_ORGANISATION = ("Your sign-in names no organisation, and only an organisation can accept. Ask those who run this "
                   "service.")


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """A post that is not taken: its status, and why."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status, self.sentence = status, sentence
        super().__init__(sentence)


@blueprint.errorhandler(Refused)
def refused(fault: Refused) -> Response:
    return response(problem(visit(), fault.status, fault.sentence))


def entrance() -> Entrance:
    """The entrance of this application, with its accounts."""
    found: Entrance = current_app.extensions["hantsmap-entrance"]
    return found


def standing() -> Standing | None:
    """Where the visitor stands; None for somebody unknown."""
    return Standing(visit(), entrance().accounts) if visit().viewer.who is not None else None


def private(asking: Visit, body: bytes, kind: str, status: int = 200) -> Answer:
    """An answer to one organisation: kept by nobody."""
    headers = [("content-type", kind), ("cache-control", "private, no-store")]
    return replies.harden(asking, Answer(status, headers, body))


def shown(name: str, document: dict[str, Any], **more: Any) -> Answer:
    """A document as JSON or as the page `name`."""
    asking = visit()
    check_known(asking.request.parameters, ("f",))
    if chosen_form(asking.request, (JSON, HTML)) == HTML:
        return private(asking, views.document(asking, name, document, **more), views.CONTENT_TYPE)
    return private(asking, orjson.dumps(document), links.JSON)


@get("/licence")
def licence() -> Answer:
    who, here = standing(), links.itself(f"{visit().base}/licence", links.JSON)
    if who is None:
        return shown("licence", {"title": "Licences to accept", "sentence": NOBODY, "organisation": None,
                                 "contract": None, "licences": [], "receipts": [], "links": here}, to_return={})
    receipts = who.receipts()
    sentence = COMING if who.coming else None if who.org else NO_ORGANISATION
    document = {"title": "Licences to accept", "sentence": sentence,
                "organisation": who.org or None, "contract": who.contract(),
                "licences": who.licences(receipts, texts=True), "receipts": [who.brief(each) for each in receipts],
                "links": here}
    answer = shown("licence", document, today=_today().isoformat(), to_return=_to_return(who, receipts))
    # With `no-referrer`, browsers send `Origin: null` with a form, and the button could not be told from another's.
    answer.set("referrer-policy", "same-origin")
    return answer


@get("/licence/receipts/<name>")
def receipt(name: str) -> Answer:
    asking, who = visit(), standing()
    check_known(asking.request.parameters, ("f",))
    found = who.accounts.receipt(name, who.org, who.audience) if who and who.org else None
    if who is None or found is None:
        raise NotFound(f"There is no receipt `{name}` here.")
    return _receipt(who, found, 200, page=chosen_form(asking.request, (JSON, HTML)) == HTML)


@blueprint.post("/licence/<name>")
def accept(name: str) -> Response:
    """Accept an agreement, in the version and with the text that the request names."""
    who = _poster()
    agreement = who.agreement(name)
    if agreement is None:
        raise NotFound(f"There is no licence `{name}` to accept here.")
    given = _given(("version", "text_sha256"), ticked="agree")
    if (given["version"], given["text_sha256"].lower()) != (agreement.version, agreement.digest):
        raise Refused(409, f"This licence has another version or text now, version {agreement.version}. Read it at "
                           f"{visit().base}/licence and accept that one.")
    found, new = who.accounts.accept(who.party(entrance().address(visit().request)), name, agreement)
    return response(_receipt(who, found, 201 if new else 200, page=wants_html(visit().request)))


@blueprint.post("/licence/<name>/return")
def give_back(name: str) -> Response:
    """Confirm, after the last day of a contract, what became of its data."""
    from hantsmap.accounts import AccountsError

    who = _poster()
    accepted = _to_return(who, who.receipts()).get(name)
    if accepted is None:
        raise NotFound(f"There is no licence `{name}` here whose data would have to be returned.")
    given = _given(("way", "on", "by"), ticked=None)
    text = who.accounts.accepted_text(accepted.text_sha256)
    agreement = Agreement(title=accepted.title, version=accepted.version, purpose=accepted.purpose, text=text)
    try:
        found, new = who.accounts.confirm(who.party(entrance().address(visit().request)), name, agreement,
                                          way=given["way"], on=_day(given["on"]), by=given["by"])
    except AccountsError as fault:
        raise QueryError(str(fault)) from None
    return response(_receipt(who, found, 201 if new else 200, page=wants_html(visit().request)))


def _to_return(who: Standing, receipts: tuple[Receipt, ...]) -> dict[str, Receipt]:
    """What was last accepted of each agreement of a contract that has ended: its data has to be returned."""
    return {each.agreement: each for each in receipts if each.kind == "accepted"} if who.ended else {}


def _receipt(who: Standing, found: Receipt, status: int, *, page: bool) -> Answer:
    document, asking = who.accounts.sealed(found), visit()
    if page:
        body = views.document(asking, "receipt", document, lines=found.lines, accepted=found.kind == "accepted",
                              text=who.accounts.accepted_text(found.text_sha256))
        answer = private(asking, body, views.CONTENT_TYPE, status)
    else:
        answer = private(asking, orjson.dumps(document, option=orjson.OPT_INDENT_2), links.JSON, status)
        answer.set("content-disposition", f'inline; filename="{found.id}.json"')
    if asking.request.method == "POST":
        answer.set("location", f"{asking.base}/licence/receipts/{found.id}")
    return answer


def _poster() -> Standing:
    """Somebody of an organisation, on a page of ours or with a key in a header. Raises Refused for everybody else."""
    asking = visit()
    check_known(asking.request.parameters, ("f",))
    chosen_form(asking.request, (JSON, HTML))
    if not _ours(asking):
        raise Refused(403, "This comes from a page that is not ours. Open /licence and use the button there, or send "
                           "the key as Authorization: Bearer or X-API-Key.")
    who = standing()
    if who is None:
        raise Refused(403, NOBODY)
    if not who.org:
        raise Refused(403, NO_ORGANISATION)
    return who


def _ours(asking: Visit) -> bool:
    """Whether a post was meant by who brings the credential.

    A browser sends a password or a session along with a post that any page makes; it says which page it was. A key in a
    header of its own is sent by nobody by mistake.
    """
    parts = urlsplit(asking.base)
    headers = asking.request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in (None, "same-origin", "none") or origin not in (None, f"{parts.scheme}://{parts.netloc}"):
        return False
    meant = (headers.get("authorization") or "").lower().startswith("bearer ") or headers.get("x-api-key") is not None
    return meant or (site or origin) is not None


def _given(names: tuple[str, ...], *, ticked: str | None) -> dict[str, str]:
    """What a form or JSON says. Raises QueryError, or Refused, when it does not say all of it, or more."""
    if (request.content_length or 0) > MOST_BODY:
        raise Refused(413, "That is more than this service reads.")
    if request.mimetype == FORM:
        said: Any = request.form.to_dict()
        if ticked and not said.pop(ticked, None):
            raise QueryError("Tick the box: say that your organisation accepts.", ticked)
    elif request.mimetype == JSON_TYPE:
        said = request.get_json(silent=True)
    else:
        raise Refused(415, f"Send {JSON_TYPE} or {FORM}.")
    if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
        raise QueryError("Send one JSON object of texts.")
    check_known(said, names)
    for name in names:
        if not said.get(name, "").strip():
            raise QueryError(f"`{name}` is missing.", name)
    return {name: said[name].strip() for name in names}


def _day(said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise QueryError(f"`{said}` is no day. Write it as 2028-10-14.", "on") from None
    if not EARLIEST <= day <= _today():
        raise QueryError("The day on which it was done is not in the future.", "on")
    return day


def _today() -> date:
    return datetime.now(UTC).date()
