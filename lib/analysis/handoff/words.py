"""What the handoff step says: its verdict, findings, fixes, tables and the map in words.

Its other parts: `words_candidates` (what goes before the outcome), `words_measured` (the clock, other places of the
handoff, before and after), `words_slides` (charts and slides).
"""

from lib.analysis.templates import (
    AdviceTemplate,
    FindingTemplate,
    Label,
    TableWords,
    Template,
    VerdictTemplate,
    counted,
)
from lib.framework import slots

# The verdict: where does marketing end and growth begin?
NO_JOURNEY_YET = VerdictTemplate(
    "no_journey",
    "There is no journey yet, so nobody can say where one team ends.",
    status="unclear",
    needs="an events file, or the stages typed in by hand",
)
PROPOSED = counted(
    VerdictTemplate,
    "proposed",
    "Nobody has said yet where marketing ends and growth begins. {proposed stages} stage is proposed from your events.",
    "Nobody has said yet where marketing ends and growth begins. {proposed stages} stages are proposed from your events.",
    ("proposed stages",),
    status="unclear",
    needs="owners for the stages and one handoff",
)
NO_HANDOFF = VerdictTemplate(
    "no_handoff",
    "Nobody has said where marketing ends and growth begins: no handoff is chosen. {stages with an owner} of {stages} "
    "stages have an owner.",
    ("stages with an owner", "stages"),
    status="bad",
)
ENDS_WITH = "{giver}'s responsibility ends and {taker}'s begins with {rule}."
_ENDS = ("giver", "taker", "rule")
CHOSEN = {
    "good": VerdictTemplate("agreed", ENDS_WITH, _ENDS, status="good"),
    "mixed": VerdictTemplate("gaps", ENDS_WITH, _ENDS, status="mixed"),
    "bad": VerdictTemplate("contradicted", ENDS_WITH, _ENDS, status="bad"),
}
ANOTHER_PLACE = AdviceTemplate(
    "flips.another_place",
    "Another place, if both teams would rather be measured there: move the baton below and compare. An event whose "
    "interval lies wholly above the others would be a reason.",
)
NOT_MEASURED = Template("why.bare", "No events file is open, so the place is agreed but not measured.")
STILL_OPEN = Template("why.still_open", "Still open in the contract: {gaps}.", ("gaps",))
NO_SUCH_EVENT = Template("problem.event", "The events file has no event called “{event}”.", ("event",))

