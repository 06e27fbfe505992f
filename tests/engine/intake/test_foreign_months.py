"""Months named in another language as the heads of a wide table, and times whose column says its zone."""

from __future__ import annotations

from pathlib import Path

from lib.engine import intake, query
from lib.engine.contracts import recognition

MONTHS = ("Jan 2025", "Feb 2025", "Mrz 2025", "Apr 2025", "Mai 2025", "Jun 2025", "Jul 2025", "Aug 2025", "Sep 2025",
          "Okt 2025", "Nov 2025", "Dez 2025")  # fmt: skip


def test_a_wide_table_with_german_months_is_taken_in_without_mapping(tmp_path: Path) -> None:
    path = tmp_path / "Kennzahlen.csv"
    rows = [
        ";".join(["Leads", *(str(400 + n) for n in range(12))]),
        ";".join(["Neukunden", *(f"{n},5" for n in range(12))]),
    ]
    path.write_text("\n".join([";".join(["Kennzahl", *MONTHS]), *rows]) + "\n", encoding="utf-8-sig")
    reading = intake.read(path)
    best = recognition.recognise(reading)[0]
    assert (best.contract, dict(best.mapping), best.missing) == ("metrics_wide", {"metric": "Kennzahl"}, ())
    data = intake.accept(reading, best.contract, dict(best.mapping), home=tmp_path / "home")
    sql = "SELECT CAST(date AS VARCHAR) AS day, value FROM metrics WHERE metric = 'Leads' ORDER BY date"
    found = [tuple(row) for row in query.query(sql, {"metrics": data}).rows]
    assert found == [(f"2025-{n + 1:02d}-01", 400 + n) for n in range(12)]


def test_a_column_of_times_that_names_its_zone_is_the_time(tmp_path: Path) -> None:
    path = tmp_path / "game.csv"
    rows = [f"p{n % 9},level_complete,2026-05-01T10:{n:02d}:00Z,unity_ads" for n in range(40)]
    path.write_text(
        "player_id,event_name,event_time_utc,media_source\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    best = recognition.recognise(intake.read(path))[0]
    assert best.contract == "events"
    assert best.mapping["timestamp"] == "event_time_utc"
