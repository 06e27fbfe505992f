"""What the slides of the metric audit say: titles of charts with the points beside them, and the register."""

from lib.analysis.templates import Label, TableWords, Template, counted
from lib.framework import metric_kinds

# Titles of the charts and the points beside them.
_MOVED = ("what", "moved", "a", "before", "b", "after", "part", "mix", "rate")
CHART_MOVED = Template("chart.moved", "{what} {moved} from {a} in {before} to {b} in {after}", _MOVED)
MOVED_BY_CHANCE = Template("chart.moved.chance", ", which could be chance")
MOVED_BY_MIX = Template("chart.moved.mix", ", mostly because of who came")
MOVED_BY_MIX_REST_CHANCE = Template(
    "chart.moved.mix_rest_chance", ", mostly because of who came; the rest could be chance"
)
MOVED_PART_BY_CHANCE = Template(
    "chart.moved.part_chance", "; the part within {part}s could be chance", ("part",)
)
MOVED_TABLE = Label("chart.moved.table", "{what}: from then to now", ("what",))
MOVED_ALT = Template(
    "chart.moved.alt", "{what} from {a} to {b}: who came {mix}, conversion within {part}s {rate}.", _MOVED
)
MOVED_CAPTION = Label(
    "chart.moved.caption",
    "{what}: what the change is made of, in percentage points. Who came: each {part}'s share of people",
    ("what", "part"),
)
WHO_CAME = Label("chart.moved.who", "Who came")
CONVERSION_WITHIN = Label("chart.moved.within", "Conversion within {part}s", ("part",))
CONVERSION = Label("chart.moved.what", "Conversion")
MORE_CAME = Template(
    "chart.more", "{entered} more people came in {after} than in {before}.", ("entered", "before", "after")
)
FEWER_CAME = Template(
    "chart.fewer",
    "{entered} change in the people who came, from {before} to {after}.",
    ("entered", "before", "after"),
)
WHAT_EXPLAINS = Template(
    "chart.explains",
    "Who came explains {mix}; conversion within the {part}s explains {rate}.",
    ("mix", "rate", "part"),
)
CHANCE = {
    "change": Template(
        "chart.chance.change",
        "The whole change could be chance: its range runs from {low} to {high}.",
        ("low", "high"),
    ),
    "rate_effect": Template(
        "chart.chance.rate",
        "The part within {part}s could be chance: its range runs from {low} to {high}.",
        ("low", "high", "part"),
    ),
}
CHART_BROUGHT = Template(
    "chart.brought", "{segment} brought {new} of the additional people", ("segment", "new")
)
BROUGHT_AND_CONVERTS = Template(
    "chart.brought.converts",
    "{segment} brought {new} of the additional people and converts at {relative} of the rate of the others",
    ("segment", "new", "relative"),
)
CONVERTS_AT = Template(
    "chart.brought.rate", "It converts at {relative} of the rate of the others.", ("relative",)
)
ITS_SHARE = Template(
    "chart.brought.share",
    "Its share of all who came went from {was} in {before} to {now} in {after}.",
    ("was", "before", "now", "after"),
)
SHARES_TABLE = Label("chart.shares.table", "{title}, shares", ("title",))
SHARES_ALT = Template(
    "chart.shares.alt",
    "Shares by segment then and now; {segment} went from {was} to {now}.",
    ("segment", "was", "now"),
)
SHARES_CAPTION = Label("chart.shares.caption", "Share of those who came, by {part}", ("part",))

# The register on a slide, and what stands there while the step has nothing to say.
NOT_SPOKEN = Template(
    "register.not_spoken", "The metric audit has not spoken yet: list your metrics or open a metrics file."
)
SPOKEN = {
    "separate": Template("label.separate", "Process and outcome are measured apart"),
    "partly": Template("label.partly", "Process and outcome are partly apart"),
    "one_sided": Template("label.one_sided", "One side is not measured"),
}
KINDS = {
    metric_kinds.PROCESS: Label("kind.process", "Process"),
    metric_kinds.OUTCOME: Label("kind.outcome", "Outcome"),
    metric_kinds.SHARED: Label("kind.shared", "Shared"),
    metric_kinds.UNASSIGNED: Label("kind.undecided", "Not decided"),
}
REGISTER_TABLE = TableWords(
    "table.register",
    "Metric register",
    means="Metrics the team listed, by kind and by whether somebody owns them.",
)
REGISTER_ALT = Label("register.alt", "Metrics with kind, owner and decision.")
REGISTER_CAPTION = Label(
    "register.caption", "One accountable owner per metric, two when it is shared; what is unclear comes first"
)
REGISTER_SHOWN = Label("register.shown", "; {shown} of {metrics} shown", ("shown", "metrics"))
BY_KIND = Template(
    "register.by_kind",
    "{process} process, {shared} shared, {outcome} outcome.",
    (metric_kinds.PROCESS, metric_kinds.SHARED, metric_kinds.OUTCOME),
)
WITHOUT_OWNER = counted(
    Template,
    "register.without_owner",
    "{without_owner} of {metrics} metrics has no owner",
    "{without_owner} of {metrics} metrics have no owner",
    ("without_owner", "metrics"),
)
OWNED_TWICE = Template(
    "register.owned_twice",
    "{two_owners_not_shared} of {metrics} metrics are owned twice without being shared",
    ("two_owners_not_shared", "metrics"),
)
WITHOUT_SIDE = Template(
    "register.without_side",
    "{undecided} of {metrics} metrics still need a side: process, outcome or shared",
    ("undecided", "metrics"),
)
ALL_OWNED = Template(
    "register.owned", "Each of the {metrics} metrics has a side and an accountable owner", ("metrics",)
)
CHANGE_NOTHING = Template(
    "register.change_nothing", "; {without_decision} change no decision", ("without_decision",)
)
