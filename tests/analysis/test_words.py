"""What a feature says stands in one checked table: no sentence is written anywhere else in its logic."""

import ast
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from lib.analysis.audit import words as audit_words
from lib.analysis.audit import words_slides as audit_slides
from lib.analysis.events import words as journey_words
from lib.analysis.handoff import words as handoff_words
from lib.analysis.handoff import words_candidates, words_measured
from lib.analysis.handoff import words_slides as handoff_slides
from lib.analysis.templates import (
    AdviceTemplate,
    FindingTemplate,
    Label,
    Template,
    VerdictTemplate,
    counted,
    names_in,
    templates_of,
)
from lib.engine.evidence.evidence import single

LIB = Path(__file__).resolve().parents[2] / "lib"
# Feature -> its words, and the modules of its logic that may hold no sentence of their own.
FEATURES: dict[str, tuple[tuple[ModuleType, ...], tuple[str, ...]]] = {
    "audit": (
        (audit_words, audit_slides),
        (
            "analysis/audit/audit",
            "analysis/audit/duplicates",
            "analysis/audit/findings",
            "analysis/audit/metric_rows",
            "analysis/audit/quicksand",
        ),
    ),
    "handoff": (
        (handoff_words, words_candidates, words_measured, handoff_slides, journey_words),
        (
            "analysis/handoff/before_after",
            "analysis/handoff/candidates",
            "analysis/handoff/contract",
            "analysis/handoff/findings",
            "analysis/handoff/handoff_map",
            "analysis/handoff/handoff_rule",
            "analysis/handoff/handoff_scenario",
            "analysis/handoff/measured",
            "analysis/handoff/ownership",
            "analysis/handoff/ownership_disagreement",
            "analysis/handoff/ownership_matrix",
            "analysis/handoff/scenario_conditions",
            "analysis/handoff/scenario_sql",
            "analysis/handoff/scoring",
            "analysis/handoff/scoring_sql",
            "analysis/handoff/scoring_verdict",
            "analysis/handoff/sla",
            "analysis/handoff/state",
            "analysis/handoff/territory_map",
            "analysis/events/journey",
            "analysis/events/journey_order",
            "analysis/events/journey_proposal",
            "analysis/events/journey_questions",
            "analysis/events/outcome",
            "report/story/slides/handoff_charts",
            "report/story/slides/team_notes",
        ),
    ),
}
# They use words beside sentences of other features.
ALSO = ("report/story/slides/charts", "report/story/slides/answer", "report/story/build")
MODULES = [(name, module) for name, (_, modules) in FEATURES.items() for module in modules]
# SQL, patterns, names of statistical methods.
NO_SENTENCE = re.compile(
    r"SELECT|FILTER|JOIN|CAST\(|CASE WHEN|<= until|IS NULL|\w\|\w|Newey-West|Holm|autoregressions|Krippendorff|Wilson|"
    r"Kaplan-Meier|Newcombe|Welch"
)
WORDS = re.compile(r"[A-Za-z’']{2,}")


