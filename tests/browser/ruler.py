"""A ruler on a printed page: how far apart the lines of the grid are."""

from __future__ import annotations

from itertools import pairwise

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

MM_A_POINT = 25.4 / 72
THIN_MM, LONG_MM = 0.6, 60.0


def millimetres_between_grid_lines(page: PdfPage) -> tuple[list[float], list[float]]:
    """Gaps between upright lines, and between level ones, in millimetres. The lines are those drawn as lines: long and
    thin."""
    across, up = [], []
    for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=8):
        left, bottom, right, top = (each * MM_A_POINT for each in thing.get_bounds())
        if right - left < THIN_MM and top - bottom > LONG_MM:
            across.append((left + right) / 2)
        elif top - bottom < THIN_MM and right - left > LONG_MM:
            up.append((bottom + top) / 2)
    return _gaps(across), _gaps(up)


def _gaps(places: list[float]) -> list[float]:
    return [second - first for first, second in pairwise(sorted(set(places)))]
