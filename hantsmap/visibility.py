"""What one audience may see of a layer, recorded with each promotion, and which of two such records sees more.

A rendition holds what the rules of its day allowed. An older rendition is opened only when what it was made under is
provably contained in what its audience may see now. What cannot be compared is not contained.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
import shapely
from pydantic import Field

from hantsmap.access import Detail, Grant, Value, as_text
from hantsmap.agreements import Agreement
from hantsmap.layer import Layer

# Of a field of the registry, what describes it; all else may decide what is shown of it.
DESCRIBES_A_FIELD = {"title", "description", "unit", "required", "unique", "sentinels", "minimum", "maximum", "codes",
                      "derived_from", "count"}
# Of a grant, what is compared member by member, and what does not decide what a rendition holds.
COMPARED = {"fields", "rows", "area", "geometry", "geometry_source", "counts", "agreement"}
NO_CONTENT = {"downloads", "until", "held_back", "exact_counts"}


class Visibility(Value):
    """What an audience may see of a layer, in one written form.

    `fields` leads from each field shown to what the registry says of it beside its description. `rows` leads from a
    field to the values that a row may have. `area` is empty, or holds the name, the buffer and the SHA-256 of the area
    (EPSG:27700). `other` holds what has no order, such as the key of the layer: it must be equal.
    """

    fields: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    area: Mapping[str, Any] = Field(default_factory=dict)
    geometry: Detail = Detail.EXACT
    counts: Mapping[str, Any] | None = None
    other: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The name under which a store keeps it: 24 hexadecimal digits."""
        written = orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        return sha256(written).hexdigest()[:24]

    def contains(self, older: Visibility) -> bool:
        """Whether everything that `older` shows may be seen under this one too. False when that cannot be proved."""
        return (self.other == older.other
                and all(self.fields.get(name) == said for name, said in older.fields.items())
                and all(set(older.rows[name]) <= set(values) if name in older.rows else False
                        for name, values in self.rows.items())
                and self.geometry.rank >= older.geometry.rank
                and self.counts in (None, older.counts)
                and self._contains_area(older.area))

    def _contains_area(self, older: Mapping[str, Any]) -> bool:
        if not self.area:
            return True
        same = {**self.area, "buffer_m": 0} == {**older, "buffer_m": 0}
        return same and bool(self.area["buffer_m"] >= older["buffer_m"])


def visibility(layer: Layer, grant: Grant, area: Any = None, agreement: Agreement | None = None) -> Visibility:
    """What a grant lets its audience see of a layer.

    `area` is the geometry of the area that the grant names (EPSG:27700 metres), `agreement` what the grant asks to be
    accepted. What another member of the grant means is not known here: it has to be equal. Which rows a reference may
    name is not in it: it changes with each publication of the other layer, and a value that is left out since is in no
    older text that is told (hantsmap.changes.told).
    """
    dumped = grant.model_dump(mode="json")
    fields: dict[str, Mapping[str, Any]] = {
        name: layer.fields[name].model_dump(mode="json", exclude=DESCRIBES_A_FIELD, exclude_defaults=True)
        for name in grant.field_names(tuple(layer.fields))}
    # Fields that the grant makes (hantsmap.protect).
    fields |= {"context": {}} if grant.area and grant.area.buffer_m else {}
    fields |= {"suppressed": {}} if grant.counts else {}
    place: dict[str, Any] = {}
    if grant.area is not None:
        place = {**dumped["area"], "sha256": sha256(shapely.to_wkb(shapely.normalize(area))).hexdigest()}
    other = {name: value for name, value in dumped.items() if name not in COMPARED | NO_CONTENT}
    other |= {"key": list(layer.key), "geometry": layer.geometry,
              "line": grant.geometry_source if layer.open_geometry else None,
              "agreement": _accepted(grant, agreement)}
    other |= {"counted_with": _counted_with(layer)} if grant.counts else {}
    return Visibility(
        fields=fields, area=place, counts=dumped["counts"], other=other,
        rows={name: tuple(sorted(map(as_text, values))) for name, values in grant.rows.items()},
        geometry=Detail.NONE if layer.geometry == "none" else grant.geometry)


def _counted_with(layer: Layer) -> str:
    """A digest of all rules for counts of a layer: what one audience is shown decides what others have suppressed, and
    two choices of one table, one after the other, would tell what each hides."""
    rules = [each.model_dump(mode="json", include={"fields", "rows", "area", "counts"})
             for each in layer.grants.values() if each.counts]
    return sha256(orjson.dumps(rules, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _accepted(grant: Grant, agreement: Agreement | None) -> list[str] | None:
    """What has to be accepted before anything is read: another version of it is another agreement."""
    if grant.agreement is None:
        return None
    return [grant.agreement, *((agreement.version, agreement.digest) if agreement else ())]
