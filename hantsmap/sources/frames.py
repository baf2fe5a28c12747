"""What every reader hands on, and values as the source has them: None for nothing, whole numbers that stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from hantsmap.findings import Finding


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows as they were read, indexed by their number in the source from 1.

    `frame` is a GeoDataFrame with the column `geometry` and a CRS where the format has geometry; else a DataFrame.
    """

    frame: pd.DataFrame
    driver: str
    findings: list[Finding] = field(default_factory=list)


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows, indexed 1, 2, 3 ..."""
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def names(frame: pd.DataFrame) -> list[str]:
    """Names of the columns, in order."""
    return [str(name) for name in frame.columns]


def number(frame: pd.DataFrame, position: Any) -> int:
    """Number in the source of the row at a position in the frame."""
    return int(frame.index[int(position)])


def plain(frame: pd.DataFrame, whole: Sequence[str] = ()) -> pd.DataFrame:
    """Text as Python strings with None for nothing; the columns named in `whole` as integers, `Int64` with gaps.

    pandas turns a whole number into 7.0 as soon as one row of the column is empty; that is not what the source says.
    """
    for name in frame.columns:
        column = frame[name]
        kind = str(column.dtype)
        if kind in ("str", "string"):
            frame[name] = column.astype(object).where(column.notna(), None)
        elif kind.startswith("float") and name in whole:
            frame[name] = column.astype("Int64")
        elif kind in ("Int8", "Int16", "Int32", "Int64", "boolean") and not column.isna().any():
            frame[name] = column.astype("bool" if kind == "boolean" else "int64")
    return frame


def as_text(value: Any) -> str | None:
    """A value as the text that a key or a rule is compared by: 7 and 7.0 are "7", yes is "true", nothing is None."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, str):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Each value of a column by `as_text`, as Python objects."""
    return pd.Series([as_text(value) for value in column], index=column.index, dtype=object)


def located(frame: pd.DataFrame, geometry: Any, crs: Any) -> gpd.GeoDataFrame:
    """The rows with these geometries in the active column `geometry`; a text column of that name gives way."""
    rest = frame.drop(columns="geometry", errors="ignore")
    return gpd.GeoDataFrame(rest, geometry=gpd.GeoSeries(geometry, index=frame.index, crs=crs), crs=crs)
