"""The answer slide says a thing once: a finding that repeats its step's verdict is left to its own page."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from lib.analysis.handoff.handoff_map import handoff_map
from lib.report.story.inputs import Inputs, StepChapter
from lib.report.story.slides.answer import answer
from lib.report.story.summary_model import ReasonsBody
from lib.workbook.model import Workbook
from tests.analysis.journey_tables import events


def test_proposed_stages_are_counted_once(tmp_path: Path) -> None:
    rows = [(f"u{n}", event, n / 40 + hours / 24) for n in range(400)
            for event, hours in (("visit", 0), ("signup", 2), ("paid", 60))[: 1 + n % 3]]  # fmt: skip
    result = handoff_map(Workbook(), {"events": events(tmp_path, rows)}, today=dt.date(2026, 11, 22))
    assert result.verdict.code == "proposed"
    assert "stages_proposed" in [finding.code for finding in result.findings]
    message = answer(
        Inputs(Workbook(), {"handoff_map": StepChapter("handoff_map", result)}, dt.date(2026, 11, 22))
    )  # type: ignore[arg-type]
    assert message is not None
    assert isinstance(message.body, ReasonsBody)
    said = " ".join(getattr(reason.text, "text", str(reason.text)) for reason in message.body.reasons)
    assert said.count("from your events") == 1, said
    assert "recognised in your events" not in said
