"""Where active users and revenue come from and go to."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.events.growth_accounting import growth_accounting
from lib.cli import _answer, common
from lib.framework import slots

NAME = "growth"
HELP = "account for users (and revenue) by period: new, retained, resurrected, churned, quick ratio"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --period and the calendar."""
    common.add_file_arguments(parser)
    parser.add_argument(
        "--period", choices=("week", "month"), default="month", help="of users; revenue is by month"
    )
    _answer.add_calendar(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Account for them."""
    result = growth_accounting(
        common.load(args, slots.EVENTS), period=args.period, calendar=_answer.calendar(args)
    )
    summary, *money = result.evidence[1:]
    found = _answer.answer(result) | {"quick_ratio": summary.records()}
    return found | ({"revenue": money[0].records()} if money else {})
