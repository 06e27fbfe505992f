"""Datasets on a server where people sign in: a workbook's file that names somebody's data opens none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.cli import export as export_command
from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets import library
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.reader import NOBODY, OWNER_OF_ALL
from lib.errors import NotAllowedError, NotFoundError
from lib.ui import session
from lib.ui.web import dataset_access
from lib.workbook import portable
from tests.pages.test_data_page import give, settled, use
from tests.ui.room.test_signin import OWNER, Hosted, hosted, store

__all__ = ["hosted", "store"]
MAL, PAT = "mal@example.com", "pat@example.com"
ROWS = "user_id,event,timestamp\n" + "".join(
    f"secret-{i % 9},{('visit', 'paid')[i % 2]},2026-01-{1 + i % 28:02d} 10:00:00\n" for i in range(60)
)


def uploaded(hosted: Hosted, folder: Path) -> Dataset:
    """Olga's events, in use in her workbook."""
    path = folder / "olgas-events.csv"
    path.write_text(ROWS)
    reading = intake.read(path)
    proposal = recognition.propose(reading, "events")
    data = intake.accept(reading, "events", proposal.mapping, home=session.home())
    path.unlink()
    hosted.store.save_all(
        hosted.book,
        [(f"datasets/events/{name}", getattr(data, name)) for name in ("fingerprint", "name", "contract")],
        author=OWNER,
    )
    dataset_access.rights().give(hosted.book, [data.fingerprint])
    return data


def imported(hosted: Hosted, who: str) -> AppTest:
    """Somebody imports the file that Olga exported."""
    file = portable.export(hosted.store.events(hosted.book))
    app = hosted.visit(who, "workbook")
    app.session_state["workbook.tabs"] = "File"
    app.run()
    app.get("file_uploader")[0].upload("olgas.json", file)
    return app.run()


def shown(app: AppTest) -> str:
    """Everything in words on a page."""
    return "\n".join(str(item.value) for kind in ("markdown", "error", "warning") for item in app.get(kind))


@pytest.fixture
def data(hosted: Hosted, tmp_path: Path) -> Dataset:
    return uploaded(hosted, tmp_path)


def test_an_imported_file_opens_nobody_elses_rows(hosted: Hosted, data: Dataset) -> None:
    app = imported(hosted, MAL)
    assert "olgas-events.csv" in shown(app), "the page says which file to upload"
    mine = app.session_state["session.workbook"]
    assert mine != hosted.book
    app = hosted.visit(MAL, "data", mine)
    assert "in use" not in shown(app).lower()
    assert "olgas-events.csv is missing" in shown(app)
    assert "60 rows" not in shown(app)
    app = hosted.visit(MAL, "explore", mine)
    assert "events" not in [field.key for field in app.text_area if field.key]
    assert "60" not in shown(app)
    with pytest.raises(NotFoundError):
        library.open_dataset(session.home(), data.fingerprint, NOBODY)


def test_uploading_the_same_file_binds_it(hosted: Hosted, data: Dataset) -> None:
    mine = imported(hosted, MAL).session_state["session.workbook"]
    app = hosted.visit(MAL, "data", mine)
    settled(use(give(app, "events.csv", ROWS)))
    assert dataset_access.rights().may_open(MAL, data.fingerprint)
    assert "is missing" not in shown(hosted.visit(MAL, "data", mine))


@pytest.mark.parametrize(("role", "copy_has_it"), [("viewer", False), ("owner", True)])
def test_an_owners_copy_keeps_the_data_and_a_viewers_ends_with_the_membership(
    hosted: Hosted, data: Dataset, role: str, copy_has_it: bool
) -> None:
    hosted.members.grant(OWNER, hosted.book, PAT, role)
    app = hosted.visit(PAT)
    app.session_state["workbook.tabs"] = "All workbooks"
    app.run()
    app.button(f"shelf.copy.{hosted.book}").click().run()
    copy = app.session_state["session.workbook"]
    assert copy != hosted.book
    assert dataset_access.rights().may_open(PAT, data.fingerprint), "while they are a member"
    hosted.members.grant(OWNER, hosted.book, PAT, "")
    assert dataset_access.rights().may_open(PAT, data.fingerprint) is copy_has_it


def test_the_command_line_asks_for_whom(
    hosted: Hosted, data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import lib.__main__ as program

    file, target = tmp_path / "w.json", tmp_path / "out.md"
    file.write_bytes(portable.export(hosted.store.events(hosted.book)))
    asked = ["export", str(file), "--to", str(target)]
    assert program.main(asked) == 2
    assert "--for" in capsys.readouterr().err
    assert program.main([*asked, "--for", MAL]) == 0
    assert "The dataset is not on this machine" in capsys.readouterr().err
    assert program.main([*asked, "--for", OWNER]) == 0
    assert "not on this machine" not in capsys.readouterr().err
    with pytest.raises(NotAllowedError):
        export_command._reader(session.home(), "", None)


def test_without_sign_in_everybody_at_this_computer_opens_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    assert dataset_access.reader() is OWNER_OF_ALL
    assert export_command._reader(tmp_path, "", None) is OWNER_OF_ALL
