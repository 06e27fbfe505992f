"""How far a team is with each step: untouched, in progress, decided. Read from the answers alone, so it costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

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
    metrics = book.metrics.values()
    return (
        bool(metrics)
        and bool(book.north_star.metric)
        and all(m.kind != "unassigned" and m.owners for m in metrics)
    )


_Rule = Callable[[Workbook], bool]
_RULES: dict[str, tuple[_Rule, _Rule]] = {  # step -> (touched, decided)
    "data": (lambda b: bool(b.datasets), lambda b: any(ref.fingerprint for ref in b.datasets.values())),
    "metric_audit": (lambda b: bool(b.metrics), _audited),
    "handoff_map": (lambda b: bool(b.stages or b.handoffs or b.owns), _handed_over),
    "shared_experiments": (lambda b: bool(b.ideas or b.experiments or b.insights),
                           lambda b: any(e.decision for e in b.experiments.values())),
    "stage_choice": (lambda b: bool(b.stage), lambda b: bool(b.stage.get("decision"))),
    "translation": (lambda b: bool(b.terms or b.rituals),
                    lambda b: bool(b.terms and b.rituals) and all(t.agreed for t in b.terms.values())),
    "team": (lambda b: bool(b.people or b.skills), lambda b: bool(b.people and b.skills)),
}  # fmt: skip
