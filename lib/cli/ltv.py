"""What a customer has brought so far."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.events.ltv import ltv
from lib.cli import _answer, common
from lib.framework import slots

NAME = "ltv"
HELP = "revenue per customer by cohort and segment"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --by, --margin and the calendar."""
    common.add_file_arguments(parser)
    parser.add_argument(
        "--by", default="", metavar="COLUMN", help="split users by their first value of a column"
    )
    parser.add_argument("--margin", type=float, default=None, help="gross margin, 0 to 1")
    _answer.add_calendar(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the cohorts."""
    data = common.load(args, slots.EVENTS)
    result = ltv(data, by=args.by, margin=args.margin, calendar=_answer.calendar(args))
    return _answer.answer(result) | {"segments": result.segments, "methods": result.methods}