# The journey and its owners.
NO_JOURNEY = FindingTemplate(
    "no_journey.finding",
    "The journey has no stages yet.",
    severity="high",
    why="Without stages there is no place where one team's responsibility could end.",
)
USUAL_STAGES = Label("fix.usual_stages", "Start from the usual stages")
UPLOAD_EVENTS = Label("fix.upload_events", "Upload events to have them proposed")
STAGES_PROPOSED = counted(
    FindingTemplate,
    "stages_proposed",
    "{n} stage was recognised in your events and waits for your yes.",
    "{n} stages were recognised in your events and wait for your yes.",
    ("n",),
    severity="high",
    why="Everything below uses them; owners and names can be changed afterwards.",
)
TAKE_STAGES = Label("fix.take_stages", "Take over the proposed stages")
STAGE_UNOWNED = FindingTemplate(
    "stage_unowned",
    "{stage} has no owner.",
    ("stage",),
    severity="high",
    why="What nobody owns nobody improves, and both teams will point at the other when it breaks.",
)
GIVE_TO = Label("fix.give_to", "Give it to {team}", ("team",))
SHARE = Label("fix.share", "Share it")
STAGE_TWO_OWNERS = FindingTemplate(
    "stage_two_owners",
    "{stage} belongs to {owners}, and nobody is accountable.",
    ("stage", "owners"),
    severity="medium",
    why="Two owners may work on it; one has to answer for it, else each waits for the other.",
)
ACCOUNTABLE = Label("fix.accountable", "{owner} is accountable", ("owner",))
EVENT_NOT_IN_FILE = FindingTemplate(
    "event_not_in_file",
    "{stage} names {events}, which the events file does not have.",
    ("stage", slots.EVENTS),
    severity="low",
    why="Its volume is too low or missing until the name fits.",
)
REMOVE_ABSENT = Label("fix.remove_absent", "Remove what is not there")
STAGES_TURNED = FindingTemplate(
    "stages_turned",
    "Most people who reach {a} did {b} before: is the order of the two stages right?",
    ("a", "b"),
    severity="high",
    why="No rate says how many move on from one stage to the next while people walk them the other way.",
)
PUT_BEFORE = Label("fix.put_before", "Put {b} before {a}", ("a", "b"))
LARGEST_LOSS = FindingTemplate(
    "biggest_leak_unowned",
    "The largest loss, {share} between {a} and {b}, has no owner.",
    ("share", "a", "b"),
    severity="high",
    why="It is where the most people could be won, and no team would be blamed for leaving it.",
)
AREA_UNOWNED = FindingTemplate(
    "area_unowned",
    "Without an owner: {areas}.",
    ("areas",),
    severity="low",
    why="The six areas are what process and outcome are made of; one name each ends the argument early.",
)
TAKE_OWNERS = Label("fix.take_owners", "Take over the usual owners")
CONTESTED = counted(
    FindingTemplate,
    "matrix_contested",
    "{n} crossing of the ownership matrix has more than one who answers: {names}.",
    "{n} crossings of the ownership matrix have more than one who answers: {names}.",
    ("n", "names"),
    severity="medium",
    why="One team owns the area, another the stage or the metric: both will say they decide, and neither will answer. "
    "Choose which of them goes first, or settle each in the matrix.",
)
GOES_FIRST = {
    "stage": Label("fix.stage_first", "The stage's owner answers"),
    "area": Label("fix.area_first", "The area's owner answers"),
}
CROSSING_NOBODY = FindingTemplate(
    "matrix_nobody",
    "Nobody answers where {names}.",
    ("names",),
    severity="low",
    why="These metrics lie on a stage and in an area that have no owner either.",
)
TAKE_AREA_OWNER = Label("fix.take_area_owner", "Take the area's usual owner")
MEETS = Template("matrix.meets", "{area} meets {stage}", ("area", "stage"))
AND_MORE = Template("matrix.more", " and {n} more", ("n",))
EACH_SAYS_OTHER = FindingTemplate(
    "perception_gap.each_says_other",
    "Marketing says {row} is growth's, growth says it is marketing's.",
    ("row",),
    severity="high",
    why="Each team will act on its own picture until one is agreed; the other view is kept as dissent.",
)
BOTH_CLAIM = FindingTemplate(
    "perception_gap.both_claim",
    "Both teams say {row} is theirs.",
    ("row",),
    severity="medium",
    why="Each team will act on its own picture until one is agreed; the other view is kept as dissent.",
)
SETTLE_ON = Label("fix.settle_on", "Settle on {team}", ("team",))
SAID = Template("perception_gap.said", "{who} said {said}", ("who", "said"))

# The place of the handoff.
NO_MAIN = FindingTemplate(
    "no_main_handoff",
    "No event marks where marketing ends and growth begins.",
    severity="high",
    why="As long as the place is not named, every missed target can be argued to lie on the other side of it.",
)
HAND_OVER_BEFORE = Label("fix.hand_over_before", "Hand over before {stage}", ("stage",))
CROSSING = FindingTemplate(
    "crossing_without_agreement",
    "Between {a} and {b} the owner changes and nothing is agreed.",
    ("a", "b"),
    severity="low",
    why="Every change of owner is a place where people get lost.",
)
MAKE_HANDOFF = Label("fix.make_handoff", "Make it a handoff")
NOT_MEASURABLE = FindingTemplate(
    "handoff_not_measurable",
    "The handoff cannot be checked on this file: {problem}",
    ("problem",),
    severity="high",
    why="A rule that no query can check cannot settle an argument.",
)
AT_NULL_EVENT = FindingTemplate(
    "handoff_at_null_event",
    "The handoff sits at {event}, which says nothing about {outcome}.",
    ("event", "outcome"),
    severity="high",
)
BYPASSED = FindingTemplate(
    "outcome_bypasses_handoff",
    "{n} of {all} people with {outcome} never passed {rule} before it.",
    ("n", "all", "outcome", "rule"),
    severity="medium",
    why="Nobody is measured on those who go round it. Choose an earlier place, or agree who owns them.",
)

