"""How big a synthetic county is: one Scale per size, with the volume of every layer."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

GENERATOR_VERSION = "6"
"""Raise this when the generator makes different data from the same seed: folders made before are then made again."""
FIRST_YEAR, YEARS = 2023, 8
"""Population forecasts: the base year and the number of years, each a 1 April."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scale:
    """Volumes of a county. `box` is (xmin, ymin, xmax, ymax) in EPSG:27700 metres; the rest are numbers of rows."""

    name: str
    box: Box
    large_towns: tuple[int, int, int]
    small_towns: tuple[int, int, int]
    villages: tuple[int, int, int]
    wards: int
    msoas: int
    lsoas: int
    oas: int
    segments: int
    streets: int
    path_links: int
    sincs: int
    designations: Mapping[str, int]
    site_radius_m: float
    services: int
    schools: int
    large_sites: int
    small_sites: int
    indicator_years: int
    motorway: bool
    more: Mapping[str, int]
    """Rows of the layers that are drawn after these."""

    @property
    def districts(self) -> int:
        """One district around each large town."""
        return self.large_towns[0]

    @property
    def places(self) -> int:
        """Towns and villages; each gives its name to a parish."""
        return self.large_towns[0] + self.small_towns[0] + self.villages[0]


SCALES: dict[str, Scale] = {
    "village": Scale(
        name="village",
        box=(456000.0, 98000.0, 468000.0, 108000.0),
        large_towns=(3, 4500, 6500), small_towns=(1, 2200, 2600), villages=(8, 200, 900),
        wards=9, msoas=4, lsoas=12, oas=60,
        segments=2_000, streets=600, path_links=300, sincs=60,
        designations={"SSSI": 6, "SAC": 1, "SPA": 1, "RAMSAR": 1, "NNR": 1, "LNR": 3, "NP": 1, "NL": 1, "CA": 8},
        site_radius_m=330.0,
        services=120, schools=30, large_sites=40, small_sites=60, indicator_years=5, motorway=False,
        more={
            "street_interests": 680, "street_construction": 760, "street_designations": 500, "salt_bins": 40,
            "works": 30, "row_structures": 160, "row_temporary_closures": 8, "row_reports": 150, "row_applications": 9,
            "sssi_units": 15, "species_records": 400, "ancient_woodland": 25, "brownfield_land": 12,
            "tree_preservation_orders": 40, "tree_preservation_zones": 24, "protected_trees": 90,
            "people_directory": 40,
        },
    ),
    "county": Scale(
        name="county",
        box=(403000.0, 89500.0, 490000.0, 166000.0),
        large_towns=(11, 40_000, 105_000), small_towns=(34, 6_000, 22_000), villages=(220, 250, 2_400),
        wards=180, msoas=182, lsoas=880, oas=4_500,
        segments=120_000, streets=35_000, path_links=14_000, sincs=4_140,
        designations={
            "SSSI": 118, "SAC": 15, "SPA": 10, "RAMSAR": 7, "NNR": 10, "LNR": 70, "NP": 2, "NL": 2, "CA": 350,
        },
        site_radius_m=650.0,
        services=5_000, schools=650, large_sites=900, small_sites=5_000, indicator_years=25, motorway=True,
        more={
            "street_interests": 40_000, "street_construction": 50_000, "street_designations": 30_000,
            "salt_bins": 3_700, "works": 2_200, "row_structures": 20_000, "row_temporary_closures": 250,
            "row_reports": 12_000, "row_applications": 320, "sssi_units": 1_200, "species_records": 60_000,
            "ancient_woodland": 2_600, "brownfield_land": 600, "tree_preservation_orders": 8_000,
            "tree_preservation_zones": 6_000, "protected_trees": 15_000, "people_directory": 600,
        },
    ),
}  # fmt: skip


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers for one theme, so that a change to one layer leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
