"""The house rules of lib/README.md, checked on the source itself."""

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import complexipy
import pytest
from radon.complexity import cc_visit

from tests.source import LAYERED, LIB, PAGES, ROOT, functions, imports_of, short, text, tree

FILE_LINES = 400
FUNCTION_LINES = 40  # without the docstring
PAGE_LINES = 80
FOLDER_MODULES = 25  # without the package's own file
CYCLOMATIC = 12  # radon: boolean operators and comprehensions count
COGNITIVE = 15  # complexipy: nesting counts
# What may stand at the top: the product, and what a repository needs.
TOP = {
    "app.py", "pages", "data", "lib", "tests", "requirements.txt", "README.md",
    "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "pyproject.toml", "Dockerfile", "compose.yaml",
    ".ci", ".github", ".gitignore", ".dockerignore", ".pre-commit-config.yaml", ".streamlit",
}  # fmt: skip
# Lower number = lower rung. A module may import only from rungs below its own, and from its own package.
RUNGS = {
    "errors": 0,
    "framework": 1, "workbook": 1,
    "engine": 2, "stats": 2,
    "analysis": 3,
    "charts": 4,
    "report": 5, "room": 5,
    "ui": 6, "cli": 6,
}  # fmt: skip
# Streamlit at the top only; each heavy library in the one or two rooms that own it.
OWNERS = {
    "streamlit": {"app", "pages", "ui"},
    "duckdb": {"engine"},
    "altair": {"charts", "ui"},
    "sqlalchemy": {"workbook", "room"},
    "pptx": {"report"},
    "typst": {"report"},
    "openpyxl": {"engine"},
}
# Entries beside the rooms: they may import any of them.
ENTRIES = {"__main__", "cli"}


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "lib":
        return parts[1].removesuffix(".py") if len(parts) > 1 else "lib"
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", LAYERED, ids=short)
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "pages":
            pytest.fail(f"{path.name} imports a page")
        if parts[0] == "lib" and len(parts) > 1:
            target = parts[1]
            if room == "pages":
                assert target in {"ui", "errors"}, f"a page composes from lib.ui only, not {name}"
            elif room in RUNGS and target in RUNGS and target != room:
                assert RUNGS[target] < RUNGS[room], f"{room} may not import {name}"
        elif parts[0] in OWNERS and room not in ENTRIES:
            assert room in OWNERS[parts[0]], f"{parts[0]} belongs to {OWNERS[parts[0]]}, not {room}"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_pages_are_thin(path: Path) -> None:
    assert len(text(path).splitlines()) <= PAGE_LINES
    assert not {"pandas", "duckdb", "altair"} & {name.split(".")[0] for name in imports_of(path)}
    assert ast.get_docstring(tree(path)), "a page says in its docstring what it answers"


def test_session_state_has_one_owner() -> None:
    users = {
        short(path)
        for path in LAYERED
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    }
    assert users <= {"lib/ui/session.py"}


@pytest.mark.parametrize("path", LAYERED, ids=short)
def test_files_are_small(path: Path) -> None:
    assert len(text(path).splitlines()) <= FILE_LINES


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    said = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) and first.end_lineno else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - said


def test_functions_are_small() -> None:
    long = [
        f"{short(path)}:{node.name} has {lines} lines"
        for path in LAYERED
        for node in functions(path)
        if (lines := _lines(node)) > FUNCTION_LINES
    ]
    assert not long


def _blocks(found: Any) -> Iterator[Any]:
    """A block of radon's with the methods and inner functions inside."""
    yield found
    for inner in [*getattr(found, "methods", ()), *getattr(found, "closures", ())]:
        yield from _blocks(inner)


def _cyclomatic(path: Path) -> dict[tuple[str, int], int]:
    """Complexity of each function, by name and line."""
    blocks = [block for top in cc_visit(text(path)) for block in _blocks(top)]
    return {(block.name, block.lineno): block.complexity for block in blocks if not hasattr(block, "methods")}


def test_functions_have_few_branches() -> None:
    branchy = [
        f"{short(path)}:{name} has a cyclomatic complexity of {complexity}"
        for path in LAYERED
        for (name, _), complexity in _cyclomatic(path).items()
        if complexity > CYCLOMATIC
    ]
    assert not branchy


def test_functions_are_easy_to_follow() -> None:
    nested = [
        f"{short(path)}:{function.name} has a cognitive complexity of {function.complexity}"
        for path in LAYERED
        for function in complexipy.code_complexity(text(path), no_ignore=True, with_plans=False).functions
        if function.complexity > COGNITIVE
    ]
    assert not nested


def test_folders_are_small() -> None:
    modules = Counter(path.parent for path in LIB if path.name != "__init__.py")
    full = [
        f"{short(folder)} holds {count} modules"
        for folder, count in modules.items()
        if count > FOLDER_MODULES
    ]
    assert not full


def _tables(path: Path) -> set[int]:
    """Lines of the literal tables at a file's top: a display of at least three lines, given to a name."""
    lines: set[int] = set()
    for node in tree(path).body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call) and len(value.args) == 1:  # frozenset({...})
            value = value.args[0]
        if isinstance(value, ast.Dict | ast.List | ast.Tuple | ast.Set):
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def test_only_tables_are_laid_out_by_hand() -> None:
    dense = [
        f"{short(path)}:{number}"
        for path in LAYERED
        for number, line in enumerate(text(path).splitlines(), 1)
        if ("# fmt: skip" in line or "# fmt: off" in line) and number not in _tables(path)
    ]
    assert not dense


def test_the_top_holds_what_it_should() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.split("/")[0] for name in names.splitlines()} <= TOP


def test_pages_lie_flat() -> None:
    assert all(path.parent == ROOT / "pages" for path in PAGES)


def test_every_room_is_on_a_rung() -> None:
    rooms = {p.name for p in (ROOT / "lib").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == set(RUNGS) - {"errors"}


def test_every_module_and_public_name_has_a_docstring() -> None:
    missing = []
    for path in LAYERED:
        if not ast.get_docstring(tree(path)):
            missing.append(short(path))
        for node in tree(path).body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):
                missing.append(f"{short(path)}:{node.name}")
    assert not missing
