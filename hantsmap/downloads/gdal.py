"""Files that GDAL writes, fed a batch at a time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from hantsmap import crs
from hantsmap.downloads.batches import Rows


def write_gdal(path: Path, rows: Rows, schema: pa.Schema, driver: str, layer_options: Mapping[str, str], *,
               temporary: Path | None = None, moment: datetime | None = None) -> None:
    """Write features with a driver of GDAL. `moment` stands for the time of day, so that the bytes tell none."""
    import pyogrio

    options = {"OGR_GPKG_ALLOW_THREADED_RTREE": "NO"}
    if moment is not None:
        options["OGR_CURRENT_DATE"] = f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
    pyogrio.set_gdal_config_options(options)
    given = {**layer_options, **({"TEMPORARY_DIR": str(temporary)} if temporary else {})}
    with warnings.catch_warnings():
        # Names of columns are made short, and lists texts, before they come here.
        warnings.simplefilter("ignore")
        pyogrio.write_arrow(
            rows.reader(schema), path, layer=rows.rendition.description.layer, driver=driver,
            geometry_name=rows.geometry if rows.placed else None,
            geometry_type=rows.rendition.geometry_type if rows.placed else None,
            # x before y whatever the authority says: in a file, EPSG:4326 is longitude, latitude too.
            crs=None if not rows.placed else "EPSG:27700" if rows.system is crs.EPSG27700 else "EPSG:4326",
            layer_options=given,
            # The newest that GDAL 3.6 and QGIS 3.22 know.
            **({"dataset_options": {"VERSION": "1.3"}} if driver == "GPKG" else {}))
