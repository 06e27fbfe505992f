"""Every module of lib is reached from the application, a page, a route or a command; what is not is deleted.

Reached means imported, at whatever depth: from `app.py`, the pages and the shell that Streamlit runs, from
`python -m lib` and the commands found in `lib/cli`, or started as a program of its own by a module that names its file.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTS = [
    ROOT / "app.py",
    ROOT / "lib" / "__main__.py",
    *(ROOT / "pages").glob("*.py"),
    ROOT / "lib" / "ui" / "shell.py",  # Streamlit runs it
    *(ROOT / "lib" / "cli").glob("*.py"),  # found by looking into the folder
    *(ROOT / "lib" / "workbook" / "migrations").glob("*.py"),  # likewise
]
# Built and tested, wired by later issues.
UNWIRED_MODULES = {
    f"lib.charts.{name}" for name in ("attribution", "funnel", "handoff_scores", "ltv", "retention")
}
UNWIRED_NAMES: set[str] = set()
# Called by tests alone: what reads all templates of a table of words.
FOR_TESTS = {"lib.analysis.templates.templates_of"}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in sorted((ROOT / "lib").rglob("*.py"))}


def _for_types_only(tree: ast.AST) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING:` and never runs."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for outer in node.body
        for inner in ast.walk(outer)
    }


def reached_by(path: Path) -> Iterator[str]:
    """Names of what one file imports, or starts by the name of its file or module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = _for_types_only(tree)
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
            if node.value.endswith(".py") and (beside := path.parent / node.value).is_file():
                yield module_of(beside)


def reachable() -> set[str]:
    """Every module of lib that the application and its commands can come to."""
    found: set[str] = set()
    waiting = list(STARTS)
    while waiting:
        for name in reached_by(waiting.pop()):
            parts = name.split(".")
            for depth in range(1, len(parts) + 1):
                module = ".".join(parts[:depth])
                if module in MODULES and module not in found:
                    found.add(module)
                    waiting.append(MODULES[module])
    return found


def test_every_module_is_reached_by_a_page_a_route_or_a_command() -> None:
    started = {module_of(path) for path in STARTS}
    assert set(MODULES) - reachable() - started == UNWIRED_MODULES


def _used(tree: ast.AST) -> Iterator[str]:
    """Every name that a file refers to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def test_every_public_function_and_class_is_used_somewhere() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (*MODULES.values(), *STARTS)}
    used = {name for tree in trees.values() for name in _used(tree)}
    unused = {
        f"{module}.{node.name}"
        for module, path in MODULES.items()
        for node in trees[path].body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and node.name not in used
        and not module.startswith("lib.workbook.migrations.")
    }
    assert unused - FOR_TESTS == UNWIRED_NAMES
