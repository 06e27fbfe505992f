"""Contracts of `python -m lib audit` and `python -m lib mix` on small files: planted leads, odd segments, mistakes."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lib.__main__ import main


def _json(capsys: pytest.CaptureFixture[str], *argv: str) -> dict:
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _file(path: Path, rows: Sequence[Sequence[object]], header: str = "date,metric,value") -> str:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header.split(","), *rows])
    return str(path)


def _company(weeks: int, *, daily: bool) -> list[tuple[str, str, float]]:
    """Whitepaper downloads lead trial signups by two weeks; visits and revenue share only their season."""
    rng, first = np.random.default_rng(7), dt.date(2024, 1, 1)
    at = np.arange(weeks)
    season = 1 + 0.3 * np.sin(2 * np.pi * at / 52.18)
    move = rng.normal(size=weeks + 2)
    series = {
        "Whitepaper downloads": 700 + 70 * move[2:],
        "Trial signups": 900 + 70 * move[:weeks] + 40 * rng.normal(size=weeks),
        "Website visits": 9000 * season * (1 + 0.004 * at) + 300 * rng.normal(size=weeks),
        "Revenue": 50_000 * season * (1 + 0.006 * at) + 2000 * rng.normal(size=weeks),
    }
    weekday = np.array([1.4, 1.3, 1.2, 1.1, 1.0, 0.6, 0.4]) / 7
    out: list[tuple[str, str, float]] = []
    for name, values in series.items():
        for week, value in enumerate(values):
            day = first + dt.timedelta(days=7 * week)
            parts = weekday if daily else np.array([1.0])
            out += [
                (str(day + dt.timedelta(days=i)), name, round(float(value * share), 2))
                for i, share in enumerate(parts)
            ]
    return out


@pytest.mark.parametrize("daily", [False, True])
def test_the_planted_lead_is_the_only_one_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], daily: bool
) -> None:
    found = _json(capsys, "audit", _file(tmp_path / "m.csv", _company(120, daily=daily)))
    assert set(found) >= {"metrics", "links", "findings"}
    assert [
        set(link) >= {"process", "outcome", "lag_weeks", "r", "p_adjusted"} for link in found["links"]
    ] == [True]
    (link,) = found["links"]
    assert (link["process"], link["outcome"], link["lag_weeks"]) == (
        "Whitepaper downloads",
        "Trial signups",
        2,
    )
    assert link["r"] > 0.6
    assert link["p_adjusted"] < 0.05


def test_gaps_constants_and_two_points_are_borne(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[tuple[str, str, object]] = [row for i, row in enumerate(_company(120, daily=False)) if i % 11]
    rows += [("2024-01-01", "Churn rate", 3.0), ("2024-01-08", "Churn rate", 3.1)]
    rows += [(day, "Seats", 5.0) for day, name, _ in _company(120, daily=False) if name == "Revenue"]
    found = _json(capsys, "audit", _file(tmp_path / "m.csv", rows))
    assert [(link["process"], link["lag_weeks"]) for link in found["links"]] == [("Whitepaper downloads", 2)]
    assert {metric["series"] for metric in found["metrics"]} >= {"Churn rate", "Seats"}


def test_one_value_and_one_metric(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "audit", _file(tmp_path / "m.csv", [("2024-01-01", "Signups", 3)]))
    assert found["links"] == []
    assert len(found["metrics"]) == 1


SEGMENTS = {
    "2026-04-15": {"a": (100, 20), "b": (50, 25), "d": (0, 0), "e": (0, 0), "f": (0, 3)},
    "2026-07-15": {"a": (300, 30), "c": (40, 4), "d": (10, 5), "e": (0, 0)},
}
MIX = ("--numerator", "payers", "--denominator", "trials", "--before", "2026-Q2", "--after", "2026-Q3")


def _mix_file(path: Path) -> str:
    rows = [(day, metric, value, segment) for day, parts in SEGMENTS.items() for segment, (trials, payers) in parts.items()
            for metric, value in (("trials", trials), ("payers", payers))]  # fmt: skip
    return _file(path, rows, "date,metric,value,segment")


def test_mix_and_rate_add_up_whatever_comes_and_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _json(capsys, "mix", _mix_file(tmp_path / "m.csv"), *MIX)
    *parts, whole = found["rows"]
    assert list(whole)[:4] == ["segment", "mix_effect", "rate_effect", "total_effect"]
    assert whole["segment"] == "all"
    assert whole["total_effect"] == pytest.approx(39 / 350 - 48 / 150, abs=1e-12)
    for name in ("mix_effect", "rate_effect", "total_effect"):
        assert sum(row[name] for row in parts) == pytest.approx(whole[name], abs=1e-12)
    only = {row["segment"]: row for row in parts}
    assert only["b"]["rate_effect"] == 0  # gone: all of it is mix
    assert only["f"]["total_effect"] == pytest.approx(-3 / 150)  # payers of nobody's trials


@pytest.mark.parametrize(("argv", "words"), [
    (("--numerator", "nope", *MIX[2:]), "no metric “nope”"), ((*MIX[:6], "--after", "2027-Q3"), "nothing to read in Q3 2027"),
    ((*MIX[:4], "--before", "2026-Q9", *MIX[6:]), "is not a period"), (MIX[:2], "both metrics and both periods"),
])  # fmt: skip
def test_mistakes_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: str
) -> None:
    assert main(["mix", _mix_file(tmp_path / "m.csv"), *argv, "--json"]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
