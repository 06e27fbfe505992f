"""What one address may take of the server: uploads, connections; the room's pages keep their own policy."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from lib.ui.room import routes
from lib.ui.web import http_security


async def _take(_: Request) -> PlainTextResponse:
    return PlainTextResponse("taken")


def _client(app: http_security.RequestGuard, address: str = "10.0.0.1") -> TestClient:
    return TestClient(app, client=(address, 50_000))


def _uploads() -> Starlette:
    return Starlette(routes=[Route("/_stcore/upload_file/s/f", _take, methods=["PUT"])])


def test_an_address_uploads_up_to_its_quota_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_UPLOAD_QUOTA_MB", "3")
    clock = [1000.0]
    monkeypatch.setattr(http_security.time, "monotonic", lambda: clock[0])
    app = http_security.RequestGuard(_uploads())
    one = _client(app)

    def put(client: TestClient) -> int:
        return client.put("/_stcore/upload_file/s/f", content=b"x" * 1_000_000).status_code

    assert [put(one) for _ in range(4)] == [200, 200, 200, 429]
    assert put(_client(app, "10.0.0.2")) == 200
    clock[0] += 3601
    assert put(one) == 200


@pytest.mark.parametrize(("named", "megabytes"), [("", 2000), ("500", 500), ("many", 2000), ("-1", 2000)])
def test_the_quota_is_a_setting(monkeypatch: pytest.MonkeyPatch, named: str, megabytes: int) -> None:
    monkeypatch.setenv("WORKBOOK_UPLOAD_QUOTA_MB", named)
    assert http_security.upload_quota() == megabytes * 1_000_000


def test_an_address_holds_only_so_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_security, "MAX_SOCKETS_PER_ADDRESS", 3)
    monkeypatch.setattr(http_security, "MAX_SOCKETS", 5)
    sent: list[dict[str, Any]] = []

    async def all_of_it() -> list[int]:
        leave = asyncio.Event()

        async def inside(_scope: Any, _receive: Any, _send: Any) -> None:
            await leave.wait()

        app = http_security.RequestGuard(inside)

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            await leave.wait()

        async def knock(address: str) -> None:
            await app({"type": "websocket", "path": "/", "client": (address, 1)}, receive, send)

        counts, tasks = [], []
        for address in ("a", "a", "a", "a", "b", "b", "c"):
            tasks.append(asyncio.create_task(knock(address)))
            await asyncio.sleep(0)
            counts.append(len(sent))
        leave.set()
        await asyncio.gather(*tasks)
        leave.clear()
        again = asyncio.create_task(knock("a"))  # who left makes room
        await asyncio.sleep(0)
        counts.append(len(sent))
        leave.set()
        await again
        return counts

    # The fourth of one address is refused, and the sixth of all.
    assert asyncio.run(all_of_it()) == [0, 0, 0, 1, 1, 1, 2, 2]
    assert {message["code"] for message in sent} == {1013}


def test_who_finds_the_workbook_full_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_security, "MAX_SOCKETS_PER_ADDRESS", 2)
    app = http_security.RequestGuard(Starlette(routes=[*routes.routes(), Route("/team", _take)]))
    page = {"accept": "text/html,*/*"}
    app._sockets["10.0.0.1"] = 2
    refused = _client(app).get("/team", headers=page)
    assert refused.status_code == 503
    assert "Too many people have the workbook open" in refused.text
    assert refused.headers["retry-after"] == "60"
    # The room's own pages, other addresses and what a page loads are not concerned.
    assert _client(app).get("/join", headers=page).status_code == 200
    assert _client(app, "10.0.0.2").get("/team", headers=page).status_code == 200
    assert _client(app).get("/team").status_code == 200
    app._sockets["10.0.0.1"] = 1
    assert _client(app).get("/team", headers=page).status_code == 200


def test_a_browser_gets_its_identity_and_its_secret_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client = _client(http_security.RequestGuard(Starlette(routes=[Route("/team", _take)])))
    page = {"accept": "text/html"}
    given = client.get("/team", headers=page).headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in given] == [
        http_security.PERSON_COOKIE,
        http_security.KEY_COOKIE,
    ]
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in given)
    assert client.get("/team", headers=page).headers.get_list("set-cookie") == []
    other = _client(http_security.RequestGuard(Starlette(routes=[Route("/team", _take)])))
    other.get("/team", headers=page)
    assert other.cookies[http_security.KEY_COOKIE] != client.cookies[http_security.KEY_COOKIE]
    assert len(client.cookies[http_security.KEY_COOKIE]) >= 22  # 128 bits and more


def test_the_rooms_pages_keep_their_own_stricter_policy_behind_the_door() -> None:
    app = http_security.RequestGuard(Starlette(routes=[*routes.routes(), Route("/other", _take)]))
    mine, other = _client(app).get("/join").headers, _client(app).get("/other").headers
    assert "script-src 'self';" in mine["content-security-policy"]
    assert "unsafe" not in mine["content-security-policy"]
    assert mine["x-frame-options"] == "SAMEORIGIN"  # the facilitator's page frames the board
    assert mine["cache-control"] == "no-store"
    assert other["content-security-policy"] == http_security.content_security_policy()
    assert other["x-frame-options"] == "DENY"
    assert len(mine.get_list("content-security-policy")) == 1
