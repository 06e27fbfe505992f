"""Names that people really give their series and events."""

import pytest

from lib.framework.load import framework
from lib.framework.recognise import normalise, recognise, recognise_kpi

NAMES = {
    "website_visits": "website_traffic",
    "Sessions": "website_traffic",
    "Weekly Website Visits": "website_traffic",
    "email_open_rate": "email_open_rate",
    "MQLs": "qualified_leads",
    "Qualified leads": "qualified_leads",
    "Trial-to-paid %": "trial_to_paid_rate",
    "trial_to_paid_rate": "trial_to_paid_rate",
    "mrr": "mrr",
    "Total MRR, EUR": "mrr",
    "signups": "signups",
    "Sign-ups": "signups",
    "new customers": "new_customers",
    "WAU": "active_users",
    "paid_social_spend": "marketing_spend",
    "Ad spend": "marketing_spend",
    "social_engagement": "social_engagement",
    "Engagement rate": "social_engagement_rate",
    "Social followers": "social_followers",
    "NPS": "nps",
    "Net Promoter Score": "nps",
    "activation_rate": "activation_rate",
    "ARPU": "revenue_per_user",
    "Revenue per user": "revenue_per_user",
    "churn": "churn_rate",
    "CAC": "cac",
    "Blended CAC": "cac",
    "ltv": "ltv",
    "LTV:CAC": "ltv_to_cac",
    "CAC payback (months)": "cac_payback",
    "win_rate": "win_rate",
    "Support Tickets": "support_tickets",
    "demo_requests": "demo_requests",
    "invites_sent": "referrals",
    "trial_starts": "trials",
    "qualified_trials": "qualified_trials",
    "page_views": "page_views",
    "cumulative_signups": "registered_users",
    "cost per lead": "cost_per_lead",
    "visit_to_paid_rate": "lead_to_customer_rate",
    "bounce rate": "bounce_rate",
    "retention_w4": "retention_rate",
    "Day 1 retention": "retention_rate",
    "NRR": "net_revenue_retention",
    "organic share": "organic_share",
    "organic_sessions": "organic_traffic",
    "total revenue": "revenue",
    "CTR": "click_through_rate",
    "CPC": "cost_per_click",
    "DAU/MAU": "stickiness",
    "whitepaper_downloads": "downloads",
    "speedToLead": "speed_to_lead",
    "Sales enablement success": "sales_enablement",
    "quick_ratio": "quick_ratio",
    "orders": "orders",
    "Bestellungen": "orders",
    "paying users": "customers",
    "new_paying_customers": "new_customers",
    "GRR": "gross_revenue_retention",
    "Net new MRR": "net_new_mrr",
    "ARR": "mrr",
    "Ad reach": "reach",
    "direct traffic": "website_traffic",
}


@pytest.mark.parametrize(("name", "kpi"), NAMES.items())
def test_real_names_are_recognised(name: str, kpi: str) -> None:
    found = recognise(name)
    assert found.kpi is not None, found.reason
    assert found.kpi.id == kpi
    assert found.kpi.name in found.reason


@pytest.mark.parametrize("kpi", framework().kpis.values(), ids=lambda kpi: kpi.id)
def test_every_metric_is_recognised_by_its_own_name_and_by_no_other(kpi) -> None:
    assert recognise_kpi(kpi.name) == kpi
    assert recognise_kpi(kpi.name.upper().replace(" ", "_")) == kpi


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "date",
        "Zork index",
        "signup cost",
        "segment",
        "temperature",
        "lead rate per cost",
        "notes",
        "🙂",
        "x" * 5000,
        "cost of signups",
        "visits to the dentist per person",
        "new MRR",  # what new customers bring is not the whole
        "conversions",  # of what to what, nobody can tell
        "CES",  # an effort score, in some surveys better when lower
    ],
)
def test_other_names_are_not_claimed(name: str) -> None:
    assert recognise_kpi(name) is None
    assert recognise(name).reason


def test_a_rate_is_never_taken_for_a_count() -> None:
    for name in ("signup rate", "lead conversion rate", "demo request rate", "trials share", "install %"):
        kpi = recognise_kpi(name)
        assert kpi is None or kpi.unit == "percent", (name, kpi)


def test_normalise_drops_when_and_how_it_was_summed() -> None:
    assert normalise("Weekly number of sign-ups") == "sign ups"
    assert normalise("total") == "total", "a name that is only filler stays a name"
