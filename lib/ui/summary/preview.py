"""The slides of the summary as small pages of HTML: what will leave, before it leaves."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.report import clean
from lib.report.deck.deck import AUDIENCE_TITLES
from lib.report.story.summary_model import Summary
from lib.report.writers import export_process
from lib.ui.summary import results

_STYLE = "<style>" + Path(__file__).with_name("summary.css").read_text(encoding="utf-8") + "</style>"


def _slide(inner: str, number: int, label: str, cover: bool = False) -> str:
    kind = "slide cover" if cover else "slide"
    return (
        f'<div class="{kind}" role="group" aria-label="Slide {number}: {clean.html(label)}"><div class="in" tabindex="0">{inner}</div>'  # noqa: E501
        f'<div class="no">{number}</div></div>'
    )


def markup(made: Summary) -> str:
    """All slides as one block of HTML."""
    company = f'<div class="caption">{clean.html(made.company)}</div>' if made.company else ""
    cover = f'{company}<div class="t">{clean.html(made.title.text)}</div><div class="caption">{AUDIENCE_TITLES[made.audience]}, {made.date_text}</div>'  # noqa: E501
    slides = [_slide(cover, 1, made.title.text, cover=True)]
    drawn = zip(made.messages, export_process.slides(made), strict=True)
    for number, (message, inner) in enumerate(drawn, start=2):
        slides.append(_slide(inner, number, message.headline.text))
    return f'{_STYLE}<div class="deckview">{"".join(slides)}</div>'


def show(made: Summary) -> None:
    """Draw the slides."""
    block = results.cached_value(
        ("preview", results.content(made), made.as_of), lambda: markup(made), "Drawing the slides"
    )
    st.html(block)
