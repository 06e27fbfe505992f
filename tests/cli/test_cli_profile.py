"""The command line as a script sees it: JSON on stdout, one sentence on stderr, exit 2 for a user's mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lib import __main__ as program
from lib.cli import common
from lib.errors import MappingError

ROOT = Path(__file__).resolve().parents[2]


def test_profile_has_the_agreed_keys_and_exact_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "Report\n\nuser_id;event;timestamp\nu1;a;05/02/2026\nu2;b;06/02/2026;x\nu3;c;07/02/2026\n"
    )
    assert program.main(["profile", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    counts = {name: found[name] for name in ("total", "accepted", "rejected", "preamble", "blank", "header")}
    assert counts == {"total": 6, "accepted": 2, "rejected": 1, "preamble": 1, "blank": 1, "header": 1}
    assert (found["encoding"], found["delimiter"]) == ("utf-8", ";")
    assert [c["name"] for c in found["columns"]] == ["user_id", "event", "timestamp"]
    assert [(q["id"], q["options"]) for q in found["questions"]] == [("dates:timestamp", ["dmy", "mdy"])]
    assert found["contracts"][0]["contract"] == "events"
    assert found["rejects"] == [
        {"line": 5, "reason": "has 4 cells where the others have 3", "text": "u2;b;06/02/2026;x"}
    ]
    assert program.main(["profile", str(path), "--answers", "dates=dmy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["questions"] == []


@pytest.mark.parametrize(("name", "content", "words"), [
    ("none.csv", None, "There is no file none.csv. Check the path."),
    ("page.csv", b"<html></html>", "web page"),
    ("empty.csv", b"", "The file is empty."),
])  # fmt: skip
def test_a_mistake_is_one_line_and_exit_2(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    command = [sys.executable, "-m", "lib", "profile", str(path), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_demo_writes_files_that_profile_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["demo", "--to", str(tmp_path / "demo"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["slot"] for row in rows} >= {
        "events",
        "metrics",
        "customers",
        "spend",
        "survey",
        "deals",
        "experiment",
    }
    assert all(Path(row["file"]).stat().st_size == row["bytes"] for row in rows)


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "profile" in told
    assert "demo" in told


def test_pairs_keep_constants_and_escaped_commas() -> None:
    assert common.pairs(r"a=b,c==d,e=f\, g", "--columns") == {"a": "b", "c": "=d", "e": "f, g"}
    with pytest.raises(MappingError, match="no “=”"):
        common.pairs("a", "--columns")
