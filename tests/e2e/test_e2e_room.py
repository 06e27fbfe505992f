"""A whole activity in real browsers: facilitator on a desktop, participants on phones, everything that can go wrong."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.room import activities
from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.e2e import axe
from tests.e2e.support import Server, settled, visit

pytestmark = pytest.mark.e2e


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click(delay=60)
    page.wait_for_timeout(300)
    settled(page)


def phone(browser: Browser, server: Server, code: str, name: str, side: str) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{server.url}/join/{code}")
    page.fill("#name", name)
    page.get_by_label(side, exact=True).check()
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/w")
    return page


def seed(home: Path) -> str:
    """A workbook with three stages, as somebody alone would have typed them."""
    store = Store(home)
    id = store.create("Room test", author="Ann")
    stages = {"visit": "Visit", "trial": "Trial", "paid": "Paying"}
    answers = [(f"stages/{key}/{field}", value) for n, (key, name) in enumerate(stages.items())
               for field, value in (("name", name), ("order", n), ("events", [key]))]  # fmt: skip
    store.save_all(id, answers, author="Ann")
    return id


def test_a_session_with_refresh_cut_restart_and_step_back(browser: Browser, tmp_path: Path) -> None:
    id = seed(tmp_path)
    server = Server(tmp_path)
    server.start()
    try:
        host = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        visit(host, f"{server.url}/room?workbook={id}")
        press(host, "Open the room")
        code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", host.inner_text("body")).group(0).replace("-", "")
        eva = phone(browser, server, code, "Eva", "Growth")
        max_ = phone(browser, server, code, "Max", "Marketing")
        press(host, "Start the first block")
        press(host, "Next block")
        press(host, "Next block")
        press(host, "Ask the questions")

        # Both answer the first question; Eva's page is reloaded and still knows her answer.
        for page, choice in ((eva, "Growth"), (max_, "Marketing")):
            page.get_by_role("heading", name="Visit: who owns it today?").wait_for()
            page.get_by_label(choice, exact=True).check()
            page.get_by_text("Saved ✓").wait_for()
        eva.reload()
        eva.get_by_role("heading", name="Visit: who owns it today?").wait_for()
        assert eva.get_by_label("Growth", exact=True).is_checked()

        # A cut connection: the answer waits on the phone and arrives by itself.
        max_.context.set_offline(True)
        max_.get_by_role("button", name="Next").click()
        max_.get_by_label("Both", exact=True).check()
        max_.get_by_text("waiting").wait_for()
        max_.context.set_offline(False)
        max_.get_by_text("Saved ✓").wait_for()

        # A late joiner lands on the current question.
        zoe = phone(browser, server, code, "Zoe", "Growth")
        zoe.get_by_role("heading", name="Visit: who owns it today?").wait_for()

        # The server is killed and comes back: everybody is still themselves.
        server.stop(kill=True)
        eva.get_by_role("button", name="Next").click()
        eva.get_by_label("Growth", exact=True).check()
        server.start()
        eva.get_by_text("Saved ✓").wait_for()

        # The facilitator loads the page anew after the restart, and opens a second tab: still the facilitator, unasked.
        host.reload()
        settled(host)
        host.get_by_role("button", name="Close the round", exact=True).wait_for()
        second = host.context.new_page()
        visit(second, f"{server.url}/room?workbook={id}")
        second.get_by_role("button", name="Close the round", exact=True).wait_for()
        cookie = next(item for item in host.context.cookies() if item["name"] == "workbook_key")
        assert cookie["httpOnly"]
        assert "workbook_key" not in host.evaluate("document.cookie")
        # Another browser is asked first, also one that makes a secret up.
        other = browser.new_context()
        other.add_cookies([{"name": "workbook_key", "value": "A" * len(cookie["value"]), "url": server.url}])
        stranger = other.new_page()
        visit(stranger, f"{server.url}/room?workbook={id}")
        stranger.get_by_role("button", name="Take over as facilitator").wait_for()
        assert not stranger.get_by_role("button", name="Close the round", exact=True).count()
        other.close()

        rooms = Rooms(Store(tmp_path).engine, tmp_path)
        room = rooms.of_workbook(id)[0]
        current = rooms.round(room.id)
        people = {person.name: person.id for person in rooms.people(room.id)}
        assert set(people) == {"Eva", "Max", "Zoe"}
        own = {name: rooms.ballots.own(room.id, person, current) for name, person in people.items()}
        assert own["Eva"] == {"owns/visit/today": "Growth", "owns/visit/should": "Growth"}
        assert own["Max"] == {"owns/visit/today": "Marketing", "owns/visit/should": "Both"}

        # Advancing by accident and stepping back finds the round as it was.
        press(host, "Next block")
        eva.get_by_text("Listen for now").wait_for()
        press(host, "Step back")
        eva.get_by_role("heading", name="Visit: who owns it today?").wait_for()
        assert eva.get_by_label("Growth", exact=True).is_checked()

        press(host, "Close the round")
        second.get_by_role("button", name="Show everybody's answers").wait_for()  # by itself
        second.close()
        eva.get_by_role("heading", name="Answers are in").wait_for()
        assert "What we said" not in eva.inner_text("body")
        shot(host, "host-closed")
        press(host, "Show everybody's answers")
        zoe.get_by_role("heading", name="What we said").wait_for()
        assert host.get_by_text("Visit: who owns it today? · contested").count() == 1
        host.get_by_label("Who sees it differently, and why (kept)").first.fill("Max would keep it")
        host.get_by_role("button", name="Settle it", exact=True).first.click(delay=60)
        host.get_by_text("Settled:").first.wait_for()
        outcome = rooms.outcomes(room.id)[0]
        assert outcome.dissent == "Max would keep it"
        shot(host, "host-settled")
        book = Store(tmp_path).workbook(id)
        assert book.owns["visit"].resolved
        assert book.room[f"{room.id}/{outcome.id}"]["dissent"] == "Max would keep it"
        host.get_by_role("button", name="Take it back", exact=True).first.click(delay=60)
        host.get_by_role("button", name="Take it back", exact=True).first.wait_for(state="hidden")
        assert rooms.outcomes(room.id) == []
        assert not Store(tmp_path).workbook(id).owns
    finally:
        server.stop()


def test_the_phone_page_works_with_the_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    id = seed(tmp_path)
    server = Server(tmp_path)
    server.start()
    try:
        rooms = Rooms(Store(tmp_path).engine, tmp_path)
        room, _, _ = rooms.open(id, "Keys", "hour")
        page = browser.new_page()
        page.goto(f"{server.url}/join/{room.code}")
        page.keyboard.type("Kim")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**/w")
        assert [(p.name, p.side) for p in rooms.people(room.id)] == [("Kim", "marketing")]
    finally:
        server.stop()


def ballot(home: Path) -> tuple[Rooms, str, str, str]:
    """A running room with an open round on who owns each stage: rooms, id, code, the board's key."""
    rooms = Rooms(Store(home).engine, home)
    book = seed(home)
    room, _, key = rooms.open(book, "Tuesday", "hour")
    rooms.step(room.id, "facilitator", 2)
    asked = activities.questions("ownership", Store(home).workbook(book))
    rooms.open_round(room.id, "facilitator", asked)
    return rooms, room.id, room.code, key


