"""The Explore page: free SQL over the team's tables, in a process that ends with the query."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lib.engine import query_metrics, sandbox
from lib.engine.dataset import Dataset
from lib.engine.sandbox import LIMITS, SandboxResult
from lib.engine.sandbox.parent import table_name
from lib.errors import UserError
from lib.ui import anatomy, gate, guard, session
from lib.ui.proof import plain

_SQL, _RESULT, _NAME = "explore.sql", "explore.result", "explore.name"
_EXAMPLES = {
    "events": """SELECT CAST(date_trunc('week', timestamp) AS DATE) AS week, count(DISTINCT user_id) AS weekly_users
FROM events
GROUP BY 1
ORDER BY 1""",
    "metrics": """SELECT metric, min(date) AS first_day, max(date) AS last_day, avg(value) AS mean_value
FROM metrics
GROUP BY metric
ORDER BY metric""",
    "spend": """SELECT channel, sum(spend) AS spend
FROM spend
GROUP BY channel
ORDER BY spend DESC""",
    "customers": """SELECT CAST(date_trunc('month', signup_date) AS DATE) AS month, count(*) AS new_customers
FROM customers
GROUP BY 1
ORDER BY 1""",
    "experiment": """SELECT variant, count(*) AS users
FROM {table}
GROUP BY variant""",
    "survey": """SELECT nps_score, count(*) AS answers
FROM survey
GROUP BY nps_score
ORDER BY nps_score""",
    "deals": """SELECT outcome, count(*) AS deals, sum(amount) AS amount
FROM deals
GROUP BY outcome""",
}


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        anatomy.page("What else do our data say?", "explore")
        data = session.data()
        if not data:
            anatomy.empty(
                "There is no table to ask yet.",
                "Bring a file on the Data page, or open the demo company there.",
                "data",
            )
            return
        sandbox.warm()
        left, right = st.columns([2, 1], gap="large")
        with left:
            _query(data)
        with right:
            _schema(data)
        _result(data)
        _saved(data)


def _query(data: Mapping[str, Dataset]) -> None:
    if session.get(_SQL) is None:
        session.put(_SQL, _example(next(iter(data))))
    st.text_area(
        "Query (SQL)",
        key=_SQL,
        height=190,
        persist_state="session",
        help="One SELECT in DuckDB's SQL. It may read the tables named here and nothing else: "
        f"{LIMITS.seconds:.0f} seconds, {LIMITS.max_rows:,} rows.",
    )
    if st.button("Run", type="primary", icon=":material/play_arrow:", key="explore.run"):
        _run(str(session.get(_SQL) or ""), data)


def _run(sql: str, data: Mapping[str, Dataset]) -> None:
    session.drop(_RESULT)
    try:
        with gate.long_work("Running the query"):
            result = sandbox.run(sql, data, title="Query")
        session.put(_RESULT, result)
    except UserError as error:
        guard.show(error)


def _example(slot: str) -> str:
    return _EXAMPLES.get(slot.split("-")[0], "SELECT * FROM {table}").replace("{table}", table_name(slot))


def _schema(data: Mapping[str, Dataset]) -> None:
    st.markdown("**Tables**")
    for slot, dataset in data.items():
        with st.expander(f"{table_name(slot)} · {dataset.rows:,} rows", icon=":material/table:"):
            st.markdown("  \n".join(f"`{c.name}` :small[{c.kind}]" for c in dataset.columns))
            st.button(
                "Ask it something", key=f"explore.example.{slot}", on_click=_put_sql, args=(_example(slot),)
            )


def _put_sql(sql: str) -> None:
    session.put(_SQL, sql)
    session.drop(_RESULT)


def _result(data: Mapping[str, Dataset]) -> None:
    result = session.get(_RESULT)
    if not isinstance(result, SandboxResult):
        return
    evidence = result.evidence
    anatomy.section("Result")
    if result.is_truncated:
        st.warning(
            f"**Truncated:** only the first {LIMITS.max_rows:,} rows are here. Totals made from them would be wrong.",
            icon=":material/content_cut:",
        )
    st.markdown(f"{len(evidence.rows):,} rows in {result.seconds:.1f} seconds")
    frame = pd.DataFrame(list(evidence.rows), columns=list(evidence.columns))
    st.dataframe(frame, hide_index=True, width="stretch", key="explore.table")
    anatomy.evidence(evidence, key="explore")
    _keep(result)


def _keep(result: SandboxResult) -> None:
    """Save the query, and where it gives a date and a number, make it a metric."""
    series = query_metrics.series_of(result)
    with st.container(border=True, key="explore-keep"):
        st.text_input("Name", key=_NAME, placeholder="Weekly active users", max_chars=80)
        with st.container(horizontal=True):
            st.button(
                "Save the query",
                icon=":material/bookmark_add:",
                key="explore.save",
                on_click=_save,
                args=(result, False),
            )
            if series:
                st.button(
                    "Save it and use it as a metric",
                    icon=":material/monitoring:",
                    key="explore.metric",
                    on_click=_save,
                    args=(result, True),
                    help=f"{series.value} by {series.date} joins the metric audit like an uploaded series.",
                )
        if not series:
            st.markdown(":small[A query that begins with a date and a number can also be used as a metric.]")


def _save(result: SandboxResult, as_metric: bool) -> None:
    name = str(session.get(_NAME) or "").strip()
    if not name:
        session.tell("problem", "The query has no name yet.", "Type one beside the button, then save again.")
        return
    id = session.new_id("query")
    changes = [(f"queries/{id}/name", name), (f"queries/{id}/sql", result.evidence.sql)]
    if as_metric:
        try:
            query_metrics.rows_of(name, result)
        except UserError as error:
            session.tell("problem", error.problem, error.remedy)
            return
        metric = session.new_id("metric")
        changes += [
            (f"metrics/{metric}/name", name),
            (f"metrics/{metric}/source", "query"),
            (f"metrics/{metric}/series", id),
            (f"metrics/{metric}/definition", f"Saved query “{name}”"),
        ]
    if session.save_all(changes, note=f"Save query {name}"):
        session.tell("done", f"{name} is saved" + (" and is a metric now." if as_metric else "."))


def _saved(data: Mapping[str, Dataset]) -> None:
    book = session.workbook()
    if not book.queries:
        return
    anatomy.section("Saved queries")
    feeding = {metric.series: metric.name for metric in book.metrics.values() if metric.source == "query"}
    for id, query in book.queries.items():
        with st.container(
            border=True, key=f"explore-saved-{id}", horizontal=True, vertical_alignment="center"
        ):
            uses = (
                f"  \n:small[:material/monitoring: feeds the metric {plain(feeding[id])}]"
                if id in feeding
                else ""
            )
            st.markdown(f"**{plain(query.name)}**{uses}", width="stretch")
            st.button("Open", key=f"explore.open.{id}", on_click=_put_sql, args=(query.sql,))
            st.button(
                "Delete",
                key=f"explore.delete.{id}",
                icon=":material/delete:",
                on_click=_delete,
                args=(id, query.name),
                disabled=id in feeding,
                help="It feeds a metric; remove that first." if id in feeding else "Undo brings it back.",
            )


def _delete(id: str, name: str) -> None:
    session.save_all([(f"queries/{id}/name", None), (f"queries/{id}/sql", None)], note=f"Delete query {name}")
