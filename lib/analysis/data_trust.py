"""What do we have, and can we trust it? The verdict over all tables in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.analysis.verdict import Finding, Verdict
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.engine.query import now
from lib.framework import slots

_LOOK = (
    "Look at what could not be read before you decide on these numbers.",
    "Look at these points before you decide on these numbers.",
)
MANY = 0.02  # share of rejected records from which a file deserves a look


@dataclass(frozen=True)
class DataTrust:
    """The state of a workbook's data: a verdict, what deserves attention, and the accounting behind both."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]


def accounting(data: Mapping[str, Dataset]) -> Evidence:
    """Where every record of every file went: one row per table, the last one adds them up.

    Args:
        data: Slot -> dataset.
    """
    rows = []
    for slot, dataset in data.items():
        a = dataset.accounting
        share = a.rejected / max(1, a.accepted + a.rejected)
        rows.append(
            (slot, dataset.name, a.total, a.accepted, a.rejected, a.preamble, a.blank, a.header, share)
        )
    sums = [sum(row[i] for row in rows) for i in range(2, 8)]
    share = sums[2] / max(1, sums[1] + sums[2])
    rows.append(("all", f"{len(data)} file{'s' if len(data) != 1 else ''}", *sums, share))
    return Evidence(
        title="Where every record went",
        definition="Records of each file: used, rejected with a reason, rows above the header, blank rows, "
        "header rows. The parts add up to the total.",
        sql="",
        columns=(
            "table",
            "file",
            "total",
            "used",
            "rejected",
            "above_header",
            "blank",
            "header",
            "rejected_share",
        ),
        rows=tuple(rows),
        sources=tuple(dataset.source() for dataset in data.values()),
        at=now(),
        method="Counted while the files were read; no query.",
    )


def cells(data: Mapping[str, Dataset]) -> Evidence:
    """Where every cell of every mapped column went, over the rows in use; the last row adds them up.

    Args:
        data: Slot -> dataset.
    """
    rows: list[tuple[object, ...]] = []
    for slot, dataset in data.items():
        for cell in dataset.cells:
            some = "; ".join(f"line {line}: {value}" for line, value in cell.examples[:3])
            share = cell.unreadable / max(1, cell.read + cell.unreadable)
            rows.append((slot, cell.column, cell.read, cell.empty, cell.unreadable, share, cell.reason, some))
    read, empty, unreadable = (sum(int(str(row[i])) for row in rows) for i in (2, 3, 4))
    share = unreadable / max(1, read + unreadable)
    rows.append(("all", f"{len(rows)} columns", read, empty, unreadable, share, "", ""))
    return Evidence(
        title="Where every cell went",
        definition="Cells of each mapped column, over the rows in use: with a value, empty, or unreadable and left "
        "empty. The parts add up to the rows.",
        sql="",
        columns=("table", "column", "read", "empty", "unreadable", "unreadable_share", "why", "examples"),
        rows=tuple(rows),
        sources=tuple(dataset.source() for dataset in data.values()),
        at=now(),
        method="Counted while the files were taken in; no query.",
    )


def checks(data: Mapping[str, Dataset]) -> Evidence:
    """What was found in the rows of every file, one row each; the last row counts the findings.

    Args:
        data: Slot -> dataset.
    """
    found = [(slot, dataset.name, check) for slot, dataset in data.items() for check in dataset.checks]
    rows = [(slot, name, check.id, check.count, check.text) for slot, name, check in found]
    rows.append(("all", "", "all", len(found), ""))
    return Evidence(
        title="What deserves a look in the rows",
        definition="Rows that repeat a key, lie in the future, contradict themselves or mix currencies, by file. "
        "Nothing was left out because of it.",
        sql="",
        columns=("table", "file", "check", "count", "says"),
        rows=tuple(rows),
        sources=tuple(dataset.source() for dataset in data.values()),
        at=now(),
        method="Counted on the rows in use when the files were taken in.",
    )


def trust(data: Mapping[str, Dataset]) -> DataTrust:
    """Judge the tables in use.

    Args:
        data: Slot -> dataset.
    """
    counted, by_cell, checked = accounting(data), cells(data), checks(data)
    evidence = (
        counted,
        *((by_cell,) if len(by_cell.rows) > 1 else ()),
        *((checked,) if len(checked.rows) > 1 else ()),
    )
    findings = (*_rejected(data, counted), *_unreadable(data, by_cell), *_checked(data, checked))
    return DataTrust(_verdict(data, findings, (counted, by_cell, checked)), findings, evidence)


