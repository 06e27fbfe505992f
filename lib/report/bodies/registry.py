"""The kinds of slide body, each with what draws it in every writer. A new kind is its module and one line here.

What must not leave is found by walking any body's fields (`lib.report.story.redact`), so a kind has nothing to say about it.
"""

from __future__ import annotations

from lib.report.bodies import chart, decision, map, reasons, table, words
from lib.report.bodies.kind import BodyKind
from lib.report.story.summary_model import Body

KINDS: tuple[BodyKind, ...] = (
    chart.KIND,
    table.KIND,
    reasons.KIND,
    map.KIND,
    decision.KIND,
    words.KIND,
)


def kind_of(body: Body) -> BodyKind:
    """What draws a body.

    Raises:
        LookupError: No kind of that type is listed; a defect of ours.
    """
    for kind in KINDS:
        if isinstance(body, kind.type):
            return kind
    raise LookupError(f"{type(body).__name__} is not listed in lib.report.bodies.registry")
