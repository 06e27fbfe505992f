"""From a CSV file to something that can be asked: ours to the full layout, DuckDB to a plain table."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb

from lib.engine import contracts, intake
from lib.engine.layout import open_layout


def loading(clean: Path, work: Path) -> list[str]:
    """Notes on loading the CSV form of the events, once each."""
    csv = work / "events.csv"
    con = duckdb.connect()
    con.execute(f"COPY (SELECT * FROM '{clean}') TO '{csv}' (HEADER)")
    start = time.perf_counter()
    plain = duckdb.connect(str(work / "table.duckdb"))
    plain.execute(f"CREATE TABLE events AS SELECT * FROM read_csv('{csv}')")
    plain.close()
    theirs = time.perf_counter() - start
    start = time.perf_counter()
    reading = intake.read(csv)
    shown = time.perf_counter() - start
    mapping = dict(contracts.propose(reading, "events").mapping)
    dataset = intake.accept(reading, "events", mapping, answers={}, home=work / "home")
    taken = time.perf_counter() - start
    open_layout(dataset)
    ours = time.perf_counter() - start
    size = csv.stat().st_size / 2**20
    return [
        (
            f"CSV of {size:,.0f} MiB to the full layout: {ours:.1f} s, of which {taken:.1f} s checking each record and "
            f"writing Parquet; DuckDB `create table as` {theirs:.1f} s; ratio {ours / theirs:.2f} (target 1.2). "
            f"First look after {shown:.2f} s."
        )
    ]
