"""The requirements against the imports: nothing is installed that nobody uses, nothing is used that nobody installs."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Used without an import of ours: the program that runs the tests, and what another package looks for.
WITHOUT_IMPORT = {
    "defusedxml": "openpyxl reads XML through it where it is there",
    "pytest": "a program; the card asks for it",
    "pytz": "DuckDB imports it to hand over timestamps with a zone",
}
TESTS_WITHOUT_IMPORT = {
    "pyright": "a program",
    "pytest-cov": "a plugin",
    "pytest-xdist": "a plugin",
    "ruff": "a program",
}
# Imported by us and installed by a package that is required, whose version decides theirs.
BROUGHT_ALONG = {
    "google": "streamlit",  # protobuf, of its messages
    "lxml": "python-pptx",
    "PIL": "python-pptx",
    "starlette": "streamlit",
    "uvicorn": "streamlit",
}
OURS = {"app", "data", "lib", "pages", "tests"}


def required(path: Path) -> set[str]:
    """Names of the packages that a requirements file pins, in the spelling of the index."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {_plain(re.split(r"[=\[<>]", line)[0]) for line in lines if re.match(r"\w", line)}


def imported(*places: str) -> set[str]:
    """Top packages that files and the files of folders import, ours and Python's own left out."""
    paths = [
        path
        for place in places
        for path in (ROOT.glob(place) if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    ]
    names = {name for path in paths if "bench" not in path.parts for name in _imports(path)}
    return names - OURS - set(sys.stdlib_module_names)


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@cache
def _packages() -> dict[str, set[str]]:
    return {
        name: {_plain(package) for package in packages} for name, packages in packages_distributions().items()
    }


def _plain(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _used(names: set[str]) -> set[str]:
    return {package for name in names for package in _packages().get(name, {_plain(name)})}


def test_every_requirement_is_imported() -> None:
    used = _used(imported("app.py", "pages", "lib", "data"))
    assert required(ROOT / "requirements.txt") - used - set(WITHOUT_IMPORT) == set()


def test_every_requirement_of_the_tests_is_imported() -> None:
    used = _used(imported("tests"))
    assert required(ROOT / "tests" / "requirements.txt") - used - set(TESTS_WITHOUT_IMPORT) == set()


def test_every_import_is_required() -> None:
    needed = required(ROOT / "requirements.txt")
    names = imported("app.py", "pages", "lib", "data")
    unmet = {name for name in names if not _used({name}) & needed}
    assert unmet == set(BROUGHT_ALONG)
    assert {_plain(package) for package in BROUGHT_ALONG.values()} <= needed
