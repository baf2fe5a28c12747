"""What the county holds for the matrix of audiences: contracts, open lines, small cells, and secrets to keep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from datasets import ages, county, opened, street_data


@pytest.fixture(scope="module")
def village() -> dict[str, Any]:
    """The frames of the village county."""
    return dict(county.frames("village", 2026))


def test_contracts_are_a_third_of_the_county_each_with_a_gap(village: dict[str, Any]) -> None:
    """The two areas do not touch, lie in the county, and are each between a quarter and two fifths of it."""
    north, south = village["contracts"].geometry
    whole = shapely.union_all(village["districts"].geometry.to_numpy())
    assert north.distance(south) > 500
    for area in (north, south):
        assert area.is_valid and area.difference(whole).area < 1
        assert 0.25 < area.area / whole.area < 0.4


@pytest.mark.parametrize(
    ("frame", "key", "column"),
    [("open_streets", "usrn", "USRN"), ("open_segments", "esu_id", "esuid")],
    ids=["streets", "segments"],
)
def test_open_lines_are_other_lines(village: dict[str, Any], frame: str, key: str, column: str) -> None:
    """An open line has whole metres, no more points than the licensed one, and lies a few metres beside it."""
    licensed = village["streets" if frame == "open_streets" else "street_segments"].set_index(column).geometry
    mine = village[frame].set_index(key).geometry
    theirs = licensed.loc[mine.index]
    away = shapely.hausdorff_distance(mine.to_numpy(), theirs.to_numpy())
    assert 1.0 < np.median(away) < 30 and away.max() < 60
    assert shapely.get_num_coordinates(mine.to_numpy()).sum() < shapely.get_num_coordinates(theirs.to_numpy()).sum()
    xy = shapely.get_coordinates(mine.to_numpy())
    assert (xy == np.round(xy)).mean() > 0.99
    assert shapely.is_valid(mine.to_numpy()).all() and shapely.length(mine.to_numpy()).min() > 0


def test_open_lines_are_there_for_all_that_is_public(village: dict[str, Any]) -> None:
    """Exactly the open streets, the open segments and the public designations of open streets have an open line."""
    streets, segments = village["streets"], village["street_segments"]
    records = village["street_designations"]
    public = records["DESIGNATION"].isin(opened.PUBLIC_CODES) & records["STREET_OPEN"]
    assert set(village["open_streets"]["usrn"]) == set(streets.loc[streets["STATE"] == 2, "USRN"])
    assert set(village["open_segments"]["esu_id"]) == set(segments.loc[segments["operationalstate"] == "Open", "esuid"])
    assert set(village["open_designations"]["designation_id"]) == set(records.loc[public, "DESIGNATION_ID"])


def test_every_special_designation_is_there(village: dict[str, Any]) -> None:
    """Each code of the list stands twice or more, and none of those that must not be used; none on a closed street."""
    codes = village["street_designations"]["DESIGNATION"].value_counts()
    assert set(codes.index) == set(street_data.DESIGNATIONS) and codes.min() >= 2
    streets = village["streets"].set_index("USRN")["STATE"]
    closed = village["street_designations"]["USRN"].map(streets) == 4
    assert closed.sum() <= 2  # the street that `planting` closes afterwards may have a record


def test_bands_add_up(village: dict[str, Any]) -> None:
    """Five-year bands by sex add up to persons in every area and year; areas are parts of larger ones of one kind."""
    forecast = village["population_forecasts"]
    for sex in ("p", "f", "m"):
        bands = [f"{sex}_{band}" for band in ages.BANDS]
        assert (forecast[bands].sum(axis=1) == forecast[f"{sex}_all"]).all()
    assert (forecast["p_all"] == forecast["persons"]).all()
    assert (forecast["f_00_04"] + forecast["m_00_04"] == forecast["p_00_04"]).all()
    kind = village["population_areas"].set_index("AREA_CD")["GEOGRAPHY"]
    above = (
        forecast["parent_gss"].map(kind).groupby(forecast["area_code"].map(kind)).agg(lambda found: set(found.dropna()))
    )
    assert above.to_dict() == {
        "OA": {"LSOA"},
        "LSOA": {"MSOA"},
        "MSOA": set(),
        "ward": {"district"},
        "district": set(),
    }


def test_small_cells_are_on_each_side(village: dict[str, Any]) -> None:
    """Some counts are under ten in output areas, in LSOAs and in wards: whoever asks, something is left out."""
    forecast = village["population_forecasts"]
    kind = forecast["area_code"].map(village["population_areas"].set_index("AREA_CD")["GEOGRAPHY"])
    assert (forecast.loc[kind == "OA", "age_65plus"] < 10).any()
    assert (forecast.loc[kind == "LSOA", "p_90_plus"] < 10).any()
    assert (forecast.loc[kind == "ward", "m_90_plus"] < 10).any()


def test_squares_tell_no_more_than_they_may(village: dict[str, Any]) -> None:
    """Sensitive species have no name and squares of 10 km; squares of 1 km are from suppliers who agreed."""
    squares, records = village["species_squares"], village["species_records"]
    coarse = squares["RESOLUTION_M"] == 10_000
    assert squares.loc[coarse, "TAXON"].isna().all() and set(squares["RESOLUTION_M"]) == {1000, 10_000}
    none = records["sensitivity"] == "none"
    assert squares.loc[~coarse, "RECORDS"].sum() == (none & records["supplierAgrees"]).sum()
    assert squares.loc[coarse, "RECORDS"].sum() == (~none).sum()
    side = np.sqrt(shapely.area(squares.geometry.to_numpy()))
    assert (np.round(side) == squares["RESOLUTION_M"]).all()


def test_drafts_of_orders_are_out_of_the_map(village: dict[str, Any]) -> None:
    """A consultation that has not been announced is an order, and not yet a state of its path."""
    paths, orders = village["rights_of_way"].set_index("ROW_ID"), village["row_orders"]
    draft = orders[~orders["PUBLISHED"]]
    assert len(draft) and set(draft["ORDER_STATE"]) == {"C"} and draft["NOTICE_DATE"].isna().all()
    assert (paths.loc[draft["ROW_ID"], "ORDERSTATE"] == "O").all()
    assert paths.loc[draft["ROW_ID"], "ORDERREF"].isna().all()
    assert not paths.loc[paths["TEXTREVIEW"] == 1, "DETAILTEXT"].str.contains("occupier").any()


def test_indicators_are_published_on_their_day(village: dict[str, Any]) -> None:
    """What is published was published by the day that the county is of, and a draft has no such day."""
    frame = village["policy_indicators"]
    assert (frame["Published"] == frame["Published on"].notna()).all()
    assert pd.to_datetime(frame["Published on"].dropna()).max() < pd.Timestamp("2026-11-22")


def test_parties_own_large_sites_only(village: dict[str, Any]) -> None:
    """Both parties have sites, all of them large; the areas of the registry are just those sites."""
    sites, areas = village["housing_sites"], village["party_sites"]
    mine = sites[sites["Party"].notna()]
    assert set(mine["Party"]) == {"ORCHARD", "MARLPIT"} and set(mine["SizeClass"]) == {"large"}
    assert dict(zip(mine["SiteReference"], mine["Party"], strict=True)) == dict(
        zip(areas["site_ref"], areas["party"], strict=True)
    )
