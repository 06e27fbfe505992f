"""SECURITY.md against the tree: a row that points at nothing fails."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| control")
]


def test_there_is_a_table() -> None:
    assert len(ROWS) > 15


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_row_points_at_code_and_test(row: list[str]) -> None:
    (code,) = re.findall(r"`([^`]+)`", row[1])
    (test,) = re.findall(r"`([^`]+)`", row[2])
    assert (ROOT / code).is_file()
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert tests
    assert not name or name in tests
