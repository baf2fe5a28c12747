"""Services that people go to, and schools. Columns as in the service directory's export and in GIAS."""

from __future__ import annotations

import numpy as np
import pandas as pd

from datasets.draws import chance, choices, dates, postcodes, scattered, where, with_faulty_first
from datasets.land import Land
from datasets.names import ROADS, words
from datasets.scales import Scale, stream
from datasets.shapes import Floats, Ints, nearest

KINDS = {"Library": 0.05, "Household waste recycling centre": 0.02, "GP surgery": 0.15, "Children's centre": 0.06,
         "Community hall": 0.22, "Day centre": 0.1, "Dentist": 0.12, "Pharmacy": 0.14, "Youth club": 0.08,
         "Food bank": 0.05, "Refuge": 0.006, "Safe house": 0.004}  # fmt: skip
SECRET_KINDS = ("Refuge", "Safe house")
PHASES = {2: 0.66, 4: 0.15, 1: 0.04, 7: 0.06, 6: 0.02, 0: 0.05, 3: 0.01, 5: 0.01}
"""GIAS phase of education; 2 primary, 4 secondary."""
AGES = {0: (4, 18), 1: (2, 4), 2: (4, 11), 3: (9, 13), 4: (11, 16), 5: (9, 13), 6: (16, 19), 7: (4, 18)}
PHASE_WORDS = {0: "School", 1: "Nursery School", 2: "Primary School", 3: "Middle School", 4: "School",
               5: "Middle School", 6: "Sixth Form College", 7: "School"}  # fmt: skip
MOST_DISTRICTS = 59
CAPACITY = {0: 80, 1: 60, 2: 280, 3: 400, 4: 1050, 5: 500, 6: 1400, 7: 700}


def _around_people(rng: np.random.Generator, land: Land, count: int) -> Floats:
    """Points (count, 2) at whole metres, more of them where more people live."""
    share = land.people / land.people.sum()
    cell = rng.choice(len(land.people), count, p=share)
    return np.round(land.point[cell] + rng.uniform(-60, 60, (count, 2)))


def _postal_districts(land: Land, point: Floats) -> Ints:
    """Number of the postcode district that each point is in, from 1: the land nearest to one of the larger places."""
    return nearest(point, land.places.centre[:MOST_DISTRICTS]) + 1


