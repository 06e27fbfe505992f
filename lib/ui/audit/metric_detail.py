"""One metric's evidence: its course, change, trend, what it leads, what it repeats, and the verdict to act on."""

from __future__ import annotations

import streamlit as st

from lib.analysis.audit.audit import AuditResult
from lib.analysis.audit.metric_rows import MetricLine
from lib.charts import audit as charts
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence
from lib.ui import session
from lib.ui.audit import metric_register
from lib.ui.kit import page_components
from lib.ui.kit.evidence_view import plain

WORDS = {"keep": "Keep", "fix": "Fix", "drop": "Drop"}


def draw(result: AuditResult) -> None:
    """Choose a metric and see what the data say about it."""
    names = {line.id: line.name for line in result.lines}
    if session.get("audit.metric") not in names:
        session.drop("audit.metric")
    leading = next((line.id for line in result.lines if line.leads), next(iter(names)))
    id = st.selectbox(
        "Metric",
        list(names),
        index=list(names).index(leading),
        format_func=lambda key: str(names.get(key, key)),
        key="audit.metric",
    )
    line = result.line(id)
    if line is None:
        return
    _verdict(line)
    _said(line, result)
    chart = charts.metric_chart(line, _table(line, result)) if line.series is not None else None
    if chart is not None:
        page_components.chart(chart, key="audit.metric_chart")
    else:
        st.markdown(
            "It has no series in the data yet. A metrics file with a column of this name would "
            "show change, trend and what it leads."
        )


def _table(line: MetricLine, result: AuditResult) -> Evidence:
    title = (
        "Metrics from events"
        if line.series is not None and line.series.id.startswith("events:")
        else "Metrics by period"
    )
    return next((table for table in result.evidence if table.title == title), result.evidence[0])


def _verdict(line: MetricLine) -> None:
    stands = line.metric.verdict
    with st.container(horizontal=True, vertical_alignment="center"):
        page_components.role(line.kind)
        if stands:
            st.markdown(f"You decided: **{WORDS[stands]}**. {plain(line.metric.verdict_reason)}")
        elif line.verdict:
            st.markdown(f"Suggested: **{WORDS[line.verdict]}**. {plain(line.verdict_reason)}")
    if line.is_registered:
        with st.container(horizontal=True):
            for verdict, word in WORDS.items():
                if verdict != stands:
                    reason = line.verdict_reason if verdict == line.verdict else ""
                    answers = [
                        (f"metrics/{line.id}/verdict", verdict),
                        (f"metrics/{line.id}/verdict_reason", reason),
                    ]
                    st.button(
                        word,
                        key=f"audit.verdict.{verdict}",
                        on_click=session.saving,
                        args=(answers,),
                        kwargs={"note": f"{word} {line.name}"},
                    )


def _said(line: MetricLine, result: AuditResult) -> None:
    out = [*_moved(line, result), *_connected(line, result)]
    if line.spend is not None:
        out.append("Moves with spend, and says nothing about any outcome beyond it.")
    out.append("Feeds the North Star." if line.feeds else "Is not in the North Star tree.")
    if not line.is_registered:
        out.append(line.reason)
    version = metric_register.versions().get(line.id)
    if version is not None:
        by = f"Definition version {version.number}, since {formats.write(version.at, 'date')} by {version.author}."
        out.append(f"{by} {line.metric.definition}".strip())
    st.markdown("\n".join(f"- {plain(text)}" for text in out))


def _moved(line: MetricLine, result: AuditResult) -> list[str]:
    """Its own course: change and season, trend, last value and gaps."""
    item, row = line.series, result.glance.find(id=line.id)
    if item is None or line.change is None:
        return []
    out: list[str] = []
    text = charts.change_text(line)
    if text:
        season = result.glance.fact(row, "season", "+percent")
        ago = f"; a year ago at this time it moved {season}" if season.value is not None else ""
        out.append(f"{text}{ago}.")
    low, high = (result.glance.fact(row, name, "+percent1") for name in ("trend_low", "trend_high"))
    if low.value is not None and line.trend is not None:
        clear = "no clear trend" if low.value <= 0 <= high.value else "rising" if low.value > 0 else "falling"
        out.append(
            f"Trend of the last half year: {clear}, between {low} and {high} of its mean per {item.period}."
        )
    gaps = (
        f"; {formats.write(item.missing, 'percent')} of its {item.period}s are missing"
        if item.missing
        else ""
    )
    out.append(f"Last value {formats.write(item.last, 'date')}{gaps}.")
    return out


def _connected(line: MetricLine, result: AuditResult) -> list[str]:
    """What it moves before, what it follows, and what it repeats."""
    names = {other.series.id: other.name for other in result.lines if other.series is not None}
    out = [
        f"Moves {_weeks(link.lag_weeks)} before {names.get(link.outcome, link.outcome)}: "
        f"correlation {formats.write(link.r, 'number')}, adjusted p {formats.write(link.p_adjusted, 'p')} "
        f"over {link.n} weeks. Correlational: test it before you bet on it."
        for link in line.leads[:3]
    ]
    out += [
        f"Follows {names.get(link.process, link.process)} by {_weeks(link.lag_weeks)} (correlational)."
        for link in line.led_by[:3]
    ]
    if line.duplicate_of:
        twin = result.line(line.duplicate_of)
        out.append(f"Repeats {twin.name if twin else line.duplicate_of}.")
    return out


def _weeks(count: int) -> str:
    return f"{count} week{'s' if count != 1 else ''}"
