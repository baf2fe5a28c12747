"""The OpenAPI document: what can be asked, valid, complete, and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import contracts
import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate
from questions import LAYERS, at, ids, one
from truth import URIS, layers_of, registry
from werkzeug.test import TestResponse

KIND = "application/vnd.oai.openapi+json;version=3.0"


# Parameters in paths, as the document and as the routes call them.
WRITTEN = {"featureId": "id:feature_id", "file": "name", "tileMatrixSetId": "matrix", "tileMatrix": "zoom",
           "tileRow": "row", "tileCol": "column", "styleId": "style", "agreementId": "name", "receiptId": "name"}
# Answers to one organisation, and whether the server is well: no documents, and never the same for long (no 304).
OWN = ("/licence", "/me", "/with-key", "/health")
LICENCES, RETURNS = "/licence/{agreementId}", "/licence/{agreementId}/return"
# Routes that are left out on purpose, and why.
LEFT_OUT = {
    "/static/<path:name>": "style sheet and icon of the pages", "/static/map/<path:name>": "built files of the map",
    "/favicon.ico": "the icon", "/robots.txt": "for search engines, which know where it is",
    "/sw.js": "the map's service worker", "/map": "a page for people only", "/privacy": "a page for people only",
    "/accessibility": "a page for people only",
    "/attributions": "a page for people only: programs read `attribution` of each collection",
}
# All that begins with these, for the same reason.
LEFT_OUT_UNDER = {"/schools": "pages for people only: lessons and worksheets",
                  "/sign-in": "for browsers of people, where the operator has set it up", "/sign-out": "as signing in"}


STYLED = {"limit", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs"}


def layer_geometry(layer: str) -> str:
    """The kind of geometry that everybody sees of a layer."""
    written = registry()["layers"][layer]
    kind: str = written["grants"]["public"].get("geometry", "exact")
    return kind if kind == "none" else str(written["geometry"])


def document(client: FlaskClient) -> dict[str, Any]:
    """The document."""
    answer = client.get("/openapi")
    assert (answer.status_code, answer.content_type) == (200, KIND)
    found: dict[str, Any] = answer.get_json()
    return found


def parameters(api: dict[str, Any], path: str) -> dict[str, Any]:
    """Parameters of a path by name, references followed."""
    found = {}
    for each in api["paths"][path]["get"]["parameters"]:
        full = api["components"]["parameters"][each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each
        assert full["name"] not in found, f"{full['name']} stands twice"
        found[full["name"]] = full
    return found


@pytest.mark.parametrize("who", ["client", "staff", "odd"])
def test_it_is_valid(who: str, request: pytest.FixtureRequest) -> None:
    """It is a valid OpenAPI 3.0 document, for every audience, and needs no other server to be read."""
    client = request.getfixturevalue(who)
    api = document(client)
    validate(api)
    assert api["openapi"] == "3.0.3"
    references = [each for each in _references(api) if not each.startswith("#/")]
    assert references == []


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [value for name, value in part.items() if name == "$ref"] + [
            found for value in part.values() for found in _references(value)]
    return [found for each in part for found in _references(each)] if isinstance(part, list) else []


def test_every_path_answers(client: FlaskClient) -> None:
    """Each path that is read by everybody, with each layer put in, answers 200.

    A layer has six (one of them a search, which is posted), one for changes and two for files: all that everybody sees
    may be downloaded. The map has two, and one layer a series. All layers together have five for tiles; each has three
    for tiles and two for styles, unless it is shown as a table. Seven are about who asks, and the health of the server.
    """
    api = document(client)
    drawn = [path for path in api["paths"] if path.startswith("/collections/") and path.endswith("/styles")]
    tiled = [path for path in api["paths"] if path.startswith("/collections/") and path.endswith("/tiles")]
    assert len(drawn) == len(tiled) == len([each for each in layers_of("public") if layer_geometry(each) != "none"])
    assert len(api["paths"]) == 4 + 7 + 9 * len(layers_of("public")) + 2 + 1 + 5 + 5 * len(drawn)
    for path in api["paths"]:
        if path.startswith("/licence/") or path == "/with-key" or path.endswith("/search"):
            continue
        if path.startswith("/collections/") and path.split("/")[2] not in LAYERS:
            continue
        address = path
        if "{featureId}" in path:
            layer = path.split("/")[2]
            address = one(layer, ids(client.get(at(layer, limit=1)).get_json())[0])
        given = {name: each["example"] for name, each in parameters(api, path).items()
                 if each["required"] and each["in"] == "query"}
        address += f"?{urlencode(given)}" if given else ""
        address = address.replace("{file}", f"{address.split('/')[2]}.csv" if "{file}" in address else "")
        for name, value in (("tileMatrixSetId", "WebMercatorQuad"), ("tileMatrix", "7"), ("tileRow", "42"),
                            ("tileCol", "63"), ("styleId", "openlayers")):
            address = address.replace(f"{{{name}}}", value)
        # A layer of the small county may well draw nothing in so large a tile, or end beside it.
        assert client.get(address).status_code in ((200, 204, 404) if "{tileRow}" in path else (200,)), path


def test_every_route_is_described_or_left_out_on_purpose(client: FlaskClient) -> None:
    """Each route of the application, with its method, is in the document, or is left out with a reason; the document
    has nothing beside, and nothing is left out that is not there."""
    rules = {(method, str(rule)) for rule in client.application.url_map.iter_rules()
             for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    left_out = {each for each in rules
                if each[1] in LEFT_OUT or any(each[1].startswith(under) for under in LEFT_OUT_UNDER)}
    assert {rule for _, rule in left_out} >= set(LEFT_OUT)
    described = set()
    for path, item in document(client)["paths"].items():
        steps = path.split("/")
        written_path = "/".join([*steps[:2], "<layer>", *steps[3:]]) if path.startswith("/collections/") else path
        for name, written in WRITTEN.items():
            written_path = written_path.replace(f"{{{name}}}", f"<{written}>")
        described |= {(method.upper(), written_path) for method in item}
    assert rules - left_out == described


def test_operations_have_names(client: FlaskClient) -> None:
    """Each operation has a name that no other has; those of tiles end as OGC API Tiles asks (OGC 20-057)."""
    paths = document(client)["paths"]
    names = {path: operation["operationId"] for path, item in paths.items() for operation in item.values()}
    assert len(set(names.values())) == len(names) == sum(map(len, paths.values()))
    for path, name in names.items():
        kind = ".collection.vector." if path.startswith("/collections/") else ".dataset.vector."
        ending = {0: "getTileSetsList", 1: "getTileSet", 4: "getTile"}
        if "/tiles" in path:
            assert name.endswith(kind + ending[path.count("/{tile")]), path
        else:
            assert ".vector." not in name
    assert names["/tileMatrixSets"] == "getTileMatrixSetsList"
    assert names["/collections/streets/search"] == "streets.searchFeatures"


def test_only_reading_is_offered(client: FlaskClient) -> None:
    """Every path has one operation: GET, or QGIS would offer to edit. Only licences and searches are posted."""
    posts = {path for path, item in document(client)["paths"].items() if tuple(item) != ("get",)}
    assert posts == {LICENCES, RETURNS, *(f"/collections/{layer}/search" for layer in layers_of("public"))}
    assert {tuple(document(client)["paths"][path]) for path in posts} == {("post",)}


def test_what_an_organisation_is_told_is_as_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/licence, its posts, receipts and /me answer what their schemas say: to nobody, to a key before and after its
    organisation accepts, and when the contract has ended; and with a status that is described."""
    two = contracts.made(tmp_path)
    client, nobody = two.asking(two.key()), two.asking(None)
    api = document(nobody)

    def holds(method: str, path: str, answer: TestResponse, status: int) -> Any:
        told = api["paths"][path][method]["responses"]
        assert (answer.status_code, str(status) in told) == (status, True)
        found = told[str(status)]
        found = api["components"]["responses"]["Problem"] if "$ref" in found else found
        schema = found["content"][answer.mimetype]["schema"]
        OAS30Validator({**schema, "components": api["components"]}).validate(answer.get_json())
        return answer.get_json()

    def reads(asking: FlaskClient) -> None:
        for path in ("/licence", "/me"):
            holds("get", path, asking.get(path), 200)

    reads(nobody)
    reads(client)
    holds("get", "/with-key", nobody.get("/with-key"), 401)
    assert client.get("/with-key").status_code == 303
    holds("post", LICENCES, nobody.post("/licence/terms", json={}), 403)
    holds("post", LICENCES, client.post("/licence/terms", json={}), 400)
    holds("post", LICENCES, client.post("/licence/terms?f=xml", json={}), 400)
    holds("post", LICENCES, client.post("/licence/nothing", json={}), 404)
    holds("post", LICENCES, client.post("/licence/terms", json={"version": "1", "text_sha256": "0" * 64}), 409)
    holds("post", LICENCES, client.post("/licence/terms", data="x", content_type="text/plain"), 415)
    receipt = holds("post", LICENCES, two.accept(client), 201)
    holds("post", LICENCES, two.accept(client), 200)
    holds("get", "/licence/receipts/{receiptId}", client.get(f"/licence/receipts/{receipt['id']}"), 200)
    holds("get", "/licence/receipts/{receiptId}", nobody.get(f"/licence/receipts/{receipt['id']}"), 404)
    reads(client)
    two.end(monkeypatch)
    given = {"way": "destroyed", "on": "2026-01-31", "by": "A. Person"}
    holds("post", RETURNS, client.post("/licence/terms/return", json=given), 201)
    reads(client)
    two.accounts.close()