def service_frame(scale: Scale, seed: int, land: Land) -> pd.DataFrame:
    """One row for each service; GeoX and GeoY are EPSG:27700 metres. Secret places are in the raw data, and marked."""
    rng, count = stream(seed, "services"), scale.services
    point, kind = _around_people(rng, land, count), choices(rng, count, KINDS)
    kind[:2] = SECRET_KINDS
    cell = nearest(point, land.point)
    place = [land.places.name[p] for p in land.member["PARISH"][cell]]
    word, secret = words(rng, 1500), np.isin(kind, SECRET_KINDS)
    pick, number = rng.integers(0, len(word), (count, 2)), rng.integers(1, 90, count)
    road = np.array(ROADS, dtype=object)[rng.integers(0, len(ROADS), count)]
    return pd.DataFrame({
        "id": with_faulty_first(
            [f"svc-{number}" for number in scattered(stream(seed, "service_numbers"), count, 8)], "svc-{:05d}", 6),
        "name": [f"{p} {word[w]} {k}" for p, w, k in zip(place, pick[:, 0], kind, strict=True)],
        "service_type": kind,
        "organization": [f"{word[w]} Trust (invented)" for w in pick[:, 1] // 12],
        "status": choices(rng, count, {"active": 0.95, "temporarily closed": 0.02, "inactive": 0.02, "defunct": 0.01}),
        "location_type": "physical",
        "location_secret": secret,
        "address_1": [f"{n} {word[w]} {r}" for n, w, r in zip(number, pick[:, 1], road, strict=True)],
        "city": place,
        "postal_code": postcodes(rng, _postal_districts(land, point)),
        # Numbers that run would count the secret places.
        "uprn": [999_900_000_000 + int(number) for number in scattered(stream(seed, "service_uprns"), count, 8)],
        "district_gss": np.array(land.codes("DISTRICT"), dtype=object)[land.member["DISTRICT"][cell]],
        "phone": [f"01632 96{n:04d}" for n in rng.integers(0, 1000, count)],
        "url": [f"https://services.example.org/{n}" for n in scattered(stream(seed, "service_pages"), count, 8)],
        "contact_role": choices(rng, count, {"Front desk": 0.6, "Duty manager": 0.3, "Team leader": 0.1}),
        "minimum_age": where(chance(rng, count, 0.2), 18),
        "step_free": chance(rng, count, 0.7),
        "assured_date": dates(rng, count, "2024-01-01", "2026-10-31"),
        "synthetic": True,
        "GeoX": [f"{x:.0f}" for x in point[:, 0]],
        "GeoY": [f"{y:.0f}" for y in point[:, 1]],
    })  # fmt: skip


def school_frame(scale: Scale, seed: int, land: Land) -> pd.DataFrame:
    """One row for each school; Easting and Northing are whole EPSG:27700 metres, dates are day/month/year."""
    rng, count = stream(seed, "schools"), scale.schools
    point, phase = _around_people(rng, land, count), choices(rng, count, PHASES).astype(int)
    cell = nearest(point, land.point)
    place = [land.places.name[number] for number in land.member["PARISH"][cell]]
    word = words(rng, 1500)
    types = _school_types(rng, phase)
    status = choices(rng, count, {1: 0.96, 3: 0.015, 4: 0.015, 2: 0.01}).astype(int)
    status[-1] = 3  # at every scale one school is proposed to close
    capacity = (np.array([CAPACITY[p] for p in phase.tolist()]) * rng.uniform(0.5, 1.6, count)).astype(int)
    names = [
        f"{p} {word[w]} {PHASE_WORDS[k]}"
        for p, w, k in zip(place, rng.integers(0, 1500, count), phase.tolist(), strict=True)
    ]
    return pd.DataFrame({
        "URN": 990_001 + np.arange(count),
        "LA (code)": 999,
        "EstablishmentNumber": 1000 + np.arange(count),
        "EstablishmentName": names,
        "EstablishmentStatus (code)": status,
        "TypeOfEstablishment (code)": types,
        "PhaseOfEducation (code)": phase,
        "StatutoryLowAge": [AGES[p][0] for p in phase.tolist()],
        "StatutoryHighAge": [AGES[p][1] for p in phase.tolist()],
        "OpenDate": _british(dates(rng, count, "1950-09-01", "2022-09-01")),
        "CloseDate": where(np.isin(status, [2, 3]), np.where(
            status == 3, "31/08/2027", _british(dates(rng, count, "2023-07-31", "2026-08-31")))),
        "SchoolCapacity": capacity,
        "NumberOfPupils": (capacity * rng.uniform(0.7, 1.04, count)).astype(int),
        "HeadLastName": "Invented",
        "Street": [f"{word[w]} Road" for w in rng.integers(0, 1500, count)],
        "Town": place,
        "Postcode": postcodes(rng, _postal_districts(land, point)),
        "SchoolWebsite": [f"https://school-{n}.example.org" for n in range(1, count + 1)],
        "AdministrativeWard (code)": np.array(land.codes("WARD"), dtype=object)[land.member["WARD"][cell]],
        "DistrictAdministrative (code)": np.array(land.codes("DISTRICT"), dtype=object)[land.member["DISTRICT"][cell]],
        "UPRN": 999_800_000_000 + np.arange(1, count + 1),
        "LastChangedDate": _british(dates(rng, count, "2024-09-01", "2026-10-31")),
        "Easting": [f"{x:.0f}" for x in point[:, 0]],
        "Northing": [f"{y:.0f}" for y in point[:, 1]],
        "Synthetic": True,
    })  # fmt: skip


def _school_types(rng: np.random.Generator, phase: Ints) -> Ints:
    """GIAS type codes that go with the phases: special schools, independents, nurseries, colleges, and the rest."""
    usual = choices(rng, len(phase), {1: 0.4, 2: 0.1, 3: 0.15, 5: 0.05, 28: 0.1, 34: 0.2}).astype(np.int64)
    special = {0: 7, 7: 11, 1: 15, 6: 18}
    return np.array([special.get(p, t) for p, t in zip(phase.tolist(), usual.tolist(), strict=True)], dtype=np.int64)


def _british(days: np.ndarray) -> np.ndarray:
    """ISO dates as day/month/year."""
    return np.array([f"{day[8:]}/{day[5:7]}/{day[:4]}" for day in days], dtype=object)
