"""What server/atlas.py relies on in pygeoapi: each behaviour on its own, so that a release says which one it broke."""

from __future__ import annotations

import copy
import json
import logging
from pathlib import Path
from typing import Any

import pygeoapi
import pytest
from pygeoapi.api import API, APIRequest, describe_collections, get_collection_schema, landing_page
from pygeoapi.api.itemtypes import get_collection_queryables
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from hantsmap.catalogue import Catalogue, Shelf
from hantsmap.store import Store
from server import atlas
from server.atlas import Atlas
from server.links import BASE

COUNTY = ("streets", "sinc", "policy_indicators")


@pytest.fixture(scope="module")
def catalogue(county_store: Path) -> Catalogue:
    """Everybody's catalogue, of three layers."""
    shelf = Shelf(Store(county_store))
    shelf.refresh()
    whole = shelf.catalogue("public")
    return Catalogue("public", {layer: whole.entries[layer] for layer in COUNTY})


@pytest.fixture(scope="module")
def config(catalogue: Catalogue, county_store: Path) -> dict[str, Any]:
    """The configuration that the atlas gives to pygeoapi."""
    return atlas._config(catalogue, Store(county_store).site())


@pytest.fixture(scope="module")
def api(config: dict[str, Any]) -> API:
    """pygeoapi with that configuration."""
    return API(copy.deepcopy(config), {})


@pytest.fixture(scope="module")
def asked(api: API) -> APIRequest:
    """A request for JSON, made without a web server."""
    return APIRequest.from_flask(Request(EnvironBuilder(path="/", query_string="f=json").get_environ()), api.locales)


def plain(answer: tuple[Any, Any, Any]) -> dict[str, Any]:
    """A document of pygeoapi; it is (headers, status, body)."""
    headers, status, body = answer
    assert int(status) == 200
    assert isinstance(headers, dict)
    found: dict[str, Any] = json.loads(body)
    return found


def test_the_release_is_one_that_is_supported() -> None:
    """0.21 to 0.24, as setup.cfg has it."""
    numbers = tuple(int(part) for part in pygeoapi.__version__.split(".")[:2])
    assert (0, 21) <= numbers < (0, 25)


def test_it_is_made_from_a_dict_and_an_empty_openapi(config: dict[str, Any]) -> None:
    """API(config, {}) works without files, and needs no OpenAPI document of its own."""
    made = API(copy.deepcopy(config), {})
    assert set(made.config["resources"]) == set(COUNTY)


def test_an_application_can_be_made_without_touching_the_log(catalogue: Catalogue, county_store: Path) -> None:
    """pygeoapi configures its host's root logger; afterwards it is as it was, level and handlers."""
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    Atlas(catalogue, Store(county_store).site())
    assert (root.level, list(root.handlers)) == before


def test_a_request_needs_no_web_server(asked: APIRequest) -> None:
    """APIRequest.from_flask takes any werkzeug request; `f=json` is its form."""
    assert asked.format == "json"
    assert asked.is_valid()


def test_the_landing_page_has_title_and_description(api: API, asked: APIRequest) -> None:
    """Both come from `metadata.identification`, as plain text."""
    document = plain(landing_page(api, asked))
    assert document["title"] == "Synthetic County maps"
    assert document["description"].startswith("Maps and data of an invented county")


def test_collections_are_those_of_the_configuration(api: API, asked: APIRequest) -> None:
    """Exactly the resources, in their order, each with what documents.py takes over."""
    found = plain(describe_collections(api, asked))["collections"]
    assert [each["id"] for each in found] == list(COUNTY)
    for each in found:
        assert {"id", "title", "description", "keywords", "extent", "itemType", "crs", "storageCrs"} <= set(each)
        assert each["itemType"] == "feature"
        assert each["storageCrs"] == "http://www.opengis.net/def/crs/EPSG/0/27700"
        assert each["extent"]["spatial"]["crs"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
        assert len(each["extent"]["spatial"]["bbox"][0]) == 4


def test_a_schema_has_the_fields_of_the_provider(api: API, asked: APIRequest, catalogue: Catalogue) -> None:
    """get_collection_schema asks our provider for its fields and keeps what each says of itself."""
    for layer in COUNTY:
        properties = plain(get_collection_schema(api, asked, layer))["properties"]
        fields = catalogue.entries[layer].rendition.fields
        assert [name for name in properties if name != "geometry"] == list(fields)
        assert all(properties[name]["title"] == field.title for name, field in fields.items())
    units = plain(get_collection_schema(api, asked, "streets"))["properties"]["length_m"]
    assert (units["type"], units["x-ogc-unit"]) == ("number", "m")


def test_queryables_are_a_schema(api: API, asked: APIRequest) -> None:
    """get_collection_queryables answers with an object that has properties and a title."""
    for layer in COUNTY:
        document = plain(get_collection_queryables(api, asked, layer))
        assert document["type"] == "object"
        assert document["title"]
        assert document["properties"]


def test_links_begin_with_the_configured_address(api: API, asked: APIRequest) -> None:
    """Whatever address of itself pygeoapi writes begins with the one that is replaced when an answer goes out."""
    schema = get_collection_schema(api, asked, "sinc")
    for document in (landing_page(api, asked), describe_collections(api, asked), schema):
        assert "localhost" not in json.dumps(plain(document))
    assert BASE in json.dumps(plain(describe_collections(api, asked)))


def test_what_is_not_configured_is_not_found(api: API, asked: APIRequest) -> None:
    """A collection that is not in the configuration is 404 on every call."""
    for ask in (get_collection_schema, get_collection_queryables, describe_collections):
        assert int(ask(api, asked, "housing_sites")[1]) == 404


def test_a_fault_of_pygeoapi_is_not_passed_on_as_a_document() -> None:
    """An answer other than 200 is an error here, and never a document."""
    with pytest.raises(RuntimeError, match="pygeoapi answered 404"):
        atlas._plain(({}, 404, "no"))


def test_the_provider_reads_no_features(api: API) -> None:
    """No document asks the provider for features: it has no way to give any."""
    from server.provider import RenditionProvider

    assert not {"query", "get"} & set(vars(RenditionProvider))


def test_nothing_of_pygeoapi_reaches_the_wire(client: Any) -> None:
    """No answer names it, its version or its templates."""
    for address in ("/", "/collections", "/collections/streets", "/openapi", "/collections/streets/schema",
                    "/collections/streets/queryables", "/conformance"):
        for form in ("json", "html"):
            answer = client.get(f"{address}?f={form}")
            assert "pygeoapi" not in answer.text.lower()
            assert "hantsmap.invalid" not in answer.text
            assert "X-Powered-By" not in answer.headers
