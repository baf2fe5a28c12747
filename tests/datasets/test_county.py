"""The synthetic county keeps its promises: one seed, one county; roads connect; areas tile; faults are where told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
import yaml

from datasets import county, faults, names, scales, writing

SEED = 2026
ROOT = Path(__file__).parents[2]
VOLUMES = {
    "streets": 600,
    "street_segments": 2_000,
    "winter_routes": 186,
    "rights_of_way": 300,
    "designations": 24,
    "sinc": 60,
    "population_areas": 88,
    "population_forecasts": 704,
    "policy_indicators": 800,
    "housing_sites": 100,
    "services": 120,
    "schools": 30,
    "wards": 9,
    "districts": 3,
    "parishes": 12,
    "street_interests": 680,
    "street_construction": 760,
    "street_designations": 500,
    "open_streets": 590,
    "open_segments": 1_967,
    "open_winter_routes": 185,
    "salt_bins": 40,
    "works": 30,
    "row_orders": 11,
    "row_structures": 160,
    "row_temporary_closures": 8,
    "row_reports": 150,
    "row_applications": 9,
    "sssi_units": 15,
    "ancient_woodland": 25,
    "species_records": 400,
    "population_dwellings": 704,
    "brownfield_land": 12,
    "plans": 8,
    "plan_timetables": 48,
    "tree_preservation_orders": 40,
    "tree_preservation_zones": 24,
    "protected_trees": 90,
    "small_sites": 9,
    "people_directory": 40,
    "surface_water": 10,
    "watercourses": 30,
    "flood_zones": 18,
    "built_up_areas": 12,
    "woodland": 68,
    "greenspace": 26,
    "railways": 2,
    "named_places": 35,
    "contracts": 2,
    "party_sites": 8,
}
FRAMES = {
    "sinc": "sinc",
    "contract_streets": "streets",
    "contract_segments": "street_segments",
    "contract_winter_routes": "winter_routes",
    "contract_interests": "street_interests",
    "contract_designations": "street_designations",
    "row_statements": "rights_of_way",
    "policy_drafts": "policy_indicators",
    "housing_sites_in_full": "housing_sites",
    "small_sites_by_ward": "small_sites",
    "services_without_place": "services",
}
"""Layer -> the frame that it is read from, where that has another name."""


@pytest.fixture(scope="session")
def village() -> dict[str, Any]:
    """The frames of the village county."""
    return dict(county.frames("village", SEED))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the village county's files."""
    made = tmp_path_factory.mktemp("village")
    county.make("village", SEED, made)
    return made


@pytest.fixture(scope="session")
def registry() -> dict[str, Any]:
    """`layers.yaml` as it is written."""
    return dict(yaml.safe_load((ROOT / "layers.yaml").read_text(encoding="utf-8")))


def as_bytes(frame: Any) -> bytes:
    """All values of a frame, geometry as WKB in hexadecimal."""
    table = pd.DataFrame(frame)
    if "geometry" in table.columns:
        table["geometry"] = shapely.to_wkb(frame.geometry.to_numpy(), hex=True)
    return table.to_csv().encode()


def test_same_seed_gives_the_same_county(village: dict[str, Any]) -> None:
    """Two runs with one seed give the same frames to the byte."""
    for name, frame in county.frames("village", SEED):
        assert as_bytes(frame) == as_bytes(village[name]), name


def test_another_seed_gives_another_county(village: dict[str, Any]) -> None:
    """Another seed draws other streets."""
    _, streets = next(county.frames("village", SEED + 1))
    assert as_bytes(streets) != as_bytes(village["streets"])


@pytest.mark.parametrize("name", VOLUMES)
def test_volume(village: dict[str, Any], name: str) -> None:
    """Every layer has exactly its number of rows."""
    assert len(village[name]) == VOLUMES[name]


def test_every_row_is_marked_synthetic(village: dict[str, Any]) -> None:
    """Nobody can take a row for a real one: every frame but the bare polygons says that it is invented."""
    for name, frame in village.items():
        if name != "population_areas":
            column = next(column for column in frame.columns if column.lower() == "synthetic")
            assert frame[column].astype(bool).all(), name


def test_roads_connect(village: dict[str, Any]) -> None:
    """At least 99 % of the segments are in one network, joined at ends that are exactly the same point."""
    lines = village["street_segments"].geometry.to_numpy()
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1)])
    _, node = np.unique(ends, axis=0, return_inverse=True)
    start, end = node.reshape(2, -1)
    label = np.arange(node.max() + 1)
    while True:
        least = np.minimum(label[start], label[end])
        before = label.copy()
        np.minimum.at(label, start, least)
        np.minimum.at(label, end, least)
        if (label == before).all():
            break
    assert np.bincount(label[start]).max() >= 0.99 * len(lines)


