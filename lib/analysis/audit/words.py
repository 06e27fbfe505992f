"""What the metric audit says: its verdict, findings, fixes, reasons and tables; `words_slides` has charts and slides."""

from lib.analysis.templates import (
    AdviceTemplate,
    FindingTemplate,
    Label,
    TableWords,
    Template,
    VerdictTemplate,
    counted,
)
from lib.framework import metric_kinds, slots

# The verdict: is process measured apart from outcome?
EMPTY = VerdictTemplate(
    "empty",
    "Can't tell yet: no metric is listed.",
    status="unclear",
    needs="add your metrics by hand, from the catalogue, or with a metrics file",
)
WAITING = counted(
    VerdictTemplate,
    "empty",
    "Can't tell yet: the register is empty, {metrics_in_the_data} metric waits in the data.",
    "Can't tell yet: the register is empty, {metrics_in_the_data} metrics wait in the data.",
    ("metrics_in_the_data",),
    status="unclear",
    needs="take the metrics found in your data into the register",
)
_SORTED = ("process", "outcome", "shared", "unassigned", "unowned", slots.METRICS, "in_data_only")
ONE_SIDED = VerdictTemplate(
    "one_sided",
    "No: of {metrics} metrics none is sorted as {side}.",
    (*_SORTED, "side"),
    status="bad",
    flips="One owned {side} metric would change this.",
)
SEPARATE = VerdictTemplate(
    "separate",
    "Yes: {process} process, {outcome} outcome and {shared} shared metrics, each with an owner.",
    _SORTED,
    status="good",
    flips="An unowned or unsorted metric would change this.",
)
PARTLY = VerdictTemplate(
    "partly",
    "Partly: {process} process, {outcome} outcome and {shared} shared metrics, but {open}.",
    (*_SORTED, "open"),
    status="mixed",
    flips="Naming one owner and one kind for each metric.",
)
OPEN_UNSORTED = Template("partly.unsorted", "{unassigned} not sorted", (metric_kinds.UNASSIGNED,))
OPEN_UNOWNED = Template("partly.unowned", "{unowned} without owner", ("unowned",))
OPEN_TWICE = Template("partly.twice", "some are owned twice")
MORE_IN_DATA = counted(
    Template,
    "why.more",
    "1 more metric is in the data but not in the register.",
    "{n} more metrics are in the data but not in the register.",
    ("n",),
)
UNMEASURED = Template("why.unmeasured", "No file measures {bare} of {all} yet.", ("bare", "all"))

# Findings and the buttons that mend them.
QUICKSAND = FindingTemplate(
    "quicksand",
    "{what} fell from {before} to {after} while {volume} more people entered: {cause}.",
    ("what", "before", "after", "volume", "cause"),
    severity="high",
    why="More volume of the wrong kind costs both teams: one celebrates it, the other has to convert it. Agree a shared "
    "metric that counts qualified people only.",
)
CAUSES = {
    "mix": Template("quicksand.mix", "most of it is who came"),
    "rate": Template("quicksand.rate", "most of it is conversion within segments"),
    "both": Template("quicksand.both", "who came and conversion within segments share it"),
}
CAUSE_BY_CHANCE = Template("quicksand.chance", " (the part within segments could be chance)")
RISING_VOLUME = FindingTemplate(
    "rising_volume_falling_rate",
    "{volume} rose while {quality} fell.",
    ("volume", "quality"),
    severity="medium",
    why="Volume that rises while quality falls is how two teams come to argue past each other. Upload an events file with "
    "channels: it settles whether the mix or the rate is the cause.",
)
UPLOAD_EVENTS = Label("fix.upload_events", "Upload events")
QUALIFIED = Label("fix.qualified", "Qualified {start}", ("start",))
SHARE_QUALIFIED = Label("fix.share_qualified", "Share “{name}” between both teams", ("name",))

