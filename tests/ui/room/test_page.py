"""The facilitator's page: the agenda is changed and taken back, the clock runs on, the switch to the network explains itself."""

from __future__ import annotations

import datetime as dt

from streamlit.testing.v1 import AppTest

from lib.room import tables
from lib.room.model import Room
from lib.ui.room import live
from lib.workbook.store import Store
from tests.room.setting import visit


def running(served: Store) -> tuple[AppTest, str]:
    app = visit(served.create("Ours", author="Ann"))
    app.button(key="room.open").click().run()
    app.button(key="room.start").click().run()
    return app, live.rooms().of_workbook(served.entries()[0].id)[0].id


def room(id: str) -> Room:
    return live.rooms().get(id)


def words(app: AppTest) -> str:
    return " ".join(item.value for item in app.markdown)


def test_an_agenda_is_changed_in_three_ways_and_every_way_is_taken_back(served: Store) -> None:
    app, id = running(served)
    first = room(id).agenda
    app.button(key="room.skip.b1").click().run()
    app.button(key="room.up.b3").click().run()
    app.selectbox(key="room.add.what").set_value("skills").run()
    assert app.number_input(key="room.add.minutes.skills").value == 15  # its usual length
    app.button(key="room.add").click().run()
    changed = room(id).agenda
    assert [block.id for block in changed] == ["b0", "b1", "b3", "b2", "b4", "b5", "b6"]
    assert [block.id for block in changed if block.skipped] == ["b1"]
    assert (changed[-1].activity, changed[-1].minutes) == ("skills", 15)
    app.button(key="room.next").click().run()
    assert room(id).block == changed[2]  # the skipped one is passed over
    for _ in range(4):
        app.button(key="room.undo").click().run()
    assert room(id).agenda == first
    assert room(id).position == 0
    for _ in range(4):
        app.button(key="room.redo").click().run()
    assert room(id).agenda == changed
    assert room(id).block == changed[2]


def test_a_block_that_overruns_moves_the_rest_of_the_day(served: Store) -> None:
    app, _ = running(served)
    assert "min over" not in words(app)
    late = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=12)).isoformat(timespec="milliseconds")
    change = tables.rooms.update().values(block_started_at=late)
    live.rooms().writer.do(lambda c: c.execute(change))
    app.run()
    assert "**7 min over.** The rest has moved on with it." in words(app)  # five were planned


def test_the_switch_to_the_network_says_what_it_does_before_it_is_turned(served: Store) -> None:
    app, _ = running(served)
    assert app.toggle(key="room.lan").value is False
    said = words(app)
    assert "On opens a second address on your network" in said
    assert "the workbook itself stays on this computer" in said
