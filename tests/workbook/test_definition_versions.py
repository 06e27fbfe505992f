"""A metric's version rises when its meaning changes, and only then."""

from pathlib import Path

from lib.analysis.audit.metric_dictionary import dictionary
from lib.workbook.definition_versions import versions
from lib.workbook.store import Store


def number(store: Store, book: str, id: str = "m") -> int:
    found = versions(store.events(book)).get(id)
    return found.number if found else 0


def test_the_version_follows_the_definition(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    store.save(book, "metrics/m/name", "Qualified trials", author="Ann")
    assert number(store, book) == 0  # a name alone defines nothing
    store.save_all(book, [("metrics/m/definition", "Trials"), ("metrics/m/unit", "count")], author="Ann")
    assert number(store, book) == 1
    store.save(book, "metrics/m/target", 10.0, author="Ann")
    store.save(book, "metrics/m/owners", ["Growth"], author="Ann")
    assert number(store, book) == 1  # a target or an owner is not what it means
    store.save(book, "metrics/m/definition", "Trials with a report", author="Ben")
    found = versions(store.events(book))["m"]
    assert (found.number, found.author) == (2, "Ben")
    store.save_all(
        book, [("contracts/m/event", "trial"), ("contracts/m/conditions", ["event:report"])], author="Ben"
    )
    assert number(store, book) == 3
    store.undo(book, author="Ben")
    assert number(store, book) == 4  # taking a change back is a change


def test_the_query_behind_a_metric_is_its_definition(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    store.save(book, "queries/q/sql", "SELECT 1", author="Ann")
    store.save_all(book, [("metrics/m/name", "M"), ("metrics/m/series", "q")], author="Ann")
    store.save(book, "queries/q/sql", "SELECT 2", author="Ann")
    assert number(store, book) == 2


def test_a_metric_removed_and_added_begins_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    for text in ("one", "two", None, "three"):
        store.save(book, "metrics/m/definition", text, author="Ann")
    assert number(store, book) == 1


def test_the_dictionary_carries_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    store.save(book, "metrics/m/definition", "Trials", author="Ann")
    head, row = dictionary(store.workbook(book), versions(store.events(book))).splitlines()
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert (cells["version"], cells["version_by"]) == ("1", "Ann")
    assert len(cells["version_since"]) == 10
