"""The summary itself: what may enter it, what the team may change, what must not leave, what changed since."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pytest

from lib.analysis.verdict import Finding, Verdict
from lib.charts.spec import Chart
from lib.engine.evidence import claim_check
from lib.engine.evidence.evidence import DatasetRead, Evidence
from lib.errors import DataError, FileError
from lib.report.deck import deck, text_fit
from lib.report.story import build, check, edits, redact
from lib.report.story.inputs import Inputs, Options, StepChapter, StepChart
from lib.report.story.summary_model import (
    SECTION_NAMES,
    ChartBody,
    GuardedClaim,
    Line,
    Message,
    Outside,
    Said,
)
from lib.report.story.wording import guarded_words, typed_numbers
from lib.report.writers import brief, chart_files, evidence_book, html, markdown, tables, writers
from lib.workbook.model import fold
from tests.report import sample

FACTS = Evidence(
    "Rates",
    "Rate then and now.",
    "SELECT 1",
    ("was", "now", "revenue", "people"),
    ((0.22, 0.145, 12_000.0, 40),),
    (),
    (DatasetRead("events.csv", "f" * 64, 900),),
    "2026-11-20T08:00:00+00:00",
)


@dataclass(frozen=True)
class Result:
    """A step's result made by hand."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = (FACTS,)


def step(
    id: str = "handoff_map", now: Evidence = FACTS, status: str = "bad", code: str = "fell"
) -> StepChapter:
    facts = {"was": now.fact(0, "was", "percent"), "now": now.fact(0, "now", "percent1")}
    return StepChapter(
        id,
        Result(
            Verdict(status, "Trial-to-paid fell from {was} to {now}. It began in May.", facts, code=code),
            (),
            (now,),
        ),
    )  # type: ignore[arg-type]


def inputs(answers: dict | None = None, *steps: StepChapter, day: str = "2026-11-20") -> Inputs:
    found = steps or (step(),)
    return Inputs(fold(answers or {}), {s.id: s for s in found}, dt.date.fromisoformat(day))


# ---- what may enter ------------------------------------------------------------------------------------------------


def message(template: str, **changes) -> Message:
    base = sample.messages()[1]
    return replace(base, **{"headline": Line(template), "claims": (), "takeaways": (), **changes})


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Trial to paid fell by 7.6 pp this half", "typed"),
        ("Revenue rose to $40k over the year", "typed"),
        ("We tested 3 ideas over this last half", "typed"),
        ("The rate rose every month of this half", "every"),
        ("Both of the tests that we ran worked", "both"),
        ("A label only", "label"),
        ("This is a sentence that ends here.", "full stop"),
        ("This names {a_fact} that nobody gave us", "not given"),
    ],
)
def test_refused(template: str, words: str) -> None:
    assert any(words in p for p in check.problems(sample.summary(messages=(message(template),))))


def test_a_false_claim_is_refused() -> None:
    wrong = GuardedClaim("every", "SELECT min(accounts) > 1000 FROM f", {"f": sample.FUNNEL})
    right = GuardedClaim("every", "SELECT min(accounts) > 500 FROM f", {"f": sample.FUNNEL})
    said = "The funnel has accounts at every stage"
    assert check.problems(sample.summary(messages=(message(said, claims=(right,)),))) == []
    assert any(
        "not true" in p for p in check.problems(sample.summary(messages=(message(said, claims=(wrong,)),)))
    )


def test_null_is_not_true_and_claims_reach_nothing_else() -> None:
    assert not claim_check.holds("SELECT NULL::BOOLEAN", {})
    with pytest.raises(Exception, match="disabled"):
        claim_check.holds("SELECT count(*) > 0 FROM read_csv('/etc/passwd')", {})


@pytest.mark.parametrize(
    ("grade", "enters"),
    [("survey", True), ("expert opinion", True), ("unverified", False), ("contradicted", False)],
)
def test_outside_claims_carry_their_grade(grade: str, enters: bool) -> None:
    outside = Outside("Teams that separate the two grow faster", "A study", grade)  # type: ignore[arg-type]
    found = check.problems(
        sample.summary(messages=(message("This slide quotes somebody from outside", takeaways=(outside,)),))
    )
    assert (found == []) is enters
    assert outside.text.endswith(f"(A study; {grade})")


