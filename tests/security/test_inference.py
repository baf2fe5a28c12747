"""What a viewer could work out: withheld fields from granted ones, hidden rows from values that name them, codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inferable import WHY, Inferable
from shops import application

NUMBER = {"type": "integer", "title": "Number"}


@pytest.fixture
def place(tmp_path: Path) -> Inferable:
    """A small county of the test's own, not yet published."""
    return Inferable(tmp_path)


def with_numbers(place: Inferable, **more: Any) -> dict[str, Any]:
    """Streets with three numbers, of which `c` follows from the other two; its grants."""
    streets = place.registry["layers"]["streets"]
    streets["fields"] = {**streets["fields"], "a": NUMBER, "b": NUMBER, "c": {**NUMBER, **more}}
    grants: dict[str, Any] = streets["grants"]
    return grants


@pytest.mark.parametrize(("derived_from", "granted", "told"), [
    (["a", "b"], ["a", "b"], "`a` and `b`"), (["a", "b"], ["a"], None), ([["a", "b"], ["b"]], ["b"], "`b`"),
    ([["a"], ["b"]], [], None), ("a", ["a"], "`a`"), (["a", "b"], ["a", "b", "c"], None),
])
def test_a_withheld_field_whose_inputs_are_granted_is_refused(
    place: Inferable, derived_from: Any, granted: list[str], told: str | None
) -> None:
    """One list, or several alternative ones: if all of one are granted, and the field is not, check says where."""
    grants = with_numbers(place, derived_from=derived_from)
    grants["public"] = {"fields": ["usrn", "state", *granted], "held_back": WHY}
    found = place.problems()
    if told is None:
        assert not found
        return
    assert len(found) == 1 and f"could work it out from {told}" in found[0], found
    line = int(found[0].split(":")[1])
    assert "fields" in place.file.read_text().splitlines()[line - 1]


def test_what_an_audience_inherits_counts(place: Inferable) -> None:
    """The crew has no grant of its own on streets: what it has as part of the public decides, with its other layers."""
    grants = with_numbers(place, derived_from=["a", "lamps.usrn"])
    grants["public"] = {"fields": ["usrn", "state", "a"], "held_back": WHY}
    place.registry["layers"]["lamps"]["grants"] = {"crew": {"fields": "all"}}
    found = place.problems()
    assert len(found) == 1 and "`crew` is not granted `c` of streets" in found[0], found
    place.registry["layers"]["lamps"]["grants"] = {"staff": {"fields": "all"}}
    assert not place.problems(), "staff has c itself"


@pytest.mark.parametrize(("key", "value", "sentence"), [
    ("derived_from", ["nothing"], "`nothing` is not a field of streets"),
    ("derived_from", ["c"], "`c` cannot be derived from itself"),
    ("derived_from", ["moon.a"], "`moon` is not a layer"),
    ("references", "moon", "`moon` is not a layer"),
    ("references", "streets", "a layer cannot refer to itself"),
    ("references", "lamps.nothing", "`nothing` is not a field of lamps"),
])
def test_names_that_lead_nowhere_are_refused(place: Inferable, key: str, value: Any, sentence: str) -> None:
    """An input or a reference that is misspelt protects nothing: check says so."""
    with_numbers(place, **{key: value})
    assert any(sentence in problem for problem in place.problems()), place.problems()


def test_references_in_a_ring_are_refused(place: Inferable) -> None:
    """Layers that refer to each other cannot be published one after the other."""
    place.registry["layers"]["streets"]["fields"] = {
        **place.registry["layers"]["streets"]["fields"], "lamp": {"type": "string", "title": "Lamp",
                                                                 "references": "lamps"}}
    found = place.problems()
    assert len(found) == 1 and "streets -> lamps -> streets" in found[0], found


def test_an_id_that_tells_the_place_is_refused_where_the_place_is_withheld(place: Inferable) -> None:
    """A field from which the surveyed geometry follows goes only to those who have that geometry."""
    streets = place.registry["layers"]["streets"]
    streets |= {"geometry": "Point", "source": {"file": "streets.csv", "crs": "EPSG:27700",
                                               "geometry": {"x": "x", "y": "y"}}, "geometry_derived_from": ["usrn"]}
    streets["grants"] = {"public": {"fields": "all", "geometry": "grid:1000", "held_back": WHY},
                         "staff": {"fields": "all"}}
    found = place.problems()
    assert len(found) == 1 and "the exact geometry of streets and could work it out from `usrn`" in found[0], found
    streets["grants"]["public"]["geometry"] = "exact"
    del streets["grants"]["public"]["held_back"]
    assert not place.problems()


