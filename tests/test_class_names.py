"""A class name means one thing: no two modules of lib have a class of the same name, private or not."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def places_of_classes(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Class name without leading underscores -> the modules whose top level has it."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, text in sources:
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(name)
    return places


def twice(places: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: found for name, found in sorted(places.items()) if len(found) > 1}


def test_a_class_of_a_taken_name_is_found() -> None:
    sources = [("a.py", "class Clock: ..."), ("b.py", "class _Clock: ..."), ("c.py", "class Ledger: ...")]
    assert twice(places_of_classes(sources)) == {"Clock": ["a.py", "b.py"]}


def test_no_class_name_has_two_meanings() -> None:
    files = sorted((ROOT / "lib").rglob("*.py"))
    sources = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in files]
    assert twice(places_of_classes(sources)) == {}
