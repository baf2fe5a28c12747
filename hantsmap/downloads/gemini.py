"""Metadata of a file, as ISO 19139 after UK GEMINI 2.3: what it is, whose, how new, and under which licence."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree as Xml

from hantsmap.rendition import Description

GMD, GCO = "http://www.isotc211.org/2005/gmd", "http://www.isotc211.org/2005/gco"
CODES = "http://standards.iso.org/ittf/PubliclyAvailableStandards/ISO_19139_Schemas/resources/codelist/gmxCodelists.xml"
Xml.register_namespace("gmd", GMD)
Xml.register_namespace("gco", GCO)


def gemini(description: Description, rendition: str, published: datetime, epsg: str) -> str:
    """The metadata record of a rendition. `epsg` is the code of the file's reference system, such as 27700."""
    root = Xml.Element(_gmd("MD_Metadata"))
    _text(root, "fileIdentifier", f"{description.layer}-{rendition}")
    _code(root, "language", "LanguageCode", "eng")
    _code(root, "hierarchyLevel", "MD_ScopeCode", "dataset")
    _party(root, "contact", description, "pointOfContact")
    Xml.SubElement(Xml.SubElement(root, _gmd("dateStamp")), _gco("Date")).text = f"{published:%Y-%m-%d}"
    if description.geometry != "none":
        system = _path(root, "referenceSystemInfo", "MD_ReferenceSystem", "referenceSystemIdentifier", "RS_Identifier")
        _text(system, "code", f"http://www.opengis.net/def/crs/EPSG/0/{epsg}")
    _identification(root, description, published)
    quality = _path(root, "dataQualityInfo", "DQ_DataQuality")
    _code(_path(quality, "scope", "DQ_Scope"), "level", "MD_ScopeCode", "dataset")
    _text(_path(quality, "lineage", "LI_Lineage"), "statement", description.lineage)
    Xml.indent(root, " ")
    return Xml.tostring(root, encoding="unicode")


def _identification(root: Xml.Element, description: Description, published: datetime) -> None:
    data = _path(root, "identificationInfo", "MD_DataIdentification")
    citation = _path(data, "citation", "CI_Citation")
    _text(citation, "title", description.title)
    dated = _path(citation, "date", "CI_Date")
    Xml.SubElement(Xml.SubElement(dated, _gmd("date")), _gco("Date")).text = f"{published:%Y-%m-%d}"
    _code(dated, "dateType", "CI_DateTypeCode", "publication")
    _text(data, "abstract", " ".join(filter(None, (description.description, description.notice))))
    _party(data, "pointOfContact", description, "custodian")
    _text(_path(data, "resourceMaintenance", "MD_MaintenanceInformation"), "maintenanceNote", description.cadence)
    if description.keywords:
        keywords = _path(data, "descriptiveKeywords", "MD_Keywords")
        for word in description.keywords:
            _text(keywords, "keyword", word)
    limits = _path(data, "resourceConstraints", "MD_LegalConstraints")
    _code(limits, "useConstraints", "MD_RestrictionCode", "otherRestrictions")
    for words in (f"{description.licence.title}: {description.licence.url}", description.attribution):
        _text(limits, "otherConstraints", words)
    if description.capture_scale:
        fraction = _path(data, "spatialResolution", "MD_Resolution", "equivalentScale", "MD_RepresentativeFraction")
        whole = Xml.SubElement(Xml.SubElement(fraction, _gmd("denominator")), _gco("Integer"))
        whole.text = str(description.capture_scale)
    _code(data, "language", "LanguageCode", "eng")
    if description.extent_crs84:
        box = _path(data, "extent", "EX_Extent", "geographicElement", "EX_GeographicBoundingBox")
        west, south, east, north = description.extent_crs84
        for name, degrees in (("westBoundLongitude", west), ("eastBoundLongitude", east),
                              ("southBoundLatitude", south), ("northBoundLatitude", north)):
            Xml.SubElement(Xml.SubElement(box, _gmd(name)), _gco("Decimal")).text = repr(degrees)


def _party(parent: Xml.Element, name: str, description: Description, role: str) -> None:
    party = _path(parent, name, "CI_ResponsibleParty")
    _text(party, "organisationName", f"{description.publisher}, {description.steward}")
    if description.contact:
        _text(_path(party, "contactInfo", "CI_Contact", "address", "CI_Address"), "electronicMailAddress",
              description.contact)
    _code(party, "role", "CI_RoleCode", role)


def _gmd(name: str) -> str:
    return f"{{{GMD}}}{name}"


def _gco(name: str) -> str:
    return f"{{{GCO}}}{name}"


def _path(parent: Xml.Element, *names: str) -> Xml.Element:
    for name in names:
        parent = Xml.SubElement(parent, _gmd(name))
    return parent


def _text(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(Xml.SubElement(parent, _gmd(name)), _gco("CharacterString")).text = text


def _code(parent: Xml.Element, name: str, kind: str, value: str) -> None:
    Xml.SubElement(Xml.SubElement(parent, _gmd(name)), _gmd(kind),
                   {"codeList": f"{CODES}#{kind}", "codeListValue": value}).text = value