def test_a_count_needs_a_rule_or_a_reason(place: Inferable) -> None:
    """A count, or a field that another grant has a rule for, goes out exactly only where the registry says why."""
    grants = with_numbers(place, count=True)
    found = place.problems()
    assert len(found) == 2 and all("the counts c go out exactly" in each for each in found), found
    rule = {"fields": ["c", "b"], "suppress_under": 5}
    grants["public"] = {"fields": "all", "counts": rule, "held_back": WHY}
    found = place.problems()
    assert len(found) == 1 and "the counts b, c go out exactly" in found[0], found
    grants["staff"] = {"fields": "all", "exact_counts": "Staff have counted them themselves."}
    assert not place.problems()
    grants["public"] |= {"exact_counts": "There is nothing that it could speak of."}
    assert any("shows no count exactly" in each for each in place.problems())


@pytest.mark.parametrize(("url", "right"), [
    ("https://example.org/ogl", True), ("http://example.org", True), ("javascript:alert(1)", False),
    ("JavaScript:alert(1)", False), ("data:text/html,x", False), ("//example.org", False), ("example.org", False),
    ("https:///nowhere", False), ("https://example.org/a b", False), ("java\nscript:alert(1)", False),
    ("ftp://x.org", False),
])
def test_a_licence_is_at_a_web_address(place: Inferable, url: str, right: bool) -> None:
    """The address of a licence becomes a link: only http and https addresses do."""
    place.registry["licences"]["ogl"]["url"] = url
    assert (not place.problems()) == right


def test_values_that_name_hidden_rows_are_left_out(place: Inferable) -> None:
    """Null, out of the list, or the whole row where the value is required; staff sees all of it."""
    place.publish()
    assert place.rows("lamps") == {
        "a": {"lamp": "a", "usrn": 1, "usrns": [1]}, "b": {"lamp": "b", "usrn": None, "usrns": None},
        "c": {"lamp": "c", "usrn": 3, "usrns": [3, 1]}, "d": {"lamp": "d", "usrn": None, "usrns": None}}
    assert list(place.rows("signs")) == ["p"]
    assert place.rows("lamps", "staff")["a"] == {"lamp": "a", "usrn": 1, "usrns": [1, 2]}
    assert list(place.rows("signs", "staff")) == ["p", "q"]
    assert place.rows("lamps", "crew") == place.rows("lamps")
    told = place.rendition("lamps").folder.joinpath("rendition.json").read_text()
    assert "streets" not in told, "what is referred to is not told"


def test_references_follow_the_layer_and_its_grants(place: Inferable) -> None:
    """When rows of the referenced layer go or come, by its data or its grants, the referring layers are made anew."""
    place.publish()
    (place.data / "streets.csv").write_text("usrn,state\n1,secret\n2,open\n3,open\n")
    outcomes = place.publish("streets")
    assert list(outcomes) == ["streets", "lamps", "signs"]
    assert place.rows("lamps")["a"] == {"lamp": "a", "usrn": None, "usrns": [2]}
    assert list(place.rows("signs")) == ["q"]
    place.registry["layers"]["streets"]["grants"]["public"]["rows"]["state"] = ["open", "secret"]
    place.publish("streets")
    assert place.rows("lamps")["a"] == {"lamp": "a", "usrn": 1, "usrns": [1, 2]}
    assert {outcome.state for outcome in place.publish().values()} == {"unchanged"}


def test_no_older_text_names_a_hidden_row(place: Inferable) -> None:
    """When a row can no longer be named, no older text of the referring layer that names it is told. The history goes
    on: rows of other layers come and go with every publication."""
    place.publish()
    client = application(place.store.root).test_client()
    changes = "/collections/lamps/changes?since=0&history=all"
    assert b'"usrns":[3,1]' in client.get(changes).data
    (place.data / "streets.csv").write_text("usrn,state\n1,secret\n2,secret\n3,open\n")
    place.publish("streets")
    told = application(place.store.root).test_client().get(changes)
    assert told.status_code == 200 and b'"usrns":[3]' in told.data and b'"usrns":[3,1]' not in told.data
    assert application(place.store.root).test_client().get(changes.replace("=0&", "=1&")).status_code == 200


def test_without_the_referenced_layer_nothing_is_named(place: Inferable) -> None:
    """A layer that is not published, or that the audience may not see, has no rows that could be named."""
    place.publish("lamps")
    assert [row["usrn"] for row in place.rows("lamps", "staff").values()] == [None] * 4
    place.registry["layers"]["streets"]["grants"] = {"staff": {"fields": "all"}}
    place.publish("streets")
    assert [row["usrn"] for row in place.rows("lamps").values()] == [None] * 4
    assert [row["usrn"] for row in place.rows("lamps", "staff").values()] == [1, 2, 3, None]


def test_a_restored_edition_takes_its_references_with_it(place: Inferable) -> None:
    """Restoring an older edition of the referenced layer makes the referring layers anew."""
    from hantsmap.publish import restore
    from hantsmap.registry import read
    from hantsmap.workshop import Workshop

    place.publish()
    first = place.store.current("streets")
    (place.data / "streets.csv").write_text("usrn,state\n1,secret\n2,open\n3,open\n")
    place.publish()
    assert list(place.rows("signs")) == ["q"] and first is not None and first.edition is not None
    restore(Workshop(read(place.file), place.store, place.data), "streets", first.edition)
    assert list(place.rows("signs")) == ["p"]


