"""Every activity of the half-day agenda in real browsers: facilitator, projector and two phones, from question to workbook."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.room import agenda
from lib.room.model import Round
from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.e2e.screens import make_example
from tests.e2e.support import Server, choose, settled, visit
from tests.e2e.test_e2e_room import phone, press, shot

pytestmark = pytest.mark.e2e


def answer_all(page: Page, pick: int, words: str) -> int:
    """Answer whatever a phone shows, to the end; returns how many questions there were."""
    for number in range(40):
        page.locator("#main h1").wait_for()
        if page.get_by_text("You can go back and change answers").count():
            return number
        radios, dots, up = (page.locator(f"#main {css}") for css in (
            "input[type=radio]", "button[aria-label^=Give]", "button[aria-label$=up]"))  # fmt: skip
        if page.locator("#main textarea").count():
            page.locator("#main textarea").fill(words)
        elif radios.count():
            radios.nth(min(pick, radios.count() - 1)).check()
        elif dots.count():
            for _ in range(3):
                dots.nth(min(pick, dots.count() - 1)).click()
        elif up.count():
            up.nth(up.count() - 1).click()
        page.locator("#next").click()
    raise AssertionError("the questions do not end")


class Walk:
    """One room in four browsers."""

    def __init__(self, browser: Browser, server: Server, home: Path, book: str) -> None:
        self.rooms = Rooms(Store(home).engine, home)
        self.room = self.rooms.of_workbook(book)[0].id
        self.host = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        visit(self.host, f"{server.url}/room?workbook={book}")
        press(self.host, "Take over as facilitator")
        link = self.host.get_by_role("link", name="Open the projector view").get_attribute("href")
        self.board = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        self.board.goto(f"{server.url}{link}")
        code = self.rooms.get(self.room).code
        self.phones = [
            phone(browser, server, code, "Eva", "Growth"),
            phone(browser, server, code, "Max", "Marketing"),
        ]
        self.look("00-lobby")

    def act(self, button: str, then: str) -> None:
        """Press a button of the facilitator's and wait for what it brings about, not for the page to be quiet."""
        self.host.get_by_role("button", name=button, exact=True).click(delay=60)
        self.host.get_by_text(then).first.wait_for()

    def look(self, name: str) -> None:
        """Pictures of the three views, the facilitator's at two widths and in full length, where they are wanted."""
        if not os.environ.get("SCREENSHOTS"):
            return
        settled(self.host)
        for width in (390, 1920):
            self.host.set_viewport_size({"width": width, "height": 900})
            self.host.wait_for_timeout(700)
            height = self.host.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            self.host.set_viewport_size({"width": width, "height": max(900, min(int(height), 3500))})
            self.host.wait_for_timeout(300)
            shot(self.host, f"host-{width}-{name}")
        self.host.set_viewport_size({"width": 1280, "height": 900})
        shot(self.board, f"board-{name}")
        shot(self.phones[0], f"phone-{name}")

    def ask(self, name: str, words: str = "Four trial users asked where to import their list") -> int:
        """Open the round that the facilitator has chosen, answer it on both phones, close and reveal it."""
        self.act("Ask the questions", "Phones are open.")
        eva, max_ = self.phones
        eva.locator("#question").wait_for()
        assert eva.locator("#saved").inner_text() == ""  # nothing was answered yet
        self.look(f"{name}-1-open")
        counts = [answer_all(eva, 0, words), max_.evaluate(_ANSWER_ALL, [1, words])]
        self.board.get_by_text("2 of 2").wait_for()
        assert self.rooms.ballots.counts(self.room, self.now()) == {"some": 2, "all": 2}
        self.act("Close the round", "The round is closed.")
        eva.get_by_role("heading", name="Answers are in").wait_for()
        self.look(f"{name}-2-closed")
        self.act("Show everybody's answers", "2 people answered.")
        for page in (*self.phones, self.board):
            page.get_by_role("heading", name="What we said").wait_for()
        self.look(f"{name}-3-reveal")
        assert counts[0] == counts[1]
        return counts[0]

    def now(self) -> Round:
        """The current round."""
        current = self.rooms.round(self.room)
        assert current is not None
        return current

    def click(self, name: str) -> None:
        settled(self.host)
        self.host.get_by_role("button", name=name).first.click(delay=60)


# One phone is tapped as a thumb would; the other answers the same screens at once, the second choice where there are some.
_ANSWER_ALL = """async ([pick, words]) => {
  const main = document.getElementById("main"), all = (css) => [...main.querySelectorAll(css)];
  const at = (found) => found[Math.min(pick, found.length - 1)];
  for (let number = 0; number < 40; number++) {
    if (main.innerText.includes("You can go back and change answers")) return number;
    const text = main.querySelector("textarea"), radios = all("input[type=radio]");
    if (text) { text.value = words; text.dispatchEvent(new Event("input")); }
    else if (radios.length) at(radios).click();
    else if (all("[aria-label^=Give]").length) for (let dot = 0; dot < 3; dot++) at(all("[aria-label^=Give]")).click();
    else all("button[aria-label$=up]").at(-1).click();
    document.getElementById("next").click();
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error("the questions do not end");
}"""