@pytest.mark.parametrize("width", [390, 1280])
def test_join_question_board_and_reveal_have_no_serious_accessibility_violation(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    rooms, id, code, key = ballot(tmp_path)
    server = Server(tmp_path)
    server.start()
    try:
        page = browser.new_context(viewport={"width": width, "height": 844}, bypass_csp=True).new_page()
        board = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True).new_page()
        page.goto(f"{server.url}/join/{code}")
        found = {"join": axe.violations(page)}
        page.fill("#name", "Eva")
        page.get_by_label("Growth", exact=True).check()
        page.get_by_role("button", name="Join").click()
        page.get_by_role("heading", name="Visit: who owns it today?").wait_for()
        found["question"] = axe.violations(page)
        shot(page, f"phone-question-{width}")
        board.goto(f"{server.url}/w/board?room={id}&key={key}")
        board.get_by_role("heading", name="Answer on your phone").wait_for()
        found["board"] = axe.violations(board)
        shot(board, f"board-open-{width}")
        page.get_by_label("Growth", exact=True).check()
        page.get_by_text("Saved ✓").wait_for()
        # Another process closes and reveals; the pages read the room again when they are loaded.
        for action in ("close_round", "reveal"):
            rooms.set_state(id, "facilitator", action)
        page.reload()
        board.reload()
        page.get_by_role("heading", name="What we said").wait_for()
        board.get_by_role("heading", name="What we said").wait_for()
        found |= {"reveal": axe.violations(page), "board with answers": axe.violations(board)}
        shot(page, f"phone-reveal-{width}")
        shot(board, f"board-reveal-{width}")
        assert {name: items for name, items in found.items() if items} == {}
    finally:
        server.stop()


def shot(page: Page, name: str) -> None:
    """A picture of the view, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")
