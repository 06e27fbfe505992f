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
    # ---- the same tools by their other ways out: API, warehouse, other languages
    Sample("posthog_explore_columns", "events", "PostHog events",
           "*.uuid,*.event,*.properties.$current_url,*.properties.utm_source,*.distinct_id,*.timestamp\n"
           "0190-a,signup,https://acme.test/,google,u1,2026-01-05 10:00:00.123000+00:00\n0190-b,paid,https://acme.test/,,u1,2026-01-06 09:00:00.000000+00:00\n",
           2, {"user_id": "u1", "event": "signup", "timestamp": "2026-01-05 10:00:00.123000", "channel": "google"}),
    Sample("posthog_hogql", "events", "PostHog events",
           "event,timestamp,distinct_id,properties.$current_url,properties.$initial_utm_source\n"
           "signup,2026-01-05T10:00:00.123000Z,u1,https://acme.test/,google\npaid,2026-01-06T09:00:00.000000Z,u1,https://acme.test/,google\n",
           2, {"user_id": "u1", "event": "signup", "timestamp": "2026-01-05 10:00:00.123000", "channel": "google"}),
    Sample("mixpanel_table", "events", "Mixpanel events",
           "Event Name,Time,Distinct ID,UTM Source,Insert ID\nSign Up,2026-01-05T10:00:00,u1,google,x1\nUpgrade,2026-01-06T11:00:00,u1,google,x2\n",
           2, {"user_id": "u1", "event": "Sign Up", "timestamp": "2026-01-05 10:00:00", "channel": "google"}),
    Sample("mixpanel_flattened_ms", "events", "Mixpanel events",
           "event,properties.time,properties.distinct_id,properties.$insert_id,properties.utm_source\nSign Up,1767607200000,u1,x1,google\nUpgrade,1767610800500,u1,x2,google\n",
           2, {"user_id": "u1", "event": "Sign Up", "timestamp": "2026-01-05 10:00:00", "channel": "google"}),
    Sample("amplitude_short", "events", "Amplitude events",
           "user_id,event_type,event_time,device_id\nu1,signup,2026-01-05 10:00:00.000000,d1\nu1,purchase,2026-01-06 11:30:00.500000,d1\n",
           2, {"user_id": "u1", "event": "signup", "timestamp": "2026-01-05 10:00:00"}),
    Sample("ga4_ids_of_own", "events", "GA4 events",
           "event_date,event_timestamp,event_name,user_id,user_pseudo_id,traffic_source.source,ecommerce.purchase_revenue\n"
           "20260105,1767607200000000,session_start,,123.456,google,\n20260105,1767607260000000,purchase,,123.456,google,49.5\n",
           2, {"user_id": "123.456", "event": "session_start", "timestamp": "2026-01-05 10:00:00", "channel": "google"}),
    Sample("ga4_flattened", "events", "GA4 events",
           "event_date,event_timestamp,event_name,user_pseudo_id,traffic_source_source,traffic_source_medium,ecommerce_purchase_revenue\n"
           "20260105,1767607200000000,purchase,123.456,google,cpc,49.5\n20260105,1767607260000000,purchase,123.457,google,cpc,20\n",
           2, {"user_id": "123.456", "event": "purchase", "timestamp": "2026-01-05 10:00:00", "channel": "cpc", "revenue": 49.5}),
    Sample("stripe_payments_dashboard", "events", "Stripe payments",
           "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Fee,Status,Customer ID,Customer Email,Captured\n"
           "ch_1,Team plan,Payment complete.,2026-01-05 10:00,\"399,00\",\"0,00\",eur,\"399,00\",\"9,00\",Paid,cus_1,a@b.co,true\n"
           "ch_2,Team plan,Declined.,2026-01-05 11:00,\"49,00\",\"0,00\",eur,\"49,00\",\"0,00\",Failed,cus_2,c@d.co,false\n",
           1, {"user_id": "cus_1", "event": "paid", "timestamp": "2026-01-05 10:00:00", "revenue": 399.0}),
    Sample("stripe_subscriptions_now", "customers", "Stripe subscriptions",
           "id,Customer ID,Customer Name,Status,Cancellation Reason,Created (UTC),Start (UTC),Current Period Start (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC),Plan,Product,Amount\n"
           "sub_1,cus_1,Ada,active,,2026-01-05 10:00,2026-01-19 10:00,2026-01-19 10:00,2026-01-19 10:00,,,price_1,Team,99.00\n",
           1, {"customer_id": "cus_1", "signup_date": "2026-01-05", "first_paid_date": "2026-01-19", "mrr": 99.0, "churn_date": None}),
    Sample("hubspot_contacts_now", "customers", "HubSpot contacts",
           "Record ID,First Name,Last Name,Email,Contact owner,Create Date,Record source,Latest Traffic Source,Original Traffic Source,Original Traffic Source Drill-Down 1,Lifecycle Stage,Lead Status\n"
           "101,Ada,L,a@b.co,Kim,2025-12-01 09:30,INTEGRATION,Direct Traffic,Organic Search,Unknown keywords,Customer,\n",
           1, {"customer_id": "101", "signup_date": "2025-12-01", "channel": "Organic Search"}),
    Sample("hubspot_contacts_api", "customers", "HubSpot contacts",
           "hs_object_id,createdate,email,lifecyclestage,hs_analytics_source,hs_lifecyclestage_customer_date,total_revenue\n"
           "101,2025-12-01T09:30:00.123Z,a@b.co,customer,ORGANIC_SEARCH,2026-01-10T08:00:00Z,297\n",
           1, {"customer_id": "101", "signup_date": "2025-12-01", "channel": "ORGANIC_SEARCH", "first_paid_date": "2026-01-10", "revenue": 297.0}),
    Sample("hubspot_deals_api", "deals", "HubSpot deals",
           "hs_object_id,dealname,dealstage,pipeline,amount,createdate,closedate,hubspot_owner_id,hs_analytics_source\n"
           "501,Acme,closedwon,default,12000,2025-10-02T09:00:00Z,2025-12-01T10:00:00Z,77,PAID_SEARCH\n502,Bolt,closedlost,default,8000,2025-10-09T09:00:00Z,2025-11-20T10:00:00Z,77,OFFLINE\n",
           2, {"deal_id": "501", "created_date": "2025-10-02", "outcome": "won", "closed_date": "2025-12-01", "amount": 12000.0, "channel": "PAID_SEARCH"}),
    Sample("salesforce_api", "deals", "Salesforce opportunities",
           "Id,Name,StageName,Amount,CloseDate,CreatedDate,IsWon,IsClosed,LeadSource,OwnerId\n"
           "0065g,Acme,Closed Won,12000.0,2025-12-31,2025-10-22T09:00:00.000+0000,true,true,Web,0055g\n0065h,Bolt,Prospecting,8000.0,2026-01-30,2026-01-13T09:00:00.000+0000,false,false,Partner,0055g\n",
           2, {"deal_id": "0065g", "created_date": "2025-10-22", "outcome": "won", "closed_date": "2025-12-31", "amount": 12000.0, "channel": "Web"}),
    Sample("google_ads_german", "spend", "Google Ads",
           "Kampagnenbericht\n\"1. September 2026 - 2. September 2026\"\nTag,Kampagne,Währungscode,Kosten,Impr.,Klicks,Conversions\n"
           "2026-09-01,Dach,EUR,\"1.234,56\",\"12.345\",120,\"3,00\"\n2026-09-02,Dach,EUR,\"99,90\",900,9,\"0,50\"\nGesamt: Konto,--,EUR,\"1.334,46\",\"13.245\",129,\"3,50\"\n",
           2, {"date": "2026-09-01", "channel": "paid_search", "spend": 1234.56, "impressions": 12345.0, "clicks": 120.0, "campaign": "Dach"}),
    Sample("google_ads_api", "spend", "Google Ads",
           "campaign.name,segments.date,metrics.cost_micros,metrics.impressions,metrics.clicks\nBrand,2026-01-05,1240500000,48200,910\nBrand,2026-01-06,980100000,41003,877\n",
           2, {"date": "2026-01-05", "channel": "paid_search", "spend": 1240.5, "impressions": 48200.0, "clicks": 910.0, "campaign": "Brand"}),
    Sample("meta_ads_german", "spend", "Meta Ads",
           "Kampagnenname,Tag,Ausgegebener Betrag (EUR),Impressionen,Link-Klicks,Berichtsstart,Berichtsende\n"
           "Lookalike,2026-01-05,830.00,91000,1330,2026-01-05,2026-01-05\n",
           1, {"date": "2026-01-05", "channel": "paid_social", "spend": 830.0, "impressions": 91000.0, "clicks": 1330.0, "campaign": "Lookalike"}),
    Sample("meta_ads_api", "spend", "Meta Ads",
           "date_start,date_stop,campaign_name,impressions,inline_link_clicks,clicks,spend\n2026-01-05,2026-01-05,Lookalike,91000,1330,1402,830.00\n",
           1, {"date": "2026-01-05", "channel": "paid_social", "spend": 830.0, "impressions": 91000.0, "clicks": 1330.0}),
    Sample("meta_ads_other_money", "spend", "Meta Ads",
           "Campaign name,Day,Amount spent (PLN),Impressions,Link clicks\nLookalike,2026-01-05,830.00,91000,1330\n",
           1, {"date": "2026-01-05", "channel": "paid_social", "spend": 830.0}),
    Sample("typeform_now", "survey", "Typeform",
           "#,How likely are you to recommend Acme to a friend or colleague?,How would you feel if you could no longer use Acme?,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags,Ending\n"
           "abc123,9,Very disappointed,completed,2026-01-20 10:00:00,,2026-01-20 10:01:00,n1,,\nabc124,4,Not disappointed,completed,2026-01-20 11:00:00,,2026-01-20 11:02:00,n2,,\n",
           2, {"respondent_id": "abc123", "date": "2026-01-20", "nps_score": 9, "pmf_answer": "very disappointed"}),
    Sample("surveymonkey_slashes", "survey", "SurveyMonkey",
           "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,How likely is it that you would recommend Acme to a friend or colleague?\n"
           ",,,,,,,Response\n118001,44,01/20/2026 10:00:00 AM,01/20/2026 10:02:00 AM,1.2.3.4,,,Extremely likely - 10\n118002,44,01/21/2026 10:00:00 AM,01/21/2026 10:02:00 AM,1.2.3.4,,,3\n",
           2, {"respondent_id": "118001", "date": "2026-01-20", "nps_score": 10}),
]  # fmt: skip