def test_roads_meet_only_at_junctions(village: dict[str, Any]) -> None:
    """No segment crosses another: a crossing is a junction, where both are split."""
    lines = village["street_segments"].geometry.to_numpy()
    assert shapely.STRtree(lines).query(lines, predicate="crosses").size == 0


def test_segments_name_streets_that_exist(village: dict[str, Any]) -> None:
    """Every USRN of a segment is a street, every street has as many segments as it says, and A roads share theirs."""
    usrns = village["street_segments"]["usrns"].str.split(";").explode().astype(int)
    streets = village["streets"].set_index("USRN")["ESU_COUNT"]
    assert usrns.value_counts().sort_index().to_dict() == streets.sort_index().to_dict()
    assert village["street_segments"]["usrns"].str.contains(";").any()


def test_keys_are_unique(village: dict[str, Any], registry: dict[str, Any]) -> None:
    """No two different rows share a key, so that nothing stops a publication."""
    for name, layer in registry["layers"].items():
        raw = village[FRAMES.get(name, name)]
        frame = (
            raw.drop_duplicates([column for column in raw.columns if column != "geometry"])
            .rename(columns=layer["source"].get("aliases", {}))
        )
        key = ["area_code" if part == "area_gss" else part for part in layer["key"]]
        assert not frame.duplicated(key).any(), name


@pytest.mark.parametrize("name", ["districts", "wards", "parishes"])
def test_areas_tile_the_county(village: dict[str, Any], name: str) -> None:
    """Areas of one kind are valid, do not overlap, and leave no gap."""
    shapes = village[name].geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    county_area = shapely.union_all(village["districts"].geometry.to_numpy())
    assert shapely.area(shapes).sum() == pytest.approx(county_area.area, abs=1.0)
    assert shapely.union_all(shapes).symmetric_difference(county_area).area < 1.0


def test_small_areas_add_up(village: dict[str, Any]) -> None:
    """Persons of the output areas, LSOAs, MSOAs, wards and districts have the same sum in every year."""
    kind = village["population_areas"].set_index("AREA_CD")["GEOGRAPHY"]
    forecast = village["population_forecasts"]
    sums = forecast.groupby([forecast["area_code"].map(kind), "year"])["persons"].sum().unstack()
    assert (sums == sums.iloc[0]).all(axis=None)
    bands = forecast[["age_0_15", "age_16_64", "age_65plus"]].sum(axis=1)
    assert (bands == forecast["persons"]).all()


def test_paths_are_numbered_by_parish(village: dict[str, Any]) -> None:
    """Path numbers start again in each parish, and each link lies in the parish that it is numbered in."""
    paths, parishes = village["rights_of_way"], village["parishes"].set_index("PAR26CD").geometry
    assert (paths.groupby("PARISH_GSS")["PATH_NO"].agg(lambda numbers: "1" in set(numbers))).all()
    home = parishes.loc[paths["PARISH_GSS"]].to_numpy()
    outside = shapely.length(shapely.difference(paths.geometry.to_numpy(), shapely.buffer(home, 0.1)))
    assert outside.max() < 0.1


def test_coordinates_are_whole_centimetres(village: dict[str, Any]) -> None:
    """Geometry is in metres with two decimals."""
    for name, frame in village.items():
        if "geometry" in frame.columns:
            xy = shapely.get_coordinates(frame.geometry.to_numpy())
            assert np.abs(xy - np.round(xy, 2)).max() < 1e-6, name


def test_degrees_are_by_ostn15() -> None:
    """Longitude and latitude of the domain's golden point, to a tenth of a millimetre of arc."""
    assert writing.lonlat(np.array([[442000.0, 112000.0]]))[0] == pytest.approx([-1.4040345, 50.9059418], abs=2e-7)


def test_awkward_names_are_there(village: dict[str, Any]) -> None:
    """A street with an apostrophe and one with an accent are in the gazetteer, as written."""
    streets = set(village["streets"]["STREET_DESCRIPTOR"])
    assert {names.APOSTROPHE_STREET, names.ACCENTED_STREET, faults.BORDER_STREET, faults.CLOSED_STREET} <= streets