# The contract.
THE_HANDOFF = Label("contract.handoff", "The handoff")
THE_EVENT = Label("contract.event", "The event")
NO_CRITERIA = FindingTemplate(
    "handoff_without_criteria",
    "{handoff} has no {gap} criteria.",
    ("handoff", "gap"),
    severity="medium",
    why="Without them the receiving team can always say that what arrived was not ready.",
)
FIRST_WORDING = Label("fix.first_wording", "Use a first wording")
FIRST_CRITERIA = {
    "entry": AdviceTemplate(
        "contract.entry", "{event} happened, and the person fits the agreed audience", ("event",)
    ),
    "exit": AdviceTemplate(
        "contract.exit", "{taker} has picked the person up, or sent them back with a reason", ("taker",)
    ),
}
NO_FEEDBACK = FindingTemplate(
    "handoff_without_feedback",
    "{handoff} sends people one way: no signal flows back.",
    ("handoff",),
    severity="medium",
    why="Without it marketing keeps sending more of what does not convert.",
)
WEEKLY_SIGNAL = Label("fix.weekly_signal", "Agree on a weekly signal")
FIRST_FEEDBACK = AdviceTemplate(
    "contract.feedback",
    "Every week {taker} tells {giver} by channel how many were picked up, sent back and why, and reached the outcome",
    ("taker", "giver"),
)
NO_RESPONSE_TIME = FindingTemplate(
    "handoff_without_sla",
    "{handoff} has no response time.",
    ("handoff",),
    severity="medium",
    why="Without a clock nobody is ever late, and people who wait give up unseen.",
)
PROMISE = Label("fix.promise", "Promise {hours} hours", ("hours",))
_BROKEN_WHY = (
    "People go cold while they wait. Find out who is never picked up and why, promise a time that can be kept, or hand "
    "over later, when fewer give up."
)
BROKEN = FindingTemplate(
    "sla_broken",
    "The response time is not kept: {share} of {n} handoffs were picked up within {hours}.",
    ("share", "n", "hours"),
    severity="high",
    why=_BROKEN_WHY,
)
BROKEN_FOR_GOOD = FindingTemplate(
    "sla_broken.for_good",
    "The response time is not kept: {share} of {n} handoffs were picked up within {hours}. {never} are never picked up, so "
    "no longer promise could be kept either.",
    ("share", "n", "hours", "never"),
    severity="high",
    why=_BROKEN_WHY,
)
ASK_TEN = Label("fix.ask_ten", "{taker} asks ten of them in two weeks", ("taker",))
CALL_TEN = AdviceTemplate(
    "fix.call_ten",
    "Call ten people{where} who were handed over and never picked up: what stopped them?",
    ("where",),
)
FROM_CHANNEL = Label("fix.from_channel", " from {channel}", ("channel",))
TAKE_BACK = Label("fix.take_back", "Take the promise back for now")
REVIEW_DUE = FindingTemplate(
    "review_due",
    "The handoff was to be looked at again on {date}.",
    ("date",),
    severity="medium",
    why="Rules that are never reviewed are the ones people stop following.",
)
REVIEWED = Label("fix.reviewed", "Reviewed: ask again in a quarter")

# What a file would add, and the tables that stand as evidence.
MISSING_DATA_HINTS = {
    slots.EVENTS: AdviceTemplate(
        "gains.events",
        "volume, conversion and time of each stage, candidates for the handoff, the baton, response times",
    ),
    slots.SPEND: AdviceTemplate("gains.spend", "what one handoff costs at each place of the baton"),
    slots.DEALS: AdviceTemplate("gains.deals", "why handed-over opportunities were lost"),
}
OUTSIDE = Label("place.outside", "Outside the journey")
ANSWERS_TABLE = TableWords(
    "table.answers",
    "The team's answers",
    means="Stages of the journey and those with an owner; handoffs agreed.",
)
REVIEW_TABLE = TableWords("table.review", "Review", means="Date agreed.")
PROPOSED_TABLE = TableWords("table.proposed", "Proposed stages", means="Stages recognised in the events.")
LOSS_TABLE = TableWords(
    "table.loss", "Largest loss", means="People who reached the stage and not the next within the window."
)
MATRIX_TABLE = TableWords(
    "table.matrix",
    "Ownership matrix",
    means="Crossings of an area and a stage with more than one who answers.",
)
DISAGREEMENT_TABLE = TableWords(
    "table.perception",
    "Perception gap",
    means="Rows that both sides answered; contested: the answers about today or about how it should be differ. Alpha 1 is full "
    "agreement, 0 what chance would give.",
)

# The map of the two territories.
NOTHING_AGREED = Label("map.unagreed", "Owners change, nothing is agreed")
NO_MAP = Template("map.alt.empty", "An empty journey.")
MAP_STAGE = Template(
    "map.alt.stage",
    "Stage {number}, {name}: {owners}{volume}{further}.",
    ("number", "name", "owners", "volume", "further"),
)
MAP_VOLUME = Template("map.alt.volume", ", {n} people", ("n",))
MAP_FURTHER = Template("map.alt.further", ", {rate} go on {window}", ("rate", "window"))
MAP_CROSSING = Template(
    "map.alt.crossing", "{kind} from {giver} to {taker}{when}.", ("kind", "giver", "taker", "when")
)
MAP_WHEN = Template("map.alt.when", " when {rule}", ("rule",))
