"""The metric dictionary as CSV: what each metric means, who answers for it, where it comes from."""

from __future__ import annotations

import csv
import io

from lib.workbook.model import Workbook

COLUMNS = (
    "id",
    "name",
    "kind",
    "owners",
    "aarrr_stage",
    "definition",
    "unit",
    "good_direction",
    "cadence",
    "target",
    "guardrail",
    "decision",
    "source",
    "series",
    "verdict",
    "verdict_reason",
    "workbook_revision",
)


def _cell(value: object) -> str:
    """Text that a spreadsheet shows and never runs as a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def dictionary(workbook: Workbook) -> str:
    """The register as CSV text, one metric a row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for id, m in workbook.metrics.items():
        guard = workbook.metrics.get(m.guardrail)
        query = workbook.queries.get(m.series)
        definition = m.definition or (query.sql if query else "")
        row = (
            id,
            m.name,
            m.kind,
            "; ".join(m.owners),
            m.aarrr,
            definition,
            m.unit,
            m.direction,
            m.cadence,
            m.target,
            guard.name if guard else m.guardrail,
            m.decision,
            m.source,
            m.series,
            m.verdict,
            m.verdict_reason,
            workbook.rev,
        )
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()
