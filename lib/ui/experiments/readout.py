"""One readout as a page shows it: verdict, checks in plain words, ranges, the table, segments."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.experiments.readout import WORDS, Effect, Readout
from lib.charts import experiments as charts
from lib.engine.evidence import formats
from lib.ui.kit import evidence_view, page_components

CHECKS = {
    "ok": (":material/check_circle:", "green", "Passed"),
    "watch": (":material/warning:", "orange", "Look"),
    "fail": (":material/error:", "red", "Not passed"),
    "unknown": (":material/help:", "gray", "Not known"),
}


def draw(readout: Readout, key: str, *, with_verdict: bool = True) -> None:
    """Draw a readout.

    Args:
        readout: What to show.
        key: Distinguishes several on one page.
        with_verdict: Leave out when the verdict already stands at the top of the page.
    """
    if with_verdict:
        page_components.verdict(readout.verdict, key=f"readout-{key}")
    _checks(readout)
    chart = charts.readout(readout)
    if chart is not None:
        page_components.chart(chart, key=f"readout-{key}")
    st.dataframe(
        _table(readout.effects), hide_index=True, width="stretch", alt="Effects of the test with ranges"
    )
    with st.container(horizontal=True):
        evidence_view.popover(readout.results, f"results-{key}", "Evidence: effects")
        evidence_view.popover(readout.evidence[1], f"checks-{key}", "Evidence: checks")
    if readout.segments:
        with st.expander(f"By segment: {event_names.heading(readout.segments[0].metric.words)}"):
            st.markdown(
                "Adjusted for the number of segments looked at. A difference between segments is a hint "
                "for the next test, not a result of this one."
            )
            st.dataframe(
                _table(readout.segments, by_segment=True),
                hide_index=True,
                width="stretch",
                alt="Effects by segment",
            )


def _checks(readout: Readout) -> None:
    shown = [
        check for check in readout.checks if check.state in ("fail", "watch") or check.name == "sample_ratio"
    ]
    rest = [check for check in readout.checks if check not in shown]
    for check in shown:
        icon, colour, word = CHECKS[check.state]
        st.markdown(f":{colour}[{icon} **{word}**] {evidence_view.plain(check.text)}")
    if rest:
        with st.popover(f"{len(rest)} more checks", icon=":material/checklist:"):
            for check in rest:
                icon, colour, word = CHECKS[check.state]
                st.markdown(f":{colour}[{icon} **{word}**] {evidence_view.plain(check.text)}")


def _table(effects: tuple[Effect, ...], *, by_segment: bool = False) -> pd.DataFrame:
    rows = []
    for effect in effects:
        c, (level, change) = effect.comparison, effect.metric.formats
        low, high = formats.write(c.effect.low, change), formats.write(c.effect.high, change)
        role = f" ({effect.metric.role})" if effect.metric.role else ""
        row = (
            {"Segment": effect.level}
            if by_segment
            else {"Metric": event_names.heading(effect.metric.words) + role}
        )
        row |= {
            "Variant": event_names.event(effect.variant),
            "Control": formats.write(c.control, level),
            "Variant's": formats.write(c.treatment, level),
            "Effect": formats.write(c.effect.value, change),
            "95 % range": f"{low} to {high}",
            "p": formats.write(c.p_value, "p"),
            "p adjusted": formats.write(effect.p_adjusted, "p"),
            "Says": WORDS[effect.state],
            "People (control / treatment)": f"{effect.n_control:,.0f} / {effect.n_variant:,.0f}",
        }
        rows.append(row)
    return pd.DataFrame(rows).rename(columns={"Variant's": "Treatment"})