def _verdict(
    data: Mapping[str, Dataset], findings: tuple[Finding, ...], tables: tuple[Evidence, Evidence, Evidence]
) -> Verdict:
    """One sentence for what is in use, and one for each kind of thing that is not the whole truth."""
    if not data:
        return Verdict(
            "unclear",
            "No file is in use yet.",
            needs="one file; events or metrics are the best first one",
            code="no_data",
        )
    counted, by_cell, checked = tables
    rejected, unreadable, found = counted.rows[-1][4], by_cell.rows[-1][4], checked.rows[-1][3]
    facts = {
        "files": counted.fact(len(counted.rows) - 1, "file", "text"),
        "rows": counted.fact(len(counted.rows) - 1, "used", "count"),
        "rejected": counted.fact(len(counted.rows) - 1, "rejected", "count"),
        "unreadable": by_cell.fact(len(by_cell.rows) - 1, "unreadable", "count"),
        "found": checked.fact(len(checked.rows) - 1, "count", "count"),
    }
    if not (rejected or unreadable or found):
        template = "In use: {files} with {rows} rows. Every record was read."
        return Verdict("good", template, facts, code="all_read")
    template = f"In use: {{files}} with {{rows}} usable rows. {_said(rejected, unreadable, found)}"
    if not findings:
        return Verdict("good", template, facts, code="few_rejects")
    code = "rejects" if any(f.code == "many_rejected" for f in findings) else findings[0].code
    return Verdict("mixed", template, facts, code=code, why=(_LOOK[0 if rejected or unreadable else 1],))


def _said(rejected: int, unreadable: int, found: int) -> str:
    """What was lost and what needs a look, as the end of the verdict's template."""
    lost = [_counted(rejected, "{rejected} record"), _counted(unreadable, "{unreadable} cell")]
    said = [f"{' and '.join(filter(None, lost))} could not be read."] if rejected or unreadable else []
    if found:
        said.append("{found} point needs a look." if found == 1 else "{found} points need a look.")
    return " ".join(said)


def _counted(n: int, template: str) -> str:
    return "" if not n else template if n == 1 else f"{template}s"


def _unreadable(data: Mapping[str, Dataset], by_cell: Evidence) -> list[Finding]:
    """Columns of which many cells could not be read."""
    found = []
    for row, (slot, *_) in enumerate(by_cell.rows[:-1]):
        if by_cell.rows[row][5] > MANY:
            facts = {
                "column": by_cell.fact(row, "column", "text"),
                "name": data[slot].name,
                "unreadable": by_cell.fact(row, "unreadable", "count"),
                "share": by_cell.fact(row, "unreadable_share", "percent1"),
                "examples": by_cell.fact(row, "examples", "text"),
            }
            cells = "{unreadable} cell" if by_cell.rows[row][4] == 1 else "{unreadable} cells"
            found.append(
                Finding(
                    "many_unreadable",
                    "high",
                    f"{cells} of {{column}} in {{name}} could not be read ({{share}}): {{examples}}.",
                    "They count as empty, so sums over this column are too low.",
                    (slot,),
                    facts,
                    evidence=by_cell,
                )
            )
    return found


def _checked(data: Mapping[str, Dataset], checked: Evidence) -> list[Finding]:
    """What was found in the rows."""
    return [
        Finding(
            "row_check",
            "medium",
            "{name}: {says}",
            "Mend the file, or keep it in mind where you use these rows.",
            (slot,),
            {"name": data[slot].name, "says": checked.fact(row, "says", "text")},
            evidence=checked,
        )
        for row, (slot, *_) in enumerate(checked.rows[:-1])
    ]


def _rejected(data: Mapping[str, Dataset], counted: Evidence) -> list[Finding]:
    found = []
    for row, slot in enumerate(data):
        if counted.rows[row][8] > MANY:
            facts = {
                "name": data[slot].name,
                "share": counted.fact(row, "rejected_share", "percent1"),
                "rejected": counted.fact(row, "rejected", "count"),
            }
            found.append(
                Finding(
                    "many_rejected",
                    "high",
                    f"{'{rejected} record' if counted.rows[row][4] == 1 else '{rejected} records'} of {{name}} could "
                    "not be used ({share}).",
                    "What is left out may not be like what is left in.",
                    (slot,),
                    facts,
                    evidence=counted,
                )
            )
    return found


def absent(data: Mapping[str, Dataset]) -> list[tuple[str, str]]:
    """Tables that are not there and what each would feed, most useful first.

    Args:
        data: Slot -> dataset.
    """
    there = {slots.kind(slot) for slot in data}
    return [(id, slot.feeds) for id, slot in slots.SLOTS.items() if id not in there]