def _written(tree: ast.AST) -> list[tuple[int, str]]:
    """Texts in code with their lines, a place in an f-string as {}; docstrings and what errors say left out."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    raised = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    found, inside = [], {id(part) for error in raised for part in ast.walk(error)}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            found.append((node.lineno, "".join(str(part) for part in parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | inside:
            found.append((node.lineno, node.value))
    return found


def sentences_in(source: str) -> list[tuple[int, str]]:
    """Texts that a person could be meant to read: with a place for a fact and words around it, or three words in a row."""
    return [
        (line, text)
        for line, text in _written(ast.parse(source))
        if " " in text
        and not NO_SENTENCE.search(text)
        and (len(WORDS.findall(text)) >= 3 + 2 * ("{" not in text) or text.rstrip().endswith("."))
    ]


@pytest.mark.parametrize(("feature", "module"), MODULES)
def test_no_sentence_is_written_outside_the_words_of_its_feature(feature: str, module: str) -> None:
    found = sentences_in((LIB / f"{module}.py").read_text(encoding="utf-8"))
    assert not found, f"move these to the words of {feature}: {found}"


def test_the_scan_sees_a_sentence_with_a_place_for_a_fact() -> None:
    code = 'def f(n):\n    """Doc with {n} in it."""\n    a = f"{n} of them are late"\n    return "handoffs/{n}/event", a'
    assert sentences_in(code) == [(3, "{} of them are late")]
    assert sentences_in('x = "Nobody owns {names} ({count})."') == [(1, "Nobody owns {names} ({count}).")]
    assert sentences_in('x = "The stage has no owner."') == [(1, "The stage has no owner.")]


TABLES = {module.__name__: module for modules, _ in FEATURES.values() for module in modules}


@pytest.mark.parametrize("name", TABLES)
def test_every_template_is_named_once_and_used(name: str) -> None:
    words = TABLES[name]
    ids = Counter(template.id for template in templates_of(words))
    assert [id for id, count in ids.items() if count > 1] == []
    paths = [*(module for _, module in MODULES), *ALSO]
    logic = "".join((LIB / f"{path}.py").read_text(encoding="utf-8") for path in paths)
    own = Path(str(words.__file__)).read_text(encoding="utf-8")
    names = [name for name in vars(words) if name.isupper() and not name.startswith("_")]
    used = re.compile(r"words\.(\w+)\b").findall(logic)
    assert [name for name in names if name not in used and len(re.findall(rf"\b{name}\b", own)) < 2] == []


@pytest.mark.parametrize("name", TABLES)
def test_every_template_can_be_written_with_the_facts_it_lists(name: str) -> None:
    fact = single("t", "d", {"n": 3}).fact(0, "n", "count")
    for template in templates_of(TABLES[name]):
        given = dict.fromkeys(template.facts, fact)
        if isinstance(template, VerdictTemplate):
            verdict = template.verdict(given)
            assert "{" not in verdict.text + verdict.needs + verdict.flips
        elif isinstance(template, FindingTemplate):
            finding = template.finding(given)
            assert "{" not in finding.text + finding.why, template.id
        elif not isinstance(template, AdviceTemplate):
            assert "{" not in template.write(**given)
        if template.facts:
            first, *others = template.facts
            with pytest.raises(ValueError, match="not given"):
                template.require(others)
            assert first not in names_in(template.worded(**{first: "ours"}).text)


def test_a_template_refuses_what_its_facts_do_not_list_and_typed_numbers() -> None:
    with pytest.raises(ValueError, match="do not list"):
        Template("a", "{share} of {all}", ("share",))
    with pytest.raises(ValueError, match="typed"):
        Template("a", "20 % of them")
    with pytest.raises(ValueError, match="do not list"):
        VerdictTemplate("a", "Yes.", status="good", flips="One more {thing}.")
    assert Label("a", "Only 20 % shown").text == "Only 20 % shown"


def test_words_of_ours_are_put_into_every_part_of_a_verdict() -> None:
    said = VerdictTemplate("v.x", "No {side}, {n} in all.", ("side", "n"), status="bad", flips="One {side}.")
    verdict = said.worded(side="outcome").verdict({"n": "3"})
    assert (verdict.text, verdict.flips, verdict.code) == ("No outcome, 3 in all.", "One outcome.", "v")


def test_a_fix_carries_what_it_saves_and_its_words() -> None:
    fix = Label("fix.keep", "Keep {owner} only", ("owner",)).fix(
        ("metrics/a/owners", ["Ana"]), owner="Ana {x}"
    )
    assert (fix.label, fix.saves, fix.page) == ("Keep Ana {x} only", (("metrics/a/owners", ["Ana"]),), "")
    with pytest.raises(ValueError, match="not given"):
        Label("fix.keep", "Keep {owner} only", ("owner",)).fix()


def test_one_and_several_have_their_own_words() -> None:
    waits = counted(Template, "waits", "{n} waits", "{n} wait", ("n",))
    assert [waits.of(n).write(n=str(n)) for n in (0, 1, 2)] == ["0 wait", "1 waits", "2 wait"]
