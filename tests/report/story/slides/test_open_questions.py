"""Open questions in the summary: what nobody has settled leaves with the deck, what is settled does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lib.analysis.stage.stage import stage
from lib.report.story import build, run_steps
from lib.report.story.inputs import Options, StepChapter
from lib.report.story.summary_model import Message, TableBody
from lib.workbook.model import fold

TODAY = dt.date(2026, 11, 20)
TOLD = {
    "stage/decision": "growth", "stage/pmf_share": "few", "stage/retention": "leaves",
    "metrics/m1/name": "Support tickets", "metrics/m1/kind": "process", "skills/hiring": "hybrid",
}  # fmt: skip


def _slide(answers: dict[str, Any], audience: str = "executive") -> Message | None:
    book = fold({**TOLD, **answers})
    inputs = run_steps.collect(book, {"stage_choice": StepChapter("stage_choice", stage(book, {}))}, TODAY)
    made = build.build(inputs, Options(audience))  # type: ignore[arg-type]
    return next((message for message in made.messages if message.id == "open-questions"), None)


def _rows(slide: Message | None) -> list[list[str]]:
    assert slide is not None
    assert isinstance(slide.body, TableBody)
    return [[cell.text.text for cell in row] for row in slide.body.rows]  # type: ignore[union-attr]


def test_open_and_parked_questions_are_in_the_summary_and_settled_ones_are_not() -> None:
    """The count of the headline falls with each that is answered or dismissed; a parked one says so."""
    slide = _slide({})
    before = _rows(slide)
    owner = next(row for row in before if "Support tickets" in row[0])
    assert owner[1]
    assert owner[2:] == ["No answer yet", "Open"]
    assert slide is not None
    assert slide.headline.text.startswith(f"{len(before)} question")
    parked = _rows(_slide({"challenges/metric_without_owner/state": "parked",
                           "challenges/metric_without_owner/reply": "After the hire"}))  # fmt: skip
    assert ["After the hire", "Parked"] in [row[2:] for row in parked]
    assert len(parked) == len(before)
    for state in ("answered", "dismissed"):
        after = _rows(_slide({"challenges/metric_without_owner/state": state}))
        assert len(after) == len(before) - 1
        assert not any("Support tickets" in row[0] for row in after)


def test_no_slide_without_a_question() -> None:
    """A workbook that contradicts nothing has no such slide, nor has an empty one."""
    book = fold({})
    inputs = run_steps.collect(book, {"stage_choice": StepChapter("stage_choice", stage(book, {}))}, TODAY)
    assert all(message.id != "open-questions" for message in build.build(inputs).messages)
