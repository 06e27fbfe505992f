"""What the journey says: why each stage is proposed, and what its table counts."""

from lib.analysis.templates import TableWords, Template

WHY_STAGE = Template(
    "stage.why",
    "{why} {people} of people did {events}.",
    ("why", "people", "events", "before", "outcome"),
)
WHY_STAGE_BEFORE = Template(
    "stage.why.before",
    "{why} {people} of people did {events}. {before} of those with {outcome} did it before.",
    ("why", "people", "events", "before", "outcome"),
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
