"""How modules depend on each other: each is imported alone, none in a circle, all are reached by somebody."""

import ast
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.source import LIB, MODULES, PAGES, ROOT, dotted, imports_of, modules_of, tree

# Built and tested, and drawn by no page yet: the work on the pages brings them in and empties this list.
NOT_YET_DRAWN = {"attribution", "funnel", "handoff", "ltv", "retention"}
# Loads the third-party packages once, then imports each module in a child of its own.
_ALONE = """
import gc, importlib, json, os, sys, traceback
before, names = json.loads(sys.stdin.read())
for name in before:
    try:
        importlib.import_module(name)
    except ImportError:
        pass  # what is imported from a module, not a module
assert not [name for name in sys.modules if name.split(".")[0] == "lib"]
gc.disable()
gc.freeze()  # a collection in a child would copy what it shares with this process
running = 0
for name in names:
    if not os.fork():
        try:
            importlib.import_module(name)
        except BaseException:
            os.write(1, json.dumps([name, traceback.format_exc()[-1500:]]).encode() + b"\\n")
        os._exit(0)
    running += 1
    if running >= (os.cpu_count() or 1):
        os.wait()
        running -= 1
while running:
    os.wait()
    running -= 1
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_every_module_is_imported_alone() -> None:
    before = sorted({name for path in LIB for name in imports_of(path) if name.split(".")[0] != "lib"})
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _ALONE], input=json.dumps([before, sorted(MODULES)]), cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    broken = [json.loads(line) for line in done.stdout.splitlines()]
    assert not broken, "\n".join(f"{name}: {why}" for name, why in broken)


def _packages(name: str) -> list[str]:
    """The packages that a module lies in, without `lib`."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(2, len(parts))]


@cache
def graph() -> dict[str, set[str]]:
    """What each module loads: what it imports, and the packages that this lies in and it does not."""
    loads: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        wanted = modules_of(path)
        around = {package for other in wanted for package in _packages(other)} - {name, *_packages(name)}
        loads[name] = (wanted | around) - {name}
    return loads


def _circles(loads: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that need each other (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_, found = [], []

    def visit(name: str) -> None:
        number[name] = lowest[name] = len(number)
        open_.append(name)
        for other in sorted(loads[name]):
            if other not in number:
                visit(other)
            if other in open_:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == number[name]:
            circle = open_[open_.index(name) :]
            del open_[open_.index(name) :]
            found.append(sorted(circle))

    for name in sorted(loads):
        if name not in number:
            visit(name)
    return [circle for circle in found if len(circle) > 1]


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert _circles(graph()) == []


def test_circles_are_found() -> None:
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]


def _named(path: Path) -> set[str]:
    """Modules that a file loads without an import: by their dotted name, or as a file beside it."""
    words = {
        n.value for n in ast.walk(tree(path)) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    beside = {dotted(path.parent / word) for word in words if word.endswith(".py") and "/" not in word}
    return (words | beside) & set(MODULES)


def test_every_module_is_reached_by_a_page_a_command_or_a_route() -> None:
    commands = sorted((ROOT / "lib" / "cli").rglob("*.py"))
    entries = [ROOT / "app.py", ROOT / "lib" / "__main__.py", *PAGES, *commands]
    reached: set[str] = {dotted(path) for path in entries} & set(MODULES)
    todo = [name for path in entries for name in modules_of(path) | _named(path)]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [*graph()[name], *_named(MODULES[name]), *_packages(name)]
    unreached = {name for name in MODULES if name not in reached and name != "lib"}
    drawn_later = {name for name in unreached if name.split(".")[1] == "charts"}
    assert unreached - drawn_later == set()
    assert {name.split(".")[-1] for name in drawn_later} == NOT_YET_DRAWN
