"""What the company's stage calls for: pre-fit, scaling or mature; product marketing first, growth first, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lib.analysis.findings import framework_finding
from lib.analysis.kpis.kpis import KpisResult, kpis
from lib.analysis.result_types import Data, sources_of
from lib.analysis.stage.flip import Flip, find_flip
from lib.analysis.stage.misfires import misfires
from lib.analysis.stage.signals import SignalReading, read_all, tables
from lib.analysis.stage.weights import EVEN, STAGES, Weights, combine, support
from lib.analysis.verdict import Finding, Fix, Verdict
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import DatasetRead, Evidence, Fact
from lib.engine.query import now
from lib.framework import step_ids
from lib.framework.load import framework
from lib.framework.schema import CompanyStage, Signal, StageRule
from lib.workbook.model import Workbook

LEAST_INPUTS = 3
LEAST_STRENGTH = 1.2  # of all inputs together: one strong and one weak signal are not enough
LEAST_WEIGHT = 0.55
HIGH_INPUTS = 5
ENOUGH_PMF = 0.40  # of a survey would be very disappointed: the usual sign of fit
CONFIDENCE = ((0.85, "high"), (0.7, "fair"), (LEAST_WEIGHT, "low"))
COLUMNS = ("signal", "origin", "reading", "says", "speaks", "support", "pre_fit", "scaling", "mature")
CHART_TITLE = "Stage signals, for and against"


@dataclass(frozen=True)
class StageResult:
    """The stage verdict and everything it stands on.

    Attributes:
        verdict: The answer; `unclear` with what is missing when it cannot be told.
        findings: Misfires first, then what weakens the verdict.
        evidence: Signals, weights, then the tables behind the signals.
        signals: What is known.
        missing: Signals nobody knows yet, the most telling first.
        weights: Stage -> weight, adding up to one.
        stage: The stage; None when it cannot be told.
        rule: What it calls for; None likewise.
        flip: The single input that would change the verdict with the smallest move; None when none would.
        confidence: high | fair | low | "".
        misfires: Mistakes that data or answers show.
        kpis: All KPIs computed on the way.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    signals: tuple[SignalReading, ...]
    missing: tuple[Signal, ...]
    weights: Mapping[CompanyStage, float]
    stage: CompanyStage | None
    rule: StageRule | None
    flip: Flip | None
    confidence: str
    misfires: tuple[Finding, ...]
    kpis: KpisResult

    @property
    def focus(self) -> str:
        """product_marketing | growth | both; "" when it cannot be told."""
        return self.rule.focus if self.rule else ""

    @property
    def leaning(self) -> CompanyStage:
        """The stage with the most weight, told or not; only for the picture."""
        return max(STAGES, key=lambda stage: self.weights[stage])


def decided_focus(book: Workbook) -> str:
    """What the team decided on: product_marketing | growth | both; "" while it has not."""
    return str(book.stage.get("decision") or "")


def focus_name(focus: str) -> str:
    """The name of a focus; itself where the framework knows none."""
    return next((r.focus_name for r in framework().stage_rules.values() if r.focus == focus), focus)


@step_cached
def stage(book: Workbook, data: Data) -> StageResult:
    """Weigh all that is known about the company's stage.

    Args:
        book: Answers under `stage/<signal id>`; settings, channels and journey are read as well.
        data: Datasets by slot; any may be missing.

    Source:
        Stage rule: expert opinion (see `data/framework/stage.toml`); weights are this workbook's own.
    """
    found = kpis(book, data)
    known, missing, _ = read_all(book, data, found)
    weights = combine([reading.weights for reading in known]) if known else EVEN
    top = max(range(3), key=lambda i: weights[i])
    strength = sum(reading.strength for reading in known)
    can_tell = len(known) >= LEAST_INPUTS and strength >= LEAST_STRENGTH and weights[top] >= LEAST_WEIGHT
    rule = framework().stage_rules[STAGES[top]] if can_tell else None
    known.sort(key=lambda reading: -abs(support(reading.weights, top)))
    missing.sort(key=lambda signal: -signal.strength)
    table = _table(known, top)
    scale = _scale(weights, len(known), table.sources)
    flip = find_flip(known, top) if can_tell else None
    confidence = _confidence(weights[top], known) if can_tell else ""
    wrong = misfires(book, data, found, known, weights)
    verdict = (
        _told(rule, known, scale, flip, confidence, top) if rule else _untold(known, missing, scale, weights)
    )
    return StageResult(
        verdict,
        (*wrong, *_findings(book, known, rule, top, table)),
        (table, scale, *tables(known)),
        tuple(known),
        tuple(missing),
        MappingProxyType(dict(zip(STAGES, weights, strict=True))),
        rule.stage if rule else None,
        rule,
        flip,
        confidence,
        wrong,
        found,
    )


def _confidence(weight: float, known: Sequence[SignalReading]) -> str:
    """A word for the weight; never high on few inputs or on answers alone."""
    word = next(word for least, word in CONFIDENCE if weight >= least)
    is_thin = len(known) < HIGH_INPUTS or all(reading.origin == "answer" for reading in known)
    return "fair" if word == "high" and is_thin else word


def _table(known: Sequence[SignalReading], top: int) -> Evidence:
    rows = []
    for r in known:
        value = support(r.weights, top)
        speaks = "for" if value >= 0 else "against"
        rows.append((r.signal.name, r.origin, r.text, r.says, speaks, value, *r.weights))
    sources = sources_of(tables(known))
    return Evidence(
        title=CHART_TITLE,
        sql="",
        columns=COLUMNS,
        rows=tuple(rows),
        sources=sources,
        at=now(),
        definition="How strongly each input speaks for the stage with the most weight: doublings of its odds against "
        "the average of the other two. An input whose range spans several bands counts as their mixture.",
        method="Weighted naive Bayes on even odds; bands and strengths in data/framework/stage.toml",
    )


