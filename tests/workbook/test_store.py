"""The store: what is saved stays saved, nobody overwrites anybody, every step can be taken back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lib.errors import ConflictError, DataError, NotFoundError
from lib.workbook import history, portable
from lib.workbook.store import Store

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_an_answer_is_there_after_a_new_start(tmp_path: Path) -> None:
    first = Store(tmp_path)
    book = first.create("Acme", author="Ann")
    first.save(book, "settings/company", "Acme Ltd", author="Ann")
    again = Store(tmp_path).workbook(book)
    assert (again.name, again.settings.company, again.rev) == ("Acme", "Acme Ltd", 2)


def test_revisions_have_no_gaps_and_each_event_has_one(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save_all(book, [("settings/company", "A"), ("settings/currency", "EUR")], author="Ann")
    store.save(book, "stage/decision", "growth", author="Bob")
    assert [event.rev for event in store.events(book)] == [1, 2, 3, 4]
    assert [event.key for event in store.events(book, after=2, until=3)] == ["settings/currency"]


def test_different_answers_never_clash(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "A", author="Ann", base=0)
    assert not store.save(book, "settings/currency", "EUR", author="Bob", base=0).conflicts
    assert store.workbook(book).settings.company == "A"


def test_the_same_answer_clashes_and_nothing_is_written(store: Store) -> None:
    book = store.create("A", author="Ann")
    theirs = store.save(book, "settings/company", "Ann's", author="Ann", base=0)
    mine = store.save_all(book, [("settings/company", "Bob's"), ("settings/currency", "EUR")], author="Bob",
                          bases={"settings/company": 0, "settings/currency": 0})  # fmt: skip
    (conflict,) = mine.conflicts
    assert (conflict.by, conflict.theirs, conflict.mine, conflict.rev) == (
        "Ann",
        "Ann's",
        "Bob's",
        theirs.rev,
    )
    assert store.workbook(book).settings.currency == "USD"
    assert not store.save(book, "settings/company", "Bob's", author="Bob", base=conflict.rev).conflicts
    assert store.workbook(book).settings.company == "Bob's"


def test_the_same_value_from_two_people_is_no_clash(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "Acme", author="Ann", base=0)
    assert not store.save(book, "settings/company", "Acme", author="Bob", base=0).conflicts
    assert store.rev(book) == 2


def test_a_repeated_save_is_written_once(store: Store) -> None:
    book = store.create("A", author="Ann")
    one = store.save(book, "settings/company", "Acme", author="Ann", step="s1")
    store.save(book, "settings/company", "Other", author="Bob")
    two = store.save(book, "settings/company", "Acme", author="Ann", step="s1")
    assert (one.step, two.step, store.rev(book)) == ("s1", "s1", 3)
    assert store.workbook(book).settings.company == "Other"


def test_a_value_that_already_stands_makes_no_event(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/floor", 1, author="Ann")
    assert store.save(book, "settings/floor", 1, author="Ann").step == ""
    assert store.save(book, "settings/company", None, author="Ann").step == ""
    assert store.rev(book) == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("settings/currency", "euro"),
        ("settings/no_such_field", "x"),
        ("nowhere/x", 1),
        ("metrics/name", "no id"),
        ("stage/x", float("nan")),
        ("stage/x", {1, 2}),
        ("summary/x", "a" * 200_001),
        ("workbook/name", "   "),
    ],
)
def test_a_value_that_does_not_fit_is_refused(store: Store, key: str, value: object) -> None:
    book = store.create("A", author="Ann")
    with pytest.raises(DataError) as refused:
        store.save_all(book, [("settings/company", "must not be half saved"), (key, value)], author="Ann")
    assert refused.value.problem
    assert refused.value.remedy
    assert store.rev(book) == 1


def test_undo_takes_a_whole_step_back_and_redo_brings_it_again(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "metrics/m/name", "NPS", author="Ann")
    store.save_all(
        book, [("metrics/m/name", "Net promoter"), ("metrics/m/kind", "process")], author="Ann", note="Sort"
    )
    assert store.can(book, author="Ann") == ("Sort", "")
    store.undo(book, author="Ann")
    metric = store.workbook(book).metrics["m"]
    assert (metric.name, metric.kind) == ("NPS", "unassigned")
    store.undo(book, author="Ann")
    assert not store.workbook(book).metrics
    store.redo(book, author="Ann")
    store.redo(book, author="Ann")
    metric = store.workbook(book).metrics["m"]
    assert (metric.name, metric.kind) == ("Net promoter", "process")
    with pytest.raises(NotFoundError):
        store.redo(book, author="Ann")


def test_a_new_answer_ends_the_redo(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "One", author="Ann")
    store.undo(book, author="Ann")
    store.save(book, "settings/currency", "EUR", author="Ann")
    with pytest.raises(NotFoundError):
        store.redo(book, author="Ann")


def test_undo_is_refused_where_somebody_else_wrote_after(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "Ann's", author="Ann")
    store.save(book, "settings/company", "Bob's", author="Bob")
    with pytest.raises(ConflictError, match="Bob"):
        store.undo(book, author="Ann")
    assert store.workbook(book).settings.company == "Bob's"


def test_undo_does_not_jump_over_what_somebody_wrote_in_between(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "Ann 1", author="Ann")
    store.save(book, "settings/company", "Bob", author="Bob")
    store.save(book, "settings/company", "Ann 2", author="Ann")
    store.undo(book, author="Ann")
    assert store.workbook(book).settings.company == "Bob"
    with pytest.raises(ConflictError):
        store.undo(book, author="Ann")
    assert store.workbook(book).settings.company == "Bob"


def test_undo_takes_back_only_ones_own_steps(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "Ann's", author="Ann")
    store.save(book, "settings/currency", "EUR", author="Bob")
    store.undo(book, author="Ann")
    settings = store.workbook(book).settings
    assert (settings.company, settings.currency) == ("", "EUR")


def test_undo_reaches_what_one_did_before_giving_a_name(store: Store) -> None:
    book = store.create("A", author="Guest 1A2B")
    store.save(book, "settings/company", "Acme", author="Guest 1A2B")
    store.undo(book, author="Ann", also=("Guest 1A2B",))
    assert store.workbook(book).settings.company == ""


def test_the_first_name_of_a_workbook_cannot_be_undone(store: Store) -> None:
    book = store.create("A", author="Ann")
    with pytest.raises(NotFoundError):
        store.undo(book, author="Ann")
    store.rename(book, "B", author="Ann")
    store.undo(book, author="Ann")
    assert store.workbook(book).name == "A"
    assert store.entry(book).name == "A"  # type: ignore[union-attr]


def test_the_workbook_at_an_earlier_revision(store: Store) -> None:
    book = store.create("A", author="Ann")
    for name in ("One", "Two", "Three"):
        store.save(book, "settings/company", name, author="Ann")
    assert [store.workbook(book, at=rev).settings.company for rev in (1, 2, 3, 4)] == [
        "",
        "One",
        "Two",
        "Three",
    ]


def test_back_to_a_point_is_one_step_that_can_be_undone(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "One", author="Ann")
    store.save_all(book, [("settings/company", "Two"), ("metrics/m/name", "NPS")], author="Bob")
    store.restore(book, 2, author="Ann")
    assert store.workbook(book).settings.company == "One"
    assert not store.workbook(book).metrics
    store.undo(book, author="Ann")
    assert store.workbook(book).settings.company == "Two"
    assert store.workbook(book).metrics["m"].name == "NPS"


def test_history_says_who_changed_what_when(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "metrics/m/name", "NPS", author="Ann")
    store.save(book, "metrics/m/owners", ["Marketing"], author="Bob")
    store.save(book, "metrics/m/owners", ["Marketing", "Growth"], author="Ann")
    newest, middle, *_ = history.steps(store.events(book))
    assert (newest.author, newest.title) == ("Ann", "Metric NPS: owners")
    assert (newest.changes[0].before, newest.changes[0].after) == ("Marketing", "Marketing, Growth")
    assert (middle.author, middle.changes[0].before) == ("Bob", "")


def test_a_deleted_workbook_comes_back_whole(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "Acme", author="Ann")
    store.delete(book)
    assert not store.entries()
    assert [entry.id for entry in store.entries(deleted=True)] == [book]
    with pytest.raises(NotFoundError, match="deleted"):
        store.save(book, "settings/company", "lost?", author="Ann")
    store.undelete(book)
    assert store.workbook(book).settings.company == "Acme"


def test_a_copy_has_the_history_and_its_own_future(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "Acme", author="Ann")
    copy = store.duplicate(book, "B", author="Bob")
    store.save(copy, "settings/company", "Other", author="Bob")
    assert (store.workbook(copy).name, store.workbook(copy).settings.company) == ("B", "Other")
    assert (store.workbook(book).name, store.workbook(book).settings.company) == ("A", "Acme")
    assert store.events(copy)[1].author == "Ann"


def test_a_missing_workbook_is_said_so(store: Store) -> None:
    for act in (
        lambda: store.snapshot("nope"),
        lambda: store.save("nope", "settings/company", "x", author="Ann"),
        lambda: store.delete("nope"),
        lambda: store.duplicate("nope", "x", author="Ann"),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_a_snapshot_from_the_cache_equals_one_from_the_log(store: Store, tmp_path: Path) -> None:
    book = store.create("A", author="Ann")
    for number in range(30):
        store.save(book, f"metrics/m{number % 7}/name", f"n{number}", author="Ann")
        cached = store.snapshot(book)
        fresh = Store(tmp_path).snapshot(book)
        assert cached == fresh


def test_who_is_here(store: Store) -> None:
    book = store.create("A", author="Ann")
    store.seen("p1", "Ann", book, "data")
    store.seen("p1", "Ann", book, "team")
    store.seen("p2", "", book, "data")
    assert [(someone.name, someone.page) for someone in store.here(book, "2000")] == [
        ("", "data"),
        ("Ann", "team"),
    ]
    assert not store.here(book, "9999")
    assert store.person("p1") == ("Ann", book)


def test_fifty_threads_lose_nothing(store: Store) -> None:
    book = store.create("A", author="Ann")
    errors: list[Exception] = []

    def write(worker: int) -> None:
        try:
            for number in range(10):
                store.save(book, f"stage/w{worker}-{number}", number, author=f"w{worker}", base=0)
        except Exception as error:  # noqa: BLE001 - the test reports it
            errors.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert [event.rev for event in store.events(book)] == list(range(1, 502))
    assert len(store.workbook(book).stage) == 500


def test_a_reader_that_polls_misses_no_event(store: Store) -> None:
    book = store.create("A", author="Ann")
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        last = 0
        while True:
            finished = done.is_set()
            for event in store.events(book, after=last):
                seen.append(event.rev)
                last = event.rev
            if finished:
                return

    reader = threading.Thread(target=read)
    reader.start()
    writers = [
        threading.Thread(
            target=lambda w=w: [store.save(book, f"stage/{w}-{n}", n, author="x") for n in range(15)]
        )
        for w in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert seen == list(range(1, 122))


def test_of_two_who_change_one_answer_at_once_exactly_one_wins(store: Store) -> None:
    book = store.create("A", author="Ann")
    start = threading.Barrier(20)
    results = []

    def write(worker: int) -> None:
        start.wait()
        results.append(store.save(book, "settings/company", f"v{worker}", author=f"w{worker}", base=0))

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [saved for saved in results if not saved.conflicts]
    assert len(winners) == 1
    assert store.rev(book) == 2


def test_a_clock_that_is_set_back_loses_and_doubles_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "One", author="Ann")
    monkeypatch.setattr("lib.workbook.store.now", lambda: "2020-01-01T00:00:00.000+00:00")
    store.save(book, "settings/company", "Two", author="Ann")
    store.save(book, "settings/company", "Three", author="Ben")
    assert store.workbook(book).settings.company == "Three"
    assert [event.value for event in store.events(book)] == ["A", "One", "Two", "Three"]
    store.undo(book, author="Ben")
    store.undo(book, author="Ann")
    assert store.workbook(book).settings.company == "One"
    copy = store.import_events(portable.parse(portable.export(store.events(book))))
    assert store.snapshot(copy).answers == store.snapshot(book).answers


def test_somebody_seen_in_the_future_is_not_here(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    book = store.create("A", author="Ann")
    store.seen("p1", "Ann", book, "start")
    monkeypatch.setattr("lib.workbook.store.now", lambda: "2999-01-01T00:00:00.000+00:00")
    store.seen("p2", "Ben", book, "start")
    assert [someone.name for someone in store.here(book, "2020-01-01T00:00:00.000+00:00")] == ["Ann"]


def test_undo_goes_on_where_somebody_else_took_their_change_back(store: Store) -> None:
    book = store.create("A", author="Ann")

    def company() -> str:
        return store.workbook(book).settings.company

    for author, name in (("Ann", "One"), ("Ann", "Two"), ("Ben", "Three")):
        store.save(book, "settings/company", name, author=author)
    with pytest.raises(ConflictError):
        store.undo(book, author="Ann")
    store.undo(book, author="Ben")
    assert company() == "Two"
    store.undo(book, author="Ann")
    assert company() == "One"
    with pytest.raises(ConflictError):
        store.redo(book, author="Ben")  # would write "Three" over what Ann took back
    store.redo(book, author="Ann")
    assert company() == "Two"
    store.redo(book, author="Ben")
    assert company() == "Three"
    assert store.can(book, author="Ben") == ("Setting: company", "")
