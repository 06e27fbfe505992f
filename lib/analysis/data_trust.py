"""What do we have, and can we trust it? The verdict over all tables in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.analysis.verdict import Finding, Verdict
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.parts import RULE_WORDS, parts_of
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
        counts = a.total, a.accepted, a.rejected, a.preamble, a.blank, a.header
        rows.append((slot, dataset.name, *counts, share, a.left_out))
    sums = [sum(row[i] for row in rows) for i in range(2, 8)]
    share = sums[2] / max(1, sums[1] + sums[2])
    files = sum(len(parts_of(dataset)) or 1 for dataset in data.values())
    twice = sum(row[9] for row in rows)
    rows.append(("all", f"{files} file{'s' if files != 1 else ''}", *sums, share, twice))
    return Evidence(
        title="Where every record went",
        definition="Records of each file: used, rejected with a reason, rows above the header, blank rows, "
        "header rows, rows that another file of the kind has too. The parts add up to the total.",
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
            "in_another_file",
        ),
        rows=tuple(rows),
        sources=tuple(dataset.source() for dataset in data.values()),
        at=now(),
        method="Counted while the files were read; no query.",
    )


def files(data: Mapping[str, Dataset]) -> Evidence | None:
    """What each file brings to a table of several; None where every table is one file.

    Args:
        data: Slot -> dataset.
    """
    rows = [
        (
            slot,
            part.name,
            part.rows,
            part.copies,
            part.differing,
            RULE_WORDS.get(part.rule, ""),
            part.fingerprint,
        )
        for slot, dataset in data.items()
        for part in parts_of(dataset)
    ]
    if not rows:
        return None
    return Evidence(
        title="Which files make up a table",
        definition="Files of a kind in the order they were added. Rows are found again by their key and date; a row "
        "that an earlier file has too counts once.",
        sql="",
        columns=("table", "file", "rows", "copies", "differing", "where_rows_differ", "fingerprint"),
        rows=tuple(rows),
        sources=tuple(dataset.source() for dataset in data.values() if parts_of(dataset)),
        at=now(),
        method="Counted while the files were put together; no query.",
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
    findings = (*_rejected(data, counted), *_differing(data))
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
    several = files(data)
    return DataTrust(verdict, findings, (counted, several) if several else (counted,))


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


def _differing(data: Mapping[str, Dataset]) -> list[Finding]:
    """Files that say something else about the same rows."""
    several = files(data)
    found = []
    for row, (slot, name, _, _, differing, *_) in enumerate(several.rows if several else ()):
        if several and differing:
            facts = {
                "name": str(name),
                "n": several.fact(row, "differing", "count"),
                "rule": several.fact(row, "where_rows_differ", "text"),
            }
            rows = "{n} row of {name} differs" if differing == 1 else "{n} rows of {name} differ"
            found.append(
                Finding(
                    "files_differ",
                    "medium",
                    f"{rows} from an earlier file: {{rule}}.",
                    "Two files that measure one thing differently are two definitions. Open the table to choose.",
                    (slot,),
                    facts,
                    evidence=several,
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
