"""The `ids` parameter: several features, each by its id."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hantsmap.errors import QueryError
from hantsmap.filters import Columns
from hantsmap.rendition import Rendition

MOST_IDS = 10_000


@dataclass(frozen=True, slots=True)
class ByPosition:
    """Matches the features at some positions of a rendition."""

    positions: tuple[int, ...]

    def matches(self, columns: Columns) -> NDArray[np.bool_]:
        """Which features are at these positions: bool (n,)."""
        mask = np.zeros(columns.count, dtype=bool)
        mask[np.array(self.positions, np.intp)] = True
        return mask


def read_ids(rendition: Rendition, text: str) -> ByPosition:
    """Read `ids`: ids with commas between them. An id that has a comma stands in quotation marks, as in CSV.

    Ids that no feature has are skipped, so that a client can ask for features which may have gone. Raises QueryError
    for an empty list, and for more than 10,000 ids.
    """
    try:
        wanted = next(csv.reader([text]), [])
    except csv.Error:
        raise QueryError("ids cannot be read. Write ids with commas between them, on one line: ids=1,2,3.",
                         "ids") from None
    if not any(wanted):
        raise QueryError("ids is empty. Give one id or more, with commas between them: ids=1,2,3.", "ids")
    if len(wanted) > MOST_IDS:
        raise QueryError(f"ids has {len(wanted):,} ids; {MOST_IDS:,} is the most. Ask in several requests.", "ids")
    found = (rendition.position(each) for each in dict.fromkeys(wanted) if each)
    return ByPosition(tuple(position for position in found if position is not None))
