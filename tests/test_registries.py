"""Ids of steps and pages, slots of datasets and kinds of metrics are written in one file each.

Adding a step or a slot touches its registry, its content and its own folder; a literal anywhere else would have to
be found by hand. Words that are an id in one place and mean something else in another are listed with their meaning.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from lib.engine.contracts.recognition import contracts
from lib.framework import metric_kinds, slots, step_ids
from lib.room import agenda
from lib.ui import pages
from lib.workbook import model

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


def test_every_page_has_its_name_in_the_registry() -> None:
    """Adding a page touches the registry, its entry in the walk, its file and its own folder."""
    assert tuple(page.path for page in pages.PAGES) == step_ids.PAGES
    assert {guide.step for guide in agenda.guides().values()} <= set(step_ids.PAGES)


def test_every_page_has_its_file_and_every_file_its_page() -> None:
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(step_ids.PAGES)


# The same words with another meaning: meaning -> file -> words.
NO_SLOTS: dict[str, dict[str, set[str]]] = {
    "a section or field of the stored document": {
        "lib/workbook/model.py": {"metrics"}, "lib/workbook/history.py": {"metrics"},
        "lib/workbook/definition_versions.py": {"metrics"}, "lib/workbook/portable.py": {"events"},
        "lib/analysis/translation/glossary.py": {"metrics"}, "lib/analysis/experiments/preregistration.py": {"metrics"},
        "lib/room/activities.py": {"metrics"}, "lib/ui/audit/metric_register.py": {"metrics"},
    },
    "the number of metrics in a sentence": {"lib/analysis/audit/words_slides.py": {"metrics"}},
    "what interfaces call a list of records": {
        "lib/engine/intake/readers/json_files/documents.py": {"events"},
    },
    "a fact that fills a sentence": {
        "lib/analysis/audit/findings.py": {"spend"}, "lib/analysis/facilitator_prompts.py": {"experiment"},
        "lib/analysis/handoff/findings.py": {"events"},
        "lib/analysis/audit/audit.py": {"metrics"}, "lib/report/story/slides/team_notes.py": {"metrics"},
    },
    "a column of a table that was computed": {
        "lib/analysis/events/ltv.py": {"customers"}, "lib/report/story/slides/experiments.py": {"experiment"},
        "lib/report/story/redact.py": {"customers", "deals"}, "lib/ui/handoff/journey.py": {"events"},
        "lib/ui/handoff/owners.py": {"metrics"},
    },
    "a column of a clean table": {"lib/engine/intake/row_checks.py": {"spend"}},
    "a field of the command line's JSON": {"lib/cli/audit.py": {"metrics"}},
    "the name of a command": {"lib/cli/experiment.py": {"experiment"}},
    "what a statement rests on": {
        "lib/framework/schema.py": {"survey"}, "lib/report/story/summary_model.py": {"survey"},
        "lib/ui/reference/entries.py": {"survey"}, "lib/ui/experiments/insights.py": {"survey"},
    },
    "the id of a KPI": {"lib/analysis/kpis/customer_kpis.py": {"customers"}},
    "what feeds the North Star": {
        "lib/analysis/audit/north_star.py": {"experiment"}, "lib/ui/audit/north_star.py": {"experiment"},
    },
    "a word of a sentence or a name for one": {
        "lib/framework/recognise.py": {"customers"}, "lib/ui/progress.py": {"experiment"},
        "lib/engine/contracts/meaning.py": {"spend"},
    },
    "how many lines a deck has room for": {"lib/report/story/build.py": {"metrics"}},
    "where a proposal comes from, in a widget's key": {"lib/ui/experiments/ideas.py": {"metrics"}},
}  # fmt: skip
# What holds datasets or contracts by slot; anything else in square brackets is a row with its columns.
HOLDERS = {"data", "datasets", "contracts", "known", "files", "tables", "sources"}


def _listed(path: Path, meanings: dict[str, dict[str, set[str]]]) -> set[str]:
    file = str(path.relative_to(ROOT))
    return {word for files in meanings.values() for word in files.get(file, ())}


def _is_column(node: ast.Constant, parent: ast.AST) -> bool:
    if not isinstance(parent, ast.Subscript) or parent.slice is not node:
        return False
    holder = parent.value.func if isinstance(parent.value, ast.Call) else parent.value
    return _name(holder) not in HOLDERS


def _slot_hits(path: Path) -> list[ast.Constant]:
    """Literals of a file that are the name of a slot or of a contract."""
    ids = {slots.METRICS_LONG, slots.METRICS_WIDE, *slots.SLOTS} - _listed(path, NO_SLOTS)
    return [node for node, parent, _ in _texts(path) if node.value in ids and not _is_column(node, parent)]


def test_slots_are_written_in_one_file() -> None:
    elsewhere = [hit for path in FILES if path.name != "slots.py" for hit in _said(path, _slot_hits(path))]
    assert not elsewhere, (
        "import lib.framework.slots instead, or say in NO_SLOTS what else the word means there"
    )


def test_every_slot_has_its_contract_and_every_contract_its_slot() -> None:
    known = contracts()
    assert set(known) == set(slots.SLOTS) - {slots.METRICS} | {
        slots.METRICS_LONG,
        slots.METRICS_WIDE,
        slots.SUBSCRIPTIONS,
    }
    assert {contract.slot for contract in known.values()} == set(slots.SLOTS)


def test_words_with_another_meaning_are_still_there() -> None:
    for meaning, files in NO_SLOTS.items():
        for file, words in files.items():
            said = {node.value for node, _, _ in _texts(ROOT / file)}
            assert words <= said, f"{file} no longer has {words - said} as {meaning}: take it out of NO_SLOTS"


# The same words with another meaning: meaning -> file -> words.
NO_KINDS: dict[str, dict[str, set[str]]] = {
    "the stored document's own type, held equal to the registry below": {
        "lib/workbook/model.py": {"process", "outcome", "shared", "unassigned"}
    },
    "a metric's role in a test, which a guardrail has too": {
        "lib/analysis/experiments/design.py": {"process", "outcome"}
    },
    "the name of a count that fills a sentence": {"lib/report/story/slides/team_notes.py": {"process", "outcome", "shared"}},
}  # fmt: skip
KINDS = set(metric_kinds.KINDS)
TERRITORIES = KINDS | {"other"}  # a stage may also belong to another team
HOLD_A_KIND = {"kind", "kinds", "by_kind", "territory", "where", "sides"}


def _beside(node: ast.AST, parent: ast.AST) -> set[object]:
    """The strings that stand beside one in a tuple, a list, a set or among the keys of a dictionary."""
    if isinstance(parent, ast.Dict):
        members: list[ast.expr | None] = parent.keys
    elif isinstance(parent, ast.Tuple | ast.List | ast.Set):
        members = [*parent.elts]
    else:
        return set()
    return {getattr(member, "value", None) for member in members} if node in members else set()


def _holds_a_kind(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return any(map(_holds_a_kind, node.args))  # set(kinds)
    return _name(node) in HOLD_A_KIND


def _is_kind(node: ast.Constant, parent: ast.AST, outer: ast.AST) -> bool:
    """Whether a word is a metric's kind or a stage's territory, not a colour, a role in a test or a count."""
    if isinstance(parent, ast.Compare):
        return any(map(_holds_a_kind, (parent.left, *parent.comparators)))
    if isinstance(parent, ast.keyword):
        return parent.arg in HOLD_A_KIND
    if isinstance(parent, ast.Subscript):
        return _holds_a_kind(parent.value) or _name(parent.value).isupper()  # a table of kinds
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Attribute) and _holds_a_kind(parent.func.value)
    if isinstance(outer, ast.Compare):
        return any(map(_holds_a_kind, (outer.left, *outer.comparators)))
    beside = _beside(node, parent)
    if _is_saved_as_kind(parent):
        return True
    return beside <= TERRITORIES and (len(beside) > 1 or node.value == metric_kinds.UNASSIGNED)


def _is_saved_as_kind(pair: ast.AST) -> bool:
    """Whether a pair is the address of a metric's kind in the document and the kind to save."""
    first = pair.elts[0] if isinstance(pair, ast.Tuple) else None
    last = first.values[-1] if isinstance(first, ast.JoinedStr) else None
    return isinstance(last, ast.Constant) and str(last.value).endswith("/kind")


def _kind_hits(path: Path) -> list[ast.Constant]:
    """Literals of a file that are a metric's kind or a stage's territory."""
    ids = KINDS - _listed(path, NO_KINDS)
    return [
        node for node, parent, outer in _texts(path) if node.value in ids and _is_kind(node, parent, outer)
    ]


def test_kinds_of_metrics_are_written_in_one_file() -> None:
    elsewhere = [
        hit for path in FILES if path.name != "metric_kinds.py" for hit in _said(path, _kind_hits(path))
    ]
    assert not elsewhere, "import lib.framework.metric_kinds instead"


def test_the_stored_document_knows_the_same_kinds() -> None:
    assert set(get_args(model.Kind)) == set(get_args(metric_kinds.Kind)) == KINDS
