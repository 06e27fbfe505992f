"""How modules depend on each other: each is imported alone, none in a circle."""

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from tests.source import LIB, MODULES, ROOT, imports_of, modules_of

# Built and tested, and drawn by no page yet: the work on the pages brings them in and empties this list.
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
