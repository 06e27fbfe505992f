"""`python -m lib kpis FILE`: the KPIs that one file can answer, with their ranges."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.kpis.kpis import kpis
from lib.cli.common import add_file_arguments, load, pairs
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.formats import write
from lib.errors import DataError
from lib.framework import slots
from lib.workbook.model import fold

NAME = "kpis"
HELP = "activation, NPS, fit share, CAC, LTV, win rate ... that a file can answer, each with its range"
_REMEDIES = {
    slots.SPEND: "Give customers with spend: --also customers=FILE.",
    slots.SURVEY: "No question of it asks for recommendation (0 to 10), satisfaction or fit. Name the column of one: "
    "--columns nps_score=HEADER, csat_score=HEADER or pmf_answer=HEADER.",
}
CONTRACTS = (slots.SURVEY, slots.DEALS, slots.CUSTOMERS, slots.SPEND, slots.EVENTS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, which kind of file it is, and the gross margin that money KPIs need."""
    add_file_arguments(parser)
    parser.add_argument("--contract", choices=CONTRACTS, required=True, help="what the file holds")
    parser.add_argument("--gross-margin", type=float, default=None, help="0..1; LTV and payback need it")
    parser.add_argument(
        "--also",
        default="",
        metavar="spend=FILE,...",
        help="further files by what they hold; CAC and payback need customers and spend",
    )


def run(args: argparse.Namespace) -> dict[str, Any] | str:
    """Rows `kpi, name, value, ci_low, ci_high, n, window_start, window_end, definition, needs`."""
    if args.gross_margin is not None and not 0 <= args.gross_margin <= 1:
        raise DataError("The gross margin is not a share between 0 and 1.", "Write 0.8 for 80 %.")
    result = kpis(fold({"settings/gross_margin": args.gross_margin}), _files(args))
    if not result.values:
        raise DataError(
            "This file alone answers no KPI.", _REMEDIES.get(args.contract, _REMEDIES[slots.SPEND])
        )
    rows = [
        {
            **value.evidence.records()[0],
            "name": value.name,
            "definition": value.definition,
            "needs": value.needs,
        }
        for value in result.values.values()
    ]
    if args.json:
        return {"rows": rows, "verdict": result.verdict.as_json(), "evidence": list(result.evidence)}
    return "\n".join(_line(row, result.values[row["kpi"]].format) for row in rows)


def _files(args: argparse.Namespace) -> dict[str, Dataset]:
    """FILE and those of --also, by what they hold."""
    data = {args.contract: load(args, args.contract)}
    for contract, path in pairs(args.also, "--also").items():
        if contract not in CONTRACTS or contract in data:
            raise DataError(
                f"“{contract}” in --also is not one more kind of file.",
                f"Choose among {', '.join(name for name in CONTRACTS if name not in data)}.",
            )
        more = argparse.Namespace(**{**vars(args), "file": path, "columns": "", "sheet": None, "add": []})
        data[contract] = load(more, contract)
    return data


def _line(row: dict[str, Any], format: str) -> str:
    """A KPI with its range, or what it needs."""
    return f"{row['name']}: " + (f"needs {row['needs']}" if row["needs"] else _range(row, format))


def _range(row: dict[str, Any], format: str) -> str:
    low, high = write(row["ci_low"], format), write(row["ci_high"], format)
    return f"{write(row['value'], format)} ({low} to {high}), n {row['n']:,}".replace("\u00a0", " ")
