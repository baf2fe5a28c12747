"""Twins: counties that differ from the canary county in all that one audience may not know, and in nothing else."""

from __future__ import annotations

from copy import deepcopy

from canary_county import AUDIENCES, COUNTS, FIELDS, Canaries, Row, hears, sees, side_of, value_of

# The same where it is shown: who has no exact counts is shown no number of these that differs from COUNTS.
OTHER_COUNTS = ((60, 7, 53), (80, 35, 45), (120, 3, 117), (90, 90, 0), (200, 100, 100))
EXACT_COUNTS = ("officers", "ecologists")


def twin(made: Canaries, audience: str) -> Canaries:
    """A county that this audience cannot tell from the other: what it may not hear is another, and there is more."""
    assert audience in AUDIENCES
    other = deepcopy(made)
    for layer, rows in other.layers.items():
        for number, row in enumerate(rows):
            _alter(audience, layer, row, 500 + number)
        if layer == "heads":
            _recount(audience, rows)
        elif any(not sees(audience, layer, row) for row in made.layers[layer]):
            last = next(row for row in reversed(rows) if not sees(audience, layer, row))
            more = deepcopy(last)
            more.values = {name: value_of(layer, name, 900) for name in FIELDS[layer]}
            rows.insert(0, more)
    return other


def _alter(audience: str, layer: str, row: Row, number: int) -> None:
    there = sees(audience, layer, row)
    names = [name for name in FIELDS[layer] if not hears(audience, layer, row, name)]
    side = side_of(audience, layer)
    row.values |= {name: value_of(layer, name, number) for name in names}
    if not there:
        row.place = row.place[0] + 1_234.56, row.place[1] + 987.65
        row.open_place = row.open_place[0] + 77.77, row.open_place[1] + 55.55
    elif side is None:
        row.place = row.place[0] + 333.33, row.place[1] + 222.22
    elif side:
        x, y = (axis // side * side for axis in row.place)
        row.place = x + side * 0.37 + 0.011 * number, y + side * 0.61


def _recount(audience: str, rows: list[Row]) -> None:
    if audience not in EXACT_COUNTS:
        for row, counts in zip(rows, OTHER_COUNTS, strict=True):
            row.values |= dict(zip(("total", "young", "old"), counts, strict=True))
    assert len(OTHER_COUNTS) == len(COUNTS)
