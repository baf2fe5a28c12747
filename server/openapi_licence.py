"""What the OpenAPI document says of who asks: how to bring a credential, what is accepted with one, and /me."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.links import HTML, JSON

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
TEXT: Json = {"type": "string"}
MAYBE: Json = {"type": "string", "nullable": True}
COUNT: Json = {"type": "integer", "minimum": 0}
DAY: Json = {"type": "string", "format": "date"}
MOMENT: Json = {"type": "string", "format": "date-time"}
DIGEST: Json = {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}
# A read without a credential is one of nobody's; a post without one is refused.
OPTIONAL: list[Json] = [{}, {"bearer": []}, {"apiKey": []}, {"basic": []}]
NEEDED = OPTIONAL[1:]
# What may be answered instead of a document, and to a post.
READING, POSTING = (400, 401, 429, 500, 503), (400, 401, 403, 404, 413, 415, 429, 500, 503)


def paths() -> dict[str, Json]:
    """Paths of licences, receipts and the visitor's own page. No page that is kept, so none is unchanged (304)."""
    receipt = {"name": "receiptId", "in": "path", "required": True, "description": "The receipt's id.", "schema": TEXT}
    return {
        "/licence": _read("Licences to accept", "What an organisation has accepted and has yet to accept", "Licences"),
        "/licence/{agreementId}": _post(
            "Accept a licence", "Accept it for your organisation, in the version and with the text that you read: "
            "what waits for it is open from the next request on. Once accepted, the receipt of then is answered.",
            {"version": TEXT, "text_sha256": DIGEST}, {"agree": {**TEXT, "minLength": 1}}, changed=True),
        "/licence/{agreementId}/return": _post(
            "Confirm that data was returned", "After the last day of a contract: what became of its data, on which "
            "day, and who confirms it", {"way": {**TEXT, "enum": ["returned", "destroyed"]}, "on": DAY,
                                         "by": {**TEXT, "minLength": 1, "maxLength": 200}}, {}),
        "/licence/receipts/{receiptId}": _read(
            "A receipt", "A receipt of your organisation, with its seal", "Receipt", [receipt], (*READING, 404)),
        "/me": _read("Your own page", "What the service knows of who asks; of who brings nothing, that it is nothing",
                     "Me"),
        "/with-key": _with_key(),
    }


def _form() -> Json:
    return {"name": "f", "in": "query", "required": False, "description": "The form of the answer.",
            "schema": {**TEXT, "enum": ["json", "html"]}}


def _agreement() -> Json:
    return {"name": "agreementId", "in": "path", "required": True, "schema": TEXT,
            "description": "The licence's id, as /licence has it."}


def _content(schema: str) -> Json:
    return {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}, HTML: {"schema": TEXT}}


def _problems(statuses: Sequence[int]) -> Json:
    return {str(status): {"$ref": "#/components/responses/Problem"} for status in statuses}


def _read(summary: str, description: str, schema: str, parameters: Sequence[Json] = (),
          problems: Sequence[int] = READING) -> Json:
    return {"get": {"summary": summary, "description": description, "parameters": [*parameters, _form()], "responses": {
        "200": {"description": description, "content": _content(schema)}, **_problems(problems)}}}


def _post(summary: str, description: str, said: dict[str, Json], ticked: dict[str, Json], *, changed: bool = False
          ) -> Json:
    """A post of these texts, as JSON or as the form of our page, which has a box to tick besides."""
    def told(texts: dict[str, Json]) -> Json:
        return {"schema": {"type": "object", "required": list(texts), "properties": texts,
                           "additionalProperties": False}}

    problems = (*POSTING, 409) if changed else POSTING
    receipt = {"headers": {"Location": {"description": "Where the receipt is", "schema": TEXT}},
               "content": _content("Receipt")}
    return {"post": {
        "summary": summary, "description": description, "security": NEEDED, "parameters": [_agreement(), _form()],
        "requestBody": {"required": True, "content": {JSON: told(said), FORM: told({**said, **ticked})}},
        "responses": {"200": {"description": "The receipt of the first time", **receipt},
                      "201": {"description": "A new receipt", **receipt}, **_problems(problems)}}}


