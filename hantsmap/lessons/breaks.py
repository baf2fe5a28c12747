"""Ways to put values into classes. Breaks are the upper ends of all classes but the last.

A value on a break belongs to the class below it.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def equal(values: Floats, count: int) -> list[float]:
    """Steps of the same width between the lowest and the highest value."""
    low, high = float(values.min()), float(values.max())
    return _rising([low + (high - low) * step / count for step in range(1, count)], high)


def quantile(values: Floats, count: int) -> list[float]:
    """As many values in each class as can be; equal values are never parted."""
    rising = np.sort(values)
    return _rising([float(rising[ceil(len(rising) * step / count) - 1]) for step in range(1, count)], float(rising[-1]))


def natural(values: Floats, count: int) -> list[float]:
    """The classes with the least sum of squared differences from their means (Fisher 1958, Jenks 1967), exactly."""
    rising = np.sort(values)
    total, squares = np.concatenate([[0.0], rising.cumsum()]), np.concatenate([[0.0], (rising**2).cumsum()])

    def spread(first: int, end: int) -> float:
        return float(squares[end] - squares[first] - (total[end] - total[first]) ** 2 / (end - first))

    # least[k][end]: the least sum for the first `end` values in k + 1 classes, and where the last of them begins.
    least = [[(spread(0, end), 0) if end else (0.0, 0) for end in range(len(rising) + 1)]]
    for k in range(1, count):
        least.append([(np.inf, 0)] * (k + 1) + [
            min((least[-1][first][0] + spread(first, end), first) for first in range(k, end))
            for end in range(k + 1, len(rising) + 1)])
    breaks, end = [], len(rising)
    for k in range(count - 1, 0, -1):
        end = least[k][end][1]
        breaks.append(float(rising[end - 1]))
    return _rising(breaks, float(rising[-1]))


def _rising(breaks: list[float], highest: float) -> list[float]:
    return sorted({each for each in breaks if each < highest})
