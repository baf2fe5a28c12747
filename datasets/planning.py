"""Planning: housing sites as the land availability monitor holds them, and indicators of the monitoring report."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pandas as pd
import shapely

from datasets.contracts import parties_of
from datasets.draws import Column, chance, choices, dates, scattered, uuids, where, with_faulty_first
from datasets.land import Land
from datasets.names import words
from datasets.people import area_names
from datasets.scales import Scale, stream
from datasets.shapes import blobs, multi, nearest

STATUS = {"allocation": 0.14, "outline": 0.16, "full": 0.3, "resolution_to_grant": 0.05, "under_construction": 0.2,
          "complete": 0.12, "lapsed": 0.03}  # fmt: skip
COMMENTS = ["The promoter awaits a decision on access (invented).", "Viability is being reviewed (invented).",
            "A sale of the land is being agreed (invented).", "No known obstacle (invented)."]  # fmt: skip
PARK_LPA, PARK_NAME = "E60999901", "Synthetic National Park"
THEMES = {
    "H": ("Housing", ["net additional dwellings", "affordable completions", "share on previously developed land",
          "five-year supply", "housing delivery test", "self-build register entries", "self-build permissions",
          "dwellings under construction"]),
    "E": ("Economy", ["office floorspace gained", "office floorspace lost", "industrial floorspace gained",
          "industrial floorspace lost", "storage floorspace gained", "storage floorspace lost", "vacant units",
          "employment land available"]),
    "T": ("Town centres", ["retail floorspace gained", "retail floorspace lost", "vacancy in primary frontages",
          "town-centre uses permitted", "markets held", "town-centre dwellings completed", "car parking spaces",
          "evening-economy uses permitted"]),
    "N": ("Nature", ["change in area of SSSI", "SSSI in favourable condition", "change in area of SINC",
          "open space lost", "open space gained", "permissions against flood advice",
          "permissions against water advice", "biodiversity net gain units"]),
    "C": ("Community", ["neighbourhood plans made", "section 106 received", "section 106 spent", "levy received",
          "levy spent", "school places funded", "health floorspace gained", "community floorspace lost"]),
}  # fmt: skip
UNITS = {"share": "%", "floorspace": "m2", "supply": "years", "area": "ha", "received": "GBP", "spent": "GBP",
         "vacancy": "%", "condition": "%", "test": "%"}  # fmt: skip


def housing_frame(scale: Scale, seed: int, land: Land) -> pd.DataFrame:
    """One row for each site; MultiPolygon WKT in EPSG:27700. Numbers by year are JSON objects."""
    rng, count = stream(seed, "housing"), scale.large_sites + scale.small_sites
    large = np.arange(count) < scale.large_sites
    net = np.where(large, np.clip(np.exp(rng.normal(3.6, 0.9, count)), 10, 2500), rng.integers(1, 10, count)).astype(
        int
    )
    at = np.flatnonzero(land.settled >= 0)[rng.integers(0, int((land.settled >= 0).sum()), count)]
    point = land.point[at] + rng.uniform(-90, 90, (count, 2))
    shape = multi(blobs(rng, point, np.clip(np.sqrt(net / 30 * 1e4 / np.pi), 9, 600), 12, 0.2))
    area = shapely.area(shape) / 1e4
    losses, status = choices(rng, count, {0: 0.8, 1: 0.15, 2: 0.05}).astype(int), choices(rng, count, STATUS)
    completed = np.where(status == "complete", net, np.where(status == "under_construction", net // 3, 0))
    granted = np.isin(status, ["outline", "full", "under_construction", "complete", "lapsed"])
    year = rng.integers(2016, 2026, count)
    cell = nearest(point, land.point)
    lpa, name = land.codes("DISTRICT"), area_names(land, "DISTRICT")
    street = words(rng, 900)
    return pd.DataFrame({
        "SiteReference": with_faulty_first(
            [f"SYN-{number}" for number in scattered(stream(seed, "site_numbers"), count, 7)], "SYN-{:05d}", 3),
        "LPA": [lpa[number] for number in land.member["DISTRICT"][cell]],
        "LPAName": [name[number] for number in land.member["DISTRICT"][cell]],
        "SiteNameAddress": [f"Land at {street[w]}, {land.places.name[p]}" for w, p in zip(
            rng.integers(0, 900, count), land.member["PARISH"][cell], strict=True)],
        "WardCode": np.array(land.codes("WARD"), dtype=object)[land.member["WARD"][cell]],
        "SizeClass": np.where(large, "large", "small"),
        "Status": status,
        "AppRef": where(granted, _texts(f"{y}/{n:04d}/SYN" for y, n in zip(year, range(count), strict=True))),
        "DecisionDate": where(granted, dates(rng, count, "2016-04-01", "2026-03-31")),
        "ExpiryDate": where(granted & (status != "complete"), dates(rng, count, "2026-04-01", "2029-03-31")),
        "Gross": net + losses,
        "Losses": losses,
        "Net": net,
        "Affordable": np.round(net * np.where(large, rng.choice([0.0, 0.3, 0.35, 0.4], count), 0)).astype(int),
        "Hectares": np.where(area < 1, np.round(area, 4), np.round(area, 2)),
        "Completions": [json.dumps({"2024": int(c) // 2, "2025": int(c) - int(c) // 2}) for c in completed],
        "Phasing": [json.dumps({str(2026 + k): int(v) for k, v in enumerate(_spread(n))}) for n in net - completed],
        "DeliveryComment": where(chance(rng, count, 0.35), _texts(COMMENTS)[rng.integers(0, 4, count)]),
        "PromoterOrgId": where(large, _texts(f"ORG-SYN-{n:03d}" for n in rng.integers(1, 120, count))),
        "Contact": where(large, _texts(f"land-{n}@promoter.example" for n in rng.integers(1, 120, count))),
        "SurveyDate": "2026-04-01",
        "Synthetic": True,
        "WKT": shapely.to_wkt(shape, rounding_precision=2),
    }).assign(Party=lambda frame: parties_of(frame))  # fmt: skip


def _texts(values: Iterable[str]) -> Column:
    return np.array(list(values), dtype=object)


def _spread(total: int) -> list[int]:
    """Dwellings over the next five survey years, more at first."""
    shares = [int(total * part) for part in (0.3, 0.25, 0.2, 0.15)]
    return [*shares, int(total) - sum(shares)]


def indicator_frame(scale: Scale, seed: int, land: Land) -> pd.DataFrame:
    """One row for each planning authority, indicator and year from April to March; no geometry."""
    rng = stream(seed, "indicators")
    lpa = [*zip(land.codes("DISTRICT"), area_names(land, "DISTRICT"), strict=True), (PARK_LPA, PARK_NAME)]
    named = [
        (f"{letter}{n}", theme, text) for letter, (theme, texts) in THEMES.items() for n, text in enumerate(texts, 1)
    ]
    first = 2026 - scale.indicator_years
    rows = [(a, b, c, d, e, y) for a, b in lpa for c, d, e in named for y in range(first, 2026)]
    count = len(rows)
    frame = pd.DataFrame(rows, columns=["LPA code", "LPA", "Indicator ref", "Theme", "Indicator", "year"])
    year = frame.pop("year").to_numpy()
    unit = [next((unit for word, unit in UNITS.items() if word in text), "count") for text in frame["Indicator"]]
    value = np.round(np.exp(rng.normal(4.5, 0.8, count)), 1)
    percent = np.array(unit) == "%"
    value[percent] = np.round(rng.uniform(20, 99, int(percent.sum())), 1)
    value = np.where(np.array(unit) == "count", np.round(value), value)
    target = np.round(value * rng.uniform(0.8, 1.25, count), 1)
    draft = (year == 2025) & chance(rng, count, 0.6)
    frame["Policy ref"] = [f"SYN{ref[0]}{int(ref[1:]) % 4 + 1}" for ref in frame["Indicator ref"]]
    frame["Period start"] = [f"{y}-04-01" for y in year]
    frame["Period end"] = [f"{y + 1}-03-31" for y in year]
    frame["Value"] = value
    frame["Unit"] = unit
    frame["Target"] = target
    frame["RAG"] = np.select([value >= target, value >= 0.9 * target], ["green", "amber"], "red")
    frame["State"] = np.where(draft, "draft", "published")
    # The last year is published as soon as it is adopted; nothing is published in the future.
    day = np.array([f"{y + 1}-12-15" if y < 2025 else f"{y + 1}-11-02" for y in year], dtype=object)
    frame["Published on"] = where(~draft, day)
    frame["Published"] = ~draft
    frame["Source document"] = [f"Authority monitoring report {y}-{(y + 1) % 100:02d}" for y in year]
    frame["Record id"] = uuids(rng, count)
    frame["Synthetic"] = True
    return frame
