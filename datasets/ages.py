"""Five-year bands of age by sex: whole persons, which add up to the three broad bands and from cells to any area."""

from __future__ import annotations

import numpy as np

from datasets.shapes import Floats, Ints

BANDS = [f"{age:02d}_{age + 4:02d}" for age in range(0, 90, 5)] + ["90_plus"]
"""The nineteen bands of the forecast, youngest first."""
# Sixteen-year-olds work and fifteen-year-olds do not: the band 15 to 19 is in two of the broad ones.
YOUNG, WORKING, OLD = (0, 1, 2, 3), tuple(range(3, 13)), tuple(range(13, 19))
WEIGHTS = {
    YOUNG: (0.29, 0.32, 0.33, 0.06),
    WORKING: (0.075, 0.09, 0.1, 0.11, 0.11, 0.105, 0.1, 0.105, 0.105, 0.1),
    OLD: (0.27, 0.26, 0.21, 0.14, 0.09, 0.03),
}
FEMALE = {YOUNG: 0.488, WORKING: 0.505, OLD: 0.555}


def banded(rng: np.random.Generator, young: Ints, working: Ints, old: Ints, urban: Floats) -> Ints:
    """Persons (cells, years, 2, 19) of each sex, females first, and band, out of broad bands of (cells, years).

    `urban` (cells,) goes from -1 to 1: those of working age are younger in towns than in the country.
    """
    found = np.zeros((*young.shape, 2, len(BANDS)), dtype=np.int32)
    for total, bands in ((young, YOUNG), (working, WORKING), (old, OLD)):
        cells = len(total)
        weight = np.array(WEIGHTS[bands]) * rng.gamma(9.0, 1 / 9.0, (cells, len(bands)))
        if bands == WORKING:
            weight *= np.exp(urban[:, None] * np.interp(range(len(bands)), (0, 3, 9), (0.25, 0.5, -0.5)))
        female = np.clip(rng.normal(FEMALE[bands], 0.04, (cells, 1)), 0.3, 0.7)
        share = np.stack([weight * female, weight * (1 - female)], axis=1).reshape(cells, -1)
        found[:, :, :, bands] += _parts(total, share, rng.random(cells)).reshape(*total.shape, 2, len(bands))
    return found


def _parts(total: Ints, share: Floats, start: Floats) -> Ints:
    """Totals (cells, years) in whole parts by share (cells, k). A place keeps its shares from year to year."""
    edge = np.cumsum(share, axis=1) / share.sum(axis=1, keepdims=True)
    edge[:, -1] = 1.0
    step = np.floor(total[:, :, None] * edge[:, None, :] + start[:, None, None]).astype(np.int32)
    parts: Ints = np.diff(step, axis=2, prepend=np.int32(0))
    return parts


def columns(counts: Ints) -> dict[str, Ints]:
    """Columns of persons (p), females (f) and males (m), in all and by band, out of counts (rows, 2, 19)."""
    by_sex = {"p": counts.sum(axis=1), "f": counts[:, 0], "m": counts[:, 1]}
    found = {f"{sex}_all": of_sex.sum(axis=1) for sex, of_sex in by_sex.items()}
    return found | {
        f"{sex}_{band}": of_sex[:, number] for sex, of_sex in by_sex.items() for number, band in enumerate(BANDS)
    }
