"""German names of the usual metrics are recognised; English ones as before."""

from __future__ import annotations

import pytest

from lib.framework import journey
from lib.framework.recognise import recognise


@pytest.mark.parametrize(
    ("name", "kpi"),
    [
        ("Website-Besuche", "website_traffic"),
        ("Anzeigen-Impressionen", "impressions"),
        ("Neue Kunden", "new_customers"),
        ("Umsatz (T€)", "revenue"),
        ("Kündigungsrate %", "churn_rate"),
        ("Abschlussquote %", "win_rate"),
        ("Öffnungsrate", "email_open_rate"),
        ("Marketingausgaben", "marketing_spend"),
        ("Markenbekanntheit (%)", "aided_awareness"),
        ("Kundenzufriedenheit", "csat"),
        ("Email open rate", "email_open_rate"),
    ],
)
def test_recognised(name: str, kpi: str) -> None:
    found = recognise(name).kpi
    assert found is not None
    assert found.id == kpi


def test_a_german_word_nobody_listed_stays_open() -> None:
    assert recognise("Ø Warenkorb (€)").kpi is None


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("Seite besucht", "visit"),
        ("Produkt angesehen", "interest"),
        ("In den Warenkorb", "intent"),
        ("Zur Kasse", "checkout"),
        ("Kauf", "paid"),
        ("Bestellung abgeschlossen", "paid"),
        ("Newsletter angemeldet", "signup"),
        ("Registrierung", "signup"),
        ("purchase", "paid"),
    ],
)
def test_events_of_a_german_shop_are_steps_of_the_journey(event: str, kind: str) -> None:
    found = journey.recognise(event)
    assert found is not None
    assert found.id == kind
