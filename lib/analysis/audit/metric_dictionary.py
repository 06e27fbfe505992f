"""The metric dictionary as CSV: what each metric means, who answers for it, where it comes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from lib.analysis.handoff.ownership_matrix import area_of
from lib.framework.load import framework
from lib.workbook.definition_versions import Version
from lib.workbook.model import Metric, Workbook

COLUMNS = (
    "id",
    "name",
    "kind",
    "area",
    "owners",
    "aarrr_stage",
    "definition",
    "version",
    "version_since",
    "version_by",
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


def dictionary(workbook: Workbook, versions: Mapping[str, Version] | None = None) -> str:
    """The register as CSV text, one metric a row.

    Args:
        workbook: Its metrics.
        versions: Metric id -> version of its definition, from the workbook's log.
    """
    versions = versions or {}
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
            _area(m),
            "; ".join(m.owners),
            m.aarrr,
            definition,
            *_version(versions.get(id)),
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


def _area(metric: Metric) -> str:
    """The name of its area, as the team set it or as catalogue and kind say."""
    found = framework().areas.get(area_of(metric))
    return found.name if found else ""


def _version(found: Version | None) -> tuple[object, ...]:
    return (found.number, found.at[:10], found.author) if found else (None, None, None)
