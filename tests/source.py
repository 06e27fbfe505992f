"""The source as the guards read it: modules by dotted name, their trees, who imports whom. Parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIB = sorted((ROOT / "lib").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
LAYERED = [*LIB, *PAGES, ROOT / "app.py"]


@cache
def text(path: Path) -> str:
    """What stands in a file."""
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(text(path))


def short(path: Path) -> str:
    """The path below the repository's top."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """The module's name: `lib.stats.rates`; a package goes by its folder's name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(path): path for path in LIB}


def imports_of(path: Path) -> list[str]:
    """Each thing that a file imports, at its top or inside a function: `lib.stats.rates.wilson`, `pandas`."""
    names: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def modules_of(path: Path) -> set[str]:
    """Our modules that a file imports: the module itself, or the one that a name comes from."""
    found = set()
    for name in imports_of(path):
        if name in MODULES:
            found.add(name)
        elif name.rpartition(".")[0] in MODULES:
            found.add(name.rpartition(".")[0])
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
