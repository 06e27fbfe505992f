"""Channel names mapped once, profiles of columns, and saved queries as metrics: exact on small tables."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lib.analysis.data_trust import absent, trust
from lib.engine import query, sandbox
from lib.engine.contracts import channel_names
from lib.engine.datasets import column_profile, query_metrics
from lib.engine.datasets.dataset import Dataset
from tests.engine.intake.test_accept import _in_this_process, taken  # noqa: F401 - the fixture applies by name

EVENTS = "user_id,event,timestamp,channel\nu1,a,2026-01-05,fb\nu1,b,2026-01-06,fb\nu2,a,2026-01-12,google / organic\nu3,a,2026-01-13,\n"
WEEKLY = "SELECT CAST(date_trunc('week', timestamp) AS DATE) AS week, count(DISTINCT user_id) AS users FROM events GROUP BY 1"


@pytest.fixture
def events(tmp_path: Path) -> Dataset:
    return taken(tmp_path, EVENTS, "events")


@pytest.mark.parametrize(("alias", "name"), [
    ("fb", "paid_social"), ("facebook / cpc", "paid_social"), ("Paid Social", "paid_social"), ("Meta Ads", "paid_social"),
    ("google / cpc", "paid_search"), ("google / organic", "organic"), ("Organic Search", "organic"), ("Organic Social", "organic_social"),
    ("(direct) / (none)", "direct"), ("direct", "direct"), ("Newsletter", "email"), ("E-Mail", "email"), ("Referrals", "referral"),
    ("Partner Program", "partner"), ("paid_search", "paid_search"), ("adwords", "paid_search"), ("bing ads", "paid_search"),
    ("Display Network", "display"), ("Some Fair 2026", "some_fair_2026"), ("linkedin", "paid_social"), ("youtube ads", "video"),
    ("Organische Suche", "organic"), ("Bezahlte Suche", "paid_search"), ("Direkt", "direct"), ("Empfehlungen", "referral"),
    ("Soziale Medien", "organic_social"),
])  # fmt: skip
def test_aliases_get_the_name_a_marketer_would_give(alias: str, name: str) -> None:
    assert channel_names.suggest(alias) == name


def test_found_counts_each_name_in_each_table(events: Dataset) -> None:
    found = channel_names.found({"events": events})
    assert found is not None
    assert found.rows == (("fb", "events", 2), ("google / organic", "events", 1))
    assert channel_names.found({}) is None


def test_case_maps_names_and_leaves_the_rest(events: Dataset) -> None:
    known = {"fb": "paid_social", "it's": "other", "empty": "", "same": "same"}
    sql = f"SELECT {channel_names.case('channel', known)} AS c, count(*) AS n FROM events GROUP BY 1 ORDER BY 1 NULLS LAST"
    assert query.query(sql, {"events": events}).rows == (
        ("google / organic", 1),
        ("paid_social", 2),
        (None, 1),
    )
    assert channel_names.case("channel", {}) == "LOWER(TRIM(channel))"


def test_profile_is_exact(events: Dataset) -> None:
    found = column_profile.profile(events).records()
    assert [(r["column"], r["present"], r["missing"], r["different"]) for r in found] == [
        ("user_id", 4, 0, 3), ("event", 4, 0, 2), ("timestamp", 4, 0, 4), ("channel", 3, 1, 2),
    ]  # fmt: skip
    assert found[2]["smallest"] == "2026-01-05 00:00:00"
    assert column_profile.head(events, 1).rows[0][0] == "u1"


def test_a_query_that_begins_with_a_date_and_a_number_is_a_series(events: Dataset) -> None:
    found = sandbox.run(WEEKLY + " ORDER BY 1", {"events": events})
    assert query_metrics.series_of(found) == query_metrics.MetricColumns("week", "users")
    assert query_metrics.rows_of("weekly users", found) == [
        (dt.date(2026, 1, 5), "weekly users", 1.0), (dt.date(2026, 1, 12), "weekly users", 2.0),
    ]  # fmt: skip
    for sql in (
        "SELECT 1 AS x",
        "SELECT 1 AS n, DATE '2026-01-05' AS d",
        "SELECT DATE '2026-01-05' AS d, 'x' AS t",
    ):
        assert query_metrics.series_of(sandbox.run(sql, {"events": events})) is None


def test_several_rows_a_date_are_no_series(events: Dataset) -> None:
    found = sandbox.run("SELECT DATE '2026-01-05' AS d, 1.5 AS v FROM events", {"events": events})
    assert query_metrics.series_of(found) == query_metrics.MetricColumns("d", "v")
    with pytest.raises(Exception, match="several rows for one date"):
        query_metrics.rows_of("x", found)


def test_trust_counts_and_warns(tmp_path: Path, events: Dataset) -> None:
    assert trust({}).verdict.code == "no_data"
    good = trust({"events": events})
    assert (good.verdict.code, good.findings) == ("all_read", ())
    assert good.evidence[0].rows[-1][2:8] == (5, 4, 0, 0, 0, 1)
    bad = trust({"events": taken(tmp_path, EVENTS + "u1,a,soon,x\n", "events")})
    assert bad.verdict.code == "rejects"
    assert bad.findings[0].text.startswith("1 record of file.csv could not be used (20.0")
    assert "events" not in dict(absent({"events": events}))
    assert next(iter(absent({"events": events})))[0] == "metrics"
