"""From a workbook and its steps to the executive summary: the story, its length for the audience, the team's edits."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.audit import words_slides as audit_words
from lib.analysis.handoff import words_slides as handoff_words
from lib.engine.evidence.evidence import Fact
from lib.framework import step_ids
from lib.report import clean
from lib.report.story import changes_since, contested_terms, edits, redact
from lib.report.story.inputs import STEPS, Inputs, Options
from lib.report.story.sessions import sessions
from lib.report.story.slides import saved_queries
from lib.report.story.slides.answer import answer, chart_slides, findings, waiting
from lib.report.story.slides.decision import decision
from lib.report.story.slides.experiments import experiments
from lib.report.story.slides.next_steps import next_steps
from lib.report.story.slides.open_questions import questions, still_open
from lib.report.story.slides.sources import sources
from lib.report.story.slides.team_notes import handoff_map, ownership
from lib.report.story.slides.workshop import room
from lib.report.story.summary_model import Line, Message, Summary, WordsBody

# How much each audience gets: charts per step, findings, rows of tables, and which sections at all.
_LENGTH: dict[str, dict[str, int]] = {
    "executive": {
        "charts": 1,
        "findings": 5,
        "metrics": 8,
        "tests": 6,
        "test_charts": 1,
        "audit_charts": 2,
        "stage_charts": 0,
        "questions": 4,
        "steps": 8,
    },
    "board": {
        "charts": 1,
        "findings": 0,
        "metrics": 0,
        "tests": 4,
        "test_charts": 0,
        "audit_charts": 1,
        "stage_charts": 0,
        "questions": 3,
        "steps": 6,
    },
    "team": {
        "charts": 4,
        "findings": 16,
        "metrics": 40,
        "tests": 24,
        "test_charts": 4,
        "audit_charts": 4,
        "stage_charts": 1,
        "questions": 12,
        "steps": 24,
    },
}
MISSING = {
    step_ids.METRIC_AUDIT: audit_words.NOT_SPOKEN.text,
    step_ids.HANDOFF_MAP: handoff_words.NOT_SPOKEN.text,
    step_ids.SHARED_EXPERIMENTS: "No shared experiment has been read yet.",
    step_ids.STAGE_CHOICE: "The stage step has not been answered yet.",
}


def _volumes(inputs: Inputs) -> dict[str, Fact]:
    """People per stage, where the handoff step counted them."""
    step = inputs.steps.get(step_ids.HANDOFF_MAP)
    drawn = getattr(step.result, "territory_map", None) if step else None
    return {stage.id: stage.volume for stage in getattr(drawn, "stages", ()) if stage.volume is not None}


def _story(inputs: Inputs, length: dict[str, int]) -> list[Message]:
    """All slides of one audience, in the order of the story."""
    made: list[Message | None] = [answer(inputs)]
    made += chart_slides(
        inputs, step_ids.METRIC_AUDIT, max(length["charts"], length["audit_charts"]), "findings"
    )
    if length["findings"] and not waiting(inputs):  # the answer says already what each step waits for
        made.append(findings(inputs, length["findings"]))
    made += saved_queries.messages(inputs.explored)
    if length["metrics"]:
        made.append(ownership(inputs, length["metrics"]))
    made.append(handoff_map(inputs, _volumes(inputs)))
    made += chart_slides(inputs, step_ids.HANDOFF_MAP, length["charts"], "handoffs")
    made.append(experiments(inputs, length["tests"]))
    made += chart_slides(inputs, step_ids.SHARED_EXPERIMENTS, length["test_charts"], "experiments")
    made.append(decision(inputs))
    made += chart_slides(inputs, step_ids.STAGE_CHOICE, length["stage_charts"], "decision")
    made.append(room(inputs, length["steps"]))
    made += _what_next(inputs, length)
    return _unique([message for message in made if message is not None])


def _what_next(inputs: Inputs, length: dict[str, int]) -> list[Message | None]:
    """Open questions and next steps; one or two questions stand on the slide of the steps."""
    asked = questions(inputs, length["questions"])
    few = still_open(inputs.questions)
    if asked is not None and few:
        steps = next_steps(inputs, length["steps"], few)
        if steps is not None:
            return [replace(steps, evidence=(*steps.evidence, *asked.evidence))]
    return [asked, next_steps(inputs, length["steps"])]


def _unique(messages: list[Message]) -> list[Message]:
    """No two slides with one headline: a later one says which view it is."""
    seen: set[str] = set()
    out = []
    for message in messages:
        title = message.headline
        key = title.text.casefold()
        if key in seen and isinstance(title, Line):
            caption = message.caption.text.rstrip(".") if message.caption else message.id
            title = Line(
                title.template + ": {view}",
                {**title.facts, "view": clean.line(caption, 80)},
                title.rule,
                title.edited_by,
            )
            message = replace(message, headline=title)
        seen.add(title.text.casefold())
        out.append(message)
    return out


def missing_steps(inputs: Inputs) -> tuple[str, ...]:
    """One sentence per step that could not speak yet."""
    out = [inputs.failed.get(key) or MISSING[key] for key in STEPS if key not in inputs.steps]
    out += [
        f"{inputs.steps[key].label}: {step.result.verdict.needs}."
        for key, step in inputs.steps.items()
        if step.result.verdict.status == "unclear" and step.result.verdict.needs
    ]
    return (*out, *saved_queries.missing(inputs.explored))


def _empty(inputs: Inputs) -> Message:
    """A deck can leave from any state: what is missing is then what it says."""
    items = tuple(Line("{text}", {"text": text}, rule="missing") for text in missing_steps(inputs))
    return Message(
        "answer",
        "answer",
        Line("The workbook has no answer yet and says what it needs"),
        WordsBody(items or (Line(""),)),
    )


def _all(inputs: Inputs, options: Options, before: Inputs | None) -> list[Message]:
    """The story with what changed since."""
    messages = _story(inputs, _LENGTH[options.audience])
    if not any(message.id == "answer" for message in messages):
        messages.insert(0, _empty(inputs))
    if before is not None:
        messages.insert(1, changes_since.message(before, inputs))
    return messages


def story(inputs: Inputs, options: Options, before: Inputs | None = None) -> list[Message]:
    """Every slide in its order with the team's edits, hidden ones too: what the editor lists.

    Args:
        inputs: The workbook and what its steps concluded.
        options: Audience.
        before: An earlier state to compare with.
    """
    return edits.apply(_all(inputs, options, before), inputs.workbook, keep_hidden=True)[0]


def build(
    inputs: Inputs, options: Options | None = None, *, before: Inputs | None = None, workbook_json: str = ""
) -> Summary:
    """Make the summary.

    Args:
        inputs: The workbook and what its steps concluded.
        options: Audience and redaction; what the team saved on the summary page when None.
        before: The same at an earlier time, for the slide that says what changed.
        workbook_json: The workbook's own file, for the ZIP; left out when anything is redacted.
    """
    options = options or Options.saved(inputs.workbook)
    settings = inputs.workbook.settings
    messages, warnings = edits.apply(_all(inputs, options, before), inputs.workbook)
    last = sources(messages)
    if last is not None and not waiting(inputs) and not inputs.workbook.summary.get("hidden/sources"):
        messages.append(last)
    title, title_warnings = edits.title(inputs.workbook)
    floor = settings.floor if options.floor is None else options.floor
    redacted = options.hide_names or options.hide_quotes or options.hide_money
    summary = Summary(
        company=clean.line(settings.company, 120),
        title=title,
        as_of=inputs.today.isoformat(),
        messages=contested_terms.marked(inputs.open_words, messages),
        audience=options.audience,
        sessions=sessions(inputs, hide_quotes=options.hide_quotes),
        time_zone=settings.time_zone,
        workbook="" if redacted else workbook_json,
        revision=inputs.workbook.rev,
        missing=missing_steps(inputs),
        warnings=(*warnings, *title_warnings),
    )
    return redact.redact(summary, inputs.workbook, options, floor)
