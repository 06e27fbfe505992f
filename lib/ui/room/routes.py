"""The participants' side of the room: a few kilobytes of page, answers posted at once, steps pushed.

These routes bypass Streamlit and its checks: each one reads its own signed cookie, checks room, role and input, and
answers in JSON. They are the only ones that a room opened to the local network serves.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from lib.errors import LimitError, NotFoundError, UserError
from lib.room import join_codes
from lib.room.model import Outcome, Participant, Round
from lib.ui.room import live
from lib.ui.room import rate_limits as limits
from lib.ui.room.live import carried, hub, memory, rooms

ASSETS = Path(__file__).parent / "assets"
COOKIE = "room"
BOARD_COOKIE = "room_board_"  # and the room: a browser may show the boards of two
MAX_BODY = 8_000
_HOURS = 12 * 3600
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_log = logging.getLogger(__name__)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def routes() -> list[Route]:
    """All routes of the room."""
    return [
        Route("/join", _page("join.html"), methods=["GET"]),
        Route("/join/{code}", _page("join.html"), methods=["GET"]),
        Route("/join", _guard(join), methods=["POST"]),
        Route("/w", _guard(participant), methods=["GET"]),
        Route("/w/state", _guard(state), methods=["GET"]),
        Route("/w/answer", _guard(answer), methods=["POST"]),
        Route("/w/park", _guard(park), methods=["POST"]),
        Route("/w/forget", _guard(forget), methods=["POST"]),
        Route("/w/events", _guard(events), methods=["GET"]),
        Route("/w/board", _guard(board), methods=["GET"]),
        Route("/w/board/qr", _guard(board_qr), methods=["GET"]),
        Route("/w/board/events", _guard(board_events), methods=["GET"]),
        Route("/w/assets/{name}", _guard(asset), methods=["GET"]),
    ]


def _guard(handler: Handler) -> Handler:
    async def whole(request: Request) -> Response:
        try:
            response = await handler(request)
        except UserError as error:
            code = 404 if isinstance(error, NotFoundError) else 503 if isinstance(error, LimitError) else 409
            response = JSONResponse({"problem": error.problem, "remedy": error.remedy}, code)
        except Exception:  # noqa: BLE001  whatever it was, a phone gets a sentence
            # Say no more to a network; 503 makes a phone keep its answer and send it again.
            _log.exception("a request of the room failed")
            said = {
                "problem": "This did not work just now.",
                "remedy": "Wait a moment; the page tries again.",
            }
            response = JSONResponse(said, 503)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return whole


def _page(name: str) -> Handler:
    async def show(_: Request) -> Response:
        return FileResponse(ASSETS / name, media_type="text/html")

    return _guard(show)


async def asset(request: Request) -> Response:
    """A script or style sheet of these pages."""
    path = ASSETS / Path(request.path_params["name"]).name
    if path.suffix not in (".js", ".css") or not path.is_file():
        return Response(status_code=404)
    return FileResponse(path, media_type=_TYPES[path.suffix], headers={"Cache-Control": "max-age=300"})


def _is_ours(request: Request) -> bool:
    """Whether a POST comes from our own page: a foreign site cannot set these."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in ("same-origin", "none") and request.headers.get("content-type", "").startswith(
        "application/json"
    )


async def _body(request: Request) -> dict[str, Any]:
    if not _is_ours(request):
        raise UserError(
            "The request did not come from the room's page.", "Open the room's page and try again."
        )
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise UserError("That is too long.", "Shorten it and send it again.")
    try:
        body = json.loads(raw)
        # Halves of a character parse, but nobody could be shown them.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise UserError("The request was not understood.", "Reload the page and try again.")
    return body


async def _who(request: Request) -> tuple[str, Participant]:
    cookie = rooms().signer.read(request.cookies.get(COOKIE, ""))
    person = await run_in_threadpool(memory.person, cookie) if cookie else None
    if cookie is None or person is None:
        raise NotFoundError("You are not in a room.", "Join with the code on the screen.")
    return cookie[0], person