def test_words_and_numbers_found() -> None:
    assert typed_numbers("grew 12 % on day 30 of an A/B test in {year}") == ["12 %"]
    assert guarded_words("Most tests won, {n} of both") == ["most", "won", "both"]


def test_digest_ignores_the_hour_only() -> None:
    later = replace(FACTS, at="2026-11-20T19:00:00+00:00")
    other = replace(FACTS, rows=((0.23, 0.145, 12_000.0, 40),))
    one, two, three = (build.build(inputs(None, step(now=e))).digest for e in (FACTS, later, other))
    assert one == two != three


# ---- the story -----------------------------------------------------------------------------------------------------


def test_order_and_headline() -> None:
    made = build.build(
        inputs(
            {
                "stage/decision": "growth",
                "actions/a/text": "Call Jo",
                "actions/a/due": "2026-11-01",
                "metrics/m/name": "Visits",
            },
            step(),
            step("stage_choice", status="info"),
        )
    )
    sections = [m.section for m in made.messages]
    assert sections == sorted(sections, key=list(SECTION_NAMES).index)
    assert made.messages[0].headline.text == "Put growth first: trial-to-paid fell from 22\xa0% to 14.5\xa0%"
    assert check.problems(made) == []


def test_a_deck_leaves_from_any_state() -> None:
    empty = Inputs(fold({}), {}, dt.date(2026, 11, 20))
    made = build.build(empty)
    assert len(made.missing) == 4
    assert deck.render(made).slides == 2
    assert "metric audit has not spoken" in markdown.render(made)


@pytest.mark.parametrize("audience", ["executive", "board", "team"])
def test_length_follows_the_audience(audience: str) -> None:
    answers = {f"metrics/m{i}/name": f"Metric {i}" for i in range(30)}
    made = build.build(inputs(answers), Options(audience))  # type: ignore[arg-type]
    rows = [len(m.body.rows) for m in made.messages if m.id == "ownership"]  # type: ignore[union-attr]
    assert rows == {"executive": [8], "board": [], "team": [30]}[audience]


# ---- the team's edits ----------------------------------------------------------------------------------------------


def test_an_edited_headline_keeps_its_numbers_live() -> None:
    first = build.build(inputs()).messages[0]
    template = edits.headline_template(first, "We lose the trial: from 22 % down to 14.5 %")
    assert template == "We lose the trial: from {was} down to {now}"
    answers = {"summary/headline/answer": template, "summary/headline_by/answer": "Ann"}
    changed = replace(FACTS, rows=((0.22, 0.31, 12_000.0, 40),))
    made = build.build(inputs(answers, step(now=changed)))
    assert made.messages[0].headline.text == "We lose the trial: from 22\xa0% down to 31.0\xa0%"
    assert "Reworded by Ann" in _notes(deck.render(made).data, 2)


def _notes(data: bytes, slide: int) -> str:
    from pptx import Presentation

    return Presentation(io.BytesIO(data)).slides[slide - 1].notes_slide.notes_text_frame.text


@pytest.mark.parametrize("typed", ["We lost 9 % of it", "", "   ", "Up 3x this year"])
def test_a_typed_number_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(DataError):
        edits.headline_template(build.build(inputs()).messages[0], typed)


@pytest.mark.parametrize(
    "saved",
    [
        "{gone} is a fact no more",
        "a lone { brace",
        "{0} {} {was!r:>99999}",
        "typed 5 % here",
        "{was.evidence.sql}",
        "wide {was:>99999999}",
        "{was!r} here",
    ],
)
def test_a_headline_that_no_longer_fits_gives_way(saved: str) -> None:
    made = build.build(inputs({"summary/headline/answer": saved}))
    assert made.messages[0].headline.text.startswith("Trial-to-paid fell")
    assert "suggested one is back" in made.warnings[0]


