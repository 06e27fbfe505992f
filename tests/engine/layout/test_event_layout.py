"""The event layout: what it holds, rebuilding, many kinds, concurrent builders."""

from __future__ import annotations

import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.engine.datasets.dataset import Dataset
from lib.engine.layout.event_layout import open_layout
from lib.errors import DataError, NotFoundError
from tests.event_tables import dataset_of, events

SPAWN = multiprocessing.get_context("spawn")  # a fork would copy DuckDB's locks without its threads
ROWS = [
    ("b", "signup", "2026-01-02 00:00:00", "ads"),
    ("a", "visit", "2026-01-01 00:00:00", "mail"),
    ("a", "visit", "2026-01-01 00:00:00", "ads"),
    ("b", "visit", "2026-01-01 12:00:00", None),
    ("a", "signup", "2026-01-03 00:00:00", "mail"),
    ("c", "visit", "2026-01-04 00:00:00", None),
]


def small(folder: Path) -> Dataset:
    return events(ROWS, folder, "user_id event timestamp channel")


def test_keys_are_sorted_runs_of_kind_user_and_time(tmp_path: Path) -> None:
    layout = open_layout(small(tmp_path))
    assert (layout.kinds, layout.channels, layout.users, layout.rows) == (
        ("signup", "visit"),
        ("ads", "mail"),
        3,
        6,
    )
    visits = layout.events_of("visit")
    assert layout.user_of(visits).tolist() == [0, 0, 1, 2]
    assert (layout.time_of(visits) * layout.unit_ms / 3_600_000).tolist() == [0, 0, 12, 72]
    channels = layout.channels_of("visit")
    assert channels is not None
    assert channels.tolist() == [0, 1, 2, 2]
    assert layout.user_of(layout.firsts_of("visit")).tolist() == [0, 1, 2]


def test_acquisition_channel_is_of_the_earliest_event_that_has_one_and_ties_go_by_name(
    tmp_path: Path,
) -> None:
    codes, names = open_layout(small(tmp_path)).segment("channel")
    assert [names[code] for code in codes] == ["ads", "ads", "(none)"]


def test_any_text_column_can_be_a_segment(tmp_path: Path) -> None:
    rows = [
        (*row, plan) for row, plan in zip(ROWS, ["pro", "free", "basic", "free", "pro", None], strict=True)
    ]
    data = events(rows, tmp_path, "user_id event timestamp channel plan")
    for _ in range(2):  # computed, then read back
        codes, names = open_layout(data).segment("plan")
        assert [names[code] for code in codes] == ["basic", "free", "(none)"]
    with pytest.raises(DataError, match="no column 'nope'"):
        open_layout(data).segment("nope")


def test_a_damaged_missing_or_stale_layout_is_built_again(tmp_path: Path) -> None:
    data = small(tmp_path)
    folder = open_layout(data).folder
    before = np.array(open_layout(data).keys)
    for harm in ("folder", "keys.npy", "layout.json"):
        if harm == "folder":
            shutil.rmtree(folder)
        elif harm == "keys.npy":
            (folder / harm).write_bytes(b"nothing")
        else:
            (folder / harm).unlink()
        data = replace(data, folder=data.folder.rename(data.folder.with_name(data.folder.name + "x")))
        folder = open_layout(data).folder
        assert np.array_equal(open_layout(data).keys, before)
    assert not list(data.folder.glob("*building*"))
    assert not list(data.folder.glob("*gone*"))


def test_what_older_versions_left_is_removed_and_the_rest_stays(tmp_path: Path) -> None:
    data = small(tmp_path)
    folder = open_layout(data).folder
    old, report = data.folder / "layout-v0", data.folder / "layout-notes"
    for other in (old, report):
        other.mkdir()
        (other / "keys.npy").write_bytes(b"old")
    for name in ("activity-week.npy", "cells-0123.npy"):
        (folder / name).write_bytes(b"old")
    open_layout(data).segment("event")
    kept = sorted(path.name for path in folder.glob("segment-*"))
    assert kept
    data = replace(data, folder=data.folder.rename(data.folder.with_name(data.folder.name + "x")))
    fresh = open_layout(data)
    names = {path.name for path in fresh.folder.iterdir()}
    assert not {name for name in names if name.startswith(("activity-", "cells-"))}
    assert set(kept) | {"keys.npy", "layout.json"} <= names
    assert [path.name for path in sorted(data.folder.glob("layout-*"))] == [report.name, fresh.folder.name]


def test_more_kinds_than_a_mask_has_bits(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "user_id": [f"u{i % 7}" for i in range(900)],
            "event": [f"kind {i % 300}" for i in range(900)],
            "timestamp": pd.Timestamp("2026-01-01") + pd.to_timedelta(range(900), unit="s"),
        }
    )
    layout = open_layout(dataset_of(frame, tmp_path))
    assert len(layout.kinds) == 300
    assert all(len(layout.events_of(kind)) == 3 for kind in layout.kinds)


def test_a_range_too_long_for_milliseconds_is_read_in_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lib.engine.layout import build

    monkeypatch.setattr(build, "bits", lambda users: 27)
    rows = [("a", "x", "1990-01-01 00:00:00.900"), ("b", "x", "2026-01-01 00:00:01.100")]
    layout = open_layout(events(rows, tmp_path))
    assert layout.unit_ms == 1000
    assert layout.time_of(layout.events_of("x")).tolist() == [0, 13_149 * 86_400 + 1]


def test_not_events_empty_and_vanished_are_told_in_words(tmp_path: Path) -> None:
    frame = pd.DataFrame({"user_id": ["a"], "plan": ["pro"]})
    with pytest.raises(DataError, match="not a list of events"):
        open_layout(dataset_of(frame, tmp_path))
    with pytest.raises(DataError, match="no row"):
        open_layout(events([(None, "x", "2026-01-01")], tmp_path))
    data = small(tmp_path / "gone")
    shutil.rmtree(data.folder)
    with pytest.raises(NotFoundError, match="no longer there"):
        open_layout(data)
    with pytest.raises(DataError, match="No event is called 'buy'"):
        open_layout(small(tmp_path)).code("buy")


def _count(data: Dataset) -> int:
    return len(open_layout(data).keys)


def test_many_builders_at_once_leave_one_good_layout(tmp_path: Path) -> None:
    data = small(tmp_path)
    with ThreadPoolExecutor(8) as threads, ProcessPoolExecutor(2, SPAWN) as processes:
        jobs = [threads.submit(_count, data) for _ in range(8)] + [
            processes.submit(_count, data) for _ in range(2)
        ]
        assert {job.result() for job in jobs} == {6}
    assert [path.name for path in data.folder.glob("layout*")] == ["layout-v2"]
