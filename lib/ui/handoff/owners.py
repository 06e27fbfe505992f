"""The ownership matrix: six areas x stages x metrics, one accountable per row."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.analysis.handoff.handoff_map import HandoffMapResult
from lib.analysis.handoff.ownership import MatrixRow
from lib.analysis.handoff.ownership_matrix import OwnershipCell
from lib.charts import ownership as charts
from lib.engine.datasets.dataset import Dataset
from lib.ui.handoff import decision
from lib.ui.kit import table
from lib.ui.kit.evidence_view import plain
from lib.workbook.model import Workbook

_PROBLEMS = {
    "": "",
    "nobody": "⚠ nobody answers for it",
    "two": "⚠ two owners, nobody accountable",
    "other": "⚠ not the owner named today",
    "contested": "⚠ more than one answers",
}
_KINDS = {"area": "Area", "stage": "Stage", "metric": "Metric"}
_VIEWS = ("Crossed", "Areas", "Stages", "Metrics", "Only open ones")


def draw(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """The matrix as a picture, and one accountable per row to choose."""
    st.markdown("One accountable per row: others may work on it, one answers for it.")
    picked = st.segmented_control(
        "Show",
        _VIEWS,
        default=_VIEWS[0],
        key="handoff_map.matrix_view",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    if picked == "Crossed":
        _crossed(result, workbook)
        return
    rows = [row for row in result.matrix if _shown(row, str(picked))]
    if picked == "Only open ones":
        _edit_cells([cell for cell in result.grid if cell.problem], workbook, "open")
    if not rows:
        st.markdown("Nothing open here." if picked == "Only open ones" else "Nothing here yet.")
        return
    shown = {
        row.id: {
            "name": row.name,
            "kind": _KINDS[row.kind],
            "owners": ", ".join(row.owners) or "nobody",
            "resolved": row.accountable,
            "problem": _PROBLEMS[row.problem],
        }
        for row in rows
    }
    columns = {
        "name": table.EditorColumn("What", read_only=True),
        "kind": table.EditorColumn("Kind", read_only=True, width="small"),
        "owners": table.EditorColumn("Named today", read_only=True),
        "resolved": table.EditorColumn("Accountable", "choice", decision.owners(workbook)),
        "problem": table.EditorColumn("Open", read_only=True),
    }
    table.edit(
        "owns", shown, columns, f"handoff_map.matrix.{picked}", remove=False, alt="Who answers for what"
    )


def _crossed(result: HandoffMapResult, workbook: Workbook) -> None:
    """The picture of areas and stages, then its rows."""
    if not result.grid:
        decision.absent(
            "No metric lies on the journey yet.",
            "Metrics of the register appear here where their area and their stage meet, with who answers for them. "
            "Take the stages over first, and give each metric a stage in the register.",
        )
        return
    st.html(charts.grid_html(result.grid, result.stages))
    _edit_cells(list(result.grid), workbook, "all")
    placed = {name for cell in result.grid for name in cell.metrics}
    rest = [
        metric.name or key
        for key, metric in workbook.metrics.items()
        if (metric.name or key) not in placed and metric.verdict != "drop"
    ]
    if rest:
        st.markdown(
            f":small[On no stage of the journey or not sorted: {', '.join(plain(name) for name in rest)}.]"
        )


def _edit_cells(cells: list[OwnershipCell], workbook: Workbook, key: str) -> None:
    if not cells:
        return
    rows = {
        cell.id: {
            "area": cell.area_name,
            "stage": cell.stage_name,
            "metrics": ", ".join(cell.metrics),
            "claims": _claims(cell),
            "resolved": cell.accountable,
            "problem": _PROBLEMS[cell.problem],
        }
        for cell in cells
    }
    columns = {
        "area": table.EditorColumn("Area", read_only=True),
        "stage": table.EditorColumn("Stage", read_only=True, width="small"),
        "resolved": table.EditorColumn("Accountable", "choice", decision.owners(workbook)),
        "problem": table.EditorColumn("Open", read_only=True, width="medium"),
        "metrics": table.EditorColumn("Metrics", read_only=True),
        "claims": table.EditorColumn("Who claims it", read_only=True, width="large"),
    }
    table.edit(
        "owns",
        rows,
        columns,
        f"handoff_map.crossed.{key}",
        remove=False,
        alt="Ownership matrix: area, stage, metrics and who answers",
    )


def _claims(cell: OwnershipCell) -> str:
    said: dict[str, list[str]] = {}
    for who, what in cell.claims:
        said.setdefault(who, []).append(what)
    return "; ".join(f"{who}: {', '.join(what)}" for who, what in said.items())


def _shown(row: MatrixRow, picked: str) -> bool:
    return bool(row.problem) if picked == "Only open ones" else picked == f"{_KINDS[row.kind]}s"
