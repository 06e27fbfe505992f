"""All examples in docstrings, run in one process: what a docstring shows is true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _examples(path: Path) -> int:
    return sum(line.strip().startswith(">>>") for line in path.read_text(encoding="utf-8").splitlines())


EXAMPLES = {_name(path): count for path in sorted((ROOT / "lib").rglob("*.py")) if (count := _examples(path))}


@pytest.mark.parametrize(("name", "count"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_examples(name: str, count: int) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted == count, "an example stands where nobody runs it"
    assert not found.failed
