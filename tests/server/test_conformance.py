"""The conformance declaration: what is kept here, and nothing else."""

from __future__ import annotations

from flask.testing import FlaskClient
from questions import at

OGC = "http://www.opengis.net/spec"
# Each class, and the test file that holds it; CQL2 has a room of its own.
TESTED = {
    f"{OGC}/ogcapi-common-1/1.0/conf/core": "test_landing",
    f"{OGC}/ogcapi-common-2/1.0/conf/collections": "test_collections",
    f"{OGC}/ogcapi-features-1/1.0/conf/core": "test_items",
    f"{OGC}/ogcapi-features-1/1.0/conf/geojson": "test_items",
    f"{OGC}/ogcapi-features-1/1.0/conf/html": "test_html_pages",
    f"{OGC}/ogcapi-features-1/1.0/conf/oas30": "test_openapi",
    f"{OGC}/ogcapi-features-2/1.0/conf/crs": "test_reference_systems",
    f"{OGC}/ogcapi-features-3/1.0/conf/queryables": "test_queryables",
    f"{OGC}/ogcapi-features-3/1.0/conf/filter": "test_filter_parameter",
    f"{OGC}/ogcapi-features-3/1.0/conf/features-filter": "test_filter_parameter",
    f"{OGC}/ogcapi-features-5/1.0/conf/schemas": "test_schema",
    f"{OGC}/ogcapi-features-5/1.0/conf/core-roles-features": "test_schema",
    f"{OGC}/ogcapi-features-5/1.0/conf/returnables-and-receivables": "test_schema",
    f"{OGC}/ogcapi-features-5/1.0/conf/queryables": "test_queryables",
    **{f"{OGC}/ogcapi-tiles-1/1.0/conf/{name}": "test_tiles" for name in (
        "core", "tileset", "tilesets-list", "geodata-tilesets", "dataset-tilesets", "collections-selection", "mvt",
        "oas30")},
    **{f"{OGC}/tms/2.0/conf/{name}": "test_tiles" for name in (
        "tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata")},
}
# What QGIS and GDAL look for before they send a filter (interop, 13).
WANTED = {"cql2-text", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
          "basic-spatial-operators", "basic-spatial-functions"}
# One filter for each class of CQL2 that is claimed: the claim is worth what the filter answers.
FILTERS = {
    "cql2-text": "usrn IS NOT NULL", "cql2-json": '{"op":"=","args":[{"property":"synthetic"},true]}',
    "basic-cql2": "length_m >= 0 AND NOT (state = 5)",
    "advanced-comparison-operators": "street_descriptor LIKE '%' AND length_m BETWEEN 0 AND 1e9 AND state IN (2)",
    "case-insensitive-comparison": "CASEI(street_descriptor) LIKE CASEI('%')",
    "accent-insensitive-comparison": "ACCENTI(street_descriptor) LIKE ACCENTI('%')",
    "basic-spatial-operators": "S_INTERSECTS(geometry, POLYGON((-2 50, 0 50, 0 52, -2 52, -2 50)))",
    "basic-spatial-functions": "S_INTERSECTS(geometry, BBOX(-2, 50, 0, 52))",
    "basic-spatial-functions-plus": "S_INTERSECTS(geometry, POLYGON((-2 50, 0 50, 0 52, -2 52, -2 50)))",
    "spatial-functions": "S_WITHIN(geometry, BBOX(-2, 50, 0, 52))",
    "temporal-functions": "T_AFTER(last_update_date, DATE('1990-01-01'))",
    "array-functions": None, "property-property": "usrn <> length_m", "functions": None,
    "arithmetic": "usrn + 0 = usrn",
}


def declared(client: FlaskClient) -> list[str]:
    """The classes that are declared."""
    answer = client.get("/conformance")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return list(answer.get_json()["conformsTo"])


def test_it_claims_exactly_what_is_tested(client: FlaskClient) -> None:
    """Beside CQL2, the classes are those that a test file here stands for: no more, no fewer, none twice."""
    classes = declared(client)
    assert len(set(classes)) == len(classes)
    assert {each for each in classes if "/cql2/" not in each} == set(TESTED)


def test_what_clients_look_for_is_there(client: FlaskClient) -> None:
    """QGIS and GDAL send a filter only where these six classes of CQL2 are declared."""
    assert {each.rsplit("/", 1)[1] for each in declared(client) if "/cql2/1.0/conf/" in each} >= WANTED


def test_each_class_of_cql2_answers(client: FlaskClient) -> None:
    """For every class of CQL2 that is claimed a filter of that class is answered, with every street."""
    for name in (each.rsplit("/", 1)[1] for each in declared(client) if "/cql2/" in each):
        assert name in FILTERS, f"{name} is claimed and has no filter here"
        text = FILTERS[name]
        if text is not None:
            lang = "cql2-json" if text.startswith("{") else "cql2-text"
            answer = client.get(at("streets", filter=text, filter_lang=lang, limit=1))
            assert (answer.status_code, answer.get_json().get("numberMatched")) == (200, 590), (name, answer.text)


def test_addresses_are_http(client: FlaskClient) -> None:
    """Clients compare the addresses letter by letter: all are `http://www.opengis.net/`."""
    assert all(each.startswith(f"{OGC}/") for each in declared(client))
