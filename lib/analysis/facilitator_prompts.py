"""The question a good facilitator would ask when answers contradict each other or the data. Rules, no guessing.

Each rule is content (`data/framework/rules.toml`) with its reason, and a function here that says whether it applies and
with which facts. A question can be answered, parked or dismissed; open and parked ones stay in sight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from lib.analysis.findings import SEVERITY_RANK
from lib.analysis.result_types import Data
from lib.analysis.stage.stage import ENOUGH_PMF, LEAST_INPUTS, StageResult, decided_focus, focus_name, stage
from lib.analysis.verdict import fill
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework import metric_kinds, step_ids
from lib.framework.load import framework
from lib.framework.recognise import recognise_kpi
from lib.framework.schema import PromptText
from lib.workbook.model import Handoff, Workbook

Facts = Mapping[str, Fact | str]
Rule = Callable[[Workbook, StageResult], Facts | None]
State = Literal["open", "parked", "answered", "dismissed"]  # in the order in which they are shown
_STATES: tuple[State, ...] = get_args(State)
_PLACED = (step_ids.STAGE_CHOICE, step_ids.TEAM, step_ids.TRANSLATION)  # pages whose rules read the stage


@dataclass(frozen=True)
class FacilitatorPrompt:
    """One question that applies now.

    Attributes:
        rule: Its content: reason, severity, page.
        facts: What fills its sentence.
        state: open | answered | parked | dismissed.
        reply: What the team wrote.
        evidence: Where its numbers were read, if it has any.
    """

    rule: PromptText
    facts: Facts
    state: State
    reply: str
    evidence: tuple[Evidence, ...]

    @property
    def text(self) -> str:
        """The question with its facts filled in."""
        return fill(self.rule.template, self.facts)


@step_cached
def challenges(
    book: Workbook, data: Data, result: StageResult | None = None, page: str = ""
) -> tuple[FacilitatorPrompt, ...]:
    """Every question that applies, open ones first, most important first.

    Args:
        book: The team's answers.
        data: Datasets by slot; may be empty.
        result: The stage result when it is at hand already.
        page: Only the questions of this page; "" for all.
    """
    # Rules about metrics, handoffs and tests look at answers only: their pages need not wait for the stage's numbers.
    result = result or stage(book, data if page in ("", *_PLACED) else {})
    asked = {id: rule for id, rule in RULES.items() if page in ("", framework().challenges[id].page)}
    found = [
        _prompt(book, id, facts) for id, rule in asked.items() if (facts := rule(book, result)) is not None
    ]
    return tuple(sorted(found, key=lambda q: (_STATES.index(q.state), SEVERITY_RANK[q.rule.severity])))


def _prompt(book: Workbook, id: str, facts: Facts) -> FacilitatorPrompt:
    said = book.challenges.get(id)
    tables = {fact.evidence.id: fact.evidence for fact in facts.values() if isinstance(fact, Fact)}
    state, reply = (said.state, said.reply) if said else ("open", "")
    return FacilitatorPrompt(framework().challenges[id], facts, state, reply, tuple(tables.values()))


def open_questions(questions: Iterable[FacilitatorPrompt], page: str = "") -> tuple[FacilitatorPrompt, ...]:
    """Those still open or parked, of one page or of all: what a summary shows."""
    return tuple(q for q in questions if q.state in ("open", "parked") and page in ("", q.rule.page))


def _count(title: str, value: float) -> Fact:
    return single(title, title, {"count": value}, method="Counted in the workbook").fact(0, "count", "count")


# ---- stage ---------------------------------------------------------------------------------------------------------


def _growth_before_fit(book: Workbook, result: StageResult) -> Facts | None:
    pmf = result.kpis.known("pmf_share")
    if decided_focus(book) != "growth" or pmf is None or pmf.interval.value >= ENOUGH_PMF:
        return None
    return {"value": pmf.fact, "n": pmf.n, "low": pmf.low, "high": pmf.high}


def _pmm_after_fit(book: Workbook, result: StageResult) -> Facts | None:
    if decided_focus(book) != "product_marketing" or result.stage in (None, "pre_fit"):
        return None
    best = min(result.signals, key=lambda r: r.weights[0])
    return {"signal": best.noun, "value": best.text}


def _both_while_small(book: Workbook, result: StageResult) -> Facts | None:
    if decided_focus(book) != "both" or not 0 < len(book.people) <= 3:
        return None
    return {"count": _count("People named", len(book.people))}


def _decided_without_evidence(book: Workbook, result: StageResult) -> Facts | None:
    if not decided_focus(book) or len(result.signals) >= LEAST_INPUTS:
        return None
    return {"count": _count("Stage inputs known", len(result.signals))}


def _growth_before_fit_told(book: Workbook, result: StageResult) -> Facts | None:
    if decided_focus(book) != "growth" or result.stage != "pre_fit" or result.kpis.known("pmf_share"):
        return None
    weakest = max(result.signals, key=lambda r: r.weights[0])
    return {"signal": weakest.noun, "value": weakest.text}


def _spend_up_fit_unknown(book: Workbook, result: StageResult) -> Facts | None:
    known = {reading.signal.id for reading in result.signals}
    rose = book.stage.get("acquisition_spend") == "up"
    return {} if rose and not known & {"pmf_share", "retention"} else None


# ---- metrics -------------------------------------------------------------------------------------------------------


def _register_is_all(kind: str) -> Rule:
    """Applies where every metric whose kind was said is of one kind."""

    def rule(book: Workbook, result: StageResult) -> Facts | None:
        kinds = [metric.kind for metric in book.metrics.values() if metric.kind != metric_kinds.UNASSIGNED]
        if len(kinds) < 3 or set(kinds) != {kind}:
            return None
        return {"count": _count("Metrics in the register", len(kinds))}

    return rule


def _north_star_missing(book: Workbook, result: StageResult) -> Facts | None:
    if book.north_star.metric or len(book.metrics) < 5:
        return None
    return {"count": _count("Metrics in the register", len(book.metrics))}


def _metric_without_owner(book: Workbook, result: StageResult) -> Facts | None:
    bare = [metric for metric in book.metrics.values() if not metric.owners]
    return (
        {"count": _count("Metrics without an owner", len(bare)), "metric": bare[0].name or "one of them"}
        if bare
        else None
    )


def _north_star_is_vanity(book: Workbook, result: StageResult) -> Facts | None:
    star = book.metrics.get(book.north_star.metric)
    name = star.name if star else book.north_star.metric
    kpi = framework().kpis.get(star.kpi) if star and star.kpi else recognise_kpi(name)
    return {"metric": name} if name and kpi and (kpi.is_vanity or kpi.is_cumulative) else None


# ---- handoff -------------------------------------------------------------------------------------------------------


def _one_owner_for_everything(book: Workbook, result: StageResult) -> Facts | None:
    owners = [stage.owners for _, stage in book.journey()]
    names = {name for named in owners for name in named}
    return {"owner": names.pop()} if len(owners) >= 3 and all(owners) and len(names) == 1 else None


def _main_handoff_lacks(part: Callable[[Handoff], object]) -> Rule:
    """Applies where the main handoff has an event and not this part."""

    def rule(book: Workbook, result: StageResult) -> Facts | None:
        main = book.main_handoff()
        if main is None or not main[1].event or part(main[1]):
            return None
        return {"handoff": main[1].name or main[1].event}

    return rule


# ---- experiments ---------------------------------------------------------------------------------------------------


def _idea_without_insight(book: Workbook, result: StageResult) -> Facts | None:
    bare = [idea for idea in book.ideas.values() if not idea.insights and not idea.because]
    return {"count": _count("Ideas without an insight", len(bare))} if bare else None


def _shipped_without_outcome(book: Workbook, result: StageResult) -> Facts | None:
    for experiment in book.experiments.values():
        if experiment.decision == "ship" and not experiment.outcome_metric:
            return {"experiment": experiment.name}
    return None


def _no_guardrail(book: Workbook, result: StageResult) -> Facts | None:
    for experiment in book.experiments.values():
        if not experiment.decision and experiment.outcome_metric and not experiment.guardrails:
            return {"experiment": experiment.name}
    return None


def _learning_unused(book: Workbook, result: StageResult) -> Facts | None:
    idle = [item for item in book.learnings.values() if not item.for_message and not item.for_funnel]
    return {"count": _count("Learnings that change nothing", len(idle))} if idle else None


# ---- team ----------------------------------------------------------------------------------------------------------


def _hybrid_for_everything(book: Workbook, result: StageResult) -> Facts | None:
    named = [id for id in framework().areas if (owns := book.owns.get(id)) and (owns.resolved or owns.today)]
    empty = len(framework().areas) - len(named)
    if book.skills.get("hiring") != "hybrid" or empty < 3:
        return None
    return {"count": _count("Areas without an owner", empty)}


def _hire_against_stage(book: Workbook, result: StageResult) -> Facts | None:
    role = str(book.skills.get("role") or "")
    if role not in ("product_marketing", "growth") or result.focus not in ("product_marketing", "growth"):
        return None
    if role == result.focus:
        return None
    return {"suggested": focus_name(result.focus).lower(), "chosen": framework().roles[role].name.lower()}


RULES: Mapping[str, Rule] = MappingProxyType({
    "growth_before_fit": _growth_before_fit, "pmm_after_fit": _pmm_after_fit, "both_while_small": _both_while_small,
    "decided_without_evidence": _decided_without_evidence, "growth_before_fit_told": _growth_before_fit_told,
    "spend_up_fit_unknown": _spend_up_fit_unknown, "no_outcome_metric": _register_is_all("process"),
    "no_process_metric": _register_is_all("outcome"), "north_star_missing": _north_star_missing,
    "metric_without_owner": _metric_without_owner, "north_star_is_vanity": _north_star_is_vanity,
    "one_owner_for_everything": _one_owner_for_everything,
    "handoff_without_feedback": _main_handoff_lacks(lambda main: main.feedback),
    "handoff_without_clock": _main_handoff_lacks(lambda main: main.sla_hours), "idea_without_insight": _idea_without_insight,
    "shipped_without_outcome": _shipped_without_outcome, "no_guardrail": _no_guardrail,
    "learning_unused": _learning_unused, "hybrid_for_everything": _hybrid_for_everything,
    "hire_against_stage": _hire_against_stage,
})  # fmt: skip