def test_the_half_day_from_check_in_to_actions(browser: Browser, tmp_path: Path) -> None:
    book = make_example(tmp_path)
    # An experiment without a decision yet, so that there is something to forecast.
    Store(tmp_path).save_all(book, [("experiments/open/name", "Shorter form")], author="Ann")
    Rooms(Store(tmp_path).engine, tmp_path).open(book, "Half day", "half_day")
    server = Server(tmp_path)
    server.start()
    try:
        walk = Walk(browser, server, tmp_path, book)
        walk.act("Start the first block", "1. Check in")
        read = lambda: Store(tmp_path).workbook(book)  # noqa: E731
        asked = {}
        for number, block in enumerate(agenda.template("half_day")):
            name = f"{number:02}-{block.activity}"
            if number:
                walk.act("Next block", f"{number + 1}. {block.name}")
            walk.look(f"{name}-0-ask")
            if block.activity == "break":
                continue
            asked[block.activity] = walk.ask(name)
            if block.activity in ("ideas", "forecast", "skills"):
                walk.click("Keep the room's numbers")
                walk.host.get_by_text("The room's numbers stand in the workbook").wait_for()
            if block.activity == "insights":
                settled(walk.host)
                for box in walk.host.get_by_label("Group", exact=True).all():
                    box.fill("Import")
                    box.press("Tab")
                walk.click("Keep the grouped ones as insights")
                walk.host.get_by_text("2 insights kept.").wait_for()
            if block.activity == "actions":
                walk.click("Keep them as actions")
                walk.host.get_by_text("2 actions kept.").wait_for()
        assert {
            "checkin",
            "classify",
            "ownership",
            "handoff",
            "insights",
            "ideas",
            "forecast",
            "stage",
            "skills",
            "actions",
        } <= set(asked)
        found = read()
        said = {who: forecast["p_ship"] for who, forecast in found.experiments["open"].forecasts.items()}
        assert said == {"Eva": 0.0, "Max": 0.1}
        assert sum(value for key, value in found.room.items() if key.startswith("dots/")) == 6
        assert [item.theme for item in found.insights.values()].count("Import") == 2
        assert found.skills["team/strategic_thinking/workshop"] == 1.5
        mine = [item for id, item in found.actions.items() if id.startswith("room-")]
        assert {item.owner for item in mine} == {"Eva", "Max"}
        days = sorted(
            (dt.date.fromisoformat(item.due) - dt.datetime.now(dt.UTC).date()).days for item in mine
        )
        assert days == [7, 14]

        # A topic parked on a phone stands in the workbook at once.
        eva = walk.phones[0]
        eva.get_by_text("Park a topic for later").click()
        eva.get_by_label("What should not be forgotten?").fill("Pricing page")
        eva.get_by_role("button", name="Park it").click()
        eva.get_by_text("Parked ✓").wait_for()
        assert any(isinstance(x, dict) and x.get("text") == "Pricing page" for x in read().room.values())

        # Taking the last step back, and again: nothing that was answered is lost.
        room = walk.rooms.get(walk.room)
        answered = len(walk.rooms.ballots.answers(walk.room, "owner", walk.rooms.round(walk.room)))
        press(walk.host, "Undo the step")
        eva.get_by_role("heading", name="Answers are in").wait_for()
        press(walk.host, "Redo the step")
        eva.get_by_role("heading", name="What we said").wait_for()
        assert walk.rooms.get(walk.room).agenda == room.agenda
        assert len(walk.rooms.ballots.answers(walk.room, "owner", walk.rooms.round(walk.room))) == answered

        # An own ranking; Olga has no phone, so the facilitator enters hers.
        walk.host.get_by_role("button", name="Ask again in a new round").click(delay=60)
        settled(walk.host)
        walk.host.get_by_text("Ask something of your own").last.click()
        settled(walk.host)
        walk.host.get_by_label("Question", exact=True).last.fill("What first?")
        walk.host.get_by_label("Question", exact=True).last.press("Tab")
        settled(walk.host)
        shot(walk.host, "host-89-own")
        choose(walk.host, walk.host.locator(".st-key-room-own-type").last.locator("input"), "Ranking")
        walk.host.get_by_label("Choices, one per line").last.fill("Import\nPricing\nInvite")
        walk.host.get_by_label("Choices, one per line").last.press("Control+Enter")
        settled(walk.host)
        walk.host.get_by_role("button", name="Ask it").last.click(delay=60)
        eva.get_by_role("heading", name="What first?").wait_for()
        shot(eva, "phone-90-ranking")
        settled(walk.host)
        walk.host.get_by_text("Enter answers for somebody without a phone").click()
        walk.host.get_by_label("Name", exact=True).fill("Olga")
        walk.host.get_by_label("Name", exact=True).press("Tab")
        walk.host.locator(".st-key-room-proxy-add button").click(delay=60)
        settled(walk.host)
        combo = walk.host.get_by_label("What first? (choose one after the other)")
        for choice in ("Invite", "Import", "Pricing"):
            choose(walk.host, combo, choice)
        shot(walk.host, "host-90-proxy")
        walk.host.wait_for_timeout(500)
        current = walk.rooms.round(walk.room)
        olga = next(p.id for p in walk.rooms.people(walk.room) if p.name == "Olga")
        assert walk.rooms.ballots.own(walk.room, olga, current) == {
            current.questions[0].id: ["Invite", "Import", "Pricing"]
        }
    finally:
        server.stop()


def test_an_action_of_the_room_comes_up_on_its_day(browser: Browser, tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    yesterday = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)).isoformat()
    answers = [("text", "Write the entry rule"), ("owner", "Eva"), ("due", yesterday)]
    store.save_all(book, [(f"actions/room-1/{name}", value) for name, value in answers], author="Ann")
    server = Server(tmp_path)
    server.start()
    try:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        visit(page, f"{server.url}/?workbook={book}")
        page.get_by_text("1 action is due").wait_for()
        assert "Write the entry rule" in page.locator(".st-key-actions-due").inner_text()
        shot(page, "host-95-due")
        page.locator(".st-key-actions-due").get_by_role("button", name="Done").click(delay=60)
        page.locator(".st-key-actions-due").wait_for(state="hidden")
        assert Store(tmp_path).workbook(book).actions["room-1"].done
    finally:
        server.stop()
