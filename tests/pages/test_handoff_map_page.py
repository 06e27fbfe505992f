"""The handoff page through the shell: by hand, on a file, the baton, one-click fixes, every tab."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.workbook import home as homes
from lib.workbook import store as stores
from tests.pages.books import book, new

SHELL = Path(__file__).resolve().parents[2] / "lib" / "ui" / "shell.py"
PAGE = "../../pages/handoff_map.py"
SHOP = Path(__file__).resolve().parents[2].parent / "shared" / "datasets" / "ecom.csv.gz"
TABS = ("Move the baton", "Candidates", "Response time", "Where we differ", "Who answers")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One installation for all tests here; each makes a workbook of its own."""
    folder = tmp_path_factory.mktemp("handoff")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBOOK_HOME", str(folder / "home"))
        yield folder


@pytest.fixture(scope="module")
def file(home: Path) -> dict[str, object]:
    """The answers that put a small events file into use."""
    return _file(home)


def _open(id: str, tab: str = "") -> AppTest:
    app = AppTest.from_file(str(SHELL), default_timeout=120)
    app.query_params["workbook"] = id
    if tab:
        app.session_state["handoff_map.tabs"] = tab
    app.run()
    app.switch_page(PAGE)
    return app.run()


def _taken_in(path: Path) -> dict[str, object]:
    """A file taken in as a visitor would, as the answers that put it into use."""
    reading = intake.read(path)
    proposal = next(item for item in recognition.recognise(reading) if item.contract == "events")
    data = intake.accept(reading, "events", proposal.mapping, home=homes.home())
    return {
        f"datasets/events/{name}": getattr(data, name) for name in ("fingerprint", "name", "contract", "rows")
    }


def _file(folder: Path) -> dict[str, object]:
    random_ = random.Random(8)
    lines = ["user_id,event,timestamp,channel"]

    def add(person: int, event: str, day: float) -> None:
        hours = int(day * 24)
        lines.append(f"u{person},{event},2026-{1 + hours // 672:02}-{1 + hours % 672 // 24:02} "
                     f"{hours % 24:02}:{person % 60:02}:00,{'email' if person % 3 else 'paid'}")  # fmt: skip

    for person in range(600):
        day = random_.uniform(0, 50)
        add(person, "visit", day)
        if person % 2:
            add(person, "trial_start", day + 1)
            if person % 5:
                add(person, "activated", day + 2)
                if random_.random() < 0.4:
                    add(person, "paid", day + 6)
    add(999, "visit", 110)
    path = folder / "events.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return _taken_in(path)


def _text(app: AppTest) -> str:
    kinds = (app.markdown, app.subheader, app.title, app.header)
    return " ".join(str(part.value) for kind in kinds for part in kind)


def _press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_by_hand_from_nothing_to_a_handoff(home: Path) -> None:
    id = new()
    app = _open(id)
    assert not app.exception
    assert app.title[0].value == "Where exactly does marketing's responsibility end and growth's begin?"
    assert "There is no journey yet" in _text(app)
    assert "Events file" in _text(app)
    app = _press(app, "Start from the usual stages")
    assert [stage.name for _, stage in book(id).journey()][:2] == ["Visit", "Interest"]
    assert "Decide: where and how the baton passes" in _text(app)
    app.selectbox(key="answer.handoffs.main.to_stage").set_value("trial").run()
    assert book(id).handoffs["main"].to_stage == "trial"
    assert "Growth's begins with Trial" in _text(_open(id))


def test_a_file_proposes_the_journey_and_one_choice_moves_the_verdict(file: dict[str, object]) -> None:
    id = new(file)
    app = _open(id)
    assert not app.exception
    assert "stages are proposed from your events" in _text(app)
    app = _press(app, "Take over the proposed stages")
    assert [stage.events for _, stage in book(id).journey()] == [
        ("visit",),
        ("trial_start",),
        ("activated",),
        ("paid",),
    ]
    assert "no handoff is chosen" in _text(app)
    app.selectbox(key="answer.handoffs.main.event").set_value("trial_start").run()
    assert book(id).handoffs["main"].event == "trial_start"
    app = _open(id)
    assert "Growth's begins with “Trial start”" in _text(app)
    assert "has no response time" in _text(app)


