"""Makes a download from its rendition, and from nothing else."""

from __future__ import annotations

from pathlib import Path

from hantsmap import deadline
from hantsmap.downloads.batches import Rows
from hantsmap.downloads.kept import File, Kept, budget
from hantsmap.downloads.viewers import ANONYMOUS, PREPARED
from hantsmap.downloads.wanted import Download
from hantsmap.errors import StoreError
from hantsmap.query.selecting import select
from hantsmap.rendition import Rendition
from hantsmap.store import Store, files, now

# Choosing the features of a cut may take so long: makers are few, and others wait for them.
SELECT_S = 30.0


def make(store: Store, kept: Kept, download: Download, making: Path) -> File:
    """Make a file in the empty folder `making`, and keep it. Raises DamagedError, StoreError or QueryError."""
    rendition = Rendition(store.rendition(download.layer, download.rendition))
    with deadline.within(SELECT_S):
        positions = select(rendition, download.query(rendition))
    rows = Rows(rendition, positions, download.system)
    with files.saying_why(f"making {download.file_name}"):
        write_download(making / download.file_name, rows, download)
        kept.keep(download, making, {"rows": len(rows), "extent": rows.extent, "made_at": now().isoformat()})
        if not rendition.folder.is_dir():
            # It was pruned, or a record of it erased, while the file was made: nothing of it may stay.
            kept.forget(download.layer, [download.rendition])
            raise StoreError(f"{download.file_name} is of an older state of the layer that is no longer kept.")
        if not download.whole or download.viewer not in (PREPARED, ANONYMOUS):
            kept.evict(budget())
    made = kept.find(download)
    if made is None:
        raise StoreError(f"{download.file_name} was made, and went before it could be handed out: there is too little "
                         "room for files (HANTSMAP_DOWNLOADS_MB).")
    return made


def write_download(path: Path, rows: Rows, download: Download) -> None:
    """Write the features of a download to a file, in its format."""
    moment = download.published
    match download.format.name:
        case "gpkg":
            from hantsmap.downloads.geopackage import write_geopackage

            write_geopackage(path, rows, moment)
        case "parquet":
            from hantsmap.downloads.columnar import write_parquet

            write_parquet(path, rows)
        case "fgb":
            from hantsmap.downloads.columnar import write_fgb

            write_fgb(path, rows)
        case "geojson":
            from hantsmap.downloads.plain import write_geojson

            write_geojson(path, rows)
        case "csv":
            from hantsmap.downloads.plain import write_csv

            write_csv(path, rows)
        case "shp.zip":
            from hantsmap.downloads.shapefile import readme, write_shapefile

            write_shapefile(path, rows, moment, readme(rows, moment))
        case "dxf.zip":
            from hantsmap.downloads.drawing import write_drawing

            write_drawing(path, rows, moment, download.shift)
        case other:
            raise LookupError(f"no way to write {other}")
