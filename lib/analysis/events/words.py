"""What the journey says: why each stage is proposed, and what its table counts."""

from lib.analysis.templates import Label, TableWords, Template

WHY_STAGE = Template(
    "stage.why",
    "{why} {people} of people did {kinds}.",
    ("why", "people", "kinds", "before", "outcome"),
)
WHY_STAGE_BEFORE = Template(
    "stage.why.before",
    "{why} {people} of people did {kinds}. {before} of those with {outcome} did it before.",
    ("why", "people", "kinds", "before", "outcome"),
)
ON_THE_PATH = Template("stage.on_the_path", "It lies on the path of most people with the outcome.")
PROPOSED_TABLE = TableWords(
    "table.proposed",
    "Stages proposed",
    means="People who did any event of the stage, and the share of people with the outcome who did it before the outcome.",
)
JOURNEY_TABLE = TableWords(
    "table.journey",
    "Journey by stage",
    means="Volume: people who ever did one of the stage's events. Moved on: of those who reached the stage at least the window "
    "before the data end and had not been further already, the share who first did something of the next stage within the "
    "window. Time: median hours between the two firsts.",
)

# What the events leave open.
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
QUESTION_TABLE = TableWords(
    "table.question",
    "Who did which first",
    means="People who did the events; of those who also did the others, the share who did these first (ties count half); "
    "of those who did the others, the share who had done these.",
)
