"""What the facilitator sees while a room runs: who is in, the current block, and the one thing to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import segno
import streamlit as st

from lib.room import agenda, join_codes
from lib.room.model import SIDES, Participant, Room, Round, now
from lib.ui import session
from lib.ui.kit import fields
from lib.ui.room import apply, facilitator_key, handouts, lan, open_round, results
from lib.ui.room import minutes as room_minutes
from lib.ui.room import people as room_people
from lib.ui.room.callbacks import ROLE, do, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import rooms
from lib.ui.web import admission

_SHOWN = 12  # names of a team before "and more"
_LAN_OFF = (
    "Off: only browsers on this computer can join. On opens a second address on your network, for the participants' "
    "pages and the board alone; the workbook itself stays on this computer."
)
_LAN_ON = (
    "On: whoever is on this network reaches the join page, and with the code the questions; nothing else. Switching it "
    "off ends the phones' connections; their answers stay."
)


def render(room: Room) -> None:
    """Draw the controls of a running room."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        if room.block is None:
            _lobby(room)
        else:
            _block(room)
    with right:
        _join_panel(room)
        _now(room, _stand(room))
    with st.expander("Agenda", icon=":material/list:"):
        _agenda(room)
    room_people.draw(room)
    room_minutes.parking(room)
    with st.expander("Notes", icon=":material/edit_note:"):
        fields.long_text(
            f"room/{room.id}/notes",
            "Your notes of this session",
            height=120,
            placeholder="What was said beside the answers; they go into the minutes",
        )
    _end(room)


def _lobby(room: Room) -> None:
    st.header("People are coming in", anchor=False)
    st.markdown("Start when everybody is here; latecomers land on the current question.")
    _act(room, "start", "Start the first block", rooms().step, ROLE, 0, icon="play_arrow", type="primary")


def _block(room: Room) -> None:
    block = room.block
    if block is None:
        return
    guide = agenda.guides()[block.activity]
    st.header(f"{room.position + 1}. {block.name}", anchor=False)
    st.markdown(guide.purpose)
    _agenda_controls(room)
    current = rooms().round(room.id)
    with st.container(border=True, key="room-now"):
        if current is None:
            open_round.draw(room, "Ask the questions")
        else:
            {"open": _open_round, "closed": _closed_round, "revealed": _revealed_round}[current.state](
                room, current
            )
    with st.expander("What to say, what good looks like, traps", icon=":material/menu_book:"):
        st.markdown("\n".join(f"1. “{line}”" for line in guide.script))
        st.markdown(f"**Good:** {guide.good}")
        st.markdown("\n".join(f"- **Trap:** {trap}" for trap in guide.traps))


def _open_round(room: Room, current: Round) -> None:
    st.markdown("**Phones are open.** Answers stay private; the board shows only how many are in.")
    _board(room)
    turn = rooms().set_state
    _act(room, "close", "Close the round", turn, ROLE, "close_round", icon="lock", type="primary")
    with st.expander("Enter answers for somebody without a phone", icon=":material/person_add:"):
        results.proxy(room, current)


def _closed_round(room: Room, current: Round) -> None:
    counts = rooms().ballots.counts(room.id, current)
    some = f"{counts['some']} {'person' if counts['some'] == 1 else 'people'} answered"
    st.markdown(f"**The round is closed.** {some}, {counts['all']} of them everything.")
    results.moderate(room, current)
    turn = rooms().set_state
    with st.container(horizontal=True):
        _act(
            room,
            "reveal",
            "Show everybody's answers",
            turn,
            ROLE,
            "reveal",
            icon="visibility",
            type="primary",
        )
        _act(room, "reopen", "Open it again", turn, ROLE, "reopen_round", icon="lock_open")


def _revealed_round(room: Room, current: Round) -> None:
    results.results(room, current)
    with st.popover("Ask again in a new round", icon=":material/replay:"):
        open_round.draw(room, "Open another round")


