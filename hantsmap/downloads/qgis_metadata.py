"""Metadata of a layer as QGIS reads it from a GeoPackage: licence, rights, credit, contacts and history.

QGIS 3.22 and later read the record of `gpkg_metadata` whose standard is `STANDARD`, and show it in the properties of
the layer (source: `QgsLayerMetadata::readMetadataXml`).
"""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from hantsmap.rendition import Description

STANDARD = "http://mrcc.com/qgis.dtd"


def qgis_metadata(description: Description, identifier: str, epsg: str) -> str:
    """The record. `identifier` names the file's content, `epsg` is the code of its reference system, such as 27700."""
    root = Xml.Element("qgis", {"version": "3.22.0"})
    words = " ".join(filter(None, (description.description, description.notice)))
    for name, text in (("identifier", identifier), ("parentidentifier", ""), ("language", "ENG"), ("type", "dataset"),
                       ("title", description.title), ("abstract", words)):
        Xml.SubElement(root, name).text = text
    if description.keywords:
        keywords = Xml.SubElement(root, "keywords", {"vocabulary": "keywords"})
        for word in description.keywords:
            Xml.SubElement(keywords, "keyword").text = word
    _contact(root, description, description.publisher, "publisher")
    _contact(root, description, description.steward, "custodian")
    licence = description.licence
    Xml.SubElement(Xml.SubElement(root, "links"), "link", {
        "name": licence.title, "type": "WWW:LINK", "url": licence.url, "description": "Licence", "format": "",
        "mimeType": "text/html", "size": ""})
    for text in (description.lineage, f"Source: {description.source_name}.", f"Updated: {description.cadence}."):
        Xml.SubElement(root, "history").text = text
    Xml.SubElement(root, "fees")
    Xml.SubElement(root, "constraints", {"type": "use"}).text = licence.title
    Xml.SubElement(root, "rights").text = description.attribution
    Xml.SubElement(root, "license").text = f"{licence.title} ({licence.url})"
    Xml.SubElement(root, "encoding").text = "UTF-8"
    if description.geometry != "none":
        system = Xml.SubElement(Xml.SubElement(root, "crs"), "spatialrefsys")
        Xml.SubElement(system, "authid").text = f"EPSG:{epsg}"
    if description.extent_crs84:
        _extent(root, description.extent_crs84)
    Xml.indent(root, " ")
    return f"<!DOCTYPE qgis PUBLIC '{STANDARD}' 'SYSTEM'>\n" + Xml.tostring(root, encoding="unicode")


def _contact(root: Xml.Element, description: Description, organisation: str, role: str) -> None:
    contact = Xml.SubElement(root, "contact")
    for name, text in (("name", organisation), ("organization", description.publisher), ("position", ""),
                       ("voice", ""), ("fax", ""), ("email", description.contact), ("role", role)):
        Xml.SubElement(contact, name).text = text


def _extent(root: Xml.Element, box: tuple[float, float, float, float]) -> None:
    """Longitudes and latitudes, west to east and south to north."""
    west, south, east, north = (repr(edge) for edge in box)
    Xml.SubElement(Xml.SubElement(root, "extent"), "spatial", {
        "crs": "EPSG:4326", "dimensions": "2", "minx": west, "miny": south, "maxx": east, "maxy": north,
        "minz": "0", "maxz": "0"})
