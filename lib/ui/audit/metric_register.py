"""The metric register: take over what was found, edit in place, add by hand or from the catalogue, export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lib.analysis.audit.audit import AuditResult
from lib.analysis.audit.metric_dictionary import dictionary
from lib.analysis.audit.metric_rows import MetricLine, of_kpi, slug
from lib.engine.evidence import formats
from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.ui import session
from lib.ui.kit import page_components, table
from lib.workbook import definition_versions as definitions
from lib.workbook.definition_versions import Version
from lib.workbook.model import Metric

KINDS = {
    metric_kinds.PROCESS: "● Process",
    metric_kinds.SHARED: "■ Shared",
    metric_kinds.OUTCOME: "◆ Outcome",
    metric_kinds.UNASSIGNED: "○ Not sorted",
}
VERDICTS = {"keep": "✓ Keep", "fix": "✎ Fix", "drop": "✕ Drop"}
DIRECTIONS = {"up": "Up is good", "down": "Down is good"}
CADENCES = {"daily": "Daily", "weekly": "Weekly", "monthly": "Monthly", "quarterly": "Quarterly"}
TEAMS = ("Marketing", "Growth", "Product", "Sales", "Customer success")
FIELDS = (
    "name",
    "kind",
    "owners",
    "aarrr",
    "unit",
    "direction",
    "cadence",
    "definition",
    "kpi",
    "source",
    "series",
)


def saves(line: MetricLine) -> list[tuple[str, Any]]:
    """The answers that put a metric of the data into the register as suggested."""
    return record(line.id, line.suggestion)


def record(id: str, metric: Metric) -> list[tuple[str, Any]]:
    """A metric's filled fields as answers."""
    values = metric.model_dump(mode="json")
    return [
        (f"metrics/{id}/{field}", values[field]) for field in FIELDS if values[field] not in ("", [], None)
    ]


def owners() -> dict[str, str]:
    """Who can own a metric: teams, the two leads, the people of the workbook."""
    book = session.workbook()
    named = [
        book.settings.marketing_lead,
        book.settings.growth_lead,
        *(person.name for person in book.people.values()),
    ]
    return {name: name for name in dict.fromkeys([*TEAMS, *named]) if name}


def stages() -> dict[str, str]:
    """AARRR stages for a list."""
    return {key: stage.name for key, stage in framework().aarrr.items()}


def versions() -> Mapping[str, Version]:
    """Metric id -> version of its definition; the log is read again when something was saved."""
    book = session.workbook()
    kept = session.get("audit.versions")
    if kept is None or kept[0] != (book.id, book.rev):
        kept = ((book.id, book.rev), definitions.versions(session.store().events(book.id) if book.id else ()))
        session.put("audit.versions", kept)
    return kept[1]


def _version(found: Version | None) -> str:
    return f"v{found.number}, {formats.write(found.at, 'date')}, {found.author}" if found else "not defined"


def draw(result: AuditResult) -> None:
    """The decide part of the page."""
    page_components.section(
        "Decide: kind and owner of each metric",
        "One accountable owner each; two only where a metric is shared.",
    )
    _proposals(result)
    book = session.workbook()
    if book.metrics:
        _table()
    _add()
    if book.metrics:
        st.download_button(
            "Metric dictionary (CSV)",
            data=dictionary(book, versions()).encode("utf-8-sig"),
            file_name="metric_dictionary.csv",
            mime="text/csv",
            on_click="ignore",
            key="audit.dictionary",
            icon=":material/download:",
        )


def _proposals(result: AuditResult) -> None:
    found = result.proposals
    if not found:
        return
    count = f"{len(found)} metric{'s' if len(found) > 1 else ''}"
    with st.container(border=True, key="audit-proposals"):
        st.markdown(
            f"**{count} of your data {'are' if len(found) > 1 else 'is'} not in the register.** "
            f"Each comes with a suggested kind, owner and stage."
        )
        every = [answer for line in found for answer in saves(line)]
        st.button(
            f"Take over {'all ' + str(len(found)) if len(found) > 1 else 'it'} as suggested",
            key="audit.accept_all",
            type="secondary" if session.workbook().metrics else "primary",
            icon=":material/playlist_add_check:",
            on_click=session.saving,
            args=(every,),
            kwargs={"note": f"Take over {count}"},
        )
        with st.expander("See the suggestions, choose some"):
            _choose(found)


def _choose(found: Sequence[MetricLine]) -> None:
    """Take over some of the suggestions, with the reason of each beside it."""
    picked = st.multiselect(
        "Take over only",
        [line.id for line in found],
        key="audit.picked",
        format_func=lambda id: next((line.name for line in found if line.id == id), id),
    )
    chosen = [answer for line in found if line.id in picked for answer in saves(line)]
    st.button(
        "Take over these",
        key="audit.accept_some",
        disabled=not picked,
        on_click=session.saving,
        args=(chosen,),
        kwargs={"note": f"Take over {len(picked)} metrics"},
    )
    st.dataframe(
        [
            {
                "Metric": line.name,
                "Kind": KINDS[line.suggestion.kind],
                "Owner": " and ".join(line.suggestion.owners),
                "Why": line.reason,
            }
            for line in found
        ],
        hide_index=True,
        width="stretch",
        key="audit.suggested",
        alt="Suggested kind and owner of each metric with the reason",
    )


