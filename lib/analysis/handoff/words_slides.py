"""What the slides of the handoff step say: titles of charts with the points beside them, and the map."""

from lib.analysis.templates import AdviceTemplate, Label, TableWords, Template, counted
from lib.framework import metric_kinds

# Titles of the charts and the points beside them.
CHART_LOSS = Template(
    "chart.loss",
    "{loss} of those who reach {stage} do not reach {next} within {window}, the lowest rate of the journey",
    ("loss", "stage", "next", "window"),
    claim="largest loss",
)
LOSS_OWNED = Template("chart.loss.owned", "{stage} belongs to {owner}.", ("stage", "owner"))
LOSS_UNOWNED = Template(
    "chart.loss.unowned", "{stage} has no owner, so nobody answers for the loss.", ("stage", "owner")
)
LOSS_WAIT = Template("chart.loss.wait", "Half of those who go on do so within {wait}.", ("wait",))
LOSS_TABLE_SHOWN = Label("chart.loss.table", "{title}, with losses", ("title",))
LOSS_MEANS_SHOWN = AdviceTemplate(
    "chart.loss.is", "{meaning} Lost: the share of those with time to go on who did not.", ("meaning",)
)
STAGE_WITH_RATE = Label("chart.loss.stage", "{stage} ({rate} within {window})", ("stage", "rate", "window"))
JOURNEY_ALT = Template(
    "chart.journey.alt", "People per stage: {parts}. Most are lost after {stage}.", ("parts", "stage")
)
JOURNEY_CAPTION = Label(
    "chart.journey.caption", "People who reached each stage; rates count those who have had time to go on"
)
_LEAKS = ("rate", "least", "channel", "other")
CHART_LEAKS = Template(
    "chart.leaks", "{rate} of handoffs from {channel} are not picked up in time, {least} from {other}", _LEAKS
)
CHART_LEAKS_ONE = Template(
    "chart.leaks.one", "{rate} of handoffs from {channel} are not picked up in time", _LEAKS
)
CHART_LEAKS_ALIKE = Template(
    "chart.leaks.alike",
    "Every channel leaks alike: {least} to {rate} of handoffs are not picked up in time",
    _LEAKS,
)
CHART_CANDIDATE = Template(
    "chart.candidate",
    "People who did “{event}” convert {ratio} as often as those who have not yet",
    ("event", "ratio"),
)

# The map on a slide, and what stands there while the step has nothing to say.
NOT_SPOKEN = Template(
    "map.not_spoken", "The handoff map has not spoken yet: open an events file or write the journey down."
)
SPOKEN = {
    "agreed": Template("label.agreed", "The handoff is agreed"),
    "gaps": Template("label.gaps", "The handoff has gaps"),
    "contradicted": Template("label.contradicted", "The handoff has gaps"),
    "no_handoff": Template("label.no_handoff", "No handoff is agreed"),
}
TERRITORIES = {
    metric_kinds.PROCESS: Label("territory.process", "Marketing: process"),
    metric_kinds.OUTCOME: Label("territory.outcome", "Growth: outcome"),
    metric_kinds.SHARED: Label("territory.shared", "Shared"),
    "other": Label("territory.other", "Another team"),
    metric_kinds.UNASSIGNED: Label("territory.nobody", "No owner"),
}
NOTHING_WRITTEN = Template(
    "map.nothing_written", "No rule, no response time and no feedback are written down."
)
NO_RULE = Template("map.no_rule", "No rule written down.")
EVENT_SEEN = Template("map.event_seen", "the event {event} is seen", ("event",))
PASSES_WHEN = Template("map.passes_when", "Passes when: {rule}", ("rule",))
NO_RESPONSE_TIME = Template("map.no_response_time", "Response time: not agreed")
RESPONSE_TIME = Template("map.response_time", "Response time: {hours}", ("hours",))
RULES_TABLE = TableWords(
    "table.rules",
    "Handoff rules",
    means="Crossings between two owners; complete with a rule, an exit, a response time and feedback.",
)
ONE_SIDE = Template("map.one_side", "One side owns the journey from end to end")
ALL_COMPLETE = Template(
    "map.complete", "Each of the {all} handoffs has a rule, a response time and feedback", ("all",)
)
INCOMPLETE = counted(
    Template,
    "map.incomplete",
    "{open} of {all} handoffs lacks a complete rule",
    "{open} of {all} handoffs lack a complete rule",
    ("open", "all"),
)
MAP_ALT = Template("map.alt", "Journey: {stages}.", ("stages",))
OWNED_BY = Template("map.alt.stage", "{stage}, owned by {owner}", ("stage", "owner"))
MAP_CAPTION = Label("map.caption", "Who owns each stage, and what must be true before the baton passes")
MAP_COUNTED = Label("map.caption.counted", "; numbers are people who reached the stage")
