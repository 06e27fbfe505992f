"""Whose files they are: what lies in WORKBOOK_HOME is for the server's user alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.workbook import home as homes

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


@pytest.fixture
def mask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user whose files others may read, as usual."""
    earlier = os.umask(0o022)
    monkeypatch.setattr(homes, "_usual_mask", None)
    yield
    os.umask(earlier)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder: Path) -> dict[str, str]:
    """Files and folders that somebody else has a right to."""
    paths = [folder, *folder.rglob("*")]
    return {str(p): oct(mode(p)) for p in paths if not p.is_symlink() and mode(p) & homes.FOR_OTHERS}


def run(home: Path, *command: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {
        "WORKBOOK_HOME": str(home)
    }
    begin = "import os, sys; os.umask(0o022); from lib.__main__ import run_process; sys.exit(run_process(sys.argv[1:]))"
    subprocess.run(
        [sys.executable, "-c", begin, *command], cwd=ROOT, env=environment, check=True, capture_output=True
    )


def test_a_home_is_made_for_its_user_alone(
    mask: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    assert mode(homes.home()) == 0o700


def test_a_home_that_others_could_read_is_closed(mask: None, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "datasets" / "abc").mkdir(parents=True)
    for name in ("datasets/abc/clean.parquet", "workbook.db", "workbook.db-wal", "letter.txt"):
        (home / name).write_bytes(b"")
    (tmp_path / "elsewhere").write_bytes(b"")
    (home / "datasets" / "away").symlink_to(tmp_path / "elsewhere")
    homes.close_to_others(home)
    assert set(open_to_others(home)) == {str(home / "letter.txt")}  # not ours
    assert mode(home) == mode(home / "datasets") == 0o700
    assert mode(tmp_path / "elsewhere") == 0o644


def test_a_folder_that_is_everybodys_stays_so(mask: None, tmp_path: Path) -> None:
    shared, plain = tmp_path / "shared", tmp_path / "plain"
    for folder, rights in ((shared, 0o1777), (plain, 0o755)):
        folder.mkdir()
        folder.chmod(rights)
    (shared / "workbook.db").write_bytes(b"")
    homes.close_to_others(shared)
    homes.close_to_others(plain)  # no home: nothing of ours in it
    assert (mode(shared), mode(shared / "workbook.db"), mode(plain)) == (0o1777, 0o600, 0o755)


def test_what_a_command_keeps_is_private_and_what_it_hands_out_is_not(mask: None, tmp_path: Path) -> None:
    """The datasets come from throw-away processes, the database and the layouts from this one."""
    run(tmp_path / "home", "export", "demo", "--to", str(tmp_path / "brief.md"))
    run(tmp_path / "home", "owner")
    run(tmp_path / "home", "demo", "--to", str(tmp_path / "a" / "b"))
    names = {path.name for path in (tmp_path / "home").rglob("*")}
    assert {"workbook.db", "clean.parquet"} <= names
    assert open_to_others(tmp_path / "home") == {}
    assert mode(tmp_path / "brief.md") == 0o644
    assert [
        mode(path) for path in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "spend.csv")
    ] == [0o755, 0o755, 0o644]


def test_what_an_unprepared_process_hands_out_is_as_it_was(mask: None, tmp_path: Path) -> None:
    with homes.as_usual():
        (tmp_path / "one").write_text("")
    homes.keep_private()
    homes.keep_private()
    (tmp_path / "two").write_text("")
    with homes.as_usual():
        (tmp_path / "three").write_text("")
    (tmp_path / "four").write_text("")
    assert [mode(tmp_path / name) for name in ("one", "two", "three", "four")] == [0o644, 0o600, 0o644, 0o600]
