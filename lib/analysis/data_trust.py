"""What do we have, and can we trust it? The verdict over all tables in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.analysis.verdict import Finding, Verdict
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.engine.query import now
from lib.framework import slots

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


def trust(data: Mapping[str, Dataset]) -> DataTrust:
    """Judge the tables in use.

    Args:
        data: Slot -> dataset.
    """
    counted = accounting(data)
    last = len(counted.rows) - 1
    facts = {
        "files": counted.fact(last, "file", "text"),
        "rows": counted.fact(last, "used", "count"),
        "rejected": counted.fact(last, "rejected", "count"),
    }
    findings = tuple(_rejected(data, counted))
    rejects = "{rejected} record" if counted.rows[last][4] == 1 else "{rejected} records"
    if not data:
        verdict = Verdict(
            "unclear",
            "No file is in use yet.",
            needs="one file; events or metrics are the best first one",
            code="no_data",
        )
    elif any(f.code == "many_rejected" for f in findings):
        template = f"In use: {{files}} with {{rows}} usable rows, but {rejects} could not be read."
        verdict = Verdict(
            "mixed",
            template,
            facts,
            code="rejects",
            why=("Look at the rejected records before you decide on these numbers.",),
        )
    elif counted.rows[last][4]:
        verdict = Verdict(
            "good",
            f"In use: {{files}} with {{rows}} usable rows. {rejects} could not be read.",
            facts,
            code="few_rejects",
        )
    else:
        verdict = Verdict(
            "good", "In use: {files} with {rows} rows. Every record was read.", facts, code="all_read"
        )
    return DataTrust(verdict, findings, (counted,))


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
                    "{rejected} records of {name} were rejected ({share}).",
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
