"""Words that mean two things to two teams: which are settled, which are not, and where the unsettled ones are used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lib.analysis.findings import framework_finding
from lib.analysis.verdict import Finding, Fix, Verdict
from lib.engine.evidence.evidence import Evidence, single
from lib.framework.load import framework
from lib.workbook.model import Workbook

# Free text of the workbook, by section: where a word can mislead.
_NOTES: Mapping[str, tuple[str, ...]] = {
    "metrics": ("definition", "decision", "verdict_reason"), "contracts": ("decision_rights", "target"),
    "stages": ("note",), "handoffs": ("entry", "exit", "feedback", "escalation"), "insights": ("text",),
    "ideas": ("because", "believe"), "experiments": ("decision_reason", "learning"),
    "learnings": ("believed", "saw", "learned", "for_message", "for_funnel"), "actions": ("text",),
}  # fmt: skip
_SHOWN = 60


@dataclass(frozen=True)
class Word:
    """A word the two teams use, with its two meanings.

    Attributes:
        id: Record id in the workbook's terms, or in the framework's glossary.
        word: As it is written.
        forms: Every spelling that counts.
        marketing: What it means to marketing.
        growth: What it means to growth.
        agreed: What was agreed; "" while unsettled.
        in_workbook: Whether the team has taken it up.
    """

    id: str
    word: str
    forms: tuple[str, ...]
    marketing: str
    growth: str
    agreed: str
    in_workbook: bool

    @property
    def is_settled(self) -> bool:
        """Agreed on, or meaning the same to both."""
        same = self.marketing.strip().lower() == self.growth.strip().lower()
        return bool(self.agreed.strip()) or (same and self.in_workbook)


@dataclass(frozen=True)
class Mark:
    """One use of an unsettled word in a text: characters `start` to `end`."""

    start: int
    end: int
    word: Word


@dataclass(frozen=True)
class Use:
    """An unsettled word in a note of the workbook.

    Attributes:
        word: The word.
        key: The answer it stands in.
        excerpt: The text around it.
    """

    word: Word
    key: str
    excerpt: str


@dataclass(frozen=True)
class GlossaryResult:
    """The state of the shared language."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    words: tuple[Word, ...]
    uses: tuple[Use, ...]


def words(book: Workbook) -> tuple[Word, ...]:
    """The team's words first, then those of the framework that the team has not taken up."""
    known = framework().glossary
    found: list[Word] = []
    taken: set[str] = set()
    for id, term in book.terms.items():
        if not term.word.strip():
            continue
        match = next(
            (t for t in known.values() if term.word.lower() in (t.word.lower(), *map(str.lower, t.also))),
            None,
        )
        forms = tuple(dict.fromkeys((term.word, *((match.word, *match.also) if match else ()))))
        found.append(Word(id, term.word, forms, term.marketing, term.growth, term.agreed, True))
        taken |= {match.id} if match else set()
    found += [
        Word(term.id, term.word, (term.word, *term.also), term.marketing, term.growth, "", False)
        for term in known.values()
        if term.has_two_meanings and term.id not in taken
    ]
    return tuple(found)


def mark(text: str, unsettled: tuple[Word, ...]) -> tuple[Mark, ...]:
    """Every use of an unsettled word in a text, longest spelling first, without overlap.

    >>> lead = Word("lead", "lead", ("lead", "leads"), "a form", "a trial", "", False)
    >>> [(m.start, m.end) for m in mark("More leads, a leader.", (lead,))]
    [(5, 10)]
    """
    forms = {form.lower(): word for word in unsettled for form in word.forms}
    if not forms or not text:
        return ()
    listed = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])({listed})(?![\w-])", re.IGNORECASE)
    return tuple(Mark(m.start(), m.end(), forms[m.group(0).lower()]) for m in pattern.finditer(text))


def open_words(book: Workbook) -> tuple[Word, ...]:
    """Words the team took up and has not settled."""
    if not book.terms:
        return ()
    return tuple(word for word in words(book) if word.in_workbook and not word.is_settled)