def test_only_the_codes_that_occur_are_told(place: Inferable) -> None:
    """A code that no row of the viewer's has is in no document, page, style, key or download of that viewer."""
    streets = place.registry["layers"]["streets"]
    (place.data / "streets.csv").write_text("usrn,state,x,y\n1,open,440000,110000\n2,secret,440100,110000\n")
    streets |= {"geometry": "Point", "tiles": {"fields": "all", "zooms": {"spare": 3, "secret": 2}},
                "symbols": {"classes": {"secret": {"width": 3}, "spare": {"width": 4}}},
                "source": {"file": "streets.csv", "crs": "EPSG:27700", "geometry": {"x": "x", "y": "y"}}}
    place.publish()
    at = "/collections/streets"
    addresses = [at, f"{at}/schema", f"{at}/queryables", f"{at}/items", "/openapi", "/map/layers.json", f"{at}/styles",
                 f"{at}/tiles", f"{at}/items?filter=state='spare'", f"{at}/items?filter=state=1",
                 *(f"{at}/styles/{name}" for name in ("maplibre", "qgis", "default")),
                 *(f"{at}/downloads/streets.{end}" for end in ("gpkg", "csv", "shp.zip", "dxf.zip", "geojson"))]
    found: dict[int, int] = {}
    heard = {"public": ("Zqsecretword", "secret", "Zqsparecode"), "staff": ("Zqsparecode",)}
    for audience, hidden in heard.items():
        client = application(place.store.root, audience=audience).test_client()
        for address in addresses:
            for form in ("", "?f=html" if "?" not in address else "&f=html"):
                answer = client.get(address + form)
                found[answer.status_code] = found.get(answer.status_code, 0) + 1
                for word in hidden:
                    assert word.encode() not in answer.data, (audience, address + form, word)
    assert found[200] > 40, found
    enum = application(place.store.root, audience="staff").test_client().get(f"{at}/schema").get_json()
    assert enum["properties"]["state"]["enum"] == ["open", "secret"]


@pytest.mark.parametrize(("buffer_m", "length", "context"), [
    (0, [60.0, 20.0], None), (10, [70.0, 20.0], [False, False])])
def test_a_clipped_grant_shows_nothing_outside_its_area(
    place: Inferable, buffer_m: float, length: list[float], context: list[bool] | None
) -> None:
    """Lines are cut at the edge of the area, or of its buffer; one that ends at the edge goes. Texts say which."""
    ring = [[440000, 110000], [440100, 110000], [440100, 110100], [440000, 110100], [440000, 110000]]
    (place.data / "yard.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}))
    (place.data / "streets.csv").write_text(
        'usrn,state,line\n1,open,"LINESTRING (440040 110050, 440400 110050)"\n'
        '2,open,"LINESTRING (440040 110060, 440060 110060)"\n'
        f'3,open,"LINESTRING ({440100 + buffer_m} 110070, 440300 110070)"\n'
        '4,open,"LINESTRING (441000 110070, 441300 110070)"\n')
    streets = place.registry["layers"]["streets"]
    streets |= {"geometry": "LineString", "grants": {"crew": {
        "fields": "all", "area": {"name": "yard", "buffer_m": buffer_m, "clip": True}, "held_back": WHY}},
        "source": {"file": "streets.csv", "crs": "EPSG:27700", "geometry": {"wkt": "line"}}}
    place.publish("streets")
    seen = place.rendition("streets", "crew")
    assert seen.geometry_type == "MultiLineString"
    assert sorted(seen.ids.to_pylist()) == [1, 2]
    shapes = dict(zip(seen.ids.to_pylist(), seen.geometries(range(seen.count)), strict=True))
    assert [round(float(shapes[row].length), 2) for row in (1, 2)] == length
    assert (seen.column("context").to_pylist() if "context" in seen.fields else None) == context
    assert seen.description.held_back[0].sentence.endswith("Features are cut at the edge of the area.")
    streets["grants"]["crew"]["area"]["clip"] = False
    place.publish("streets")
    whole = place.rendition("streets", "crew")
    assert whole.geometry_type == "LineString" and sorted(whole.ids.to_pylist()) == [1, 2, 3]
    assert whole.description.held_back[0].sentence.endswith("A feature that leaves the area is shown whole.")


def test_to_clip_is_to_hold_back(place: Inferable) -> None:
    """Cut geometry needs a reason, and an audience below cannot lose what it has as part of a larger one."""
    area = {"name": "yard", "clip": True}
    streets = place.registry["layers"]["streets"]
    streets |= {"geometry": "LineString", "grants": {
        "public": {"fields": "all", "area": {"name": "yard"}, "held_back": WHY},
        "crew": {"fields": "all", "area": area, "held_back": [{**WHY[0], "of": ["rows"]}]}},
        "source": {"file": "streets.csv", "crs": "EPSG:27700", "geometry": {"wkt": "line"}}}
    found = place.problems()
    assert any("says why geometry are held back" in each for each in found), found
    assert any("what of its features lies outside the area yard" in each for each in found), found
