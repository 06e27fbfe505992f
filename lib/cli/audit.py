"""Audit a file of metrics: what each one is, what leads what, what to mend."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.audit.audit import audit
from lib.cli import common
from lib.framework import slots
from lib.workbook.model import Workbook

NAME = "audit"
HELP = "audit a metrics file: kinds, change, leads, duplicates, findings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and --contract."""
    common.add_file_arguments(parser)
    parser.add_argument(
        "--contract",
        choices=(slots.METRICS, slots.EVENTS),
        default=slots.METRICS,
        help="what the file holds (metrics)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Audit the file with an empty register: every kind is the suggested one."""
    result = audit(Workbook(), {args.contract: common.load(args, args.contract)})
    glance = {row["id"]: row for row in result.glance.records()}
    metrics = [
        {
            **{key: _plain(value) for key, value in glance[line.id].items() if key != "owner"},
            "series": line.series.id if line.series else "",
            "suggested_owners": list(line.suggestion.owners),
            "reason": line.reason,
            "duplicate_of": line.duplicate_of,
            "spend_only": line.spend is not None,
            "only_rises": bool(line.series and line.series.only_rises),
            "verdict_reason": line.verdict_reason,
        }
        for line in result.lines
    ]
    links = [
        {
            "process": k.process,
            "outcome": k.outcome,
            "lag_weeks": k.lag_weeks,
            "r": k.r,
            "p_adjusted": k.p_adjusted,
            "weeks": k.n,
        }
        for k in result.links
        if k.is_found
    ]
    findings = [
        {
            "code": f.code,
            "severity": f.severity,
            "text": f.text.replace("\u00a0", " "),
            "why": f.why,
            "subjects": list(f.subjects),
        }
        for f in result.findings
    ]
    return {"metrics": metrics, "links": links, "findings": findings, "verdict": result.verdict.as_json()}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
