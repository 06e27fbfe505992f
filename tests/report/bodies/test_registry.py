"""The kinds of slide body and of chart: each is drawn by every writer, and a new body is its module and one line."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from pptx import Presentation

from lib.charts import altair_draw
from lib.charts.spec import KINDS as CHART_KINDS
from lib.report.bodies import registry
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck import chart, deck
from lib.report.story import redact, summary_model
from lib.report.story.inputs import Options
from lib.report.story.summary_model import Body, Line, Message, Summary
from lib.report.writers import brief, html, markdown
from lib.workbook.model import fold

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Advice(Body):
    """A kind of body that nobody has yet."""

    words: Line


def _draw(place: SlidePlace, body: Advice) -> None:
    place.canvas.text(place.box, body.words.text, (14,), name="Advice")


KIND = BodyKind(
    Advice,
    _draw,
    lambda body, images: f"<p>{body.words.text}</p>",
    lambda body: [body.words.text],
    brief=lambda body, message, most: [{"head": body.words.text, "rest": ""}],
    brief_place="lists",
)


def test_a_new_kind_of_body_is_one_line_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, KIND))
    said = Line("Ask {who} before the next launch.", {"who": "Ann Meyer"}, rule="advice")
    message = Message("a", "findings", Line("What to do before the next launch", rule="a"), Advice(said))
    summary = Summary("Co", Line("Title"), "2026-11-20", (message,))
    words = "Ask Ann Meyer before the next launch."
    slides = Presentation(io.BytesIO(deck.render(summary).data)).slides
    assert words in [s.text_frame.text for s in slides[1].shapes if s.has_text_frame]  # type: ignore[union-attr]
    assert f"<p>{words}</p>" in html.render(summary)
    assert words in markdown.render(summary).split("\n")
    listed = brief.content(summary)
    assert [item["head"] for part in listed["left"] + listed["right"] for item in part["items"]] == [words]
    people = fold({"people/a/name": "Ann Meyer", "people/a/role": "Head of growth"})
    hidden = redact.redact(summary, people, Options(hide_names=True), 0)
    assert "Ask Head of growth before the next launch." in markdown.render(hidden)


def test_a_body_that_is_not_listed_is_refused() -> None:
    with pytest.raises(LookupError, match="Advice"):
        registry.kind_of(Advice(Line("Nobody draws this")))


def test_every_body_is_listed_once_and_every_kind_of_chart_is_drawn_for_pages_and_decks() -> None:
    assert [kind.type for kind in registry.KINDS] == list(dict.fromkeys(kind.type for kind in registry.KINDS))
    assert {kind.type for kind in registry.KINDS} == {
        t for t in Body.__subclasses__() if t.__module__ == summary_model.__name__
    }
    assert set(CHART_KINDS) == set(altair_draw.BUILDERS) == set(chart.NATIVE)


def test_nobody_asks_for_a_kind_of_body_or_chart_but_its_own_module() -> None:
    """What differs by kind stands in the registries: no writer asks which one it has before it."""
    asked = re.compile(r"isinstance\([^()]*\b\w+Body\b|chart\.kind (?:==|!=|in|not in) ")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("report", "charts")
        for path in sorted((ROOT / "lib" / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").split("\n")
        if asked.search(line) and path.parent.name != "bodies"
    ]
    assert found == []
