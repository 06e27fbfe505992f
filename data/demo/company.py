"""What is true about Larkmere, the made-up company of the demo: every number the generator plants.

Larkmere sells reporting software to small teams. Marketing doubled down on paid social in 2026: traffic rose
by about 150 % between May and October while the share of trials that pay kept falling. Nobody is real.
"""

from __future__ import annotations

import datetime as dt

SEED = 20261115
FIRST_DAY = dt.date(2026, 5, 1)
LAST_DAY = dt.date(2026, 11, 14)
MONTHLY_VISITORS = {
    5: 3000,
    6: 3600,
    7: 4330,
    8: 5200,
    9: 6250,
    10: 7500,
    11: 8200,
}  # November is cut at the export

CHANNELS = ("organic", "paid_search", "paid_social", "email", "referral", "partner")
# Share of visitors in May and in October; months between are interpolated.
MIX_FIRST = {
    "organic": 0.36,
    "paid_search": 0.24,
    "paid_social": 0.10,
    "email": 0.12,
    "referral": 0.10,
    "partner": 0.08,
}
MIX_LAST = {
    "organic": 0.22,
    "paid_search": 0.15,
    "paid_social": 0.46,
    "email": 0.07,
    "referral": 0.06,
    "partner": 0.04,
}

SIGNUP_RATE = 0.34  # of visitors, every channel alike, so that only quality differs by channel
TRIAL_RATE = 0.72  # of signups
ACTIVATED_RATE = 0.62  # of trials
# Share of activated trials that pay within the window when nobody invited a colleague.
PAY_RATE = {
    "organic": 0.36,
    "paid_search": 0.31,
    "paid_social": 0.11,
    "email": 0.38,
    "referral": 0.44,
    "partner": 0.36,
}
PAY_WINDOW_DAYS = 21
RATE_DECAY = 0.10  # relative fall of every channel's pay rate from May to October: the rate effect
INVITE_EFFECT = 2.1  # the rate of paying is multiplied by this from the moment a colleague was invited
INVITE_SHARE = 0.20

# Events with no effect on paying: share of visitors who ever do it, mean days after the first visit.
NULL_EVENTS = {
    "whitepaper_download": (0.22, 5.0),
    "webinar_attended": (0.14, 9.0),
    "demo_request": (0.12, 6.0),
    "pricing_view": (0.38, 3.0),
    "email_open": (0.45, 7.0),
    "sample_report_viewed": (0.30, 4.0),
    "support_chat": (0.10, 8.0),
}

PLANS = {"starter": 29.0, "team": 79.0, "business": 199.0}
PLAN_SHARE = (0.52, 0.36, 0.12)
MONTHLY_CHURN = {
    "organic": 0.035,
    "paid_search": 0.045,
    "paid_social": 0.105,
    "email": 0.03,
    "referral": 0.025,
    "partner": 0.035,
}
GROSS_MARGIN = 0.8

# Weekly register: 104 weeks, the last ones counted from the events.
WEEKS = 104
LEAD_WEEKS = 2  # branded_search_clicks move this many weeks before new_paying_customers

# Shared experiments: true values, before sampling noise.
ONBOARDING = {"n": 6240, "control": ("five_steps", 0.41, 0.105), "treatment": ("three_steps", 0.49, 0.128)}
HEADLINE = {
    "n": 9120,
    "control": ("feature_headline", 0.118, 0.0405),
    "treatment": ("outcome_headline", 0.139, 0.0405),
}

PMF_SHARE = {"very disappointed": 0.46, "somewhat disappointed": 0.37, "not disappointed": 0.17}
NPS_SHARES = {"promoter": 0.44, "passive": 0.34, "detractor": 0.22}
WIN_RATE = {False: 0.24, True: 0.36}  # without and with the sales asset
