"""Why a conversion or a ratio changed between two periods: mix and rate by segment."""

from __future__ import annotations

import argparse
import math
from typing import Any

from lib.analysis.audit import quicksand
from lib.analysis.metrics import mix_rate
from lib.cli import common
from lib.cli._answer import add_calendar, answer, calendar
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.errors import DataError
from lib.framework import slots

NAME = "mix"
HELP = "split the change of a ratio between two periods into mix and rate by segment"
SHOWN = ("segment", "mix_effect", "rate_effect", "total_effect")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE with --start, --finish (events) or --numerator, --denominator (metrics), --before, --after, --by."""
    common.add_file_arguments(parser)
    add_calendar(parser)
    parser.add_argument("--start", default="", help="first event (recognised by name)")
    parser.add_argument("--finish", default="", help="event that counts as converted (recognised by name)")
    parser.add_argument("--numerator", default="", help="metric on top, for a metrics file with segments")
    parser.add_argument("--denominator", default="", help="metric below")
    parser.add_argument("--before", default="", metavar="2026-Q2", help="earlier period (first whole month)")
    parser.add_argument("--after", default="", metavar="2026-Q3", help="later period (last whole month)")
    parser.add_argument(
        "--by", default="", metavar="COLUMN", help="segment column of an events file (channel)"
    )
    parser.add_argument(
        "--window-days", type=float, default=mix_rate.WINDOW_DAYS, help="time to convert (14)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Split the change."""
    days = calendar(args)
    if not 0 < args.window_days < math.inf:
        raise DataError(
            "The window must be longer than zero days.", "Give --window-days a number above zero."
        )
    before, after = (mix_rate.period(text, days) if text else None for text in (args.before, args.after))
    made = _of_metrics if args.numerator or args.denominator else _of_events
    return _answer(made(args, before, after, days))


def _of_metrics(
    args: argparse.Namespace, before: mix_rate.Period | None, after: mix_rate.Period | None, days: Calendar
) -> mix_rate.MixResult:
    """A ratio of two metrics of the file, by its segments."""
    if not (args.numerator and args.denominator and before and after):
        raise DataError(
            "A ratio of metrics needs both metrics and both periods.",
            "Give --numerator, --denominator, --before and --after.",
        )
    _in_order(before, after)
    dataset = common.load(args, slots.METRICS)
    return mix_rate.from_metrics(dataset, args.numerator, args.denominator, before, after)


def _of_events(
    args: argparse.Namespace, before: mix_rate.Period | None, after: mix_rate.Period | None, days: Calendar
) -> mix_rate.MixResult:
    """The share of people who went on from one event to another, by a column of the file."""
    dataset = common.load(args, slots.EVENTS)
    start, finish = _compared(args, dataset)
    if not (before and after):
        months = quicksand.months(dataset, days, args.window_days)
        if len(months) < 2:
            raise DataError("The file does not cover two whole months.", "Give --before and --after.")
        before, after = before or months[0], after or months[-1]
    _in_order(before, after)
    by, window = args.by or "channel", args.window_days
    return mix_rate.from_events(
        dataset, start, finish, before, after, by=by, window_days=window, calendar=days
    )


def _compared(args: argparse.Namespace, dataset: Dataset) -> tuple[str, str]:
    """The first event and the one that counts as converted; both, and the segments' column, have to be there."""
    columns = [column.name for column in dataset.columns]
    if args.by and args.by not in columns:
        raise DataError(f"The file has no column “{args.by}”.", f"Choose --by among: {', '.join(columns)}.")
    names = quicksand.kinds(dataset)
    known = quicksand.steps(names) or ("", "")
    start, finish = args.start or known[0], args.finish or known[1]
    for name in (start, finish):
        if name not in names:
            raise DataError(
                f"The file has no event “{name}”." if name else "The events to compare are not known.",
                f"Choose --start and --finish among: {', '.join(names[:12])}.",
            )
    return start, finish


def _in_order(before: mix_rate.Period, after: mix_rate.Period) -> None:
    """Refuse periods that are the wrong way round or share days: each day would count on both sides."""
    if before.last >= after.first:
        raise DataError(
            "The earlier period does not end before the later one begins.",
            "Give --before the earlier period and --after the later one.",
        )


def _answer(found: mix_rate.MixResult) -> dict[str, Any]:
    """The agreed columns first, everything else behind them; the whole is segment `all`."""
    whole = answer(found)
    whole["rows"] = [
        {**{name: row[name] for name in SHOWN}, **{k: v for k, v in row.items() if k not in SHOWN}}
        for row in whole["rows"]
    ]
    return whole
