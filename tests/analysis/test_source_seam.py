"""The seam between analyses and data: nothing in lib/analysis opens where the rows are; one funnel; one kind of first times."""

from __future__ import annotations

import ast
import inspect
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.events import first_event_times, journey
from lib.analysis.events.funnel import funnel
from lib.engine import query
from lib.engine.segments import SEGMENT, segment_ctes, segment_join
from lib.engine.sources.answers import FunnelQuestion
from lib.engine.sources.local import LocalSource
from lib.engine.sources.source import Source
from lib.workbook.model import JourneyStage
from tests.event_tables import dataset_of

ANALYSIS = sorted((Path(__file__).resolve().parents[2] / "lib" / "analysis").rglob("*.py"))
FORBIDDEN = {"duckdb", "pyarrow", "fastparquet"}
BEHIND = ("layout", "kernels", "local", "cursor")
READERS = {"read_parquet", "open_layout", "cursor", "LocalSource"}


def offences(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and node.attr in READERS:
            found.append(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [word for word in ("read_parquet(", "clean.parquet") if word in node.value]
        for name in names:
            parts = name.split(".")
            is_behind = parts[:2] == ["lib", "engine"] and any(part.startswith(BEHIND) for part in parts[2:])
            if is_behind or parts[0] in FORBIDDEN:
                found.append(name)
    return found


@pytest.mark.parametrize("path", ANALYSIS, ids=lambda path: path.stem)
def test_an_analysis_asks_a_source_and_opens_nothing_itself(path: Path) -> None:
    assert not offences(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "code",
    [
        "import duckdb",
        "from lib.engine.layout.event_layout import open_layout",
        "from lib.engine import layout",
        "from lib.engine.kernels import funnel",
        "from lib.engine.sources.local import LocalSource",
        "pandas.read_parquet(path)",
        "SQL = 'SELECT * FROM read_parquet(x)'",
    ],
)
def test_the_check_sees_every_way_round(code: str) -> None:
    assert offences(ast.parse(code))


def test_the_local_source_answers_every_question_of_the_seam() -> None:
    asked = {name for name, _ in inspect.getmembers(Source, inspect.isfunction) if not name.startswith("_")}
    assert len(asked) == 14
    for name in asked:
        wanted, given = (inspect.signature(getattr(kind, name)) for kind in (Source, LocalSource))
        assert wanted == given


def frame_of(seed: int, unit: str) -> pd.DataFrame:
    """Events with ties, missing channels, and times as fine as `unit`, some before 1970."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 200))
    start = pd.Timestamp("1969-12-31 23:59:00" if seed % 3 == 0 else "2024-02-28 22:00:00")
    span = int(rng.integers(1, 2_000_000))
    return pd.DataFrame({
        "user_id": [f"u{i}" for i in rng.integers(0, 1 + n // 4, n)],
        "event": rng.choice(["visit", "Visit", "signup", "paid", "é"], n),
        "timestamp": start.as_unit("us") + pd.to_timedelta(rng.integers(0, span, n), unit=unit),
        "channel": rng.choice(["x", "y", "(none)", None], n),
    })  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_first_times_from_the_layout_equal_their_sql(tmp_path: Path, seed: int, unit: str) -> None:
    data = dataset_of(frame_of(seed, unit), tmp_path)
    found = query.events(data).first_times(64)
    kinds = query.query(
        "SELECT event, COUNT(*) AS events, COUNT(DISTINCT user_id) AS users FROM events "
        "GROUP BY event ORDER BY users DESC, event",
        {"events": data},
    ).rows
    assert (found.kinds, found.events) == (tuple(k[0] for k in kinds), tuple(k[1] for k in kinds))
    picks = "".join(f", MIN(timestamp) FILTER (WHERE event = $k{i}) AS f{i}" for i in range(len(kinds)))
    people = f"SELECT user_id, MIN(timestamp) AS entered, MAX(timestamp) AS last{picks} FROM events GROUP BY user_id"
    got = query.events(data).people(
        f"WITH people AS ({people}), {segment_ctes('channel')} SELECT p.*, {SEGMENT} AS channel "
        f"FROM people p {segment_join('p')} ORDER BY p.user_id",
        {f"k{i}": kind for i, kind in enumerate(found.kinds)},
    )
    for index in range(len(kinds)):
        assert (found.first[:, index] == first_event_times.micros(got[f"f{index}"])).all()
    assert (found.entered == first_event_times.micros(got["entered"])).all()
    assert (found.since, found.until) == (found.entered.min(), first_event_times.micros(got["last"]).max())
    assert [found.channels[code] for code in found.channel] == [str(name) for name in got["channel"]]


def test_only_the_widest_kinds_are_kept_and_nobody_is_nobody(tmp_path: Path) -> None:
    data = dataset_of(frame_of(1, "s"), tmp_path)
    assert query.events(data).first_times(2).kinds == query.events(data).first_times(64).kinds[:2]
    empty = dataset_of(frame_of(1, "s").iloc[:0], tmp_path)
    assert query.events(empty).first_times(64).people == 0


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("unit", ["s", "us"])
def test_the_journey_is_the_funnel_with_fresh_entry(tmp_path: Path, seed: int, unit: str) -> None:
    data = dataset_of(frame_of(seed, unit), tmp_path)
    names = [kind for kind in ("visit", "signup", "paid") if kind in first_event_times.load(data).kinds]
    days = float(np.random.default_rng(seed).choice([1e-5, 0.01, 1, 30]))
    flows, table = journey.flow(
        data, [(name, JourneyStage(events=(name,))) for name in names], window_days=days
    )
    for row, (here, there) in enumerate(itertools.pairwise(names)):
        end = funnel(data, [here, there], window_days=days, entry="fresh").rows
        mature = end[0]["users"] - end[0]["immature_users"]
        assert (flows[here].mature, flows[here].moved_on) == (
            mature,
            end[1]["users"] - end[1]["immature_users"],
        )
        shown = table.records()[row]
        for column in ("step_conversion_rate", "ci_low", "ci_high", "median_hours"):
            assert end[1][column] == shown[column] or (end[1][column] is None and not flows[here].moved_on)


@pytest.mark.parametrize("seed", range(24))
def test_a_funnel_with_fresh_entry_equals_its_sql(tmp_path: Path, seed: int) -> None:
    frame = frame_of(seed, "us" if seed % 2 else "s")
    data = dataset_of(frame[frame["channel"] != "(none)"], tmp_path)
    rng = np.random.default_rng(seed)
    kinds = list(first_event_times.load(data).kinds)
    if len(kinds) < 2:
        return
    steps = [str(kind) for kind in rng.permutation(kinds)[: rng.integers(2, 5)]]
    days = float(rng.choice([1e-5, 0.01, 1, 30]))
    gaps = [None if rng.random() < 0.5 else days / 3 for _ in steps[1:]]
    for by in ("", "channel"):
        result = funnel(data, steps, window_days=days, entry="fresh", by=by, step_window_days=gaps)
        table = result.evidence[0]
        wanted = {
            row[:2]: row[2:] for row in query.query(table.sql, {"events": data}, dict(table.params)).rows
        }
        found = {(row["segment"], row["position"]): row for row in result.rows if row["users"]}
        assert found.keys() == wanted.keys()
        for key, (users, immature, seconds) in wanted.items():
            row = found[key]
            assert (row["users"], row["immature_users"]) == (users, immature)
            if key[1] > 1:
                assert row["median_hours"] == (None if seconds is None else pytest.approx(seconds / 3600))


@pytest.mark.parametrize("entry", ["any", "first", "fresh"])
@pytest.mark.parametrize("seed", range(6))
def test_a_step_of_several_events_is_any_of_them(tmp_path: Path, entry: str, seed: int) -> None:
    frame = frame_of(seed, "s")
    merged = frame.assign(event=frame["event"].replace("Visit", "visit"))
    kinds = set(frame["event"])
    if not {"visit", "Visit", "paid"} <= kinds:
        return
    several = FunnelQuestion((("visit", "Visit"), ("paid",)), 1, (0.5,), entry, "channel", 2)
    one = FunnelQuestion((("visit",), ("paid",)), 1, (0.5,), entry, "channel", 2)
    found = query.events(dataset_of(frame, tmp_path)).funnel(several)
    wanted = query.events(dataset_of(merged, tmp_path)).funnel(one)
    assert (found.segments, found.median_hours) == (wanted.segments, wanted.median_hours)
    assert (found.users == wanted.users).all()
    assert (found.immature == wanted.immature).all()
