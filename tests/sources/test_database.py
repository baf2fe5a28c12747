"""PostGIS, from a real PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import traceback
import uuid
from datetime import UTC, date, datetime

import postgres
import psycopg
import pytest
import shapely

from hantsmap.errors import SourceError
from hantsmap.sources import database as database_source

TABLE = '''
    create schema if not exists "Odd Name";
    drop table if exists "Odd Name"."sites; --" cascade;
    create table "Odd Name"."sites; --" (
        id text primary key, "Full ""Name""" text, n integer, uprn bigint, area numeric(10, 2), ok boolean,
        day date, at timestamptz, tags text[], extra jsonb, ref uuid, geom geometry(Point, 27700)
    );
    insert into "Odd Name"."sites; --" values
        ('a', 'Café', 1, 100062620000, 1.25, true, '2024-03-01', '2024-03-01 10:00+01', '{x,y}', '{"k": 1}',
         '00000000-0000-0000-0000-000000000007', 'SRID=27700;POINT(442000.25 112000.5)'),
        ('b', null, null, null, null, null, null, null, null, null, null, null);
'''  # fmt: skip
NAME = "Odd Name.sites; --"


@pytest.fixture
def town(database, monkeypatch):
    """A connection to a fresh table, its URL in HANTSMAP_TEST_DB."""
    monkeypatch.setenv("HANTSMAP_TEST_DB", database.url.replace("postgresql://", "postgresql+psycopg://"))
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(TABLE)
        yield connection


def test_rows_values_and_crs(desk, town) -> None:
    """Every type arrives as the database has it, a null as None, and identifiers of any spelling are quoted."""
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME)
    rows = raw.frame.drop(columns="geometry").astype(object).to_numpy().tolist()
    assert rows[0] == [
        "a", "Café", 1, 100062620000, 1.25, True, date(2024, 3, 1), datetime(2024, 3, 1, 9, tzinfo=UTC), ["x", "y"],
        {"k": 1}, str(uuid.UUID(int=7)),
    ]  # fmt: skip
    assert rows[1] == ["b"] + [None] * 10
    assert raw.frame.crs.to_epsg() == 27700
    assert raw.frame.geometry.tolist() == [shapely.Point(442000.25, 112000.5), None]
    assert raw.findings == [] and raw.provenance["rows_read"] == 2 and raw.provenance["driver"] == "PostGIS"


def test_the_same_choices_as_for_files(desk, town, rules) -> None:
    """Aliases, where and clip work on a table as on a file."""
    town.execute("""insert into "Odd Name"."sites; --" (id, geom) values ('far', 'SRID=27700;POINT(10 10)')""")
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME, aliases={"n": "count"}, clip=True)
    assert raw.frame["id"].tolist() == ["a", "b"] and "count" in raw.frame
    assert rules(raw.findings) == [("outside-clip", "dropped")]
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME, where={"n": [1]})
    assert raw.frame["id"].tolist() == ["a"]


def test_lon_lat_views_and_geography(desk, town) -> None:
    """A view in another CRS, and geography, come with their own CRS, longitude first."""
    town.execute("""create or replace view lonlat as
        select id, 'SRID=4326;POINT(-1.4 50.9)'::geography as place from "Odd Name"."sites; --" """)
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer="lonlat")
    assert raw.frame.crs.to_epsg() == 4326 and raw.frame.geometry[0] == shapely.Point(-1.4, 50.9)


def test_a_column_without_crs_needs_the_registry(desk, town) -> None:
    """SRID 0 is an error until `crs` is set; an empty table takes the column's."""
    town.execute("create table if not exists bare as select 'a' as id, ST_Point(442000, 112000) as geom")
    with pytest.raises(SourceError, match=r"Set `crs`, most likely to EPSG:27700"):
        desk.read(postgis="HANTSMAP_TEST_DB", layer="bare")
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer="public.bare", crs="EPSG:27700")
    assert raw.frame.crs.to_epsg() == 27700
    town.execute("""delete from "Odd Name"."sites; --" """)
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME)
    assert len(raw.frame) == 0 and raw.frame.crs.to_epsg() == 27700


def test_the_fingerprint_follows_the_rows(desk, town) -> None:
    """It is the same on every asking and for any order of rows, and another after a change of a value or a column."""
    before = desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer=NAME)
    assert desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer=NAME) == before
    town.execute("""update "Odd Name"."sites; --" set n = 1 where id = 'a'""")  # Moves the row and changes nothing.
    assert desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer=NAME) == before
    assert desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME).provenance["sha256"] in before
    town.execute("""update "Odd Name"."sites; --" set geom = 'SRID=27700;POINT(442000.25 112000.6)' where id = 'a'""")
    changed = desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer=NAME)
    town.execute("""alter table "Odd Name"."sites; --" rename n to m""")
    assert len({before, changed, desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer=NAME)}) == 3


def test_a_table_that_is_not_there(desk, town) -> None:
    """The error lists the tables that are; text that looks like SQL is only a name that does not exist."""
    with pytest.raises(SourceError, match=r"no such table. There are .*`Odd Name.sites; --`"):
        desk.read(postgis="HANTSMAP_TEST_DB", layer="nothing")
    with pytest.raises(SourceError, match=r"no such table"):
        desk.read(postgis="HANTSMAP_TEST_DB", layer='x"; drop table "y')
    with pytest.raises(SourceError, match=r"Name the table as `schema.table`"):
        desk.read(postgis="HANTSMAP_TEST_DB")


def test_a_layer_without_geometry(desk, town) -> None:
    """A table is served without its geometry where the layer has none, and refused where it should have one."""
    raw = desk.read("none", postgis="HANTSMAP_TEST_DB", layer=NAME)
    assert raw.frame.geometry.isna().all() and "geom" not in raw.frame
    town.execute("create table if not exists plain as select 'a' as id")
    with pytest.raises(SourceError, match=r"no geometry column"):
        desk.read(postgis="HANTSMAP_TEST_DB", layer="plain")


@pytest.mark.parametrize("trouble", ["password", "user", "database", "port", "nonsense", "unset"])
def test_no_secret_ever_comes_out(desk, town, database, monkeypatch, trouble) -> None:
    """Whatever is wrong with the connection, neither the error nor its traceback repeats the URL or the password."""
    secret = "s3cret-" + postgres.PASSWORD
    url = {
        "password": database.url.replace(postgres.PASSWORD, secret),
        "user": database.url.replace(postgres.USER, "nobody-here").replace(postgres.PASSWORD, secret),
        "database": database.url + "-missing",
        "port": f"postgresql://{postgres.USER}:{secret}@127.0.0.1:1/postgres",
        "nonsense": f"host=127.0.0.1 {secret}",
        "unset": "",
    }[trouble]
    told = {
        "password": "refuses the user or the password", "user": "refuses the user or the password",
        "database": "has no database of the name", "port": "cannot be reached", "nonsense": "not hold a connection URL",
        "unset": "HANTSMAP_TEST_DB is not set",
    }[trouble]  # fmt: skip
    monkeypatch.setenv("HANTSMAP_TEST_DB", url)
    with pytest.raises(SourceError, match=told) as caught:
        desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME)
    everything = "".join(traceback.format_exception(caught.value))
    assert postgres.PASSWORD not in everything and "127.0.0.1" not in str(caught.value)


def test_provenance_holds_no_secret(desk, town, database) -> None:
    """The place is the variable's name and the table."""
    raw = desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME)
    assert raw.provenance["place"] == f"$HANTSMAP_TEST_DB {NAME}"
    assert postgres.PASSWORD not in json.dumps(raw.provenance) and "127.0.0.1" not in json.dumps(raw.provenance)


def test_a_locked_table_is_a_sentence(desk, town, database, monkeypatch) -> None:
    """A table that another program holds locked is an error after the lock's time, and readable when it is free."""
    monkeypatch.setattr(database_source, "LOCK_S", 0.2)
    with psycopg.connect(database.url) as other:
        other.execute("""lock table "Odd Name"."sites; --" in access exclusive mode""")
        with pytest.raises(SourceError, match=r"another program has locked the table for 0\.2 seconds"):
            desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME)
        with pytest.raises(SourceError, match=r"has locked the table"):
            desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer=NAME)
    assert len(desk.read(postgis="HANTSMAP_TEST_DB", layer=NAME).frame) == 2


SLOW = """create or replace view slow as select id, geom, pg_sleep(20)::text as x from "Odd Name"."sites; --" """


def test_a_slow_view_is_ended(desk, town, monkeypatch) -> None:
    """A statement that takes too long is ended by the database, and nothing of it goes on running there."""
    town.execute(SLOW)
    monkeypatch.setenv("HANTSMAP_DATABASE_TIMEOUT_S", "0.3")
    with pytest.raises(SourceError, match=r"did not answer within 0\.3 seconds.*HANTSMAP_DATABASE_TIMEOUT_S"):
        desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer="slow")
    assert running(town) == []


def running(town) -> list[int]:
    """Processes of the database that work for a source."""
    found = town.execute("select pid from pg_stat_activity where application_name = 'hantsmap' and state = 'active'")
    return [row[0] for row in found]


def test_a_frozen_database_does_not_hold_the_publisher(desk, town, monkeypatch) -> None:
    """Where the database ends nothing, because it is frozen, the connection is cut."""
    town.execute(SLOW)
    monkeypatch.setenv("HANTSMAP_DATABASE_TIMEOUT_S", "1")
    monkeypatch.setattr(database_source, "GRACE_S", 0.5)
    stopped: list[int] = []

    def freeze() -> None:
        end = time.monotonic() + 30
        while not stopped and time.monotonic() < end:
            stopped.extend(running(town))
            time.sleep(0.01)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)

    thread = threading.Thread(target=freeze)
    thread.start()
    try:
        with pytest.raises(SourceError, match=r"did not answer within 1 seconds"):
            desk.fingerprint(postgis="HANTSMAP_TEST_DB", layer="slow")
    finally:
        thread.join()
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert len(stopped) == 1
