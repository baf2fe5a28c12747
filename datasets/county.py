"""Makes the synthetic county: `python -m datasets.county --scale village --seed 2026 --out FOLDER`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import (
    contracts,
    cover,
    designations,
    floods,
    opened,
    path_care,
    paths,
    people,
    planning,
    planting,
    registers,
    rivers,
    roads,
    services,
    settlements,
    street_data,
    streets,
    wildlife,
)
from datasets.land import Land, lay_out
from datasets.scales import GENERATOR_VERSION, SCALES, Scale, stream
from datasets.writing import FILES, write

STAMP = "county.json"
"""Written last: a folder without it was left half done and is made again."""


def frames(scale_name: str, seed: int) -> Iterator[tuple[str, Any]]:
    """The layers' raw frames, one after another as (name, frame); faults included, columns as published."""
    scale = SCALES[scale_name]
    land = lay_out(scale, seed)
    network = roads.lay_roads(scale, seed, land)
    yield from _highways(scale, seed, land, network)
    ancient = wildlife.woodland_frame(scale, seed, land)
    yield from _base_map(scale, seed, land, network, ancient)
    sites = designations.designation_frame(scale, seed, land)
    yield "designations", planting.in_designations(sites)
    yield from _wildlife(scale, seed, land, sites, ancient)
    sincs = designations.sinc_frame(scale, seed, land)
    planting.in_sincs(sincs, land, stream(seed, "faults"))
    yield "sinc", sincs
    yield "population_areas", people.area_frame(land)
    forecast = people.forecast_frame(seed, land)
    planting.in_forecast(forecast)
    yield "population_forecasts", forecast
    yield "population_dwellings", people.dwelling_frame(seed, forecast)
    indicators = planning.indicator_frame(scale, seed, land)
    planting.in_indicators(indicators)
    yield "policy_indicators", indicators
    housing = planning.housing_frame(scale, seed, land)
    planting.in_housing(housing)
    yield "housing_sites", housing
    yield "contracts", contracts.contract_frame(scale, land)
    yield "party_sites", contracts.party_site_frame(housing)
    directory = services.service_frame(scale, seed, land)
    planting.in_services(directory)
    yield "services", directory
    schools = services.school_frame(scale, seed, land)
    planting.in_schools(schools)
    yield "schools", schools
    boundaries = people.boundary_frames(land)
    yield from boundaries.items()
    yield "small_sites", registers.small_site_frame(housing, boundaries["wards"])
    yield from _registers(scale, seed, land)


def _registers(scale: Scale, seed: int, land: Land) -> Iterator[tuple[str, Any]]:
    brownfield = registers.brownfield_frame(scale, seed, land)
    planting.in_brownfield(brownfield)
    yield "brownfield_land", brownfield
    yield from registers.plan_frames(seed, land).items()
    yield from registers.tree_frames(scale, seed, land).items()
    yield "people_directory", registers.directory_frame(scale, seed)


def _base_map(
    scale: Scale, seed: int, land: Land, network: roads.Network, ancient: Any
) -> Iterator[tuple[str, Any]]:
    water = rivers.lay_water(scale, seed, land)
    yield "surface_water", rivers.water_frame(water)
    yield "watercourses", rivers.watercourse_frame(water)
    yield "flood_zones", floods.flood_frame(scale, land, water)
    built = cover.built_up_frame(land, network)
    yield "built_up_areas", built
    yield "woodland", cover.woodland_frame(scale, seed, land, water, built, ancient)
    yield "greenspace", cover.greenspace_frame(scale, seed, land, network)
    railway, stations = settlements.railway_frames(scale, seed, land, water)
    yield "railways", railway
    yield "named_places", settlements.place_frame(scale, seed, land, stations)


def _wildlife(scale: Scale, seed: int, land: Land, sites: Any, ancient: Any) -> Iterator[tuple[str, Any]]:
    yield "sssi_units", wildlife.unit_frame(scale, seed, sites)
    yield "ancient_woodland", ancient
    records = wildlife.record_frame(scale, seed, land)
    yield "species_records", records
    yield "species_squares", wildlife.square_frame(records)
    yield "ecology_constraints", wildlife.constraint_frame(seed, records)


def _highways(scale: Scale, seed: int, land: Land, network: roads.Network) -> Iterator[tuple[str, Any]]:
    grouped = streets.group(scale, seed, network)
    street, segment = streets.street_frame(seed, land, network, grouped), streets.segment_frame(seed, network, grouped)
    winter = streets.winter_frame(scale, seed, network, street, grouped)
    planting.in_streets(street, segment)
    yield "streets", street
    yield "street_segments", segment
    winter = planting.in_winter(winter)
    yield "winter_routes", winter
    records = street_data.asd_frames(scale, seed, street, network.line[grouped.lead])
    yield from records.items()
    yield from opened.open_frames(street, segment, winter, records["street_designations"]).items()
    yield "salt_bins", street_data.salt_bin_frame(scale, seed, street)
    yield "works", street_data.works_frame(scale, seed, street)
    yield from _paths(scale, seed, land, network)


def _paths(scale: Scale, seed: int, land: Land, network: roads.Network) -> Iterator[tuple[str, Any]]:
    path = paths.path_frame(scale, seed, land, network)
    planting.in_paths(path)
    orders = path_care.take_out_orders(path)
    yield "rights_of_way", path
    yield "row_orders", orders
    yield "row_structures", path_care.structure_frame(scale, seed, path)
    yield "row_temporary_closures", path_care.closure_frame(scale, seed, path)
    reports = path_care.report_frame(scale, seed, path)
    yield "row_reports", reports
    yield "row_report_counts", path_care.report_count_frame(path, reports)
    yield "row_applications", path_care.application_frame(scale, seed, path)


def make(scale: str, seed: int, folder: Path) -> bool:
    """Write the county's files into the folder; False if they are there already."""
    stamp = {"scale": scale, "seed": seed, "generator": GENERATOR_VERSION}
    if (folder / STAMP).exists() and json.loads((folder / STAMP).read_text()) == stamp:
        print(f"{folder} holds the {scale} county of seed {seed} already: nothing to do", flush=True)
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    for file in set(FILES.values()):
        (folder / file).unlink(missing_ok=True)
    start = time.monotonic()
    for name, frame in frames(scale, seed):
        write(name, frame, folder)
        print(f"{time.monotonic() - start:6.1f} s  {name:<21}{len(frame):>9,} rows  {FILES[name]}", flush=True)
    (folder / STAMP).write_text(json.dumps(stamp))
    return True


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m datasets.county", description="Makes an invented county's maps.")
    parser.add_argument("--scale", choices=sorted(SCALES), default="village", help="how large a county")
    parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same county")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; becomes the data folder")
    chosen = parser.parse_args()
    make(chosen.scale, chosen.seed, chosen.out)


if __name__ == "__main__":
    main()
