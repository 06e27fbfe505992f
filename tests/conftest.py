"""What every test shares: the databases that the store runs on, and property tests that draw the same examples.

`pytest -m hypothesis --hypothesis-profile random` draws new ones; a job of its own does so in continuous integration, so
that a defect met by chance is found there and does not stop somebody's unrelated change.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import postgres

settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("fixed")


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
