"""The same exports as their tools write them by default, from other menus, in other languages: made-up rows, true headers."""

# ruff: noqa: E501 - exports have long lines

from __future__ import annotations

from tests.engine.export_samples import Sample

VARIANTS = [
    Sample('hubspot_contacts_default', 'customers', 'HubSpot contacts',
           '"Record ID","First Name","Last Name","Email","Phone Number","Contact owner","Primary Company","Last Activity Date","Lead Status","Marketing contact status","Create Date"\n'
           '"101","Ada","L","a@b.co","","Kim","Acme","2026-01-04 10:00","New","Marketing contact","2025-12-01 09:30"\n'
           '"102","Bo","K","c@d.co","","Kim","Acme","","New","Marketing contact","2026-01-03 12:00"\n',
           2, {'customer_id': '101', 'signup_date': '2025-12-01'}),
    Sample('hubspot_contacts_zone', 'customers', 'HubSpot contacts',
           '"Record ID - Contact","Email","Lifecycle Stage","Create Date (EST)","Original Source","Became a Customer Date (EST)"\n'
           '101,a@b.co,customer,2025-12-01 09:30,Organic Search,2026-01-05 10:00\n'
           '102,b@b.co,lead,2025-12-02 09:30,Direct Traffic,\n',
           2, {'customer_id': '101', 'signup_date': '2025-12-01', 'channel': 'Organic Search', 'first_paid_date': '2026-01-05'}),
    Sample('hubspot_deals_default', 'deals', 'HubSpot deals',
           '"Record ID","Deal Name","Deal Stage","Close Date","Deal owner","Amount","Create Date","Pipeline"\n'
           '501,Acme,Closed won (Sales Pipeline),2025-12-01 10:00,Kim,12000,2025-10-02 09:00,Sales\n'
           '502,B,Closed lost (Sales Pipeline),2025-12-01 10:00,Kim,12000,2025-10-02 09:00,Sales\n',
           2, {'deal_id': '501', 'outcome': 'won', 'created_date': '2025-10-02', 'closed_date': '2025-12-01', 'amount': 12000.0, 'owner': 'Kim'}),
    Sample('hubspot_deals_zone', 'deals', 'HubSpot deals',
           '"Record ID - Deal","Deal Name","Deal Stage","Close Date (CET)","Deal Owner","Amount in company currency","Create Date (CET)","Deal Type"\n'
           '501,Acme,Closed won,2025-12-01 10:00,Kim,12000,2025-10-02 09:00,new\n'
           '502,B,Appointment scheduled,,Kim,,2025-10-02 09:00,new\n',
           2, {'deal_id': '501', 'outcome': 'won', 'created_date': '2025-10-02', 'closed_date': '2025-12-01', 'amount': 12000.0}),
    Sample('salesforce_report', 'deals', 'Salesforce opportunities',
           '"Opportunity Name","Type","Lead Source","Amount Currency","Amount","Expected Revenue","Close Date","Next Step","Stage","Probability (%)","Fiscal Period","Age","Created Date","Opportunity Owner","Owner Role","Account Name"\n'
           '"Acme","New","Web","USD","12000.00","1","12/31/2025","","Closed Won","100","Q4-2025","5","10/22/2025","Kim","Rep","Acme"\n'
           '"B","New","Web","USD","100.00","1","12/30/2025","","Closed Lost","0","Q4-2025","5","10/23/2025","Kim","Rep","Acme"\n'
           '"Total Records (2)"\n',
           2, {'deal_id': 'Acme', 'outcome': 'won', 'created_date': '2025-10-22', 'closed_date': '2025-12-31', 'amount': 12000.0, 'channel': 'Web'}),
    Sample('salesforce_prefixed', 'deals', 'Salesforce opportunities',
           '"Opportunity: Opportunity Name","Opportunity: Stage","Opportunity: Created Date","Opportunity: Close Date","Opportunity: Amount","Opportunity: Lead Source","Opportunity Owner: Full Name"\n'
           'Acme,Closed Won,2025-10-22,2025-12-31,12000,Web,Kim\n'
           'B,Closed Lost,2025-10-22,2025-12-31,12000,Web,Kim\n',
           2, {'deal_id': 'Acme', 'outcome': 'won', 'created_date': '2025-10-22', 'amount': 12000.0, 'channel': 'Web', 'owner': 'Kim'}),
    Sample('salesforce_loader', 'deals', 'Salesforce opportunities',
           '"ID","NAME","STAGENAME","AMOUNT","CLOSEDATE","CREATEDDATE","ISWON","ISCLOSED","LEADSOURCE","OWNERID"\n'
           '006a,Acme,Closed Won,12000,2025-12-31,2025-10-22T09:00:00.000Z,true,true,Web,005\n'
           '006b,B,Prospecting,12000,2025-12-31,2025-10-22T09:00:00.000Z,false,false,Web,005\n',
           2, {'deal_id': '006a', 'outcome': 'won', 'created_date': '2025-10-22', 'closed_date': '2025-12-31'}),
    Sample('salesforce_german', 'deals', 'Salesforce opportunities',
           '"Opportunity-Name";"Phase";"Betrag";"Schlusstermin";"Erstelldatum";"Lead-Quelle";"Opportunity-Inhaber"\n'
           'Acme;Closed Won;12.000,00;31.12.2025;22.10.2025;Web;Kim\n'
           'B;Closed Lost;1.000,50;30.12.2025;22.10.2025;Web;Kim\n',
           2, {'deal_id': 'Acme', 'outcome': 'won', 'created_date': '2025-10-22', 'closed_date': '2025-12-31', 'amount': 12000.0, 'owner': 'Kim'}),
    Sample('stripe_all', 'events', 'Stripe payments',
           'id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,Converted Currency,Decline Reason,Description,Fee,Is Link,Link Funds,Mode,PaymentIntent ID,Payment Source Type,Refunded date (UTC),Statement Descriptor,Status,Seller Message,Taxes On Fee,Card ID,Customer ID,Customer Description,Customer Email\n'
           'py_1,2026-01-05 10:00:00,49.00,0.00,usd,TRUE,49.00,0.00,usd,,Sub,1.7,FALSE,0.00,Live,pi_1,card,,ACME,Paid,Payment complete.,0,card_1,cus_1,,a@b.co\n'
           'py_2,2026-01-05 11:00:00,49.00,0.00,usd,TRUE,49.00,0.00,usd,,Sub,1.7,FALSE,0.00,Live,pi_2,card,,ACME,Failed,x,0,card_1,cus_2,,c@b.co\n',
           1, {'user_id': 'cus_1', 'event': 'paid', 'timestamp': '2026-01-05 10:00:00', 'revenue': 49.0}),
    Sample('stripe_balance', 'events', 'Stripe payments',
           'balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,customer_id,customer_email\n'
           'txn_1,2026-01-05 10:00:00,2026-01-05 11:00:00,2026-01-07 00:00:00,2026-01-07 00:00:00,usd,49.00,1.70,47.30,charge,ch_1,Sub,cus_1,a@b.co\n'
           'txn_2,2026-01-06 10:00:00,2026-01-06 11:00:00,2026-01-08 00:00:00,2026-01-08 00:00:00,usd,-49.00,0,-49.00,refund,re_1,Sub,cus_1,a@b.co\n',
           1, {'user_id': 'cus_1', 'event': 'paid', 'timestamp': '2026-01-05 10:00:00', 'revenue': 49.0}),
    Sample('stripe_subs_dashboard', 'customers', 'Stripe subscriptions',
           'id,Customer ID,Customer Description,Customer Email,Plan,Product,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start (UTC),Current Period Start (UTC),Current Period End (UTC),Trial Start (UTC),Trial End (UTC),Application Fee Percent,Coupon,Tax Percent,Canceled At (UTC),Ended At (UTC)\n'
           'sub_1,cus_1,,a@b.co,price_1,prod_1,1,usd,month,99.00,active,2026-01-05 10:00,2026-01-05 10:00,2026-01-05 10:00,2026-02-05 10:00,,,,,,,\n'
           'sub_2,cus_2,,a@b.co,price_1,prod_1,1,usd,year,990.00,canceled,2026-01-05 10:00,2026-01-05 10:00,2026-01-05 10:00,2026-02-05 10:00,,,,,,2026-01-09 10:00,2026-01-09 10:00\n',
           2, {'customer_id': 'cus_1', 'signup_date': '2026-01-05', 'plan': 'price_1', 'mrr': 99.0, 'churn_date': None}),
    Sample('stripe_subs_dates', 'customers', 'Stripe subscriptions',
           'id,Customer ID,Customer Name,Status,Plan,Amount,Created date (UTC),Start date (UTC),Canceled at (UTC),Ended at (UTC)\n'
           'sub_1,cus_1,Ada,active,Team,99.00,2026-01-05 10:00,2026-01-19 10:00,,\n'
           'sub_2,cus_2,Bo,canceled,Team,99.00,2026-01-05 10:00,2026-01-19 10:00,2026-02-01 10:00,2026-02-02 10:00\n',
           2, {'customer_id': 'cus_1', 'signup_date': '2026-01-05', 'first_paid_date': '2026-01-19', 'churn_date': None}),
    Sample('google_ads_full', 'spend', 'Google Ads',
           'Campaign report\n'
           '"January 1, 2026 - January 31, 2026"\n'
           'Campaign status,Campaign,Budget,Budget name,Budget type,Status,Status reasons,Day,Campaign type,Currency code,Avg. cost,Cost,Clicks,Impr.,CTR,Conversions,Cost / conv.\n'
           'Enabled,Brand,10.00,--,Daily,Eligible,,2026-01-05,Search,USD,1.2,"1,240.50",910,"48,200",1.9%,12.00,103.37\n'
           'Paused,Brand,10.00,--,Daily,Eligible,,2026-01-06,Search,USD,1.2,980.10,877,"41,003",2.1%,11.00,89.1\n'
           'Total: Campaigns, --, --, --, --, --, --, --, --,USD,1.2,"2,220.60","1,787","89,203",2.0%,23.00,96.5\n'
           'Total: Account, --, --, --, --, --, --, --, --,USD,1.2,"2,220.60","1,787","89,203",2.0%,23.00,96.5\n',
           2, {'date': '2026-01-05', 'channel': 'paid_search', 'spend': 1240.5, 'impressions': 48200.0, 'clicks': 910.0, 'campaign': 'Brand'}),
    Sample('google_ads_cost_currency', 'spend', 'Google Ads',
           'Campaign report\n'
           '"Jan 1, 2026 - Jan 31, 2026"\n'
           'Week,Campaign,Currency code,Cost (Converted currency),Impressions,Clicks\n'
           '2026-01-05,Brand,USD,1240.50,48200,910\n'
           '2026-01-12,Brand,USD,980.10,41003,877\n',
           2, {'date': '2026-01-05', 'channel': 'paid_search', 'spend': 1240.5, 'clicks': 910.0}),
    Sample('google_ads_adgroup', 'spend', 'Google Ads',
           'Ad group report\n'
           '"January 1, 2026 - January 31, 2026"\n'
           'Day,Ad group,Cost,Clicks,Impr.\n'
           '2026-01-05,x,12.5,9,100\n'
           '2026-01-06,y,12.5,9,100\n',
           2, {'date': '2026-01-05', 'channel': 'paid_search', 'spend': 12.5, 'campaign': 'x'}),
    Sample('meta_default', 'spend', 'Meta Ads',
           'Reporting starts,Reporting ends,Campaign name,Campaign delivery,Ad set budget,Ad set budget type,Attribution setting,Results,Result indicator,Reach,Impressions,Cost per results,Amount spent (EUR),Ends\n'
           '2026-01-05,2026-01-05,Lookalike,active,Using campaign budget,0,7-day click,12,actions:lead,8000,91000,69.1,830.00,Ongoing\n'
           '2026-01-06,2026-01-06,Lookalike,active,Using campaign budget,0,7-day click,12,actions:lead,8000,91000,69.1,730.00,Ongoing\n',
           2, {'date': '2026-01-05', 'channel': 'paid_social', 'spend': 830.0, 'impressions': 91000.0, 'campaign': 'Lookalike'}),
    Sample('meta_adset', 'spend', 'Meta Ads',
           'Ad set name,Day,Ad set delivery,Amount spent (USD),Impressions,Link clicks,CPC (cost per link click) (USD),Reporting starts,Reporting ends\n'
           'Set A,2026-01-05,active,10.5,1000,9,1.1,2026-01-05,2026-01-05\n'
           'Set B,2026-01-06,active,11.5,1000,9,1.1,2026-01-06,2026-01-06\n',
           2, {'date': '2026-01-05', 'channel': 'paid_social', 'spend': 10.5, 'clicks': 9.0, 'campaign': 'Set A'}),
    Sample('meta_month', 'spend', 'Meta Ads',
           '"Campaign name","Month","Amount spent (GBP)","Impressions","Clicks (all)","Reporting starts","Reporting ends"\n'
           'A,2026-01-01 - 2026-01-31,10.5,1000,9,2026-01-01,2026-01-31\n'
           'A,2026-02-01 - 2026-02-28,11.5,1000,9,2026-02-01,2026-02-28\n',
           2, {'date': '2026-01-01', 'channel': 'paid_social', 'spend': 10.5, 'clicks': 9.0}),
    Sample('mixpanel_csv', 'events', 'Mixpanel events',
           '"Event","Time","Distinct ID","$city","UTM Source"\n'
           'Sign Up,2026-01-05T10:00:00,u1,Berlin,google\n'
           'Upgrade,2026-01-06T10:00:00,u1,Berlin,google\n',
           2, {'user_id': 'u1', 'event': 'Sign Up', 'timestamp': '2026-01-05 10:00:00', 'channel': 'google'}),
    Sample('mixpanel_warehouse', 'events', 'Mixpanel events',
           'event_name,time,distinct_id,device_id,insert_id,mp_processing_time_ms\n'
           'Sign Up,2026-01-05 10:00:00 UTC,u1,d,x,1\n'
           'Up,2026-01-06 10:00:00 UTC,u1,d,y,1\n',
           2, {'user_id': 'u1', 'event': 'Sign Up', 'timestamp': '2026-01-05 10:00:00'}),
    Sample('amplitude_full', 'events', 'Amplitude events',
           '"$insert_id","$insert_key","$schema","adid","amplitude_attribution_ids","amplitude_event_type","amplitude_id","app","city","client_event_time","client_upload_time","country","device_id","event_id","event_properties","event_time","event_type","user_id","user_properties","uuid"\n'
           'a,,,,,,9001,1,Paris,2026-01-05 10:00:00,2026-01-05 10:00:01,France,d1,1,{},2026-01-05 10:00:00.000000,signup,a@b.co,{},u-1\n'
           'b,,,,,,9001,1,Paris,2026-01-05 10:00:00,2026-01-05 10:00:01,France,d1,1,{},2026-01-05 11:00:00.000000,paid,a@b.co,{},u-2\n',
           2, {'user_id': '9001', 'event': 'signup', 'timestamp': '2026-01-05 10:00:00'}),
    Sample('posthog_full', 'events', 'PostHog events',
           'uuid,event,properties,timestamp,team_id,distinct_id,elements_chain,created_at,person_id,person_created_at\n'
           '0190-a,signup,"{}",2026-01-05 10:00:00.123000,1,u1,,2026-01-05 10:00:01,p1,2026-01-05 10:00:00\n'
           '0190-b,$pageview,"{}",2026-01-05 10:05:00.123000,1,u2,,2026-01-05 10:05:01,p2,2026-01-05 10:00:00\n',
           2, {'user_id': 'p1', 'event': 'signup', 'timestamp': '2026-01-05 10:00:00.123000'}),
    Sample('typeform_old', 'survey', 'Typeform',
           '"#","How likely are you to recommend *Acme* to a friend?","What is the main benefit you get?","Start Date (UTC)","Submit Date (UTC)","Network ID"\n'
           'ab1,9,Speed,2026-01-20 10:00:00,2026-01-20 10:01:00,n1\n'
           'ab2,3,Price,2026-01-20 10:00:00,2026-01-20 10:02:00,n2\n',
           2, {'respondent_id': 'ab1', 'date': '2026-01-20', 'nps_score': 9, 'comment': 'Speed'}),
    Sample('typeform_renamed', 'survey', 'Typeform',
           '"Response ID","nps","Hidden: plan","Response Type","Start Date (UTC)","Stage Date (UTC)","Submit Date (UTC)","Network ID","Tags","Ending"\n'
           'ab1,9,team,completed,2026-01-20 10:00:00,,2026-01-20 10:01:00,n1,,\n'
           'ab2,3,free,completed,2026-01-20 10:00:00,,2026-01-20 10:02:00,n2,,\n',
           2, {'respondent_id': 'ab1', 'date': '2026-01-20', 'nps_score': 9}),
    Sample('surveymonkey_full', 'survey', 'SurveyMonkey',
           'Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,How likely is it that you would recommend Acme to a friend or colleague?,Which features do you use?,,,How would you feel if you could no longer use Acme?,\n'
           ',,,,,,,,,Response,Dashboards,Exports,Other (please specify),Response,Other (please specify)\n'
           '118001,44,01/20/2026 10:00:00 AM,01/20/2026 10:02:00 AM,1.2.3.4,,,,,10,Dashboards,,,Very disappointed,\n'
           '118002,44,01/21/2026 10:00:00 AM,01/21/2026 10:02:00 AM,1.2.3.4,,,,,3,,Exports,,Not disappointed,\n'
           '118003,44,01/21/2026 10:00:00 AM,01/22/2026 10:02:00 AM,1.2.3.4,,,,,7,,,x,Somewhat disappointed,\n',
           3, {'respondent_id': '118001', 'date': '2026-01-20', 'nps_score': 10, 'pmf_answer': 'very disappointed'}),
    Sample('surveymonkey_condensed', 'survey', 'SurveyMonkey',
           'respondent_id,collector_id,date_created,date_modified,ip_address,email_address,How likely is it that you would recommend Acme?\n'
           '118001,44,2026-01-20 10:00:00,2026-01-20 10:02:00,1.2.3.4,,10\n'
           '118002,44,2026-01-20 10:00:00,2026-01-20 10:02:00,1.2.3.4,,2\n',
           2, {'respondent_id': '118001', 'date': '2026-01-20', 'nps_score': 10}),
]  # fmt: skip
