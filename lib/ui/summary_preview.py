"""The slides of the summary as small pages of HTML: what will leave, before it leaves."""

from __future__ import annotations

import streamlit as st

from lib.report import clean, html
from lib.report.deck import AUDIENCE_TITLES
from lib.report.model import Summary
from lib.ui import summary_data

_STYLE = """
<style>
.deckview{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1rem}
.deckview .slide{container-type:inline-size;aspect-ratio:16/9;border:1px solid #D5DBE3;border-radius:6px;background:#fff;color:#1F2933;overflow:hidden;position:relative}
.deckview .slide::before{content:"";position:absolute;inset:0 0 auto 0;height:1.1cqw;min-height:3px;background:linear-gradient(90deg,#2360A5 0 42%,#2E7D6B 42% 58%,#B4530F 58%)}
.deckview .in{height:100%;overflow:auto;padding:3.6cqw 4.5cqw;font:1.75cqw/1.4 Arial,"Liberation Sans",sans-serif}
.deckview .cover{background:#12263F;color:#fff}.deckview .cover .in{display:flex;flex-direction:column;justify-content:center}
.deckview h2,.deckview .t{font-size:3.1cqw;line-height:1.2;margin:.3cqw 0 1.2cqw;padding:0;color:#12263F;font-weight:bold;font-family:inherit}
.deckview .cover .t{font-size:4.6cqw;color:#fff}.deckview .kicker{font-size:1.35cqw;font-weight:bold;letter-spacing:.06em;text-transform:uppercase;color:#5B6673}
.deckview .caption,.deckview .source{color:#5B6673;font-size:1.35cqw;margin:.4cqw 0}.deckview .cover .caption{color:#C9D2DD;font-size:2.1cqw}
.deckview table{border-collapse:collapse;width:100%;font-size:1.6cqw;margin:0}.deckview th{text-align:left;color:#5B6673;font-size:1.35cqw;border:0;border-bottom:1px solid #5B6673}
.deckview td,.deckview th{padding:.6cqw .8cqw .6cqw 0;vertical-align:top}.deckview td{border:0;border-bottom:1px solid #D5DBE3}.deckview .num{text-align:right}
.deckview img{max-width:70%;max-height:29cqw;display:block}.deckview details{display:none}.deckview ul,.deckview ol{margin:.8cqw 0;padding-left:2.6cqw}.deckview li,.deckview p{font-size:1.75cqw;margin:.5cqw 0}
.deckview .card{padding:1.6cqw 2cqw;border-radius:4px;color:#fff;margin:1cqw 0}.deckview .card strong{font-size:2.2cqw}
.deckview .map{display:flex;gap:.7cqw;list-style:none;padding:0}.deckview .map li{flex:1 1 0;border:1px solid #A7B1BF;border-radius:3px;padding:.8cqw;font-size:1.35cqw;overflow-wrap:anywhere}
.deckview .map .land{font-weight:bold}.deckview .map li.crossing{border-style:dashed}.deckview blockquote{margin:1cqw 0;padding-left:1.2cqw;border-left:2px solid #A7B1BF;font-style:italic;color:#5B6673}
.deckview section{border:0;padding:0}.deckview .process{color:#2360A5}.deckview .outcome{color:#B4530F}.deckview .shared{color:#2E7D6B}.deckview .alarm{color:#A61C3C}.deckview .good{color:#1E6B4F}
.deckview .warn{color:#8A5A00}.deckview .muted{color:#5B6673}.deckview .no{position:absolute;right:2cqw;bottom:1.2cqw;font:bold 1.3cqw Arial,sans-serif;color:#5B6673}
</style>
"""


def _slide(inner: str, number: int, label: str, cover: bool = False) -> str:
    kind = "slide cover" if cover else "slide"
    return (f'<div class="{kind}" role="group" aria-label="Slide {number}: {clean.html(label)}"><div class="in" tabindex="0">{inner}</div>'
            f'<div class="no">{number}</div></div>')  # fmt: skip


def markup(made: Summary) -> str:
    """All slides as one block of HTML."""
    company = f'<div class="caption">{clean.html(made.company)}</div>' if made.company else ""
    cover = f'{company}<div class="t">{clean.html(made.title.text)}</div><div class="caption">{AUDIENCE_TITLES[made.audience]}, {made.date_text}</div>'
    slides = [_slide(cover, 1, made.title.text, cover=True)]
    for number, message in enumerate(made.messages, start=2):
        slides.append(_slide(html.section(made, message), number, message.headline.text))
    return f'{_STYLE}<div class="deckview">{"".join(slides)}</div>'


def show(made: Summary) -> None:
    """Draw the slides."""
    block = summary_data.remember(
        ("preview", made.digest, made.as_of), lambda: markup(made), "Drawing the slides"
    )
    st.html(block)
