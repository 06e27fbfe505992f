"""What stands in where a file is missing: the quick ratio from events; words in finished texts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lib.analysis.kpis.kpis import kpis
from lib.analysis.translation.glossary import in_texts
from lib.workbook.model import Workbook, fold
from tests.analysis.company_tables import table


def _months(folder: Path, kept: int):
    """Forty new people in each of four months; all but `kept` of them are gone in the next."""
    rows = []
    for month in range(1, 5):
        for person in range(40):
            name = f"{month}-{person}"
            rows.append((name, "login", dt.datetime(2026, month, 10, tzinfo=dt.UTC), "", None))
            if person < kept:
                rows += [
                    (name, "login", dt.datetime(2026, m, 10, tzinfo=dt.UTC), "", None)
                    for m in range(month + 1, 6)
                ]
    rows.append(("last", "login", dt.datetime(2026, 5, 31, 23, tzinfo=dt.UTC), "", None))
    return table("events", rows, folder)


def test_the_quick_ratio_is_read_from_events_without_a_customers_file(tmp_path: Path) -> None:
    """By hand, March to May: 40 + 40 + 1 gained; the 40 - 4 of each month before are lost, three times."""
    value = kpis(Workbook(), {"events": _months(tmp_path, kept=4)}).values["quick_ratio"]
    assert value.is_known
    assert value.interval.value == pytest.approx(81 / 108)
    assert value.interval.n == 81 + 108
    assert value.interval.low < value.interval.value < value.interval.high
    assert "customers file" in value.evidence.definition


def test_few_people_give_no_ratio(tmp_path: Path) -> None:
    """Nobody lost: it cannot be told, and it says what is missing."""
    value = kpis(Workbook(), {"events": _months(tmp_path, kept=40)}).values["quick_ratio"]
    assert not value.is_known
    assert "more people" in value.needs


def test_words_with_two_meanings_are_found_in_finished_texts() -> None:
    """Only words that the team took up and has not settled; settled ones are fine."""
    term = {"terms/t/word": "Qualified", "terms/t/marketing": "a form", "terms/t/growth": "a trial"}
    texts = ["Qualified people rose, qualified or not", "nothing here"]
    assert in_texts(fold(term), texts) == {"Qualified": 2}
    assert in_texts(fold({**term, "terms/t/agreed": "a trial"}), texts) == {}
    assert in_texts(Workbook(), texts) == {}
