"""GeoPackage (OGC 12-128r18): the features, a QGIS style, metadata, and what fields and codes mean."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from hantsmap import crs, symbols
from hantsmap.downloads.batches import Rows, free_name
from hantsmap.downloads.gdal import write_gdal
from hantsmap.downloads.gemini import gemini
from hantsmap.downloads.qgis_metadata import STANDARD, qgis_metadata
from hantsmap.layer import FieldType

SCHEMA_EXTENSION = "http://www.geopackage.org/spec/#extension_schema"
ISO = "http://www.isotc211.org/2005/gmd"
METADATA_EXTENSION = "http://www.geopackage.org/spec/#extension_metadata"
TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL
  DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT,
  row_id_value INTEGER, timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME);
"""


def write_geopackage(path: Path, rows: Rows, moment: datetime) -> None:
    """The features of a layer; `moment` is the time of every date in the file. Lists are JSON texts."""
    taken = {"id", *rows.fields}
    geometry, fid = (free_name(name, taken) for name in ("geom", "fid"))
    named = Rows(rows.rendition, rows.positions, rows.system, geometry)
    description = rows.rendition.description
    write_gdal(path, named, named.schema(lists=False), "GPKG", {
        "IDENTIFIER": description.title, "DESCRIPTION": description.description, "FID": fid,
        **({"GEOMETRY_NAME": geometry} if named.placed else {})}, moment=moment)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # Nobody else has it yet, and a file that is broken off is thrown away.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        _furnish(database, named, f"{moment:%Y-%m-%dT%H:%M:%S}.000Z")
        database.execute("COMMIT")


def _furnish(database: sqlite3.Connection, rows: Rows, moment: str) -> None:
    description = rows.rendition.description
    table = description.layer
    for statement in TABLES.split(";\n"):
        if statement.strip():
            database.execute(statement)
    for name, extension in (("gpkg_data_columns", SCHEMA_EXTENSION), ("gpkg_data_column_constraints", SCHEMA_EXTENSION),
                            ("gpkg_metadata", METADATA_EXTENSION), ("gpkg_metadata_reference", METADATA_EXTENSION)):
        kind = "gpkg_schema" if extension == SCHEMA_EXTENSION else "gpkg_metadata"
        database.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", (name, kind, extension))
    _columns(database, rows)
    written = datetime.fromisoformat(moment)
    epsg = "27700" if rows.system is crs.EPSG27700 else "4326"
    records = ((ISO, gemini(description, rows.rendition.id, written, epsg)),
               (STANDARD, qgis_metadata(description, f"{table}-{rows.rendition.id}", epsg)))
    for number, (standard, record) in enumerate(records, start=1):
        database.execute("INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)",
                         (number, standard, record))
        database.execute("INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, NULL)",
                         (table, moment, number))
    database.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
                     "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)", (moment,))
    database.execute(
        "INSERT INTO layer_styles VALUES (1, '', '', ?, ?, ?, ?, '', 1, ?, ?, NULL, ?)",
        (table, rows.geometry if rows.placed else "", table, symbols.qml(description), description.title,
         description.publisher, moment))


def _columns(database: sqlite3.Connection, rows: Rows) -> None:
    """Titles and descriptions of columns, and the words of codes (the schema extension of GeoPackage)."""
    description, told = rows.rendition.description, set()
    for name, field in description.fields.items():
        codes = field.codes if field.codes and field.type in (FieldType.STRING, FieldType.INTEGER) else None
        unit = f" Unit: {field.unit}." if field.unit else ""
        database.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)", (
            description.layer, name, f"{field.title} [{name}]", field.title, f"{field.description}{unit}", codes))
        if codes and codes not in told:
            told.add(codes)
            database.executemany(
                "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
                [(codes, code, words) for code, words in description.code_lists[codes].values.items()])
