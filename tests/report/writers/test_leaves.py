"""What must not leave does not leave, in any file, however deep: every file of the ZIP is opened and read."""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from lib.analysis.verdict import Finding, Verdict
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import DatasetRead, Evidence
from lib.report.story import build
from lib.report.story.inputs import Inputs, Options, StepChapter, StepChart
from lib.report.story.summary_model import Line
from lib.report.writers import writers
from tests.report.story.test_build import PEOPLE, Result, inputs

ROOT = Path(__file__).resolve().parents[3]
AMOUNTS = re.compile(r"41[,.]?237|82[,.]?474|\$\s?41|\$\s?82|41\.2\s?k|82\.4\s?k")


def texts(name: str, data: bytes) -> list[tuple[str, str]]:
    """Every text in a file: packages are opened down to the workbooks inside a deck's charts, PDFs page by page."""
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return [
                found for part in package.namelist() for found in texts(f"{name}/{part}", package.read(part))
            ]
    if data[:5] == b"%PDF-":
        pages = pypdfium2.PdfDocument(data)
        return [(name, "\n".join(page.get_textpage().get_text_range() for page in pages))]
    return [(name, data.decode("utf-8", "replace"))]


def _money() -> Inputs:
    money = Evidence(
        "Revenue by month",
        "Sum of payments.",
        "SELECT month, sum(revenue) FROM payments GROUP BY month",
        ("month", "revenue", "share"),
        (("2026-09-01", 41_237.0, 0.4), ("2026-10-01", 82_474.0, 0.6)),
        sources=(DatasetRead("payments.csv", "f" * 64, 900),),
    )
    a, b = (money.fact(row, "revenue", "money:USD") for row in (0, 1))
    line = Line("Revenue went from {a} to {b} in a month", {"a": a, "b": b}, rule="r")
    chart = Chart("columns", money, "month", "revenue", "From $41,237 to $82,474.", format="money:USD")
    verdict = Verdict(
        "good", "Revenue is {b} and rises on", {"b": b}, code="c", why=("From $41,237 to $82,474",)
    )
    finding = Finding(
        "grew", "high", "Revenue grew to {b} in a month.", "It was $41,237 before.", (), {"b": b}
    )
    step = StepChapter(
        "metric_audit", Result(verdict, (finding,), (money,)), (StepChart(chart, line, (line,)),)
    )
    return inputs(PEOPLE, step)


@pytest.mark.parametrize("audience", ["executive", "board", "team"])
def test_no_amount_is_in_any_file_when_money_is_hidden(audience: str) -> None:
    shown = writers.make(build.build(_money(), Options(audience), workbook_json="{}"), "zip")  # type: ignore[arg-type]
    open_files = {name.split("/")[1] for name, text in texts("zip", shown.data) if AMOUNTS.search(text)}
    assert {Path(name).suffix for name in open_files} >= {".pptx", ".pdf", ".html", ".md", ".xlsx", ".csv"}
    options = Options(audience, hide_money=True)  # type: ignore[arg-type]
    hidden = writers.make(build.build(_money(), options, workbook_json="{}"), "zip")
    left = [
        (name, found.group(0)) for name, text in texts("zip", hidden.data) if (found := AMOUNTS.search(text))
    ]
    assert left == []


def test_no_name_is_in_any_file_when_names_are_hidden() -> None:
    people = re.compile(r"\b(Ana|Ruiz|Okafor|Mia Chen)\b")
    hidden = writers.make(build.build(_money(), Options("team", hide_names=True), workbook_json="{}"), "zip")
    assert [name for name, text in texts("zip", hidden.data) if people.search(text)] == []


def test_the_workbooks_own_file_stays_when_anything_is_hidden() -> None:
    kept = json.dumps({"answers": []})
    for options in (Options(hide_money=True), Options(hide_names=True), Options(hide_quotes=True)):
        made = writers.make(build.build(_money(), options, workbook_json=kept), "zip")
        with zipfile.ZipFile(io.BytesIO(made.data)) as package:
            assert not [name for name in package.namelist() if name.endswith(".json")]


# ---- what writers may read -------------------------------------------------------------------------------------------

REPORT = ROOT / "lib" / "report"
# Processes and handouts are no writers of a summary: they start one, or are made from a session's agenda.
OTHER = {"export_process.py", "export_worker.py", "handout.py", "__init__.py"}
WRITERS = sorted(
    path
    for folder in ("bodies", "deck", "writers")
    for path in (REPORT / folder).glob("*.py")
    if path.name not in OTHER
)
MAY_READ = {
    "lib.report.story.summary_model", "lib.engine.evidence.evidence", "lib.engine.evidence.formats", "lib.charts.spec",
    "lib.charts.altair_draw", "lib.report.clean", "lib.report.story.chart_table", "lib.report.story.wording",
    "lib.report.story.names", "lib.engine.calendar",
    "lib.report.story.check", "lib.report.story.labels", "lib.report.story.term_marker", "lib.errors",
}  # fmt: skip


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lib"):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            is_package = (ROOT / node.module.replace(".", "/")).is_dir()
            found |= whole if is_package else {node.module}
    return found


@pytest.mark.parametrize("path", WRITERS, ids=lambda path: path.stem)
def test_a_writer_reads_the_summary_and_nothing_else(path: Path) -> None:
    own = ("lib.report.bodies.", "lib.report.deck.", "lib.report.writers.")
    assert {name for name in _imports(path) if not name.startswith(own)} <= MAY_READ


def test_every_import_of_this_room_stands_at_the_top() -> None:
    inside = []
    for path in sorted((ROOT / "lib" / "report").rglob("*.py")):
        if path.name == "export_worker.py":  # a process that must set its path before it imports
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                inside += [
                    f"{path.name}:{child.lineno}"
                    for child in ast.walk(node)
                    if isinstance(child, ast.Import | ast.ImportFrom)
                ]
    assert inside == []
