"""The tables, and the migrations that bring a database to them: forward only, each applied once, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    func,
    insert,
    inspect,
    select,
)

from hantsmap.accounts.errors import AccountsError


class Moment(TypeDecorator[datetime]):
    """A moment, in UTC. SQLite has no time zones: there it is stored as UTC without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it is stored."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """As it was given."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()
VERSION = Table("schema_version", METADATA, Column("version", Integer), Column("applied_at", Moment))
KEYS = Table(
    "keys", METADATA,
    *(Column(name, Text) for name in ("id", "digest", "audience", "org", "purpose")), Column("expires", Date),
    Column("issued_at", Moment), Column("issued_by", Text), Column("replaces", Text),
    Column("replaced_by", Text), Column("works_until", Moment), Column("revoked_at", Moment), Column("reason", Text),
)  # fmt: skip
SESSIONS = Table(
    "sessions", METADATA,
    *(Column(name, Text) for name in ("digest", "audience", "subject", "org")),
    *(Column(name, Moment) for name in ("opened_at", "expires", "closed_at")), Column("claims", Text),
)  # fmt: skip
READS = Table(
    "reads", METADATA,
    Column("read_at", Moment),
    *(Column(name, Text) for name in ("who", "audience", "layer", "rendition", "rule_version", "path_kind")),
    Column("row_count", BigInteger), Column("byte_count", BigInteger),
)  # fmt: skip
ANONYMOUS = Table(
    "anonymous_reads", METADATA,
    Column("day", Date), Column("layer", Text),
    *(Column(name, BigInteger) for name in ("read_count", "row_count", "byte_count")),
)  # fmt: skip
# The last batch that each process has written, so that a batch sent again after a broken connection counts once.
WRITERS = Table("writers", METADATA, Column("id", Text), Column("last_batch", BigInteger), Column("seen_at", Moment))

RECEIPTS = Table(
    "receipts", METADATA,
    *(Column(name, Text) for name in (
        "id", "kind", "org", "audience", "contract", "agreement", "title", "version", "text_sha256", "purpose")),
    Column("ends", Date), Column("statement", Text), Column("given_at", Moment),
    *(Column(name, Text) for name in ("given_by", "confirmed_by", "address")),
)  # fmt: skip
TEXTS = Table("agreement_texts", METADATA, Column("sha256", Text), Column("text", Text))
SEALS = Table("seals", METADATA, Column("id", Text), Column("secret", Text), Column("made_at", Moment))

# SQL that both databases read. A migration that has once gone out is never changed: the next change is a new one.
FIRST = (
    """CREATE TABLE keys (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL, audience TEXT NOT NULL, org TEXT NOT NULL, purpose TEXT NOT NULL,
        expires DATE NOT NULL, issued_at TIMESTAMPTZ NOT NULL, issued_by TEXT NOT NULL, replaces TEXT,
        replaced_by TEXT, works_until TIMESTAMPTZ, revoked_at TIMESTAMPTZ, reason TEXT)""",
    """CREATE TABLE sessions (
        digest TEXT PRIMARY KEY, audience TEXT NOT NULL, subject TEXT NOT NULL, org TEXT NOT NULL,
        opened_at TIMESTAMPTZ NOT NULL, expires TIMESTAMPTZ NOT NULL, closed_at TIMESTAMPTZ)""",
    "CREATE INDEX sessions_of_subject ON sessions (subject)",
    """CREATE TABLE reads (
        read_at TIMESTAMPTZ NOT NULL, who TEXT NOT NULL, audience TEXT NOT NULL, layer TEXT NOT NULL,
        rendition TEXT NOT NULL, rule_version TEXT NOT NULL, path_kind TEXT NOT NULL,
        row_count BIGINT NOT NULL, byte_count BIGINT NOT NULL)""",
    "CREATE INDEX reads_of_layer ON reads (layer, read_at)",
    "CREATE INDEX reads_by_age ON reads (read_at)",
    """CREATE TABLE anonymous_reads (
        day DATE NOT NULL, layer TEXT NOT NULL, read_count BIGINT NOT NULL, row_count BIGINT NOT NULL,
        byte_count BIGINT NOT NULL, PRIMARY KEY (day, layer))""",
    "CREATE TABLE writers (id TEXT PRIMARY KEY, last_batch BIGINT NOT NULL, seen_at TIMESTAMPTZ NOT NULL)",
)
# What has been read is never changed: the database itself refuses. It is only forgotten, by age.
APPEND_ONLY = {
    "sqlite": ("""CREATE TRIGGER reads_are_only_added BEFORE UPDATE ON reads
                  BEGIN SELECT RAISE(ABORT, 'reads are only added'); END""",),
    "postgresql": ("""CREATE FUNCTION reads_are_only_added() RETURNS trigger LANGUAGE plpgsql AS
                      $$BEGIN RAISE EXCEPTION 'reads are only added'; END$$""",
                   """CREATE TRIGGER reads_are_only_added BEFORE UPDATE ON reads
                      FOR EACH ROW EXECUTE FUNCTION reads_are_only_added()"""),
}
RECEIPTS_OF_AGREEMENTS = (
    """CREATE TABLE receipts (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, org TEXT NOT NULL, audience TEXT NOT NULL, contract TEXT NOT NULL,
        agreement TEXT NOT NULL, title TEXT NOT NULL, version TEXT NOT NULL, text_sha256 TEXT NOT NULL,
        purpose TEXT NOT NULL, ends DATE, statement TEXT NOT NULL, given_at TIMESTAMPTZ NOT NULL, given_by TEXT,
        confirmed_by TEXT, address TEXT)""",
    """CREATE UNIQUE INDEX receipts_once
        ON receipts (org, audience, kind, agreement, version, text_sha256, statement)""",
    "CREATE INDEX receipts_by_age ON receipts (given_at)",
    "CREATE TABLE agreement_texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE seals (id TEXT PRIMARY KEY, secret TEXT NOT NULL, made_at TIMESTAMPTZ NOT NULL)",
    "CREATE INDEX keys_of_org ON keys (org, audience)",
    "CREATE INDEX reads_by_whom ON reads (who, read_at)",
)
# A receipt is evidence: it is never taken away, and nothing of it is changed. Persons in it can be forgotten.
_FIXED = ("id, kind, org, audience, contract, agreement, title, version, text_sha256, purpose, ends, statement, "
          "given_at")
