"""What the public receives of the county does not let a withheld value be worked out.

pandas and numpy work it out from the features as they are served, and hold the result against the edition, which nobody
is served. Each attack is first tried on data that it succeeds on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from flask.testing import FlaskClient

from hantsmap.store import Store

# Metres. The open line is about two metres beside the licensed one; its middle is no secret, the licensed one is.
NEAR_M = 10


@pytest.fixture(scope="module")
def truth(county_store: Path) -> Any:
    """`truth(layer)`: all rows and fields of the current edition, by pandas."""
    store = Store(county_store)

    def read(layer: str) -> pd.DataFrame:
        promotion = store.current(layer)
        assert promotion is not None and promotion.edition is not None
        return pd.read_parquet(store.edition(layer, promotion.edition) / "curated.parquet")

    return read


def received(client: FlaskClient, layer: str) -> pd.DataFrame:
    """The properties of all features of a layer, as they are served."""
    page = client.get(f"/collections/{layer}/items?limit=10000&f=json").get_json()
    assert page["numberReturned"] == page["numberMatched"]
    return pd.DataFrame([feature["properties"] for feature in page["features"]])


def dwellings_worked_out(table: pd.DataFrame) -> pd.DataFrame:
    """Net completions and vacancy from dwellings and households, by area and year, as far as a table has these."""
    table = table.sort_values(["area_gss", "year"])
    found = table[["area_gss", "year"]].copy()
    if "dwellings" in table:
        found["net_completions"] = table.groupby("area_gss")["dwellings"].diff()
    if {"dwellings", "households"} <= set(table):
        found["vacancy_pct"] = 100 * (1 - table["households"] / table["dwellings"])
    return found


@pytest.mark.parametrize("audience", ["public", "partners"])
def test_net_completions_and_vacancy_are_public_or_cannot_be_worked_out(
        audience: str, county_store: Path, truth: Any) -> None:
    """Whoever receives dwellings and households can work both out, so both are shown; a field that is not shown must
    not follow from those that are."""
    import shops

    table = received(shops.application(county_store, audience=audience).test_client(), "population_dwellings")
    known = truth("population_dwellings").set_index(["area_gss", "year"])
    for name, tolerance in (("net_completions", 0.5), ("vacancy_pct", 0.06)):
        wards = known[known["geography"].isin(["ward", "district"])]
        assert right(dwellings_worked_out(wards.reset_index()), known, name, tolerance) > 0.95, "the attack works"
        worked_out = right(dwellings_worked_out(table), known, name, tolerance)
        assert name in table or worked_out == 0, f"{name} is withheld, and {worked_out:.0%} of it follow"


def right(guessed: pd.DataFrame, known: pd.DataFrame, name: str, tolerance: float) -> float:
    """The share of a column's guesses that are as the edition has them; 0 where nothing can be guessed."""
    if name not in guessed:
        return 0.0
    joined = guessed.set_index(["area_gss", "year"])[[name]].join(known[[name]].add_suffix("_known")).dropna()
    return float((joined[name] - joined[f"{name}_known"]).abs().le(tolerance).mean()) if len(joined) else 0.0


def points_in(identifiers: pd.Series) -> Iterator[np.ndarray]:
    """Points (n, 2), EPSG:27700 in easting and northing, that the digits of identifiers may stand for: both orders, any
    cut in two, metres to centimetres."""
    texts = identifiers.astype(str)
    for cut, scale, turned in product(range(5, 10), (1, 10, 100), (False, True)):
        first = pd.to_numeric(texts.str[:cut], errors="coerce").to_numpy(float) / scale
        second = pd.to_numeric(texts.str[cut:], errors="coerce").to_numpy(float) / scale
        yield np.column_stack((second, first) if turned else (first, second))


def closest(identifiers: pd.Series, middles: np.ndarray) -> np.ndarray:
    """Metres from the nearest point that each identifier may stand for to its licensed mid-point."""
    return np.nanmin([np.hypot(*(points - middles).T) for points in points_in(identifiers)], axis=0)


def test_segment_numbers_do_not_tell_the_middle_of_the_licensed_line(client: FlaskClient, truth: Any) -> None:
    """No public `esu_id`, read as coordinates, is within 10 m of the middle of the licensed line; its halves$
    do not rise with easting or northing; the surveyed length is not shown beside it."""
    table = received(client, "street_segments")
    known = truth("street_segments").set_index("esu_id")
    lines = shapely.from_wkb(known.loc[table["esu_id"], "geometry"].to_numpy())
    middles = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    assert len(middles) > 1_900

    before = pd.Series([f"{round(x * 10):07d}{round(y * 10):07d}" for x, y in middles])
    assert closest(before, middles).max() < 0.1, "the attack succeeds on identifiers made of the mid-point"
    assert closest(table["esu_id"], middles).min() > NEAR_M
    halves = np.column_stack([table["esu_id"].str[:7].astype(float), table["esu_id"].str[7:].astype(float)])
    related = np.corrcoef(np.column_stack((halves, middles)), rowvar=False)[:2, 2:]
    assert np.abs(related).max() < 0.1
    assert not {"length_m", "osid", "toid"} & set(table)


def test_no_count_of_reports_from_one_to_four_is_public(client: FlaskClient, truth: Any) -> None:
    """Counts are left out or rounded to fives, and the reports, by which they could be counted, are not public."""
    table = received(client, "row_report_counts").set_index("path_id")
    known = truth("row_report_counts").set_index("path_id").loc[table.index]
    for name in ("open_reports", "closed_reports"):
        small = known[name].between(1, 4)
        assert small.sum() >= 40, "the county has small counts"
        assert table.loc[small, name].isna().all()
        assert (pd.to_numeric(table[name]).dropna() % 5 == 0).all()
    assert client.get("/collections/row_reports/items").status_code == 404


def share_shown(identifiers: pd.Series) -> float:
    """The largest share of the numbers of a run that is shown, over runs of five or more: numbers with the same text
    before and after them. 1 is a run without gaps; 0 where nothing runs."""
    parts = identifiers.astype(str).str.extract(r"^(?P<before>.*?)(?P<number>\d+)(?P<after>\D*)$").dropna()
    numbers = parts.assign(number=parts["number"].astype(float)).groupby(["before", "after"])["number"]
    runs = numbers.agg(["min", "max", "nunique"])
    shares = (runs["nunique"] / (runs["max"] - runs["min"] + 1))[runs["nunique"] >= 5]
    return float(shares.max()) if len(shares) else 0.0


def test_gaps_in_numbers_do_not_count_hidden_rows(client: FlaskClient, truth: Any) -> None:
    """Of every layer with hidden rows, no field that identifies rows has numbers that run: their gaps would tell how
    many candidate sites, or refuges, there are. Less than a tenth of the numbers of a run is shown."""
    assert share_shown(pd.Series([f"D01-{number:04d}" for number in range(60) if number % 4])) > 0.7, "the attack works"
    examined, countable = set(), []
    for layer in (each["id"] for each in client.get("/collections?f=json").get_json()["collections"]):
        if client.get(f"/collections/{layer}/items?limit=1&f=json").get_json()["numberMatched"] >= len(truth(layer)):
            continue
        table = received(client, layer)
        names = [name for name in table if table[name].map(type).isin((str, int)).all() and table[name].is_unique]
        examined |= {(layer, name) for name in names}
        countable += [(layer, name) for name in names if share_shown(table[name]) >= 0.1]
    assert {("sinc", "sinc_ref"), ("services", "uprn"), ("street_segments", "esu_id")} <= examined
    assert countable == []
