"""German names of the usual metrics are recognised; English ones as before."""

from __future__ import annotations

import pytest

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
        ("Email open rate", "email_open_rate"),
    ],
)
def test_recognised(name: str, kpi: str) -> None:
    found = recognise(name).kpi
    assert found is not None
    assert found.id == kpi


def test_a_german_word_nobody_listed_stays_open() -> None:
    assert recognise("Ø Warenkorb (€)").kpi is None