def _with_key() -> Json:
    following = {"name": "next", "in": "query", "required": False, "schema": {**TEXT, "default": "/me"},
                 "description": "A path on this service to go on to."}
    return {"get": {
        "summary": "Bring a key with a browser", "description": "Makes a browser ask for a key, then leads on",
        "security": NEEDED, "parameters": [following, _form()], "responses": {
            "303": {"description": "On to the next page",
                    "headers": {"Location": {"description": "Its address", "schema": TEXT}}},
            **_problems(READING)}}}


def security_schemes() -> dict[str, Json]:
    """The ways to bring a credential; it is never part of an address. A browser that signed in brings its session."""
    return {
        "bearer": {"type": "http", "scheme": "bearer",
                   "description": "A key; or a token of the council's sign-in service, where that is set up."},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key."},
        "basic": {"type": "http", "scheme": "basic",
                  "description": "A key as the password, with any user name. A post with it needs the header Origin "
                                 "too, as pages of this service send it."},
    }


def _object(properties: dict[str, Json], *optional: str) -> Json:
    return {"type": "object", "required": [name for name in properties if name not in optional],
            "properties": properties}


def _list(of: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


def _or_none(schema: Json) -> Json:
    # OpenAPI 3.0.3 lets no reference be null: what may be is written out.
    return {**schema, "nullable": True}


def _contract() -> Json:
    return _object({"audience": TEXT, "title": TEXT, "until": _or_none(DAY), "ended": {"type": "boolean"},
                    "areas": {"type": "array", "items": TEXT}})


def _in_list() -> Json:
    return _object({**_given(), "href": {**TEXT, "format": "uri"}})


def _given() -> dict[str, Json]:
    return {"id": TEXT, "kind": {**TEXT, "enum": ["accepted", "returned"]}, "agreement": TEXT, "title": TEXT,
            "version": TEXT, "statement": TEXT, "given_at": MOMENT, "given_by": MAYBE, "confirmed_by": MAYBE}


def schemas() -> dict[str, Json]:
    """Schemas of what these paths answer."""
    return {
        "Licence": _object({
            "id": TEXT, "title": TEXT, "version": TEXT, "text_sha256": DIGEST, "purpose": TEXT, "text": TEXT,
            "layers": {"type": "array", "items": _object({"id": TEXT, "title": TEXT})},
            "state": {**TEXT, "enum": ["accepted", "waiting"]}, "receipt": _or_none(_in_list()),
            "links": _list("Link")}, "text"),
        "Licences": _object({
            "title": TEXT, "sentence": MAYBE, "organisation": MAYBE, "contract": _or_none(_contract()),
            "licences": _list("Licence"), "receipts": _list("ReceiptInList"), "links": _list("Link")}),
        "ReceiptInList": _in_list(),
        "Receipt": _object({
            **_given(), "org": TEXT, "audience": TEXT, "contract": TEXT, "text_sha256": DIGEST, "purpose": TEXT,
            "ends": _or_none(DAY), "address": MAYBE, "seal": _object({"method": TEXT, "key": TEXT, "value": TEXT})}),
        "Me": _me(),
    }


def _me() -> Json:
    """Of nobody, only that nothing is known; the rest is of who brings a credential."""
    key = _object({"id": TEXT, "purpose": TEXT, "issued": DAY, "expires": DAY, "this": {"type": "boolean"},
                   "lastUsed": _or_none(MOMENT),
                   "state": {**TEXT, "enum": ["working", "retiring", "retired", "expired", "revoked"]}})
    pull = _object({"layer": TEXT, "kind": TEXT, "by": TEXT, "began": MOMENT, "ended": MOMENT, "reads": COUNT,
                    "rows": COUNT, "bytes": COUNT})
    known: dict[str, Json] = {
        "kind": {**TEXT, "enum": ["key", "token", "session"]}, "organisation": MAYBE, "contract": _contract(),
        "keys": {"type": "array", "items": key}, "licences": _list("Licence"), "receipts": _list("ReceiptInList"),
        "limits": _object({"requestsPerMinute": COUNT, "left": COUNT}), "pulls": {"type": "array", "items": pull}}
    return _object({"title": TEXT, "known": {"type": "boolean"}, **known, "links": _list("Link")}, *known)
