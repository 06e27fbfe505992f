"""Deciding against a table that was locked: one person's decision until a second person agrees by an act of their own.

Names typed by somebody else do not count: whoever acts is whoever is recorded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from lib.errors import NotAllowedError
from lib.workbook.model import Experiment

TOGETHER = 2  # people whose acts make a decision of both teams


@dataclass(frozen=True)
class Signatory:
    """Who acts: the name that others see, and a mark that tells two people of one name (or one under two names) apart.

    >>> Signatory.of("Ann", "ann@example.com") == Signatory.of("Ann", "ann@example.org")
    False
    """

    name: str
    mark: str

    @classmethod
    def of(cls, name: str, identity: str) -> Signatory:
        """Somebody by their address, or by their browser where nobody signs in; only a digest of it is kept."""
        return cls(name, hashlib.sha256(f"decision/{identity}".encode()).hexdigest()[:16])


def is_override(experiment: Experiment, recommended: str, decision: str) -> bool:
    """Whether a decision goes against a table that was locked."""
    return bool(experiment.locked_hash) and decision != recommended


def alone(experiment_id: str, decision: str, reason: str, by: Signatory, on: str) -> list[tuple[str, Any]]:
    """The answers that record an override as one person's.

    Args:
        experiment_id: Its id.
        decision: ship | iterate | stop | escalate.
        reason: Why.
        by: Who acts.
        on: ISO date.

    Raises:
        NotAllowedError: There is no reason.
    """
    if not reason.strip():
        raise NotAllowedError(
            "Deciding against the locked table needs a reason.",
            "Write it in one sentence, or follow the table.",
        )
    head = f"experiments/{experiment_id}"
    return [
        (f"{head}/decision", decision),
        (f"{head}/decision_reason", reason.strip()),
        (f"{head}/decided_by", [by.name]),
        (f"{head}/decided_marks", [by.mark]),
        (f"{head}/decided_on", on),
    ]


def may_agree(experiment: Experiment, who: Signatory) -> bool:
    """Whether an override waits for a second person, and this is one."""
    return len(experiment.decided_marks) == 1 and who.mark not in experiment.decided_marks


def agree(experiment_id: str, experiment: Experiment, by: Signatory) -> list[tuple[str, Any]]:
    """The answers that make an override one of two people.

    Args:
        experiment_id: Its id.
        experiment: As it stands.
        by: Who agrees.

    Raises:
        NotAllowedError: It is their own, or waits for nobody.
    """
    if not may_agree(experiment, by):
        raise NotAllowedError(
            "This decision does not wait for you: it is your own, or two have agreed.",
            "Ask somebody of the other team to agree from their own computer.",
        )
    head = f"experiments/{experiment_id}"
    return [
        (f"{head}/decided_by", [*experiment.decided_by, by.name]),
        (f"{head}/decided_marks", [*experiment.decided_marks, by.mark]),
    ]


def names(experiment: Experiment) -> str:
    """Who decided, in words: an override of one person says so.

    >>> names(Experiment(decided_by=("Ann",), decided_marks=("x",)))
    'Ann alone, against the locked table'
    """
    said = " and ".join(experiment.decided_by) or "nobody named"
    alone_marks = {1: " alone, against the locked table", TOGETHER: ", against the locked table"}
    return said + alone_marks.get(len(experiment.decided_marks), "")
