"""Ids of steps, pages, dataset slots and metric kinds are written in one file each.

Adding a step or a slot touches its registry, its content and its own folder; a literal anywhere else would have to
be found by hand. Words that are an id in one place and mean something else in another are listed with their meaning.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from lib.framework import step_ids

ROOT = Path(__file__).resolve().parent.parent
FILES = [*sorted((ROOT / "lib").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]

# Calls that take the address of a page, and which of their arguments it is.
PAGE_CALLS = {
    "link": 0, "go": 0, "info": 0, "next_step": 0, "of_page": 0, "primary": 0, "PageInfo": 0, "page": 1, "empty": 2,
    "Step": 0,
}  # fmt: skip


def _texts(path: Path) -> Iterator[tuple[ast.Constant, ast.AST, ast.AST]]:
    """Every string of a file that is no docstring, with what it stands in and what that stands in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            parent = parents[node]
            yield node, parent, parents.get(parent, tree)


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")


def _is_page(node: ast.Constant, parent: ast.AST, outer: ast.AST) -> bool:
    """Whether a word such as "data" or "team" stands where the address of a page is meant."""
    if isinstance(parent, ast.Call):
        place = PAGE_CALLS.get(_name(parent.func))
        return place is not None and len(parent.args) > place and parent.args[place] is node
    if isinstance(parent, ast.keyword):
        return parent.arg in ("page", "step")
    if isinstance(parent, ast.Assign):
        return any(_name(target) in ("PAGE", "STEP") for target in parent.targets)
    if isinstance(parent, ast.Tuple | ast.Dict) and any(
        _name(getattr(side, "value", side)) == "step_ids" for side in ast.iter_child_nodes(parent)
    ):
        return True  # beside the names of others
    if isinstance(parent, ast.Compare):
        return any(_name(side) in ("path", "step", "page") for side in (parent.left, *parent.comparators))
    return isinstance(outer, ast.Compare) and _is_page(node, outer, outer)


def _said(path: Path, found: list[ast.Constant]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}" for node in found]


def _step_hits(path: Path) -> list[ast.Constant]:
    """Literals of a file that are the id of a step or a page."""
    unmistakable = {id for id in step_ids.PAGES if "_" in id}
    return [
        node
        for node, parent, outer in _texts(path)
        if (node.value in unmistakable or (node.value in step_ids.PAGES and _is_page(node, parent, outer)))
        and not (isinstance(outer, ast.Assign) and _name(outer.targets[0]) == "__all__")
    ]


def test_ids_of_steps_and_pages_are_written_in_one_file() -> None:
    elsewhere = [hit for path in FILES if path.name != "step_ids.py" for hit in _said(path, _step_hits(path))]
    assert not elsewhere, "import lib.framework.step_ids instead"


def test_every_page_has_its_file_and_every_file_its_page() -> None:
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(step_ids.PAGES)
