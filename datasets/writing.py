"""Writes each frame in the kind of file that its publisher would send."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from convertbng import cutil

FILES = {
    "streets": "highways.gpkg",
    "street_segments": "highways.gpkg",
    "winter_routes": "winter_routes.csv",
    "rights_of_way": "rights_of_way.zip",
    "designations": "designations.geojson",
    "sinc": "sinc.fgb",
    "population_areas": "population_areas.parquet",
    "population_forecasts": "population_forecasts.csv",
    "policy_indicators": "policy_indicators.xlsx",
    "housing_sites": "housing_sites.csv",
    "services": "services.csv",
    "schools": "schools.csv",
    "wards": "boundaries.gpkg",
    "districts": "boundaries.gpkg",
    "parishes": "boundaries.gpkg",
    "street_interests": "street_data.gpkg",
    "street_construction": "street_data.gpkg",
    "street_designations": "street_data.gpkg",
    "open_streets": "highways_open.gpkg",
    "open_segments": "highways_open.gpkg",
    "open_winter_routes": "highways_open.gpkg",
    "open_designations": "highways_open.gpkg",
    "salt_bins": "salt_bins.csv",
    "works": "works.geojson",
    "row_structures": "path_care.gpkg",
    "row_temporary_closures": "path_care.gpkg",
    "row_reports": "path_care.gpkg",
    "row_report_counts": "path_care.gpkg",
    "row_applications": "path_care.gpkg",
    "row_orders": "path_care.gpkg",
    "sssi_units": "wildlife.gpkg",
    "ancient_woodland": "wildlife.gpkg",
    "species_records": "species_records.csv",
    "species_squares": "wildlife.gpkg",
    "ecology_constraints": "wildlife.gpkg",
    "population_dwellings": "population_dwellings.csv",
    "brownfield_land": "brownfield_land.csv",
    "plans": "plans.csv",
    "plan_timetables": "plan_timetables.csv",
    "tree_preservation_orders": "tree_preservation_orders.csv",
    "tree_preservation_zones": "trees.gpkg",
    "protected_trees": "trees.gpkg",
    "small_sites": "small_sites.gpkg",
    "people_directory": "people_directory.csv",
    "surface_water": "base_map.gpkg",
    "watercourses": "base_map.gpkg",
    "flood_zones": "flood_zones.gpkg",
    "built_up_areas": "base_map.gpkg",
    "woodland": "base_map.gpkg",
    "greenspace": "base_map.gpkg",
    "railways": "base_map.gpkg",
    "named_places": "base_map.gpkg",
    "contracts": "contracts.geojson",
    "party_sites": "party_sites.geojson",
}
"""Frame -> file in the data folder."""


def write(name: str, frame: Any, folder: Path) -> None:
    """Write one frame to its file; GeoPackages get a layer for each frame."""
    path = folder / FILES[name]
    _WRITERS[path.suffix](name, frame, path)


def _geopackage(name: str, frame: gpd.GeoDataFrame, path: Path) -> None:
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())


def _flatgeobuf(name: str, frame: gpd.GeoDataFrame, path: Path) -> None:
    pyogrio.write_dataframe(frame, path, layer=name, driver="FlatGeobuf")


def _zipped_shapefile(name: str, frame: gpd.GeoDataFrame, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(frame, Path(folder) / f"{name}.shp", driver="ESRI Shapefile", encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _geojson(name: str, frame: gpd.GeoDataFrame, path: Path) -> None:
    # Not by pyproj: without the OSTN15 grid it would move everything by more than a metre.
    geometry = shapely.transform(frame.geometry.to_numpy(), lonlat)
    degrees = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=geometry, crs=4326)
    pyogrio.write_dataframe(degrees, path, layer=name, driver="GeoJSON", COORDINATE_PRECISION="8")


def lonlat(grid: np.ndarray) -> np.ndarray:
    """Longitude and latitude (n, 2), EPSG:4326, of EPSG:27700 metres (n, 2), by OSTN15."""
    if not len(grid):
        return grid
    longitude, latitude = cutil.convert_lonlat(grid[:, 0].copy(), grid[:, 1].copy())
    return np.column_stack([longitude, latitude])


def _parquet(name: str, frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


def _csv(name: str, frame: pd.DataFrame, path: Path) -> None:
    # GIAS is published in the encoding of Windows.
    frame.to_csv(path, index=False, encoding="cp1252" if name == "schools" else "utf-8")


def _excel(name: str, frame: pd.DataFrame, path: Path) -> None:
    frame.to_excel(path, sheet_name="Indicators", index=False)


_WRITERS: dict[str, Callable[[str, Any, Path], None]] = {
    ".gpkg": _geopackage,
    ".fgb": _flatgeobuf,
    ".zip": _zipped_shapefile,
    ".geojson": _geojson,
    ".parquet": _parquet,
    ".csv": _csv,
    ".xlsx": _excel,
}