def _agenda_controls(room: Room) -> None:
    if room.block is None:
        return
    is_last = room.position >= len(room.agenda) - 1
    kept = "Nothing is lost: each block keeps its rounds and answers"
    back, forth = _other(room, -1), _other(room, 1)
    walk, steps = rooms().step, rooms().steps
    undo, redo = steps.can(room.id)
    turns = (
        ("undo", steps.undo, undo, f"You {undo}: takes that back" if undo else "Nothing to take back"),
        ("redo", steps.redo, redo, f"You {redo}: does it again" if redo else "Nothing to bring back"),
    )
    with st.container(horizontal=True):
        is_first = room.position == 0
        _act(room, "back", "Step back", walk, ROLE, back, icon="arrow_back", disabled=is_first, help=kept)
        right: dict[str, Any] = {"icon": "arrow_forward", "icon_position": "right"}
        _act(room, "next", "Next block", walk, ROLE, forth, disabled=is_last, **right)
        for key, turn, what, help in turns:
            label = f"{key.capitalize()} the step"
            _act(room, key, label, turn, ROLE, icon=key, type="tertiary", disabled=not what, help=help)


def _act(
    room: Room, key: str, label: str, act: Callable[..., Any], *args: Any, icon: str, **look: Any
) -> None:
    """A button that acts on the room."""
    icon = f":material/{icon}:"
    st.button(label, icon=icon, key=f"room.{key}", on_click=do, args=(act, room.id, *args), **look)


def _other(room: Room, by: int) -> int:
    """Position of the next block that is not skipped; where there is none, the room stays."""
    place = room.position + by
    while 0 <= place < len(room.agenda) and room.agenda[place].skipped:
        place += by
    return place if 0 <= place < len(room.agenda) else room.position


def _board(room: Room) -> None:
    st.iframe(facilitator_key.board(room.id), height=260, alt="Live count of answers")


def _join_panel(room: Room) -> None:
    with st.container(border=True, key="room-door"):
        is_open = lan.is_open()
        base = lan.address() if is_open else st.context.url.split("/room")[0] if st.context.url else ""
        url = f"{base}/join/{room.code}"
        image, text = st.columns([2, 3], vertical_alignment="center")
        qr = segno.make(url, error="m").svg_data_uri(scale=4, border=2)
        image.image(qr, width=150, alt=f"QR code of {url}")
        text.markdown(f"Open **{base.partition('//')[2]}/join**  \nand type")
        text.subheader(join_codes.shown(room.code), anchor=False)
        wanted = st.toggle(
            "Let phones on this network in",
            value=is_open,
            key="room.lan",
        )
        if wanted != is_open:
            with told():
                require(room.id)
                lan.open_lan() if wanted else lan.close_lan()
            st.rerun()
        if room.expires_at <= now():
            st.markdown(
                ":orange[:material/schedule: **This code has expired.**] “New join code” below makes another."
            )
        st.markdown(f":small[{_LAN_ON if is_open else _LAN_OFF}]")
        with st.container(horizontal=True):
            st.link_button("Open the projector view", facilitator_key.board(room.id), icon=":material/cast:")
            st.link_button(
                "Answer too",
                f"/join/{room.code}",
                icon=":material/how_to_vote:",
                help="Opens the participants' page on this computer; not answering is fine",
            )


def _clock(room: Room) -> None:
    if room.block is None:
        return
    at = dt.datetime.now(dt.UTC)
    started = dt.datetime.fromisoformat(room.block_started_at)
    rows = agenda.clock(room.agenda, room.position, started, at)
    if rows[0].overrun_minutes > 0:
        st.markdown(
            f":material/timer: **{rows[0].overrun_minutes:.0f} min over.** The rest has moved on with it."
        )
    lines = [f"{_local(row.starts)} {row.block.name} ({row.block.minutes} min)" for row in rows]
    st.markdown("  \n".join([f"**{lines[0]}**", *lines[1:4], f"ends about {_local(rows[-1].ends)}"]))