def _table() -> None:
    book = session.workbook()
    more = st.toggle(
        "All fields",
        key="audit.all_fields",
        help="Area, unit, direction, cadence, target, definition, guardrail",
    )
    columns = _first_columns() | (_more_columns() if more else {})
    known = versions()
    rows = {
        id: {**metric.model_dump(), "version": _version(known.get(id))} for id, metric in book.metrics.items()
    }
    table.edit(
        "metrics",
        rows,
        columns,
        key=f"audit.register{'.all' if more else ''}",
        remove=True,
        alt="Metric register: name, kind, owner, stage, decision, verdict; editable",
    )


def _first_columns() -> dict[str, table.EditorColumn]:
    """What the audit itself needs of a metric."""
    return {
        "name": table.EditorColumn("Metric", width="medium"),
        "kind": table.EditorColumn("Kind", "choice", KINDS),
        "owners": table.EditorColumn("Owner", "multi", owners()),
        "aarrr": table.EditorColumn("Stage", "choice", stages()),
        "decision": table.EditorColumn(
            "Decision it changes", width="medium", help="If no value of it would change what you do, drop it"
        ),
        "verdict": table.EditorColumn("Verdict", "choice", VERDICTS),
    }


def _more_columns() -> dict[str, table.EditorColumn]:
    """The rest of a metric's record."""
    guards = {id: metric.name or id for id, metric in session.workbook().metrics.items()}
    return {
        "definition": table.EditorColumn("Definition", width="large"),
        "version": table.EditorColumn(
            "Version",
            read_only=True,
            help="Rises when the definition, the unit or what it is read from changes",
        ),
        "area": table.EditorColumn(
            "Area",
            "choice",
            {key: area.name for key, area in framework().areas.items()},
            help="One of the six areas, for the ownership matrix. Left empty, the catalogue or the kind decides.",
        ),
        "unit": table.EditorColumn("Unit"),
        "direction": table.EditorColumn("Good direction", "choice", DIRECTIONS),
        "cadence": table.EditorColumn("Cadence", "choice", CADENCES),
        "target": table.EditorColumn("Target", "number"),
        "guardrail": table.EditorColumn(
            "Guardrail", "choice", guards, help="The metric that must not get worse"
        ),
        "series": table.EditorColumn("Series in the data", read_only=True),
    }


def _add() -> None:
    with st.expander(
        "Add a metric by hand, from the catalogue or from a query",
        icon=":material/add:",
        expanded=not session.workbook().metrics and not session.data(),
    ):
        kpis = framework().kpis
        left, right = st.columns(2, gap="medium")
        with left, st.form("audit.by_hand", clear_on_submit=True, border=False):
            name = st.text_input(
                "Name of the metric", key="audit.new_name", placeholder="Qualified trial starts"
            )
            if st.form_submit_button("Add by hand", icon=":material/add:") and name.strip():
                _by_hand(name.strip())
        with right:
            picked = st.multiselect(
                "From the catalogue",
                list(kpis),
                format_func=lambda id: f"{kpis[id].name} · {kpis[id].kind}",
                key="audit.catalogue",
                placeholder=f"Search {len(kpis)} metrics",
            )
            st.button(
                "Add these",
                key="audit.add_catalogue",
                disabled=not picked,
                on_click=_from_catalogue,
                args=(picked,),
            )
        _from_query()


def _by_hand(name: str) -> None:
    from lib.analysis.audit.metric_rows import suggest

    suggestion, _ = suggest("", name)
    id = slug(name)
    id = id if id not in session.workbook().metrics else session.new_id("metric")
    if session.save_all(record(id, suggestion), note=f"Add metric {name}"):
        st.rerun()


def begin() -> None:
    """For a team with neither a list nor a file: the usual metrics in one click, to drop and rename afterwards."""
    usual = [kpi.id for kpi in framework().kpis.values() if kpi.is_usual]
    st.button(
        "Start from the usual metrics",
        icon=":material/done_all:",
        key="audit.usual",
        on_click=_from_catalogue,
        args=(usual,),
        help=", ".join(framework().kpis[id].name for id in usual),
    )


def _from_catalogue(picked: list[str]) -> None:
    kpis, book = framework().kpis, session.workbook()
    answers: list[tuple[str, Any]] = []
    for key in picked:
        id = key if key not in book.metrics else session.new_id("metric")
        answers += record(id, of_kpi(kpis[key], name=kpis[key].name, source="catalogue"))
    session.save_all(answers, note=f"Add {len(picked)} metrics of the catalogue")
    session.put("audit.catalogue", [])


def _from_query() -> None:
    queries = session.workbook().queries
    if not queries:
        return
    id = st.selectbox(
        "From a saved query (first column a date, second a number)",
        list(queries),
        index=None,
        format_func=lambda key: queries[key].name or key,
        key="audit.query",
        placeholder="Choose a query",
    )
    if id:
        name = queries[id].name or "Query"
        answers = [
            (f"metrics/{slug(name)}/{field}", value)
            for field, value in (("name", name), ("source", "query"), ("series", id))
        ]
        st.button(
            "Use it as a metric",
            key="audit.add_query",
            on_click=session.saving,
            args=(answers,),
            kwargs={"note": f"Add metric {name}"},
        )
