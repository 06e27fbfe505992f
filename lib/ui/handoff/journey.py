"""The journey edited in place, and who says what about who owns each stage."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.handoff import findings
from lib.analysis.handoff.handoff_map import HandoffMapResult
from lib.analysis.handoff.ownership import WORDS, Territory
from lib.analysis.handoff.ownership_disagreement import OwnershipDisagreement
from lib.analysis.handoff.territory_map import TerritoryMap
from lib.charts.handoff import ICONS
from lib.engine.datasets.dataset import Dataset
from lib.framework import metric_kinds
from lib.ui import session
from lib.ui.handoff import decision
from lib.ui.kit import page_components, table
from lib.workbook.model import JourneyStage, Owns, Workbook

AARRR = {
    "awareness": "Awareness",
    "acquisition": "Acquisition",
    "activation": "Activation",
    "retention": "Retention",
    "referral": "Referral",
    "revenue": "Revenue (the outcome)",
}
_SAYS = {"Marketing": "Marketing", "Growth": "Growth", "Both": "Both", "Nobody": "Nobody"}
_PATTERNS = {
    "both_claim": "both claim it", "each_says_other": "each says it is the other's", "differ": "answers differ",
    "agree": "agreed", "": "one side has not said",
}  # fmt: skip
_LANDS = {
    metric_kinds.PROCESS: ": marketing's territory",
    metric_kinds.OUTCOME: ": growth's territory",
    metric_kinds.SHARED: ": both teams",
}


def legend(territory_map: TerritoryMap) -> None:
    """What the colours mean, in words, and what the map is drawn from."""
    shown: list[Territory] = list(dict.fromkeys(stage.territory for stage in territory_map.stages))
    named = (f"{ICONS[item]} {WORDS[item]}{_LANDS.get(item, '')}" for item in shown)
    words = " \u2003".join(
        text.replace(" ", "\u00a0") for text in named
    )  # a sign stays with its words on a phone
    note = "Proposed from your events: nothing is saved yet." if territory_map.is_proposed else ""
    st.markdown(f":small[{words}]" + (f"  \n**{note}**" if note else ""))


def edit(result: HandoffMapResult) -> None:
    """Stages by hand or taken over, with names, events, owners and order."""
    workbook = session.workbook()
    if not workbook.stages:
        stages = _answered(result) or findings.standard_stages()
        label = "Take over the proposed stages" if result.stages else "Start from the usual stages"
        kind = (
            "primary" if result.stages else "secondary"
        )  # without events, the file to open is the first thing to do
        st.button(
            label,
            type=kind,
            icon=":material/done_all:",
            key="handoff_map.take_stages",
            on_click=session.saving,
            args=(list(findings.save_stages(stages)),),
            kwargs={"note": label},
        )
        if result.proposal.stages:
            with st.expander("Why these stages", icon=":material/lightbulb:"):
                for item in result.proposal.stages:
                    st.markdown(
                        f"- **{page_components.written(item.stage.name)}**: {page_components.written(item.reason)}"
                    )
        return
    with st.expander("Change the journey: names, owners, events", icon=":material/edit:"):
        _editor(result, workbook)


def _answered(result: HandoffMapResult) -> tuple[tuple[str, JourneyStage], ...]:
    """The proposed stages after what the events leave open was asked, one click a question."""
    chosen: dict[str, int] = {}
    if result.proposal.questions:
        page_components.section("What your events leave open")
    for question in result.proposal.questions:
        labels = [option.label for option in question.options]
        picked = st.segmented_control(
            page_components.written(question.text),
            range(len(labels)),
            default=0,
            format_func=labels.__getitem__,
            key=f"handoff_map.asked.{question.id}",
        )
        chosen[question.id] = picked or 0
    return result.proposal.answered(chosen) if result.proposal.stages else result.stages


def _editor(result: HandoffMapResult, workbook: Workbook) -> None:
    events = {
        event: event_names.event(event)
        for event in (*(e for _, s in result.stages for e in s.events), *result.unplaced)
    }
    who = decision.owners(workbook)
    columns = {
        "order": table.EditorColumn("Place", "number", width="small", help="1 is first"),
        "name": table.EditorColumn("Stage"),
        "owners": table.EditorColumn("Owners", "multi", who),
        "events": table.EditorColumn("Events", "multi", events),
        "aarrr": table.EditorColumn("Kind", "choice", AARRR),
    }
    order = max((stage.order for stage in workbook.stages.values()), default=0) + 1
    table.edit(
        "stages",
        dict(workbook.journey()),
        columns,
        "handoff_map.stages",
        add="Add a stage",
        new_row={"name": "New stage", "order": order},
        alt="Stages of the journey",
    )
    if result.unplaced:
        names = ", ".join(page_components.written(event_names.event(item)) for item in result.unplaced[:12])
        st.markdown(f":small[Events on no stage yet: {names}.]")


def disagreement(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """What each team says about who owns a row today and who should, the widest gap first."""
    if not workbook.stages:
        decision.absent("There are no stages to differ about yet.", "Take over or add the stages first.")
        return
    st.markdown(
        "Each team fills in its own columns, best without looking at the other's. The workshop room asks the "
        "same question privately and reveals the answers together."
    )
    rows = {
        key: {"name": stage.name or key, **workbook.owns.get(key, Owns()).model_dump()}
        for key, stage in workbook.journey()
    }
    columns = {
        "name": table.EditorColumn("Stage", read_only=True),
        "marketing_today": table.EditorColumn("Marketing: today", "choice", _SAYS),
        "growth_today": table.EditorColumn("Growth: today", "choice", _SAYS),
        "marketing_should": table.EditorColumn("Marketing: should be", "choice", _SAYS),
        "growth_should": table.EditorColumn("Growth: should be", "choice", _SAYS),
        "resolved": table.EditorColumn("Agreed", "choice", decision.owners(workbook)),
        "dissent": table.EditorColumn("Kept dissent"),
    }
    table.edit(
        "owns", rows, columns, "handoff_map.perception", remove=False, alt="Who owns each stage, by team"
    )
    _contested(result.disagreement)


def _contested(found: OwnershipDisagreement) -> None:
    """Where the two teams differ most, and how far they agree in all."""
    if not found.rows or found.evidence is None:
        return
    st.markdown("##### Most contested first")
    for row in found.rows:
        mark = "⚠ " if row.bits and not row.resolved else "✓ "
        agreed = f" Agreed: {page_components.written(row.resolved)}." if row.resolved else ""
        kept = f" Dissent: {page_components.written(row.dissent)}." if row.dissent else ""
        st.markdown(
            f"- {mark}**{page_components.written(row.name)}**: {_PATTERNS[row.pattern]}.{agreed}{kept}"
        )
    alpha = found.evidence.fact(0, "alpha_today", "number")
    if alpha.value == alpha.value:
        st.markdown(
            f"Agreement about today: **{page_components.written(alpha.text)}** (1 is full, 0 what guessing would give, below 0 "
            "worse than that)."
        )
    page_components.evidence(found.evidence, key="perception")
