"""Everything said about a proposed journey: why a stage is proposed, and what is asked about it."""

from lib.analysis.templates import Advice, Label, Template

_REASON = ("why", "people", "kinds", "before", "outcome")
REASON = Template("reason", "{why} {people} of people did {kinds}.", _REASON)
REASON_BEFORE = Template("reason.before", " {before} of those with {outcome} did it before.", _REASON)
ON_THE_PATH = Advice("on_the_path", "It lies on the path of most people with the outcome.")
REASONS_TABLE = Label("table.reasons", "Stages proposed")
REASONS_MEANS = Advice(
    "table.reasons.is",
    "People who did any event of the stage, and the share of people with the outcome who did it before the outcome.",
)

IS_IT_A_STEP = Template(
    "question.step",
    "Is {event} a step of the journey, or use of the product? {people} people did it; {before} of those with {outcome} "
    "did it before.",
    ("event", "outcome", "people", "before"),
)
WHICH_ORDER = Template(
    "question.order",
    "Does {a} really come before {b}? {both} people did both, and {share} of them did {a} first.",
    ("a", "b", "both", "share"),
)
WHICH_OUTCOME = Template(
    "question.outcome",
    "Which event says that somebody pays: {a} ({people} people) or {b} ({others} people)?",
    ("a", "b", "people", "others"),
)
NO_STAGE = Label("option.none", "Leave it out")
A_STAGE = Label("option.stage", "A step: make it a stage")
BEFORE = Label("option.before", "A stage before {other}", ("other",))
AFTER = Label("option.after", "A stage after {other}", ("other",))
IS_OUTCOME = Label("option.outcome", "{event}", ("event",))
QUESTION_TABLE = Label("table.question", "Who did which first")
QUESTION_MEANS = Advice(
    "table.question.is",
    "People who did the events; of those who also did the others, the share who did these first (ties count half); of "
    "those who did the others, the share who had done these.",
)
