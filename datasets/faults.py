"""The bad rows of the synthetic county, as data: what is wrong, where, and what curation is to say about it.

`planting` puts them in. None of them stops a publication.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault. `rule`, `kind` and `count` are the findings to expect; a trait has none (rule None, count 0).

    `row` is the feature's id, or None where it differs by scale and seed; `field` is the served field at fault.
    """

    layer: str
    title: str
    rule: str | None = None
    kind: str | None = None
    count: int = 0
    field: str | None = None
    row: str | None = None


BORDER_STREET, CLOSED_STREET, ODD_STREET = "Countyend Lane", "Shutgate Lane", "Oddtop Lane"
TWO_SPELLINGS = ("St Wendrith", "Saint Wendrith")
REFUGE = "svc-00001"
OLD_SITE, EMPTY_SITE = "SSSI-991582", "LNR-990000"
BOW_TIE, OVERLAPPING, TWO_DISTRICTS = "SYN-BOWTIE", "SYN-OVERLAP", "SYN-TWODISTRICTS"

FAULTS: tuple[Fault, ...] = (
    Fault("streets", "start date 1835-08-01, before the Highway Act", "sentinel-date", "repaired", 1, "start_date"),
    Fault("streets", "surface code 7, in no list", "unknown-code", "repaired", 1, "surface"),
    Fault("streets", f"{BORDER_STREET} lies on the county boundary"),
    Fault("streets", f"{CLOSED_STREET} is closed and has an open segment (see street_segments)"),
    Fault("street_segments", f"one segment of {CLOSED_STREET} is Open, the others are Permanently Closed"),
    Fault("winter_routes", "the last row is an exact copy of the first", "duplicate-row", "dropped", 1),
    Fault("rights_of_way", "path number 12a", field="path_no"),
    Fault("rights_of_way", f"a parish spelt {TWO_SPELLINGS[0]} and {TWO_SPELLINGS[1]}", field="parish_name"),
    Fault("designations", "designated in 1582", "implausible-date", "repaired", 1, "designation_date", OLD_SITE),
    Fault("designations", "a site without geometry", "empty-geometry", "dropped", 1, None, EMPTY_SITE),
    Fault("sinc", "a bow-tie polygon", "invalid-geometry", "repaired", 1, None, BOW_TIE),
    Fault("sinc", "a site that overlaps another", row=OVERLAPPING),
    Fault("sinc", "a site in two districts", field="district_gss", row=TWO_DISTRICTS),
    Fault("population_forecasts", "an output area with 4 persons aged 65 and over in 2023", field="persons_65_plus"),
    Fault("policy_indicators", "spaces after the name of an authority", "trailing-space", "repaired", 1, "lpa_name"),
    Fault("housing_sites", "spaces around an address", "trailing-space", "repaired", 1, "name_address", "SYN-00002"),
    Fault("housing_sites", "status `abandoned`, in no list", "unknown-code", "repaired", 1, "status", "SYN-00003"),
    Fault("services", "a refuge with its real address and coordinates", field="location_secret", row=REFUGE),
    Fault("services", "spaces after a name", "trailing-space", "repaired", 1, "name", "svc-00003"),
    Fault("services", "blank coordinates", "blank-coordinates", "dropped", 1, "GeoX", "svc-00004"),
    Fault("services", "GeoX holds the longitude", "coordinates-in-degrees", "repaired", 1, None, "svc-00005"),
    Fault("services", "a place far outside the county", "outside-extent", "dropped", 1, None, "svc-00006"),
    Fault("contract_streets", "the sentinel date of streets", "sentinel-date", "repaired", 1, "start_date"),
    Fault("contract_streets", "the unknown surface of streets", "unknown-code", "repaired", 1, "surface"),
    Fault("contract_winter_routes", "the copied row of winter_routes", "duplicate-row", "dropped", 1),
    Fault("policy_drafts", "the spaces of policy_indicators", "trailing-space", "repaired", 1, "lpa_name"),
    Fault("housing_sites_in_full", "the spaces of housing_sites", "trailing-space", "repaired", 1, "name_address",
          "SYN-00002"),
    Fault("housing_sites_in_full", "the status of housing_sites", "unknown-code", "repaired", 1, "status", "SYN-00003"),
    Fault("street_designations", "every code, protected ones too, on an open street", field="designation"),
    Fault("row_orders", "consultations that have not been announced", field="published"),
    Fault("row_statements", "details of statements that nobody has reviewed name an occupier", field="detail_text"),
    Fault("row_reports", "reporters with their names and addresses", field="reporter"),
    Fault("population_forecasts", "bands of under 10 people in areas of every kind but districts", field="m_90_plus"),
    Fault("brownfield_land", "GeoX holds the longitude", "coordinates-in-degrees", "repaired", 1, None, "SYN-BL-0002"),
    Fault("schools", "blank Easting and Northing", "blank-coordinates", "dropped", 1, "Easting", "990002"),
)  # fmt: skip


def expected() -> dict[tuple[str, str, str], int]:
    """Findings to expect of curation: (layer, kind, rule) -> how many."""
    counts: dict[tuple[str, str, str], int] = {}
    for fault in FAULTS:
        if fault.rule and fault.kind:
            key = (fault.layer, fault.kind, fault.rule)
            counts[key] = counts.get(key, 0) + fault.count
    return counts
