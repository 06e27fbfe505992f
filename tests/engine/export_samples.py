"""Small made-up samples with the columns of exports that people really have."""

# ruff: noqa: E501 - exports have long lines

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """An export, what it must be recognised as, and what its first row must become."""

    name: str
    contract: str
    source: str
    text: str
    rows: int
    first: dict[str, object]
    answers: dict[str, str] = field(default_factory=dict)


SAMPLES = [
    Sample("posthog", "events", "PostHog events",
           "uuid,event,properties,timestamp,distinct_id,elements_chain\n"
           '0190-a,signup,"{""$browser"": ""Chrome""}",2026-01-05T10:00:00.123Z,u1,\n'
           '0190-b,$pageview,"{""$browser"": ""Safari""}",2026-01-05T10:05:00.000Z,u2,\n',
           2, {"user_id": "u1", "event": "signup", "timestamp": "2026-01-05 10:00:00.123000"}),
    Sample("mixpanel", "events", "Mixpanel events",
           "event,time,distinct_id,$browser,$city,utm_source,$insert_id\n"
           "Sign Up,1767607200,u1,Chrome,Berlin,google,x1\nUpgrade,1767610800,u1,Chrome,Berlin,google,x2\n",
           2, {"user_id": "u1", "event": "Sign Up", "timestamp": "2026-01-05 10:00:00", "channel": "google"}),
    Sample("amplitude", "events", "Amplitude events",
           "amplitude_id,app,city,country,device_id,event_id,event_time,event_type,platform,session_id,user_id,uuid\n"
           "9001,1,Paris,France,d1,1,2026-01-05 10:00:00.000000,signup,Web,17,a@b.co,u-1\n"
           "9001,1,Paris,France,d1,2,2026-01-06 11:30:00.500000,purchase,Web,18,a@b.co,u-2\n",
           2, {"user_id": "9001", "event": "signup", "timestamp": "2026-01-05 10:00:00"}),
    Sample("ga4", "events", "GA4 events",
           "event_date,event_timestamp,event_name,event_value_in_usd,user_pseudo_id,stream_id,platform\n"
           "20260105,1767607200000000,session_start,,123.456,77,WEB\n20260105,1767607260000000,purchase,49.5,123.456,77,WEB\n",
           2, {"user_id": "123.456", "event": "session_start", "timestamp": "2026-01-05 10:00:00"}),
    Sample("segment", "events", "Segment tracks",
           "id,anonymous_id,user_id,event,event_text,sent_at,received_at,timestamp\n"
           "m1,an1,u1,trial_start,Trial Start,2026-01-05 10:00:01,2026-01-05 10:00:02,2026-01-05 10:00:00\n"
           "m2,an1,u1,paid,Paid,2026-01-07 10:00:01,2026-01-07 10:00:02,2026-01-07 10:00:00\n",
           2, {"user_id": "u1", "event": "trial_start", "timestamp": "2026-01-05 10:00:00"}),
    Sample("stripe_payments", "events", "Stripe payments",
           "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Customer ID,Customer Email\n"
           "ch_1,2026-01-05 10:00:00,49.00,0.00,usd,True,Paid,cus_1,a@b.co\nch_2,2026-01-06 09:00:00,\"1,049.00\",0.00,usd,True,Paid,cus_2,c@d.co\n",
           2, {"user_id": "cus_1", "event": "paid", "timestamp": "2026-01-05 10:00:00", "revenue": 49.0}),
    Sample("stripe_subscriptions", "customers", "Stripe subscriptions",
           "id,Customer ID,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start (UTC),Canceled At (UTC),Ended At (UTC)\n"
           "sub_1,cus_1,a@b.co,team,1,usd,month,99.00,active,2026-01-05 10:00,2026-01-05 10:00,,\n"
           "sub_2,cus_2,c@d.co,starter,1,usd,month,29.00,canceled,2025-11-05 10:00,2025-11-05 10:00,2026-01-02 08:00,2026-01-05 10:00\n",
           2, {"customer_id": "cus_1", "signup_date": "2026-01-05", "plan": "team", "mrr": 99.0, "churn_date": None}),
    Sample("hubspot_contacts", "customers", "HubSpot contacts",
           "Record ID,First Name,Last Name,Email,Lifecycle Stage,Create Date,Original Traffic Source,Became a Customer Date\n"
           "101,Ada,L,a@b.co,Customer,2025-12-01 09:30,Organic Search,2026-01-10 08:00\n102,Bo,K,c@d.co,Lead,2026-01-03 12:00,Paid Social,\n",
           2, {"customer_id": "101", "signup_date": "2025-12-01", "channel": "Organic Search", "first_paid_date": "2026-01-10"}),
    Sample("hubspot_deals", "deals", "HubSpot deals",
           "Record ID,Deal Name,Deal Stage,Pipeline,Deal owner,Amount,Create Date,Close Date,Original Source Type\n"
           "501,Acme,Closed Won,Sales,Kim,12000,2025-10-02 09:00,2025-12-01 10:00,Paid Search\n"
           "502,Bolt,Closed Lost,Sales,Sam,8000,2025-10-09 09:00,2025-11-20 10:00,Offline Sources\n"
           "503,Cube,Qualified To Buy,Sales,Kim,15500,2026-01-15 09:00,2026-03-31 10:00,Referrals\n",
           3, {"deal_id": "501", "created_date": "2025-10-02", "outcome": "won", "closed_date": "2025-12-01", "amount": 12000.0, "owner": "Kim"}),
    Sample("salesforce", "deals", "Salesforce opportunities",
           "Opportunity Owner,Account Name,Opportunity Name,Stage,Fiscal Period,Amount,Close Date,Created Date,Lead Source\n"
           "Kim,Acme,Acme - New,Closed Won,Q4-2025,12000,12/31/2025,10/22/2025,Web\nSam,Bolt,Bolt - New,Prospecting,Q1-2026,8000,1/30/2026,1/13/2026,Partner\n",
           2, {"deal_id": "Acme - New", "created_date": "2025-10-22", "outcome": "won", "channel": "Web"}),
    Sample("google_ads", "spend", "Google Ads",
           "Campaign report\n\"January 1, 2026 - January 31, 2026\"\nDay,Campaign,Currency code,Cost,Impr.,Clicks\n"
           "2026-01-05,Brand,USD,\"1,240.50\",\"48,200\",910\n2026-01-06,Brand,USD,980.10,\"41,003\",877\nTotal: Account,--,USD,\"2,220.60\",\"89,203\",\"1,787\"\n",
           2, {"date": "2026-01-05", "channel": "paid_search", "spend": 1240.5, "impressions": 48200.0, "clicks": 910.0, "campaign": "Brand"}),
    Sample("meta_ads", "spend", "Meta Ads",
           "Campaign name,Day,Amount spent (EUR),Impressions,Link clicks,Reporting starts,Reporting ends\n"
           "Lookalike,2026-01-05,830.00,91000,1330,2026-01-05,2026-01-05\nLookalike,2026-01-06,799.25,88010,1201,2026-01-06,2026-01-06\n",
           2, {"date": "2026-01-05", "channel": "paid_social", "spend": 830.0, "clicks": 1330.0}),
    Sample("typeform", "survey", "Typeform",
           "#,How likely are you to recommend us to a friend or colleague?,How would you feel if you could no longer use it?,What could we improve?,Start Date (UTC),Submit Date (UTC),Network ID\n"
           "r1,9,Very disappointed,Nothing,2026-01-20 10:00:00,2026-01-20 10:01:00,n1\nr2,4,Not disappointed (it isn't really that useful),Price,2026-01-20 11:00:00,2026-01-20 11:02:00,n2\n",
           2, {"respondent_id": "r1", "date": "2026-01-20", "nps_score": 9, "pmf_answer": "very disappointed"}),
    Sample("surveymonkey", "survey", "SurveyMonkey",
           "Respondent ID,Collector ID,Start Date,End Date,IP Address,How likely is it that you would recommend us to a friend?,How would you feel if you could no longer use it?\n"
           ",,,,,Open-Ended Response,Response\n118001,44,2026-01-20 10:00:00,2026-01-20 10:02:00,,10,Somewhat disappointed\n118002,44,2026-01-21 10:00:00,2026-01-21 10:02:00,,3,Very disappointed\n",
           2, {"respondent_id": "118001", "date": "2026-01-20", "nps_score": 10, "pmf_answer": "somewhat disappointed"}),
]  # fmt: skip
