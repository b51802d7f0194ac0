"""The tables of a store, and how they are made.

Calls, verdicts and labels are only ever inserted; triggers refuse anything else. What holds now is a
view: the latest verdict of each trial.

No table has two indexes that begin with run_id, and no query joins on it: while PostgreSQL has not
counted a new run's rows yet, it takes such an index for the other and reads the whole run for each row.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    func,
    inspect,
    select,
)

from judge.errors import StoreError
from judge.store.columns import AnyText, JsonText, Real

SCHEMA_VERSION = 1

# An arbitrary number that everyone who makes tables in a PostgreSQL locks first.
CREATION_LOCK = 0x6A75646765

metadata = MetaData()

# SQLite numbers rows by itself only where the type is spelled INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, *more: ForeignKey, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, AnyText, *more, primary_key=key, nullable=null)


meta = Table("meta", metadata, Column("schema_version", Integer, primary_key=True))

runs = Table(
    "runs",
    metadata,
    _text("run_id", key=True),
    _text("command"),
    Column("config", JsonText, nullable=False),
    _text("items_hash"),
    Column("seed", BigInteger, nullable=False),
    _text("revision"),
    Column("packages", JsonText, nullable=False),
    Column("planned", JsonText, nullable=False),
    _text("state"),
    _text("started_at"),
    _text("ended_at", null=True),
    Column("cost_usd", Real),
    Column("stopped", JsonText, nullable=False),
)

# lengths: system -> characters, so that a verdict table needs no payload.
items = Table(
    "items",
    metadata,
    _text("run_id", ForeignKey("runs.run_id"), key=True),
    _text("item_id", key=True),
    Column("position", Integer, nullable=False),
    _text("cluster"),
    _text("category", null=True),
    Column("lengths", JsonText, nullable=False),
    Column("payload", JsonText, nullable=False),
)

trials = Table(
    "trials",
    metadata,
    _text("run_id", key=True),
    _text("trial_id", key=True),
    _text("item_id"),
    _text("judge"),
    _text("rubric"),
    _text("variant"),
    _text("system_a"),
    _text("system_b", null=True),
    _text("order"),
    Column("repeat", Integer, nullable=False),
    _text("content_key"),
    ForeignKeyConstraint(["run_id", "item_id"], ["items.run_id", "items.item_id"]),
    Index("trials_of_item", "item_id"),
)

# run_id, trial_id, judge: what the call was made and paid for. tokens_in to sent: the completion, all
# NULL where every attempt failed. Long texts come last: SQLite reads a row from its front.
calls = Table(
    "calls",
    metadata,
    Column("call_id", _Number, primary_key=True),
    _text("run_id"),
    _text("trial_id"),
    _text("judge"),
    _text("content_key"),
    Column("reask", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("cost_usd", Real),
    Column("booked_usd", Real, nullable=False),
    _text("asked_at"),
    _text("marker"),
    Column("tokens_in", BigInteger),
    Column("tokens_out", BigInteger),
    Column("tokens_cached", BigInteger),
    Column("latency_s", Real),
    _text("finish_reason", null=True),
    _text("model", null=True),
    _text("request_id", null=True),
    _text("structured", null=True),
    Column("sent", JsonText),
    _text("text", null=True),
    Column("logprobs", JsonText),
    _text("error"),
    _text("request"),
    ForeignKeyConstraint(["run_id", "trial_id"], ["trials.run_id", "trials.trial_id"]),
    Index("calls_of_content", "content_key"),
    Index("calls_of_run", "run_id"),
)

# call_id: the call that was read. call_ids: all calls that the judgment made, in their order.
verdicts = Table(
    "verdicts",
    metadata,
    Column("verdict_id", _Number, primary_key=True),
    _text("run_id"),
    _text("trial_id"),
    Column("call_id", _Number, ForeignKey("calls.call_id")),
    Column("call_ids", JsonText, nullable=False),
    Column("reused", Boolean, nullable=False),
    Column("parser_version", Integer, nullable=False),
    _text("status"),
    _text("label", null=True),
    Column("score", Real),
    Column("criteria", JsonText, nullable=False),
    Column("p_a", Real),
    Column("p_dist", JsonText),
    _text("method"),
    _text("explanation"),
    _text("reason"),
    ForeignKeyConstraint(["run_id", "trial_id"], ["trials.run_id", "trials.trial_id"]),
    CheckConstraint(
        "(status = 'ok') = (label IS NOT NULL OR score IS NOT NULL)", name="value_only_if_ok"
    ),
)
Index("verdicts_of_trial", verdicts.c.run_id, verdicts.c.trial_id, verdicts.c.verdict_id.desc())

# What people said, one row a label. labels_hash: over all labels of a set, which a run names in its
# config. Without foreign keys: a set is stored once, whichever runs use it.
human_labels = Table(
    "human_labels",
    metadata,
    _text("labels_hash", key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("item_id"),
    _text("rater"),
    Column("payload", JsonText, nullable=False),
)

# What people's labels said of a judge, one row a certificate. certificate_id: the hash of its payload.
# Without foreign keys: it is quoted long after its run may have been forgotten.
certificates = Table(
    "certificates",
    metadata,
    _text("certificate_id", key=True),
    _text("judge"),
    _text("run_id"),
    _text("made_at"),
    Column("payload", JsonText, nullable=False),
)

# Tables that stores made earlier lack. They are made when first written to (`complete`), and until then
# read as empty (`has`): an older program does without them, so the version stays.
LATER = (human_labels, certificates)

# A table of its own MetaData, so that it is read from and never created.
current_verdicts = verdicts.to_metadata(MetaData(), name="current_verdicts")

# A window and not a self-join: what is asked of a run or a trial is asked of the inner rows alone.
_VIEW = f"""
CREATE VIEW current_verdicts AS SELECT {", ".join(verdicts.c.keys())} FROM (
    SELECT *, row_number() OVER (PARTITION BY run_id, trial_id ORDER BY verdict_id DESC) AS age
    FROM verdicts
) AS aged WHERE age = 1
"""

_APPEND_ONLY = (calls, verdicts, *LATER)

_REFUSAL = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || '' are append-only''; END'"
)


def _guards(table: Table, dialect: str) -> list[str]:
    """The statements that make a table append-only, once PostgreSQL has the function."""
    if dialect == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ]
    return [
        f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        for change in ("UPDATE", "DELETE")
    ]


def create(connection: Connection) -> None:
    """Makes everything in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    dialect = connection.dialect.name
    statements = [_VIEW, *([_REFUSAL] if dialect == "postgresql" else [])]
    for table in _APPEND_ONLY:
        statements += _guards(table, dialect)
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.execute(meta.insert().values(schema_version=SCHEMA_VERSION))


def complete(connection: Connection, table: Table) -> None:
    """Makes one of the LATER tables where the store lacks it, in a transaction that writes."""
    if has(connection, table):
        return
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(CREATION_LOCK)))
        if has(connection, table):  # another process made it while this one waited
            return
    table.create(connection, checkfirst=False)
    for statement in _guards(table, connection.dialect.name):
        connection.exec_driver_sql(statement)


def has(connection: Connection, table: Table) -> bool:
    """Whether the store has that table; one that was made before there was such a table has not."""
    return inspect(connection).has_table(table.name)


def version(connection: Connection) -> int | None:
    """The schema's version, None in an empty database. Raises StoreError for something else's."""
    inspector = inspect(connection)
    found = set(inspector.get_table_names())
    if "meta" in found and "schema_version" in {c["name"] for c in inspector.get_columns("meta")}:
        return int(connection.execute(select(meta.c.schema_version)).scalar_one())
    if connection.dialect.name == "postgresql":  # a server's database may be shared with others
        found &= metadata.tables.keys()
    if found:
        raise StoreError(
            f"it holds tables that are not a store's ({', '.join(sorted(found)[:5])}); name another "
            "place with --store"
        )
    return None
