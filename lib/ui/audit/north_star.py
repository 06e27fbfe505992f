"""The North Star and its inputs: what is measured, what is owned, what lies across the boundary."""

from __future__ import annotations

import streamlit as st

from lib.analysis.audit import north_star
from lib.analysis.audit.audit import AuditResult
from lib.charts import audit as charts
from lib.ui import session
from lib.ui.kit import fields, table
from lib.ui.kit.evidence_view import plain

EDGES = {"arithmetic": "Arithmetic", "hypothesis": "Hypothesis"}


def draw(result: AuditResult) -> None:
    """The tree and its editor."""
    book = session.workbook()
    names = {id: metric.name or id for id, metric in book.metrics.items()}
    if not names:
        st.markdown("Put metrics into the register first; the North Star is one of them.")
        return
    fields.choice("north_star/metric", "Our North Star", names, style="list", none=True)
    if result.north_star.nodes:
        st.html(charts.tree_html(result.north_star))
        _feeding(result)
    if result.north_star.loops:
        st.markdown(f"⚠ {', '.join(result.north_star.loops)} would feed itself; that branch is cut.")
    if book.north_star.metric in names:
        st.subheader("Inputs", anchor=False)
        if book.inputs:
            columns = {
                "child": table.EditorColumn("Input", "choice", names),
                "parent": table.EditorColumn("feeds", "choice", names),
                "type": table.EditorColumn(
                    "How",
                    "choice",
                    EDGES,
                    help="Arithmetic: part of its formula. Hypothesis: said to move it.",
                ),
                "note": table.EditorColumn("Why we think so", width="large"),
            }
            table.edit("inputs", book.inputs, columns, key="audit.inputs", alt="Inputs of the North Star")
        _add(names, book.north_star.metric, result)


def _feeding(result: AuditResult) -> None:
    """Which experiments and metrics move the North Star, and which do not."""
    listed = north_star.feeding(session.workbook(), result.north_star)
    tests = [_test(item) for item in listed if item.kind == "experiment"]
    if tests:
        st.markdown("\n".join(tests))
    out = [plain(item.name) for item in listed if item.kind == "metric" and not item.by]
    if out:
        label = (
            "1 metric that does not feed it" if len(out) == 1 else f"{len(out)} metrics that do not feed it"
        )
        with st.expander(label, icon=":material/link_off:"):
            st.markdown(", ".join(out) + ".")


def _test(item: north_star.Feed) -> str:
    """Whether a test moves the North Star, as a line of a list."""
    if item.by:
        return f"- ★ Experiment **{plain(item.name)}** feeds it by {plain(item.by)}."
    return f"- ⚠ Experiment **{plain(item.name)}** does not feed it: what would it change?"


def _add(names: dict[str, str], root: str, result: AuditResult) -> None:
    left, middle, right = st.columns(3)
    options = [id for id in names if id != root]
    leading = [line.id for line in result.lines if line.is_registered and line.leads and line.id in options]
    child = left.selectbox(
        "Add an input",
        [*leading, *[id for id in options if id not in leading]],
        index=None,
        format_func=lambda id: str(names.get(id, id)),
        key="audit.input_child",
        placeholder="Choose a metric",
    )
    parent = middle.selectbox(
        "that feeds",
        list(names),
        index=list(names).index(root),
        format_func=lambda id: str(names.get(id, id)),
        key="audit.input_parent",
    )
    kind = right.selectbox(
        "by", list(EDGES), index=1, format_func=lambda key: str(EDGES.get(key, key)), key="audit.input_type"
    )
    if child and child != parent:
        id = f"{child}-{parent}"
        answers = [
            (f"inputs/{id}/child", child),
            (f"inputs/{id}/parent", parent),
            (f"inputs/{id}/type", kind),
        ]
        st.button(
            "Add it",
            key="audit.input_add",
            on_click=session.saving,
            args=(answers,),
            kwargs={"note": f"{names[child]} feeds {names[parent]}"},
        )