def test_order_hide_add() -> None:
    answers = {
        "summary/order": ["sources", "own-x", "answer"],
        "summary/hidden/answer": True,
        "summary/own/x/headline": "What we ask for",
        "summary/own/x/text": "A hire.\nA budget of 5 k.",
    }
    made = build.build(inputs(answers))
    assert [m.id for m in made.messages] == ["own-x", "sources"] or [m.id for m in made.messages] == ["own-x"]
    assert "A budget of 5 k." in markdown.render(made)
    assert edits.order(["a", "b", "c", "d"], ["d", "b"]) == ["a", "d", "b", "c"]


# ---- what must not leave -------------------------------------------------------------------------------------------

PEOPLE = {
    "settings/marketing_lead": "Ana Ruiz",
    "settings/growth_lead": "Ben Okafor",
    "people/p/name": "Mia Chen",
    "people/p/role": "Analyst",
    "actions/a/text": "Ask Mia Chen and Ben for the list",
    "actions/a/owner": "Ana Ruiz",
    "insights/i/quote": "I gave up at the password.",
    "insights/i/text": "x",
    "stages/a/name": "Visit",
    "stages/a/owners": ["Ana Ruiz"],
    "stages/a/order": 1,
    "stages/b/name": "Pay",
    "stages/b/order": 2,
    "stages/b/owners": ["Growth"],
    "metrics/m/name": "Visits",
    "metrics/m/owners": ["Ben Okafor"],
}


def _everything(made) -> str:
    out = [markdown.render(made), html.render(made), tables.facts_csv(made).decode()]
    for data in (deck.render(made).data, evidence_book.xlsx(made)):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            out += [
                package.read(n).decode("utf-8", "replace") for n in package.namelist() if n.endswith(".xml")
            ]
    return "\n".join(out)


def test_names_do_not_leave() -> None:
    open_text = _everything(build.build(inputs(PEOPLE)))
    assert "Ana Ruiz" in open_text
    hidden = _everything(build.build(inputs(PEOPLE), Options(hide_names=True), workbook_json="{}"))
    assert not re.search(r"\b(Ana|Ruiz|Ben|Okafor|Mia|Chen)\b", hidden)
    assert "Marketing lead" in hidden
    assert build.build(inputs(PEOPLE), Options(hide_names=True), workbook_json="{}").workbook == ""


def test_quotes_do_not_leave() -> None:
    assert "password" in _everything(build.build(inputs(PEOPLE)))
    assert "password" not in _everything(build.build(inputs(PEOPLE), Options(hide_quotes=True)))


def test_money_does_not_leave() -> None:
    money = Evidence(
        "Revenue by month",
        "Sum.",
        "SELECT",
        ("month", "revenue", "share"),
        (("2026-09-01", 41_237.0, 0.4), ("2026-10-01", 82_474.0, 0.6)),
        sources=FACTS.sources,
    )
    chart = Chart(
        "columns",
        money,
        "month",
        "revenue",
        "Revenue doubled from $41,237.",
        format="money:USD",
        caption="Revenue",
    )
    line = Line(
        "Revenue went from {a} to {b}",
        {"a": money.fact(0, "revenue", "money:USD"), "b": money.fact(1, "revenue", "money:USD")},
        rule="r",
    )
    one = StepChapter(
        "metric_audit",
        Result(
            Verdict(
                "good", "Revenue is {a} and rises on", {"a": money.fact(0, "revenue", "money:USD")}, code="c"
            ),
            (),
            (money,),
        ),
        (StepChart(chart, line, (line,)),),
    )
    shown = _everything(build.build(inputs(None, one)))
    assert "41237" in shown
    made = build.build(inputs(None, one), Options(hide_money=True))
    hidden = _everything(made)
    assert not re.search(r"41,?237|82,?474|\$41k|\$82k", hidden)
    body = next(m.body for m in made.messages if isinstance(m.body, ChartBody))
    assert body.chart.evidence.column("revenue") == [50.0, 100.0]
    assert "index" in body.chart.caption


