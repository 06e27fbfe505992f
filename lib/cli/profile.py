"""What is in a file, and where every record went."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from lib.cli import common
from lib.engine.contracts import recognition, table_meaning
from lib.engine.intake import RawColumn, Reading
from lib.engine.intake.readers.text_lines import NAMES

NAME = "profile"
HELP = "say what is in a file: columns, kinds, rejected rows, open questions, which table it is"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and how to read it."""
    common.add_file_arguments(parser, several=False)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Profile one file."""
    answers = common.answers(args)
    reading = common.read(args)
    open_questions = [
        q for q in reading.questions if q.id not in answers and q.id.partition(":")[0] not in answers
    ]
    found = [p for p in recognition.recognise(reading) if p.score >= 0.2][:3]
    return {
        **asdict(reading.accounting),
        "encoding": reading.encoding,
        "delimiter": NAMES.get(reading.delimiter, reading.delimiter),
        "columns": [_column(c) for c in reading.columns],
        "questions": [
            {"id": q.id, "column": q.column, "text": q.text, "options": [value for value, _ in q.options]}
            for q in open_questions
        ],
        "format": reading.format,
        "sheet": reading.sheet,
        "sheets": [asdict(s) for s in reading.sheets],
        "notes": list(reading.notes),
        "rejects": [asdict(r) for r in reading.rejects],
        "contracts": [_proposal(reading, p) for p in found],
    }


def _column(column: RawColumn) -> dict[str, Any]:
    return {
        "name": column.header,
        "kind": column.kind,
        "style": column.style,
        "missing": column.missing,
        "examples": list(column.examples),
    }


def _proposal(reading: Reading, proposal: recognition.ContractProposal) -> dict[str, Any]:
    counted = table_meaning.counted(reading, proposal.contract, proposal.mapping)
    return {
        "contract": proposal.contract,
        "score": proposal.score,
        "source": proposal.source,
        "mapping": dict(proposal.mapping),
        "missing": list(proposal.missing),
        "why": proposal.reasons.get("", ""),
        "one_row": table_meaning.one_row(proposal.contract, proposal.mapping),
        "counted": [
            {"metric": name, "adds": c.adds, "reason": c.reason, "is_open": c.is_open}
            for name, c in counted.items()
        ],
    }
