"""One concept, one name: words that were given up do not return. The table is the one of lib/README.md, "Names"."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import LIB, ROOT, short, tree

# `word` is banned in every name, `word.py` as the name of a module or folder.
SECTION = (ROOT / "lib" / "README.md").read_text(encoding="utf-8").split("\n## Names\n")[1].split("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTION.splitlines()
    if line.startswith("|")
][2:]
GIVEN_UP = [name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])]
WORDS = {name for name in GIVEN_UP if not name.endswith(".py")}
FILES = {name.removesuffix(".py") for name in GIVEN_UP if name.endswith(".py")}


def words(name: str) -> list[str]:
    """The words of a name: `sla_by_owner` and `SlaByOwner` have three."""
    return [
        word.lower()
        for part in name.split("_")
        for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", part)
    ]


def public_names(path: Path) -> Iterator[str]:
    """A module's own name, its public classes with their methods, and its public functions."""
    yield path.stem if path.name != "__init__.py" else path.parent.name
    for node in tree(path).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            yield node.name
            inside = node.body if isinstance(node, ast.ClassDef) else []
            yield from (n.name for n in inside if isinstance(n, ast.FunctionDef) and n.name[0] != "_")


def test_the_words_of_a_name() -> None:
    assert words("sla_by_owner") == words("SlaByOwner") == ["sla", "by", "owner"]
    assert words("KPIValue") == ["kpi", "value"]


def test_the_table_tells_for_each_concept_its_name_and_what_was_given_up() -> None:
    assert all(len(row) == 3 and all(row) for row in ROWS)
    used = [name for row in ROWS for name in re.findall(r"`([^`]+)`", row[1])]
    assert not [name for name in used if given_up(name)]


def given_up(name: str) -> list[str]:
    """Banned words, or rows of words, in a name."""
    return [word for word in sorted(WORDS) if f"_{word}_" in f"_{'_'.join(words(name))}_"]


@pytest.mark.parametrize("path", LIB, ids=short)
def test_no_given_up_word_returns(path: Path) -> None:
    stem = path.stem if path.name != "__init__.py" else path.parent.name
    is_command = path.parent.name == "cli"  # named after what people type
    assert is_command or stem not in FILES, f"lib/README.md, Names: no module is called {stem}"
    returned = {name: found for name in public_names(path) if (found := given_up(name))}
    assert not returned, "lib/README.md, Names, has another word for it"


def test_a_class_name_means_one_thing() -> None:
    places: dict[str, set[str]] = {}
    for path in LIB:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name[0] != "_":
                places.setdefault(node.name, set()).add(short(path))
    assert {name: sorted(files) for name, files in places.items() if len(files) > 1} == {}