def test_small_groups_do_not_leave_as_a_row() -> None:
    groups = Evidence(
        "By channel",
        "Paid by channel.",
        "SELECT",
        ("channel", "users", "rate"),
        (("organic", 400, 0.3), ("niche_forum", 7, 0.71)),
    )
    assert redact.small_rows(groups, 10) == [1]
    stages = replace(groups, columns=("stage", "users", "rate"))
    assert redact.small_rows(stages, 10) == []
    chart = Chart("bars", groups, "channel", "rate", "Bars", format="percent")
    one = StepChapter(
        "metric_audit",
        Result(Verdict("info", "Channels differ in how well they convert", code="c"), (), (groups,)),
        (StepChart(chart, Line("Channels differ in how well they convert", rule="r")),),
    )
    made = build.build(inputs(None, one))
    assert "niche" not in _everything(made).casefold()
    assert any("fewer than 10" in w for w in made.warnings)
    assert "niche" in _everything(build.build(inputs(None, one), Options(floor=5))).casefold()


# ---- a memory ------------------------------------------------------------------------------------------------------


def test_what_changed_since() -> None:
    was = inputs(
        {"actions/a/text": "Call Jo", "actions/a/due": "2026-11-01", "experiments/e/name": "Short form"},
        step(),
        day="2026-10-12",
    )
    changed = replace(FACTS, rows=((0.22, 0.31, 12_000.0, 40),))
    now = inputs(
        {
            "actions/a/text": "Call Jo",
            "actions/a/due": "2026-11-01",
            "experiments/e/name": "Short form",
            "experiments/e/decision": "ship",
            "stage/decision": "growth",
        },
        step(now=changed),
        step("stage_choice", status="good", code="s"),
    )
    made = build.build(now, before=was)
    slide = made.messages[1]
    assert (
        slide.headline.text
        == "Since 12 Oct 2026: 1 verdict changed, 1 number moved, 2 decisions made, 1 action overdue"
    )
    rows = [[c.text.text for c in row] for row in slide.body.rows]  # type: ignore[union-attr]
    assert ["Handoff map: now", "14.5\xa0%", "31.0\xa0%", "Number"] in rows
    assert ["Short form", "Not decided", "Ship", "Decision"] in rows
    assert any(row[2] == "Overdue" for row in rows)
    assert any(row[:2] == ["PMM or growth", "Not answered"] for row in rows)
    same = build.build(now, before=now).messages[1]
    assert "overdue" in same.headline.text


# ---- the other writers ---------------------------------------------------------------------------------------------


def _written(text: str) -> set[str]:
    return {n.rstrip(".,") for n in re.findall(r"\d[\d.,]*", text)}


def test_markdown_and_page_show_every_fact_of_the_deck() -> None:
    made = sample.summary()
    texts = [fact.text for _, _, fact in tables.facts(made)]
    said, page = markdown.render(made), html.render(made)
    for text in texts:
        assert text in said.replace("\\", "")
        assert text in page
    assert _written(page.split("<h2>Evidence")[0].split("<main>")[1].replace("&#x27;", "'")) >= {
        n for t in texts for n in _written(t)
    }


def test_evidence_book_repeats_every_fact() -> None:
    made = sample.summary()
    book = openpyxl.load_workbook(io.BytesIO(evidence_book.xlsx(made)))
    rows = [r for r in book["Facts"].iter_rows(min_row=2, values_only=True) if r[0]]
    assert [(r[0], r[2]) for r in rows] == [(slide, fact.text) for slide, _, fact in tables.facts(made)]
    assert len(book.sheetnames) == 2 + len(made.evidence)
    assert "SELECT month, rate, value" in [
        c.value for c in book[next(n for n in book.sheetnames if "Monthly rates" in n)]["A"]
    ]


