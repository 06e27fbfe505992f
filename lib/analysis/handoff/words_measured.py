"""What the handoff step says when it is measured: the clock, other places of the handoff, before and after."""

from collections.abc import Mapping

from lib.analysis.templates import AdviceTemplate, Label, TableWords, Template, VerdictTemplate, counted
from lib.analysis.verdict import Status

# The clock: is the response time kept?
NOBODY_YET = VerdictTemplate(
    "no_mature", "Nobody has been handed over long enough ago to judge.", status="unclear", needs="older data"
)
NO_PROMISE = VerdictTemplate(
    "no_promise",
    "No response time is agreed. Within {hours}, {share} of {n} handoffs moved on.",
    ("hours", "share", "n"),
    status="info",
)
_IN_TIME = "{share} of {n} handoffs were picked up within {hours} ({low} to {high})."
_CLOCK = ("share", "n", "hours", "low", "high")
FEW_HANDOFFS = VerdictTemplate("thin.handoffs", _IN_TIME, _CLOCK, status="unclear")
MORE_HANDOFFS = Template("needs.handoffs", "about {n} more handoffs", ("n",))
PICKED_UP = {
    "good": VerdictTemplate("kept", _IN_TIME, _CLOCK, status="good"),
    "bad": VerdictTemplate("broken", _IN_TIME, _CLOCK, status="bad"),
    "mixed": VerdictTemplate("near", _IN_TIME, _CLOCK, status="mixed"),
}
REASONS_TABLE = Label("table.reasons", "Reasons for turning down")
REASONS_MEANS = AdviceTemplate("table.reasons.is", "Rows with a value in {column}, by value.", ("column",))
WEEKLY_TABLE = TableWords(
    "table.weekly",
    "Inside the promised time, per week",
    means="By week of the handoff: of those whose promised time has passed, the share picked up in time.",
)
LEAK_TABLE = TableWords(
    "table.leak",
    "Leak by channel",
    means="Of those whose promised time has passed: picked up too late, or never.",
)
_UNTIL_SEEN = (
    "who have not been picked up after so many hours; those still waiting at the end of the data count as long as "
    "they were seen."
)
WAITING_TABLE = TableWords(
    "table.waiting", "Still waiting", means=f"Share of people handed over {_UNTIL_SEEN}"
)
HUMAN_WAITING_TABLE = TableWords(
    "table.human_waiting",
    "Still waiting for a person",
    means=f"Share of people given to somebody, hours counted from then, {_UNTIL_SEEN}",
)
CLOCK_TABLE = TableWords(
    "table.clock",
    "The handoff contract, measured",
    means="Handed over, picked up, and in time among those whose time has passed.",
)

# Another place of the handoff.
SAME_PLACE = VerdictTemplate(
    "same_place", "Choose a second place to compare {here} with.", ("here",), status="info"
)
_PEOPLE = ("handed_there", "handed_here", "here")
SAME_PEOPLE_AS = Template("scenario.same_people_as", "the same {handed_there} people as at {here}", _PEOPLE)
SAME_PEOPLE = Template("scenario.same_people", "the same {handed_there} people", _PEOPLE)
OTHER_PEOPLE = Template("scenario.other_people", "{handed_there} people instead of {handed_here}", _PEOPLE)
_RATES = ("rate_there", "rate_here")
SAME_RATE = Template("scenario.same_rate", "{rate_there} of them either way", _RATES)
OTHER_RATE = Template("scenario.other_rate", "{rate_there} of them instead of {rate_here}", _RATES)
FEW_PEOPLE = VerdictTemplate(
    "thin.people",
    "Handed over at {there}: {many}. Too few have had the whole horizon to compare growth's conversion.",
    ("there", "many", *_PEOPLE),
    status="unclear",
)
MORE_PEOPLE = Template("needs.people", "about {n} more people handed over", ("n",))
SAME_NUMBERS = VerdictTemplate(
    "same_numbers",
    "At {there} marketing hands over the same {handed_there} people as at {here}, and growth converts {rate_there} of them "
    "either way: moving the baton there changes no number, only who does the step between.",
    ("there", "handed_there", "here", "rate_there"),
    status="info",
)
_OTHER_NUMBERS = (
    "At {there} marketing hands over {many}, and growth converts {rate}. The {outcomes} people with {outcome} stay the "
    "same: moving the baton changes who answers for what, not how many arrive."
)
_OTHER = ("there", "many", "rate", "outcomes", "outcome", *_PEOPLE, *_RATES)
SIMILAR_RATES = VerdictTemplate("similar_rates", _OTHER_NUMBERS, _OTHER, status="info")
DIFFERENT_RATES = VerdictTemplate("different_rates", _OTHER_NUMBERS, _OTHER, status="info")
PLACES_TABLE = TableWords(
    "table.places",
    "Places of the baton",
    means="One row per place the baton can be. Handed over: people for whom the rule became true. Moved on: their first event of "
    "a later stage came after it. Already further: all their later stages began before it. Leaked: nothing later within "
    "the window. Open: too recent to tell. Outcomes through the handoff came at or after it; the rest bypassed it.",
)
PLACES_METHOD = AdviceTemplate(
    "table.places.method",
    "Shown for one place; the others differ in the rule and the later events. Wilson interval, 95 %; waiting time by "
    "Kaplan-Meier.",
)

# Before and since something was agreed.
CHANGE_WORDS: Mapping[Status, str] = {"good": "better", "bad": "worse", "info": "no clear change"}
AS_BEFORE = ", as before"
INSTEAD_OF = " instead of {before}"
INSTEAD_OF_FEW = " instead of {few}"
HANDOFF_SINCE = Template(
    "handoff_since",
    "Since {since}, {after} were picked up in time{was}: {word} ({change}, {low} to {high}); {many} were handed over a "
    "week{were}.",
    ("since", "after", "before", "was", "word", "change", "low", "high", "many", "few", "were"),
)
METRICS_SINCE = Template("metrics_since", "Since {since}, {parts}.", ("since", "parts"))
METRIC_IS_AT = Template(
    "metrics_since.part", "{name} is at {after}{was} ({word})", ("name", "after", "was", "word")
)
TOO_EARLY = VerdictTemplate(
    "too_early",
    "It applies since {agreed} and the data end on {last}: too early to compare before and after.",
    ("agreed", "last", "weeks"),
    status="unclear",
    needs="a file that reaches {weeks} further",
)
WHOLE_WEEKS = counted(Template, "too_early.weeks", "{n} whole week", "{n} whole weeks", ("n",))
SINCE_TABLE = TableWords(
    "table.since",
    "The handoff before and since it was agreed",
    means="Whole weeks before the agreement against whole weeks since, the same number where there are as many, a quarter at "
    "most. Other things changed in that time too: this is what happened, not proof of what the agreement did.",
)
SINCE_CONTRACT_TABLE = Label("table.since_contract", "Before and since the contract")
DATES_MEANS = AdviceTemplate("table.dates.is", "When it was agreed and how far the data reach.")
AGREED_MEANS = AdviceTemplate("table.agreed.is", "From when the contract applies.")

OTHER_ORDER = Label("map.other_order", "Most people do the next stage first")
