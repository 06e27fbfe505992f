"""The framework's content as entries to read and search, each with its grade and sources."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.ui.kit.evidence_view import plain

GRADES = {
    "measured_elsewhere": ("measured elsewhere", "green"),
    "survey": ("survey", "blue"),
    "expert_opinion": ("expert opinion", "gray"),
    "unverified": ("unverified", "red"),
}
KINDS = {metric_kinds.PROCESS: "blue", metric_kinds.OUTCOME: "orange", metric_kinds.SHARED: "green"}
CHECKED = {
    "supported": "green",
    "disputed": "orange",
    "unverified": "red",
    "misattributed": "red",
    "contradicted": "red",
}


@dataclass(frozen=True)
class ReferenceEntry:
    """One entry.

    Attributes:
        section: Heading it stands under.
        title: What it is called.
        markdown: Its whole text, title first.
        words: Everything that can be searched, lower case.
    """

    section: str
    title: str
    markdown: str
    words: str


@functools.cache
def entries() -> tuple[ReferenceEntry, ...]:
    """All entries, section after section."""
    content = framework()
    makers: list[tuple[str, Iterable[Any], Callable[[Any], tuple[str, list[str], list[str]]]]] = [
        ("Glossary", sorted(content.glossary.values(), key=lambda term: term.word.casefold()), _term),
        ("Metrics", content.kpis.values(), _kpi),
        ("Areas and moves", [*content.areas.values(), *content.moves.values()], _area),
        ("Roles", [*content.roles.values(), *content.skills.values(), *content.hiring.values()], _role),
        ("Stages and warnings", [*content.stage_rules.values(), *content.misfires.values()], _rule),
        ("Open questions", content.tensions.values(), _tension),
        ("Claims, checked", content.claims.values(), _claim),
    ]
    found = [_entry(section, row, maker(row)) for section, rows, maker in makers for row in rows]
    return (*found, *(_source(row) for row in content.sources.values()))


def search(words: str) -> list[ReferenceEntry]:
    """Entries that contain every one of the words, those with a matching title first.

    Args:
        words: As typed; case and order do not matter.
    """
    wanted = words.casefold().split()
    found = [entry for entry in entries() if all(word in entry.words for word in wanted)]
    return sorted(found, key=lambda entry: not all(word in entry.title.casefold() for word in wanted))


def sections() -> list[str]:
    """The sections in their order."""
    return list(dict.fromkeys(entry.section for entry in entries()))


def _entry(section: str, row: Any, made: tuple[str, list[str], list[str]]) -> ReferenceEntry:
    title, badges, body = made
    sources = framework().sources
    titles = [sources[id].title for id in row.sources if id in sources]
    grade, colour = GRADES[row.grade]
    foot = f":small[:{colour}-badge[{grade}] :gray[{plain('; '.join(titles))}]]"
    head = f"#### {plain(title)}" + "".join(f" {badge}" for badge in badges)
    text = "\n\n".join([head, *body, foot])
    return ReferenceEntry(
        section, title, text, " ".join([row.id.replace("_", " "), title, *body, *titles]).casefold()
    )


def _term(row: Any) -> tuple[str, list[str], list[str]]:
    also = f" Also: {plain(', '.join(row.also))}." if row.also else ""
    said = f"Marketing often means: {plain(row.marketing)}  \nGrowth often means: {plain(row.growth)}"
    title = row.word[:1].upper() + row.word[1:]
    if not row.has_two_meanings:
        return title, [], [plain(row.plain) + also]
    return title, [":orange-badge[two meanings]"], [plain(row.plain) + also, said]


def _kpi(row: Any) -> tuple[str, list[str], list[str]]:
    badges = [f":{KINDS[row.kind]}-badge[{row.kind}]", f":gray-badge[{row.aarrr}]"]
    traits = {
        "vanity: moves with spend and changes no decision": row.is_vanity,
        "can only rise": row.is_cumulative,
        "claimed by both teams": row.is_contested,
        "a price or a value each: days and segments are averaged, never summed": row.is_average,
        "what there is at one time: days are averaged, segments add up": row.is_level,
    }
    notes = [text for text, holds in traits.items() if holds]
    guardrail = framework().kpis[row.guardrail].name if row.guardrail in framework().kpis else ""
    facts = [f"Good direction: {row.direction}", f"Unit: {row.unit}", f"Owner: {' and '.join(row.owners)}"]
    facts += [f"Guardrail: {guardrail}"] if guardrail else []
    body = [plain(row.formula), f":small[{plain(' · '.join(facts))}]"]
    body += [f"{plain(row.hint)}"] if row.hint else []
    body += [f"**Mind:** {plain('; '.join(notes))}."] if notes else []
    return row.name, badges, body


def _area(row: Any) -> tuple[str, list[str], list[str]]:
    if hasattr(row, "does"):  # a move
        return (
            row.name,
            [":gray-badge[move]"],
            [f"*{plain(row.question)}* {plain(row.does)}", f"Leaves: {plain(row.leaves)}"],
        )
    body = [f"*{plain(row.question)}* Owner: {plain(row.owner)}.", _list(row.answerable_for)]
    body += [f"Not answerable for: {plain(row.not_answerable_for)}"] if row.not_answerable_for else []
    return row.name, [f":{KINDS[row.kind]}-badge[{row.kind}]"], body


def _role(row: Any) -> tuple[str, list[str], list[str]]:
    if hasattr(row, "mission"):
        tools = ", ".join(tool.name for tool in row.tools)
        body = [
            plain(row.mission),
            f"Strategy: {plain(row.strategy)}",
            f"Goals: {plain(', '.join(row.goals))}",
            f"Tools: {plain(tools)}",
        ]
        return row.name, [":gray-badge[role]"], [*body, "Asks:\n\n" + _list(row.asks)]
    if hasattr(row, "what_good_looks_like"):
        return (
            row.name,
            [f":gray-badge[skill · {row.role.replace('_', ' ')}]"],
            [plain(row.what_good_looks_like)],
        )
    body = [plain(row.argument), f"It costs: {plain(row.costs)}", f"Fits when: {plain(row.fits_when)}"]
    return row.name, [":gray-badge[hiring]"], body


def _rule(row: Any) -> tuple[str, list[str], list[str]]:
    if hasattr(row, "remedy"):
        return row.name, [":red-badge[warning]"], [plain(row.why), f"Remedy: {plain(row.remedy)}"]
    body = [f"**{plain(row.focus_name)}.** {plain(row.calls_for)}", f"Because: {plain(row.because)}"]
    body += [f"Against: {plain(row.against)}", f"Hire: {plain(row.hire)}", f"Look again: {plain(row.review)}"]
    return row.name, [":gray-badge[company stage]"], body


def _tension(row: Any) -> tuple[str, list[str], list[str]]:
    body = [
        f"One side: {plain(row.one_side)}",
        f"The other: {plain(row.other_side)}",
        f"Here: {plain(row.here)}",
    ]
    return row.question, [], body


def _claim(row: Any) -> tuple[str, list[str], list[str]]:
    body = [f"What the check found: {plain(row.checked)}"]
    body += [f"What may be said: {plain(row.safe)}"] if row.safe else []
    return row.text, [f":{CHECKED[row.status]}-badge[{row.status}]"], body


def _source(row: Any) -> ReferenceEntry:
    year = f", {row.year}" if row.year else ""
    seen = "read" if row.seen else "known only through others who quote it"
    link = f"[{plain(row.url)}]({row.url})" if row.url.startswith("https://") else ""
    body = [
        f"{row.kind.capitalize()}{year}; {seen}.",
        *([plain(row.note)] if row.note else []),
        *([link] if link else []),
    ]
    return ReferenceEntry(
        "Sources",
        row.title,
        "\n\n".join([f"#### {plain(row.title)}", *body]),
        f"{row.title} {row.note}".casefold(),
    )


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {plain(item)}" for item in items)