def test_evidence_book_can_be_read_as_it_opens() -> None:
    """Names of whole words, a link to each sheet, headers that stay, numbers written as the deck writes them."""
    made = sample.summary()
    book = openpyxl.load_workbook(io.BytesIO(evidence_book.xlsx(made)))
    contents = book["Contents"]
    for row, item in enumerate(made.evidence, start=5):
        sheet = book[evidence_book.sheet_name(made, item)]
        assert contents.cell(row, 1).hyperlink.location == f"'{sheet.title}'!A1"
        said = re.sub(r"[^\w ]", "", item.title).casefold().split()
        assert set(sheet.title.casefold().split()[1:]) <= set(said)
        assert sheet["A2"].hyperlink.location == "'Contents'!A1"
        assert sheet.freeze_panes == "A9"
        assert tuple(c.value for c in sheet[8][: len(item.columns)]) == item.columns
        assert all(9 <= d.width <= 44 for d in sheet.column_dimensions.values() if d.customWidth)
    for row, (_, _, fact) in enumerate(tables.facts(made), start=2):
        if fact.format in ("percent1", "count"):
            shown = book["Facts"].cell(row, 4).number_format
            assert shown == {"percent1": "0.0%", "count": "#,##0"}[fact.format]


def test_brief_is_one_tagged_page_with_its_fonts() -> None:
    import pypdfium2

    made = brief.render(sample.summary())
    assert brief.pages(made) == 1
    assert b"/StructTreeRoot" in made
    text = pypdfium2.PdfDocument(made)[0].get_textpage().get_text_range()
    assert "Fix the trial-to-paid handoff first" in " ".join(text.split())
    assert {f.decode() for f in re.findall(rb"/FontName /[A-Z]{6}\+(\w+)", made)} <= {"LiberationSans"} | {
        "LiberationSans-Bold"
    }


def test_pictures_have_ink() -> None:
    from PIL import Image

    for one in sample.messages():
        if isinstance(one.body, ChartBody):
            image = Image.open(io.BytesIO(chart_files.png(one.body.chart))).convert("L")
            dark = sum(image.histogram()[:110])
            assert dark > 400, one.id


def test_calendar_round_trips() -> None:
    from icalendar import Calendar

    raw = tables.ics(sample.summary())
    events = list(Calendar.from_ical(raw).walk("VEVENT"))
    assert [str(e["summary"]) for e in events] == ["Handoff review", "Experiment council"]
    assert [e.decoded("dtstart").isoformat() for e in events] == [
        "2026-12-01T10:00:00+01:00",
        "2026-12-03T14:00:00+01:00",
    ]
    assert events[1]["rrule"]["INTERVAL"] == [4]
    assert len(raw) < 3_000
    assert raw == tables.ics(sample.summary())


def test_zip_holds_everything() -> None:
    made = sample.summary(workbook=json.dumps({"format": "x"}))
    with zipfile.ZipFile(io.BytesIO(writers.make(made, "zip").data)) as package:
        names = package.namelist()
    assert {Path(n).suffix for n in names} == {
        ".pptx",
        ".pdf",
        ".html",
        ".md",
        ".xlsx",
        ".csv",
        ".ics",
        ".json",
        ".png",
        ".svg",
    }
    assert sum(n.startswith("evidence/") for n in names) == len(made.evidence)
    assert writers.make(made, "zip").data == writers.make(made, "zip").data


def test_unknown_or_missing_kinds_say_so() -> None:
    with pytest.raises(FileError, match="docx"):
        writers.make(sample.summary(), "docx")
    with pytest.raises(FileError, match="session"):
        writers.make(sample.summary(sessions=()), "ics")


# ---- measuring text ------------------------------------------------------------------------------------------------


def test_measured_widths_are_the_fonts() -> None:
    assert text_fit.width("Ill", 100, font="Arial") == pytest.approx((278 + 222 + 222) / 10 * 1.02)
    assert text_fit.width("漢字", 10) > text_fit.width("ab", 10)
    assert text_fit.face_of("Aptos") == "dejavu"


@pytest.mark.parametrize(
    "text", ["short", "many words " * 80, "onewordwithoutend" * 60, "", "line\nbreaks\nhere"]
)
def test_fitted_text_fits(text: str) -> None:
    one = text_fit.fit(text, 120, 60, (14, 12, 10))
    assert text_fit.height(one.text, one.size, 120) <= 60
    assert one.cut is (text_fit.height(text, 10, 120) > 60)


def test_said_is_clean_and_kept() -> None:
    assert Said("a\x07b\r\nc", "An\u202en").words == "ab\nc"
    assert Said("a", "An\u202en").by == "Ann"
