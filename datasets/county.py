"""Makes the synthetic county: `python -m datasets.county --scale village --seed 2026 --out FOLDER`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import designations, paths, people, planning, planting, roads, services, streets
from datasets.land import Land, lay_out
from datasets.scales import GENERATOR_VERSION, SCALES, Scale, stream
from datasets.writing import FILES, write

STAMP = "county.json"
"""Written last: a folder without it was left half done and is made again."""


def frames(scale_name: str, seed: int) -> Iterator[tuple[str, Any]]:
    """The layers' raw frames, one after another as (name, frame); faults included, columns as published."""
    scale = SCALES[scale_name]
    land = lay_out(scale, seed)
    yield from _highways(scale, seed, land)
    sites = designations.designation_frame(scale, seed, land)
    yield "designations", planting.in_designations(sites)
    sincs = designations.sinc_frame(scale, seed, land)
    planting.in_sincs(sincs, land, stream(seed, "faults"))
    yield "sinc", sincs
    yield "population_areas", people.area_frame(land)
    forecast = people.forecast_frame(seed, land)
    planting.in_forecast(forecast)
    yield "population_forecasts", forecast
    indicators = planning.indicator_frame(scale, seed, land)
    planting.in_indicators(indicators)
    yield "policy_indicators", indicators
    housing = planning.housing_frame(scale, seed, land)
    planting.in_housing(housing)
    yield "housing_sites", housing
    directory = services.service_frame(scale, seed, land)
    planting.in_services(directory)
    yield "services", directory
    schools = services.school_frame(scale, seed, land)
    planting.in_schools(schools)
    yield "schools", schools
    yield from people.boundary_frames(land).items()


def _highways(scale: Scale, seed: int, land: Land) -> Iterator[tuple[str, Any]]:
    network = roads.lay_roads(scale, seed, land)
    grouped = streets.group(scale, seed, network)
    street, segment = streets.street_frame(seed, land, network, grouped), streets.segment_frame(seed, network, grouped)
    winter = streets.winter_frame(scale, seed, network, street, grouped)
    planting.in_streets(street, segment)
    yield "streets", street
    yield "street_segments", segment
    yield "winter_routes", planting.in_winter(winter)
    path = paths.path_frame(scale, seed, land, network)
    planting.in_paths(path)
    yield "rights_of_way", path


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
