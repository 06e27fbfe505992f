"""The suite's own rules: it passes on a loaded machine, and twice the same way."""

import ast
from pathlib import Path

from hypothesis import settings

from tests.patience import MILLISECONDS, SECONDS

TESTS = Path(__file__).resolve().parent
PATHS = [path for path in sorted(TESTS.rglob("*.py")) if "bench" not in path.parts]
WAITING = {"wait", "wait_for", "result", "join", "communicate"}  # methods whose number is a wait in seconds


def _waits(source: str) -> list[tuple[int, float]]:
    """Line and number of each limit to a wait; a line may say that it is "not a test"."""
    lines = source.splitlines()
    found: list[tuple[int, float]] = []
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and "not a test" not in lines[call.lineno - 1]:
            method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            limits = [k.value for k in call.keywords if k.arg in ("timeout", "default_timeout")]
            limits += call.args if method in WAITING else []
            numbers = [n.value for n in limits if isinstance(n, ast.Constant)]
            found += [(call.lineno, n) for n in numbers if isinstance(n, int | float)]
    return found


def test_no_wait_gives_up_early() -> None:
    short = [
        f"{path.relative_to(TESTS)}:{line} waits {wait}"
        for path in PATHS
        for line, wait in _waits(path.read_text(encoding="utf-8"))
        if wait < SECONDS or 1000 <= wait < MILLISECONDS
    ]
    assert not short


def test_property_tests_draw_the_same_examples_unless_told_otherwise() -> None:
    assert settings.get_profile("fixed").derandomize
    assert not settings.get_profile("random").derandomize
