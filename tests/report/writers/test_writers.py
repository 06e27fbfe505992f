"""The export command on a real workbook file, and the page of the summary on the demo company."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Inches

from lib.__main__ import main
from lib.report.deck import deck
from lib.report.story import build, check
from lib.report.story.inputs import Options
from lib.workbook import portable
from lib.workbook.events import Event
from tests.report import deck_checks

ROOT = Path(__file__).resolve().parents[3]
DAY = "2026-11-01T09:00:00+00:00"


def _apart(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The command as a weekly job runs it."""
    return subprocess.run([sys.executable, "-m", "lib", "export", *args], cwd=ROOT, capture_output=True, text=True,
                          env={"WORKBOOK_HOME": str(home), "PATH": "/usr/bin:/bin"}, check=False)  # fmt: skip


def _run(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The same command in this process: what it writes and says, without the seconds a start takes."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("WORKBOOK_HOME", str(home))
        code = main(["export", *args])
    return subprocess.CompletedProcess(list(args), code, out.getvalue(), err.getvalue())


def test_a_workbook_file_leaves_as_a_deck_with_what_changed(tmp_path: Path) -> None:
    answers = [
        ("metrics/m/name", "Visits", "2026-10-01"),
        ("actions/a/text", "Call Jo", "2026-10-01"),
        ("actions/a/due", "2026-10-02", "2026-10-01"),
        ("stage/decision", "growth", "2026-11-01"),
    ]
    log = [
        Event(n, key, value, None, "Ann", f"{day}T09:00:00+00:00", f"s{n}")
        for n, (key, value, day) in enumerate(answers, 1)
    ]
    (tmp_path / "w.json").write_bytes(portable.export(log))
    files = ["--to", str(tmp_path / "d.pptx"), "--to", str(tmp_path / "d.md")]
    days = ["--since", "2026-10-12", "--today", "2026-11-20"]
    made = _apart(tmp_path, str(tmp_path / "w.json"), *files, *days, "--json")
    assert made.returncode == 0, made.stderr
    assert [Path(r["file"]).suffix for r in json.loads(made.stdout)["rows"]] == [".pptx", ".md"]
    said = (tmp_path / "d.md").read_text()
    assert "Since 12 Oct 2026" in said
    assert "Overdue" in said
    assert deck_checks.package((tmp_path / "d.pptx").read_bytes()) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nothing.json", "--to", "x.pptx"], "cannot be read"),
        (["nothing.json", "--to", "x.docx"], "no ending that can be written"),
        (["nothing.json", "--to", "x.md", "--since", "soon"], "is not a date"),
        (["nothing.json", "--to", "x.md", "--today", "9999-12-31"], "no day of a workbook"),
        (["nothing.json", "--to", "nowhere/x.md"], "no folder nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_exit_two(tmp_path: Path, args: list[str], words: str) -> None:
    run = _apart if args[2] == "x.docx" else _run
    made = run(tmp_path, *args)
    assert made.returncode == 2
    assert words in made.stderr
    assert len(made.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("audience", ["executive", "board", "team"])
def test_the_finished_example_passes_every_check(example, audience: str) -> None:
    assert example.failed == {}
    made = build.build(example, Options(audience))  # type: ignore[arg-type]
    assert check.problems(made) == []
    drawn = deck.render(made)
    assert deck_checks.problems(drawn.data, made) == []
    assert drawn.warnings == ()


def _brand(path: Path, *, width: float) -> Path:
    made = Presentation()
    made.slide_width, made.slide_height = Inches(width), Inches(7.5)
    made.save(str(path))
    return path


def test_the_deck_takes_the_template_asked_for_else_the_uploaded_one(tmp_path: Path) -> None:
    uploaded = tmp_path / "templates" / "abc123.pptx"
    uploaded.parent.mkdir()
    _brand(uploaded, width=12)
    asked = _brand(tmp_path / "asked.pptx", width=11)
    kept = Event(1, "summary/template", {"name": "brand.pptx", "print": "abc123"}, None, "Ann", DAY, "s1")
    (tmp_path / "w.json").write_bytes(portable.export([kept]))
    source = str(tmp_path / "w.json")
    for file, more, width in (("a", [], 12), ("b", ["--template", str(asked)], 11)):
        target = tmp_path / f"{file}.pptx"
        made = _run(tmp_path, source, "--to", str(target), *more)
        assert made.returncode == 0, made.stderr
        assert Presentation(str(target)).slide_width == Inches(width)
    uploaded.unlink()
    made = _run(tmp_path, source, "--to", str(tmp_path / "c.pptx"))
    assert "not on this machine" in made.stderr
    assert Presentation(str(tmp_path / "c.pptx")).slide_width == Inches(13.333)


def test_a_broken_template_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_bytes(
        portable.export([Event(1, "metrics/m/name", "Visits", None, "Ann", DAY, "s1")])
    )
    (tmp_path / "t.potx").write_bytes(b"PK no template")
    files = [
        str(tmp_path / "w.json"),
        "--to",
        str(tmp_path / "d.pptx"),
        "--template",
        str(tmp_path / "t.potx"),
    ]
    made = _run(tmp_path, *files)
    assert made.returncode == 2
    assert "t.potx is damaged or is not a PowerPoint file." in made.stderr
    assert not (tmp_path / "d.pptx").exists()


def test_no_headless_export_holds_a_private_rating(tmp_path: Path) -> None:
    """A full backup goes in; neither the page, the table, nor the workbook file that leaves knows who rated whom."""
    answers = [("people/ann/name", "Ann"), ("skills/ann/storytelling_empathy/p77", 2),
               ("skills/ann/storytelling_empathy/p77/evidence", "Missed the launch story"),
               ("metrics/m/name", "Visits")]  # fmt: skip
    log = [Event(n, key, value, None, "Ben", DAY, f"s{n}") for n, (key, value) in enumerate(answers, 1)]
    (tmp_path / "w.json").write_bytes(portable.export(log))
    endings = ("json", "html", "md", "csv", "zip")
    made = _run(
        tmp_path, str(tmp_path / "w.json"), *[x for e in endings for x in ("--to", str(tmp_path / f"o.{e}"))]
    )
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(tmp_path / "o.zip") as packed:
        parts = [packed.read(name) for name in packed.namelist()]
    whole = b"\n".join([*parts, *((tmp_path / f"o.{e}").read_bytes() for e in endings if e != "zip")])
    assert b"Visits" in whole
    for secret in (b"p77", b"Missed the launch story", b"skills/ann"):
        assert secret not in whole


def test_words_with_two_meanings_are_said_beside_the_files(tmp_path: Path) -> None:
    """The finished deck is read for words that mean two things; settled ones are left in peace."""
    answers = [("metrics/m/name", "Visits"), ("metrics/m/kind", "process"), ("metrics/m/owners", ["Ann"]),
               ("terms/t/word", "visits"), ("terms/t/marketing", "Sessions"), ("terms/t/growth", "People")]  # fmt: skip
    log = [Event(n, key, value, None, "Ben", DAY, f"s{n}") for n, (key, value) in enumerate(answers, 1)]
    settled = [*log, Event(len(log) + 1, "terms/t/agreed", "New people", None, "Ben", DAY, "s9")]
    for events, is_said in ((log, True), (settled, False)):
        (tmp_path / "w.json").write_bytes(portable.export(events))
        made = _run(tmp_path, str(tmp_path / "w.json"), "--to", str(tmp_path / "o.md"), "--json")
        assert made.returncode == 0, made.stderr
        warnings = json.loads(made.stdout)["warnings"]
        assert any("still have two meanings: “visits”" in w for w in warnings) is is_said
