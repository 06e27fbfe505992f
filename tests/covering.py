"""Which test file runs the functions of which module, measured: rewrites `tests/covers.toml`.

`python -m pytest -p tests.covering TESTS` on Python 3.12 or later. Modules that a test imports, or that have a test file
of their name, are told from the source and stay out of the table; the others get the test file that fits them best: the
one whose name shares most words with theirs, then the one that runs the fewest modules. A run of some tests changes the
rows of the modules that they run and leaves the others: what runs in
a process of its own or in a real server has its row by hand.
"""

from __future__ import annotations

import inspect
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.source import MODULES, ROOT, dotted, short
from tests.test_mirror import TABLE, needs_a_row

_TOOL = 4  # of the numbers that sys.monitoring gives to anybody
_HEAD = "# Which test file covers a module that no test imports. Written by tests/covering.py, checked by tests/test_mirror.py.\n"
_LIB = str(ROOT / "lib")
_runs: dict[str, set[str]] = defaultdict(set)  # test file -> modules
_now = ""


def _started(code: CodeType, _offset: int) -> Any:
    is_function = code.co_flags & inspect.CO_OPTIMIZED  # the body of a class or a module is none
    if is_function and code.co_filename.startswith(_LIB):
        _runs[_now].add(dotted(Path(code.co_filename)))
    return sys.monitoring.DISABLE  # once a test file is enough


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin anew with each test file."""
    global _now
    if short(item.path) != _now:
        _now = short(item.path)
        sys.monitoring.restart_events()


def pytest_configure() -> None:
    """Start to listen."""
    sys.monitoring.use_tool_id(_TOOL, "covering")
    sys.monitoring.register_callback(_TOOL, sys.monitoring.events.PY_START, _started)
    sys.monitoring.set_events(_TOOL, sys.monitoring.events.PY_START)


def _fit(module: str, test: str) -> tuple[int, int]:
    words = set(module.replace(".", "_").split("_"))
    return -len(words & set(Path(test).stem.split("_"))), len(_runs[test])


def pytest_sessionfinish() -> None:
    """Write the table."""
    sys.monitoring.free_tool_id(_TOOL)
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    for module in MODULES:
        tests = [test for test, modules in _runs.items() if test and module in modules]
        if tests:
            rows[module] = min(tests, key=lambda test: _fit(module, test))
    lines = [f'"{module}" = "{test}"\n' for module, test in sorted(rows.items()) if needs_a_row(module)]
    TABLE.write_text(_HEAD + "".join(lines), encoding="utf-8")
