"""Which event tells that a user is on the way to the outcome."""

from __future__ import annotations

import argparse
from typing import Any

from lib.analysis.events import journey
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
    dataset = common.load(args, slots.EVENTS)
    result = handoff(dataset, args.outcome, horizon_days=args.horizon_days)
    return answer(result) | {
        "recommended": list(result.recommended),
        "gates": list(result.gates),
        "journey": _journey(journey.propose(dataset)),
    }


def _journey(proposal: journey.Proposal) -> dict[str, Any]:
    """The stages that are sure, and what has to be asked about the others."""
    stages = [
        {"id": item.id, "name": item.stage.name, "any_of": list(item.stage.events), "reason": item.reason}
        for item in proposal.stages
    ]
    return {"stages": stages, "questions": [question.as_json() for question in proposal.questions]}