def test_the_baton_moves_and_the_total_stays(file: dict[str, object]) -> None:
    id = new(file)
    _press(_open(id), "Take over the proposed stages")
    app = _open(id)
    app.select_slider(key="handoff_map.here").set_value("trial_start").run()
    app.select_slider(key="handoff_map.there").set_value("activated").run()
    assert not app.exception
    text = _text(app).replace("\\", "")
    assert "At “Activated” marketing hands over 240 people instead of 300" in text
    assert "stay the same" in text
    app = _press(app, "Hand over at Activated")
    main = book(id).main_handoff()
    assert main is not None
    assert (main[1].event, main[1].to_stage, main[1].is_main) == ("activated", "activation", True)


def test_a_finding_is_mended_where_it_stands(file: dict[str, object]) -> None:
    id = new({**file, "stages/v/name": "Visit", "stages/v/events": ["visit"], "stages/v/owners": ["Marketing"],
               "stages/p/name": "Paying", "stages/p/order": 1, "stages/p/events": ["paid"]})  # fmt: skip
    app = _open(id)
    assert "Paying has no owner." in _text(app)
    app = _press(app, "Give it to Growth")
    assert book(id).stages["p"].owners == ("Growth",)
    assert "Paying has no owner." not in _text(app)


def test_a_second_handoff_can_become_the_main_one_or_go(home: Path) -> None:
    id = new({"stages/v/name": "Visit", "stages/v/owners": ["Marketing"], "stages/p/name": "Paying",
               "stages/p/order": 1, "stages/p/owners": ["Growth"], "handoffs/a/name": "First",
               "handoffs/a/is_main": True, "handoffs/b/name": "Second"})  # fmt: skip
    app = _open(id)
    app.selectbox(key="handoff_map.picked").set_value("b").run()
    app = _press(app, "Make it the main handoff")
    assert [key for key, item in book(id).handoffs.items() if item.is_main] == ["b"]
    app.selectbox(key="handoff_map.picked").set_value("a").run()
    app = _press(app, "Remove it")
    assert not app.exception
    assert list(book(id).handoffs) == ["b"]


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws(file: dict[str, object], tab: str) -> None:
    id = new(file)
    _press(_open(id), "Take over the proposed stages")
    stores.open_store(homes.home()).save_all(
        id,
        [("handoffs/main/event", "trial_start"), ("handoffs/main/sla_hours", 48.0),
         ("owns/trial/marketing_today", "Growth"), ("owns/trial/growth_today", "Marketing")],
        author="Ann", bases={},
    )  # fmt: skip
    app = _open(id, tab)
    assert not app.exception
    assert not [item.value for item in app.error]
    said = {
        "Move the baton": "Marketing is measured by", "Candidates": "a step on the way",
        "Response time": "handoffs were picked up within", "Where we differ": "each says it is the other's.",
        "Who answers": "One accountable per row",
    }[tab]  # fmt: skip
    assert said in _text(app)


def test_a_rule_that_cannot_be_checked_is_told_in_words(home: Path) -> None:
    id = new(
        {**_file(home), "handoffs/main/event": "trial_start", "handoffs/main/conditions": ["colour = red"]}
    )
    app = _open(id)
    assert not app.exception
    assert any("colour" in str(item.value) for item in app.error)


@pytest.mark.skipif(not SHOP.exists(), reason="the public clickstream is not beside the repository")
def test_a_public_clickstream_needs_no_code(home: Path) -> None:
    id = new(_taken_in(SHOP))
    app = _press(_open(id), "Take over the proposed stages")
    events = {event for _, stage in book(id).journey() for event in stage.events}
    assert {"home", "add_to_cart", "purchase"} <= events
    app = _open(id)
    app.select_slider(key="handoff_map.there").set_value("add_to_cart").run()
    assert "Marketing is measured by" in _text(app)
    assert "“Purchase”" in _text(_open(id, "Candidates"))


def test_what_the_events_leave_open_is_asked_and_answered_with_one_click(home: Path) -> None:
    rows = [f"u{i:03},{name},2026-02-{day:02}" for i in range(60)
            for name, day in (("feature_used", 2), ("signup", 9), ("paid", 12))]  # fmt: skip
    path = home / "asked.csv"
    path.write_text("user_id,event,timestamp\n" + "\n".join(rows), encoding="utf-8")
    id = new(_taken_in(path))
    app = _open(id)
    asked = next(item for item in app.get("button_group") if "really come before" in item.proto.label)
    shown = " ".join(item.value for item in app.markdown) + " ".join(
        str(item.proto) for item in app.get("html")
    )
    assert "0 min" not in shown.replace("\u00a0", " ")
    asked.set_value(1)
    app.run()
    app.button(key="handoff_map.take_stages").click()
    app.run()
    assert book(id).journey()[0][1].events == ("feature_used",)