UNOWNED = FindingTemplate(
    "unowned",
    "Nobody owns {names} ({count}).",
    ("names", "count"),
    severity="high",
    why="A metric that nobody answers for is read by everybody and acted on by nobody. Name one accountable team each.",
)
TAKE_OWNERS = Label("fix.take_owners", "Take the suggested owners")
DOUBLY_OWNED = FindingTemplate(
    "doubly_owned",
    "{names}: two owners, but not a shared metric.",
    ("names",),
    severity="high",
    why="Two owners without an agreement means that each waits for the other. Keep one owner, or make it a shared metric "
    "with a contract.",
)
MAKE_SHARED = Label("fix.make_shared", "Make it shared")
KEEP_ONE = Label("fix.keep_one", "Keep {owner} only", ("owner",))
UNSORTED = FindingTemplate(
    "unsorted",
    "Process or outcome is not decided for {names} ({count}).",
    ("names", "count"),
    severity="medium",
    why="While both kinds are mixed up, neither can be improved. Take over the suggested kind, or choose one.",
)
TAKE_KINDS = Label("fix.take_kinds", "Take the suggested kinds")
ONE_SIDE = FindingTemplate(
    "only_one_side",
    "Every sorted metric is {kind}: the other side is not measured.",
    ("kind",),
    severity="high",
    why="A process without an outcome cannot be judged; an outcome without a process cannot be steered. Add at least one "
    "metric of the other side.",
)
ADD_METRIC = {
    metric_kinds.OUTCOME: Label("fix.add_outcome", "Add an outcome metric"),
    metric_kinds.PROCESS: Label("fix.add_process", "Add a process metric"),
}
PROCESS_ONLY = FindingTemplate(
    "process_only_team",
    "{team} is measured by process alone ({names}).",
    ("team", "names"),
    severity="medium",
    why="A team that is never shown the outcome cannot tell good volume from bad. Share one outcome metric with it.",
)
SHARE_WITH = Label("fix.share_with", "Share {metric} with {team}", ("metric", "team"))

CUMULATIVE = FindingTemplate(
    "vanity_cumulative",
    "{names} can only rise.",
    ("names",),
    severity="medium",
    why="A running total looks like progress whatever happens. Replace it by what is new each week, or drop it.",
)
NO_DECISION = FindingTemplate(
    "vanity_no_decision",
    "No decision hangs on {names}.",
    ("names",),
    severity="low",
    why="If no value of it would change what you do, it is decoration. Write down the decision it changes, or drop it.",
)
RATIO_HIDDEN = FindingTemplate(
    "ratio_hidden",
    "{names} is read without {guardrail}.",
    ("names", "guardrail"),
    severity="low",
    why="A count without its rate hides whether more is also better. Put the rate beside it as its guardrail.",
)
PUT_BESIDE = Label("fix.put_beside", "Put {name} beside it", ("name",))
MARK_DROP = Label("fix.mark_drop", "Mark it to drop")
DROP_REASON = Template("fix.drop_reason", "No decision hangs on it.")

DUPLICATE = FindingTemplate(
    "duplicate",
    "{second} repeats {first} (correlation of their moves {r}).",
    ("second", "first", "r"),
    severity="medium",
    why="Two names for one thing invite two truths. Keep one and drop the other.",
)
SPEND_ONLY = FindingTemplate(
    "spend_only",
    "{names} moves with {spend} only (correlation {r}) and says nothing about any outcome beyond it.",
    ("names", slots.SPEND, "r"),
    severity="medium",
    why="It measures the budget, not the work. Keep it as a check of delivery, not as a success metric.",
)
MARK_FIX = Label("fix.mark_fix", "Mark it to fix")

NO_GUARDRAIL = FindingTemplate(
    "no_guardrail",
    "Shared metric {names} has no guardrail.",
    ("names",),
    severity="medium",
    why="What two teams push together can be pushed at the cost of something else. Name the metric that must not get worse.",
)
GUARD_BY = Label("fix.guard_by", "Guard it by {name}", ("name",))
NO_CONTRACT = FindingTemplate(
    "no_contract",
    "Shared metric {names} has no contract.",
    ("names",),
    severity="low",
    why="Shared without rules is owned by nobody. Settle owners, decision rights and who breaks a tie.",
)
DRAFT_CONTRACT = Label("fix.draft_contract", "Draft its contract")
REVIEW_DUE = FindingTemplate(
    "review_due",
    "The contract of {names} was to be reviewed on {date}.",
    ("names", "date"),
    severity="high",
    why="Agreements age; the date was set so that fresh data would test this one. Look at the fresh numbers and renew or "
    "change it.",
)
REVIEWED = Label("fix.reviewed", "Reviewed: ask again in a quarter")

