"""A made-up summary that has every kind of slide, for the tests of the writers. Its numbers agree with each other."""

from __future__ import annotations

from lib.charts.spec import Chart
from lib.engine.evidence.evidence import DatasetRead, Evidence
from lib.report.story.summary_model import (
    ChartBody,
    Crossing,
    DecisionBody,
    DrawnStage,
    GuardedClaim,
    Line,
    MapBody,
    Message,
    Reason,
    ReasonsBody,
    Said,
    Session,
    Summary,
    TableBody,
    TableCell,
    TableColumn,
    WordsBody,
)

EVENTS = DatasetRead("events.parquet", "ab12" * 16, 48_217)
TEST = DatasetRead("onboarding.csv", "cd34" * 16, 6_240)
AT = "2026-11-20T08:15:00+00:00"


def _evidence(
    title: str, columns: tuple[str, ...], rows: tuple, sources: tuple[DatasetRead, ...] = (EVENTS,)
) -> Evidence:
    return Evidence(
        title,
        f"{title}, one row each.",
        f"SELECT {', '.join(columns)}\nFROM events",
        columns,
        rows,
        (("window_days", 30),),
        sources,
        AT,
        "Wilson interval, 95 %" if "low" in columns else "",
    )


FUNNEL = _evidence(
    "Accounts reaching each stage",
    ("stage", "accounts", "step_rate"),
    (
        ("Visited site", 48_217, None),
        ("Filled a form", 11_168, 0.2316),
        ("Qualified trial start", 5_007, 0.4483),
        ("Activated", 2_423, 0.4839),
        ("Paid", 881, 0.3636),
    ),
)
TREND = _evidence(
    "Monthly rates by cohort of first visit",
    ("month", "rate", "value"),
    tuple(
        (f"2026-{month:02d}-01", name, value)
        for name, values in (
            ("Visit to form", (0.21, 0.222, 0.229, 0.236, 0.242, 0.261)),
            ("Trial to paid", (0.221, 0.199, 0.174, 0.169, 0.158, 0.145)),
        )
        for month, value in zip(range(5, 11), values, strict=True)
    ),
)
CHANGE = _evidence(
    "Change from first to last month",
    ("form_growth", "paid_first", "paid_last", "paid_change", "lost_before_activation"),
    ((0.18, 0.221, 0.145, -0.076, 0.5161),),
)
MIX = _evidence(
    "Trial starts by channel",
    ("month", "channel", "trials"),
    tuple(
        (f"2026-{m:02d}-01", c, n)
        for c, ns in (
            ("organic", (420, 415, 424, 418, 410, 402)),
            ("paid_search", (190, 210, 220, 240, 236, 250)),
            ("paid_social", (60, 110, 170, 240, 330, 420)),
            ("referral", (14, 12, 16, 15, 13, 12)),
        )
        for m, n in zip(range(5, 11), ns, strict=True)
    ),
)
TESTS = _evidence(
    "Experiments read this half",
    ("experiment", "owner", "metric", "effect", "low", "high", "accounts", "call"),
    (
        ("Onboarding: five steps to three", "Shared", "Activation", 0.089, 0.065, 0.114, 6_240, "ship"),
        (
            "Outcome-led pricing headline",
            "Marketing",
            "Qualified trial rate",
            0.011,
            -0.004,
            0.026,
            9_120,
            "keep running",
        ),
        ("Day-two nudge from sales calls", "Shared", "Trial to paid", 0.021, 0.006, 0.036, 3_870, "ship"),
        ("Annual plan pre-selected", "Growth", "Revenue per account", -0.008, -0.029, 0.013, 4_415, "stop"),
    ),
    (TEST,),
)
SIGNALS = _evidence(
    "Readiness signals",
    ("signal", "reading", "points_to"),
    (
        ("Retained at day 90", 0.61, "growth"),
        ("Say very disappointed without it", 0.46, "growth"),
        ("Sales calls that need a category explanation", 0.18, "growth"),
        ("Trials from the ideal customer profile", 0.57, "growth"),
        ("Won deals that used a sales asset", 0.34, "pmm"),
    ),
    (DatasetRead("answers.csv", "ef56" * 16, 20), EVENTS),
)
WATERFALL = _evidence(
    "What moved trial to paid",
    ("part", "value"),
    (
        ("Trial to paid in May", 0.221),
        ("Channel mix", -0.048),
        ("Rates within channels", -0.028),
        ("Trial to paid in October", 0.145),
    ),
)
COHORTS = _evidence(
    "Retention by cohort",
    ("cohort", "week", "retained"),
    tuple(
        (f"2026-{m:02d}-01", f"Week {w}", None if m + w > 14 else round(0.62 - 0.05 * w + 0.01 * m, 3))
        for m in range(5, 11)
        for w in (1, 2, 4, 8)
    ),
)


