"""Wildlife: units of SSSIs, records of species, what of them may be told, and ancient woodland."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.draws import Column, choices, dates, numbered, scattered, where
from datasets.land import Land
from datasets.names import site_names, words
from datasets.scales import Scale, stream
from datasets.shapes import Floats, Shapes, blobs, inside, multi, rounded

CONDITIONS = {"FAVOURABLE": 0.42, "UNFAVOURABLE RECOVERING": 0.4, "UNFAVOURABLE NO CHANGE": 0.09,
              "UNFAVOURABLE DECLINING": 0.05, "PART DESTROYED": 0.01, "NOT ASSESSED": 0.03}  # fmt: skip
HABITATS = {"Lowland heathland": 0.3, "Broadleaved woodland": 0.3, "Calcareous grassland": 0.2, "Fen and marsh": 0.2}
TAXA = [("Falco syntheticus", "Invented falcon", "Birds of prey", "high"),
        ("Buteo fabricatus", "Invented buzzard", "Birds of prey", "high"),
        ("Meles imaginata", "Invented badger", "Badgers", "high"),
        ("Orchis fictiva", "Invented orchid", "Orchids", "high"),
        ("Myotis commenticius", "Invented bat", "Bats", "standard"),
        ("Vipera simulata", "Invented adder", "Reptiles", "standard"),
        ("Triturus imitatus", "Invented newt", "Amphibians", "none"),
        ("Polyommatus falsus", "Invented blue", "Butterflies", "none"),
        ("Primula conficta", "Invented cowslip", "Flowering plants", "none"),
        ("Erinaceus subditus", "Invented hedgehog", "Mammals", "none")]  # fmt: skip
"""(taxon, vernacular name, group, sensitivity): no such species lives anywhere."""
SUPPLIERS = {"Invented Moth and Plant Circle": True, "Invented Mammal Group": True, "Invented Raptor Watch": False}
"""Who sends records -> whether they agreed that squares of 1 km may be shown."""
HEX_M = 100.0


def unit_frame(scale: Scale, seed: int, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Units of the SSSIs (MultiPolygon, EPSG:27700), each with its condition, a comment and an officer's name."""
    rng, count = stream(seed, "sssi_units"), scale.more["sssi_units"]
    whole = sites[sites["DESIG_TYPE"] == "SSSI"]
    each = np.full(len(whole), count // len(whole)) + (np.arange(len(whole)) < count % len(whole))
    parts = [_cut(rng, shape, int(n)) for shape, n in zip(whole.geometry, each, strict=True)]
    owner, area = np.repeat(np.arange(len(whole)), each), multi(np.concatenate(parts))
    name, word = whole["NAME"].to_numpy()[owner], words(rng, 40)
    number = np.concatenate([np.arange(1, n + 1) for n in each])
    return gpd.GeoDataFrame(
        {
            "UNIT_ID": numbered("99{:06d}", count),
            "REF_CODE": whole["REF_CODE"].to_numpy()[owner],
            "SSSI_NAME": [f"{one} SSSI" for one in name],
            "UNIT_NO": number,
            "HABITAT": choices(rng, count, HABITATS),
            "CONDITION": choices(rng, count, CONDITIONS),
            "COND_DATE": dates(rng, count, "2009-01-01", "2026-06-30"),
            "UNIT_AREA": np.round(shapely.area(area) / 1e4, 2),
            "COMMENT": choices(rng, count, {"Grazing agreed with the occupier (invented).": 0.5,
                                            "Nest beside the east ride (invented).": 0.5}),
            "OFFICER": [f"Officer {word[w]}" for w in rng.integers(0, 40, count)],
            "SYNTHETIC": True,
        },
        geometry=area,
        crs=27700,
    )  # fmt: skip


def _cut(rng: np.random.Generator, shape: Any, parts: int) -> Shapes:
    """A shape in `parts` pieces, one around each of so many points in it."""
    if parts == 1:
        return np.array([shape], dtype=object)
    xmin, ymin, xmax, ymax = shapely.bounds(shape)
    point: Floats = np.empty((0, 2))
    while len(point) < parts:
        tried = np.round(rng.uniform((xmin, ymin), (xmax, ymax), (8 * parts, 2)), 1)
        point = np.vstack([point, tried[inside(shape, tried)]])[:parts]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(point), extend_to=shape, ordered=True))
    return np.asarray(rounded(shapely.intersection(cells, shape)))


def record_frame(scale: Scale, seed: int, land: Land) -> pd.DataFrame:
    """Records of species, one row each, Darwin Core's kind of names; Easting and Northing are EPSG:27700 metres."""
    rng, count = stream(seed, "species"), scale.more["species_records"]
    share = shapely.area(land.cells) * (land.settled < 0)
    cell = rng.choice(len(land.cells), count, p=share / share.sum())
    point = np.round(land.point[cell] + rng.uniform(-90, 90, (count, 2)))
    taxon, word = np.array(TAXA, dtype=object)[rng.integers(0, len(TAXA), count)], words(rng, 60)
    supplier = choices(rng, count, dict(zip(SUPPLIERS, (0.45, 0.3, 0.25), strict=True)))
    return pd.DataFrame({
        "occurrenceID": [f"REC-{number}" for number in scattered(stream(seed, "record_numbers"), count, 8)],
        "scientificName": taxon[:, 0],
        "vernacularName": taxon[:, 1],
        "taxonGroup": taxon[:, 2],
        "sensitivity": taxon[:, 3],
        "eventDate": dates(rng, count, "1995-01-01", "2026-09-30"),
        "gridReference": references(point, 5),
        "coordinateUncertaintyInMetres": 10,
        "recordedBy": [f"Recorder {word[w]}" for w in rng.integers(0, 60, count)],
        "supplier": supplier,
        "supplierAgrees": [SUPPLIERS[one] for one in supplier],
        "licence": "By agreement with the supplier",
        "synthetic": True,
        "Easting": point[:, 0].astype(int),
        "Northing": point[:, 1].astype(int),
    })  # fmt: skip