NO_INPUT = FindingTemplate(
    "outcome_without_input",
    "{names}: no input that anyone can act on is known to move it.",
    ("names",),
    severity="low",
    why="An outcome without a lever can only be watched. Name its inputs in the North Star tree, or test one together.",
)
PLAN_EXPERIMENT = Label("fix.plan_experiment", "Plan a shared experiment")
STALE = FindingTemplate(
    "stale",
    "{names} was last updated on {date}, long before the rest of the file.",
    ("names", "date"),
    severity="medium",
    why="Decisions on an old number are decisions without one. Update it or drop it.",
)
GAPS = FindingTemplate(
    "gaps",
    "{names} is missing in {share} of its periods.",
    ("names", "share"),
    severity="low",
    why="Gaps hide changes. Repair the export, or read it by month.",
)
NOT_IN_DATA = FindingTemplate(
    "not_in_data",
    "{count} of the register have no series in the data: {names}.",
    ("count", "names"),
    severity="low",
    why="What is on the list but not measured cannot be checked. Link each to a series, or add it to the metrics file.",
)
UPLOAD_SERIES = Label("fix.upload_series", "Upload the series")

METRICS = counted(Template, slots.METRICS, "{n} metric", "{n} metrics", ("n",))
AND_OTHERS = Template("names.others", " and others")

# Why a metric is kept, fixed or dropped, and what it is taken to be.
ONLY_RISES = Template(
    "line.only_rises", "It can only rise, whatever you do: read what is new in each period instead."
)
REPEATS = Template("line.repeats", "It repeats another metric.")
WITH_SPEND = Template("line.with_spend", "It moves with spend only: use it to check delivery, not success.")
LEADS = Template("line.leads", "It moves before an outcome does (correlational).")
NOT_MEASURED = Template("line.not_measured", "It is on the list but not measured.")
NOT_UPDATED = Template("line.not_updated", "It has not been updated for a while.")
NOBODY_ANSWERS = Template("line.nobody", "Nobody answers for it.")
IS_SPEND = Template("line.is_spend", "It is what the others have to be held against.")
OUTCOME_SAYS = Template("line.outcome", "It says what became of people.")
BOTH_MOVE = Template("line.shared", "Both teams can move it.")
NO_DECISION_ATTACHED = Template("line.no_decision", "No decision is attached to it.")
DECISION_HANGS = Template("line.decision", "A decision hangs on it.")
NO_RELATION = Template("line.no_relation", "No relation to an outcome is seen so far.")

CONVERSION_IS_SHARED = Template(
    "kind.conversion",
    "A conversion from one step to the next depends on who comes in and on what meets them.",
)
UNKNOWN_NAME = Template(
    "kind.unknown", "Nothing in the name “{name}” says what it is: choose its kind yourself.", ("name",)
)
WORD_OF_OUTCOME = Template("kind.outcome", "“{word}” in the name speaks of what became of people.", ("word",))
WORD_OF_PROCESS = Template(
    "kind.process", "“{word}” in the name speaks of what is done to reach people.", ("word",)
)

# What a file would add, and the tables that stand as evidence.
MISSING_DATA_HINTS = {
    slots.METRICS: AdviceTemplate(
        "gains.metrics", "change, trend, what each metric leads, duplicates and running totals"
    ),
    slots.EVENTS: AdviceTemplate(
        "gains.events", "conversion between steps by channel, so that a fall can be settled into mix and rate"
    ),
    slots.SPEND: AdviceTemplate("gains.spend", "which metrics move with the budget only"),
}
COUNTS_TABLE = TableWords(
    "table.counts",
    "The register in numbers",
    means="Metrics of the register by kind and owner, as the team entered them.",
)
GLANCE_TABLE = TableWords(
    "table.glance",
    "Metrics at a glance",
    means="Change: last four weeks (or last month) against those before; season: the same change a year earlier. Trend: change "
    "per period as a share of the mean, a line through the last 26 periods; its range allows for weeks that resemble the "
    "week before.",
)
LINKS_TABLE = TableWords(
    "table.links",
    "What moves before what",
    means="Correlation of what trend, season and the outcome's own past do not explain, at the lag that speaks loudest. "
    "p_adjusted is held over all pairs and lags together (Holm): at most a 5 % chance of even one false relation. "
    "Order in time is not proof of cause.",
)
RELATIONS_TABLE = TableWords(
    "table.relations",
    "Duplicates and spend",
    means="Correlation of week-to-week moves that trend, season and past do not explain. From 0.9 on, two metrics are one; from "
    "0.8 on with spend, and no relation to an outcome beyond it, a metric moves with spend only.",
)