async def join(request: Request) -> Response:
    """Let somebody in by code, name and team; sets the cookie that makes them come back as themselves."""
    body = await _body(request)
    address = request.client.host if request.client else "?"
    is_slow = limits.wrong_codes.is_full(address) or limits.wrong_codes_overall.is_full("all")
    if is_slow or not limits.joins_overall.take("all"):
        problem = {"problem": "Too many wrong codes.", "remedy": "Wait a minute and try again."}
        return JSONResponse(problem, 429, headers={"Retry-After": "60"})
    room = await run_in_threadpool(rooms().by_code, str(body.get("code", ""))[:40])
    if room is None:
        limits.wrong_codes.take(address)
        limits.wrong_codes_overall.take("all")
        return JSONResponse(
            {"problem": "This code opens no room.", "remedy": "Check the code on the screen."}, 404
        )
    known = rooms().signer.read(request.cookies.get(COOKIE, ""))
    if known and known[0] == room.id and await run_in_threadpool(memory.person, known):
        return JSONResponse({"go": "/w"})
    name, side = str(body.get("name", "")), str(body.get("side", ""))
    role = "viewer" if body.get("watch") else "participant"
    person, token = await run_in_threadpool(lambda: rooms().join(room.id, name, side, role=role))
    response = JSONResponse({"go": "/w"})
    value = rooms().signer.sign(room.id, person.id, token)
    response.set_cookie(
        COOKIE,
        value,
        max_age=_HOURS,
        httponly=True,
        samesite="lax",
        path="/",
        secure=request.url.scheme == "https",
    )
    return response


async def participant(request: Request) -> Response:
    """The participant's page, or the door when there is no valid cookie."""
    try:
        await _who(request)
    except NotFoundError:
        return RedirectResponse("/join", 303)
    return FileResponse(ASSETS / "participant.html", media_type="text/html")


async def state(request: Request) -> Response:
    """What this person sees now, with their own answers of the current round."""
    id, person = await _who(request)
    _, current, public = await run_in_threadpool(memory.view, id)
    own = await run_in_threadpool(rooms().ballots.own, id, person.id, current) if current else {}
    return JSONResponse(
        {**public, "own": own, "me": {"name": person.name, "side": person.side, "role": person.role}}
    )


async def answer(request: Request) -> Response:
    """Save one answer; the reply is sent once it is on disk."""
    id, person = await _who(request)
    if not limits.answers.take(person.id):
        return JSONResponse({"problem": "That was too fast.", "remedy": "Wait a moment."}, 429)
    body = await _body(request)
    current = memory.current(id)
    if current is None or current.id != body.get("round"):
        current = await run_in_threadpool(_asked, id, body.get("round"))
    sequence = body.get("sequence")
    if current is None or not isinstance(sequence, int) or not 0 <= sequence < 2**53:
        raise UserError(
            "The room has moved on, so this answer was not counted.", "Answer the question now shown."
        )
    future = rooms().ballots.answer(
        id, person, current, str(body.get("question", "")), body.get("value"), sequence
    )
    saved = await asyncio.wrap_future(future)
    hub.publish(f"{id}:board")
    return JSONResponse({"saved": True, "changed": saved})


def _asked(id: str, round: object) -> Round | None:
    """A round of the room that is still open.

    It need not be the one on the screen: when the room went on by accident, what a phone sent late still counts, and
    is there when the facilitator steps back.
    """
    room, current, _ = memory.view(id)
    if current is not None and current.id == round:
        return current
    found = [] if room.ended_at else rooms().rounds(id)
    return next((item for item in found if item.id == round and item.state == "open"), None)


async def forget(request: Request) -> Response:
    """Delete this person's own answers of the whole session, for good."""
    id, person = await _who(request)
    await _body(request)
    count = await run_in_threadpool(rooms().ballots.delete_own, id, person)
    return JSONResponse({"deleted": count})


