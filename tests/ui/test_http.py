"""Which requests are answered: own names only, addresses that are there only; and whether the store can be written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config

from lib.ui import pages
from lib.ui.web import hosts, routes, server
from lib.ui.web import paths as web_paths
from lib.workbook import health
from lib.workbook.database import connect

OWN = "http://127.0.0.1:8501"


def client(base: str = OWN) -> TestClient:
    """The server's own middleware around its routes, without Streamlit behind them."""
    app = Starlette(routes=server.routes(), middleware=server.middleware())
    return TestClient(app, base_url=base, follow_redirects=False)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8501", "evil@127.0.0.1", ""]
)
@pytest.mark.parametrize(
    "path", ["/", "/start", "/join", "/w/state", "/healthz", "/_stcore/health", "/_stcore/host-config", "/x"]
)
def test_a_foreign_host_is_refused_on_every_route(host: str, path: str) -> None:
    answer = client().get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "LOCALHOST:80", "[::1]:8501", "localhost."])
def test_own_hosts_are_let_in(host: str) -> None:
    assert client().get("/healthz", headers={"host": host}).status_code == 200


def test_the_hosts_of_a_hosted_server_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    real = config.get_option
    allowed = ["workbook.example.com", "*.team.example"]
    monkeypatch.setattr(
        config, "get_option", lambda key: allowed if key == "server.allowedHosts" else real(key)
    )
    asked = {host: client().get("/healthz", headers={"host": host}).status_code for host in
             ("workbook.example.com", "a.team.example", "team.example", "127.0.0.1")}  # fmt: skip
    assert list(asked.values()) == [200, 200, 421, 421]


def test_a_foreign_host_gets_no_connection() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def inside(*_: Any) -> None:
        sent.append("let in")

    for host in (b"evil.example", b"127.0.0.1"):
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"host", host)]}
        asyncio.run(hosts.OwnHosts(inside, hosts.of_the_workbook)(scope, inside, send))  # type: ignore[arg-type]
    assert [item if item == "let in" else item["code"] for item in sent] == [1008, "let in"]


def test_two_host_headers_are_a_foreign_one() -> None:
    seen = hosts.OwnHosts(Starlette(), hosts.of_the_workbook)
    assert not seen._is_own({"headers": [(b"host", b"127.0.0.1"), (b"host", b"127.0.0.1")]})
    assert not seen._is_own({"headers": []})


def test_the_room_is_reached_by_number_and_by_the_computers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts.socket, "gethostname", lambda: "Anns-Laptop.home")
    is_ours = hosts.of_the_room()
    for name in ("192.168.0.7", "fe80::1", "anns-laptop.home", "anns-laptop.local", "localhost"):
        assert is_ours(name), name
    for name in ("evil.example", "192.168.0.7.evil.example", "local", ""):
        assert not is_ours(name), name


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/workbook.db",
        "/.git/config",
        "/.streamlit/secrets.toml",
        "/data/x",
        "/_stcore/nope",
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/static/nope.js",
        "/app/static/x",
        "/w/nope",
        "/join/a/b",
        "/index.php",
        "//evil.example",
        "/_stcore/agent/mcp",
    ],
)
def test_an_unknown_path_is_not_found(path: str) -> None:  # fmt: skip
    assert client().get(OWN + path).status_code == 404
    page = client().get(OWN + path, headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "There is no such page" in page.text


def test_every_page_and_file_that_is_there_is_known() -> None:
    is_known = web_paths.known(server.routes())
    paths = [
        "/",
        *(f"/{page.path}" for page in pages.PAGES),
        "/data/",
        "/favicon.png",
        "/index.html",
        "/manifest.json",
    ]
    paths += ["/_stcore/health", "/_stcore/host-config", "/_stcore/upload_file/s/f", "/media/x.csv", "/component/a/b.js",
              "/oauth2callback", "/join", "/join/ABCD", "/w", "/w/assets/participant.js", "/healthz", "/readyz"]  # fmt: skip
    assert [path for path in paths if not is_known({"type": "http", "method": "GET", "path": path})] == []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new installation whose readiness nobody asked for yet."""
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(routes, "readiness", routes.Readiness())
    return tmp_path / "home"


def test_a_machine_is_told_that_the_store_can_be_written(home: Path) -> None:
    answer = client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"
    assert client().get("/healthz").json() == {"status": "ok"}


def test_a_store_that_cannot_be_written_is_not_ready_and_says_no_path(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_engine: object) -> None:
        raise OSError(f"disk of {home} is full")

    monkeypatch.setattr(health, "check", refuse)
    answer = client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "the store cannot be written"})
    assert client().get("/healthz").status_code == 200


def test_a_store_that_is_gone_is_not_ready(home: Path) -> None:
    assert client().get("/readyz").status_code == 200
    (home / "workbook.db").rename(home / "elsewhere.db")
    routes.readiness._looked_at = float("-inf")
    assert client().get("/readyz").status_code == 503


def test_whoever_asks_often_does_not_write_often(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    monkeypatch.setattr(health, "check", looks.append)
    monkeypatch.setattr(routes.time, "monotonic", lambda: 100.0)
    assert [client().get("/readyz").status_code for _ in range(5)] == [200] * 5
    assert len(looks) == 1


def test_a_check_of_the_store_leaves_workbooks_alone(tmp_path: Path) -> None:
    engine = connect(tmp_path)
    health.check(engine)
    health.check(engine)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("select name from meta order by name").all()
    assert [row[0] for row in rows] == ["health", "program", "schema"]
