"""What the content of `data/framework/*.toml` looks like once it is loaded: frozen, typed, with its sources.

A row says where it comes from (`sources`) and how far it can be trusted (`grade`). Grades, strongest first:
`measured_elsewhere` (a published measurement), `survey` (people's answers), `expert_opinion` (practice or a
reasoned article), `unverified` (a figure whose origin could not be found). A claim that is unverified or
contradicted may be shown as a warning, never exported as a fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lib.framework.metric_kinds import Side, SortedKind

Grade = Literal["measured_elsewhere", "survey", "expert_opinion", "unverified"]
StageId = Literal["awareness", "acquisition", "activation", "retention", "referral", "revenue"]
Unit = Literal["count", "percent", "currency", "ratio", "score", "days", "hours"]
CompanyStage = Literal["pre_fit", "scaling", "mature"]
Focus = Literal["product_marketing", "growth", "both"]
RoleId = Literal["product_marketing", "growth"]
FORMATS: Mapping[str, str] = {
    "count": "count", "percent": "percent1", "currency": "money", "ratio": "ratio2",
    "score": "number1", "days": "days", "hours": "hours",
}  # fmt: skip


class Content(BaseModel):
    """Base of all content: frozen, and a key that nobody reads is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ContentRow(Content):
    """A row of content with its origin."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    sources: tuple[str, ...] = Field(min_length=1)
    grade: Grade


class ContentSource(Content):
    """Where content comes from.

    Attributes:
        title: As a reader would look for it.
        kind: article | survey | study | paper | documentation | practice (a definition of this workbook).
        seen: Whether the text itself was read, or it is known only through somebody who quotes it.
        note: What to know before leaning on it.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    kind: Literal["article", "survey", "study", "paper", "documentation", "practice"]
    year: int | None = None
    url: str = ""
    seen: bool = True
    note: str = ""


class PublishedClaim(ContentRow):
    """A statement about the world that people repeat, and what checking it found.

    Attributes:
        text: The statement, in our words.
        status: supported | disputed (experts disagree) | unverified | misattributed | contradicted.
        checked: What the check found.
        safe: What may be said instead; "" when nothing.
    """

    text: str
    status: Literal["supported", "disputed", "unverified", "misattributed", "contradicted"]
    checked: str
    safe: str = ""

    @property
    def may_export(self) -> bool:
        """Whether an export may state it, with its grade; never what is unverified or contradicted."""
        return self.grade != "unverified" and self.status in ("supported", "disputed")

    @property
    def is_fact(self) -> bool:
        """Whether an export may state it as measured, rather than as somebody's opinion."""
        return (
            self.may_export and self.grade in ("measured_elsewhere", "survey") and self.status == "supported"
        )


class Tension(ContentRow):
    """A point on which the sources disagree: both sides, and what this workbook does about it."""

    question: str
    one_side: str
    other_side: str
    here: str


class Area(ContentRow):
    """One of the six things that are owned: three belong to the process, three to the outcome."""

    name: str
    kind: Side
    owner: str
    question: str
    answerable_for: tuple[str, ...] = Field(min_length=3)
    kpis: tuple[str, ...] = ()
    not_answerable_for: str = ""


class Move(ContentRow):
    """One of the five moves of the walk."""

    name: str
    question: str
    does: str
    leaves: str
    page: str


class AarrrStage(ContentRow):
    """One stage of the customer journey; awareness stands before the five of AARRR."""

    name: str
    order: int
    question: str
    typical_owner: str


class Kpi(ContentRow):
    """One metric of the catalogue.

    Attributes:
        kind: process | outcome | shared.
        aarrr: Where on the journey it is read.
        unit: count | percent | currency | ratio | score | days | hours.
        direction: Which way is good.
        formula: How it is computed, for a person.
        patterns: Regular expressions searched in a series' normalised name (see `recognise.normalise`).
        owners: Typical owner, or both when it is shared.
        guardrail: Id of the metric that shows the harm of pushing this one alone.
        is_cumulative: It can only rise, so its rise says nothing.
        is_average: A price or value each, such as CAC: neither its days nor its segments are ever summed. (Percentages,
            ratios, scores and times are averages by their unit.)
        is_level: What there is at one time, such as customers: its segments add up, its days do not.
        is_vanity: It moves with spend or time and changes no decision on its own.
        hint: What to watch for, one sentence.
        is_contested: Both teams are said to own it.
        is_usual: One of the few that a team without a list begins with.
    """

    name: str
    kind: SortedKind
    aarrr: StageId
    unit: Unit
    direction: Literal["up", "down"]
    formula: str
    patterns: tuple[str, ...] = Field(min_length=1)
    owners: tuple[str, ...] = Field(min_length=1, max_length=2)
    guardrail: str = ""
    is_cumulative: bool = False
    is_average: bool = False
    is_level: bool = False
    is_vanity: bool = False
    is_contested: bool = False
    is_usual: bool = False
    hint: str = ""

    @property
    def format(self) -> str:
        """The name of the number format (lib.engine.evidence.formats) it is written in."""
        return FORMATS[self.unit]


