"""What a hurried person types: wrong values, folders, pipes, closed ends. One sentence, an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib import __main__ as program
from lib.errors import DataError

ROOT = Path(__file__).resolve().parents[2]
EVENTS = "user_id,event,timestamp,channel\n" + "".join(
    f"u{i % 9},{('signup', 'paid')[i % 2]},2026-0{1 + i % 6}-{1 + i % 28:02d} 10:00:00,{('ads', 'email')[i % 2]}\n"
    for i in range(240)
)
POWER = ["power", "--baseline", "0.1", "--relative-mde", "0.1"]
TEST = "user_id,variant,converted\n" + "".join(f"u{i},{'ab'[i % 2]},{i % 3 % 2}\n" for i in range(60))


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    return str(path)


@pytest.fixture
def test(tmp_path: Path) -> str:
    path = tmp_path / "test.csv"
    path.write_text(TEST)
    return str(path)


def _refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert program.main([*argv, "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    return said.err


@pytest.mark.parametrize(("more", "words"), [
    (["--answers", "date=dmy"],
     "No file leaves a question called “date” open. Use dates, decimal, counted, paying, swapped, unit or time_zone."),
    (["--answers", "dates=ymd"], "“ymd” does not answer dates. Write dmy or mdy."),
    (["--answers", "decimal:price=dot"], "“dot” does not answer decimal:price. Write point or comma."),
    (["--time-zone", "Mars/Base"], "There is no time zone called 'Mars/Base'."),
    (["--sheet", "Sheet2"], "no sheet or file called “Sheet2”"),
    (["--columns", "user_id=Nobody"], "The file has no column called “Nobody”."),
])  # fmt: skip
def test_a_typing_mistake_is_not_passed_over(
    events: str, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    assert words.rstrip(".") in _refused(capsys, "growth", events, *more)


@pytest.mark.parametrize(("more", "words"), [
    (["--window-days", "nan"], "The window must be longer than zero days."),
    (["--window-days", "-3"], "The window must be longer than zero days."),
    (["--by", "chanel"], "The file has no column “chanel”. Choose --by among: user_id"),
    (["--before", "2026-05", "--after", "2026-02"], "does not end before the later one begins"),
    (["--before", "2026-Q1", "--after", "2026-03"], "does not end before the later one begins"),
])  # fmt: skip
def test_mix_refuses_what_would_be_a_guess(
    events: str, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    assert words in _refused(capsys, "mix", events, "--start", "signup", "--finish", "paid", *more)


@pytest.mark.parametrize(("more", "words"), [
    (["--segments", "device"], "The file has no column 'device'. Choose --segments from"),
    (["--smallest-effect", "nan"], "An effect or size is not above 0."),
    (["--planned", "inf"], "An effect or size is not above 0."),
])  # fmt: skip
def test_a_test_is_not_read_by_halves(
    test: str, capsys: pytest.CaptureFixture[str], more: list[str], words: str
) -> None:
    assert words in _refused(capsys, "experiment", test, *more)


@pytest.mark.parametrize("more", [
    ["--baseline", "0.1", "--weekly-users", "1e300", "--weeks", "1e300"],
    ["--baseline", "1e-300", "--relative-mde", "0.1"],
    ["--baseline", "5", "--sd", "1e308", "--relative-mde", "0.1"],
])  # fmt: skip
def test_numbers_beyond_reason_are_refused(capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    assert "too small or too large to plan a test with" in _refused(capsys, "power", *more)


def test_a_name_that_is_no_text_is_kept_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = os.fsdecode(bytes(tmp_path) + b"/\xff.csv")
    Path(path).write_text(EVENTS)
    assert "\ufffd.csv has no revenue." in _refused(capsys, "ltv", path)


def test_a_folder_is_called_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "exports is a folder, not a file. Name one file in it." in _refused(
        capsys, "profile", str((tmp_path / "exports").mkdir() or tmp_path / "exports")
    )


def test_an_empty_folder_name_is_not_the_one_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--to names no folder." in _refused(capsys, "demo", "--to", "")


def test_an_empty_list_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    assert program.main(["owner"]) == 0
    assert capsys.readouterr().out == "Nothing to list.\n"


# ---- as a process --------------------------------------------------------------------------------------------------


def _run(*argv: str | bytes, text: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "lib", *argv]
    return subprocess.run(
        command,
        cwd=ROOT,
        input=text.encode(),
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_pipe_is_read_like_a_file() -> None:
    done = _run("profile", "-", "--json", text=EVENTS)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["accepted"] == 240
    done = _run("profile", "/dev/stdin", "--json", text="")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"The file is empty.")


def test_a_name_that_is_no_text_and_a_terminal_without_letters(tmp_path: Path) -> None:
    path = bytes(tmp_path) + b"/\xff\xe9vents.csv"
    Path(os.fsdecode(path)).write_text(EVENTS.replace("email", "Grüße 😀"), encoding="utf-8")
    done = _run("profile", path, "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Grüße 😀" in done.stdout.decode()
    assert json.loads(done.stdout)["accepted"] == 240


@pytest.mark.parametrize(("argv", "code"), [(["power", "--help"], 0), (POWER, 1)])
def test_a_reader_that_has_gone_is_no_complaint(argv: list[str], code: int) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "lib", *argv]
    done = subprocess.run(command, cwd=ROOT, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_output_that_finds_no_room_is_told() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "lib", *POWER]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "What was found cannot be written out: No space left on device. Send it to another file or disk.\n"
    )


def test_ctrl_c_ends_it_in_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # nobody writes into it: the command waits
    command = [sys.executable, "-m", "lib", "profile", str(tmp_path / "pipe")]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)  # waits until the command reads
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=120)[1] == "Stopped before the end.\n"
    assert process.returncode == 130
    os.close(writer)


def test_trouble_with_the_disk_is_told_and_a_mistake_of_ours_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("in the way")
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    assert program.run_process(["owner"]) == 2
    assert "for answers and data cannot be opened" in capsys.readouterr().err
    monkeypatch.setattr(program, "main", lambda argv: 1 / 0)
    assert program.run_process([]) == 1
    assert "Something went wrong on our side (ZeroDivisionError)" in capsys.readouterr().err
    monkeypatch.setattr(program, "main", _raises)
    assert program.run_process([]) == 2


def _raises(argv: list[str]) -> int:
    raise DataError("A problem.", "A remedy.")
