"""Server time of a page's rerun on the finished example, warm: `python -m tests.bench.rerun [--only data,team]`.

AppTest runs the whole script (frame and page) in this process without a browser, so this is what the server spends on
one click. The aim is a median under 150 ms.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lib.ui import pages
from tests.e2e.screens import make_example

_RUNS = 7


def measure(book: str, path: str) -> tuple[float, list[float]]:
    """Seconds of the first run of a page and of each rerun after it."""
    at = AppTest.from_file(pages.ROOT / "lib" / "ui" / "shell.py", default_timeout=120)
    at.query_params["workbook"] = book
    at.run()
    start = time.perf_counter()
    if path != "start":
        at.switch_page(f"../../pages/{path}.py")
    at.run()
    first = time.perf_counter() - start
    reruns = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        at.run()
        reruns.append(time.perf_counter() - start)
    if at.exception:
        raise RuntimeError(f"{path}: {at.exception[0].value}")
    return first, reruns


def main() -> None:
    """Print one line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    wanted = [name for name in args.only.split(",") if name] or [item.path for item in pages.available()]
    with tempfile.TemporaryDirectory() as folder:
        book = make_example(Path(folder))
        print(f"{'page':<20} {'first ms':>9} {'median ms':>10} {'worst ms':>9}")
        for path in wanted:
            first, reruns = measure(book, path)
            middle, worst = statistics.median(reruns), max(reruns)
            print(f"{path:<20} {first * 1e3:>9.0f} {middle * 1e3:>10.0f} {worst * 1e3:>9.0f}")


if __name__ == "__main__":
    main()