def test_how_a_credential_is_brought(client: FlaskClient) -> None:
    """In three ways, none of them in an address. Reading needs none; posting, and a page that asks for a key, does."""
    api = document(client)
    schemes = api["components"]["securitySchemes"]
    assert {name: (told["type"], told.get("scheme"), told.get("in")) for name, told in schemes.items()} == {
        "bearer": ("http", "bearer", None), "apiKey": ("apiKey", None, "header"), "basic": ("http", "basic", None)}
    assert api["security"] == [{}, {"bearer": []}, {"apiKey": []}, {"basic": []}]
    needed = {path for path, item in api["paths"].items() for told in item.values() if "security" in told}
    assert needed == {LICENCES, RETURNS, "/with-key"}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_parameter_it_names_is_taken(client: FlaskClient, layer: str) -> None:
    """The items of each layer take every parameter that is described, with an example value of its schema."""
    api = document(client)
    samples = {"string": "x", "integer": 1, "number": 1.5, "boolean": "true", "date": "2026-01-01",
               "date-time": "2026-01-01T00:00:00Z"}
    given = {"bbox": "-2,50,0,52", "datetime": "2026-01-01/..", "filter": "synthetic = true", "properties": "synthetic",
             "sortby": "-synthetic", "filter-crs": URIS["27700"]}
    for name, told in parameters(api, f"/collections/{layer}/items").items():
        kind = told["schema"]
        value = given.get(name) or kind.get("default") or (kind.get("enum") or [None])[-1] \
            or samples[kind.get("format") or kind["type"]]
        asked = {name: value} | ({"filter": "synthetic = true"} if name.startswith("filter-") else {})
        if (layer, name) in (("housing_sites", "datetime"), ("policy_indicators", "bbox")):
            asked["limit"] = 1
        if name == "filter-lang":
            asked[name] = "cql-text"
        answer = client.get(f"/collections/{layer}/items", query_string=asked)
        assert answer.status_code == 200, (name, answer.text)


