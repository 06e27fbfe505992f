"""Decks drawn by another program: as many pages as slides, every word inside its box, tables inside their frame."""

from __future__ import annotations

import io

import pytest
from pptx import Presentation
from pptx.util import Pt

from lib.report.deck import deck
from lib.report.story import build
from lib.report.story.inputs import Inputs, Options
from tests.report import drawn, sample


@pytest.fixture(autouse=True, scope="module")
def _programs() -> None:
    drawn.need_programs()


AUDIENCES = ("executive", "board", "team")


@pytest.fixture(scope="module")
def found(example: Inputs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is wrong with the finished example at each length, and with a deck that overflows on purpose."""
    decks = {audience: deck.render(build.build(example, Options(audience))).data for audience in AUDIENCES}  # type: ignore[arg-type]
    return drawn.problems({**decks, "broken": overflowing()[0]}, tmp_path_factory.mktemp("drawn"))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_finished_example_is_drawn_inside_its_boxes(found: dict[str, list[str]], audience: str) -> None:
    assert found[audience] == []


def overflowing() -> tuple[bytes, int]:
    """A deck with a title and a table cell too long for their boxes, and the number of the table's slide."""
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
    return out.getvalue(), number


def test_overflow_is_seen_in_a_shape_and_in_a_table(found: dict[str, list[str]]) -> None:
    number = overflowing()[1]
    seen = found["broken"]
    assert any(p.startswith("slide 2, ") and "Table" not in p for p in seen)
    assert any(p.startswith(f"slide {number}, Table") for p in seen)
    assert {p.split(",")[0] for p in seen} == {"slide 2", f"slide {number}"}


def test_a_machine_without_the_programs_skips_and_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn.shutil, "which", lambda _: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="soffice and pdftotext not installed"):
        drawn.need_programs()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="cannot be drawn here"):
        drawn.need_programs()
