"""The event commands as scripts use them: agreed fields in order, only JSON on stdout, mistakes in one line and exit 2."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pytest

from lib import __main__ as program
from lib.analysis.events.funnel import MAX_STEPS
from tests.analysis import brute_force as plain

FIELDS = {
    "funnel": "segment, step, users, conversion_rate, step_conversion_rate, ci_low, ci_high, median_hours, "
              "immature_users",
    "retention": "cohort, period, users, retained, rate, is_mature",
    "attribution": "channel, model, conversions, share",
    "ltv": "cohort, segment, period, customers, revenue_per_customer, is_mature",
    "handoff": "event, reach, precision, recall, lift, rate_ratio, ci_low, ci_high, is_gate",
    "growth": "period, active, new, retained, resurrected, churned, quick_ratio",
    "mix": "segment, mix_effect, rate_effect, total_effect",
}  # fmt: skip
OPTIONS = {
    "funnel": ["--steps", "visit,signup,paid", "--by", "channel"], "retention": ["--period", "week"],
    "attribution": ["--conversion", "paid", "--touches", "visit,signup"], "ltv": ["--by", "channel"],
    "handoff": ["--outcome", "paid"], "growth": ["--period", "week"],
    "mix": ["--start", "visit", "--finish", "signup", "--before", "2026-01", "--after", "2026-02"],
}  # fmt: skip
COLUMNS = "user_id=Who,event=What,timestamp=When,channel=Source,revenue=Amount"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[plain.Event]]:
    """A file with other headers, an offset in its times, doubled rows, and rows nobody can use; what is left of it."""
    rng, kept, lines = random.Random(5), [], ["Who,What,When,Source,Amount"]
    start = dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))

    def add(user: str, kind: str, hours: int, channel: str, amount: int | None = None) -> None:
        at = start + dt.timedelta(hours=hours)
        line = f"{user},{kind},{at.isoformat()},{channel},{amount or ''}"
        for _ in range(1 + (rng.random() < 0.05)):
            lines.append(line)
            kept.append((user, kind, int(at.timestamp()), channel or None, float(amount) if amount else None))

    for i in range(150):
        born, channel = rng.randrange(60 * 24), rng.choice(["ads", "mail", "", "seo"])
        add(f"u{i}", "visit", born, channel)
        if rng.random() < 0.6:
            signed = born + rng.choice([0, 24, 14 * 24, rng.randrange(400)])
            add(f"u{i}", "signup", signed, channel)
            if rng.random() < 0.6:
                add(
                    f"u{i}",
                    "paid",
                    signed + rng.choice([0, 30 * 24, rng.randrange(300)]),
                    channel,
                    rng.randrange(9, 90),
                )
    lines += [",visit,2026-02-01T00:00:00Z,ads,", "u1,,2026-02-01T00:00:00Z,ads,", "u2,visit,,ads,",
              "u3,visit,yesterday,ads,"]  # fmt: skip
    path = tmp_path_factory.mktemp("cli") / "company.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, kept


def asked(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = program.main(list(argv))
    told = capsys.readouterr()
    return code, told.out, told.err


def answered(capsys: pytest.CaptureFixture[str], name: str, path: Path, *more: str) -> dict[str, Any]:
    code, out, err = asked(capsys, name, str(path), "--columns", COLUMNS, *(more or OPTIONS[name]), "--json")
    assert code == 0, err
    assert "4 rows of company.csv cannot be used" in err
    return json.loads(out)


@pytest.mark.parametrize("name", FIELDS)
def test_agreed_fields_come_first_and_in_order(
    company: tuple[Path, list[plain.Event]], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    found = answered(capsys, name, company[0])
    assert {"rows", "verdict", "evidence"} <= set(found)
    wanted = FIELDS[name].split(", ")
    assert found["rows"]
    for row in found["rows"]:
        assert [key for key in row if key in wanted] == wanted
    assert found["verdict"]["text"]
    assert found["evidence"]["sql"]
    assert found["evidence"]["rows_read"] == len(company[1])


def test_numbers_are_those_of_plain_python(
    company: tuple[Path, list[plain.Event]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, events = company
    steps = ["visit", "signup", "paid"]
    wanted = plain.funnel(events, steps, 14 * plain.DAY, "any", [None, None])
    for row in answered(capsys, "funnel", path)["rows"]:
        assert (row["users"], row["immature_users"], row["median_hours"]) == wanted[
            row["segment"], row["position"]
        ]
    cohorts = plain.retention(events, "week", "bounded", "", "", "UTC", "monday")
    for row in answered(capsys, "retention", path)["rows"]:
        assert (row["users"], row["retained"], row["is_mature"]) == cohorts[row["cohort"], row["period"]]
    credit, conversions = plain.attribution(
        events, "paid", ["visit", "signup"], 30 * plain.DAY, 7 * plain.DAY
    )
    rows = answered(capsys, "attribution", path)["rows"]
    for row in rows:
        assert row["conversions"] == pytest.approx(credit.get((row["channel"], row["model"]), 0), abs=1e-6)
    assert sum(row["conversions"] for row in rows if row["model"] == "removal") == pytest.approx(conversions)
    scored = plain.handoff(events, "paid", 30 * plain.DAY)
    for row in answered(capsys, "handoff", path)["rows"]:
        assert (row["reach"], row["converted"]) == (
            scored[row["event"]]["reach"],
            scored[row["event"]]["converted"],
        )
    mix = answered(capsys, "mix", path)["rows"]
    whole = next(row for row in mix if row["segment"] == "all")
    parts = [row for row in mix if row["segment"] != "all"]
    assert sum(row["total_effect"] for row in parts) == pytest.approx(
        whole["after_rate"] - whole["before_rate"]
    )
    assert all(row["total_effect"] == pytest.approx(row["mix_effect"] + row["rate_effect"]) for row in mix)


@pytest.mark.parametrize(("name", "options", "words"), [
    ("funnel", ["--steps", "visit,nope"], "No event is called 'nope'"),
    ("funnel", ["--steps", "visit"], "between two and"),
    ("funnel", ["--steps", ""], "between two and"),
    ("funnel", ["--steps", ",".join(["visit", "signup"] * 30)], f"between two and {MAX_STEPS} steps, not 60"),
    ("funnel", ["--steps", "visit,paid", "--window-days", "0"], "longer than zero"),
    ("funnel", ["--steps", "visit,paid", "--window-days", "-3"], "longer than zero"),
    ("funnel", ["--steps", "visit,paid", "--window-days", "nan"], "longer than zero"),
    ("funnel", ["--steps", "visit,paid", "--window-days", "two"], "--window-days"),
    ("funnel", ["--steps", "visit,paid", "--step-window-days", "x"], "“x” in --step-window-days"),
    ("funnel", ["--steps", "visit,paid", "--step-window-days", "1,2"], "more step windows than steps"),
    ("funnel", ["--steps", "visit,paid", "--by", "nope"], "has no column 'nope'"),
    ("funnel", ["--steps", "visit,paid", "--entry", "last"], "--entry"),
    ("funnel", [], "--steps"),
    ("retention", ["--period", "day"], "--period"),
    ("retention", ["--return-event", "nope"], "No event is called 'nope'"),
    ("retention", ["--calendar-zone", "Mars"], "no time zone called 'Mars'"),
    ("attribution", ["--conversion", "nope"], "No event is called 'nope'"),
    ("attribution", ["--conversion", "paid", "--touches", "nope"], "No event is called 'nope'"),
    ("attribution", ["--conversion", "paid", "--lookback-days", "-1"], "longer than zero"),
    ("attribution", ["--conversion", "paid", "--models", "magic"], "no attribution model called 'magic'"),
    ("ltv", ["--by", "nope"], "has no column 'nope'"),
    ("ltv", ["--margin", "2"], "gross margin"),
    ("handoff", ["--outcome", "nope"], "No event is called 'nope'"),
    ("handoff", ["--outcome", "paid", "--horizon-days", "0"], "longer than zero"),
    ("growth", ["--period", "year"], "--period"),
    ("mix", ["--start", "nope", "--finish", "paid"], "no event “nope”"),
])  # fmt: skip
def test_a_mistake_is_one_line_and_exit_2(
    company: tuple[Path, list[plain.Event]],
    capsys: pytest.CaptureFixture[str],
    name: str,
    options: list[str],
    words: str,
) -> None:
    code, out, err = asked(capsys, name, str(company[0]), "--columns", COLUMNS, *options, "--json")
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_a_command_that_does_not_exist_is_a_mistake_too(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in ([], ["funel"]):
        code, out, err = asked(capsys, *argv)
        assert (code, out) == (2, "")
        assert len(err.strip().splitlines()) == 1
