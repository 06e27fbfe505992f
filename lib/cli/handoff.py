"""Which event tells that a user is on the way to the outcome."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.handoff.scoring import handoff
from lib.cli import common
from lib.cli._answer import answer
from lib.framework import slots

NAME = "handoff"
HELP = "score every event as a sign that the outcome follows"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --outcome, --horizon-days."""
    common.add_file_arguments(parser)
    parser.add_argument("--outcome", required=True, help="event that counts as the outcome")
    parser.add_argument("--horizon-days", type=float, default=30, help="how soon it has to follow (30)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Score the candidates."""
    result = handoff(common.load(args, slots.EVENTS), args.outcome, horizon_days=args.horizon_days)
    return answer(result) | {"recommended": list(result.recommended), "gates": list(result.gates)}
