"""How the tests of the server ask: addresses, walks along links, and bodies held against our own OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask.testing import FlaskClient
from openapi_schema_validator import OAS30Validator
from truth import URIS
from werkzeug.test import TestResponse

LAYERS = ("designations", "districts", "housing_sites", "parishes", "policy_indicators", "population_forecasts",
          "rights_of_way", "schools", "services", "sinc", "street_segments", "streets", "wards", "winter_routes")
COUNTS = {"designations": 23, "districts": 3, "housing_sites": 40, "parishes": 12, "policy_indicators": 698,
          "population_forecasts": 128, "rights_of_way": 300, "schools": 29, "services": 115, "sinc": 56,
          "street_segments": 1966, "streets": 590, "wards": 9, "winter_routes": 185}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def at(layer: str, /, *, crs: str | None = None, bbox_crs: str | None = None, filter_crs: str | None = None,
       **asked: Any) -> str:
    """Address of items. `filter_lang` stands for filter-lang; reference systems are named as in `truth.AXES`."""
    named = {"crs": crs, "bbox-crs": bbox_crs, "filter-crs": filter_crs}
    asked |= {name: URIS[value] for name, value in named.items() if value}
    if "filter_lang" in asked:
        asked["filter-lang"] = asked.pop("filter_lang")
    return f"/collections/{layer}/items" + (f"?{urlencode(asked)}" if asked else "")


def one(layer: str, feature_id: Any, query: str = "") -> str:
    """Address of a feature."""
    return f"/collections/{layer}/items/{quote(str(feature_id), safe='')}{query}"


def inside(href: str) -> str:
    """The path and query of an address of ours."""
    parts = urlsplit(href)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def ids(document: dict[str, Any]) -> list[Any]:
    """Ids of a FeatureCollection, in its order."""
    return [feature["id"] for feature in document["features"]]


def link(document: dict[str, Any], rel: str) -> str | None:
    """Where the link `rel` of a document leads, or None."""
    return next((each["href"] for each in document["links"] if each["rel"] == rel), None)


def walk(client: FlaskClient, address: str, rel: str = "next") -> Iterator[dict[str, Any]]:
    """Pages along their links, from the address on."""
    here: str | None = address
    for _ in range(3_000):
        document = client.get(here).get_json()
        yield document
        following = link(document, rel)
        if following is None:
            return
        here = inside(following)
    raise AssertionError(f"{address} never ends")


def valid(client: FlaskClient, body: Any, name: str) -> Any:
    """The body, which is what `components.schemas` of the OpenAPI document calls `name`."""
    components = client.get("/openapi").get_json()["components"]
    OAS30Validator({"$ref": f"#/components/schemas/{name}", "components": components}).validate(body)
    return body


def problem(client: FlaskClient, answer: TestResponse, status: int, parameter: str | None = None) -> str:
    """The sentence of a problem answer, which has the form that RFC 9457 and QGIS ask for."""
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    assert answer.content_type == "application/problem+json"
    body = valid(client, answer.get_json(), "Problem")
    assert body["status"] == status
    assert body.get("parameter") == parameter
    assert body["detail"] == body["description"]
    assert answer.headers["Cache-Control"] == "no-store"
    sentence: str = body["description"]
    assert sentence.strip().endswith((".", "`", "?")), sentence
    assert "Traceback" not in sentence
    return sentence
