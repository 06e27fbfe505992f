"""The house rules of lib/README.md, checked on the source itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
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
LAYERED = sorted((ROOT / "lib").rglob("*.py")) + sorted((ROOT / "pages").glob("*.py")) + [ROOT / "app.py"]


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "lib":
        return parts[1].removesuffix(".py") if len(parts) > 1 else "lib"
    return parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("path", LAYERED, ids=lambda p: str(p.relative_to(ROOT)))
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


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_pages_are_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert not {"pandas", "duckdb", "altair"} & {name.split(".")[0] for name in imports_of(path)}
    assert ast.get_docstring(ast.parse(text)), "a page says in its docstring what it answers"


def test_session_state_has_one_owner() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in LAYERED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    }
    assert users <= {"lib/ui/session.py"}


@pytest.mark.parametrize("path", LAYERED, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    said = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) and first.end_lineno else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - said


def test_functions_are_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in LAYERED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > 40
    ]
    assert not long


def test_every_room_is_on_a_rung() -> None:
    rooms = {p.name for p in (ROOT / "lib").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == set(RUNGS) - {"errors"}


def test_every_module_and_public_name_has_a_docstring() -> None:
    missing = []
    for path in LAYERED:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            missing.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert not missing
