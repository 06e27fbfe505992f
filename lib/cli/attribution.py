"""Which channels get the credit for conversions."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.events.attribution import MODELS, attribution
from lib.cli import common
from lib.cli._answer import answer, names
from lib.framework import slots

NAME = "attribution"
HELP = "credit conversions to channels by several models"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --conversion, --touches, --lookback-days, --half-life-days, --models."""
    common.add_file_arguments(parser)
    parser.add_argument("--conversion", required=True, help="event that counts as the conversion")
    parser.add_argument(
        "--touches", default="", metavar="a,b", help="events that count as touches (all others)"
    )
    parser.add_argument(
        "--lookback-days", type=float, default=30, help="how long before a touch still counts (30)"
    )
    parser.add_argument("--half-life-days", type=float, default=7, help="half-life of the decay model (7)")
    parser.add_argument("--models", default=",".join(MODELS), help="which models, separated by commas (all)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the attribution."""
    result = attribution(
        common.load(args, slots.EVENTS),
        args.conversion,
        touches=names(args.touches),
        lookback_days=args.lookback_days,
        half_life_days=args.half_life_days,
        models=names(args.models),
    )
    return answer(result)
