"""The papers of a session: facilitator's guide with pre-work, and the participants' handout, as PDF."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import streamlit as st

from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.report.writers import handout
from lib.report.writers.handout import Part, Section
from lib.room import agenda
from lib.room.agenda import Block
from lib.ui import session


def downloads(blocks: Sequence[Block]) -> None:
    """Two download buttons; the pages are made when they are pressed."""
    with st.container(horizontal=True):
        st.download_button(
            "Facilitator's guide (PDF)",
            lambda: guide(blocks),
            "facilitators-guide.pdf",
            "application/pdf",
            key="room.paper.guide",
            on_click="ignore",
            icon=":material/picture_as_pdf:",
        )
        st.download_button(
            "Participant handout (PDF)",
            lambda: sheet(blocks),
            "participant-handout.pdf",
            "application/pdf",
            key="room.paper.sheet",
            on_click="ignore",
            icon=":material/picture_as_pdf:",
        )


def guide(blocks: Sequence[Block]) -> bytes:
    """The facilitator's guide: what to prepare, then each block with script, time, what good looks like, traps."""
    known = agenda.guides()
    prework = tuple(
        _for(known[b.activity].name, known[b.activity].prework) for b in blocks if known[b.activity].prework
    )
    sections = [Section("Before the session", parts=(Part("", prework),))]
    for block, from_ in zip(blocks, _starts(blocks), strict=True):
        text = known[block.activity]
        parts = (Part("Say", text.script), Part("Good looks like", (text.good,)), Part("Traps", text.traps))
        sections.append(Section(f"{from_} · {block.name} · {block.minutes} minutes", text.purpose, parts))
    total = sum(block.minutes for block in blocks)
    return handout.render(
        "Facilitator's guide", f"{len(blocks)} blocks, {total} minutes.", sections, _today()
    )


def sheet(blocks: Sequence[Block]) -> bytes:
    """The participants' handout: how it works, the framework on half a page, the agenda."""
    areas = framework().areas.values()
    sides = {
        "Marketing owns the process": tuple(
            f"{a.name}: {a.question}" for a in areas if a.kind == metric_kinds.PROCESS
        ),
        "Growth owns the outcome": tuple(
            f"{a.name}: {a.question}" for a in areas if a.kind == metric_kinds.OUTCOME
        ),
    }
    how = (
        "Join with the code on the screen; no account.",
        "Answer for yourself: nobody sees it before everybody's is shown.",
        "You can go back and change an answer until the round closes.",
        "No phone? The facilitator enters your answers.",
        "You can delete your answers at any time, on the page you answer on.",
    )
    sections = [Section("How it works", parts=(Part("", how),))]
    sections += [Section(title, parts=(Part("", lines),)) for title, lines in sides.items()]
    timed = zip(_starts(blocks), blocks, strict=True)
    sections.append(
        Section(
            "Agenda", parts=(Part("", tuple(f"{at} · {b.name} · {b.minutes} minutes" for at, b in timed)),)
        )
    )
    lead = "What matters happens where the two teams hand over. Today we settle where that is."
    return handout.render("Workshop: process and outcome", lead, sections, _today())


def _for(name: str, prework: str) -> str:
    return f"{name} {prework}" if name.endswith("?") else f"{name}: {prework}"


def _starts(blocks: Sequence[Block]) -> list[str]:
    """When each block starts, in hours and minutes after the beginning: "1:45"."""
    passed = itertools.accumulate((block.minutes for block in blocks), initial=0)
    return [f"{minutes // 60}:{minutes % 60:02}" for minutes, _ in zip(passed, blocks, strict=False)]


def _today() -> dt.date:
    zone = session.workbook().settings.time_zone
    return dt.datetime.now(ZoneInfo(zone)).date()