def in_texts(book: Workbook, texts: Iterable[str]) -> dict[str, int]:
    """Words the team took up and has not settled, and how often finished texts use them, most used first.

    Args:
        book: Its terms; words that the team never took up are not held against a text.
        texts: Sentences of a summary, for instance.
    """
    unsettled = open_words(book)
    found: dict[str, int] = {}
    for text in texts:
        for use in mark(text, unsettled):
            found[use.word.word] = found.get(use.word.word, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def is_note(key: str) -> bool:
    """Whether an answer is free text in which a word can mislead.

    >>> is_note("insights/i1/text"), is_note("terms/lead/growth"), is_note("summary/own/s1/text")
    (True, False, True)
    """
    section, _, rest = key.partition("/")
    field = rest.rpartition("/")[2]
    return (
        field in _NOTES.get(section, ())
        or key in ("stage/reason", "stage/change_mind")
        or (section == "summary" and rest.startswith("own/") and field != "by")
    )


def notes(book: Workbook) -> Iterator[tuple[str, str]]:
    """Free texts of the workbook: (key, text)."""
    yield from _record_notes(book)
    reasons = {f"stage/{key}": book.stage.get(key) for key in ("reason", "change_mind")}
    yield from ((key, str(text)) for key, text in reasons.items() if text)
    own = ((key, text) for key, text in book.summary.items() if isinstance(text, str))
    yield from ((f"summary/{key}", text) for key, text in own if " " in text)


def _record_notes(book: Workbook) -> Iterator[tuple[str, str]]:
    for section, fields in _NOTES.items():
        for id, record in getattr(book, section).items():
            texts = ((field, getattr(record, field, "")) for field in fields)
            yield from ((f"{section}/{id}/{field}", str(text)) for field, text in texts if text)


def glossary(book: Workbook) -> GlossaryResult:
    """Which words are settled, and where unsettled ones are used in notes and in the summary's own words.

    Args:
        book: The workbook.
    """
    known = words(book)
    unsettled = tuple(word for word in known if not word.is_settled)
    uses = tuple(_uses(book, unsettled))
    table = _count_all(known, uses)
    return GlossaryResult(_verdict(book, table), _findings(unsettled, uses, table), (table,), known, uses)


def _uses(book: Workbook, unsettled: tuple[Word, ...]) -> Iterator[Use]:
    for key, text in notes(book):
        for found in mark(text, unsettled):
            start, end = max(0, found.start - _SHOWN // 2), min(len(text), found.end + _SHOWN // 2)
            before, after = "…" if start else "", "…" if end < len(text) else ""
            yield Use(found.word, key, f"{before}{text[start:end]}{after}")


def _count_all(known: tuple[Word, ...], uses: tuple[Use, ...]) -> Evidence:
    used = {use.word.id for use in uses}
    ours = [word for word in known if word.in_workbook]
    return single(
        "State of the glossary",
        "Words of the team's glossary that are settled and not, and uses of unsettled words in notes.",
        {
            "settled": sum(word.is_settled for word in ours),
            "unsettled": sum(not word.is_settled for word in ours),
            "uses": len(uses),
            "waiting": len(known) - len(ours),
            "open": sum(not word.is_settled and (word.in_workbook or word.id in used) for word in known),
        },
        method="Counted in the workbook",
    )


def _verdict(book: Workbook, table: Evidence) -> Verdict:
    facts = {name: table.fact(0, name, "count") for name in table.columns}
    if not book.terms:
        return Verdict(
            "unclear",
            "Can't tell yet whether the teams mean the same: no word is settled.",
            needs="both meanings of the first three words",
            code="glossary_empty",
        )
    row = table.records()[0]
    if row["unsettled"] or row["uses"]:
        return Verdict(
            "mixed",
            "Words settled: {settled}. Words still with two meanings: {open}; our notes use them "
            "{uses} times.",
            {name: facts[name] for name in ("settled", "open", "uses")},
            code="glossary_open",
        )
    return Verdict(
        "good",
        "All {settled} words taken up are settled, and our notes use no others with two meanings.",
        facts,
        code="glossary_settled",
    )


def _findings(unsettled: tuple[Word, ...], uses: tuple[Use, ...], table: Evidence) -> tuple[Finding, ...]:
    counts = {word.id: sum(use.word.id == word.id for use in uses) for word in unsettled}
    ranked = sorted(
        (word for word in unsettled if word.in_workbook or counts[word.id]),
        key=lambda word: (-counts[word.id], not word.in_workbook),
    )
    return tuple(_two_meanings(word, counts[word.id], table) for word in ranked[:5])


def _two_meanings(word: Word, count: int, table: Evidence) -> Finding:
    where = f" Uses in our notes: {count}." if count else ""
    return framework_finding(
        "two_meanings",
        {"word": word.word},
        why=f"{framework().findings['two_meanings'].why}{where}",
        subjects=(word.id,),
        fixes=_fixes(word),
        evidence=table,
    )


def _fixes(word: Word) -> tuple[Fix, ...]:
    """Take the word up, and agree on its plain definition, one click each."""
    known = framework().glossary
    plain = next((t for t in known.values() if t.word.lower() in map(str.lower, word.forms)), None)
    base = f"terms/{word.id}"
    if plain is None:
        return ()
    if word.in_workbook:
        return (Fix("Agree on the plain definition", ((f"{base}/agreed", plain.plain),)),)
    saves = (
        (f"{base}/word", word.word),
        (f"{base}/marketing", word.marketing),
        (f"{base}/growth", word.growth),
    )
    return (
        Fix(f"Take up “{word.word}”", saves),
        Fix("Agree on the plain definition", (*saves, (f"{base}/agreed", plain.plain))),
    )