class Tool(Content):
    """A tool of a trade, with the month in which the entry was true."""

    name: str
    purpose: str
    as_of: str = Field(pattern=r"^\d{4}-\d{2}$")
    retired: str = ""


class Skill(ContentRow):
    """A skill or mindset of one role, with what each level looks like."""

    name: str
    role: RoleId
    what_good_looks_like: str
    levels: tuple[str, str, str, str, str]
    evidence_prompt: str
    areas: tuple[str, ...] = ()


class Role(ContentRow):
    """Product marketing or growth: what it is for and how it is measured."""

    name: str
    mission: str
    strategy: str
    goals: tuple[str, ...]
    tools: tuple[Tool, ...]
    kpis: tuple[str, ...]
    asks: tuple[str, ...]
    areas: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()


class Band(Content):
    """What a range of a signal's value says about the stage.

    Attributes:
        start: Where the range begins, walking from the end that speaks most for pre-fit; None for the first.
        weights: Likelihood of (pre-fit, scaling, mature); only their ratios count.
        says: The reading in words, to follow the signal's name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    start: float | None = Field(default=None, alias="from")
    weights: tuple[float, float, float]
    says: str


class WeightedOption(Content):
    """One answer to a stage question; see `Band`."""

    value: str
    label: str
    weights: tuple[float, float, float]
    says: str


class PlainOption(Content):
    """One answer that carries no weight."""

    value: str
    label: str


class InterviewQuestion(ContentRow):
    """A question of the stage page that weighs nothing itself; a misfire or a tailoring reads it."""

    question: str
    options: tuple[PlainOption, ...] = Field(min_length=2)
    used_by: str


class Signal(ContentRow):
    """One input to the stage verdict.

    Attributes:
        strength: How far the signal may be believed, 0..1; the odds of its band count to this power.
        direction: Whether more of it speaks for a later stage (up) or an earlier one (down).
        unit: See `Kpi.unit`.
        bands: From the value that speaks most for pre-fit to the one that speaks most for mature.
        question: Asked where the data cannot say; "" for a signal that only data give.
        options: Its answers, in the same order as the bands.
        needs: The dataset that would answer it; "" when only people can.
    """

    name: str
    strength: float = Field(gt=0, le=1)
    direction: Literal["up", "down"]
    unit: Unit
    bands: tuple[Band, ...] = ()
    question: str = ""
    options: tuple[WeightedOption, ...] = ()
    needs: str = ""
    why: str


class StageRule(ContentRow):
    """What a company stage calls for."""

    stage: CompanyStage
    name: str
    focus: Focus
    focus_name: str
    calls_for: str
    because: str
    against: str
    review: str
    hire: str
    marketer: str


class NinetyDays(ContentRow):
    """One line of the first ninety days."""

    focus: Focus
    phase: Literal["days 1 to 30", "days 31 to 60", "days 61 to 90"]
    responsibility: str
    does: str
    leaves: str
    role: RoleId
    kpis: tuple[str, ...] = ()


class Misfire(ContentRow):
    """A mistake to warn of, with the sentence that is said when the data show it."""

    name: str
    template: str
    why: str
    remedy: str
    page: str
    severity: Literal["high", "medium", "low"]


class FindingText(ContentRow):
    """The text of a finding; the analysis that finds it fills the facts in."""

    template: str
    why: str
    remedy: str
    severity: Literal["high", "medium", "low"]
    page: str = ""


class PromptText(ContentRow):
    """A question that a good facilitator would ask when answers contradict each other or the data."""

    template: str
    because: str
    page: str
    severity: Literal["high", "medium", "low"]


class GlossaryTerm(ContentRow):
    """A word of the field.

    Attributes:
        word: As it is written.
        plain: What it means, in words that need no other entry.
        marketing, growth: What each team often takes it to mean; both empty where they take it alike.
        also: Other spellings and close relatives that the entry explains.
        kpi: The metric of the same name; "" for none.
    """

    word: str
    plain: str
    marketing: str = ""
    growth: str = ""
    also: tuple[str, ...] = ()
    kpi: str = ""

    @property
    def has_two_meanings(self) -> bool:
        """Whether the two teams have to settle it before they can use it."""
        return bool(self.marketing and self.growth)


class RitualTemplate(ContentRow):
    """A recurring session with its standing agenda."""

    name: str
    purpose: str
    leads: str
    minutes: int = Field(ge=5, le=480)
    every_weeks: int = Field(ge=1, le=26)
    weekday: int = Field(ge=0, le=6)
    time: str = Field(pattern=r"^\d{2}:\d{2}$")
    agenda: tuple[str, ...] = Field(min_length=2)
    feeds: tuple[str, ...] = ()


class Exercise(ContentRow):
    """An interview exercise; `template` takes the team's own weakest step."""

    name: str
    role: Literal["product_marketing", "growth", "hybrid"]
    template: str
    without_data: str
    good: tuple[str, ...]
    poor: tuple[str, ...]
    minutes: int


class HiringOption(ContentRow):
    """One side of the choice between a hybrid and two specialists."""

    name: str
    argument: str
    costs: str
    fits_when: str
