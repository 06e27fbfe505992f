"""What tests of several folders share: the databases that the store runs on."""

from collections.abc import Iterator

import pytest

from tests import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The session's PostgreSQL server; skipped where it is not installed, never in CI."""
    postgres.need_programs()
    with postgres.serving() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both databases, one after the other; a home's store is on the one named.

    A module asks for it by `pytestmark = pytest.mark.usefixtures("database")`.
    """
    if request.param == "sqlite":
        monkeypatch.delenv("DATABASE_URL", raising=False)
        yield request.param
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield request.param
