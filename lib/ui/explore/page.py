"""The Explore page: free SQL over the team's tables, in a process that ends with the query."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lib.charts import explore as charts
from lib.engine import sandbox
from lib.engine.datasets.dataset import Dataset
from lib.engine.sandbox import LIMITS, SandboxResult
from lib.engine.sandbox.parent import table_name
from lib.errors import UserError
from lib.framework import slots, step_ids
from lib.ui import pages, session
from lib.ui.explore import saved_queries
from lib.ui.kit import guard, page_components
from lib.ui.web import admission

_SQL, _RESULT, _ERROR, _ASKED = "explore.sql", "explore.result", "explore.error", "explore.asked"
_EXAMPLES = {
    slots.EVENTS: """SELECT CAST(date_trunc('week', timestamp) AS DATE) AS week, count(DISTINCT user_id) AS weekly_users
FROM events
GROUP BY 1
ORDER BY 1""",
    slots.METRICS: """SELECT metric, min(date) AS first_day, max(date) AS last_day, avg(value) AS mean_value
FROM metrics
GROUP BY metric
ORDER BY metric""",
    slots.SPEND: """SELECT channel, sum(spend) AS spend
FROM spend
GROUP BY channel
ORDER BY spend DESC""",
    slots.CUSTOMERS: """SELECT CAST(date_trunc('month', signup_date) AS DATE) AS month, count(*) AS new_customers
FROM customers
GROUP BY 1
ORDER BY 1""",
    slots.EXPERIMENT: """SELECT variant, count(*) AS users
FROM {table}
GROUP BY variant""",
    slots.SURVEY: """SELECT nps_score, count(*) AS answers
FROM survey
GROUP BY nps_score
ORDER BY nps_score""",
    slots.DEALS: """SELECT outcome, count(*) AS deals, sum(amount) AS amount
FROM deals
GROUP BY outcome""",
}


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        page_components.page(pages.info(step_ids.EXPLORE).question, step_ids.EXPLORE)
        data = session.data()
        if not data:
            page_components.empty(
                "There is no table to ask yet.",
                "Bring a file on the Data page, or open the demo company there.",
                step_ids.DATA,
            )
            if session.workbook().queries:
                saved_queries.listed()
            return
        sandbox.warm()
        left, right = st.columns([2, 1], gap="large")
        with left:
            _query(data)
            _result()
        with right:
            _schema(data)
            saved_queries.listed()


def _query(data: Mapping[str, Dataset]) -> None:
    if session.get(_SQL) is None:
        session.put(_SQL, _example(next(iter(data))))
    opened = session.workbook().queries.get(session.get(saved_queries.OPENED, ""))
    st.text_area(
        f"Query (SQL): {opened.name}" if opened else "Query (SQL)",
        key=_SQL,
        height="content",
        persist_state="session",
        help="One SELECT in DuckDB's SQL. It may read the tables named here and nothing else: "
        f"{LIMITS.seconds:.0f} seconds, {LIMITS.max_rows:,} rows.",
    )
    with st.container(horizontal=True):
        if st.button("Run", type="primary", icon=":material/play_arrow:", key="explore.run"):
            session.put(_ASKED, True)
        if opened:
            st.button(
                "New query",
                icon=":material/add:",
                key="explore.new",
                on_click=_put_sql,
                args=(_example(next(iter(data))),),
            )
    if session.get(_ASKED):
        session.drop(_ASKED)
        _run(str(session.get(_SQL) or ""), data)


def _run(sql: str, data: Mapping[str, Dataset]) -> None:
    session.drop(_RESULT)
    session.drop(_ERROR)
    try:
        with admission.long_work("Running the query"):
            result = sandbox.run(sql, data, title="Query")
        session.put(_RESULT, result)
        session.put(saved_queries.NAME, saved_queries.named(sql))
    except UserError as error:
        session.put(_ERROR, error)


def _example(slot: str) -> str:
    return _EXAMPLES.get(slots.kind(slot), "SELECT * FROM {table}").replace("{table}", table_name(slot))


def _schema(data: Mapping[str, Dataset]) -> None:
    page_components.section("Tables")
    for slot, dataset in data.items():
        with st.expander(f"{table_name(slot)} · {dataset.rows:,} rows", icon=":material/table:"):
            st.markdown("  \n".join(f"`{c.name}` :small[{c.kind}]" for c in dataset.columns))
            with st.container(horizontal=True):
                st.button(
                    "An example",
                    key=f"explore.example.{slot}",
                    on_click=_ask,
                    args=(_example(slot),),
                    icon=":material/lightbulb:",
                )
                st.button(
                    "First rows",
                    key=f"explore.head.{slot}",
                    on_click=_ask,
                    icon=":material/table_rows:",
                    args=(f"SELECT *\nFROM {table_name(slot)}\nLIMIT 100",),
                )


def _put_sql(sql: str) -> None:
    session.put(_SQL, sql)
    for name in (_RESULT, _ERROR, saved_queries.OPENED, saved_queries.NAME):
        session.drop(name)


def _ask(sql: str) -> None:
    """Put a query into the editor and run it."""
    _put_sql(sql)
    session.put(_ASKED, True)


def _result() -> None:
    error, result = session.get(_ERROR), session.get(_RESULT)
    if isinstance(error, UserError):
        guard.show(error)
        return
    if not isinstance(result, SandboxResult):
        return
    evidence = result.evidence
    page_components.section("Answer")
    if result.is_truncated:
        st.warning(
            f"**Truncated:** only the first {LIMITS.max_rows:,} rows are here. Totals made from them would be wrong.",
            icon=":material/content_cut:",
        )
    for note in result.notes:
        st.info(note, icon=":material/info:")
    count = len(evidence.rows)
    took = f"{result.seconds:.1f} seconds"
    if not count:
        st.markdown(f"No rows, in {took}. The query is right, but nothing in the data fits it.")
        return
    drawn = charts.chart(evidence, result.types)
    if drawn:
        page_components.chart(drawn, key="explore-chart")
    st.markdown(f"{count:,} {'row' if count == 1 else 'rows'} in {took}")
    frame = pd.DataFrame(list(evidence.rows), columns=list(evidence.columns))
    height = min(420, 36 * (count + 1) + 2)
    st.dataframe(frame, hide_index=True, width="stretch", height=height, key="explore.table")
    if not drawn:
        page_components.evidence(evidence, key="explore")
    saved_queries.save_form(result)