_FORGETS = " OR ".join(f"(NEW.{name} IS NOT NULL AND (OLD.{name} IS NULL OR NEW.{name} <> OLD.{name}))"
                       for name in ("given_by", "confirmed_by", "address"))
EVIDENCE = {
    "sqlite": (
        f"""CREATE TRIGGER receipts_stay_as_they_are BEFORE UPDATE OF {_FIXED} ON receipts
            BEGIN SELECT RAISE(ABORT, 'receipts are only added'); END""",
        f"""CREATE TRIGGER receipts_only_forget BEFORE UPDATE ON receipts WHEN {_FORGETS}
            BEGIN SELECT RAISE(ABORT, 'receipts are only added'); END""",
        """CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts
            BEGIN SELECT RAISE(ABORT, 'receipts are only added'); END"""),
    "postgresql": (
        """CREATE FUNCTION receipts_are_only_added() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN RAISE EXCEPTION 'receipts are only added'; END$$""",
        f"""CREATE TRIGGER receipts_stay_as_they_are BEFORE UPDATE OF {_FIXED} ON receipts
            FOR EACH ROW EXECUTE FUNCTION receipts_are_only_added()""",
        f"""CREATE TRIGGER receipts_only_forget BEFORE UPDATE ON receipts
            FOR EACH ROW WHEN ({_FORGETS}) EXECUTE FUNCTION receipts_are_only_added()""",
        """CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts
            FOR EACH ROW EXECUTE FUNCTION receipts_are_only_added()"""),
}
# Sessions that are older say nothing of their claims. They cannot be checked against the registry and are closed.
CLAIMS_OF_SESSIONS = ("ALTER TABLE sessions ADD COLUMN claims TEXT",)
MIGRATIONS: Sequence[Sequence[str | dict[str, tuple[str, ...]]]] = (
    (*FIRST, APPEND_ONLY), (*RECEIPTS_OF_AGREEMENTS, EVIDENCE), CLAIMS_OF_SESSIONS)


def version_of(connection: Connection) -> int:
    """How many migrations this database has had. Raises AccountsError when it has had more than are known here."""
    if not inspect(connection).has_table(VERSION.name):
        return 0
    version = connection.scalar(select(func.max(VERSION.c.version))) or 0
    if version > len(MIGRATIONS):
        raise AccountsError(f"The accounts were made by a newer HantsMap (schema {version}; this one knows "
                            f"{len(MIGRATIONS)}). Update HantsMap.")
    return int(version)


def migrate(connection: Connection) -> None:
    """Apply what is missing. The caller holds the lock that keeps others from doing the same."""
    version = version_of(connection)
    if version == 0:
        connection.exec_driver_sql("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, "
                                   "applied_at TIMESTAMPTZ NOT NULL)")
    for number, steps in enumerate(MIGRATIONS[version:], version + 1):
        for step in steps:
            for statement in (step,) if isinstance(step, str) else step[connection.dialect.name]:
                connection.exec_driver_sql(statement)
        connection.execute(insert(VERSION).values(version=number, applied_at=datetime.now(UTC)))
