"""A PostgreSQL server of the tests' own: in a folder of its own, without a network port, gone with the session."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_SECONDS = 180  # for each of its programs, on a loaded machine
_SETTINGS = "listen_addresses= fsync=off full_page_writes=off max_connections=300 shared_buffers=32MB"


def program(name: str) -> str:
    """Path of a PostgreSQL program, "" where it is not installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, places)])) or ""


def need_programs() -> None:
    """Skip where PostgreSQL is not installed; in CI that is a failure."""
    missing = [name for name in ("initdb", "pg_ctl") if not program(name)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI tests PostgreSQL too, and these programs are missing: {', '.join(missing)}")
    if missing:
        pytest.skip("PostgreSQL is not installed")


def _servant() -> str:
    """Who the server runs as: it refuses to run as root."""
    if os.geteuid():
        return getpass.getuser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


class Server:
    """A running server.

    Args:
        folder: Its own; data and socket lie there.
        user: Who it runs as.
    """

    def __init__(self, folder: Path, user: str) -> None:
        self._folder, self._user = folder, user

    def run(self, name: str, *arguments: str) -> None:
        """Run one of its programs to its end."""
        if os.geteuid():
            who = {}
        else:
            entry = pwd.getpwnam(self._user)
            who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        log = self._folder / f"{name}.txt"
        with log.open("w") as out:  # a file, not a pipe: the server keeps it open
            done = subprocess.run(
                [program(name), *arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                cwd=self._folder, timeout=_SECONDS, check=False, **who,
            )  # fmt: skip
        assert done.returncode == 0, log.read_text()

    def start(self) -> None:
        """Start it on its data, and wait until it answers."""
        settings = " ".join(f"-c {setting}" for setting in _SETTINGS.split())
        options = f"{settings} -k {self._folder}"
        log = str(self._folder / "log.txt")
        self.run(
            "pg_ctl", "start", "-w", "-t", "120", "-D", str(self._folder / "data"), "-l", log, "-o", options
        )

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast`, or `immediate` as in a crash."""
        self.run("pg_ctl", "stop", "-w", "-t", "120", "-m", how, "-D", str(self._folder / "data"))

    def url(self, database: str) -> str:
        """Address of a database, as DATABASE_URL takes it."""
        return f"postgresql://workbook@/{database}?host={self._folder}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A new empty database; its address. It is dropped afterwards with whoever is connected."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield self.url(name)
        finally:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server in a new folder, stopped and removed at the end."""
    folder, user = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp")), _servant()
    if not os.geteuid():
        shutil.chown(folder, user)
    server = Server(folder, user)
    try:
        auth = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
        server.run("initdb", "-D", str(folder / "data"), "-U", "workbook", *auth)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