def test_the_closed_street_has_one_open_segment(village: dict[str, Any]) -> None:
    """The rule that a closed street has closed segments is broken once, on purpose."""
    streets = village["streets"]
    usrn = streets.loc[streets["STREET_DESCRIPTOR"] == faults.CLOSED_STREET, "USRN"].iloc[0]
    states = village["street_segments"].set_index("usrns").loc[str(usrn), "operationalstate"].tolist()
    assert states.count("Open") == 1 and set(states) == {"Open", "Permanently Closed"}


def test_the_border_street_is_on_the_border(village: dict[str, Any]) -> None:
    """One street runs along the county boundary."""
    streets = village["streets"].set_index("STREET_DESCRIPTOR").geometry
    border = shapely.union_all(village["districts"].geometry.to_numpy()).boundary
    assert shapely.length(shapely.intersection(streets[faults.BORDER_STREET], border)) > 10


def test_faulty_paths(village: dict[str, Any]) -> None:
    """There is a path 12a, and one parish under two spellings."""
    paths = village["rights_of_way"]
    assert (paths["PATH_NO"] == "12a").any()
    spelt = paths.groupby("PARISH_GSS")["PARISH"].agg(set)
    assert [found for found in spelt if len(found) > 1] == [set(faults.TWO_SPELLINGS)]


def test_faulty_sincs(village: dict[str, Any]) -> None:
    """One SINC is a bow-tie, one overlaps another, and one lies in two districts; otherwise none overlap."""
    sincs = village["sinc"].set_index("SINC_REF").geometry
    assert (~sincs.is_valid).sum() == 1 and not sincs[faults.BOW_TIE].is_valid
    sound = sincs[sincs.is_valid]
    one, other = shapely.STRtree(sound.to_numpy()).query(sound.to_numpy(), predicate="intersects")
    pairs = {frozenset((sound.index[a], sound.index[b])) for a, b in zip(one, other, strict=True) if a < b}
    assert len(pairs) == 1 and faults.OVERLAPPING in next(iter(pairs))
    codes = village["sinc"].set_index("SINC_REF").loc[faults.TWO_DISTRICTS, "LAD_CD"]
    assert ";" in codes


def test_faulty_services(village: dict[str, Any]) -> None:
    """Secret places are marked, and are in the raw data with their address."""
    row = village["services"].set_index("id").loc[faults.REFUGE]
    assert row["location_secret"] and row["address_1"] and row["GeoX"]


def test_a_population_cell_of_four(village: dict[str, Any]) -> None:
    """One output area has four older people in the base year."""
    assert (village["population_forecasts"]["age_65plus"] == 4).any()


def test_every_layer_has_its_file(folder: Path, registry: dict[str, Any]) -> None:
    """The file of every layer of the registry can be read and has, by the aliases, every field of the layer."""
    for name, layer in registry["layers"].items():
        source = layer["source"]
        files = [source, *([source["join"]] if "join" in source else [])]
        found = {alias(column, source) for part in files for column in columns(folder / part["file"], source)}
        assert set(layer["fields"]) <= found, name


def alias(column: str, source: dict[str, Any]) -> str:
    """Our name of a publisher's column."""
    return str(source.get("aliases", {}).get(column, column))


def columns(path: Path, source: dict[str, Any]) -> list[str]:
    """The publisher's columns of a file."""
    if path.suffix == ".csv":
        return list(pd.read_csv(path, nrows=0, encoding=source.get("encoding", "utf-8")).columns)
    if path.suffix == ".xlsx":
        return list(pd.read_excel(path, nrows=0).columns)
    if path.suffix == ".parquet":
        return list(pd.read_parquet(path).columns)
    return [str(field) for field in pyogrio.read_info(path, layer=source.get("layer"))["fields"]]


def test_a_folder_is_made_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds the county is left alone, and one whose stamp is missing is made again."""
    assert not county.make("village", SEED, folder)
    assert "nothing to do" in capsys.readouterr().out
    (folder / county.STAMP).unlink()
    assert county.make("village", SEED, folder)


def test_county_volumes_are_those_of_a_county() -> None:
    """The county scale has the volumes that the domain brief asks for."""
    scale = scales.SCALES["county"]
    assert (scale.segments, scale.streets, scale.path_links, scale.sincs) == (120_000, 35_000, 14_000, 4_140)
    assert (scale.designations["SSSI"], scale.oas, scale.wards) == (118, 4_500, 180)
    assert (scale.districts, scale.places) == (11, 265)
