"""What the events leave open about the journey: one question for each stage that is not sure, answered by one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.analysis.events import event_names, words
from lib.analysis.events.first_event_times import NEVER, FirstTimes
from lib.analysis.events.outcome import share_first
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence, Scalar
from lib.framework import slots
from lib.workbook.model import JourneyStage

COLUMNS = ("event", "people", "both", "first_share", "later_share", "before_share")


@dataclass(frozen=True)
class Placement:
    """A stage to put into the journey.

    Attributes:
        id: Its id; one that is there already gets these events.
        stage: The stage.
        after: Id of the stage it follows; "" at the beginning.
    """

    id: str
    stage: JourneyStage
    after: str = ""


@dataclass(frozen=True)
class StageOption:
    """One answer.

    Attributes:
        label: What it says.
        put: What it puts into the journey; None where it changes nothing.
    """

    label: str
    put: Placement | None = None


@dataclass(frozen=True)
class StageQuestion:
    """One question about the journey.

    Attributes:
        id: Stable name.
        text: The question, with its numbers written.
        options: Its answers; the first changes nothing and holds until another is given.
        evidence: What it was read from.
    """

    id: str
    text: str
    options: tuple[StageOption, ...]
    evidence: Evidence

    def as_json(self) -> dict[str, object]:
        """For the command line."""
        return {"id": self.id, "question": self.text, "options": [option.label for option in self.options]}


def step_question(events: Dataset, first_times: FirstTimes, outcome: str, put: Placement) -> StageQuestion:
    """Whether an event is a step on the way or use of the product.

    Args:
        events: Where it was read.
        first_times: First times.
        outcome: The outcome event.
        put: The stage it would be.
    """
    kinds = put.stage.events
    table = _table(events, first_times, kinds, [outcome])
    facts = {
        "event": event_names.quoted(kinds[0]),
        "outcome": event_names.quoted(outcome),
        "people": table.fact(0, "people", "count"),
        "before": table.fact(0, "before_share", "percent"),
    }
    options = (StageOption(words.NO_STAGE.text), StageOption(words.A_STAGE.text, put))
    return StageQuestion(f"step.{put.id}", words.IS_IT_A_STEP.write(**facts), options, table)


def order_question(
    events: Dataset, first_times: FirstTimes, others: Sequence[str], put: Placement, other: str
) -> StageQuestion:
    """Where a stage lies that most people pass on the other side of another one than it usually lies.

    Args:
        events: Where it was read.
        first_times: First times.
        others: Events of the other stage.
        put: The stage, before the other one.
        other: Id of the other one.
    """
    kinds = put.stage.events
    table = _table(events, first_times, kinds, others)
    is_before = float(str(table.rows[0][COLUMNS.index("first_share")])) >= 0.5
    names = {"a": _listed(kinds), "b": _listed(others)}
    facts = {
        "a": names["a"] if is_before else names["b"],
        "b": names["b"] if is_before else names["a"],
        "both": table.fact(0, "both", "count"),
        "share": table.fact(0, "first_share" if is_before else "later_share", "percent"),
    }
    options = (
        StageOption(words.NO_STAGE.text),
        StageOption(words.BEFORE.write(other=names["b"]), put),
        StageOption(words.AFTER.write(other=names["b"]), Placement(put.id, put.stage, other)),
    )
    return StageQuestion(f"order.{put.id}", words.WHICH_ORDER.write(**facts), options, table)


def outcome_question(
    events: Dataset, first_times: FirstTimes, outcome: str, rival: str, put: Placement
) -> StageQuestion:
    """Which of two events is the outcome.

    Args:
        events: Where it was read.
        first_times: First times.
        outcome: The event proposed.
        rival: The other one.
        put: The stage with the other one.
    """
    table = _table(events, first_times, [outcome], [rival])
    other = _table(events, first_times, [rival], [outcome])
    facts = {
        "a": event_names.quoted(outcome),
        "b": event_names.quoted(rival),
        "people": table.fact(0, "people", "count"),
        "others": other.fact(0, "people", "count"),
    }
    options = (
        StageOption(words.IS_OUTCOME.write(event=event_names.quoted(outcome))),
        StageOption(words.IS_OUTCOME.write(event=event_names.quoted(rival)), put),
    )
    return StageQuestion("outcome", words.WHICH_OUTCOME.write(**facts), options, table)


def _listed(kinds: Sequence[str]) -> str:
    """Up to three events in quotation marks."""
    return ", ".join(event_names.quoted(kind) for kind in kinds[:3])


def _table(events: Dataset, first_times: FirstTimes, kinds: Sequence[str], others: Sequence[str]) -> Evidence:
    """People of some events, people who also did others, and who did which first."""
    at, other = first_times.of(kinds), first_times.of(others)
    share, both = share_first(at, other)
    there = other != NEVER
    before = float((at[there] <= other[there]).mean()) if there.any() else None
    row: tuple[Scalar, ...] = (", ".join(kinds), int((at != NEVER).sum()), both, share, 1 - share, before)
    return query.evidence(
        words.QUESTION_TABLE.text,
        words.QUESTION_TABLE.means,
        "SELECT user_id, event, MIN(timestamp) AS first_at FROM events GROUP BY user_id, event",
        {slots.EVENTS: events},
        {"these": ", ".join(kinds), "others": ", ".join(others)},
        rows=[row],
        columns=COLUMNS,
    )
