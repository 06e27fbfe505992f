"""Files as companies outside the English-speaking world, shops and games have them, recognised without mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.engine import intake
from lib.engine.contracts import recognition

_ORDERS = "Bestellnummer;Kundennummer;Bestelldatum;Kanal;Umsatz (€)\n" + "".join(
    f"B{n};K{n % 7};{n % 20 + 1:02d}.03.2025 10:{n:02d};Instagram;19,{n:02d}\n" for n in range(10, 50)
)
_SPEND = "Datum;Kanal;Kosten;Klicks;Impressionen;Kampagne\n" + "".join(
    f"{n % 27 + 1:02d}.09.2025;google_ads;143,{n:02d};{n};{n * 60};always_on\n" for n in range(10, 50)
)
_GAME = "player_id,event_name,event_time,media_source,value_usd\n" + "".join(
    f"p{n % 9},level_complete,{1767225600000 + n * 60000},unity_ads,\n" for n in range(40)
)


@pytest.mark.parametrize(
    ("text", "encoding", "contract", "mapping"),
    [
        (_ORDERS, "cp1252", "events",
         {"user_id": "Kundennummer", "event": "=purchase", "timestamp": "Bestelldatum", "revenue": "Umsatz (€)",
          "channel": "Kanal"}),
        (_SPEND, "utf-8-sig", "spend",
         {"date": "Datum", "channel": "Kanal", "spend": "Kosten", "clicks": "Klicks", "impressions": "Impressionen",
          "campaign": "Kampagne"}),
        (_GAME, "utf-8", "events",
         {"user_id": "player_id", "event": "event_name", "timestamp": "event_time", "channel": "media_source"}),
    ],
)  # fmt: skip
def test_recognised(tmp_path: Path, text: str, encoding: str, contract: str, mapping: dict[str, str]) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    best = recognition.recognise(intake.read(path))[0]
    assert (best.contract, best.missing) == (contract, ())
    assert mapping.items() <= dict(best.mapping).items()


def test_events_that_carry_an_order_number_are_not_taken_for_orders(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    rows = "".join(
        f"o{n},u{n % 7},{'view' if n % 2 else 'purchase'},2025-03-{n % 20 + 1:02d}\n" for n in range(40)
    )
    path.write_text("order_id,customer_id,event,date\n" + rows)
    best = recognition.recognise(intake.read(path))[0]
    assert (best.contract, best.mapping["event"]) == ("events", "event")
