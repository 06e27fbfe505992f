"""A home of an earlier program is copied and brought up to date; one of a later program is refused in words."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from lib.errors import UserError
from lib.room.store import Rooms
from lib.version import VERSION
from lib.workbook import backups, schema
from lib.workbook.store import Store
from tests.workbook.test_homes import INDEX, unpack

pytestmark = pytest.mark.usefixtures("database")
ROOT = Path(__file__).resolve().parents[2]
SECRET = "what Ann thinks"


def old_home(home: Path) -> tuple[str, str]:
    """A home as schema 1 had it, with a private answer in it; ids of its workbook and room."""
    store = Store(home)
    book = store.create("Acme", author="Ann")
    rooms = Rooms(store.engine, home)
    room = rooms.open(book, "Tuesday", "hour")[0].id
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE room_answer")
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.exec_driver_sql(
            "CREATE TABLE room_answer (room TEXT NOT NULL, round TEXT NOT NULL, participant TEXT NOT NULL,"
            " question TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL, sequence INTEGER NOT NULL,"
            " hidden BOOLEAN NOT NULL, PRIMARY KEY (room, round, participant, question))"
        )
        row = {"room": room, "said": f'"{SECRET}"'}
        connection.execute(
            sa.text("INSERT INTO room_answer VALUES (:room, 'r1', 'ann', 'q', :said, '2026', 7, false)"), row
        )
        connection.exec_driver_sql("DELETE FROM meta WHERE name = 'program'")
        connection.exec_driver_sql("UPDATE meta SET value = '1' WHERE name = 'schema'")
    store.engine.dispose()
    return book, room


def copies(engine: sa.Engine) -> list[str]:
    """The copies of the table with the private answer."""
    if engine.dialect.name == "sqlite":
        return [path.name for path in backups.files(engine)]
    return [name for name in sa.inspect(engine).get_table_names() if name.startswith("room_answer_schema_1_")]


def kept_in_copies(engine: sa.Engine) -> bool:
    """Whether a copy still holds the private answer."""
    if engine.dialect.name == "sqlite":
        return any(SECRET.encode() in path.read_bytes() for path in backups.files(engine))
    with engine.connect() as connection:
        return any(
            SECRET in repr(connection.exec_driver_sql(f"SELECT * FROM {name}").all())
            for name in copies(engine)
        )


def types(engine: sa.Engine) -> dict[str, dict[str, str]]:
    """Table -> column -> type, copies left out."""
    look = sa.inspect(engine)
    names = [name for name in look.get_table_names() if "_schema_" not in name]
    return {
        name: {column["name"]: str(column["type"]) for column in look.get_columns(name)} for name in names
    }


def test_an_older_home_is_copied_and_then_brought_up_to_date(tmp_path: Path) -> None:
    book, room = old_home(tmp_path)
    store = Store(tmp_path)
    assert types(store.engine)["room_answer"]["sequence"] == "BIGINT"
    assert store.workbook(book).name == "Acme"
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT sequence FROM room_answer").scalars().all() == [7]
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        kept = {row.name: row.value for row in connection.exec_driver_sql("SELECT name, value FROM meta")}
    assert (version, kept) == ("0002", {"schema": "2", "program": VERSION})
    assert len(copies(store.engine)) == 1
    assert kept_in_copies(store.engine)
    for path in backups.files(store.engine) if store.engine.dialect.name == "sqlite" else []:
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(copies(Store(tmp_path).engine)) == 1  # once, not at every start
    assert Rooms(store.engine, tmp_path).get(room).name == "Tuesday"


def test_an_old_home_becomes_what_a_new_one_is(tmp_path: Path, database: str) -> None:
    new = tmp_path / "new"
    new.mkdir()
    if database == "postgresql":
        fresh = Store(new)
        Rooms(fresh.engine, new)
        wanted = types(fresh.engine)
        with fresh.engine.begin() as connection:
            for name in wanted:
                connection.exec_driver_sql(f'DROP TABLE "{name}"')
        old_home(tmp_path)
    else:
        fresh = Store(new)
        Rooms(fresh.engine, new)
        wanted = types(fresh.engine)
        unpack("past-08", tmp_path)
    there = Store(tmp_path)
    Rooms(there.engine, tmp_path)
    assert {name: columns for name, columns in types(there.engine).items() if name in wanted} == wanted


@pytest.mark.parametrize("sign", [
    "UPDATE meta SET value = '99' WHERE name = 'schema'",
    "UPDATE meta SET value = 'x' WHERE name = 'schema'",
    "UPDATE alembic_version SET version_num = '0099'",
    "UPDATE workbook SET schema = 99",
])  # fmt: skip
def test_a_newer_home_is_refused_in_words_and_left_as_it_is(tmp_path: Path, sign: str) -> None:
    store = Store(tmp_path)
    store.create("Acme", author="Ann")
    with store.engine.begin() as connection:
        connection.exec_driver_sql(sign)
        connection.exec_driver_sql("UPDATE meta SET value = '7.1.0' WHERE name = 'program'")
        before = connection.exec_driver_sql("SELECT name, value FROM meta ORDER BY name").all()
    with pytest.raises(UserError, match=f"written by version 7.1.0 .* this is version {VERSION}") as caught:
        Store(tmp_path)
    assert "Update the program" in caught.value.remedy
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name, value FROM meta ORDER BY name").all() == before
    if store.engine.dialect.name == "sqlite":
        assert not backups.files(store.engine)


def test_a_migration_that_fails_leaves_the_home_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _ = old_home(tmp_path)

    def fail(connection: sa.Connection, found: int) -> None:
        connection.exec_driver_sql("DROP TABLE room_answer")
        raise RuntimeError("no more")

    with monkeypatch.context() as patched:
        patched.setattr(schema, "_migrate", fail)
        with pytest.raises(RuntimeError):
            Store(tmp_path)
    store = Store(tmp_path)
    assert types(store.engine)["room_answer"]["sequence"] == "BIGINT"
    assert store.workbook(book).name == "Acme"
    assert not list(tmp_path.glob("*.part"))


def test_a_server_killed_in_a_migration_leaves_the_home_as_it_was(tmp_path: Path) -> None:
    book, _ = old_home(tmp_path)
    killed = (
        "import os, signal, sys; from pathlib import Path; from lib.workbook import schema;"
        "from lib.workbook.store import Store; sign = schema._sign;"
        "schema._sign = lambda c: (sign(c), os.kill(os.getpid(), signal.SIGKILL)); Store(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path)], cwd=ROOT, check=False, timeout=180)
    assert done.returncode == -9
    store = Store(tmp_path)
    assert store.workbook(book).name == "Acme"
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT sequence FROM room_answer").scalars().all() == [7]
    assert types(store.engine)["room_answer"]["sequence"] == "BIGINT"


def test_servers_that_start_at_once_bring_a_home_up_to_date_once(tmp_path: Path) -> None:
    book, _ = old_home(tmp_path)
    start = (
        "import sys; from pathlib import Path; from lib.workbook.store import Store; from lib.room.store import Rooms;"
        "home = Path(sys.argv[1]); store = Store(home); Rooms(store.engine, home);"
        "print(store.workbook(sys.argv[2]).name)"
    )
    command = [sys.executable, "-c", start, str(tmp_path), book]
    servers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [server.communicate(timeout=180) for server in servers]
    assert [out.strip() for out, _ in said] == ["Acme"] * 4, said
    assert len(copies(Store(tmp_path).engine)) == 1


@pytest.mark.parametrize("way", ["own", "all", "remove"])
def test_what_is_deleted_for_good_is_deleted_from_copies_too(tmp_path: Path, way: str) -> None:
    _, room = old_home(tmp_path)
    store = Store(tmp_path)
    rooms = Rooms(store.engine, tmp_path)
    assert kept_in_copies(store.engine)
    if way == "remove":
        rooms.remove(room, "facilitator", "ann")
    else:
        rooms.ballots.delete_answers(room, "facilitator", "ann" if way == "own" else "")
    assert copies(store.engine)
    assert not kept_in_copies(store.engine)
    if store.engine.dialect.name == "sqlite":
        assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_the_last_migration_makes_the_schema_that_the_program_writes() -> None:
    numbers = sorted(int(path.stem[1:5]) for path in schema.MIGRATIONS.glob("m*.py"))
    assert numbers == list(range(2, schema.STORE_SCHEMA + 1))


def test_the_version_stands_in_one_place_and_on_the_workbook_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project.get("version", VERSION) == VERSION
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "lib" / "ui" / "shell.py"), default_timeout=120).run()
    app.switch_page("../../pages/workbook.py").run()
    assert not app.exception
    assert any(f"Version {VERSION}" in text.value for text in app.markdown)


def test_homes_made_before_are_of_more_than_ten_commits() -> None:
    assert len({made["commit"] for made in INDEX.values()}) >= 10
