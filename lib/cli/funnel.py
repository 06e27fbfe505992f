"""How many users get from one event to the next."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.events.funnel import ENTRIES, funnel
from lib.cli import common
from lib.cli._answer import answer, names
from lib.errors import DataError
from lib.framework import slots

NAME = "funnel"
HELP = "count users through events in order, within a window"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --steps, --window-days, --step-window-days, --entry, --by."""
    common.add_file_arguments(parser)
    parser.add_argument("--steps", required=True, metavar="a,b,c", help="event names in order")
    parser.add_argument("--window-days", type=float, default=14, help="longest time from the first step (14)")
    parser.add_argument(
        "--step-window-days",
        default="",
        metavar="1,,7",
        help="longest time from the step before, for each later step",
    )
    parser.add_argument(
        "--entry", choices=tuple(ENTRIES), default="any", help="which start of a user counts (any)"
    )
    parser.add_argument(
        "--by", default="", metavar="COLUMN", help="split users by their first value of a column"
    )


def _gaps(text: str) -> list[float | None]:
    """Days for each later step, None where nothing stands between the commas."""
    try:
        return [float(part) if part.strip() else None for part in text.split(",")] if text else []
    except ValueError:
        raise DataError(
            f"“{text}” in --step-window-days are not days.", "Write numbers with commas between them: 1,,7."
        ) from None


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the funnel."""
    gaps = _gaps(args.step_window_days)
    return answer(
        funnel(
            common.load(args, slots.EVENTS),
            names(args.steps),
            window_days=args.window_days,
            entry=args.entry,
            by=args.by,
            step_window_days=gaps,
        )
    )
