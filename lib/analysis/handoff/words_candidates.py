"""What the handoff step says about candidates: each event in a sentence, the verdict over all of them, conditions."""

from lib.analysis.templates import (
    AdviceTemplate,
    FindingTemplate,
    Label,
    TableWords,
    Template,
    VerdictTemplate,
    counted,
)

# Every event as a candidate.
STATUS = {
    "recommended": Label("status.recommended", "Raises the outcome"),
    "gate": Label("status.gate", "Step on the way"),
    "null": Label("status.null", "No effect seen"),
    "less": Label("status.less", "Fewer reach it"),
    "unclear": Label("status.unclear", "Can't tell yet"),
    "after": Label("status.after", "Comes after the outcome"),
}
FOR_ALL = Label("status.for_all", "Everybody does it")
_SCORES = ("event", "outcome", "share", "ratio", "low", "high", "lead")
CANDIDATE = {
    "recommended": Template(
        "candidate.recommended",
        "People who did {event} reach {outcome} {ratio} as often at the same age ({low} to {high}); {share} do it, "
        "typically {lead} before.",
        _SCORES,
    ),
    "gate": Template(
        "candidate.gate",
        "Practically everyone with {outcome} did {event} first, typically {lead} before: a step on the way, with nobody to "
        "compare; {share} do it.",
        _SCORES,
    ),
    "null": Template(
        "candidate.null",
        "People who did {event} reach {outcome} as often as others of the same age ({ratio}, {low} to {high}); {share} do "
        "it.",
        _SCORES,
    ),
    "less": Template(
        "candidate.less",
        "People who did {event} reach {outcome} less often than others of the same age ({ratio}, {low} to {high}).",
        _SCORES,
    ),
    "unclear": Template(
        "candidate.unclear",
        "{share} did {event}; the comparison leaves room for both directions or too small an effect ({low} to {high}).",
        _SCORES,
    ),
    "after": Template(
        "candidate.after", "{event} mostly comes after {outcome}, so it cannot hand anybody over.", _SCORES
    ),
}
TOO_FEW = Template(
    "candidate.too_few", "{share} did {event}: too few with and without {outcome} to compare.", _SCORES
)
NOBODY_LEFT = Template(
    "candidate.nobody_left",
    "{share} of all people did {event}: hardly anybody is left to compare them with.",
    _SCORES,
)
LITTLE_TIME = Template(
    "candidate.recommended.little_time",
    "People who did {event} reach {outcome} {ratio} as often at the same age ({low} to {high}); {share} do it, typically "
    "{lead} before. That leaves little time to act.",
    _SCORES,
)
AMONG_EVERYBODY = Template(
    "candidate.all", "Without regard to those steps: {ratio} ({low} to {high}).", ("ratio", "low", "high")
)
COMPARED_AMONG = counted(
    Template,
    "candidate.among",
    "Compared among people who had already passed {steps}, the step that everyone with the outcome takes.",
    "Compared among people who had already passed {steps}, the steps that everyone with the outcome takes.",
    ("steps",),
)

HAND_OVER_AT = Label("fix.hand_over_at", "Hand over at {event}", ("event",))
CANDIDATES_TABLE = TableWords(
    "table.candidates",
    "Handoff candidates in words",
    means="Share of people who did the event, and how often the outcome follows compared with people of the same age who have "
    "not done it (past the steps everyone takes, where there are any).",
)

# Which event leads to the outcome?
MORE_USERS = Template("needs.more_users", "about {n} more users with {event}", ("n", "event"))
TOO_FEW_OUTCOMES = VerdictTemplate(
    "handoff_too_few",
    "Can't tell yet which event leads to {outcome}: too few users got there.",
    ("outcome",),
    status="unclear",
)
WIDE = VerdictTemplate(
    "handoff_wide",
    "Can't tell yet: {event} looks promising, but its range still includes no effect.",
    ("event",),
    status="unclear",
)
NO_EVENT = VerdictTemplate(
    "handoff_none",
    "No event makes {outcome} clearly more likely at the same age of a user.",
    ("outcome",),
    status="info",
    flips="An event whose rate ratio stands clear of one.",
)
SAME_MOMENT = VerdictTemplate(
    "handoff_gate.same_moment",
    "Practically everyone who reaches {outcome} does {gate} at the same moment, so nothing comes before it that could hand "
    "anybody over.",
    ("outcome", "gate"),
    status="info",
    flips="Times that tell the steps apart.",
)
PASSES_GATE = VerdictTemplate(
    "handoff_gate.passed",
    "Practically everyone who reaches {outcome} passes {gate}, and {precision} of those who pass it do; no other event "
    "tells more.",
    ("outcome", "gate", "precision"),
    status="info",
    flips="An event whose rate ratio past the gates is clear of one.",
)
RECOMMENDED = VerdictTemplate(
    "handoff_candidate",
    "After {event}, {outcome} comes {ratio} ({low} to {high}) as often as for users of the same age without it{among}. "
    "{precision} of them get there, and they are {recall} of all who do.",
    ("event", "outcome", "ratio", "low", "high", "among", "precision", "recall"),
    status="good",
    flips="An interval that comes down to one.",
)
PAST_GATES = Template("handoff_candidate.among", ", all of them past the steps that everyone takes")
SAME_AGE = Template(
    "handoff_candidate.why",
    "The comparison is between users of the same age: events that merely come late earn nothing.",
)
IS_GATE = FindingTemplate(
    "handoff_gate.finding",
    "{event} is a gate: practically everyone with {outcome} did it before.",
    ("event", "outcome"),
    severity="low",
    why="There is nobody to compare with, so it can mark the border but not prove an effect.",
)
COMES_AFTER = FindingTemplate(
    "handoff_after",
    "Most users do {event} only after {outcome}.",
    ("event", "outcome"),
    severity="medium",
    why="It is a consequence, so it cannot hand anybody over.",
)
BIASED_LIFT = FindingTemplate(
    "handoff_biased_lift",
    "{event} looks harmful by plain lift ({lift}) but has no visible effect ({ratio}).",
    ("event", "lift", "ratio"),
    severity="low",
    why="Plain lift counts against any event that is not a step on the way.",
)
SCORES_TABLE = Label("table.scores", "Handoff candidates")
SCORES_MEANS = AdviceTemplate(
    "table.scores.is",
    "How often {outcome} comes per time at risk after each event, against users of the same age who have not done it; "
    "reach, precision and recall count {outcome} within {days} days.",
    ("outcome", "days"),
)
SCORES_METHOD = AdviceTemplate(
    "table.scores.method",
    "Mantel-Haenszel rate ratio over 6-hour age strata with Greenland-Robins 95 % interval; p-values by Holm. The query "
    "gives the sums of the comparison past the gates; with no gate, those of the headline",
)
CONDITIONS_TABLE = TableWords(
    "table.conditions",
    "Conditions for the handoff",
    means="People are handed over the first time they do the event with the condition true. Precision: share of them with the "
    "outcome within 30 days. Recall: share of all people with the outcome who were handed over before. Volume: people "
    "handed over per week. Only people who could be watched for 30 days count. A condition is listed where its precision "
    "lies above that of the event alone, at 95 % over all conditions tried together.",
)
CONDITIONS_METHOD = AdviceTemplate(
    "table.conditions.method",
    "Wilson interval, 95 %; conditions kept at 95 % over all tried (Bonferroni). The query is that of the first condition.",
)