def references(point: Floats, digits: int) -> list[str]:
    """Grid references of so many digits each way, truncated; the county is in SU, and in SZ south of 100000 m."""
    whole = (point % 100_000).astype(np.int64) // 10 ** (5 - digits)
    letters = np.where(point[:, 1] >= 100_000, "SU", "SZ")
    return [f"{two}{e:0{digits}d}{n:0{digits}d}" for two, (e, n) in zip(letters, whole.tolist(), strict=True)]


def square_frame(records: pd.DataFrame) -> gpd.GeoDataFrame:
    """How many records there are in squares of the National Grid, as far as the public may know.

    Sensitive species: by group, in squares of 10 km. Others, where the supplier agreed: by species, in squares of 1 km.
    """
    fine = (records["sensitivity"] == "none").to_numpy()
    told = records[~fine | records["supplierAgrees"].to_numpy()].reset_index(drop=True)
    fine = (told["sensitivity"] == "none").to_numpy()
    point = told[["Easting", "Northing"]].to_numpy(dtype=float)
    square = where(fine, references(point, 2), np.array(references(point, 1), dtype=object))
    side = np.where(fine, 1000, 10_000)
    corner = point // side[:, None] * side[:, None]
    table = pd.DataFrame({
        "SQUARE": square, "RESOLUTION_M": side, "GROUP": told["taxonGroup"],
        "TAXON": where(fine, told["scientificName"].to_numpy(), ""),
        "YEAR": told["eventDate"].str[:4].astype(int), "x": corner[:, 0], "y": corner[:, 1],
    })  # fmt: skip
    found = table.groupby(["SQUARE", "RESOLUTION_M", "GROUP", "TAXON", "x", "y"], as_index=False).agg(
        RECORDS=("YEAR", "size"), LAST_YEAR=("YEAR", "max")
    )
    shape = shapely.box(found["x"], found["y"], found["x"] + found["RESOLUTION_M"], found["y"] + found["RESOLUTION_M"])
    found["TAXON"] = found["TAXON"].replace("", None)
    found.insert(0, "SQUARE_ID", numbered("SQ-{:06d}", len(found)))
    return gpd.GeoDataFrame(found.drop(columns=["x", "y"]).assign(SYNTHETIC=True), geometry=multi(shape), crs=27700)


def constraint_frame(seed: int, records: pd.DataFrame) -> gpd.GeoDataFrame:
    """Hexagons of 100 m around places of sensitive species: that something is there, and never what (EPSG:27700)."""
    told = records[records["sensitivity"] != "none"]
    centre = np.unique(_hex_centres(told[["Easting", "Northing"]].to_numpy(dtype=float)), axis=0)
    turn = np.arange(6) * np.pi / 3 + np.pi / 6
    ring = centre[:, None] + HEX_M * np.column_stack([np.cos(turn), np.sin(turn)])
    count = len(centre)
    early = np.arange(count) % 2 == 0
    return gpd.GeoDataFrame(
        {
            "CONSTRAINT_ID": [f"EC-{number}" for number in scattered(stream(seed, "constraint_numbers"), count, 8)],
            "CONSTRAINT": "Contact the Ecology Team before works",
            "SEASON_FROM": np.where(early, "02-01", "05-01"),
            "SEASON_TO": np.where(early, "08-31", "10-31"),
            "CONTACT": "ecology@example.org",
            "SYNTHETIC": True,
        },
        geometry=rounded(shapely.polygons(ring)),
        crs=27700,
    )


def _hex_centres(point: Floats) -> Column:
    """The centre of the hexagon (of a fixed tiling) that each point is in, or of one beside it."""
    wide, high = HEX_M * np.sqrt(3), HEX_M * 1.5
    row = np.round(point[:, 1] / high)
    shift = (row % 2) * wide / 2
    return np.column_stack([np.round((point[:, 0] - shift) / wide) * wide + shift, row * high])


def woodland_frame(scale: Scale, seed: int, land: Land) -> gpd.GeoDataFrame:
    """Ancient woodland (MultiPolygon, EPSG:27700), with Natural England's column names."""
    rng, count = stream(seed, "woodland"), scale.more["ancient_woodland"]
    share = shapely.area(land.cells) * (land.settled < 0)
    cell = rng.choice(len(land.cells), count, p=share / share.sum())
    shape = blobs(rng, land.point[cell], 110 * np.exp(rng.normal(0, 0.5, count)), 26, 0.3)
    area = multi(rounded(shapely.intersection(shapely.make_valid(shape), land.county)))
    return gpd.GeoDataFrame(
        {
            "THEMID": np.arange(990_001, 990_001 + count),
            "NAME": site_names(rng, count),
            "STATUS": choices(rng, count, {"ASNW": 0.7, "PAWS": 0.25, "AWP": 0.05}),
            "AREA_HA": np.round(shapely.area(area) / 1e4, 2),
            "SYNTHETIC": True,
        },
        geometry=area,
        crs=27700,
    )
