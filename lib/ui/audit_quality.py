"""Mix or rate: why a conversion changed between two periods, and which segments made the difference."""

from __future__ import annotations

import streamlit as st

from lib.analysis import mix, quicksand
from lib.analysis.metric_audit import AuditResult
from lib.charts import metric_audit as charts
from lib.engine.calendar import Calendar
from lib.engine.dataset import Dataset
from lib.ui import anatomy, session
from lib.ui.proof import plain

WINDOWS = {7.0: "7 days", 14.0: "14 days", 21.0: "21 days", 30.0: "30 days"}


def draw(result: AuditResult) -> None:
    """Choose what converts into what, two periods and a segment; see the split."""
    data = session.data()
    if "events" not in data:
        anatomy.empty(
            "There are no events to split.",
            "An events file with a channel column settles whether worse conversion comes "
            "from other people (mix) or from the same people converting less (rate).",
            "data",
            "Open an events file",
        )
        return
    events = data["events"]
    names = quicksand.kinds(events)
    first = quicksand.steps(names) or (names[0], names[-1])
    calendar = Calendar.of(session.workbook().settings)
    found = _choose(events, names, first, calendar)
    if found is None:
        return
    anatomy.verdict(found.verdict, key="mix")
    anatomy.picture(charts.waterfall(found), key="audit.waterfall")
    _counts(found)
    anatomy.evidence(list(found.evidence), key="audit.mix")


def _choose(
    events: Dataset, names: list[str], first: tuple[str, str], calendar: Calendar
) -> mix.MixResult | None:
    left, middle, right = st.columns(3)
    start = left.selectbox("People who did", names, index=names.index(first[0]), key="audit.mix_start")
    finish = middle.selectbox("and then did", names, index=names.index(first[1]), key="audit.mix_finish")
    window = right.selectbox(
        "within", list(WINDOWS), index=1, format_func=lambda days: WINDOWS[days], key="audit.mix_window"
    )
    months = {item.name: item for item in quicksand.months(events, calendar, window)}
    if len(months) < 2:
        st.markdown(
            "The file does not cover two whole months long enough for this window. Choose a shorter one."
        )
        return None
    segments = [
        column.name
        for column in events.columns
        if column.kind == "text" and column.name not in ("user_id", "event")
    ]
    left, middle, right = st.columns(3)
    before = left.selectbox("Compare", list(months), index=0, key="audit.mix_before")
    after = middle.selectbox("with", list(months), index=len(months) - 1, key="audit.mix_after")
    by = right.selectbox(
        "by",
        segments or ["everybody"],
        index=segments.index("channel") if "channel" in segments else 0,
        key="audit.mix_by",
    )
    if start == finish or before == after:
        st.markdown("Choose two different events and two different months.")
        return None
    return mix.from_events(
        events, start, finish, months[before], months[after], by=by, window_days=window, calendar=calendar
    )


def _counts(found: mix.MixResult) -> None:
    """Why more or fewer people reached the end: how many came, and how many of them converted."""
    whole = found.table.fact(found.table.find(segment="all"), "part_change", "+count")
    volume = found.table.fact(whole.row, "volume_effect", "+count")
    rate = found.table.fact(whole.row, "part_rate_effect", "+count")
    top = max(
        (row for row in found.table.records() if row["segment"] != "all"),
        key=lambda row: abs(row["part_change"]),
    )
    with st.expander("Who made the difference in numbers of people", icon=":material/groups:"):
        st.markdown(
            f"In all **{whole}** reached the end: {volume} because more or fewer came, {rate} "
            f"because they converted differently. "
            f"The largest part is **{plain(str(top['segment']))}**."
        )
        anatomy.picture(charts.explainer(found), key="audit.explainer")
