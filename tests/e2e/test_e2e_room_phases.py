"""Facilitator, projector and phone in every phase and with every type of question: seen by axe, walked by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.room.model import Outcome
from lib.room.questions import AnswerOption, RoomQuestion
from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.e2e import axe
from tests.e2e.support import Server, choose, settled, visit
from tests.e2e.test_e2e_room import phone, press, seed, shot
from tests.patience import until

pytestmark = pytest.mark.e2e
_WAYS = tuple(AnswerOption(word.lower(), word) for word in ("Import", "Pricing", "Invite"))
SIX = (
    RoomQuestion("own/1", "single", "Which one hurts most?", _WAYS),
    RoomQuestion("own/2", "multiple", "Which ones have you seen this week?", _WAYS),
    RoomQuestion("own/3", "scale", "How sure are you?", low_label="not at all", high_label="fully"),
    RoomQuestion("own/4", "dots", "Where do we put our time?", _WAYS, high=3),
    RoomQuestion("own/5", "ranking", "In which order?", _WAYS),
    RoomQuestion("own/6", "text", "What should we stop doing?", hint="One line."),
)
SIZES = {390: 844, 1280: 900, 1920: 1080}


class Stage:
    """One room, its three views at one width, and what axe found in each phase."""

    def __init__(self, browser: Browser, server: Server, home: Path, width: int) -> None:
        self.rooms, self.width = Rooms(Store(home).engine, home), width
        book = seed(home)
        room, _, key = self.rooms.open(book, "Tuesday", "hour")
        self.id = room.id
        self.views = {
            name: browser.new_context(
                viewport={"width": width, "height": SIZES[width]}, bypass_csp=True
            ).new_page()
            for name in ("host", "board", "phone")
        }
        self.found: dict[str, list[dict[str, object]]] = {}
        visit(self.host, f"{server.url}/room?workbook={book}")
        press(self.host, "Take over as facilitator")
        self.views["board"].goto(f"{server.url}/w/board?room={self.id}&key={key}")
        eva = self.views["phone"]
        eva.goto(f"{server.url}/join/{room.code}")
        eva.fill("#name", "Eva")
        eva.get_by_label("Growth", exact=True).check()
        eva.get_by_role("button", name="Join").click()
        eva.wait_for_url("**/w")

    @property
    def host(self) -> Page:
        return self.views["host"]

    def look(self, phase: str, *only: str) -> None:
        """axe and a picture of the views, or of those that differ from the last phase."""
        self.host.wait_for_timeout(300)
        settled(self.host)
        for name, page in self.views.items():
            if only and name not in only:
                continue
            page.wait_for_timeout(100)
            if violations := axe.violations(page):
                self.found[f"{name} {phase}"] = violations
            if name != "host":
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
                assert not wide, f"{name} {phase} is wider than the screen"
            shot(page, f"{name}-{self.width}-{phase}")

    def ask(self) -> None:
        """The six questions: asked beside the pages, which read the room again when something happens in it."""
        self.rooms.open_round(self.id, "facilitator", SIX)
        for name in ("board", "phone"):
            self.views[name].reload()
        self.host.reload()  # still the facilitator
        settled(self.host)
        self.host.get_by_role("button", name="Close the round", exact=True).wait_for()


def with_keys(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(60)


def tab_to(page: Page, css: str) -> None:
    for _ in range(30):
        if page.evaluate("css => document.activeElement?.matches(css)", css):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{css} is not reached by the Tab key")


def answer_by_keyboard(page: Page, look=lambda _: None) -> None:
    """All six questions, with Tab, Space, arrows, Enter and letters only."""
    ways = {
        "own/1": ("#main input", ("Space",)),
        "own/2": ("#main input", ("Space", "Tab", "Space")),
        "own/3": ("#main input", ("Space", "ArrowRight", "ArrowRight")),
        "own/4": ("#main button[aria-label='Give a dot to Import']", ("Enter", "Enter", "Tab")),
        "own/5": ("#main button[aria-label='Move Invite up']", ("Enter",)),
    }
    for question in SIX:
        page.get_by_role("heading", name=question.text).wait_for()
        look(question.type)
        if question.type == "text":
            tab_to(page, "#main textarea")
            page.keyboard.type("Weekly numbers")
        else:
            css, keys = ways[question.id]
            tab_to(page, css)
            with_keys(page, *keys)
        page.get_by_text("Saved ✓").wait_for()
        page.wait_for_timeout(300)
        tab_to(page, "#next")
        with_keys(page, "Enter")
    page.get_by_text("6 of 6 answered").wait_for()


@pytest.mark.parametrize("width", sorted(SIZES))
def test_all_views_in_all_phases(browser: Browser, tmp_path: Path, width: int) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        stage = Stage(browser, server, tmp_path, width)
        eva = stage.views["phone"]
        stage.look("0-waiting")
        press(stage.host, "Start the first block")
        eva.get_by_text("Listen for now").wait_for()
        stage.look("1-listening")
        stage.ask()
        stage.look("2-open")
        # The other two views are the same for every type of question.
        answer_by_keyboard(eva, lambda type: stage.look(f"2-{type}", "phone"))
        person = stage.rooms.people(stage.id)[0]
        assert stage.rooms.ballots.own(stage.id, person.id, stage.rooms.round(stage.id)) == {
            "own/1": "import",
            "own/2": ["import", "pricing"],
            "own/3": 3,
            "own/4": {"import": 2},
            "own/5": ["import", "invite", "pricing"],
            "own/6": "Weekly numbers",
        }
        press(stage.host, "Close the round")
        eva.get_by_role("heading", name="Answers are in").wait_for()
        stage.look("3-closed")
        press(stage.host, "Show everybody's answers")
        eva.get_by_role("heading", name="What we said").wait_for()
        stage.look("4-reveal")
        stage.host.get_by_role("button", name="Settle it", exact=True).first.click(delay=60)
        stage.host.get_by_text("Settled:").first.wait_for()
        stage.look("5-decision")
        stage.rooms.settle(stage.id, "facilitator", Outcome("", "parking", "Price list", owner="Eva"))
        press(stage.host, "End the session")
        eva.get_by_role("heading", name="That was it. Thank you.").wait_for()
        stage.look("6-end")
        assert stage.found == {}
    finally:
        server.stop()


def unfold(host: Page) -> None:
    """Open the popover; a page that is just being drawn anew may close it again."""

    def click_again(_seconds: float) -> None:
        host.get_by_role("button", name="Delete private answers").click(delay=60)
        host.wait_for_timeout(400)
        settled(host)

    settled(host)
    is_open = until(host.get_by_role("button", name="Delete them").is_visible, click_again)
    assert is_open, "the popover does not stay open"


def test_answers_are_deleted_from_the_phone_and_from_the_page(browser: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        rooms = Rooms(Store(tmp_path).engine, tmp_path)
        book = seed(tmp_path)
        room, _, _ = rooms.open(book, "Tuesday", "hour")
        rooms.step(room.id, "facilitator", 1)
        asked = rooms.open_round(room.id, "facilitator", SIX[:2])
        phones = [
            phone(browser, server, room.code, name, side)
            for name, side in (("Eva", "Growth"), ("Max", "Marketing"), ("Zoe", "Growth"))
        ]
        for page in phones:
            page.get_by_label("Import", exact=True).check()
            page.get_by_text("Saved ✓").wait_for()
        rooms.set_state(room.id, "facilitator", "close_round")
        rooms.end(room.id, "facilitator")
        people = {person.name: person for person in rooms.people(room.id)}

        eva = phones[0]
        eva.get_by_text("Your answers", exact=True).click()
        eva.get_by_role("button", name="Delete my answers").click()
        assert rooms.ballots.own(room.id, people["Eva"].id, asked)  # one press alone deletes nothing
        eva.get_by_role("button", name="Yes, delete them for good").click()
        eva.get_by_text("1 answer deleted.").wait_for()
        shot(eva, "phone-95-deleted")
        assert set(rooms.ballots.total(room.id)) == {people["Max"].id, people["Zoe"].id}

        host = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        visit(host, f"{server.url}/room?workbook={book}")
        host.get_by_text("Tuesday, ").first.click()
        for whose in ("Max (1)", ""):
            unfold(host)
            if whose:
                choose(host, host.get_by_label("Whose answers"), whose)
            shot(host, f"host-95-delete-{whose[:3] or 'all'}")
            host.get_by_role("button", name="Delete them").click(delay=60)
            host.get_by_text("1 private answer deleted for good.").first.wait_for()
            settled(host)
            assert set(rooms.ballots.total(room.id)) == ({people["Zoe"].id} if whose else set())
        assert host.get_by_text("No private answers are kept of this session.").count() == 1
    finally:
        server.stop()
