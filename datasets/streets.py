"""Streets, their segments and winter treatment, with the column names of the street gazetteer and of OS road links."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from datasets import graph, names
from datasets.draws import Column, chance, choices, dates, scattered, uuids, where
from datasets.land import Land, bisected
from datasets.roads import A_ROAD, B_ROAD, CLASSIFIED, MOTORWAY, NOT_CLASSIFIED, UNCLASSIFIED, Network
from datasets.scales import Scale, stream
from datasets.shapes import Ints, Shapes

FIRST_USRN, FIRST_NUMBERED_USRN = 99_000_001, 99_900_001
"""Invented: no real USRN begins with 99."""
COUNTY_SWA, MOTORWAY_SWA = "0990", "0991"
CLASS_TEXT = ["Motorway", "A Road", "B Road", "Classified Unnumbered", "Unclassified", "Not Classified"]
HIERARCHY = ["Motorway", "A Road", "B Road", "Minor Road", "Local Road", "Restricted Local Access Road"]
SEASON = "2026-27"


@dataclass(frozen=True)
class Streets:
    """How edges make streets. Streets 0..named-1 have names, the rest are the numbered roads in `numbers`."""

    named: int
    numbers: list[str]
    of_edge: Ints
    """(edges,) the named street of each edge."""
    road_of_edge: Ints
    """(edges,) the numbered street of each edge, or -1."""
    lead: Ints
    """(streets,) one edge of each street, for its place, district and class."""
    usrn: Ints
    state: Ints

    @property
    def count(self) -> int:
        """All streets, named and numbered."""
        return self.named + len(self.numbers)


def group(scale: Scale, seed: int, network: Network) -> Streets:
    """Exactly `scale.streets` streets: straight runs of edges of one class in one district, and the numbered roads."""
    rng = stream(seed, "streets")
    numbers = sorted({number for number in network.number if number})
    road = {number: index for index, number in enumerate(numbers)}
    named = scale.streets - len(numbers)
    edges = len(network.edge) - 2
    kind = network.road_class * 1000 + network.district
    links = graph.straight_links(network.node, network.edge[:edges], kind[:edges])
    label = graph.runs(edges, links, named - 1, 24)
    if label.max() + 1 != named - 1:
        raise ValueError(f"the network gives {label.max() + 2} streets, not {named}")
    of_edge = np.append(label, [named - 1] * 2)
    road_of_edge = np.array([named + road[number] if number else -1 for number in network.number])
    lead = np.zeros(named + len(numbers), dtype=np.int64)
    lead[of_edge[::-1]] = np.arange(len(of_edge))[::-1]
    on_road = np.flatnonzero(road_of_edge >= 0)
    lead[road_of_edge[on_road]] = on_road
    usrn = np.append(FIRST_USRN + rng.permutation(named * 2)[:named], FIRST_NUMBERED_USRN + np.arange(len(numbers)))
    odds = {2: 0.98, 1: 0.009, 4: 0.006, 5: 0.005}
    state = choices(rng, len(lead), odds).astype(np.int64)
    state[network.road_class[lead] < UNCLASSIFIED] = 2
    state[named - 1 :] = 2
    return Streets(named, numbers, of_edge, road_of_edge, lead, usrn, state)


def street_frame(seed: int, land: Land, network: Network, streets: Streets) -> gpd.GeoDataFrame:
    """One row for each street (MultiLineString, EPSG:27700), columns as in DTF 8.1 records 11 and 15."""
    rng, count, lead = stream(seed, "street_frame"), streets.count, streets.lead
    line, segments = _lines(network, streets)
    first, last = shapely.get_point(network.line[lead], 0), shapely.get_point(network.line[lead], -1)
    rural, road_class = network.place[lead] < 0, network.road_class[lead]
    numbered = np.arange(count) >= streets.named
    parish = [land.places.name[number] for number in network.parish[lead]]
    maintenance = _maintenance(rng, road_class, streets.state)
    track = (road_class == NOT_CLASSIFIED) & ~numbered
    record = np.where(numbered, 3, np.where(track, 2, np.where(chance(rng, count, 0.004) & rural, 4, 1)))
    opened = dates(rng, count, "1890-01-01", "2024-12-31")
    return gpd.GeoDataFrame(
        {
            "USRN": streets.usrn,
            "RECORD_TYPE": record,
            "STREET_DESCRIPTOR": _descriptors(seed, network, streets, parish, track),
            "LOCALITY_NAME": where(rural & ~numbered, np.array(parish, dtype=object)),
            "TOWN_NAME": where(~numbered, np.array(parish, dtype=object)),
            "ADMINISTRATIVE_AREA": "Synthetic County",
            "SWA_ORG_REF_NAMING": np.where(numbered, COUNTY_SWA, [f"99{d + 1:02d}" for d in network.district[lead]]),
            "STATE": streets.state,
            "STATE_DATE": dates(rng, count, "1995-01-01", "2026-06-30"),
            "STREET_SURFACE": np.where(track, 2, choices(rng, count, {1: 0.975, 2: 0.015, 3: 0.01})).astype(np.int64),
            "STREET_STATUS": maintenance,
            "SWA_ORG_REF_MAINTAINING": where(maintenance == 4, MOTORWAY_SWA),
            "STREET_START_DATE": where(chance(rng, count, 0.4), opened),
            "STREET_END_DATE": where(streets.state == 4, dates(rng, count, "2018-01-01", "2026-06-30")),
            "STREET_START_X": shapely.get_x(first),
            "STREET_START_Y": shapely.get_y(first),
            "STREET_END_X": shapely.get_x(last),
            "STREET_END_Y": shapely.get_y(last),
            "STREET_TOLERANCE": np.where(streets.state == 1, 50, 10),
            "ESU_COUNT": segments,
            "STREET_LENGTH": np.round(shapely.length(line), 1),
            "RECORD_ENTRY_DATE": dates(rng, count, "1998-01-01", "2012-12-31"),
            "LAST_UPDATE_DATE": dates(rng, count, "2013-01-01", "2026-10-31"),
            "SYNTHETIC": True,
        },
        geometry=line,
        crs=27700,
    )


def _lines(network: Network, streets: Streets) -> tuple[Shapes, Ints]:
    """MultiLineStrings of the streets and the number of segments in each."""
    member = np.concatenate([streets.of_edge, streets.road_of_edge])
    edge = np.tile(np.arange(len(network.edge)), 2)[member >= 0]
    member = member[member >= 0]
    order = np.argsort(member, kind="stable")
    line = shapely.multilinestrings(network.line[edge[order]], indices=member[order])
    return np.asarray(line), np.bincount(member, minlength=streets.count)


def _maintenance(rng: np.random.Generator, road_class: Ints, state: Ints) -> Ints:
    """Codes of who maintains: the public for most, another authority for the motorway, nobody for mere addresses."""
    found = choices(rng, len(state), {1: 0.86, 2: 0.03, 3: 0.11}).astype(np.int64)
    found[road_class < UNCLASSIFIED] = 1
    found[road_class == MOTORWAY] = 4
    found[state == 5] = 5
    return found


def _descriptors(seed: int, network: Network, streets: Streets, parish: list[str], track: np.ndarray) -> list[str]:
    """Names of streets; tracks are described, roads are numbered, and two names are there to trip software up."""
    rng, lead = stream(seed, "street_names"), streets.lead
    found = names.street_names(rng, streets.count, network.place[lead] < 0)
    for number in range(streets.named):
        if network.road_class[lead[number]] == MOTORWAY:
            found[number] = f"M99 carriageway through {parish[number]}"
        elif track[number]:
            found[number] = f"Track in {parish[number]} from {found[number]}"
    found[streets.named :] = streets.numbers
    plain = np.flatnonzero((network.road_class[lead] == UNCLASSIFIED) & (streets.state == 2) & ~track)
    found[int(plain[1])], found[int(plain[2])] = names.APOSTROPHE_STREET, names.ACCENTED_STREET
    found[streets.named - 1] = "Countyend Lane"
    return found


def segment_frame(seed: int, network: Network, streets: Streets) -> gpd.GeoDataFrame:
    """One row for each segment (LineString, EPSG:27700), columns as in OS NGD road links; lists are "1;2"."""
    rng, count = stream(seed, "segment_frame"), len(network.edge)
    road_class = network.road_class
    state = streets.state[streets.of_edge]
    usrn, road = streets.usrn[streets.of_edge], streets.road_of_edge
    one_way = choices(rng, count, {1: 0.955, 2: 0.03, 3: 0.015}).astype(np.int64)
    one_way[road_class < UNCLASSIFIED] = 1
    states = {1: "Under Construction", 2: "Open", 4: "Permanently Closed", 5: "Addressing Only"}
    ways = {1: "Both Directions", 2: "In Direction", 3: "In Opposite Direction"}
    return gpd.GeoDataFrame(
        {
            # Real ones are made of the mid-point of the licensed line, which then anybody could read off.
            "esuid": scattered(stream(seed, "segment_ids"), count, 14),
            "usrns": [f"{u};{streets.usrn[r]}" if r >= 0 else str(u) for u, r in zip(usrn, road, strict=True)],
            "direction": one_way,
            "dedication": np.where(road_class == MOTORWAY, 11, np.where(road_class == NOT_CLASSIFIED, 12, 8)),
            "prow": road_class == NOT_CLASSIFIED,
            "ncr": chance(rng, count, 0.03),
            "quietroute": chance(rng, count, 0.02) & (road_class >= UNCLASSIFIED),
            "roadclassification": np.array(CLASS_TEXT, dtype=object)[road_class],
            "roadclassificationnumber": network.number,
            "routehierarchy": np.array(HIERARCHY, dtype=object)[road_class],
            "operationalstate": [states[one] for one in state.tolist()],
            "directionality": [ways[one] for one in one_way.tolist()],
            "roadstructure": where(network.bridge | chance(rng, count, 0.002), "On Bridge"),
            **_carriageway(rng, network),
            "geometry_length": np.round(shapely.length(network.line), 1),
            "toid": [f"osgb49{number:014d}" for number in range(1, count + 1)],
            "osid": uuids(rng, count),
            "versiondate": dates(rng, count, "2020-01-01", "2026-10-31"),
            "synthetic": True,
        },
        geometry=network.line,
        crs=27700,
    )


def _carriageway(rng: np.random.Generator, network: Network) -> dict[str, Column]:
    """Columns on what a segment is like to drive on: form, speed in mph, widths in metres, lighting, shares in %."""
    road_class, rural, count = network.road_class, network.place < 0, len(network.edge)
    speed = np.array([70, 50, 50, 40, 30, 20])[road_class]
    speed[rural & (road_class > A_ROAD)] = 60
    speed[~rural & (road_class < UNCLASSIFIED) & (road_class > MOTORWAY)] = 30
    width = np.round(np.array([22.0, 7.6, 6.8, 6.0, 5.2, 3.4])[road_class] * rng.uniform(0.85, 1.15, count), 1)
    return {
        "description": np.array(["Dual Carriageway", *["Single Carriageway"] * 4, "Track"], dtype=object)[road_class],
        "indicativespeedlimit_mph": speed,
        "roadwidth_average": width,
        "roadwidth_minimum": np.round(width * rng.uniform(0.7, 0.98, count), 1),
        "presenceofstreetlight": np.where(
            rural, choices(rng, count, {"Fully Unlit": 0.9, "Mostly Unlit": 0.1}), "Fully Lit"
        ),
        "pavement_pct": np.where(rural, 0, rng.choice([50, 75, 100], count)),
        "cyclelane_pct": np.where((road_class <= B_ROAD) & ~rural, rng.choice([0, 0, 25, 60], count), 0),
        "buslane_pct": np.where((road_class == A_ROAD) & ~rural, rng.choice([0, 0, 0, 30], count), 0),
    }


def winter_frame(scale: Scale, seed: int, network: Network, frame: gpd.GeoDataFrame, streets: Streets) -> pd.DataFrame:
    """One row for each treated street of the season; WKT in EPSG:27700. The rest of the network is priority three."""
    rng, named = stream(seed, "winter"), streets.named
    road_class, draw = network.road_class[streets.lead[:named]], rng.random(named)
    main = (road_class == A_ROAD) | (road_class == B_ROAD) | ((road_class == CLASSIFIED) & (draw < 0.75))
    other = (road_class == UNCLASSIFIED) & (streets.state[:named] == 2)
    priority = np.where(
        main | (other & (draw < 0.07)), "P1", np.where((road_class == CLASSIFIED) | (other & (draw < 0.16)), "P2", "")
    )
    priority = np.where((priority == "") & other & (draw < 0.19), "COMMUNITY", priority)
    chosen = np.flatnonzero(priority != "")
    priority = priority[chosen]
    place = np.column_stack([frame["STREET_START_X"], frame["STREET_START_Y"]])[chosen]
    route, vehicles = np.zeros(len(chosen), dtype=np.int64), 44 if scale.name == "county" else 3
    for name in ("P1", "P2", "COMMUNITY"):
        here = np.flatnonzero(priority == name)
        parts = min(len(here), vehicles if name == "P1" else max(1, vehicles // 2))
        route[here] = bisected(place[here], np.ones(len(here)), parts, 0.4) + 1
    order = pd.Series(priority).groupby([priority, route]).cumcount() + 1
    reasons = {"bus": 0.4, "school": 0.3, "emergency_access": 0.15, "critical_site": 0.05, "other": 0.1}
    reason = np.where(road_class[chosen] == A_ROAD, "a_road", choices(rng, len(chosen), reasons))
    return pd.DataFrame({
        "USRN": streets.usrn[chosen],
        "Season": SEASON,
        "StreetName": frame["STREET_DESCRIPTOR"].to_numpy()[chosen],
        "Priority": priority,
        "RouteID": [f"{name}-{number}" for name, number in zip(priority, route, strict=True)],
        "TreatOrder": order.to_numpy(),
        "Depot": [f"Depot {number % max(1, vehicles // 6) + 1}" for number in route.tolist()],
        "Vehicle": [f"GR{number:03d}" for number in route.tolist()],
        "Reason": reason,
        "Synthetic": True,
        "WKT": shapely.to_wkt(frame.geometry.to_numpy()[chosen], rounding_precision=2),
    })  # fmt: skip
