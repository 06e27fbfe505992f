"""What a spend file says alone."""

from __future__ import annotations

from pathlib import Path

from lib.analysis.kpis.kpis import kpis
from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import Workbook, fold


def spend(folder: Path, text: str) -> Dataset:
    (folder / "spend.csv").write_text(text, encoding="utf-8")
    reading = intake.read(folder / "spend.csv")
    mapping = dict(recognition.propose(reading, "spend").mapping)
    return intake.accept(reading, "spend", mapping, home=folder / "home")


def test_clicks_impressions_and_shares_by_hand(tmp_path: Path) -> None:
    data = spend(
        tmp_path,
        "date,channel,spend,clicks,impressions\n"
        "2026-01-01,ads,30,10,1000\n2026-01-02,social,10,,3000\n2026-01-03,Ads,20,15,1000\n",
    )
    found = kpis(fold({"channels/Ads": "ads"}), {"spend": data}).values
    assert found["cost_per_click"].interval.value == 50 / 25, "the row without clicks is in neither sum"
    assert found["cost_per_mille"].interval.value == 12.0
    assert found["spend_concentration"].interval.value == 50 / 60
    assert found["spend_concentration"].name == "Share of spend on ads"
    assert found["cost_per_click"].evidence.records()[0]["window_end"] == "2026-01-03"


def test_what_the_file_does_not_say_is_not_told(tmp_path: Path) -> None:
    data = spend(tmp_path, "date,channel,spend,clicks\n2026-01-01,ads,30,0\n2026-01-02,ads,10,0\n")
    found = kpis(Workbook(), {"spend": data}).values
    assert not found["cost_per_click"].is_known
    assert set(found) == {"cost_per_click"}, "one channel has no share worth telling"
