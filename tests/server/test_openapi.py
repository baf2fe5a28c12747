"""The OpenAPI document: what can be asked, valid, complete, and kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from questions import LAYERS, at, ids, one
from truth import URIS, layers_of, registry

KIND = "application/vnd.oai.openapi+json;version=3.0"


# Parameters in paths, as the document and as the routes call them.
WRITTEN = {"featureId": "id:feature_id", "file": "name", "tileMatrixSetId": "matrix", "tileMatrix": "zoom",
           "tileRow": "row", "tileCol": "column", "styleId": "style"}


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


def test_it_describes_every_route_of_the_api(client: FlaskClient) -> None:
    """Each path, with each layer put in, answers 200; and each route of the OGC part is described.

    A layer has five, one for changes and two for files: all that everybody sees may be downloaded. The map has two, and
    one layer a series. All layers together have five for tiles; each has three for tiles and two for styles, unless it
    is shown as a table.
    """
    api = document(client)
    drawn = [path for path in api["paths"] if path.startswith("/collections/") and path.endswith("/styles")]
    tiled = [path for path in api["paths"] if path.startswith("/collections/") and path.endswith("/tiles")]
    assert len(drawn) == len(tiled) == len([each for each in layers_of("public") if layer_geometry(each) != "none"])
    assert len(api["paths"]) == 4 + 8 * len(layers_of("public")) + 2 + 1 + 5 + 5 * len(drawn)
    for path in (path for path in api["paths"] if path.count("/") == 1 or path.split("/")[2] in LAYERS):
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
        # A layer of the small county may well draw nothing in so large a tile.
        assert client.get(address).status_code in ((200, 204) if "{tileRow}" in path else (200,)), path
    rules = {str(rule) for rule in client.application.url_map.iter_rules()
             if rule.endpoint.startswith(("ogc.", "tiles."))}
    described = {path.replace("/streets", "/<layer>") for path in api["paths"]
                 if "/streets" in path or path.count("/") == 1 or path.startswith("/tile")}
    for name, written in WRITTEN.items():
        described = {path.replace(f"{{{name}}}", f"<{written}>") for path in described}
    assert rules == described


def test_only_reading_is_offered(client: FlaskClient) -> None:
    """Every path has one operation, GET: QGIS would offer to edit otherwise."""
    assert {tuple(item) for item in document(client)["paths"].values()} == {("get",)}


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
    """`filter-lang` also has the older name `cql-text`; no parameter has `style` or `explode`."""
    shared = document(client)["components"]["parameters"]
    assert shared["filter-lang"]["schema"]["enum"] == ["cql2-text", "cql2-json", "cql-text"]
    assert not any({"style", "explode"} & set(each) for each in shared.values())
    assert shared["crs"]["schema"]["enum"] == [URIS[name] for name in ("CRS84", "27700", "4326", "3857")]


def test_problems_are_described(client: FlaskClient) -> None:
    """Every path says that 400 and 404 are problems with a `description`."""
    api = document(client)
    for item in api["paths"].values():
        assert {"200", "304", "400", "404"} <= set(item["get"]["responses"])
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
