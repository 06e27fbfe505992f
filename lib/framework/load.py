"""Loads the framework's content once and checks that every id it names exists.

`framework()` is what everybody calls. A mistake in the content is a defect of ours and stops at load, with
the file and the row named, so that no page can ever show half of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from lib.framework import schema as s
from lib.framework import step_ids

FOLDER = Path(__file__).resolve().parents[2] / "data" / "framework"
SECTIONS: Mapping[str, type[BaseModel]] = {
    "sources": s.ContentSource, "claims": s.PublishedClaim, "tensions": s.Tension, "areas": s.Area, "moves": s.Move,
    "aarrr": s.AarrrStage, "kpis": s.Kpi, "roles": s.Role, "skills": s.Skill, "signals": s.Signal,
    "questions": s.InterviewQuestion,
    "stage_rules": s.StageRule, "ninety_days": s.NinetyDays, "misfires": s.Misfire, "findings": s.FindingText,
    "challenges": s.PromptText, "glossary": s.GlossaryTerm, "rituals": s.RitualTemplate, "exercises": s.Exercise,
    "hiring": s.HiringOption,
}  # fmt: skip


# Named, so that another room may keep content of its own beside these files.
FILES = ("areas", "kpis", "roles", "rules", "sources", "stage", "words", "terms")


class ContentError(Exception):
    """A file of `data/framework` is wrong; names the file and the row."""


@dataclass(frozen=True)
class Framework:
    """All content, each section as id -> row, in the order of its file."""

    sources: Mapping[str, s.ContentSource]
    claims: Mapping[str, s.PublishedClaim]
    tensions: Mapping[str, s.Tension]
    areas: Mapping[str, s.Area]
    moves: Mapping[str, s.Move]
    aarrr: Mapping[str, s.AarrrStage]
    kpis: Mapping[str, s.Kpi]
    roles: Mapping[str, s.Role]
    skills: Mapping[str, s.Skill]
    signals: Mapping[str, s.Signal]
    questions: Mapping[str, s.InterviewQuestion]
    stage_rules: Mapping[str, s.StageRule]
    ninety_days: Mapping[str, s.NinetyDays]
    misfires: Mapping[str, s.Misfire]
    findings: Mapping[str, s.FindingText]
    challenges: Mapping[str, s.PromptText]
    glossary: Mapping[str, s.GlossaryTerm]
    rituals: Mapping[str, s.RitualTemplate]
    exercises: Mapping[str, s.Exercise]
    hiring: Mapping[str, s.HiringOption]

    def may_export(self, claim_id: str) -> bool:
        """Whether an export may state this claim at all; unverified and contradicted ones never.

        Raises:
            KeyError: There is no such claim.
        """
        return self.claims[claim_id].may_export

    def rows(self) -> Iterator[tuple[str, s.ContentRow]]:
        """Every row that carries sources and a grade, with its section's name."""
        for section in SECTIONS:
            for row in getattr(self, section).values():
                if isinstance(row, s.ContentRow):
                    yield section, row

    def role_skills(self, role: str) -> list[s.Skill]:
        """The four skills and mindsets of one role, in their order."""
        return [skill for skill in self.skills.values() if skill.role == role]


def _rows(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every row as it is written, its section's defaults filled in: (file, section, row)."""
    for path in (folder / f"{name}.toml" for name in FILES):
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        defaults = tables.pop("defaults", {})
        for section, rows in tables.items():
            if section not in SECTIONS:
                raise ContentError(f"{path.name}: nobody reads a section called {section!r}")
            yield from ((path.name, section, {**defaults.get(section, {}), **row}) for row in rows)


def _read(folder: Path) -> dict[str, dict[str, BaseModel]]:
    """All rows by section and id, validated one by one."""
    found: dict[str, dict[str, BaseModel]] = {name: {} for name in SECTIONS}
    for file, section, row in _rows(folder):
        id_ = row.get("id", "?")
        if id_ in found[section]:
            raise ContentError(f"{file}: {section} {id_!r} is there twice")
        try:
            found[section][id_] = SECTIONS[section].model_validate(row)
        except ValidationError as error:
            raise ContentError(f"{file}, {section}, {id_}: {error}") from error
    return found


# Which rows point to another section, in which of their fields.
_POINTERS: tuple[tuple[type[s.ContentRow], str, str], ...] = (
    (s.ContentRow, "sources", "sources"),
    (s.ContentRow, "kpis", "kpis"),
    (s.ContentRow, "areas", "areas"),
    (s.Kpi, "guardrail", "kpis"),
    (s.Kpi, "aarrr", "aarrr"),
    (s.GlossaryTerm, "kpi", "kpis"),
    (s.Skill, "role", "roles"),
    (s.NinetyDays, "role", "roles"),
)


def _ids(named: str | tuple[str, ...]) -> list[str]:
    """What a field names: one id or several; an empty one names nothing."""
    return [id_ for id_ in ((named,) if isinstance(named, str) else named) if id_]


def _links(content: Framework) -> Iterator[tuple[str, str, str]]:
    """Every reference from one row to another: (where it stands, section it points to, id)."""
    for section, row in content.rows():
        for kind, field, target in _POINTERS:
            if isinstance(row, kind):
                named = _ids(getattr(row, field, ()))
                yield from ((f"{section} {row.id}", target, id_) for id_ in named)


def _check(content: Framework) -> None:
    """Refuse content that names what is not there, or patterns that are not regular expressions.

    Raises:
        ContentError: With the row and the name.
    """
    for where, section, id_ in _links(content):
        if id_ not in getattr(content, section):
            raise ContentError(f"{where} names {id_!r}, which is not in {section}")
    for section, row in content.rows():
        if (page := getattr(row, "page", "")) and page not in step_ids.PAGES:
            raise ContentError(f"{section} {row.id} names {page!r}, which is no page")
    for row in content.kpis.values():
        for pattern in row.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ContentError(f"{row.id}: {pattern!r} is no regular expression: {error}") from error


def load(folder: Path = FOLDER) -> Framework:
    """Read and check all content of a folder.

    Args:
        folder: Where the TOML files are.

    Raises:
        ContentError: A row is malformed, doubled, or names an id that does not exist.
    """
    content = Framework(**{name: MappingProxyType(rows) for name, rows in _read(folder).items()})  # type: ignore[arg-type]
    _check(content)
    return content


@cache
def framework() -> Framework:
    """The framework's content, loaded once a process.

    >>> framework().kpis["nps"].owners
    ('Marketing',)
    """
    return load()