def _scale(weights: Weights, n: int, sources: tuple[DatasetRead, ...]) -> Evidence:
    names = [framework().stage_rules[stage].name for stage in STAGES]
    return Evidence(
        title="Weight of each stage",
        sql="",
        columns=("stage", "name", "weight", "inputs"),
        at=now(),
        sources=sources,
        rows=tuple((s, name, w, n) for s, name, w in zip(STAGES, names, weights, strict=True)),
        definition="What is left of even odds after every known input; a missing input changes nothing.",
        method="Product of the inputs' likelihoods, normalised",
    )


def _told(
    rule: StageRule,
    known: Sequence[SignalReading],
    scale: Evidence,
    flip: Flip | None,
    confidence: str,
    top: int,
) -> Verdict:
    facts: dict[str, Fact | str] = {
        "stage": rule.name,
        "focus": rule.focus_name,
        "weight": scale.fact(top, "weight", "percent"),
        "inputs": scale.fact(top, "inputs", "count"),
        "confidence": confidence,
    }
    speaks_for = [r for r in known if support(r.weights, top) >= 0]
    against = [r for r in known if support(r.weights, top) < 0]
    why = [f"For: {_line(r)}." for r in speaks_for[:3]] + [f"Against: {_line(r)}." for r in against[:2]]
    why.append(f"Against the focus itself: {rule.against}")
    is_mixed = sum(support(r.weights, top) for r in against) < -0.5 * sum(
        support(r.weights, top) for r in speaks_for
    )
    return Verdict(
        "mixed" if is_mixed or confidence == "low" else "info",
        "{stage}: {focus}. Confidence is {confidence}: {inputs} inputs put {weight} of the weight on it.",
        facts,
        code=f"stage_{rule.stage}",
        why=tuple(why),
        flips=flip.text if flip else "No single input would change it; several would have to move together.",
    )


def _untold(
    known: Sequence[SignalReading], missing: Sequence[Signal], scale: Evidence, weights: Weights
) -> Verdict:
    if not known:
        return Verdict(
            "unclear",
            "Can't tell yet what the stage calls for: nothing is known about it.",
            needs="answers to three questions, or a survey, events or customers file",
            code="stage_empty",
        )
    best = [signal.name.lower() for signal in missing[:2]]
    needs = f"{' and '.join(best)}" if best else "inputs that agree more"
    leaning = max(range(3), key=lambda i: weights[i])
    facts: dict[str, Fact | str] = {
        "weight": scale.fact(leaning, "weight", "percent"),
        "stage": framework().stage_rules[STAGES[leaning]].name,
        "inputs": scale.fact(leaning, "inputs", "count"),
    }
    on = "{inputs} input" if len(known) == 1 else "{inputs} inputs"
    said = f"Can't tell yet: with {on} the likeliest stage is {{stage}}, at only {{weight}}."
    return Verdict(
        "unclear",
        said,
        facts,
        needs=needs,
        code="stage_unclear",
        why=tuple(f"{_line(r)}." for r in known[:3]),
    )


def _line(reading: SignalReading) -> str:
    return f"{reading.signal.name} {reading.text}: {reading.says}"


# ---- what weakens the verdict ----------------------------------------------------------------------------------------


def _finding(code: str, facts: Mapping[str, Fact | str] | None = None, fixes: Sequence[Fix] = ()) -> Finding:
    return framework_finding(code, facts, why=framework().findings[code].why, fixes=fixes)


def _against_evidence(book: Workbook, rule: StageRule) -> Finding | None:
    chosen = decided_focus(book)
    if chosen in ("", rule.focus) or book.stage.get("reason"):
        return None
    facts = {"chosen": focus_name(chosen), "suggested": rule.focus_name}
    fix = Fix(f"Choose {rule.focus_name.lower()}", (("stage/decision", rule.focus),))
    return _finding("decision_against_evidence", facts, (fix,))


def _disagreement(known: Sequence[SignalReading], rule: StageRule, top: int) -> Finding | None:
    ranked = {i: support(r.weights, top) for i, r in enumerate(known) if r.strength >= 0.5}
    if not ranked or max(ranked.values()) <= 0.5 or min(ranked.values()) >= -0.5:
        return None
    best, worst = (known[pick(ranked, key=lambda i: ranked[i])].signal.name for pick in (max, min))
    return _finding("signals_disagree", {"for_signal": best, "against_signal": worst, "stage": rule.name})


def _opinion_only(known: Sequence[SignalReading]) -> Finding | None:
    if not known or any(reading.origin != "answer" for reading in known):
        return None
    return _finding("opinion_only", fixes=(Fix("Add data", page=step_ids.DATA),))


def _small_survey(known: Sequence[SignalReading]) -> Finding | None:
    pmf = next((r.kpi for r in known if r.signal.id == "pmf_share" and r.kpi), None)
    if pmf is None or not pmf.interval.low < ENOUGH_PMF < pmf.interval.high:
        return None
    facts = {"n": pmf.n, "low": pmf.low, "high": pmf.high}
    return _finding("small_survey", facts, (Fix("Add data", page=step_ids.DATA),))


def _findings(
    book: Workbook, known: Sequence[SignalReading], rule: StageRule | None, top: int, table: Evidence
) -> list[Finding]:
    found = [_opinion_only(known), _small_survey(known)]
    if rule:
        found = [_against_evidence(book, rule), _disagreement(known, rule, top), *found]
    return [replace(finding, evidence=table) for finding in found if finding]
