"""Registers of planning and of people: brownfield land, plans, trees, small sites by ward, and who to call."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets.draws import chance, choices, dates, numbered, where
from datasets.land import Land
from datasets.names import words
from datasets.people import area_names
from datasets.scales import Scale, stream
from datasets.shapes import Floats, Ints, blobs, multi, nearest

OWNED = {"owned by a public authority": 0.2, "not owned by a public authority": 0.6, "mixed ownership": 0.1,
         "unknown ownership": 0.1}  # fmt: skip
PERMITTED = {"full planning permission": 0.5, "outline planning permission": 0.25, "permission in principle": 0.1,
             "reserved matters approval": 0.1, "other": 0.05}  # fmt: skip
EVENTS = ["notice-of-plan-making", "gateway-1", "regulation-18", "regulation-19", "submission", "adoption"]
DUTIES = {"Duty manager": 0.4, "Loggist": 0.2, "Highways duty officer": 0.2, "Rest centre manager": 0.2}
BODIES = ["Synthetic County Council", "Invented Fire Service", "Invented Health Trust", "Invented Rivers Agency"]


def _towns(rng: np.random.Generator, land: Land, count: int) -> Floats:
    """Points (count, 2) at whole metres where people live."""
    cell = rng.choice(len(land.people), count, p=land.people / land.people.sum())
    return np.round(land.point[cell] + rng.uniform(-70, 70, (count, 2)))


def _lpas(land: Land, point: Floats) -> tuple[list[str], Ints]:
    district = land.member["DISTRICT"][nearest(point, land.point)]
    return [land.codes("DISTRICT")[number] for number in district], district


def brownfield_frame(scale: Scale, seed: int, land: Land) -> pd.DataFrame:
    """The statutory register, with the columns of the national standard; GeoX, GeoY are EPSG:27700 metres."""
    rng, count = stream(seed, "brownfield"), scale.more["brownfield_land"]
    point, word = _towns(rng, land, count), words(rng, 500)
    lpa, _ = _lpas(land, point)
    homes = rng.integers(5, 120, count)
    permitted = chance(rng, count, 0.5)
    return pd.DataFrame({
        "OrganisationURI": [f"https://example.org/local-authority/{code}" for code in lpa],
        "SiteReference": numbered("SYN-BL-{:04d}", count),
        "SiteNameAddress": [f"Former works at {word[w]}" for w in rng.integers(0, 500, count)],
        "GeoX": [f"{x:.0f}" for x in point[:, 0]],
        "GeoY": [f"{y:.0f}" for y in point[:, 1]],
        "Hectares": np.round(homes / 40, 2),
        "OwnershipStatus": choices(rng, count, OWNED),
        "PlanningStatus": np.where(permitted, "permissioned", "not permissioned"),
        "PermissionType": where(permitted, choices(rng, count, PERMITTED)),
        "PermissionDate": where(permitted, dates(rng, count, "2018-01-01", "2026-09-30")),
        "Deliverable": where(chance(rng, count, 0.6), "yes"),
        "NetDwellingsRangeFrom": homes,
        "NetDwellingsRangeTo": homes + rng.integers(0, 20, count),
        "FirstAddedDate": dates(rng, count, "2017-12-01", "2024-12-31"),
        "LastUpdatedDate": dates(rng, count, "2025-01-01", "2026-10-31"),
        "Synthetic": True,
    })  # fmt: skip


def plan_frames(seed: int, land: Land) -> dict[str, pd.DataFrame]:
    """Plans of each district and of the county, and their timetables, with the national column names; no geometry."""
    rng = stream(seed, "plans")
    authority = [*zip(land.codes("DISTRICT"), area_names(land, "DISTRICT"), strict=True),
                 ("E10999001", "Synthetic County")]  # fmt: skip
    kinds = [("local-plan", "supplementary-plan")] * (len(authority) - 1) + [("minerals-plan", "waste-plan")]
    rows = [(code, name, kind) for (code, name), two in zip(authority, kinds, strict=True) for kind in two]
    count = len(rows)
    plan = pd.DataFrame({
        "reference": numbered("SYN-PLAN-{:03d}", count),
        "name": [f"{name} {kind.replace('-', ' ')}" for _, name, kind in rows],
        "datasets": [kind for _, _, kind in rows],
        "local-planning-authorities": [code for code, _, _ in rows],
        "period-start-date": "2024-04-01",
        "period-end-date": "2041-03-31",
        "documentation-url": [f"https://plans.example.org/{number}" for number in range(1, count + 1)],
        "required-housing": where(np.array([kind == "local-plan" for _, _, kind in rows]),
                                  rng.integers(20, 90, count) * 100),
        "entry-date": dates(rng, count, "2026-03-25", "2026-10-31"),
        "synthetic": True,
    })  # fmt: skip
    steps = len(EVENTS)
    timetable = pd.DataFrame({
        "reference": numbered("SYN-EVENT-{:04d}", count * steps),
        "plan": np.repeat(plan["reference"].to_numpy(), steps),
        "plan-event": EVENTS * count,
        "event-date": [f"{2025 + step // 2}-{3 + 6 * (step % 2):02d}-01" for step in range(steps)] * count,
        "actual-date": where(np.tile(np.arange(steps) < 2, count), "2025-10-15"),
        "entry-date": np.repeat(plan["entry-date"].to_numpy(), steps),
        "synthetic": True,
    })  # fmt: skip
    return {"plans": plan, "plan_timetables": timetable}


def tree_frames(scale: Scale, seed: int, land: Land) -> dict[str, pd.DataFrame]:
    """Tree preservation: orders (no geometry), zones (MultiPolygon) and trees (Point), EPSG:27700."""
    rng, count = stream(seed, "tpo"), scale.more["tree_preservation_orders"]
    centre, word = _towns(rng, land, count), words(rng, 700)
    lpa, _ = _lpas(land, centre)
    made = rng.integers(1950, 2026, count)
    reference = numbered("SYN-TPO-{:05d}", count)
    orders = pd.DataFrame({
        "reference": reference,
        "name": [f"Order {n} of {year}" for n, year in enumerate(made, 1)],
        "organisation": [f"local-authority:{code}" for code in lpa],
        "made-date": [f"{year}-05-01" for year in made],
        "confirmed-date": where(chance(rng, count, 0.95), np.array([f"{year}-10-01" for year in made], dtype=object)),
        "documentation-url": [f"https://trees.example.org/{n}" for n in range(1, count + 1)],
        "synthetic": True,
    })  # fmt: skip
    zones, trees = scale.more["tree_preservation_zones"], scale.more["protected_trees"]
    of_zone, of_tree = np.sort(rng.integers(0, count, zones)), np.sort(rng.integers(0, count, trees))
    zone = gpd.GeoDataFrame(
        {"reference": numbered("SYN-TPZ-{:05d}", zones), "tree-preservation-order": np.array(reference)[of_zone],
         "tree-preservation-zone-type": choices(rng, zones, {"group": 0.5, "area": 0.3, "woodland": 0.2}),
         "address-text": [f"Grounds of {n} {word[n]} Lane" for n in rng.integers(1, 200, zones)], "synthetic": True},
        geometry=multi(blobs(rng, centre[of_zone], rng.uniform(10, 45, zones), 12, 0.25)), crs=27700,
    )  # fmt: skip
    tree = gpd.GeoDataFrame(
        {"reference": numbered("SYN-TREE-{:06d}", trees), "tree-preservation-order": np.array(reference)[of_tree],
         "name": [f"T{n}" for n in range(1, trees + 1)],
         "species": choices(rng, trees, {"Oak": 0.4, "Beech": 0.3, "Yew": 0.2, "Lime": 0.1}),
         "uprn": 999_700_000_000 + rng.integers(1, 10**6, trees),
         "address-text": [f"Garden of {n} {word[n]} Close" for n in rng.integers(1, 200, trees)], "synthetic": True},
        geometry=shapely.points(np.round(centre[of_tree] + rng.uniform(-60, 60, (trees, 2)), 2)), crs=27700,
    )  # fmt: skip
    return {"tree_preservation_orders": orders, "tree_preservation_zones": zone, "protected_trees": tree}


def small_site_frame(housing: pd.DataFrame, wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """How many small housing sites each ward has (MultiPolygon, EPSG:27700): all that is told of them."""
    small = housing[housing["SizeClass"] == "small"].groupby("WardCode").size()
    return gpd.GeoDataFrame(
        {"WD26CD": wards["WD26CD"], "WD26NM": wards["WD26NM"], "LAD26CD": wards["LAD26CD"],
         "SMALL_SITES": small.reindex(wards["WD26CD"]).fillna(0).astype(int).to_numpy(), "SURVEY_DATE": "2026-04-01",
         "SYNTHETIC": True},
        geometry=wards.geometry.to_numpy(), crs=27700,
    )  # fmt: skip


def directory_frame(scale: Scale, seed: int) -> pd.DataFrame:
    """People to call in an emergency, of the county and its partners; invented, and without a place."""
    rng, count = stream(seed, "directory"), scale.more["people_directory"]
    word = words(rng, 900)
    return pd.DataFrame({
        "PersonId": numbered("P-{:05d}", count),
        "Organisation": np.array(BODIES, dtype=object)[rng.integers(0, len(BODIES), count)],
        "Team": [f"{word[w]} team (invented)" for w in rng.integers(0, 60, count)],
        "Duty": choices(rng, count, DUTIES),
        "TeamMailbox": [f"team{n}@partner.example" for n in rng.integers(1, 60, count)],
        "Name": [f"Person {word[w]}" for w in rng.permutation(900)[:count]],
        "WorkPhone": [f"01632 96{n:04d}" for n in rng.integers(0, 1000, count)],
        "WorkEmail": [f"person{n}@partner.example" for n in range(1, count + 1)],
        "OutOfHoursPhone": [f"07700 900{n:03d}" for n in rng.integers(0, 1000, count)],
        "CriticalFunction": where(chance(rng, count, 0.2), "Keeps a critical service going (invented)"),
        "ReviewedOn": dates(rng, count, "2025-10-01", "2026-10-31"),
        "Synthetic": True,
    })  # fmt: skip
