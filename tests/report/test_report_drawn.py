"""Decks drawn by another program: as many pages as slides, every word inside its box, tables inside their frame."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Pt

from lib.report import deck
from lib.report.inputs import Inputs
from tests.report import drawn, sample


@pytest.fixture(autouse=True, scope="module")
def _programs() -> None:
    drawn.need_programs()


@pytest.mark.parametrize("audience", ["executive", "board", "team"])
def test_the_finished_example_is_drawn_inside_its_boxes(
    example: Inputs, audience: str, tmp_path: Path
) -> None:
    from lib.report import build
    from lib.report.inputs import Options

    made = deck.render(build.build(example, Options(audience)))  # type: ignore[arg-type]
    assert drawn.problems(made.data, tmp_path) == []


def test_overflow_is_seen_in_a_shape_and_in_a_table(tmp_path: Path) -> None:
    made = deck.render(sample.summary())
    broken = Presentation(io.BytesIO(made.data))
    slides = list(broken.slides)
    title = slides[1].shapes.title
    title.text_frame.text = title.text_frame.text + " and further words that no headline has room for" * 3
    title.text_frame.paragraphs[0].runs[0].font.size = Pt(26)
    number, table = next((n, s) for n, slide in enumerate(slides, 1) for s in slide.shapes if s.has_table)
    table.table.cell(1, 1).text_frame.paragraphs[0].runs[0].text = "more than the row is tall " * 12
    out = io.BytesIO()
    broken.save(out)
    found = drawn.problems(out.getvalue(), tmp_path)
    assert any(p.startswith("slide 2, ") and "Table" not in p for p in found)
    assert any(p.startswith(f"slide {number}, Table") for p in found)
    assert {p.split(",")[0] for p in found} == {"slide 2", f"slide {number}"}


def test_a_machine_without_the_programs_skips_and_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn.shutil, "which", lambda _: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="soffice and pdftotext not installed"):
        drawn.need_programs()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="cannot be drawn here"):
        drawn.need_programs()
