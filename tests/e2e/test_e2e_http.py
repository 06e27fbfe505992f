"""What a running server answers to machines and to foreign hosts, and whose files it makes."""

from __future__ import annotations

import http.client
import os
import stat

import pytest

from tests.e2e.support import Server, make_workbook
from tests.patience import SECONDS


def ask(server: Server, path: str, host: str = "127.0.0.1") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_running_server_answers_its_own_host_at_addresses_that_are_there(fresh_server: Server) -> None:
    make_workbook(fresh_server.home)
    for path in ("/", "/data", "/healthz", "/readyz", "/join", "/_stcore/health", "/favicon.png"):
        assert ask(fresh_server, path) == 200, path
        assert ask(fresh_server, path, "evil.example") == 421, path
    for path in ("/nope", "/workbook.db", "/.git/config", "/_stcore/nope", "/static/nope.js", "/w/nope"):
        assert ask(fresh_server, path) == 404, path


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_running_server_makes_its_files_for_its_user_alone(fresh_server: Server) -> None:
    assert ask(fresh_server, "/readyz") == 200
    fresh_server.stop()
    (fresh_server.home / "workbook.db").chmod(0o644)  # as an earlier version left it
    fresh_server.start()
    assert ask(fresh_server, "/readyz") == 200
    made = [path for path in fresh_server.home.rglob("*") if path.name != "server.log"]  # the test's own
    assert "workbook.db" in {path.name for path in made}
    assert [str(path) for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
