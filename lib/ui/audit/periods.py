"""What changed between two periods, and which channels, segments and stages made the difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from lib.analysis.audit import quicksand
from lib.analysis.audit.audit import AuditResult
from lib.analysis.audit.metric_rows import MetricLine
from lib.analysis.events import journey
from lib.analysis.metrics import metric_change, mix_rate, periods, ratio_decomposition
from lib.analysis.metrics.periods import Period
from lib.analysis.metrics.series import label
from lib.charts import audit as charts
from lib.charts import change_explainer
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.errors import DataError
from lib.framework import metric_kinds, slots, step_ids
from lib.ui import session
from lib.ui.kit import page_components
from lib.ui.kit.evidence_view import plain

WINDOWS = {7.0: "7 days", 14.0: "14 days", 21.0: "21 days", 30.0: "30 days"}
GRAINS: dict[str, periods.Grain] = {"Quarters": "quarter", "Months": "month", "Years": "year"}
EVENTS, METRICS = "People, from the events", "A metric of the file"


def draw(result: AuditResult) -> None:
    """Choose what to explain and two periods; see what made the difference."""
    data = session.data()
    measured = [
        line
        for line in result.lines
        if line.series is not None and not line.series.id.startswith(("events:", "query:", "spend:"))
    ]
    kinds = [
        name
        for name, there in (
            (EVENTS, slots.EVENTS in data),
            (METRICS, slots.METRICS in data and bool(measured)),
        )
        if there
    ]
    if not kinds:
        page_components.empty(
            "There is nothing to compare yet.",
            "An events file shows which channels and stages made the difference between two periods; a metrics file "
            "with a segment column shows it by segment.",
            step_ids.DATA,
            "Open a file",
        )
        return
    picked = kinds[0]
    if len(kinds) > 1:
        picked = st.segmented_control(
            "Explain", kinds, default=kinds[0], key="audit.explain", required=True, persist_state="session"
        )
    calendar = Calendar.of(session.workbook().settings)
    if picked == METRICS:
        _metrics(measured, calendar)
    else:
        _events(calendar)


def _pair(name: str, first: dt.date, last: dt.date, calendar: Calendar) -> tuple[Period, Period] | None:
    """Two periods among those the data cover; the last two to begin with."""
    left, middle, right = st.columns(3)
    usable = {
        title: grain
        for title, grain in GRAINS.items()
        if len(periods.spans(first, last, grain, calendar)) > 1
    }
    if not usable:
        st.markdown("The data do not cover two months yet.")
        return None
    grain = left.selectbox("Compare", list(usable), key=f"audit.{name}_grain")
    listed = periods.spans(first, last, GRAINS[str(grain)], calendar)
    found = {item.name: item for item in reversed(listed)}
    after = middle.selectbox("What changed in", list(found), index=0, key=f"audit.{name}_after_{grain}")
    before = right.selectbox("against", list(found), index=1, key=f"audit.{name}_before_{grain}")
    if before == after:
        st.markdown("Choose two different periods.")
        return None
    return found[before], found[after]


def _events(calendar: Calendar) -> None:
    events = session.data()[slots.EVENTS]
    names = quicksand.kinds(events)
    first = quicksand.steps(names) or (names[0], names[-1])
    left, middle, right = st.columns(3)
    start = left.selectbox(
        "People who did", names, index=names.index(first[0]), key="audit.mix_start", format_func=label
    )
    finish = middle.selectbox(
        "and then did", names, index=names.index(first[1]), key="audit.mix_finish", format_func=label
    )
    window = right.selectbox(
        "within", list(WINDOWS), index=1, format_func=WINDOWS.__getitem__, key="audit.mix_window"
    )
    if start == finish:
        st.markdown("Choose two different events.")
        return
    days = quicksand.days(events, window)
    chosen = _pair("mix", *days, calendar) if days else None
    if chosen is None:
        return
    segments = [c.name for c in events.columns if c.kind == "text" and c.name not in ("user_id", "event")]
    by = segments[0] if segments else "everybody"
    if len(segments) > 1:
        at = segments.index("channel") if "channel" in segments else 0
        by = st.selectbox("by", segments, index=at, key="audit.mix_by", format_func=label)
    _split(events, start, finish, chosen, by, window, calendar)


def _split(
    events: Dataset,
    start: str,
    finish: str,
    chosen: tuple[Period, Period],
    by: str,
    window: float,
    calendar: Calendar,
) -> None:
    found = mix_rate.from_events(events, start, finish, *chosen, by=by, window_days=window, calendar=calendar)
    stages, problem = None, ""
    try:
        path = _steps(events, start, finish)
        stages = ratio_decomposition.by_stage(events, *path, *chosen, window_days=window, calendar=calendar)
    except DataError as error:
        problem = str(error)
    page_components.verdict(found.verdict, key="mix")
    if stages is not None:
        st.markdown(f"**In numbers of people:** {plain(stages.verdict.text)}")
    what = f"{label(by)}s" if by in ("channel", "segment", "country") else label(by)
    views = [f"{what}: mix or rate", "Stages", f"{what}: people"]
    picked = _view(views, f"audit.mix_view.{by}")
    if picked == views[1]:
        if stages is None:
            st.markdown(f":material/info: {plain(problem)}")
            return
        page_components.chart(change_explainer.stages(stages), key="audit.stages")
    elif picked == views[2]:
        page_components.chart(change_explainer.people(found), key="audit.people")
    else:
        page_components.chart(charts.waterfall(found), key="audit.waterfall")
    page_components.evidence([*found.evidence, *(stages.evidence if stages else ())], key="audit.mix")


def _view(views: list[str], key: str) -> str:
    """Which of several pictures of the same change is looked at."""
    picked = st.segmented_control(
        "What made the difference",
        views,
        default=views[0],
        required=True,
        key=key,
        persist_state="session",
    )
    return picked or views[0]


def _steps(
    events: Dataset, start: str, finish: str
) -> tuple[ratio_decomposition.Step, tuple[ratio_decomposition.Step, ...]]:
    """The entry, and the stages of the journey between it and the end."""
    stages = [(item.name or key, item.events) for key, item in session.workbook().journey()]
    stages = stages or [(item.stage.name, item.stage.events) for item in journey.suggest(events)]
    at = {event: index for index, (_, listed) in enumerate(stages) for event in listed}
    low, high = at.get(start, -1), at.get(finish, -1)
    between = stages[low + 1 : high] if 0 <= low < high else []
    steps = [(name, listed) for name, listed in between if listed and finish not in listed]
    return (label(start), (start,)), (*steps, (label(finish), (finish,)))


def _metrics(measured: Sequence[MetricLine], calendar: Calendar) -> None:
    metrics = session.data()[slots.METRICS]
    lines = {line.id: line for line in measured}
    line = _explained(lines)
    item = line.series
    assert item is not None  # noqa: S101 - only measured lines are offered
    chosen = _pair("metric", item.starts[0], item.last, calendar)
    if chosen is None:
        return
    found = metric_change.by_segment(metrics, item.id, *chosen, is_rate=item.is_rate)
    page_components.verdict(found.verdict, key="metric")
    splits = {title: change_explainer.stages(split) for title, split in _made(line, lines, metrics, chosen)}
    segments = change_explainer.segments(found)
    views = splits if segments is None else {"Segments": segments, **splits}
    if views:
        picked = _view(list(views), f"audit.metric_view.{line.id}")
        page_components.chart(views[picked], key="audit.metric_split")
    else:
        st.markdown(
            "The file says how much it moved, not why: a segment column, the counts of the steps before it, or its "
            "arithmetic inputs (North Star tab) would show what made the difference."
        )
    if metrics.has("segment"):
        _ratio(metrics, line, lines, chosen)
    page_components.evidence(list(found.evidence), key="audit.metric")


def _explained(lines: dict[str, MetricLine]) -> MetricLine:
    """The metric to explain: to begin with an outcome that something is known of."""
    ends = [
        id
        for id, line in lines.items()
        if line.kind == metric_kinds.OUTCOME and line.series and not line.series.is_rate
    ]
    first = next((id for id in ends if _made_of(lines[id], lines)), next(iter(ends or lines)))
    picked = st.selectbox(
        "Metric",
        list(lines),
        index=list(lines).index(first),
        key="audit.explained",
        format_func=lambda key: lines[key].name if key in lines else str(key),
    )
    return lines[picked]


def _made_of(line: MetricLine, lines: dict[str, MetricLine]) -> bool:
    """Whether something is known of what a metric is made of."""
    assert line.series is not None  # noqa: S101
    names = [other.series.id for other in lines.values() if other.series]
    return (
        bool(metric_change.arithmetic(session.workbook(), line.id))
        or len(metric_change.chain_of(names, line.series.id)) > 1
    )


def _made(
    line: MetricLine, lines: dict[str, MetricLine], metrics: Dataset, chosen: tuple[Period, Period]
) -> list[tuple[str, ratio_decomposition.FactorResult]]:
    """The splits that can be made: by the steps before it, by its arithmetic inputs."""
    item = line.series
    if item is None or item.is_rate:
        return []
    out, unit = [], f"a {item.period}"
    names = [other.series.id for other in lines.values() if other.series]
    chain = metric_change.chain_of(names, item.id)
    inputs = [lines[id].series for id in metric_change.arithmetic(session.workbook(), line.id) if id in lines]
    try:
        if len(chain) > 1:
            out.append(("Stages", metric_change.by_steps(metrics, chain, *chosen, unit)))
        if inputs:
            out.append(
                (
                    "Inputs of the North Star tree",
                    metric_change.by_inputs(metrics, item.id, [one for one in inputs if one], *chosen, unit),
                )
            )
    except DataError as error:
        st.markdown(f":material/info: {plain(str(error))}")
    return out


def _ratio(
    metrics: Dataset, line: MetricLine, lines: dict[str, MetricLine], chosen: tuple[Period, Period]
) -> None:
    """Mix and rate of this metric over another one."""
    assert line.series is not None  # noqa: S101
    others = {
        key: other.name
        for key, other in lines.items()
        if key != line.id and other.series and not other.series.is_rate
    }
    below = st.selectbox(
        "As a share of",
        list(others),
        index=None,
        key=f"audit.per.{line.id}",
        format_func=lambda key: others.get(key, str(key)),
        placeholder="Choose a metric to split its rate into mix and rate",
    )
    other = lines[below].series if below else None
    if other is None:
        return
    found = mix_rate.from_metrics(metrics, line.series.id, other.id, *chosen)
    page_components.verdict(found.verdict, key="ratio")
    page_components.chart(charts.waterfall(found), key="audit.ratio")
