"""How many users of each cohort come back."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.events.retention import retention
from lib.cli import _answer, common
from lib.framework import slots

NAME = "retention"
HELP = "count how many users of each cohort come back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --period, --kind, --return-event, --cohort-event and the calendar."""
    common.add_file_arguments(parser)
    parser.add_argument("--period", choices=("week", "month"), default="week")
    parser.add_argument("--kind", choices=("bounded", "unbounded"), default="bounded")
    parser.add_argument("--return-event", default="", help="event that counts as coming back (any)")
    parser.add_argument("--cohort-event", default="", help="event that starts a user's clock (any)")
    _answer.add_calendar(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the retention table."""
    result = retention(
        common.load(args, slots.EVENTS),
        period=args.period,
        kind=args.kind,
        return_event=args.return_event,
        cohort_event=args.cohort_event,
        calendar=_answer.calendar(args),
    )
    return _answer.answer(result) | {"curve": result.curve}
