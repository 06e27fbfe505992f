"""Each module that does something is tested, and one can tell where.

A module is covered by the test file of its name in the mirrored folder (`lib/stats/rates.py`: `tests/stats/test_rates.py`),
or by a test that imports it, or by the test file that `tests/covers.toml` names for it (measured by `tests/covering.py`).
"""

import tomllib
from functools import cache
from pathlib import Path

from tests.source import MODULES, ROOT, functions, modules_of

TESTS = ROOT / "tests"
TABLE = TESTS / "covers.toml"


def has_behaviour(module: str) -> bool:
    """Whether there is a function in it."""
    return next(functions(MODULES[module]), None) is not None


def own_test(module: str) -> Path:
    """Where a test file of the module's name lies."""
    path = MODULES[module].relative_to(ROOT / "lib")
    name = path.parent.name if path.name == "__init__.py" else path.stem
    return TESTS / path.parent / f"test_{name}.py"


@cache
def imported_by_tests() -> set[str]:
    """Modules that some test names in an import."""
    paths = [path for path in TESTS.rglob("*.py") if "bench" not in path.parts]
    return {module for path in paths for module in modules_of(path)}


def needs_a_row(module: str) -> bool:
    """Whether the source of the tests does not tell who covers it."""
    return has_behaviour(module) and not own_test(module).exists() and module not in imported_by_tests()


def test_every_module_with_behaviour_is_covered_by_a_named_test() -> None:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    assert sorted(module for module in MODULES if needs_a_row(module) and module not in rows) == []


def test_the_table_names_modules_and_tests_that_are_there() -> None:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    assert [module for module in rows if module not in MODULES or not needs_a_row(module)] == []
    assert [test for test in rows.values() if not (ROOT / test).is_file()] == []
    assert [module for module, test in rows.items() if "test_" not in Path(test).name] == []
