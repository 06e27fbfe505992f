"""The workbook as typed objects, folded from its answers.

An answer has a key of the form `section/field` or `section/id/field` and a JSON value. The whole workbook is the fold of
all answers; a missing or unusable value falls back to its field's default, so an old or damaged answer can never keep a
workbook from opening. What may be saved is checked in `check`.

| section | key | holds |
|---|---|---|
| settings | settings/company | one Settings |
| datasets | datasets/<slot>/fingerprint | DatasetRef by slot (the contract's name, or contract-2 for a second one) |
| channels | channels/<alias as uploaded> | canonical channel name |
| metrics | metrics/<id>/owners | Metric |
| contracts | contracts/<metric id>/target | SharedContract |
| north_star | north_star/metric | NorthStar; inputs under inputs/<id>/... |
| stages | stages/<id>/owners | JourneyStage |
| handoffs | handoffs/<id>/event | Handoff |
| insights, ideas, experiments, learnings, launches | ideas/<id>/because | the shared-experiment records |
| stage | stage/<question id> | answer to a stage question; stage/decision, stage/reason |
| terms, rituals, people, skills, actions | terms/<id>/agreed | translation, team, follow-up |
| challenges | challenges/<rule id>/reply | answered, parked or dismissed challenges |
| queries | queries/<id>/sql | saved queries |
| owns | owns/<row id>/today | who owns a row today and who should, per side |
| summary | summary/<field> | edits to the executive summary |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from lib.errors import DataError
from lib.workbook.base import StoredRecord
from lib.workbook.sections.experiments import Experiment, Idea, Insight, Launch, Learning

SCHEMA_VERSION = 1

Kind = Literal["process", "outcome", "shared", "unassigned"]
Stage = Literal["awareness", "acquisition", "activation", "retention", "referral", "revenue", ""]
Direction = Literal["up", "down"]


class Settings(StoredRecord):
    """What applies to every page and export."""

    company: str = ""
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    time_zone: str = "UTC"
    week_start: Literal["monday", "sunday"] = "monday"
    fiscal_year_start: int = Field(default=1, ge=1, le=12)  # month
    gross_margin: float | None = Field(default=None, ge=0, le=1)
    marketing_lead: str = ""
    growth_lead: str = ""
    floor: int = Field(default=10, ge=0)  # groups smaller than this never leave as a row of an export


class DatasetRef(StoredRecord):
    """A dataset in use, by slot."""

    fingerprint: str = ""
    name: str = ""
    contract: str = ""
    rows: int = 0


class Metric(StoredRecord):
    """One line of the metric register."""

    name: str = ""
    kind: Kind = "unassigned"
    aarrr: Stage = ""
    owners: tuple[str, ...] = ()  # teams or people; one accountable, two when shared
    unit: str = ""
    direction: Direction = "up"
    cadence: str = ""
    target: float | None = None
    guardrail: str = ""  # id of the guardrail metric
    definition: str = ""
    decision: str = ""  # which decision this metric changes
    kpi: str = ""  # id in the KPI catalogue
    area: str = ""  # one of the six areas where the team set it, else the catalogue or the kind decides
    source: Literal["file", "catalogue", "hand", "query"] = "hand"
    series: str = ""  # name of the series in the metrics dataset, or id of a saved query
    verdict: Literal["keep", "fix", "drop", ""] = ""
    verdict_reason: str = ""


class SharedContract(StoredRecord):
    """What the two teams agreed about one shared metric."""

    event: str = ""
    conditions: tuple[str, ...] = ()
    marketing_owner: str = ""
    growth_owner: str = ""
    decision_rights: str = ""
    guardrail: str = ""
    tie_break: str = ""
    may_stop: str = ""
    target: str = ""
    agreed_on: str = ""  # ISO date from which it applies
    review_on: str = ""  # ISO date


class NorthStar(StoredRecord):
    """The one metric everything feeds."""

    metric: str = ""
    why: str = ""


class InputEdge(StoredRecord):
    """One edge of the North Star tree."""

    child: str = ""  # metric id
    parent: str = ""  # metric id
    type: Literal["arithmetic", "hypothesis"] = "hypothesis"
    note: str = ""


class JourneyStage(StoredRecord):
    """One stage of the journey, awareness to advocacy."""

    name: str = ""
    order: float = 0
    events: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    aarrr: Stage = ""
    note: str = ""


class Handoff(StoredRecord):
    """One crossing between two territories."""

    name: str = ""
    from_stage: str = ""
    to_stage: str = ""
    from_owner: str = "Marketing"
    to_owner: str = "Growth"
    event: str = ""
    conditions: tuple[str, ...] = ()  # e.g. "plan = business", "event:invite_sent"
    entry: str = ""
    exit: str = ""
    sla_hours: float | None = Field(default=None, ge=0)
    sla_human_hours: float | None = Field(default=None, ge=0)
    accept_event: str = ""
    assign_event: str = ""  # starts the clock of a person's time; recognised by its name while empty
    reject_reasons: tuple[str, ...] = ()
    feedback: str = ""
    escalation: str = ""
    agreed_on: str = ""  # ISO date from which it applies
    review_on: str = ""
    is_main: bool = False  # the marketing -> growth handoff that the map is drawn around


class AgreedTerm(StoredRecord):
    """A word with two meanings and the one that was agreed."""

    word: str = ""
    marketing: str = ""
    growth: str = ""
    agreed: str = ""
    metric: str = ""


class Ritual(StoredRecord):
    """A recurring session of the two teams."""

    name: str = ""
    purpose: str = ""
    weekday: int = Field(default=1, ge=0, le=6)  # Monday 0
    time: str = "10:00"
    minutes: int = Field(default=30, ge=5, le=480)
    every_weeks: int = Field(default=2, ge=1, le=26)
    starts_on: str = ""
    owner: str = ""
    agenda: tuple[str, ...] = ()


class TeamMember(StoredRecord):
    """Somebody on the team."""

    name: str = ""
    team: str = ""
    role: str = ""


class Action(StoredRecord):
    """A promise with an owner and a date."""

    text: str = ""
    owner: str = ""
    due: str = ""
    done: bool = False


class Query(StoredRecord):
    """A saved query of the Explore page."""

    name: str = ""
    sql: str = ""
    in_summary: bool = False
    note: str = ""  # what the team says it shows


class ChallengeReply(StoredRecord):
    """A reply to the challenger."""

    state: Literal["open", "answered", "parked", "dismissed"] = "open"
    reply: str = ""


class Owns(StoredRecord):
    """Who owns one row of the ownership matrix today, and who should, as each team says it."""

    today: str = ""
    should: str = ""
    marketing_today: str = ""
    marketing_should: str = ""
    growth_today: str = ""
    growth_should: str = ""
    resolved: str = ""
    dissent: str = ""


RECORDS: dict[str, type[StoredRecord]] = {
    "datasets": DatasetRef, "metrics": Metric, "contracts": SharedContract, "inputs": InputEdge,
    "stages": JourneyStage, "handoffs": Handoff, "insights": Insight, "ideas": Idea, "experiments": Experiment,
    "learnings": Learning, "launches": Launch, "terms": AgreedTerm, "rituals": Ritual, "people": TeamMember, "actions": Action,
    "queries": Query, "challenges": ChallengeReply, "owns": Owns,
}  # fmt: skip
SINGLES: dict[str, type[StoredRecord]] = {"settings": Settings, "north_star": NorthStar}
FREE = ("channels", "stage", "skills", "summary", "reviews", "room")  # section/<anything> -> any JSON value
_SECTIONS = frozenset((*RECORDS, *SINGLES, *FREE))


class Workbook(StoredRecord):
    """One workbook at one revision."""

    id: str = ""
    name: str = ""
    rev: int = 0
    settings: Settings = Settings()
    north_star: NorthStar = NorthStar()
    datasets: Mapping[str, DatasetRef] = Field(default_factory=dict)
    metrics: Mapping[str, Metric] = Field(default_factory=dict)
    contracts: Mapping[str, SharedContract] = Field(default_factory=dict)
    inputs: Mapping[str, InputEdge] = Field(default_factory=dict)
    stages: Mapping[str, JourneyStage] = Field(default_factory=dict)
    handoffs: Mapping[str, Handoff] = Field(default_factory=dict)
    insights: Mapping[str, Insight] = Field(default_factory=dict)
    ideas: Mapping[str, Idea] = Field(default_factory=dict)
    experiments: Mapping[str, Experiment] = Field(default_factory=dict)
    learnings: Mapping[str, Learning] = Field(default_factory=dict)
    launches: Mapping[str, Launch] = Field(default_factory=dict)
    terms: Mapping[str, AgreedTerm] = Field(default_factory=dict)
    rituals: Mapping[str, Ritual] = Field(default_factory=dict)
    people: Mapping[str, TeamMember] = Field(default_factory=dict)
    actions: Mapping[str, Action] = Field(default_factory=dict)
    queries: Mapping[str, Query] = Field(default_factory=dict)
    challenges: Mapping[str, ChallengeReply] = Field(default_factory=dict)
    owns: Mapping[str, Owns] = Field(default_factory=dict)
    channels: Mapping[str, Any] = Field(default_factory=dict)
    stage: Mapping[str, Any] = Field(default_factory=dict)
    skills: Mapping[str, Any] = Field(default_factory=dict)  # "<person>/<skill>/<rater>" -> 1..5
    summary: Mapping[str, Any] = Field(default_factory=dict)
    reviews: Mapping[str, Any] = Field(default_factory=dict)
    room: Mapping[str, Any] = Field(default_factory=dict)

    def journey(self) -> list[tuple[str, JourneyStage]]:
        """Stages in their order."""
        return sorted(self.stages.items(), key=lambda item: (item[1].order, item[0]))

    def main_handoff(self) -> tuple[str, Handoff] | None:
        """The handoff from marketing to growth, if one was chosen."""
        chosen = [item for item in self.handoffs.items() if item[1].is_main]
        return chosen[0] if chosen else next(iter(self.handoffs.items()), None)


def _record(type_: type[StoredRecord], fields: Mapping[str, Any]) -> StoredRecord:
    """Build a record, dropping only the values that no longer fit their field."""
    fields = dict(fields)
    while True:
        try:
            return type_.model_validate(fields)
        except ValidationError as error:
            bad = {str(item["loc"][0]) for item in error.errors()} & fields.keys()
            if not bad:
                return type_()
            for name in bad:
                del fields[name]


def fold(answers: Mapping[str, Any], *, id: str = "", name: str = "", rev: int = 0) -> Workbook:
    """Build the workbook from its current answers.

    Args:
        answers: Key -> JSON value; None means the answer was cleared. A record exists while any of its fields does.
        id: The workbook's id.
        name: Its name.
        rev: The revision these answers are from.

    >>> fold({"metrics/nps/name": "NPS", "metrics/nps/kind": "process"}).metrics["nps"].kind
    'process'
    >>> fold({"settings/currency": "not a currency"}).settings.currency
    'USD'
    """
    grouped: dict[str, dict[str, Any]] = {}
    for key, value in answers.items():
        section, _, rest = key.partition("/")
        if value is not None and section in _SECTIONS:
            grouped.setdefault(section, {})[rest] = value
    whole = {section: _section(section, fields) for section, fields in grouped.items()}
    return Workbook.model_construct(**{k: v for k, v in whole.items() if v}, id=id, name=name, rev=rev)


def _section(section: str, fields: Mapping[str, Any]) -> Any:
    """One section of the workbook from its fields: a record, records by id, or the values as they are."""
    if section in FREE:
        return fields
    if section in SINGLES:
        return _record(SINGLES[section], fields)
    records: dict[str, dict[str, Any]] = {}
    for path, value in fields.items():
        id, _, field = path.rpartition("/")
        if id:
            records.setdefault(id, {})[field] = value
    return {id: _record(RECORDS[section], record) for id, record in records.items()}


def refold(
    before: Workbook, answers: Mapping[str, Any], changed: Iterable[str], *, name: str, rev: int
) -> Workbook:
    """The fold of all answers where the fold before some of them changed is at hand: other sections are the same objects.

    Args:
        before: The fold of the answers as they were.
        answers: All answers as they are.
        changed: Keys of those that differ.
        name: The workbook's name.
        rev: Its revision.

    >>> one = fold({"metrics/nps/name": "NPS", "stage/age": 2})
    >>> two = refold(one, {"metrics/nps/name": "NPS", "stage/age": 3}, ["stage/age"], name="", rev=2)
    >>> two.stage["age"], two.metrics is one.metrics
    (3, True)
    """
    sections = {key.partition("/")[0] for key in changed}
    fresh = fold(
        {key: value for key, value in answers.items() if key.partition("/")[0] in sections},
        id=before.id,
        name=name,
        rev=rev,
    )
    same = {section: getattr(before, section) for section in before.model_fields_set - sections}
    return Workbook.model_construct(
        **same | {section: getattr(fresh, section) for section in fresh.model_fields_set}
    )


def check(key: str, value: Any) -> None:
    """Refuse an answer that does not fit its field.

    Raises:
        DataError: The section or field does not exist, or the value does not fit it.

    >>> check("settings/currency", "EUR")
    """
    section, _, rest = key.partition("/")
    if not rest or section not in _SECTIONS:
        raise DataError(f"The workbook has no place called {key!r}.", "Reload the page and try again.")
    if value is None or section in FREE:
        return
    type_ = RECORDS.get(section) or SINGLES[section]
    field = rest.rpartition("/")[2]
    if field not in type_.model_fields or (section in RECORDS and "/" not in rest):
        raise DataError(f"The workbook has no place called {key!r}.", "Reload the page and try again.")
    try:
        type_.model_validate({field: value})
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise DataError(
            f"{field.replace('_', ' ').capitalize()} cannot be {value!r}: {reason}.",
            "Correct the value and save again.",
        ) from error


def fits(key: str, value: Any) -> bool:
    """Whether an answer, perhaps of another time, is one that its field can show.

    >>> fits("handoffs/h/sla_hours", 24), fits("handoffs/h/sla_hours", "soon"), fits("summary/anything", [1])
    (True, False, True)
    """
    try:
        check(key, value)
    except DataError:
        return False
    return True
