"""Every word of the field that the pages use is explained, and only words with two meanings ask to be settled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.analysis.translation.glossary import words
from lib.framework.load import framework
from lib.workbook.model import Workbook, fold

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = framework().glossary
# Words that somebody from outside the field would stop at. Add one here when a page starts to use it.
FIELD = (
    "AARRR", "activation", "active user", "ARR", "attribution", "baton", "Brier score", "CAC", "cadence", "churn", "cohort",
    "contraction", "control", "conversion", "decision rights", "entry criteria", "escalate", "evidence", "exit criteria",
    "expansion", "feedback signal", "fingerprint", "forecast", "funnel", "gross margin", "growth accounting", "guardrail",
    "handoff", "horizon", "ICE", "lead quality", "leaked", "lift", "lookback", "LTV", "mature", "median",
    "message architecture", "mix", "MRR", "North Star", "NPS", "one look", "outcome metric", "p-value", "payback",
    "pipeline", "positioning", "precision", "process metric", "product-market fit", "quick ratio", "rate ratio", "recall",
    "register", "rejected", "resurrected", "retention", "RICE", "sales enablement", "sample ratio", "sample-ratio",
    "scorecard", "segment", "shared metric", "SLA", "smallest change", "touch", "treatment", "vanity", "variant",
    "watched daily", "win rate", "window",
)  # fmt: skip


def _texts() -> Iterator[str]:
    """What the code of the pages can say: texts of more than one word that are no docstrings."""
    for folder in ("ui", "analysis", "charts"):
        for path in sorted((ROOT / "lib" / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            owners = [
                n
                for n in ast.walk(tree)
                if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef) and n.body
            ]
            docs = {id(n.body[0].value) for n in owners if isinstance(n.body[0], ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                    yield node.value
    for path in sorted((ROOT / "data" / "framework").glob("*.toml")):
        if path.stem not in ("terms", "words"):
            yield path.read_text(encoding="utf-8")


SAID = "\n".join(_texts())
FORMS = {form.casefold() for term in GLOSSARY.values() for form in (term.word, *term.also)}


@pytest.mark.parametrize("word", FIELD)
def test_a_word_that_the_pages_use_is_explained(word: str) -> None:
    assert word.casefold() in FORMS


def test_the_list_is_the_pages_own_language() -> None:
    """A list of words that nobody says would prove nothing."""
    unused = [
        word for word in FIELD if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", SAID, re.IGNORECASE)
    ]
    assert len(unused) <= 5, unused


def test_one_spelling_belongs_to_one_entry() -> None:
    forms = [form.casefold() for term in GLOSSARY.values() for form in {term.word, *term.also}]
    assert sorted(forms) == sorted(set(forms))


def test_an_entry_is_short_and_a_word_has_both_meanings_or_none() -> None:
    for term in GLOSSARY.values():
        assert bool(term.marketing) == bool(term.growth), term.id
        assert 20 < len(term.plain) < 190, term.id
        assert term.plain.endswith("."), term.id


def test_only_words_with_two_meanings_are_offered_to_be_settled() -> None:
    offered = {word.id for word in words(Workbook())}
    assert offered == {term.id for term in GLOSSARY.values() if term.has_two_meanings}
    assert {"lead", "activation", "north_star"} <= offered
    assert not {"quick_ratio", "guardrail", "cohort"} & offered


def test_a_team_may_still_settle_a_word_that_is_only_explained() -> None:
    book = fold(
        {
            "terms/t/word": "Cohort",
            "terms/t/marketing": "A campaign's leads",
            "terms/t/growth": "A sign-up month",
        }
    )
    (ours,) = [word for word in words(book) if word.in_workbook]
    assert not ours.is_settled
    assert "cohorts" in ours.forms
