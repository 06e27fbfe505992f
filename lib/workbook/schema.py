"""Which schema a home has: a newer one is refused in words, an older one is copied and then brought up to date.

Schema 1 is what the program made before there were migrations; revision n of `migrations/` makes schema n. A new home gets
its tables as they are now, so no migration runs on it.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from lib.errors import UserError
from lib.version import VERSION
from lib.workbook import backups

STORE_SCHEMA = 2
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_LOCK = 0x576F726B  # PostgreSQL: servers that start at once make tables one after the other
_meta = sa.table("meta", sa.column("name"), sa.column("value"))
_revision = sa.Table(
    "alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
)


def prepare(engine: sa.Engine, home: Path, metadata: sa.MetaData, document: int) -> None:
    """Make a home's tables, or bring those of an earlier program up to date, in one transaction.

    Args:
        engine: Of the store.
        home: WORKBOOK_HOME, to be named.
        metadata: The store's own tables, `meta` and `workbook` among them.
        document: Version of a workbook's own form that this program writes.

    Raises:
        UserError: A newer program wrote this home; nothing was changed.
    """
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        _queue(connection)
        found = _found(connection)
        if found > STORE_SCHEMA or _newest_document(connection) > document:
            raise _newer(connection, home)
        if 0 < found < STORE_SCHEMA:
            backups.copy(connection, found)
        metadata.create_all(connection, checkfirst=True)
        if 0 < found < STORE_SCHEMA:
            _migrate(connection, found)
        _sign(connection)


def create(engine: sa.Engine, metadata: sa.MetaData) -> None:
    """Make further tables in a home where they are missing, by one server at a time."""
    looked = sa.inspect(engine)
    if all(looked.has_table(table.name) for table in metadata.sorted_tables):
        return
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        _queue(connection)
        metadata.create_all(connection, checkfirst=True)


def _queue(connection: sa.Connection) -> None:
    """On PostgreSQL wait for other servers that do the same; on SQLite the transaction itself is the queue."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _found(connection: sa.Connection) -> int:
    """The schema of a home: 0 for a new one, a large number where it cannot be told."""
    looked = sa.inspect(connection)
    said = [_said(connection, "schema")] if looked.has_table("meta") else []
    said += ["1"] if looked.has_table("workbook") else []  # killed before it wrote its number down
    if looked.has_table("alembic_version"):
        said += connection.execute(sa.select(_revision.c.version_num)).scalars().all()
    numbers = [int(text) if text.isdecimal() else STORE_SCHEMA + 1 for text in said if text]
    return max(numbers, default=0)


def _said(connection: sa.Connection, name: str) -> str:
    return connection.execute(sa.select(_meta.c.value).where(_meta.c.name == name)).scalar() or ""


def _newest_document(connection: sa.Connection) -> int:
    if not sa.inspect(connection).has_table("workbook"):
        return 0
    newest = sa.select(sa.func.max(sa.column("schema"))).select_from(sa.table("workbook"))
    return connection.execute(newest).scalar() or 0


def _newer(connection: sa.Connection, home: Path) -> UserError:
    by = _said(connection, "program")
    of = f"version {by} of this program" if by else "a newer version of this program"
    return UserError(
        f"The answers in {home} were written by {of}; this is version {VERSION}, which cannot read them.",
        "Update the program, or start it with WORKBOOK_HOME set to another folder; nothing was changed.",
    )


def _migrate(connection: sa.Connection, found: int) -> None:
    """Run the migrations that a home lacks."""
    # Slow to load, and needed only once after an update.
    from alembic.config import Config
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext, MigrationStep
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    since = f"{found:04}" if found > 1 else "base"

    def steps(*_: object) -> list[MigrationStep]:
        newest_first = script.iterate_revisions("heads", since)
        made = [MigrationStep.upgrade_from_script(script.revision_map, item) for item in newest_first]
        return made[::-1]  # type: ignore[return-value]

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()


def _sign(connection: sa.Connection) -> None:
    """Write down the schema and who made it so."""
    _revision.create(connection, checkfirst=True)
    if connection.execute(sa.select(_revision.c.version_num)).first() is None:
        connection.execute(_revision.insert().values(version_num=f"{STORE_SCHEMA:04}"))
    for name, value in (("schema", str(STORE_SCHEMA)), ("program", VERSION)):
        if _said(connection, name) != value:
            connection.execute(_meta.delete().where(_meta.c.name == name))
            connection.execute(_meta.insert().values(name=name, value=value))