def line(template: str, **facts) -> Line:
    return Line(template, facts)


FIRST, LAST = TREND.fact(6, "value", "percent1"), TREND.fact(11, "value", "percent1")
PAID_CHANGE = CHANGE.fact(0, "paid_change", "points")
LOST = CHANGE.fact(0, "lost_before_activation", "percent")


def tests_table() -> TableBody:
    calls = {"ship": ("Ship", "good"), "keep running": ("Keep running", "muted"), "stop": ("Stop", "alarm")}
    tones = {"Shared": "shared", "Marketing": "process", "Growth": "outcome"}
    rows = []
    for index, r in enumerate(TESTS.records()):
        call, tone = calls[r["call"]]
        rows.append(
            (
                TableCell(Said(r["experiment"]), strong=True),
                TableCell(Said(r["owner"]), tones[r["owner"]], mark=True),
                TableCell(Said(r["metric"])),
                TableCell(TESTS.fact(index, "effect", "+points"), strong=True),
                TableCell(
                    line(
                        "{low} to {high}",
                        low=TESTS.fact(index, "low", "+points"),
                        high=TESTS.fact(index, "high", "+points"),
                    )
                ),
                TableCell(TESTS.fact(index, "accounts", "count")),
                TableCell(line(call), tone, strong=True),
            )
        )
    return TableBody(
        (
            TableColumn("Experiment", 2.6),
            TableColumn("Owner", 1.1),
            TableColumn("Metric it must move", 1.6),
            TableColumn("Lift", 0.8, True),
            TableColumn("95 % interval", 1.5, True),
            TableColumn("Accounts", 0.8, True),
            TableColumn("Call", 1),
        ),
        tuple(rows),
        "Four experiments with lift and call.",
    )