def test_the_page_size_is_where_clients_look(client: FlaskClient) -> None:
    """QGIS and GDAL read `components.parameters.limit`, and look for a `$ref` to it in the items path."""
    api = document(client)
    limit = api["components"]["parameters"]["limit"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000}
    for layer in LAYERS:
        references = [each.get("$ref") for each in api["paths"][f"/collections/{layer}/items"]["get"]["parameters"]]
        assert "#/components/parameters/limit" in references


def test_what_qgis_stumbles_over(client: FlaskClient) -> None:
    """`filter-lang` also has the older name `cql-text`. Eight parameters have `style: form, explode: false`, as the
    standards ask; no property that is asked for by name has, or QGIS would round its numbers to six digits."""
    shared = document(client)["components"]["parameters"]
    assert shared["filter-lang"]["schema"]["enum"] == ["cql2-text", "cql2-json", "cql-text"]
    styled = {each["name"] for each in shared.values() if (each.get("style"), each.get("explode")) == ("form", False)}
    assert styled == STYLED
    for name in ("streets", "schools"):
        for each in document(client)["paths"][f"/collections/{name}/items"]["get"]["parameters"]:
            assert "$ref" in each or not {"style", "explode"} & set(each)
    assert shared["crs"]["schema"]["enum"] == [URIS[name] for name in ("CRS84", "27700", "4326", "3857")]


def test_problems_are_described(client: FlaskClient) -> None:
    """Every path says that 400, and each document that 404, is a problem with a `description`."""
    api = document(client)
    for path, item in api["paths"].items():
        for told in item.values():
            expected = {"400"} if path.startswith(OWN) else {"200", "304", "400", "404"}
            # No cache keeps a search, so that none is unchanged.
            expected -= {"304"} if path.endswith("/search") else set()
            assert expected <= set(told["responses"]), path
    assert "description" in api["components"]["schemas"]["Problem"]["required"]


def test_it_names_no_layer_of_others(odd: FlaskClient, client: FlaskClient) -> None:
    """A layer that everybody may not see is in no path, no tag and no word of it."""
    assert "hidden" not in odd.get("/openapi").text.lower()
    assert {each["name"] for each in document(client)["tags"]} == set(layers_of("public"))


def test_it_says_where_the_server_is(client: FlaskClient) -> None:
    """One server: the address that the client used, with who answers for it."""
    api = document(client)
    assert api["servers"] == [{"url": "http://localhost"}]
    assert api["info"]["contact"] == {"name": "Synthetic County Council", "email": "maps@example.org"}
