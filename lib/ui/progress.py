"""How far a team is with each step: untouched, in progress, decided. Read from the answers alone, so it costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lib.framework import metric_kinds, step_ids
from lib.workbook.model import Workbook

State = Literal["untouched", "in progress", "decided"]
MARKS: dict[State, tuple[str, str, str]] = {  # icon, colour, word
    "untouched": (":material/radio_button_unchecked:", "gray", "Not started"),
    "in progress": (":material/clock_loader_40:", "orange", "In progress"),
    "decided": (":material/check_circle:", "green", "Decided"),
}


def state(step: str, book: Workbook) -> State:
    """How far the team is with a step.

    Args:
        step: Address of its page.
        book: The workbook.
    """
    touched, decided = _RULES.get(step, (lambda _: False, lambda _: False))
    if decided(book):
        return "decided"
    return "in progress" if touched(book) else "untouched"


def _handed_over(book: Workbook) -> bool:
    main = book.main_handoff()
    return main is not None and bool(main[1].event and main[1].entry and main[1].exit and main[1].sla_hours)


def _audited(book: Workbook) -> bool:
    kept = [metric for metric in book.metrics.values() if metric.verdict != "drop"]
    sorted_out = [metric for metric in kept if metric.kind != metric_kinds.UNASSIGNED and metric.owners]
    # A register is never quite finished: one stray in ten does not undo the decision.
    return bool(kept) and bool(book.north_star.metric) and len(sorted_out) >= 0.9 * len(kept)


def said(step: str, book: Workbook) -> str:
    """What the team has settled in a step so far, in one line; "" when it has not started.

    Args:
        step: Address of its page.
        book: The workbook.
    """
    teller = _SAID.get(step)
    return teller(book) if teller and state(step, book) != "untouched" else ""


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _data(book: Workbook) -> str:
    used = [ref for ref in book.datasets.values() if ref.fingerprint]
    return f"{_count(len(used), 'file')}, {_count(sum(ref.rows for ref in used), 'row')}"


def _metrics(book: Workbook) -> str:
    kinds = [metric.kind for metric in book.metrics.values()]
    parts = [
        f"{kinds.count(kind)} {kind}"
        for kind in (metric_kinds.PROCESS, metric_kinds.OUTCOME, metric_kinds.SHARED, metric_kinds.UNASSIGNED)
        if kind in kinds
    ]
    star = book.metrics.get(book.north_star.metric)
    return f"{_count(len(kinds), 'metric')}: {', '.join(parts)}" + (
        f". North Star: {star.name}" if star else ""
    )


def _handoff(book: Workbook) -> str:
    main = book.main_handoff()
    if main is None or not main[1].event:
        return f"{_count(len(book.stages), 'journey stage')}, no handoff chosen yet"
    name = main[1].name or main[1].event.replace("_", " ").capitalize()
    within = (
        f", answered within {_hours(main[1].sla_hours)}"
        if main[1].sla_hours
        else ", no time limit agreed yet"
    )
    return f"{main[1].from_owner} hands over to {main[1].to_owner} at {name}{within}"


def _hours(hours: float) -> str:
    return f"{hours / 24:g} days" if hours > 24 and hours % 24 == 0 else _count_of(hours)


def _count_of(hours: float) -> str:
    return "1 hour" if hours == 1 else f"{hours:g} hours"


def _experiments(book: Workbook) -> str:
    decided = sum(bool(item.decision) for item in book.experiments.values())
    tests = _count(len(book.experiments), "experiment")
    return f"{_count(len(book.ideas), 'idea')}, {tests}, {decided} decided"


def _choice(book: Workbook) -> str:
    decision = str(book.stage.get("decision") or "")
    names = {
        "growth": "growth first",
        "product_marketing": "product marketing first",
        "both": "both, integrated",
    }
    if not decision:
        return "Questions answered, no decision yet"
    return f"Decided: {names.get(decision, decision.replace('_', ' '))}"


_SAID: dict[str, Callable[[Workbook], str]] = {
    step_ids.DATA: _data,
    step_ids.METRIC_AUDIT: _metrics,
    step_ids.HANDOFF_MAP: _handoff,
    step_ids.SHARED_EXPERIMENTS: _experiments,
    step_ids.STAGE_CHOICE: _choice,
}

_Rule = Callable[[Workbook], bool]
_RULES: dict[str, tuple[_Rule, _Rule]] = {  # step -> (touched, decided)
    step_ids.DATA: (lambda b: bool(b.datasets), lambda b: any(ref.fingerprint for ref in b.datasets.values())),
    step_ids.METRIC_AUDIT: (lambda b: bool(b.metrics), _audited),
    step_ids.HANDOFF_MAP: (lambda b: bool(b.stages or b.handoffs or b.owns), _handed_over),
    step_ids.SHARED_EXPERIMENTS: (lambda b: bool(b.ideas or b.experiments or b.insights),
                           lambda b: any(e.decision for e in b.experiments.values())),
    step_ids.STAGE_CHOICE: (lambda b: bool(b.stage), lambda b: bool(b.stage.get("decision"))),
    step_ids.TRANSLATION: (lambda b: bool(b.terms or b.rituals),
                    lambda b: bool(b.terms and b.rituals) and all(t.agreed for t in b.terms.values())),
    step_ids.TEAM: (lambda b: bool(b.people or b.skills), lambda b: bool(b.people and b.skills)),
}  # fmt: skip
