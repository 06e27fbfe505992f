"""The ownership matrix as a picture: six areas down, the stages across, who answers where they meet."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from lib.analysis.handoff.ownership_matrix import OwnershipCell
from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.workbook.model import JourneyStage

ICONS = {
    metric_kinds.PROCESS: "●",
    metric_kinds.OUTCOME: "◆",
    metric_kinds.SHARED: "■",
    "other": "○",
    metric_kinds.UNASSIGNED: "⚠",
}
_CSS = Path(__file__).with_name("ownership.css").read_text(encoding="utf-8")


def grid_html(cells: Sequence[OwnershipCell], stages: Sequence[tuple[str, JourneyStage]]) -> str:
    """A table without scripts: a colour per side, always with its sign and the name of who answers.

    Args:
        cells: Crossings that hold something.
        stages: (id, stage) in journey order: the columns.
    """
    at = {(cell.area, cell.stage): cell for cell in cells}
    head = "".join(f'<th scope="col">{html.escape(stage.name or key)}</th>' for key, stage in stages)
    body = []
    for area in framework().areas.values():
        row = "".join(_cell(at.get((area.id, key))) for key, _ in stages)
        body.append(f'<tr><th scope="row">{html.escape(area.name)}</th>{row}</tr>')
    return (
        f'<style>{_CSS}</style><div class="og" tabindex="0" role="region" aria-label="Ownership matrix"><table>'
        f'<thead><tr><th scope="col">Area</th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
    )


def _cell(cell: OwnershipCell | None) -> str:
    if cell is None:
        return "<td></td>"
    count = len(cell.metrics)
    small = f"<small>{count} metric{'s' if count != 1 else ''}</small>"
    if cell.problem:
        names = " or ".join(dict.fromkeys(who for who, _ in cell.claims)) if cell.claims else "nobody"
        return f'<td class="open"><span class="open">⚠ {html.escape(names)}{"?" if cell.claims else ""}</span> {small}</td>'
    return f'<td class="{cell.territory}"><b>{ICONS[cell.territory]} {html.escape(cell.accountable)}</b>{small}</td>'