def _local(at: dt.datetime) -> str:
    """A time on the clock of whoever looks, as on the board."""
    try:
        zone = ZoneInfo(st.context.timezone or session.workbook().settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return at.astimezone(zone).strftime("%H:%M")


def _stand(room: Room) -> object:
    """What the controls on this page depend on."""
    current = rooms().round(room.id)
    return room.position, room.started_at, room.ended_at, room.agenda, current and (current.id, current.state)


@admission.fragment(run_every=5.0, key="room-people")
def _now(room: Room, drawn: object) -> None:
    """What changes by itself: the clock, who is here, who is ready."""
    room = rooms().get(room.id)
    if _stand(room) != drawn or not facilitator_key.is_mine(room.id):
        st.rerun()  # another tab, or whoever took over, moved the session on
    _clock(room)
    _people(room)


def _people(room: Room) -> None:
    found = [person for person in rooms().people(room.id) if person.role == "participant"]
    ready = _ready(room)
    tail = "" if ready is None else f", {len(ready & {person.id for person in found})} ready"
    st.markdown(f"**{len(found)} in the room{tail}**")
    for side, label in SIDES.items():
        if names := _names([person for person in found if person.side == side], ready or set()):
            more = " and more" if len(names) > _SHOWN else ""
            st.markdown(f"{label} ({len(names)}): {', '.join(names[:_SHOWN])}{more}")


def _ready(room: Room) -> set[str] | None:
    """Who has answered everything; None while nothing is being asked."""
    current = rooms().round(room.id)
    return rooms().ballots.ready(room.id, current) if current and current.state == "open" else None


def _names(people: list[Participant], ready: set[str]) -> list[str]:
    """Names, those who are ready last and marked."""
    waiting_first = sorted(people, key=lambda person: person.id in ready)
    return [("✓ " if person.id in ready else "") + _name(person) for person in waiting_first]


def _name(person: Participant) -> str:
    plain = "".join(c if c.isalnum() or c in " '-." else " " for c in person.name)
    return plain if person.has_device else f"{plain} (no device)"


def _agenda(room: Room) -> None:
    for index, block in enumerate(room.agenda):
        name, up, down, out = st.columns([6, 1, 1, 2], vertical_alignment="center")
        mark = "▶ " if index == room.position and room.started_at else ""
        name.markdown(
            f"{mark}{'~~' if block.skipped else ''}{block.name}, {block.minutes} min{'~~' if block.skipped else ''}"
        )
        change = rooms().set_agenda
        up.button(
            "↑",
            key=f"room.up.{block.id}",
            disabled=index == 0,
            help="Earlier",
            on_click=do,
            args=(change, room.id, ROLE, agenda.move(room.agenda, block.id, -1)),
        )
        down.button(
            "↓",
            key=f"room.down.{block.id}",
            disabled=index == len(room.agenda) - 1,
            help="Later",
            on_click=do,
            args=(change, room.id, ROLE, agenda.move(room.agenda, block.id, 1)),
        )
        out.button(
            "Take in" if block.skipped else "Skip",
            key=f"room.skip.{block.id}",
            on_click=do,
            args=(change, room.id, ROLE, agenda.skip(room.agenda, block.id, not block.skipped)),
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = agenda.guides()
        chosen = st.selectbox(
            "Add a block", list(known), format_func=lambda id: known[id].name, key="room.add.what"
        )
        minutes = st.number_input("Minutes", 1, 240, known[chosen].minutes, key=f"room.add.minutes.{chosen}")
        st.button("Add", key="room.add", on_click=_add, args=(room, chosen, int(minutes)))
    handouts.downloads([block for block in room.agenda if not block.skipped])


def _add(room: Room, activity: str, minutes: int) -> None:
    with told():
        require(room.id)
        rooms().set_agenda(room.id, ROLE, agenda.add(room.agenda, activity, minutes))


def _finish(id: str) -> None:
    with told():
        require(id)
        rooms().end(id, ROLE)
        apply.carry(id)  # topics that people parked from their phones too


def _end(room: Room) -> None:
    with st.container(horizontal=True):
        st.button(
            "End the session",
            icon=":material/stop_circle:",
            key="room.end",
            on_click=_finish,
            args=(room.id,),
        )
        st.button(
            "New join code",
            icon=":material/password:",
            key="room.code",
            help="Good for 12 hours; the old code opens nothing any more",
            on_click=do,
            args=(rooms().renew, room.id),
        )
