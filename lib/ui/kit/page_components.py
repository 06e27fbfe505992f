"""The anatomy every page shares, so that a room of people finds its way without being told.

page_components.page("Are process and outcome measured apart?", "metric_audit")
page_components.verdict(result.verdict)
page_components.chart(chart)         # one main chart, its evidence beneath it
page_components.section("Decide", "What do you want to measure?")
...fields...
page_components.findings(result.findings)     # each with why and a one-click fix
page_components.next_step("handoff_map", "Agree where the handoff is")
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import streamlit as st

from lib.analysis.verdict import Finding, Fix, Verdict
from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import metric_kinds
from lib.ui import pages, session
from lib.ui.kit import evidence_view

STATUS = {  # word and icon beside every colour
    "good": ("Good", ":material/check_circle:", "green"),
    "bad": ("Needs work", ":material/error:", "red"),
    "mixed": ("Mixed", ":material/contrast:", "orange"),
    "unclear": ("Can't tell yet", ":material/help:", "gray"),
    "info": ("For orientation", ":material/info:", "blue"),
}
SEVERITY = {
    "high": ("Do first", ":material/priority_high:", "red"),
    "medium": ("Soon", ":material/warning:", "orange"),
    "low": ("When there is time", ":material/info:", "gray"),
}
ROLES = {  # colour of an owner, always with its word
    metric_kinds.PROCESS: ("Process", "blue"),
    metric_kinds.OUTCOME: ("Outcome", "orange"),
    metric_kinds.SHARED: ("Shared", "green"),
    metric_kinds.UNASSIGNED: ("Unassigned", "gray"),
}
_SHOWN_FACTS = 3
_SHOWN_FINDINGS = 5


def page(title_question: str, step: str = "") -> None:
    """Begin a page: its question as the heading, and whatever has to be said from the last click.

    Args:
        title_question: The page's question.
        step: The page's address, "metric_audit"; shows which step of the walk it is.
    """
    known = pages.info(step) if step else None
    if known and known.section:
        crumb = f"Step {known.number} of 4 · {known.title}" if known.number else known.title
        with st.container(key="page-crumb"):
            st.markdown(f":small[:gray[{crumb}]]")
    st.title(title_question, anchor=False)
    for kind, text, remedy in session.notices():
        if kind == "done":
            st.toast(_plain(text), icon=":material/check:")  # names from files stay as they are
        else:
            st.error(f"**{_plain(text)}** {_plain(remedy)}", icon=":material/error:")


def verdict(verdict: Verdict, key: str = "verdict") -> None:
    """The answer in one sentence, what it rests on, what would change it.

    Args:
        verdict: What an analysis concluded.
        key: Distinguishes several verdicts on one page.
    """
    word, icon, colour = STATUS[verdict.status]
    with st.container(border=True, key=f"verdict-{verdict.status}-{key}"):
        st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
        st.subheader(_plain(verdict.text), anchor=False)
        if verdict.needs:
            st.markdown(f"**To settle it:** {_plain(verdict.needs)}")
        if verdict.why:
            st.markdown("\n".join(f"- {_plain(reason)}" for reason in verdict.why[:2]))
        facts = {name: fact for name, fact in verdict.facts.items() if isinstance(fact, Fact)}
        with st.container(horizontal=True, gap="small"):
            for name, fact in list(facts.items())[:_SHOWN_FACTS]:
                evidence_view.fact(name, fact, key)
            if len(verdict.why) > 2 or verdict.flips:
                _more(verdict)


def _more(verdict: Verdict) -> None:
    with st.popover(
        "More reasons" if len(verdict.why) > 2 else "What would change this", icon=":material/balance:"
    ):
        if len(verdict.why) > 2:
            st.markdown("\n".join(f"- {_plain(reason)}" for reason in verdict.why[2:]))
        if verdict.flips:
            st.markdown(f"**What would change this:** {_plain(verdict.flips)}")


def chart(chart: Chart, height: int | None = None, key: str = "") -> None:
    """Draw a chart with its title, its caption and its evidence beneath it.

    Args:
        chart: What to draw.
        height: Pixels; None for the chart's own.
        key: Distinguishes several charts on one page; "" takes the evidence's id.
    """
    from lib.charts import altair_draw

    if chart.title:
        st.markdown(f"**{_plain(chart.title)}**")
    # The specification goes out as it is: making Altair objects of it costs a hundred times more.
    st.vega_lite_chart(
        spec=altair_draw.on_page(chart, height=height),
        width="stretch",
        theme=None,
        alt=chart.alt,
        key=f"chart-{key or chart.evidence.id}",
    )
    if chart.caption:
        st.markdown(f":small[{_plain(chart.caption)}]")
    evidence(chart.evidence, key=key)


def evidence(evidence: Evidence | Sequence[Evidence], key: str = "") -> None:
    """One expander with definition, table, SQL, rows read and fingerprint of one or several evidences."""
    evidence_view.expander([evidence] if isinstance(evidence, Evidence) else list(evidence), key)


def findings(found: Iterable[Finding], key: str = "findings") -> None:
    """What deserves attention, most important first, each with why and a one-click fix."""
    listed = list(found)
    if not listed:
        return
    for index, finding in enumerate(listed[:_SHOWN_FINDINGS]):
        _finding(finding, f"{key}-{index}")
    if len(listed) > _SHOWN_FINDINGS:
        more = len(listed) - _SHOWN_FINDINGS
        label = f"{more} more finding{'' if more == 1 else 's'}"
        rest = st.expander(label, key=f"more-{key}", on_change="rerun")
        if rest.open:  # a large register has hundreds; closed, they cost the page nothing
            with rest:
                for index, finding in enumerate(listed[_SHOWN_FINDINGS:], start=_SHOWN_FINDINGS):
                    _finding(finding, f"{key}-{index}")


def _finding(finding: Finding, key: str) -> None:
    word, icon, colour = SEVERITY[finding.severity]
    with st.container(border=True, key=f"finding-{finding.severity}-{key}"):
        st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
        st.markdown(f"**{_plain(finding.text)}**  \n{_plain(finding.why)}")
        with st.container(horizontal=True, gap="small"):
            for number, fix in enumerate(finding.fixes):
                _fix(fix, f"{key}-fix-{number}")
            if finding.evidence:
                evidence_view.popover(finding.evidence, key)


def _fix(fix: Fix, key: str) -> None:
    if fix.saves:
        st.button(
            fix.label,
            key=key,
            icon=":material/auto_fix_high:",
            on_click=session.saving,
            args=(list(fix.saves),),
            kwargs={"note": fix.label},
        )
    elif fix.page:
        pages.link(fix.page, fix.label)


def empty(problem: str, remedy: str, page: str = "", label: str = "", key: str = "") -> None:
    """What is missing, and one button to where it is got.

    Args:
        problem: What is not there yet, one sentence.
        remedy: What to do, one sentence.
        page: Address of the page that has it; "" for none.
        label: What the button says; "" for the page's title.
        key: Distinguishes two of them on one page; "" tells them apart by what is missing.
    """
    name = key or f"{page or 'here'}-{zlib.crc32(problem.encode()):x}"
    with st.container(border=True, key=f"empty-{name}"):
        st.markdown(f"**{problem}**  \n{remedy}")
        if page:
            primary(page, label or f"Go to {pages.info(page).title}", key=f"go-{name}")


def next_step(page: str, label: str = "") -> None:
    """The one primary button at the end of a page."""
    st.space("small")
    primary(page, label or f"Next: {pages.info(page).title}", key=f"next-{page}")


def primary(page: str, label: str, key: str = "") -> None:
    """A primary button that opens a page and keeps the workbook in the address."""
    if pages.info(page).file.exists():
        clicked = st.button(
            label,
            type="primary",
            icon=":material/arrow_forward:",
            icon_position="right",
            key=key or f"go-{page}",
        )
        if clicked:
            pages.go(page)


def section(title: str, help: str = "") -> None:
    """A heading within the page, with a sentence of help beneath it."""
    st.header(title, anchor=False)
    if help:
        st.markdown(help)


def role(kind: str) -> None:
    """A badge for process, outcome, shared or unassigned: word and colour."""
    word, colour = ROLES.get(kind, ROLES[metric_kinds.UNASSIGNED])
    st.badge(word, color=colour)  # type: ignore[arg-type]


def written(value: object, format: str = "text") -> str:
    """A value written for a person, safe inside Markdown."""
    return _plain(formats.write(value, format))


def _plain(text: str) -> str:
    return evidence_view.plain(text)
