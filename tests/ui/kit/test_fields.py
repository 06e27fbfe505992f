"""Inputs bound to an answer: what is saved shows, what is typed is saved, what does not fit is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.workbook.store import Store, open_store


def _script() -> None:
    from lib.ui import session
    from lib.ui.kit import fields, page_components

    session.resolve()
    page_components.page("Every kind of input")
    fields.text("metrics/m/name", "Name", suggestion="NPS")
    fields.long_text("metrics/m/definition", "Definition")
    fields.lines("handoffs/h/reject_reasons", "Reasons")
    fields.number("handoffs/h/sla_hours", "Time limit", low=0, high=720, unit="hours")
    fields.number("settings/floor", "Floor", whole=True, low=0)
    fields.percent("settings/gross_margin", "Margin")
    fields.choice("metrics/m/kind", "Kind", {"process": "Process", "outcome": "Outcome", "shared": "Shared"})
    fields.choice("settings/currency", "Currency", {"EUR": "Euro", "USD": "Dollar"}, style="list")
    fields.multi("metrics/m/owners", "Owners", {"Marketing": "Marketing", "Growth": "Growth"}, new=True)
    fields.date("contracts/c/review_on", "Review")
    fields.switch("handoffs/h/is_main", "Main")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    found = open_store(tmp_path.resolve())
    yield found
    found.engine.dispose()


def _open(store: Store) -> tuple[AppTest, str]:
    book = store.create("A", author="Ann")
    at = AppTest.from_function(_script, default_timeout=120)
    at.query_params["workbook"] = book
    at.run()
    assert not at.exception
    return at, book


def _key(name: str) -> str:
    return "answer." + name.replace("/", ".")


def test_every_kind_is_saved_in_the_form_the_workbook_keeps(store: Store) -> None:
    at, book = _open(store)
    at.text_input(_key("metrics/m/name")).set_value("  Activation ").run()
    at.text_area(_key("metrics/m/definition")).set_value("Share of sign-ups").run()
    at.text_area(_key("handoffs/h/reject_reasons")).set_value("no budget\n\n wrong size ").run()
    at.number_input(_key("handoffs/h/sla_hours")).set_value(24.0).run()
    at.number_input(_key("settings/floor")).set_value(5).run()
    at.number_input(_key("settings/gross_margin")).set_value(82.5).run()
    at.selectbox(_key("settings/currency")).set_value("EUR").run()
    at.multiselect(_key("metrics/m/owners")).set_value(["Growth"]).run()
    at.toggle(_key("handoffs/h/is_main")).set_value(True).run()
    assert not at.exception
    found = store.workbook(book)
    metric, handoff = found.metrics["m"], found.handoffs["h"]
    assert (metric.name, metric.definition, metric.owners) == ("Activation", "Share of sign-ups", ("Growth",))
    assert (handoff.sla_hours, handoff.reject_reasons, handoff.is_main) == (
        24,
        ("no budget", "wrong size"),
        True,
    )
    assert (found.settings.gross_margin, found.settings.floor, found.settings.currency) == (0.825, 5, "EUR")
    assert len({event.step for event in store.events(book)}) == 10  # each answer is a step of its own


def test_a_default_shows_but_is_not_saved(store: Store) -> None:
    at, book = _open(store)
    assert at.selectbox(_key("settings/currency")).value == "USD"
    assert at.number_input(_key("settings/floor")).value == 10
    assert store.rev(book) == 1


def test_what_somebody_else_saved_appears(store: Store) -> None:
    at, book = _open(store)
    store.save(book, "metrics/m/name", "By Bob", author="Bob")
    at.run()
    assert at.text_input(_key("metrics/m/name")).value == "By Bob"
    # Seen now, so changing it is no clash.
    at.text_input(_key("metrics/m/name")).set_value("By me").run()
    assert store.workbook(book).metrics["m"].name == "By me"


def test_a_clash_keeps_both_until_somebody_chooses(store: Store) -> None:
    at, book = _open(store)
    store.save(book, "metrics/m/name", "By Bob", author="Bob")
    at.text_input(_key("metrics/m/name")).set_value("By me").run()
    assert store.workbook(book).metrics["m"].name == "By Bob"
    assert any("Bob changed this" in item.value for item in at.markdown)
    at.button(f"{_key('metrics/m/name')}.take").click().run()
    assert at.text_input(_key("metrics/m/name")).value == "By Bob"
    store.save(book, "metrics/m/name", "Bob again", author="Bob")
    at.text_input(_key("metrics/m/name")).set_value("Mine").run()
    at.button(f"{_key('metrics/m/name')}.keep").click().run()
    assert store.workbook(book).metrics["m"].name == "Mine"
    assert not any("changed this" in item.value for item in at.markdown)


def test_a_suggestion_is_taken_over_with_one_click(store: Store) -> None:
    at, book = _open(store)
    at.button(f"{_key('metrics/m/name')}.suggest").click().run()
    assert store.workbook(book).metrics["m"].name == "NPS"
    assert at.text_input(_key("metrics/m/name")).value == "NPS"


def test_a_saved_value_that_is_not_offered_is_still_shown(store: Store) -> None:
    at, book = _open(store)
    store.save(book, "settings/currency", "CZK", author="Bob")
    at.run()
    assert at.selectbox(_key("settings/currency")).value == "CZK"


def test_a_value_the_workbook_refuses_is_said_and_nothing_is_saved(store: Store) -> None:
    at, book = _open(store)
    at.text_input(_key("metrics/m/name")).set_value("x" * 200_001).run()
    assert not at.exception
    assert any("too long" in item.value for item in at.error)
    assert store.rev(book) == 1
    at.text_input(_key("metrics/m/name")).set_value("short").run()
    assert not at.error
    assert store.workbook(book).metrics["m"].name == "short"


def test_a_workbook_that_is_deleted_meanwhile_is_said(store: Store) -> None:
    at, book = _open(store)
    other = store.create("B", author="Ann")
    store.delete(book)
    at.text_input(_key("metrics/m/name")).set_value("lost?").run()
    assert not at.exception
    assert "metrics/m/name" not in store.snapshot(other).answers