async def park(request: Request) -> Response:
    """Put a topic into the parking lot."""
    id, person = await _who(request)
    body = await _body(request)
    parked = Outcome("", "parking", join_codes.printable(str(body.get("text", "")))[:300], owner=person.name)
    if not limits.parked.take(person.id):
        return JSONResponse({"problem": "That was too fast.", "remedy": "Wait a minute."}, 429)
    await run_in_threadpool(rooms().settle, id, person.role, parked)
    await run_in_threadpool(carried, id, person.name)
    return JSONResponse({"saved": True})


async def events(request: Request) -> Response:
    """Server-sent events: the room's public state, at once and after every change."""
    id, person = await _who(request)
    return _stream(id, id, who=person.id)


def _stream(id: str, *channels: str, who: str = "", board: bool = False) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        last, has_begun = "", False
        async for has_changed in hub.listen(*channels, who=who):
            has_begun = True
            if (id, who) in memory.gone:
                return
            if not has_changed:
                yield ": still here\n\n"
                continue
            text = None if board else memory.at_hand(id)  # what another listener was woken by, mostly
            text = text or await run_in_threadpool(_board_text if board else memory.text, id)
            if text != last:  # somebody joined, say: nothing that a phone shows
                yield f"data: {text}\n\n"
            last = text
        if not has_begun and not hub.is_closed:
            yield "event: full\ndata: 1\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _board_text(id: str) -> str:
    return json.dumps(_board_state(id))


def _board_state(id: str) -> dict[str, Any]:
    room, current, public = memory.view(id, shared=True)
    counts = rooms().ballots.counts(id, current) if current else {"some": 0, "all": 0}
    people = [p for p in rooms().people(id) if p.role == "participant"]
    address = live.lan_address
    return {
        **public,
        "code": join_codes.shown(room.code),
        "people": len(people),
        "counts": counts,
        "address": address,
    }


async def board_qr(request: Request) -> Response:
    """The way in as a QR code, for the board."""
    room = await run_in_threadpool(rooms().get, await _board_room(request))
    base = live.lan_address or str(request.base_url).rstrip("/")
    image = io.BytesIO()
    segno.make(f"{base}/join/{room.code}", error="m").save(image, kind="svg", scale=8, border=2)
    return Response(image.getvalue(), media_type="image/svg+xml")


async def board(request: Request) -> Response:
    """The projector's page. Opened once with its key, then known by a cookie; shows no private answer."""
    id, key = request.query_params.get("room", ""), request.query_params.get("key", "")
    if key and await run_in_threadpool(rooms().is_board, id, key):
        response: Response = RedirectResponse(f"/w/board?room={id}", 303)
        response.set_cookie(
            BOARD_COOKIE + id,
            rooms().signer.sign(id, "board", key),
            max_age=_HOURS,
            httponly=True,
            samesite="lax",
            path="/w/board",
            secure=request.url.scheme == "https",
        )
        return response
    try:
        await _board_room(request)
    except NotFoundError as error:  # a person reads this one
        page = (ASSETS / "closed.html").read_text(encoding="utf-8")
        return HTMLResponse(page.format(problem=error.problem, remedy=error.remedy), 404)
    return FileResponse(ASSETS / "board.html", media_type="text/html")


async def board_events(request: Request) -> Response:
    """Server-sent events of the board: public state plus how many have answered."""
    id = await _board_room(request)
    return _stream(id, id, f"{id}:board", board=True)


async def _board_room(request: Request) -> str:
    """The room that the address names, where the browser has that room's key: two boards in one browser stay apart."""
    id = request.query_params.get("room", "")
    cookie = rooms().signer.read(request.cookies.get(BOARD_COOKIE + id, ""))
    if cookie is None or cookie[0] != id or not await run_in_threadpool(rooms().is_board, id, cookie[2]):
        raise NotFoundError("This board is not open.", "Open it from the facilitator's page.")
    return id