def messages() -> list[Message]:
    answer = Message(
        "answer",
        "answer",
        line("Fix the trial-to-paid handoff first, and hire growth next"),
        ReasonsBody(
            line("Marketing is filling the funnel and nobody owns what happens after the trial starts."),
            (
                Reason(
                    line("Volume is up, value is not"),
                    line(
                        "Form fills grew {g} while trial-to-paid fell from {a} to {b}.",
                        g=CHANGE.fact(0, "form_growth", "percent"),
                        a=FIRST,
                        b=LAST,
                    ),
                ),
                Reason(
                    line("The leak is one handoff"),
                    line(
                        "{l} of qualified trials never activate; the marketing-to-growth handoff has no agreed response time.",
                        l=LOST,
                    ),
                ),
                Reason(
                    line("Working together already pays"),
                    line(
                        "The shared onboarding test lifted activation by {e} across {n} accounts.",
                        e=TESTS.fact(0, "effect", "points"),
                        n=TESTS.fact(0, "accounts", "count"),
                    ),
                ),
                Reason(
                    line("The stage calls for growth"),
                    line(
                        "Retention at day 90 is {r}; the product is understood, the conversion is not.",
                        r=SIGNALS.fact(0, "reading", "percent"),
                    ),
                ),
            ),
        ),
    )
    funnel = Message(
        "funnel",
        "findings",
        line("Half of qualified trials are lost before activation, the step no team owns"),
        ChartBody(
            Chart(
                "bars",
                FUNNEL,
                "stage",
                "accounts",
                "Bars of accounts by stage; the drop at activation is the largest.",
                format="count",
                highlight="Activated",
            )
        ),
        line("Unique accounts reaching each stage, May to October 2026".replace("2026", "{y}"), y="2026"),
        (
            line("{l} of qualified trials never reach first value.", l=LOST),
            line("Marketing reports success at the form; growth starts counting at activation."),
            line(
                "Payment loses more of those who activate, but activation comes first and costs less to change."
            ),
        ),
        claims=(
            GuardedClaim(
                "half lost never",
                "SELECT lost_before_activation BETWEEN 0.45 AND 0.55 FROM change",
                {"change": CHANGE},
            ),
        ),
    )
    trend = Message(
        "trend",
        "findings",
        line("The form rate rose every month while trial-to-paid fell every month"),
        ChartBody(
            Chart(
                "lines",
                TREND,
                "month",
                "value",
                "Visit to form rises from 21 to 26 percent, trial to paid falls from 22 to 15 percent.",
                series="rate",
                format="percent",
                tones=(("Visit to form", "process"), ("Trial to paid", "outcome")),
            )
        ),
        line("Monthly rate by cohort of first visit"),
        (
            line("Form fills grew {g} in the period.", g=CHANGE.fact(0, "form_growth", "+percent")),
            line("Trial-to-paid moved {c} over the same months.", c=PAID_CHANGE),
            line("Each dashboard is right; neither shows the other's number."),
        ),
        claims=(
            GuardedClaim(
                "every month",
                "SELECT bool_and(up) FROM (SELECT CASE rate WHEN 'Visit to form' THEN value > p ELSE value < p END AS up FROM (SELECT rate, value, lag(value) OVER (PARTITION BY rate ORDER BY month) AS p FROM trend) WHERE p IS NOT NULL)",  # noqa: E501
                {"trend": TREND},
            ),
            GuardedClaim("neither", "SELECT true", {}),
        ),
    )
    mix = Message(
        "mix",
        "findings",
        line("Paid social grew to a third of trials and converts worst"),
        ChartBody(
            Chart(
                "stacked",
                MIX,
                "month",
                "trials",
                "Paid social grows from 9 to 39 percent of trial starts.",
                series="channel",
                format="count",
                tones=(("organic", "process"), ("paid_search", "shared"), ("paid_social", "outcome")),
            )
        ),
        line("Trial starts by first channel"),
        (),
        claims=(
            GuardedClaim(
                "third",
                "SELECT sum(trials) FILTER (channel = 'paid_social') / sum(trials) > 0.3 FROM mix WHERE month = '2026-10-01'",
                {"mix": MIX},
            ),
        ),
    )
    fall = Message(
        "fall",
        "findings",
        line("Most of the fall in trial-to-paid is channel mix"),
        ChartBody(
            Chart(
                "waterfall",
                WATERFALL,
                "part",
                "value",
                "From 22.1 to 14.5 percent: mix and rates.",
                format="percent1",
            )
        ),
        line("Trial-to-paid, May to October"),
        (
            line(
                "Mix took {m}, rates took {r}.",
                m=WATERFALL.fact(1, "value", "points"),
                r=WATERFALL.fact(2, "value", "points"),
            ),
        ),
        claims=(
            GuardedClaim(
                "most",
                "SELECT min(value) FILTER (part = 'Channel mix') / -0.076 > 0.5 FROM w",
                {"w": WATERFALL},
            ),
        ),
    )
    heat = Message(
        "cohorts",
        "findings",
        line("Retention after week one improves with newer cohorts"),
        ChartBody(
            Chart(
                "heatmap",
                COHORTS,
                "cohort",
                "retained",
                "Retention by cohort and week.",
                series="week",
                format="percent",
            )
        ),
        line("Share of accounts active in the week"),
        (line("Week eight still settles near a level."),),
        claims=(GuardedClaim("eight", "SELECT count(*) > 0 FROM c WHERE week = 'Week 8'", {"c": COHORTS}),),
    )
    owners = Message(
        "ownership",
        "ownership",
        line("Marketing and growth disagree on who owns activation"),
        TableBody(
            (
                TableColumn("Metric", 2),
                TableColumn("Kind", 1),
                TableColumn("Today", 1.4),
                TableColumn("Should be", 1.4),
                TableColumn("Last month", 0.9, True),
            ),
            tuple(
                (
                    TableCell(Said(m), strong=True),
                    TableCell(line(k.capitalize()), k, mark=True),
                    TableCell(Said(a), "alarm" if a == "Nobody" else "ink"),
                    TableCell(Said(b)),
                    TableCell(f),
                )
                for m, k, a, b, f in (
                    (
                        "Visit to form",
                        "process",
                        "Marketing",
                        "Marketing",
                        TREND.fact(5, "value", "percent1"),
                    ),
                    (
                        "Brand search volume",
                        "process",
                        "Marketing",
                        "Marketing",
                        FUNNEL.fact(0, "accounts", "count"),
                    ),
                    (
                        "Qualified trials",
                        "shared",
                        "Marketing",
                        "Marketing and growth",
                        FUNNEL.fact(2, "accounts", "count"),
                    ),
                    (
                        "Activation rate",
                        "outcome",
                        "Nobody",
                        "Growth",
                        FUNNEL.fact(3, "step_rate", "percent"),
                    ),
                    ("Trial to paid", "outcome", "Growth", "Growth", LAST),
                )
            ),
            "Who owns which metric today and who should.",
        ),
        line("One accountable owner per metric, two when shared"),
        (line("Activation has no owner today."),),
    )
    handoffs = Message(
        "handoffs",
        "handoffs",
        line("{n} of {m} handoffs have no agreed rule; trial start to activation comes first", n="2", m="4"),
        MapBody(
            (
                DrawnStage(
                    Said("Visited site"),
                    Said("Demand generation"),
                    Said("Channel mix, landing message"),
                    tone="process",
                    territory="Marketing owns the process",
                ),
                DrawnStage(
                    Said("Filled a form"),
                    Said("Demand generation"),
                    Said("Offer, form, follow-up email"),
                    tone="process",
                    territory="Marketing owns the process",
                ),
                DrawnStage(
                    Said("Qualified trial start"),
                    Said("Marketing and growth"),
                    Said("Definition of qualified"),
                    tone="shared",
                    territory="Shared",
                ),
                DrawnStage(
                    Said("Activated"),
                    Said("Growth"),
                    Said("Onboarding, first value"),
                    tone="outcome",
                    territory="Growth owns the outcome",
                ),
                DrawnStage(
                    Said("Paid"),
                    Said("Growth and sales"),
                    Said("Pricing, upgrade path"),
                    tone="outcome",
                    territory="Growth owns the outcome",
                ),
            ),
            (
                Crossing(
                    0,
                    "agreed",
                    line("Passes when: {r}", r="consent and company known"),
                    line("Response time: {s}", s="same day"),
                ),
                Crossing(
                    1,
                    "unclear",
                    line("Passes when: {r}", r="fits profile, asked for a trial"),
                    line("Response time: {s}", s="two days"),
                ),
                Crossing(
                    2,
                    "missing",
                    line("Passes when: {r}", r="first project created"),
                    line("Response time: nobody named"),
                    main=True,
                ),
                Crossing(
                    3,
                    "agreed",
                    line("Passes when: {r}", r="used in two separate weeks"),
                    line("Response time: {s}", s="one week"),
                ),
            ),
            "Five stages in three territories with four crossings.",
        ),
        line("Who owns each stage, and what must be true to pass an account on"),
        evidence=(FUNNEL,),
        quote=Said(
            "We throw the lead over the wall and hope somebody on the other side is looking up.",
            "Head of demand generation",
        ),
    )
    tests = Message(
        "experiments",
        "experiments",
        line("Shared experiments won both of their tests; single-team tests won neither"),
        tests_table(),
        line("Experiments read this half; lift is the absolute difference"),
        claims=(
            GuardedClaim(
                "won both",
                "SELECT bool_and(low > 0) AND count(*) = 2 FROM t WHERE owner = 'Shared'",
                {"t": TESTS},
            ),
            GuardedClaim(
                "won neither", "SELECT bool_and(low <= 0) FROM t WHERE owner <> 'Shared'", {"t": TESTS}
            ),
        ),
    )
    effects = Message(
        "effects",
        "experiments",
        line("The onboarding test has the largest effect with its range above zero"),
        ChartBody(
            Chart(
                "intervals",
                TESTS,
                "experiment",
                "effect",
                "Effects with ranges; two lie above zero.",
                low="low",
                high="high",
                format="+percent1",
                tones=(
                    ("Onboarding: five steps to three", "shared"),
                    ("Day-two nudge from sales calls", "shared"),
                    ("Outcome-led pricing headline", "process"),
                    ("Annual plan pre-selected", "outcome"),
                ),
            )
        ),
        line("Absolute difference and its range"),
        (line("{n} of {m} ranges lie above zero.", n="2", m="4"),),
    )
    table = TableBody(
        (TableColumn("Signal", 2.4), TableColumn("Reading", 0.8, True), TableColumn("Points to", 1.2)),
        tuple(
            (
                TableCell(Said(r["signal"])),
                TableCell(SIGNALS.fact(i, "reading", "percent"), strong=True),
                TableCell(
                    line("Growth" if r["points_to"] == "growth" else "Product marketing"),
                    "outcome" if r["points_to"] == "growth" else "process",
                    True,
                    True,
                ),
            )
            for i, r in enumerate(SIGNALS.records())
        ),
        "Five signals and where they point.",
    )
    decision = Message(
        "decision",
        "decision",
        line("Choose growth next: the story lands, the conversion does not"),
        DecisionBody(
            line("Invest in growth next; keep one product marketer on positioning"),
            line("Confidence: medium"),
            table,
            (
                line("Retention covers one cohort of early adopters."),
                line("Win/loss notes were coded by one person."),
                line("Signals are weighted equally; no weighting was agreed."),
            ),
            (
                line("Retention at day 90 falls under the reading of the first cohort."),
                line("More than a third of calls need a category explanation."),
            ),
        ),
        line("Readiness signals"),
    )
    steps = Message(
        "next",
        "next",
        line("The next steps have owners and dates in the coming month"),
        TableBody(
            (
                TableColumn("What", 3.4),
                TableColumn("Owner", 1.2),
                TableColumn("Due", 0.9),
                TableColumn("State", 0.8),
            ),
            tuple(
                (
                    TableCell(Said(w), strong=True),
                    TableCell(Said(o)),
                    TableCell(Said(d)),
                    TableCell(line(s), t),
                )
                for w, o, d, s, t in (
                    (
                        "Agree the activation handoff: rule, response time, feedback",
                        "Ann Meyer",
                        "1 Dec 2026",
                        "Open",
                        "ink",
                    ),
                    (
                        "Ship the three-step onboarding to everybody",
                        "Jo Lindqvist",
                        "8 Dec 2026",
                        "Open",
                        "ink",
                    ),
                    (
                        "Cap paid social until its trials convert",
                        "Ann Meyer",
                        "15 Nov 2026",
                        "Overdue",
                        "alarm",
                    ),
                )
            ),
        ),
    )
    own = Message(
        "own-1",
        "own",
        Said("What we ask of the board today", "Ann"),
        WordsBody(
            (Said("Approve one growth hire."), Said("Let marketing and growth report one page together."))
        ),
        own=True,
    )
    sources = Message(
        "sources",
        "sources",
        line("Where each number comes from and how to check it"),
        TableBody(
            (
                TableColumn("No.", 0.4),
                TableColumn("Evidence", 2.4),
                TableColumn("Data", 2),
                TableColumn("Rows read", 0.8, True),
            ),
            tuple(
                (
                    TableCell(Said(f"E{i}"), strong=True),
                    TableCell(Said(e.title)),
                    TableCell(Said(", ".join(s.name for s in e.sources))),
                    TableCell(Said(f"{e.rows_read:,}")),
                )
                for i, e in enumerate((FUNNEL, TREND, CHANGE, MIX, TESTS, SIGNALS, WATERFALL, COHORTS), 1)
            ),
            "List of evidence.",
        ),
    )
    return [
        answer,
        funnel,
        trend,
        mix,
        fall,
        heat,
        owners,
        handoffs,
        tests,
        effects,
        decision,
        steps,
        own,
        sources,
    ]


def summary(**changes) -> Summary:
    return Summary(
        **{
            "company": "Northwind Analytics",
            "title": line("Process and outcome at one table"),
            "as_of": "2026-11-20",
            "messages": tuple(messages()),
            "sessions": (
                Session(
                    "weekly",
                    "Handoff review",
                    "Read both dashboards together.",
                    1,
                    "10:00",
                    30,
                    1,
                    "2026-12-01",
                    "Ann Meyer",
                    ("Numbers", "Blocked handoffs", "Decisions"),
                ),
                Session(
                    "monthly",
                    "Experiment council",
                    "Choose the next shared tests.",
                    3,
                    "14:00",
                    60,
                    4,
                    "2026-12-03",
                    "Jo Lindqvist",
                    (),
                ),
            ),
            "time_zone": "Europe/Berlin",
            "revision": 42,
            **changes,
        }
    )
