"""A wide table has fewer rows than values: the Data page names both, so that no number stands against another."""

from __future__ import annotations

from pathlib import Path

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.ui.data.used import size


def test_rows_of_the_file_and_values_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "weekly.csv"
    rows = "".join(f"2026-{1 + n // 4:02d}-{1 + 7 * (n % 4):02d},{n},{n * 2},{n * 3}\n" for n in range(26))
    path.write_text("week,visits,signups,paid\n" + rows, encoding="utf-8")
    reading = intake.read(path)
    best = recognition.recognise(reading)[0]
    data = intake.accept(reading, best.contract, dict(best.mapping), home=tmp_path / "home")
    assert size(data) == "26 rows of the file, 78 values (one a metric and date)"
    assert data.source().rows == 26, "evidence counts the rows of the file, as the Data page does"


def test_a_table_with_a_value_a_row_is_counted_in_rows(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = "".join(f"u{n},signup,2026-01-{1 + n:02d} 10:00:00\n" for n in range(20))
    path.write_text("user_id,event,timestamp\n" + rows, encoding="utf-8")
    reading = intake.read(path)
    data = intake.accept(
        reading, "events", dict(recognition.recognise(reading)[0].mapping), home=tmp_path / "home"
    )
    assert size(data) == "20 rows"
