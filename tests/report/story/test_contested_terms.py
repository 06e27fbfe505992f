"""Words with two meanings are marked on the slide that uses them, in each writer; and no source is lost in silence."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pptx import Presentation

from lib.engine.datasets import demo
from lib.report.deck import deck
from lib.report.deck.notes import source_line
from lib.report.story import build, contested_terms, run_steps
from lib.report.story.inputs import Inputs, Options
from lib.report.story.summary_model import Message, Summary, TableBody
from lib.report.writers import html, markdown
from lib.workbook.model import fold

WORD = {
    "terms/v/word": "trial",
    "terms/v/marketing": "A form sent by Dana",
    "terms/v/growth": "A product opened",
}


def _made(example: Inputs, more: dict[str, str], audience: str = "executive", **hide: bool) -> Summary:
    book = fold({**_answers(), **more})
    inputs = run_steps.collect(book, example.steps, example.today)
    return build.build(inputs, Options(audience, **hide))  # type: ignore[arg-type]


def _answers() -> dict[str, object]:
    return {key: value for _, key, value in demo.answers() if not key.startswith("terms/")}


def _slide(summary: Summary, id: str) -> Message:
    return next(message for message in summary.messages if message.id == id)


def test_an_open_word_is_marked_on_its_slides_in_the_deck_the_page_and_the_text(example: Inputs) -> None:
    made = _made(example, WORD)
    using = [message for message in made.messages if message.open_words]
    assert using
    assert all("trial" in " ".join(contested_terms._texts(m)).casefold() for m in using)
    slides: Any = Presentation(io.BytesIO(deck.render(made).data)).slides
    for slide in slides:
        title = slide.shapes.title.text_frame.text if slide.shapes.title is not None else ""
        message = next((m for m in made.messages if m.headline.text == title), None)
        if message is None:
            continue
        shown = " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
        notes = slide.notes_slide.notes_text_frame.text
        assert ("† Two meanings still open: “trial”." in shown) is bool(message.open_words), title
        assert ("Marketing: A form sent by Dana. Growth: A product opened." in notes) is bool(
            message.open_words
        )
    said = "“trial” still has two meanings. Marketing: A form sent by Dana. Growth: A product opened."
    assert html.render(made).count(said) == len(using)
    assert markdown.render(made).count(said) == len(using)


def test_a_settled_word_or_one_never_taken_up_is_left_in_peace(example: Inputs) -> None:
    for more in ({}, {**WORD, "terms/v/agreed": "The product was opened with own data"}):
        made = _made(example, more)
        assert not any(message.open_words for message in made.messages)
        assert "†" not in markdown.render(made)


def test_names_in_a_meaning_are_hidden_with_all_others(example: Inputs) -> None:
    more = {**WORD, "people/d/name": "Dana", "people/d/team": "marketing"}
    assert "Dana" in markdown.render(_made(example, more))
    assert "Dana" not in markdown.render(_made(example, more, hide_names=True))


@pytest.mark.parametrize("audience", ["executive", "board", "team"])
def test_every_number_at_a_foot_stands_in_the_sources(example: Inputs, audience: str) -> None:
    made = _made(example, {}, audience)
    last = _slide(made, "sources")
    assert isinstance(last.body, TableBody)
    listed = [row[0].text.text for row in last.body.rows]  # type: ignore[union-attr]
    assert listed == [made.number(e) for e in made.evidence]
    for message in made.messages[:-1]:
        for first, end in re.findall(r"E(\d+)(?:–E(\d+))?", source_line(made, message)):
            assert {f"E{n}" for n in range(int(first), int(end or first) + 1)} <= set(listed)
