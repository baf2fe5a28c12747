"""The manifest of a layer: each file that can be had of it, and of those that are made, bytes and digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from hantsmap import crs
from hantsmap.downloads.formats import offered
from hantsmap.downloads.kept import File, Kept
from hantsmap.downloads.viewers import PREPARED
from hantsmap.downloads.wanted import Download
from hantsmap.rendition import Rendition

NOT_YET = "Not made yet: the first request makes it. Bytes and sha256 are told then, here and with the file."


def manifest(rendition: Rendition, published: datetime, kept: Kept, here: str, sequence: int, viewer: str = PREPARED
             ) -> dict[str, Any]:
    """What can be downloaded of a rendition, as plain JSON. `here` is the address of the manifest.

    `sequence` numbers the state of the layer that the files hold: changes are asked for from there on.

    `bytes`, `sha256` and `generated_at` are null for what is not made yet, neither ahead nor for this `viewer`: what
    others had made is not told. `generated_at` is when the viewer first saw this state of the layer, whenever the file
    was made. `extent` is in the file's system, x, y.
    """
    description = rendition.description
    listed = []
    for format_ in offered(description):
        for system in format_.systems if description.geometry != "none" else (crs.EPSG27700,):
            download = Download(description.layer, rendition.id, published, format_, system, viewer=viewer)
            address = f"{here}/{quote(description.layer)}.{format_.name}"
            if system is not format_.systems[0] and description.geometry != "none":
                address += f"?{urlencode({'crs': system.uri}, safe=':/')}"
            listed.append(_told(rendition, download, kept.find(download), address))
    return {"id": description.layer, "title": description.title, "sequence": sequence,
            "updated": f"{published:%Y-%m-%dT%H:%M:%SZ}",
            "licence": {"title": description.licence.title, "url": description.licence.url},
            "attribution": description.attribution, "files": listed}


def _told(rendition: Rendition, download: Download, file: File | None, address: str) -> dict[str, Any]:
    description = rendition.description
    in_grid = download.system is crs.EPSG27700
    extent = description.extent if in_grid else description.extent_crs84
    return {
        "name": download.file_name, "format": download.format.name, "title": download.format.title,
        "type": download.format.media_type, "href": address, "bytes": file.bytes if file else None,
        "sha256": file.sha256 if file else None, "rows": description.count,
        "crs": download.system.uri if description.geometry != "none" else None,
        "extent": list(extent) if extent else None,
        "generated_at": f"{download.published:%Y-%m-%dT%H:%M:%SZ}" if file else None,
        "note": None if file else NOT_YET,
    }
